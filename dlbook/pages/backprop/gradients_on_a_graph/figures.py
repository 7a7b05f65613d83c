"""Live figure of the page "Gradients on a graph": a network on a sheet of paper, forwards and then backwards."""

from dataclasses import dataclass
from functools import cache

import altair as alt
import numpy as np

from dlbook.live import Frame, Predict, Slider, Time, live, number_text, table
from dlcore.models.scalar_autograd import Value, backward, relu, square
from dlcore.palette import LIGHT

INPUTS = {"x₁": 0.8, "x₂": 0.4}
WEIGHTS = {"w₁": 3.0, "w₂": -1.0, "w₃": 1.5, "w₄": 2.5, "w₅": -0.5, "w₆": 1.5}
TARGET = 2.0

#: name → place on the sheet, in hundredths from the left and from the top
NODES = {
    "x₁": (20, 7), "x₂": (80, 7), "z₁": (20, 37), "z₂": (80, 37), "h₁": (20, 55), "h₂": (80, 55),
    "ŷ": (50, 75), "L": (50, 94), "y": (84, 94),
}  # fmt: skip
KINDS = {"x₁": "input", "x₂": "input", "L": "loss", "y": "truth"}  # the others are answers
#: from, to, weight on the edge, and where its label stands: (x, y, alignment)
EDGES = [
    ("x₁", "z₁", "w₁", (13.5, 22, "right")), ("x₂", "z₁", "w₂", (66, 9, "right")),
    ("x₁", "z₂", "w₃", (34, 9, "left")), ("x₂", "z₂", "w₄", (86.5, 22, "left")),
    ("z₁", "h₁", "", None), ("z₂", "h₂", "", None),
    ("h₁", "ŷ", "w₅", (29, 70, "right")), ("h₂", "ŷ", "w₆", (71, 70, "left")),
    ("ŷ", "L", "", None), ("y", "L", "", None),
]  # fmt: skip


@cache
def computed(w1, w5):
    """Every number of the sheet as a Value with its gradient, by name; the scalar engine does the work."""
    v = {name: Value(x) for name, x in (INPUTS | WEIGHTS | {"w₁": w1, "w₅": w5, "y": TARGET}).items()}
    v["z₁"] = v["w₁"] * v["x₁"] + v["w₂"] * v["x₂"]
    v["z₂"] = v["w₃"] * v["x₁"] + v["w₄"] * v["x₂"]
    v["h₁"], v["h₂"] = relu(v["z₁"]), relu(v["z₂"])
    v["ŷ"] = v["w₅"] * v["h₁"] + v["w₆"] * v["h₂"]
    v["L"] = square(v["ŷ"] - v["y"])
    backward(v["L"])
    return v


@dataclass(frozen=True)
class Step:
    """One step of the walk: which number becomes known, over which edges, and how that is said."""

    new: str
    over: tuple
    says: str
    factors: tuple = ()  # the local derivative on each of these edges


def text(x):
    """A number to at most two places, without the dust of rounding.

    >>> text(0.30000000000000004), text(-0.24), text(-1e-17)
    ('0.3', '−0.24', '0')
    """
    return number_text(round(x, 4) + 0.0)


def factor(x):
    """A number as it stands in a product: in brackets if it is negative."""
    return f"({text(x)})" if round(x, 4) < 0 else text(x)


def product(*pairs):
    return " + ".join(f"{text(a) if not i else factor(a)} · {factor(b)}" for i, (a, b) in enumerate(pairs))


def forwards(v):
    """The steps from the inputs to the loss."""
    for unit, terms in (("₁", ("w₁ x₁", "w₂ x₂")), ("₂", ("w₃ x₁", "w₄ x₂"))):
        pairs = [(v[t.split()[0]].data, v[t.split()[1]].data) for t in terms]
        z = f"z{unit}"
        yield Step(z, (f"x₁{z}", f"x₂{z}"), f"{z} = {' + '.join(terms)} = {product(*pairs)} = {text(v[z].data)}.")
    for unit in "₁₂":
        z, h = v[f"z{unit}"].data, f"h{unit}"
        why = "positive, so it passes" if z > 0 else "not positive, so the unit is off"
        says = f"{h} = ReLU({text(z)}) = {text(v[h].data)}: z{unit} is {why}."
        yield Step(h, (f"z{unit}{h}",), says)
    pairs = [(v[f"w{w}"].data, v[f"h{h}"].data) for w, h in (("₅", "₁"), ("₆", "₂"))]
    yield Step("ŷ", ("h₁ŷ", "h₂ŷ"), f"ŷ = w₅ h₁ + w₆ h₂ = {product(*pairs)} = {text(v['ŷ'].data)} hours.")
    says = (
        f"L = (ŷ − y)² = ({text(v['ŷ'].data)} − {text(TARGET)})² = {text(v['L'].data)}. So wrong; but who is to blame?"
    )
    yield Step("L", ("ŷL", "yL"), says)


def one(v, new, edge, known, local, name):
    """A step back over one edge: what arrives, times the local derivative (a value by name, or a number)."""
    says = f"∂L/∂{new} = ∂L/∂{known} · {name} = {text(v[known].grad)} · {factor(local)} = {text(v[new].grad)}."
    return Step(new, (edge,), says, (local,))


def backwards(v):
    """The steps from the loss to the weights. (What the inputs get, the page asks.)"""
    says = f"∂L/∂ŷ = 2 (ŷ − y) = 2 · {factor(v['ŷ'].data - TARGET)} = {text(v['ŷ'].grad)}."
    yield Step("ŷ", ("ŷL",), says, (v["ŷ"].grad,))
    for w, h in (("w₅", "h₁"), ("w₆", "h₂")):
        yield one(v, w, f"{h}ŷ", "ŷ", v[h].data, h)
    for w, h in (("w₅", "h₁"), ("w₆", "h₂")):
        yield one(v, h, f"{h}ŷ", "ŷ", v[w].data, w)
    for unit in "₁₂":
        z, h = f"z{unit}", f"h{unit}"
        slope = 1.0 if v[z].data > 0 else 0.0
        yield one(v, z, f"{z}{h}", h, slope, "slope of ReLU")
    for w, x, z in (("w₁", "x₁", "z₁"), ("w₂", "x₂", "z₁"), ("w₃", "x₁", "z₂"), ("w₄", "x₂", "z₂")):
        yield one(v, w, f"{x}{z}", z, v[x].data, x)


FORWARD, BACKWARD = 6, 11
SPAN = (-5.5, 8)  # of the axis of blame: it holds every bar and its number


def sheet(v, step):
    """The tables of the figure after this many steps."""
    walk = [*forwards(v), *backwards(v)]
    now, back = walk[step - 1] if step else None, step > FORWARD
    values = {*INPUTS, *WEIGHTS, "y", *(s.new for s in walk[: min(step, FORWARD)])}
    grads = {s.new for s in walk[FORWARD:step]} | ({"L"} if back else set())
    shown = {n: text(v[n].data) if n in values else "" for n in v}
    slopes = {n: f"∂ {text(v[n].grad)}" if n in grads else "" for n in v}
    way, lit = ("back" if back else "on"), (now.over if now else ())
    ends = [(*NODES[a], *NODES[b]) for a, b, *_ in EDGES]
    labels = [(w, *place) for _, _, w, place in EDGES if w]
    ring = [way if now and n == now.new else "known" if n in values else "idle" for n in NODES]
    return {
        "edges": dict(zip(("x", "y", "x2", "y2"), zip(*ends, strict=True), strict=True))
        | {"state": [way if a + b in lit else "idle" for a, b, *_ in EDGES]},
        "nodes": {
            "x": [x for x, _ in NODES.values()], "y": [y for _, y in NODES.values()], "name": list(NODES),
            "value": [shown[n] for n in NODES], "slope": [slopes[n] for n in NODES], "ring": ring,
            "kind": [KINDS.get(n, "on") for n in NODES],
        },
        "weights": {
            "x": [x for _, x, _, _ in labels], "y": [y for _, _, y, _ in labels],
            "side": [side for *_, side in labels],
            "value": [f"{w} {shown[w]}" for w, *_ in labels], "slope": [slopes[w] for w, *_ in labels],
        },
        "factors": factors(now),
        "blame": blame({w: v[w].grad + 0.0 for w in WEIGHTS if w in grads}),
    }, now  # fmt: skip


def blame(slopes):
    """The bars, each with its number at the end."""
    rows = [slopes.get(w, np.nan) for w in WEIGHTS]
    return {
        "weight": list(WEIGHTS),
        "slope": rows,
        "shown": [text(slopes[w]) if w in slopes else "" for w in WEIGHTS],
        "side": ["right" if x < 0 else "left" for x in rows],
    }


def factors(now):
    """The local derivatives of a step, each on its edge; a row outside the sheet where there is none."""
    rows = [(-50.0, -50.0, "")]
    for edge, local in zip(now.over, now.factors, strict=True) if now and now.factors else ():
        a, b = next((NODES[a], NODES[b]) for a, b, *_ in EDGES if a + b == edge)
        at = 0.66 if a[0] != b[0] and a[1] < 30 else 0.5
        rows.append((a[0] + at * (b[0] - a[0]), a[1] + at * (b[1] - a[1]), f"× {text(local)}"))
    x, y, said = zip(*rows, strict=True)
    return {"x": list(x), "y": list(y), "text": list(said)}


@live(
    step=Time(FORWARD + BACKWARD, value=FORWARD, label="step", per_second=0.8),
    w1=Slider(0.0, 3.0, step=1.0, value=3.0, label="weight w₁", between=True),  # z₁ = 0, the kink, is at 0.5
    w5=Slider(-1.0, 0.0, step=0.25, value=-0.5, label="weight w₅", between=True),
    predict=Predict(
        "Turn w₁ down to 0: then z₁ = −0.4, and the first hidden unit is off. How many of the six weights can still "
        "make a difference to the loss L, if you move them a little?",
        "all six",
        "five: all but w₁",
        "three",
        answer="three",
        because={
            "all six": "The silent unit answers 0, and some of the weights speak through it alone.",
            "five: all but w₁": "It is not the only one that speaks through this unit alone.",
            "three": "Nothing that feeds the silent unit matters any more, w₁ and w₂; and w₅ multiplies its 0. Only "
            "the three weights on the other side still make a difference.",
        },
        see={"w1": 0, "step": 17},
    ),
)
def there_and_back(step, w1, w5):
    """A small network, forwards to the loss and backwards to the blame."""
    tables, now = sheet(computed(w1, w5), step)
    if now is None:
        says = "Two inputs, six weights, and the truth y = 2. Nothing is computed yet: go forwards."
    elif step <= FORWARD:
        says = f"Forwards, {step} of {FORWARD}: {now.says}"
    else:
        says = f"Backwards, {step - FORWARD} of {BACKWARD}: {now.says}"
    return Frame(tables=tables, says=says)


TONES = {"idle": "grid", "known": "muted", "on": "activation", "back": "gradient", "input": "input", "loss": "loss",
         "truth": "ink"}  # fmt: skip


@there_and_back.chart
def there_and_back_chart():
    x = alt.X("x:Q", axis=None, scale=alt.Scale(domain=(0, 100)))
    y = alt.Y("y:Q", axis=None, scale=alt.Scale(domain=(100, 0)))
    tones = alt.Scale(domain=list(TONES), range=[LIGHT[name] for name in TONES.values()])
    widths = alt.Scale(domain=["idle", "known", "on", "back"], range=[1.5, 1.5, 4, 4])
    edges = (
        alt.Chart(table("edges"))
        .mark_rule()
        .encode(
            x=x, y=y, x2="x2", y2="y2",
            color=alt.Color("state:N", scale=tones, legend=None),
            strokeWidth=alt.StrokeWidth("state:N", scale=widths, legend=None),
        )
    )  # fmt: skip
    nodes = alt.Chart(table("nodes")).encode(x=x, y=y)
    rings = nodes.mark_point(shape="circle", size=1900, fill=LIGHT["paper"], opacity=1).encode(
        stroke=alt.Stroke("ring:N", scale=tones, legend=None),
        strokeWidth=alt.StrokeWidth("ring:N", scale=widths, legend=None),
    )
    bold = {"fontWeight": 600, "fontSize": 13}
    left = "datum.x < 40 || datum.name == 'L'"
    names = nodes.transform_filter(left).mark_text(dx=-31, align="right", **bold) + nodes.transform_filter(
        f"!({left})"
    ).mark_text(dx=31, align="left", **bold)
    alone = nodes.transform_filter("datum.slope == ''").mark_text(fontSize=13)
    above = nodes.transform_filter("datum.slope != ''").mark_text(fontSize=13, dy=-8)
    values = (alone + above).encode(text="value:N", color=alt.Color("kind:N", scale=tones, legend=None))
    slopes = nodes.mark_text(color=LIGHT["gradient"], fontSize=12, dy=8).encode(text="slope:N")

    def label(side):
        at = alt.Chart(table("weights")).transform_filter(f"datum.side == '{side}'").encode(x=x, y=y)
        weight = at.mark_text(align=side, color=LIGHT["weight"], dy=-7).encode(text="value:N")
        return weight + at.mark_text(align=side, color=LIGHT["gradient"], dy=8).encode(text="slope:N")

    at = alt.Chart(table("factors")).encode(x=x, y=y, text="text:N")
    halo = at.mark_text(stroke=LIGHT["paper"], strokeWidth=6, fontWeight=600, clip=True)
    local = halo + at.mark_text(fontWeight=600, clip=True)
    graph = edges + rings + names.encode(text="name:N") + values + slopes + label("left") + label("right")

    name = alt.Y(
        "weight:N", title=None, sort=list(WEIGHTS), axis=alt.Axis(labelColor=LIGHT["weight"], labelFontSize=13)
    )
    span = alt.Scale(domain=SPAN)
    blame = alt.X("slope:Q", title="gradient ∂L/∂w", scale=span, axis=alt.Axis(values=[-4, -2, 0, 2, 4, 6]))
    rows = alt.Chart(table("blame"))
    bars = rows.mark_bar(color=LIGHT["gradient"], clip=True, height=14).encode(x=blame, y=name)
    ends = rows.encode(x=blame, y=name, text="shown:N")
    numbers = (
        ends.transform_filter("datum.side == 'left'").mark_text(align="left", dx=5, clip=True)
        + ends.transform_filter("datum.side == 'right'").mark_text(align="right", dx=-5, clip=True)
    )  # fmt: skip
    zero = rows.mark_rule(color=LIGHT["muted"]).encode(x=alt.datum(0, scale=span))
    return [
        (graph + local).properties(width=380, height=405, title="Value above, gradient ∂ below"),
        (bars + zero + numbers).properties(width=220, height=150, title="The blame of each weight"),
    ]
