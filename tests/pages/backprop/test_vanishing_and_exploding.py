"""Page "Vanishing and exploding": the gradient of its figure is the gradient."""

import numpy as np
import pytest

from dlbook.pages.backprop.vanishing_and_exploding.figures import BATCH, BENDS, REMEDIES, SIZE, gradient_norms
from dlcore import Tensor


def test_vanishing_is_the_gradient():
    """The share of the first layer against finite differences of the loss."""

    def loss(nudge_at, nudge):
        rng = np.random.default_rng(0)
        h, target = Tensor(rng.normal(size=(BATCH, SIZE))), rng.normal(size=(BATCH, SIZE))
        for layer in range(3):
            h = REMEDIES["both"](h, Tensor(rng.normal(0, 1 / SIZE**0.5, (SIZE, SIZE))), BENDS["tanh"])
            if layer == nudge_at:
                h = h + Tensor(nudge)
        return float((h.numpy() * target).mean())

    rng, estimates = np.random.default_rng(1), []
    for layer in (0, 2):
        nudges = [rng.normal(size=(BATCH, SIZE)) for _ in range(60)]
        slopes = [(loss(layer, 1e-2 * d) - loss(layer, -1e-2 * d)) / 2e-2 for d in nudges]
        estimates.append(np.sqrt(np.mean(np.square(slopes))))  # E (g·d)² = |g|²
    share = gradient_norms(3, "tanh", 1.0, "both")[0]
    assert estimates[0] / estimates[1] == pytest.approx(share, rel=0.35)
