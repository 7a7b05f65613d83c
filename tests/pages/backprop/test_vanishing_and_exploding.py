"""The page "Vanishing and exploding": its exercises, its networks and PyTorch's, its hand calculation, its findings."""

import numpy as np
import pytest
import torch
from exercise_tests import held
from notebooks import cells_of, text_of

from dlbook.pages.backprop.vanishing_and_exploding import drawings, figures
from dlbook.pages.backprop.vanishing_and_exploding import experiment as lab
from dlbook.pages.backprop.vanishing_and_exploding.exercises import (
    BACK_MISTAKES,
    LAYER_MISTAKES,
    LEAKY_MISTAKES,
    NORM_MISTAKES,
    START_MISTAKES,
    back,
    check,
    first_weights,
    normalised,
)

PAGE = "3_backprop/5_vanishing_and_exploding"


# Answers -----------------------------------------------------------------------------------------------------------


def uniform(n_in, n_out, kind, rng):
    bound = (6 / (n_in + n_out) if kind == "xavier" else 6 / n_in) ** 0.5
    return rng.uniform(-bound, bound, (n_in, n_out))


def by_pytorch(z, gain, bias):
    return torch.nn.functional.batch_norm(
        torch.tensor(z), None, None, torch.tensor(gain), torch.tensor(bias), training=True
    )


def without_eps(z, gain, bias):
    with np.errstate(all="ignore"):
        return normalised(z, gain, bias, eps=0)


def in_place(z, gain, bias):
    z -= z.mean(0)
    return gain * z / np.sqrt(z.var(0) + 1e-5) + bias


def one_long(g, z_hat, spread):
    n = len(g)
    return (n * g - g.sum(0) - z_hat * (g * z_hat).sum(0)) / (n * spread)


def row_by_row(z, gain, bias):
    rows = []
    for row in z:
        centred = row - sum(row) / len(row)
        rows.append(gain * centred / (sum(centred**2) / len(row) + 1e-5) ** 0.5 + bias)
    return rows


def turned(z, gain, bias):
    z_hat = normalised(z.T, 1, 0).T
    return z_hat * gain + bias


def with_columns(z, gain, bias):
    mean = z.mean(1)[:, None]
    return (z - mean) / np.sqrt(((z - mean) ** 2).mean(1)[:, None] + 1e-5) * gain[None] + bias[None]


def without_keepdims(z, gain, bias):
    return gain * (z - z.mean(1)) / np.sqrt(z.var(1) + 1e-5) + bias


def a_gain_for_each_digit(z, gain, bias):
    return gain[:, None] * normalised(z, 1, 0, axis=1) + bias[:, None]


RIGHT = [
    ("3.5a", 1.6**0.5),
    ("3.5a", 1.26),
    ("3.5a", 1.265),
    ("3.5a", 1.27),
    ("3.5a", np.array(1.2649)),
    ("3.5b", first_weights),
    ("3.5b", uniform),
    ("3.5b", lambda *a: first_weights(*a).tolist()),
    ("3.5c", normalised),
    ("3.5c", by_pytorch),
    ("3.5c", lambda z, gain, bias: (z - z.mean(0)) / (z.std(0) + 1e-5) * gain + bias),
    ("3.5d", lambda *a: normalised(*a, axis=1)),
    ("3.5d", row_by_row),
    ("3.5d", turned),
    ("3.5d", with_columns),
    ("3.5e", back),
    ("3.5e", one_long),
    ("3.5e", lambda *a: back(*a).tolist()),
]
WRONG = [
    *(("3.5a", value, words) for value, words in LEAKY_MISTAKES),
    ("3.5a", [1.265], "One number is asked for."),
    ("3.5a", 7, "received 7"),
    *(("3.5b", lambda *a, how=how: first_weights(*a, **how), words) for how, words in START_MISTAKES),
    ("3.5b", lambda *a: first_weights(*a, turned=True), "the other way round"),
    ("3.5b", lambda n_in, n_out, kind, rng: np.full((n_in, n_out), 0.1), "all weights are the same"),
    ("3.5b", lambda *a: abs(first_weights(*a)), "spread about 0"),
    ("3.5b", lambda *a: first_weights(*a)[0], "received (100,)"),
    ("3.5b", lambda a, b, kind, rng: first_weights(a, b, kind, np.random.default_rng(0)), "that you are given"),
    ("3.5b", lambda a, b, kind, rng: first_weights(a, b, kind, np.random.default_rng()), "that you are given"),
    ("3.5b", lambda *a: 3 * first_weights(*a), "expected a spread of about 0.063"),
    ("3.5b", lambda *a: np.nan * first_weights(*a), "not finite"),
    *(("3.5c", lambda *a, how=how: normalised(*a, **how), words) for how, words in NORM_MISTAKES),
    ("3.5c", without_eps, "Add 1e-5 to the variance"),
    ("3.5c", lambda z, gain, bias: z, "expected [[-1.5"),
    ("3.5c", lambda *a: normalised(*a)[0], "expected an array of shape (5, 2)"),
    ("3.5c", in_place, "changes the array that it is given"),
    ("3.5c", lambda z, gain, bias: lab.normalise(z, 0), "your function returns 2 things"),
    ("3.5c", lambda z: z, "I could not call your function"),
    *(("3.5d", lambda *a, how=how: normalised(*a, **({"axis": 1} | how)), words) for how, words in LAYER_MISTAKES),
    ("3.5d", without_keepdims, "`keepdims=True`"),
    ("3.5d", a_gain_for_each_digit, "stand beside the units as they are"),
    ("3.5d", lambda *a: without_eps(a[0].T, 1, 0).T * a[1] + a[2], "Add 1e-5 to the variance"),
    ("3.5d", lambda z, gain, bias: z, "expected [[-1.5"),
    ("3.5d", lambda z, gain, bias: lab.normalise(z, 1), "your function returns 2 things"),
    ("3.5d", lambda *a: normalised(*a, axis=1)[0], "expected an array of shape (2, 5)"),
    ("3.5d", lambda *a: normalised(*a, axis=1).T, "expected an array of shape (2, 5)"),
    ("3.5d", lambda z: z, "I could not call your function"),
    *(("3.5e", lambda *a, how=how: back(*a, **how), words) for how, words in BACK_MISTAKES),
    ("3.5e", lambda g, z_hat, spread: z_hat, "expected [["),
    ("3.5e", lambda g, z_hat, spread: g.mean(0), "expected an array of shape (5, 1)"),
    ("3.5e", 0.175, "I expected a function"),
]

test_right_answers_pass, test_usual_mistakes_are_named, test_nothing_written_is_not_wrong = held(check, RIGHT, WRONG)


# By hand, and the page's code --------------------------------------------------------------------------------------


def page_code(*ids):
    """The names that cells of the page define."""
    source = {cell["id"]: "".join(cell["source"]) for cell in cells_of(PAGE)}
    names = {"rng": np.random.default_rng(0)}
    for cell in ids:
        exec(source[cell], names)
    return names


def test_the_hand_calculation_is_that_of_the_drawing():
    text = text_of(PAGE)
    assert [drawings._chain(w)[0] for w in (0.5, 1, 2)] == [0.0625, 1, 16]
    assert [drawings._chain(w, True)[0] for w in (0.5, 1, 2)] == [5.0625, 16, 81]
    assert "| 0.0625 | 1 | 16 |" in text and "| 5.0625 | 16 | 81 |" in text
    assert f"{0.5**20:.2g}" == "9.5e-07" and f"| 0.00000095 | 1 | {2**20:,} |" in text
    z_hat, spread = lab.normalise(drawings.SUMS, 0)
    np.testing.assert_allclose(z_hat, [-1.5, -0.5, 0, 0.5, 1.5], atol=1e-5)
    assert spread == pytest.approx(2, abs=1e-5) and drawings.BACK[0] == pytest.approx(0.175, abs=1e-5)


@pytest.mark.parametrize("axis", [0, 1])
def test_the_page_normalises_as_the_experiment_does(axis):
    names, rng = page_code("normalise"), np.random.default_rng(0)
    z, g = rng.normal(2, 3, (2, 5, 4))
    z_hat, spread = names["normalise"](z, axis)
    ours, ours_spread = lab.normalise(z[None], axis - 2)
    np.testing.assert_allclose(ours[0], z_hat)
    np.testing.assert_allclose(
        lab.normalise_back(g[None], ours, ours_spread, axis - 2)[0], names["normalise_back"](g, z_hat, spread, axis)
    )


def test_the_page_s_network_has_the_slopes_of_pytorch():
    names, rng = page_code("normalise", "network", "network-back"), np.random.default_rng(0)
    x, g = rng.normal(size=(8, 6)), rng.normal(size=(8, 4))
    layers = [[rng.normal(size=(n, 4)), rng.normal(size=4), rng.normal(size=4)] for n in (6, 4, 4)]
    h, kept = names["forward"](x, layers)
    slopes = names["backward"](g, layers, kept)
    theirs, t = [[torch.tensor(p, requires_grad=True) for p in layer] for layer in layers], torch.tensor(x)
    for k, (w, gain, bias) in enumerate(theirs):
        a = torch.nn.functional.batch_norm(t @ w, None, None, gain, bias, training=True).relu()
        t = t + a if k else a
    t.backward(torch.tensor(g))
    np.testing.assert_allclose(h, t.detach().numpy())
    for ours, layer in zip(slopes, theirs, strict=True):
        for slope, p in zip(ours, layer, strict=True):
            np.testing.assert_allclose(slope, p.grad.numpy(), atol=1e-12)


# The experiment ----------------------------------------------------------------------------------------------------


def in_pytorch(networks, kind, x, run):
    """The scores of one of the networks, its parameters and each layer's answers as PyTorch's."""
    functional, parameters, answers, h = torch.nn.functional, [], [], torch.tensor(x)
    for layer in networks.layers:
        own = {name: torch.tensor(getattr(layer, name)[run], requires_grad=True) for name in ("bias", "gain", "w")}
        parameters += [own["bias"], *([] if kind.norm == "none" else [own["gain"]]), own["w"]]
        z = h @ own["w"]
        if kind.norm == "batch":
            z = functional.batch_norm(z, None, None, training=True) * own["gain"]
        if kind.norm == "layer":
            z = functional.layer_norm(z, z.shape[1:]) * own["gain"]
        a = {"ReLU": torch.relu, "tanh": torch.tanh, "sigmoid": torch.sigmoid}[kind.activation](z + own["bias"])
        h = h + a if layer.residual else a
        h.retain_grad()
        answers.append(h)
    last = [torch.tensor(p[run], requires_grad=True) for p in (networks.bias, networks.w)]
    return h @ last[1] + last[0], parameters + last, answers


@pytest.mark.parametrize("norm", ["none", "batch", "layer"])
@pytest.mark.parametrize("residual", [False, True])
@pytest.mark.parametrize("activation", lab.ACTIVATIONS)
def test_the_gradients_are_pytorchs(activation, norm, residual):
    kind, (x, y) = lab.Kind(activation, norm, residual), lab.digits()[0]
    x, y = x[:20].astype(float), y[:20]
    networks = lab.Networks(kind, 4, (0.7, 1.4), (0, 1), float)
    scores = networks.forward(x)
    loss, g = lab.loss_and_gradient(scores, y)
    slopes, reached = networks.backward(g)
    for run in (0, 1):
        theirs, parameters, answers = in_pytorch(networks, kind, x, run)
        cost = torch.nn.functional.cross_entropy(theirs, torch.tensor(y))
        cost.backward()
        assert loss[run] == pytest.approx(cost.item())
        for ours, p in zip(slopes, parameters, strict=True):
            np.testing.assert_allclose(ours[run], p.grad.numpy(), atol=1e-7)
        for ours, h in zip(reached, answers, strict=True):
            np.testing.assert_allclose(ours[run], h.grad.numpy(), atol=1e-7)
    assert len(networks.parameters()) == len(slopes)


def test_in_use_batch_normalisation_has_the_means_of_training():
    x = lab.digits()[0][0][:200]
    networks = lab.Networks(lab.Kind(norm="batch"), 1, (1.0,), (0,))
    for _ in range(200):
        networks.forward(x)
    np.testing.assert_allclose(networks.forward(x, training=False), networks.forward(x), atol=1e-3)
    one = networks.forward(x[:1], training=False)
    np.testing.assert_allclose(one, networks.forward(x, training=False)[:, :1], atol=1e-5)


def test_steps_are_clipped_or_of_one_length():
    g = [np.full((1, 1, 2), 3.0, np.float32), np.full((1, 2, 2), 4.0, np.float32)]
    length = np.sqrt(sum((part**2).sum() for part in g))
    clipped = lab.directions(g, "clipped")
    assert np.sqrt(sum((part**2).sum() for part in clipped)) == pytest.approx(1)
    np.testing.assert_allclose(clipped[1], g[1] / length)
    assert all(np.sqrt((part**2).sum()) == pytest.approx(1) for part in lab.directions(g, "equal"))
    assert lab.directions(g, "SGD") is g


def test_turned_layers_keep_every_length():
    rng = np.random.default_rng(0)
    tanh = lab._first(lab.Kind("tanh", begin="turned"), rng, 16, 16)
    np.testing.assert_allclose(tanh @ tanh.T, np.eye(16), atol=1e-12)
    lengths = lab.at_start(lab.Kind(begin="turned"), 16, (1.0,))
    np.testing.assert_allclose(lengths, 1, atol=0.1)


# What the page says ------------------------------------------------------------------------------------------------


def test_a_layer_multiplies_by_spread_times_typical_slope():
    for name, scale, want in (("ReLU", 1.0, 0.5**0.5), ("ReLU", 1.4, 0.99), ("tanh", 0.5, 0.5), ("sigmoid", 1.0, 0.24)):
        first = lab.at_start(lab.Kind(name), 32, (scale,), width=64)[0, 0]
        assert first ** (1 / 31) == pytest.approx(want, rel=0.03)


def test_batch_normalisation_cancels_the_weights_and_not_the_depth():
    lengths = lab.at_start(lab.Kind(norm="batch"), 32, width=64)[:, 0]
    assert lengths.max() < 1.6 * lengths.min()
    assert lengths.mean() ** (1 / 31) == pytest.approx((0.5 / (0.5 - 1 / (2 * np.pi))) ** 0.5, rel=0.02)


def test_a_residual_connection_alone_explodes_and_never_vanishes():
    for name in lab.ACTIVATIONS:
        assert lab.at_start(lab.Kind(name, residual=True), 32)[:, 0].min() > 0.5
    assert lab.at_start(lab.Kind(residual=True), 32)[-1, 0] > 1e6


def test_together_they_are_steady():
    for name in lab.ACTIVATIONS:
        lengths = lab.at_start(lab.Kind(name, "batch", True), 32)[:, 0]
        assert 0.5 < lengths.min() and lengths.max() < 30


def test_the_turned_start_outdoes_batch_normalisation_alone():
    turned, batch = (lab.raced(kind).right.mean() for kind in (lab.Kind(begin="turned"), lab.Kind(norm="batch")))
    assert turned > batch + 15


def test_the_lead_of_the_turned_start_shrinks_in_wider_layers():
    turned, norm = lab.Kind(begin="turned"), lab.Kind(norm="batch")
    narrow, wide = (lab.raced(norm, width=width).right.mean() for width in (lab.WIDTH, 32))
    assert wide > narrow + 15 and lab.raced(turned, width=32).right.mean() - wide < 15


def test_larger_batches_help_batch_normalisation_alone(monkeypatch):
    kind, cell = lab.Kind(norm="batch"), {"scales": (0.7,), "rates": (0.03, 0.1)}
    small = lab.raced.__wrapped__(kind, **cell).right.mean()
    monkeypatch.setattr(lab, "BATCH", 128)
    assert lab.raced.__wrapped__(kind, **cell).right.mean() > small + 8


def test_a_slow_first_rate_helps_where_no_fixed_rate_does():
    he, kind = {"scales": (1.4,), "rates": (0.001, 0.01, 0.03, 0.1)}, lab.Kind(residual=True)
    assert lab.raced(kind, how="warmed", **he).right.mean() > lab.raced(kind, **he).right.mean() + 20


def test_batch_normalisation_alone_depends_on_depth_and_both_grow_slowly():
    alone, both = (lab.Kind(norm="batch", residual=residual) for residual in (False, True))
    assert lab.at_start(alone, 16)[:, 0].max() < 100 < lab.at_start(alone, 32)[:, 0].min()
    assert 20 < lab.at_start(both, 128)[:, 0].max() < 1000


def test_steep_sigmoids_keep_their_gradient():
    left = [lab.at_start(lab.Kind("sigmoid"), 32, (10.0,), seed, 64)[0, 0] for seed in range(5)]
    assert min(left) > 0.01 and max(left) < 10


def test_fifty_residual_layers_from_hes_start_have_a_loss_in_the_billions():
    x, y = (part[:64] for part in lab.digits()[0])
    scores = lab.Networks(lab.Kind(residual=True), 50, [2**0.5], [0], float).forward(x.astype(float))[0]
    assert torch.nn.functional.cross_entropy(torch.tensor(scores), torch.tensor(y)) > 1e9


def test_a_steady_gradient_is_not_enough_and_one_far_off_is_too_little():
    """Layer normalisation: as steady as from a turned start, and hardly learned. Small weights: off, not learned."""
    kind = lab.Kind(norm="layer")
    assert 0.2 < lab.at_start(kind, 16, lab.FEW)[:, 0].min() and lab.at_start(kind, 16, lab.FEW)[:, 0].max() < 5
    assert lab.grid(kind, 16).new.max() < 50 < lab.grid(lab.Kind(begin="turned"), 16).new.max()
    plain = lab.Kind()
    far = lab.at_start(plain, 16, lab.FEW)[:, 0] < 0.01
    assert far.any() and lab.grid(plain, 16).new[far].max() < 50
    assert lab.grid(plain, 16, how="equal").new.max() < 50


def test_clipping_helps_where_no_rate_does():
    he, kind = {"scales": (1.4,)}, lab.Kind(residual=True)
    small = lab.raced(kind, rates=(0.0001, 0.001, 0.01, 0.1), **he).right.mean()
    clipped = lab.raced(kind, how="clipped", rates=(0.3, 1.0, 3.0), **he).right.mean()
    assert small < 30 and clipped > 60


def test_the_figure_shows_what_was_measured():
    frame = figures.vanishing(depth=16, scale=1.4, norm="layer", learned=True)
    kind = lab.Kind(norm="layer")
    row = lab.SCALES.index(1.4)
    np.testing.assert_allclose(frame.tables["layers"]["length"], lab.at_start(kind, 16)[row])
    cell = list(zip(frame.tables["map"]["depth"], frame.tables["map"]["scale"], strict=True)).index((16, 1.4))
    assert frame.tables["map"]["size"][cell] == pytest.approx(np.log10(lab.at_start(kind, 16)[row, 0]), abs=0.01)
    assert f"{frame.tables['map']['right'][cell]:.0f} % of new digits" in frame.says
