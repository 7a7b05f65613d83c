"""The picture of the page "Going downhill" that follows one digit from its pixels to its loss, and back."""

import numpy as np

from dlcore import viz
from dlcore.palette import LIGHT
from dlcore.viz.grids import cells
from dlcore.viz.look import bare, tint


def walked(weights, image, kind, loss_and_slopes):
    """What a network 64 → K → 10 answers to one image (1, 64) of a kind (1,), its loss, and its gradients.

    The gradient of a bias is what arrives at its unit, so the page's own slopes say all of it.
    """
    w1, b1, w2, b2 = weights
    hidden = np.maximum(image @ w1.T + b1, 0)[0]  # (K,)
    powers = np.exp(hidden @ w2.T + b2)  # (10,)
    loss, (by_w1, by_b1, _, by_b2) = loss_and_slopes(weights, image, kind)
    return {"hidden": hidden, "shares": powers / powers.sum(), "loss": loss, "scores": by_b2, "arrives": by_b1,
            "weights": by_w1}  # fmt: skip


def there_and_back(stages, image, kind, loss_and_slopes):
    """Draw a digit's way through a network, a column for each stage of its training.

    Args:
        stages: name → weights (w1, b1, w2, b2).
        image, kind: the digit, (1, 64), and which it is, (1,).
        loss_and_slopes: as on the page.
    """
    ways = {name: walked(weights, image, kind, loss_and_slopes) for name, weights in stages.items()}
    axes = viz.panels(len(ways), 6, size=(4.6, 7.6)).reshape(6, len(ways))
    for column, (name, way) in zip(axes.T, ways.items(), strict=True):
        viz.images(viz.on_paper(image.reshape(1, 8, 8)), title=name, ax=column[0])
        _bars(column[1], way["hidden"], "activation", "hidden answers")
        _bars(column[2], way["shares"], "activation", f"shares: loss {way['loss']:.2g}")
        _bars(column[3], way["scores"], "gradient", "gradient, scores")
        _bars(column[4], way["arrives"], "gradient", "gradient, hidden sums")
        unit = np.abs(way["arrives"]).argmax()
        most = max(np.abs(one["weights"]).max() for one in ways.values())
        times = f"{way['arrives'][unit]:.1g}".replace("-", "−")
        strong = tint(np.abs(way["weights"][unit]).reshape(8, 8) / most, positive=LIGHT["gradient"])
        cells(bare(column[5]), strong)
        viz.label(column[5], title=f"{times} × pixels, unit {unit}")
    for row in axes[1:5]:
        low, high = (f(f(ax.get_ylim()) for ax in row) for f in (min, max))
        for ax in row:
            ax.set_ylim(low, high)
    for ax in axes[2:4].flat:
        ax.set_xticks(range(10))
    return axes[0, 0].figure


def _bars(ax, values, colour, title):
    """A bar for each unit."""
    ax.bar(range(len(values)), values, color=LIGHT[colour], linewidth=0, ls="-")
    ax.set_xticks([])
    viz.label(ax, title=title)
