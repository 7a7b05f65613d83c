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


def _minus(number, digits=3):
    return f"{number:.{digits}f}".replace("-", "−")


def _box(ax, x, y, name, rule, colour):
    ax.add_patch(
        FancyBboxPatch((x - 5.2, y - 2), 10.4, 4, boxstyle="round,pad=0.3", fc="none", ec=LIGHT[colour], lw=1.8)
    )
    write(ax, x, y + 0.9, name, color=LIGHT[colour], fontsize=10)
    write(ax, x, y - 1, rule, fontsize=10)


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
    ax = panels(1, size=(4.6, 2.7))[0]
    ax.set(xlim=(0, 46), ylim=(1.8, 28.8), position=(0, 0, 1, 1))
    ax.figure.set_layout_engine("none")
    ax.set_axis_off()
    _box(ax, 12.5, 25, "generator", "z + 0.5", "weight")
    _box(ax, 31, 25, "discriminator", "σ(1.8x − 3.2)", "activation")
    _box(ax, 31, 13.5, "the same", "σ(1.8x − 3.2)", "activation")
    write(ax, 2, 25, f"{Z}", color=LIGHT["input"])
    write(ax, 2, 22, "noise", color=LIGHT["input"])
    arrow(ax, 3.6, 6.8, 25)
    write(ax, 20.6, 26.8, f"{MADE:g}", color=LIGHT["weight"])
    arrow(ax, 18.4, 25.2, 25)
    write(ax, 20, 13.5, f"{REAL:g}", color=LIGHT["input"])
    write(ax, 12, 13.5, "a real point", color=LIGHT["input"])
    arrow(ax, 21.6, 25.2, 13.5)
    if step > 1:
        for y, p in ((25, D_MADE), (13.5, D_REAL)):
            arrow(ax, 36.9, 40, y)
            write(ax, 43, y, f"{p:.3f}", color=LIGHT["activation"])
    if step == 3:
        write(ax, 23, 6.5, f"−ln {D_REAL:.3f} − ln(1 − {D_MADE:.3f})", color=LIGHT["loss"])
        write(ax, 23, 3.5, f"= {-np.log(D_REAL):.3f} + {-np.log(1 - D_MADE):.3f} = {LOSS_D:.3f}", color=LIGHT["loss"])
    if step > 3:
        write(ax, 23, 6.5, f"−ln {D_MADE:.3f} = {LOSS_G:.3f}", color=LIGHT["loss"])
    if step > 4:
        look = {"arrowstyle": "-|>", "color": LIGHT["gradient"], "lw": 2, "shrinkA": 0, "shrinkB": 0}
        for start, end in ((42, 36.9), (25.2, 18.4)):
            ax.annotate("", xy=(end, 20.4), xytext=(start, 20.4), arrowprops=look)
        write(ax, 39.5, 18.4, _minus(-(1 - D_MADE)), color=LIGHT["gradient"])
        write(ax, 21.8, 18.4, _minus(SLOPE), color=LIGHT["gradient"])
        write(ax, 10, 20.4, f"a: {_minus(SLOPES[0])}", color=LIGHT["gradient"])
        write(ax, 10, 18, f"b: {_minus(SLOPES[1])}", color=LIGHT["gradient"])
    return ax.figure
