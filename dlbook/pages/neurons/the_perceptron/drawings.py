"""Four mornings, and a unit that learns from its mistakes about them."""

from dlbook.page import stepping
from dlbook.pages.ink import write
from dlbook.pages.neurons.the_perceptron.figures import lines, path
from dlbook.pages.neurons.the_perceptron.rule import CYCLED, MORNINGS, with_one
from dlcore import viz
from dlcore.palette import CLASSES, LIGHT

WRONG, WEIGHTS = path(MORNINGS, CYCLED)  # (mistakes,), (mistakes + 1, 3)
NAMES = "ABCD"
_BORDERS = lines(WEIGHTS)


def _number(value):
    return f"{value + 0.0:g}".replace("-", "−")  # + 0.0: no minus zero


def _vector(values):
    return f"({', '.join(map(_number, values))})"


def _sum(w, row):
    """The weighted sum of a morning, written out."""
    one, two, bias = (_number(part) for part in w * with_one(MORNINGS)[row])
    return f"{one} + {two} + {bias}".replace("+ −", "− ")


def _says(n):
    if n == 0:
        return (
            "All weights are 0, so every sum is 0, and the unit says yes to every morning. For A and B that is right."
        )
    row, w = WRONG[n - 1], WEIGHTS[n - 1]
    z = _number(with_one(MORNINGS)[row] @ w)
    deed = "add" if CYCLED[row] else "subtract"
    rest = " Now all four are read rightly." if n == len(WRONG) else ""
    return (
        f"Mistake {n}, about {NAMES[row]}: {_sum(w, row)} = {z}, so it says {'no' if CYCLED[row] else 'yes'}. "
        f"{deed.capitalize()} its inputs: the weights become {_vector(WEIGHTS[n][:2])}, the bias "
        f"{_number(WEIGHTS[n][2])}.{rest}"
    )


@stepping(*(_says(n) for n in range(len(WRONG) + 1)))
def four_mornings(step):
    """The border after each mistake, and the sum that was on the wrong side."""
    n = step - 1
    plane, page = viz.panels(2, size=(4.6, 2.6))
    plane.figure.set_layout_engine("none")
    plane.set(xlim=(-1, 3), ylim=(-1.4, 2.6), xticks=(0, 1, 2), yticks=(-1, 0, 1, 2), position=(0.1, 0.17, 0.46, 0.8))
    viz.label(plane, "sunny x₁", "windy x₂")
    if n:
        x, y, x2, y2, fx, fy, tx, ty = (_BORDERS[k][n] for k in _BORDERS)
        plane.plot([x, x2], [y, y2], color=LIGHT["ink"], lw=1.6)
        look = {"arrowstyle": "-|>", "color": LIGHT["weight"], "lw": 2, "shrinkA": 0, "shrinkB": 0}
        plane.annotate("", xy=(tx, ty), xytext=(fx, fy), arrowprops=look)
    for k, (place, yes) in enumerate(zip(MORNINGS, CYCLED, strict=True)):
        plane.plot(*place, "s" if yes else "o", color=CLASSES[yes], ms=9, zorder=3)
        plane.text(place[0] + 0.14, place[1] + 0.18, NAMES[k], color=LIGHT["ink"], fontsize=10)
    page.set(xlim=(0, 20), ylim=(0, 26), position=(0.6, 0, 0.4, 1))
    page.set_axis_off()
    left = {"ha": "left"}
    if n:
        row = WRONG[n - 1]
        plane.plot(*MORNINGS[row], "o", ms=17, mfc="none", mec=LIGHT["loss"], mew=1.6, zorder=4)
        z = _number(with_one(MORNINGS)[row] @ WEIGHTS[n - 1])
        error = _number(2 * CYCLED[row] - 1)
        write(page, 0, 23, f"mistake {n}: {NAMES[row]}", color=LIGHT["loss"], **left)
        write(page, 0, 18.5, f"z = {z}, so ŷ = {1 - CYCLED[row]}", **left)
        write(page, 0, 15, f"y − ŷ = {error}", **left)
        write(page, 0, 11.5, f"x = {_vector(MORNINGS[row])}", color=LIGHT["input"], **left)
    write(page, 0, 6.5, f"w = {_vector(WEIGHTS[n][:2])}", color=LIGHT["weight"], **left)
    write(page, 0, 3, f"b = {_number(WEIGHTS[n][2])}", color=LIGHT["weight"], **left)
    return plane.figure
