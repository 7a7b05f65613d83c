"""Drawings of the page "Autoencoders and GANs": both networks with the numbers of the hand calculation."""

import numpy as np
from matplotlib.patches import FancyBboxPatch

from dlbook.page import stepping
from dlbook.pages.ink import arrow, write
from dlcore.palette import LIGHT
from dlcore.viz import panels

# A generator and a discriminator of two weights each: G(z) = a z + b, D(x) = σ(w x + c).
Z, A, B, W, C, REAL = 0.5, 1.0, 0.5, 1.8, -3.2, 3.0
MADE = A * Z + B
LOGITS = np.array([W * REAL + C, W * MADE + C])  # of the real point, of the made one
D_REAL, D_MADE = 1 / (1 + np.exp(-LOGITS))
LOSS_D = -np.log(D_REAL) - np.log(1 - D_MADE)
LOSS_G = -np.log(D_MADE)
SLOPE = -(1 - D_MADE) * W  # of the generator's loss, by the made point
SLOPES = SLOPE * Z, SLOPE  # by a, by b

# Two digits of two pixels, an encoder and a decoder without bends.
PIXELS = np.array([[0.8, 0.4], [0.4, 0.8]])
ENCODER, DECODER = np.array([1, 0.5]), np.array([0.8, 0.4])
WORDS = "(0.8, 0.4)", "(0.4, 0.8)"

SIZE = 11  # of letters, in points: 13 pixels on a phone


def _minus(number, digits=3):
    return f"{number:.{digits}f}".replace("-", "−")


def _box(ax, x, y, name, rule, colour):
    ax.add_patch(
        FancyBboxPatch((x - 5.7, y - 2.3), 11.4, 4.6, boxstyle="round,pad=0.3", fc="none", ec=LIGHT[colour], lw=1.8)
    )
    write(ax, x, y + 1.1, name, color=LIGHT[colour], fontsize=SIZE)
    write(ax, x, y - 1.2, rule, fontsize=SIZE)


@stepping(
    f"Noise {Z} goes into the generator. It makes {A:g} · {Z} + {B} = {MADE:g}.",
    f"The discriminator looks at the real point {REAL:g}, and says *real* with probability {D_REAL:.3f}; at the made "
    f"one, {D_MADE:.3f}.",
    f"Its loss: −ln {D_REAL:.3f} − ln(1 − {D_MADE:.3f}) = {LOSS_D:.3f}. Its own weights step to lower it; the "
    "generator's stay.",
    f"The generator's loss on the same point: −ln {D_MADE:.3f} = {LOSS_G:.3f}. The discriminator's weights stay.",
    f"Its gradient comes back through the discriminator: −(1 − {D_MADE:.3f}) · {W} = {_minus(SLOPE)} at the made "
    "point. A step against it moves the point to the right, toward the real one.",
)
def two_losses(step):
    """Draw generator and discriminator; numbers go forward, then the generator's gradient comes back."""
    ax = panels(1, size=(4.2, 3.05))[0]
    ax.set(xlim=(0, 42), ylim=(3, 33.5), position=(0, 0, 1, 1))
    ax.figure.set_layout_engine("none")
    ax.set_axis_off()
    _box(ax, 12, 30, "generator", "z + 0.5", "weight")
    _box(ax, 29.6, 30, "discriminator", "σ(1.8x − 3.2)", "activation")
    _box(ax, 29.6, 16.5, "the same", "σ(1.8x − 3.2)", "activation")
    write(ax, 1.6, 30, f"{Z}", color=LIGHT["input"], fontsize=SIZE)
    write(ax, 2.4, 26.6, "noise", color=LIGHT["input"], fontsize=SIZE)
    arrow(ax, 3.2, 5.8, 30)
    write(ax, 20.6, 31.8, f"{MADE:g}", color=LIGHT["weight"], fontsize=SIZE)
    arrow(ax, 18.2, 23.4, 30)
    write(ax, 18, 16.5, f"{REAL:g}", color=LIGHT["input"], fontsize=SIZE)
    write(ax, 9, 16.5, "a real point", color=LIGHT["input"], fontsize=SIZE)
    arrow(ax, 19.6, 23.4, 16.5)
    if step > 1:
        for y, p in ((30, D_MADE), (16.5, D_REAL)):
            arrow(ax, 35.8, 37.6, y)
            write(ax, 39.8, y, f"{p:.3f}", color=LIGHT["activation"], fontsize=SIZE)
    if step == 3:
        _loss(ax, 9, f"−ln {D_REAL:.3f} − ln(1 − {D_MADE:.3f})")
        _loss(ax, 5.4, f"= {-np.log(D_REAL):.3f} + {-np.log(1 - D_MADE):.3f} = {LOSS_D:.3f}")
    if step > 3:
        _loss(ax, 9, f"−ln {D_MADE:.3f} = {LOSS_G:.3f}")
    if step > 4:
        _gradients(ax)
    return ax.figure


def _loss(ax, y, words):
    write(ax, 21, y, words, color=LIGHT["loss"], fontsize=SIZE)


def _gradients(ax):
    """The generator's gradient, on its way back."""
    colour = LIGHT["gradient"]
    look = {"arrowstyle": "-|>", "color": colour, "lw": 2, "shrinkA": 0, "shrinkB": 0}
    for start, end in ((40.5, 35.8), (23.4, 18.2)):
        ax.annotate("", xy=(end, 25), xytext=(start, 25), arrowprops=look)
    write(ax, 38.2, 22.4, _minus(-(1 - D_MADE)), color=colour, fontsize=SIZE)
    write(ax, 21, 22.4, _minus(SLOPE), color=colour, fontsize=SIZE)
    write(ax, 11.4, 25, f"a: {_minus(SLOPES[0])}", color=colour, fontsize=SIZE)
    write(ax, 11.4, 22.2, f"b: {_minus(SLOPES[1])}", color=colour, fontsize=SIZE)


def two_pixels():
    """Draw two digits of two pixels, the line on which all drawings lie, and what is lost on the way to it."""
    ax = panels(1, size=(3.9, 2.9))[0]
    line = np.array([[0, 0], DECODER]) * 1.3
    ax.plot(*line.T, color=LIGHT["weight"], lw=2)
    ax.text(0.03, 0.22, "all drawings", color=LIGHT["weight"], fontsize=SIZE)
    for (x, drawn), words in zip(zip(PIXELS, PIXELS @ ENCODER[:, None] * DECODER, strict=True), WORDS, strict=True):
        if np.abs(x - drawn).max() > 0.01:
            ax.annotate("", xy=drawn, xytext=x, arrowprops={"arrowstyle": "-|>", "color": LIGHT["loss"], "lw": 1.6})
        ax.plot(*x, "o", color=LIGHT["input"], ms=8)
        ax.plot(*drawn, "s", color=LIGHT["activation"], ms=5)
        ax.text(*(x + [-0.14, 0.07]), words, color=LIGHT["input"], fontsize=SIZE)
    ax.text(0.68, 0.24, "(0.64, 0.32)", color=LIGHT["activation"], fontsize=SIZE)
    ax.text(0.53, 0.6, "what is lost", color=LIGHT["loss"], fontsize=SIZE)
    ax.set(xlim=(0, 1.1), ylim=(0, 1), aspect="equal", xticks=[0, 0.5, 1], yticks=[0, 0.5, 1])
    ax.set(xlabel="first pixel (ink)", ylabel="second pixel (ink)")
    return ax.figure
