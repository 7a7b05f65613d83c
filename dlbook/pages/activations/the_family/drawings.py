"""Drawings of the page "The family"."""

import numpy as np

from dlbook.page.steps import stepping
from dlbook.pages.activations.the_family.experiment import BENDS, bent, signal
from dlbook.pages.ink import write
from dlcore import viz
from dlcore.palette import LIGHT

# The two sums that the page bends by hand.
SUMS = (-2.0, 1.0)


def _number(value):
    return f"{value:.3f}".rstrip("0").rstrip(".").replace("-", "−")


def _said(name):
    answer, slope = bent(name, SUMS)
    return f"{_number(answer[0])} and {_number(answer[1])}, with slopes {_number(slope[0])} and {_number(slope[1])}"


@stepping(
    f"Sigmoid: the sums −2 and 1 become {_said('sigmoid')}. Both ends are flat, and the slope is nowhere above ¼.",
    f"Tanh: {_said('tanh')}. The same curve, twice as tall and twice as steep for the same sum; its slope reaches 1.",
    f"ReLU: {_said('ReLU')}. One flat side; on the other the slope is 1, however large the sum.",
    f"Leaky ReLU: {_said('leaky ReLU')}. No side is quite flat.",
    f"GELU: {_said('GELU')}. A ReLU without a corner, with a dip below 0: left of it the slope is negative.",
    f"SiLU: {_said('SiLU')}. Much like GELU, with a wider dip.",
)
def six_bends(step):
    """One activation a step: its curve, its slope, and the two sums of the hand calculation."""
    name = list(BENDS)[step - 1]
    z = np.linspace(-4, 4, 161)
    answer, slope = bent(name, z)
    at, steep = bent(name, SUMS)
    ax = viz.panels(1, size=(4.6, 3))[0]
    ax.axhline(0, color=LIGHT["grid"], lw=1)
    ax.plot(z, answer, color=LIGHT["activation"], ls="-", lw=2.4)
    ax.plot(z, slope, color=LIGHT["gradient"], ls="--", lw=1.8)
    for s, a, g in zip(SUMS, at, steep, strict=True):
        ax.plot([s - 0.7, s + 0.7], [a - 0.7 * g, a + 0.7 * g], color=LIGHT["gradient"], ls="-", lw=1.2)
        ax.plot([s], [a], "o", color=LIGHT["ink"], ms=6, zorder=3)
        write(ax, s, a + 0.5, _number(a))
    write(ax, -3.9, 2.75, name, ha="left", fontsize=12)
    write(ax, -3.9, 2.3, "answer", ha="left", color=LIGHT["activation"])
    write(ax, -3.9, 1.9, "slope, dashed", ha="left", color=LIGHT["gradient"])
    viz.label(ax, "sum z", "answer, slope").set(xlim=(-4, 4), ylim=(-1.3, 3.1))
    return ax.figure


def noise_through_a_relu():
    """A signal that rests and jumps up, and a wave, with noise, before and after a ReLU."""
    axes = viz.panels(2, size=(6, 2.6))
    for ax, (kind, title) in zip(axes, {"up 10 %": "rests, jumps up", "wave": "wave"}.items(), strict=True):
        rng = np.random.default_rng(0)
        clean = signal(kind, rng)
        heard = clean + clean.std() * rng.normal(size=len(clean))
        part = slice(0, 150)
        ax.plot(np.arange(150), heard[part], color=LIGHT["input"], ls="-", lw=0.7)
        ax.plot(np.arange(150), np.maximum(heard[part], 0), color=LIGHT["activation"], ls="-", lw=1.4)
        ax.plot(np.arange(150), clean[part], color=LIGHT["ink"], ls="--", lw=1.6)
        viz.label(ax, "step", title=title).set(xlim=(0, 150), ylim=(-4, 5))
    axes[0].set_ylabel("value")
    return axes[0].figure


#: name -> colour, dashes: the four that meet on the right are told apart by both
_LOOKS = {
    "sigmoid": ("input", "-"),
    "tanh": ("loss", "-"),
    "ReLU": ("ink", "-"),
    "leaky ReLU": ("weight", (0, (6, 3))),
    "GELU": ("activation", "-"),
    "SiLU": ("gradient", (0, (3, 2))),
}


def all_six():
    """The six answers over the same sums, and below them their slopes."""
    z = np.linspace(-4, 4, 321)
    axes = viz.panels(1, 2, size=(4.8, 5.6))
    for ax, part, title, ends in zip(axes, (0, 1), ("answer", "slope"), ((-1.2, 2.6), (-0.25, 1.25)), strict=True):
        ax.axhline(0, color=LIGHT["grid"], lw=1)
        for name, (colour, dashes) in _LOOKS.items():
            ax.plot(z, bent(name, z)[part], color=LIGHT[colour], ls=dashes, lw=1.8, label=name)
        viz.label(ax, "sum z", title).set(xlim=(-4, 4), ylim=ends)
    viz.legend(axes[0], loc="upper left")
    return axes[0].figure
