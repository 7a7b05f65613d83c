"""What moves on the page "Vanishing and exploding": the gradient on its way back, and which networks learn."""

from functools import cache

import altair as alt
import numpy as np

from dlbook.live import Choice, Frame, Handle, Predict, Slider, Switch, live, number_text, powers_of_ten, table
from dlbook.live.frame import two_digits
from dlbook.pages.backprop.vanishing_and_exploding.experiment import ACTIVATIONS, DEPTHS, SCALES, Kind, at_start, grid
from dlcore import data
from dlcore.palette import LIGHT

SEVEN = data.digits().test.x[6, 0]  # the book's
GREY = ["#fff", "#000"]  # ink dark on light paper, in both themes
MOST = 6  # powers of ten: beyond them all colours are the same
HALF = 2**0.25, 2**0.5  # half a cell, as a factor: along the scales, along the depths


@cache
def map_of(kind):
    """Every cell of the map: log₁₀ of the first layer's gradient, last = 1, and percent of new digits when trained."""
    rows = []
    for depth in DEPTHS:
        with np.errstate(all="ignore"):
            size = np.log10(at_start(kind, depth)[:, 0])
        trained = grid(kind, depth, seeds=(0,), scales=SCALES)
        rows += zip(SCALES, [depth] * len(SCALES), size, trained.new, strict=True)
    scale, depth, size, new = (np.array(column) for column in zip(*rows, strict=True))
    return {
        "scale": scale,
        "low": scale / HALF[0],
        "high": scale * HALF[0],
        "depth": depth,
        "from": depth / HALF[1],
        "to": depth * HALF[1],
        "size": np.nan_to_num(size, nan=MOST, posinf=MOST, neginf=-MOST).clip(-MOST, MOST).round(2),
        "right": new.round(),
    }


def remedies(norm, residual):
    """The remedies in words."""
    on = [f"{norm} normalisation"] * (norm != "none") + ["residual"] * residual
    return " and ".join(on) if on else "no remedy"


@live(
    depth=Slider(list(DEPTHS), value=8, log=True, label="layers"),
    scale=Slider(list(SCALES), value=0.7, label="spread of the first weights", unit="/ √n", log=True),
    activation=Choice(*ACTIVATIONS, value="ReLU", label="activation"),
    norm=Choice("none", "batch", "layer", label="normalisation"),
    residual=Switch(False, label="residual connections"),
    learned=Switch(False, label="mark what learns"),
    drag=Handle(x="scale", y="depth"),
    predict=Predict(
        "Batch normalisation brings the sums of every layer to the same size. Switch it on in networks of ReLUs. What "
        "becomes of the differences in the map?",
        "all vanish: gradients of one size everywhere",
        "weights of any size become alike, depths do not",
        "depths become alike, weights of any size do not",
        answer="weights of any size become alike, depths do not",
        because={
            "all vanish: gradients of one size everywhere": "Along the rows, yes. But look up the columns: each "
            "layer still multiplies the gradient, by the same factor, a little more than 1.",
            "weights of any size become alike, depths do not": "Twice the weight is twice the sum, and is divided by "
            "twice the spread: it cancels. What is left is a factor a little above 1 for each layer.",
            "depths become alike, weights of any size do not": "It is the other way round. The size of the weights "
            "cancels against the spread that is divided by. Depth still multiplies.",
        },
        see={"activation": "ReLU", "norm": "batch", "residual": False, "depth": 32},
    ),
)
def vanishing(depth, scale, activation, norm, residual, learned):
    """How much of the last layer’s gradient reaches the first?"""
    kind = Kind(activation, norm, residual)
    row = SCALES.index(scale)
    with np.errstate(all="ignore"):
        lengths = np.nan_to_num(at_start(kind, depth)[row], nan=1e20, posinf=1e20)
    trained = grid(kind, depth, seeds=(0,), scales=SCALES)
    rows, columns = np.indices((8, 8)).reshape(2, -1)
    new, seven = round(float(trained.new[row])), int(trained.seven[row])
    first = lengths[0]
    size = "more than 10¹⁸" if first > 1e18 else "less than 10⁻¹⁸" if first < 1e-18 else two_digits(first)
    words = ["After 100 steps it", f"calls this “{seven}”, and is right", f"for {new} % of new digits."]
    return Frame(
        tables={
            "map": map_of(kind),
            "layers": {"layer": np.arange(1, depth + 1), "length": lengths.clip(1e-20, 1e20)},
            "image": {"row": rows, "column": columns, "ink": SEVEN.ravel()},
            "word": {"x": [9.5, 9.5, 9.5], "y": [1.2, 3.5, 5.8], "word": words},
        },
        says=f"{depth} layers of {activation}, first weights {number_text(scale)}/√n, {remedies(norm, residual)}: the "
        f"first layer gets {size} times the gradient of the last."
        + f" After 100 steps the network names {new} % of new digits rightly, and calls the 7 a {seven}."
        * learned,
    )


def _map():
    """The heat map, with a disc in each cell for what it learns."""
    across = alt.Scale(type="log", domain=(SCALES[0] / HALF[0], SCALES[-1] * HALF[0]), nice=False)
    up = alt.Scale(type="log", domain=(DEPTHS[0] / HALF[1], DEPTHS[-1] * HALF[1]), nice=False)
    x_axis = alt.Axis(values=list(SCALES), format="~g", grid=False, labelOverlap=False)
    y_axis = alt.Axis(values=list(DEPTHS), format="~g", grid=False)
    tints = alt.Scale(domain=(-MOST, 0, MOST), range=[LIGHT["input"], LIGHT["paper"], LIGHT["gradient"]])
    told = "{'-6': 'a millionth', '-3': '1/1000', '0': '1', '3': '1000', '6': 'a million'}[datum.value]"
    legend = alt.Legend(
        title="gradient of layer 1, last layer = 1",
        orient="bottom",
        direction="horizontal",
        gradientLength=260,
        values=[-6, -3, 0, 3, 6],
        labelExpr=told,
        gradientStrokeColor=LIGHT["grid"],
        titleLimit=300,
    )
    cells = alt.Chart(table("map"))
    tiles = cells.mark_rect(stroke=LIGHT["grid"], strokeWidth=0.7).encode(
        x=alt.X("low:Q", title="spread of the first weights, in 1/√n", scale=across, axis=x_axis),
        x2="high",
        y=alt.Y("from:Q", title="layers", scale=up, axis=y_axis),
        y2="to",
        color=alt.Color("size:Q", scale=tints, legend=legend),
    )
    middle = {"x": alt.X("scale:Q", scale=across), "y": alt.Y("depth:Q", scale=up)}
    discs = cells.transform_filter("learned").mark_circle(color=LIGHT["ink"], opacity=1)
    area = alt.Size("right:Q", scale=alt.Scale(domain=(0, 100), range=(0, 330)), legend=None)
    chosen = cells.transform_filter("datum.scale == scale && datum.depth == depth")
    frame = chosen.mark_rect(fillOpacity=0, stroke=LIGHT["ink"], strokeWidth=3)
    frame = frame.encode(x=alt.X("low:Q", scale=across), x2="high", y=alt.Y("from:Q", scale=up), y2="to")
    return tiles + frame + discs.encode(size=area, **middle)


@vanishing.chart
def vanishing_chart():
    edges = {"left": "datum.column - 0.5", "right": "datum.column + 0.5"}
    edges |= {"top": "datum.row - 0.5", "bottom": "datum.row + 0.5"}
    scale = [alt.Scale(domain=ends, nice=False) for ends in ((-0.5, 23.5), (7.5, -0.5))]  # square pixels
    x, y = alt.X("left:Q", axis=None, scale=scale[0]), alt.Y("top:Q", axis=None, scale=scale[1])
    pixels = alt.Chart(table("image")).transform_calculate(**edges).mark_rect()
    grey, seam = (
        of("ink:Q", scale=alt.Scale(domain=(0, 1), range=GREY), legend=None) for of in (alt.Color, alt.Stroke)
    )
    picture = pixels.encode(x=x, x2="right", y=y, y2="bottom", color=grey, stroke=seam)
    word = alt.Chart(table("word")).mark_text(align="left", fontSize=13, color=LIGHT["ink"])
    word = word.transform_filter("learned").encode(
        x=alt.X("x:Q", axis=None, scale=scale[0]), y=alt.Y("y:Q", axis=None, scale=scale[1]), text="word:N"
    )
    height = alt.Y(
        "length:Q",
        title="gradient",
        scale=alt.Scale(type="log", domain=(1e-13, 1e13)),
        axis=powers_of_ten(-12, -6, 0, 6, 12),
    )
    layer = alt.X("layer:Q", title="layer, from the digit to the loss", scale=alt.Scale(domain=(0, 33)))
    even = alt.Chart(table("layers")).mark_rule(color=LIGHT["muted"]).encode(y=alt.datum(1))
    layers = alt.Chart(table("layers")).encode(x=layer, y=height)
    path = layers.mark_line(color=LIGHT["gradient"], clip=True)
    path += layers.mark_point(color=LIGHT["gradient"], filled=True, clip=True, size=35, opacity=1)
    return [
        _map().properties(width=320, height=300, title="Colour: the gradient that reaches layer 1"),
        [
            (picture + word).properties(width=270, height=90, title="The digit"),
            (even + path).properties(width=260, height=170, title="The gradient, layer by layer"),
        ],
    ]
