"""Drawings of the page "Gradients on a graph"."""

import numpy as np

from dlbook.page import stepping
from dlbook.pages.backprop.gradients_on_a_graph.figures import TARGET, WEIGHTS, computed, factor, text
from dlbook.pages.ink import write
from dlcore import viz
from dlcore.palette import LIGHT

V = computed(WEIGHTS["w₁"], WEIGHTS["w₅"])
GUESS = V["ŷ"].data

#: name → place, in tenths of an inch
PLACES = {
    "x₁": (4, 29.5), "x₂": (4, 8.5), "z₁": (15, 29.5), "z₂": (15, 8.5), "h₁": (22.5, 29.5), "h₂": (22.5, 8.5),
    "ŷ": (31.5, 19), "L": (38.3, 19),
}  # fmt: skip
#: from, to, the weight on the edge and the place of its label
EDGES = (
    ("x₁", "z₁", "w₁", (9.5, 32.2)), ("x₂", "z₁", "w₂", (16, 22.4)),
    ("x₁", "z₂", "w₃", (16, 15.8)), ("x₂", "z₂", "w₄", (9.5, 5.8)),
    ("z₁", "h₁", "", None), ("z₂", "h₂", "", None),
    ("h₁", "ŷ", "w₅", (29.5, 29)), ("h₂", "ŷ", "w₆", (29.5, 9.5)), ("ŷ", "L", "", None),
)  # fmt: skip
#: what becomes known in each step, and over which edges
WALK = (
    (("L",), ()),
    (("ŷ",), ("ŷL",)),
    (("w₅", "w₆"), ("h₁ŷ", "h₂ŷ")),
    (("h₁", "h₂"), ("h₁ŷ", "h₂ŷ")),
    (("z₁", "z₂"), ("z₁h₁", "z₂h₂")),
    (("w₁", "w₂"), ("x₁z₁", "x₂z₁")),
    (("w₃", "w₄"), ("x₁z₂", "x₂z₂")),
)


def _times(known, *locals_):
    """ "0.6 · 2 = 1.2 and 0.6 · 2.2 = 1.32" for what arrives and the local derivatives."""
    products = (f"{text(V[known].grad)} · {factor(x)} = {text(V[known].grad * x)}" for x in locals_)
    return " and ".join(products)


@stepping(
    f"The forward pass is done: guess {text(GUESS)}, loss {text(V['L'].data)}. The loss grows as fast as itself: "
    f"its own gradient is {text(V['L'].grad)}.",
    f"The slope of the square: 2 · ({text(GUESS)} − {text(TARGET)}) = {text(V['ŷ'].grad)} arrives at the guess.",
    f"To each weight goes what arrives, times what came in: {_times('ŷ', V['h₁'].data, V['h₂'].data)}.",
    f"To each hidden unit goes what arrives, times the weight: {_times('ŷ', V['w₅'].data, V['w₆'].data)}.",
    "Both ReLUs are on. Their local derivative is 1, so all of it passes: "
    f"{text(V['z₁'].grad)} and {text(V['z₂'].grad)}.",
    f"Weights of the first unit, again times what came in: {_times('z₁', V['x₁'].data, V['x₂'].data)}.",
    f"Weights of the second unit: {_times('z₂', V['x₁'].data, V['x₂'].data)}. Now every weight has its gradient.",
)
def walk_back(step):
    """Draw the sheet of paper, its numbers in black and the gradients known so far; what is new has a yellow ground."""
    [ax] = viz.panels(1, size=(4.1, 3.6))
    ax.set(xlim=(0, 41), ylim=(0, 36), position=(0, 0, 1, 1))
    ax.figure.set_layout_engine("none")
    ax.set_axis_off()
    new, lit = WALK[step - 1]
    known = {name for names, _ in WALK[:step] for name in names}
    for a, b, weight, place in EDGES:
        on = a + b in lit
        xs, ys = zip(PLACES[a], PLACES[b], strict=True)
        ax.plot(xs, ys, "-", color=LIGHT["gradient" if on else "grid"], lw=3 if on else 1.2, zorder=1)
        if weight:
            _pair(ax, *place, weight, known, new, "weight", f"{weight} = {text(V[weight].data)}")
    for name, (x, y) in PLACES.items():
        colour = {"x": "input", "L": "loss"}.get(name[0], "activation")
        ax.plot(x, y, "o", ms=33, mfc=LIGHT["paper"], mec=LIGHT["muted"], mew=1.2, zorder=2)
        write(ax, x, y + (4.5 if y > 10 else -4.5), name, weight="bold")
        _pair(ax, x, y, name, known, new, colour, text(V[name].data))
    return ax.figure


def _pair(ax, x, y, name, known, new, colour, value):
    """A number, and below it its gradient once that is known."""
    write(ax, x, y + (0 if name[0] == "x" else 1.2), value, color=LIGHT[colour], zorder=4)
    if name in known:
        box = {"boxstyle": "square,pad=0.1", "lw": 0, "fc": LIGHT["highlight"], "alpha": 0.35 if name in new else 0}
        write(ax, x, y - 1.2, text(V[name].grad), color=LIGHT["gradient"], zorder=4, bbox=box)


def beyond_the_slope():
    """Draw the loss over w₆, and what its slope at 1.5 foretells."""
    w6, here = np.linspace(-0.1, 1.8, 96), WEIGHTS["w₆"]
    first, second = V["w₅"].data * V["h₁"].data, V["h₂"].data

    def loss(w):
        return (first + second * w - TARGET) ** 2

    ax = viz.panels(1, size=(4.6, 2.9))[0]
    ax.plot(w6, loss(w6), color=LIGHT["loss"], ls="-", lw=2.2)
    ax.plot(w6, loss(here) + V["w₆"].grad * (w6 - here), color=LIGHT["gradient"], ls="--", lw=1.8)
    ax.plot([0, here], [loss(0), loss(here)], "o", color=LIGHT["ink"], ms=6, zorder=3)
    ax.text(0.06, loss(0), f"taken out: {loss(0):g}", va="center")
    ax.text(here + 0.02, 1.0, f"here: {loss(here):.2f}", ha="center")
    ax.text(0.45, 4.9, "loss", color=LIGHT["loss"])
    ax.text(0.62, -1.75, "what the gradient foretells", color=LIGHT["gradient"])
    viz.label(ax, "weight w₆", "loss L").set(xlim=(-0.1, 1.8), ylim=(-2.4, 10.5))
    return ax.figure
