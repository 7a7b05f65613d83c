"""What moves on the page "Layers": two layers to be joined, one hidden unit at work, a layer that draws a curve."""

import altair as alt
import numpy as np

from dlbook.live import Choice, Digit, Frame, Handle, Predict, Slider, live, number_text, table
from dlbook.pages.neurons.layers.experiment import digits, hidden, placed, reader, shape_text, stack, torch_says
from dlcore.palette import LIGHT

IMAGES, KINDS = digits("test")


def named(kind):
    """A digit with its article."""
    return "an 8" if kind == 8 else f"a {kind}"


#: the digits to look at: name → row of the test set
SHOWN = {named(kind): np.flatnonzero(KINDS == kind)[2] for kind in range(10)}
SHOWN["an 8"] = np.flatnonzero(np.isin(KINDS, (3, 8)))[40]  # the plain 8 of "What deep learning is"
SHOWN["a 7"] = 6  # the book's
STORED = {name: IMAGES[row] for name, row in SHOWN.items()}

# Joining layers -------------------------------------------------------------------------------------------------------

WIDTHS = [2, 8, 16, 32]
PARTS = ["weights 1", "biases 1", "weights 2", "biases 2"]  # of which layer
ROWS, PICTURES = "rows, (N, 64)", "images, (N, 8, 8)"


@live(
    comes=Choice(ROWS, PICTURES, label="what comes in"),
    n=Slider([1, 5, 32], value=5, label="examples N"),
    in_1=Slider([8, 16, 32, 64], value=64, label="layer 1 takes"),
    out_1=Slider(WIDTHS, value=16, label="layer 1 gives"),
    in_2=Slider(WIDTHS, value=32, label="layer 2 takes"),
    drag=Handle(y="in_2"),
    predict=Predict(
        "Somebody forgets to flatten: images come in, of shape (32, 8, 8), and the first layer takes 8 numbers. All "
        "else fits. What does PyTorch say?",
        "that 8 should be 64",
        "that the batch has three axes",
        "nothing",
        answer="nothing",
        because={
            "that 8 should be 64": "It cannot know of the 64. The last axis of what comes is 8, the layer takes 8, "
            "and more it does not look at.",
            "that the batch has three axes": "A layer looks at the last axis only, and treats all others as places of "
            "examples. Three axes are welcome.",
            "nothing": "The last axis fits, so every row of pixels is taken for an example, and gets ten scores of its "
            "own. Mistakes that make no noise are the worst.",
        },
        see={"comes": PICTURES, "n": 32, "in_1": 8, "in_2": 16},
    ),
)
def join_layers(comes, n, in_1, out_1, in_2):
    """Do they fit? Two layers, and what PyTorch says where they meet."""
    shape = (n, 64) if comes == ROWS else (n, 8, 8)
    between, end = (*shape[:-1], out_1), (*shape[:-1], 10)
    first, second = torch_says(shape, in_1, out_1), torch_says(between, in_2, 10)
    works = comes == ROWS and not first and not second
    pixels = STORED["an 8"].ravel() if comes == ROWS else STORED["an 8"][0]
    cells = stack(0.0, pixels, 1, "input")
    if not first:
        answers = np.zeros(out_1)
        if comes == ROWS:
            answers = np.maximum(reader(out_1)[0] @ pixels + reader(out_1)[1], 0)
        cells += stack(1.5, answers, answers.max(), "activation")
        if not second:
            share = np.zeros(10)
            if works:
                z = reader(out_1)[2] @ answers + reader(out_1)[3]
                share = np.exp(z - z.max())
            cells += stack(3.0, share, 1, "activation")
    counts = [in_1 * out_1, out_1, in_2 * 10, 10]
    names = [f"{in_1} · {out_1} = {in_1 * out_1:,}", f"{out_1}", f"{in_2} · 10 = {in_2 * 10}", "10"]
    if first or second:
        place = "before layer 1" if first else "between the layers"
        told = f"PyTorch stops {place}: {first or second}."
    elif works:
        told = f"It fits: {shape_text(shape)} becomes {shape_text(between)} becomes {shape_text(end)}, ten scores a "
        told += f"digit. The highest says {int(share.argmax())}."
    else:
        told = (
            f"No message, and wrong: {shape_text(shape)} becomes {shape_text(end)}, ten scores for every row of pixels."
        )
    x, x2, y, y2, shade, name = (list(each) for each in zip(*cells, strict=True))
    rows, columns = np.indices((8, 8)).reshape(2, -1)
    joints = [(0.0, 0.3, shape[-1], in_1), (1.5, 1.8, out_1, in_2)]
    return Frame(
        tables={
            "cells": {"x": x, "x2": x2, "y": y, "y2": y2, "shade": shade, "kind": name},
            "digit": {
                "x": (0.2 * columns - 1.95).round(2),
                "x2": (0.2 * columns - 1.75).round(2),
                "y": 42 - 3.2 * rows,
                "y2": 45.2 - 3.2 * rows,
                "ink": STORED["an 8"].ravel(),
            },
            "layers": {
                "layer": [1, 1, 2, 2],
                "x": [0.3, 1.2, 1.8, 2.7],
                "y": [in_1, out_1, in_2, 10],
            },
            "shapes": {
                "x": [0.0, 1.5, 3.0],
                "text": [shape_text(shape), "?" if first else shape_text(between),
                         "?" if first or second else shape_text(end)],
            },
            "joints": {
                "x": [(a + b) / 2 for a, b, _, _ in joints],
                "bad": [float(left != right) for _, _, left, right in joints],
                "text": [f"{left} ≠ {right}" if left != right else "" for _, _, left, right in joints],
            },
            "counts": {"part": PARTS, "count": counts, "text": names},
        },
        says=f"{told} {sum(counts):,} parameters: {in_1} · {out_1} + {out_1} + {in_2} · 10 + 10.",
    )  # fmt: skip


@join_layers.chart
def join_layers_chart():
    across, up = alt.Scale(domain=(-2.05, 3.35), nice=False), alt.Scale(domain=(-13, 70), nice=False)
    x, y = alt.X("x:Q", axis=None, scale=across), alt.Y("y:Q", axis=None, scale=up)
    kinds = alt.Scale(domain=["input", "activation"], range=[LIGHT["input"], LIGHT["activation"]])
    colour = {"fill": alt.Fill("kind:N", scale=kinds, legend=None)}
    shade = alt.Opacity("shade:Q", scale=alt.Scale(domain=(0, 1), range=[0.06, 1]), legend=None)
    stroke = alt.Stroke("kind:N", scale=kinds, legend=None)
    box = {"x": x, "x2": "x2", "y": y, "y2": "y2"}
    cells = alt.Chart(table("cells")).mark_rect().encode(**box, **colour, opacity=shade)
    frames = alt.Chart(table("cells")).mark_rect(filled=False, strokeWidth=0.5, strokeOpacity=0.6)
    layers = [
        alt.Chart(table("layers"))
        .transform_filter(f"datum.layer == {number}")
        .mark_area(color=LIGHT["weight"], opacity=0.45)
        .encode(x=x, y=y)
        for number in (1, 2)
    ]
    grey = alt.Color("ink:Q", scale=alt.Scale(domain=(0, 1), range=["#fff", "#000"]), legend=None)
    digit = alt.Chart(table("digit")).mark_rect().encode(**box, color=grey)
    names = alt.Chart(table("layers")).transform_filter("datum.x == 0.3 || datum.x == 1.8")
    names = names.transform_calculate(at="datum.x + 0.45", name="'layer ' + datum.layer")
    words = {"color": LIGHT["ink"], "fontSize": 13}
    shapes = alt.Chart(table("shapes")).mark_text(**words).encode(x=x, y=alt.YDatum(-10, scale=up), text="text:N")
    joints = alt.Chart(table("joints")).transform_filter("datum.bad == 1")
    crack = joints.mark_rule(color=LIGHT["loss"], strokeWidth=4, strokeDash=[5, 4])
    crack = crack.encode(x=x, y=alt.YDatum(0, scale=up), y2=alt.Y2Datum(60))
    wrong = joints.mark_text(color=LIGHT["loss"], fontSize=15, fontWeight="bold")
    join = (
        digit
        + layers[0]
        + layers[1]
        + cells
        + frames.encode(**box, stroke=stroke)
        + names.mark_text(**words).encode(
            x=alt.X("at:Q", axis=None, scale=across), y=alt.YDatum(-4, scale=up), text="name:N"
        )
        + shapes
        + crack
        + wrong.encode(x=x, y=alt.YDatum(66, scale=up), text="text:N")
    )
    part = alt.Y("part:N", sort=PARTS, title=None, scale=alt.Scale(paddingInner=0.7, paddingOuter=0.5))
    scale = alt.Scale(domain=(0, 2100), nice=False)
    length = alt.X("count:Q", title="parameters", scale=scale, axis=alt.Axis(tickCount=4))
    counts = alt.Chart(table("counts"))
    bars = counts.mark_bar(color=LIGHT["weight"]).encode(x=length, y=part)
    sums = counts.mark_text(**words, align="left", dy=-17).encode(x=alt.XDatum(0, scale=scale), y=part, text="text:N")
    return [
        join.properties(width=390, height=330, title="Each cell is a number: 64 pixels come in from the left"),
        (bars + sums).properties(width=220, height=190, title="What it has to learn"),
    ]


# One hidden unit ------------------------------------------------------------------------------------------------------


@live(
    unit=Slider(1, 16, value=9, label="hidden unit"),
    digit=Digit(STORED, value="an 8", label="digit"),
    predict=Predict(
        "The network has learned to name all ten digits. Which of them does one of its hidden units answer to?",
        "to one kind of digit",
        "to several kinds",
        "to all kinds about alike",
        answer="to several kinds",
        because={
            "to one kind of digit": "Nobody told it to. The ten scores of the second layer are for one kind each; a "
            "hidden unit may help many of them. Look at the bars of several units.",
            "to several kinds": "Its answer goes into all ten scores, for some and against others. What the network "
            "knows of a digit is spread over sixteen such answers.",
            "to all kinds about alike": "Then its answer would say nothing, and the second layer could do without it. "
            "Look at the bars: they differ.",
        },
        see={"unit": 7},
    ),
)
def one_unit(unit, digit):
    """One hidden unit at work: pixel times weight, added up."""
    weight, bias = reader()[0][unit - 1], reader()[1][unit - 1]
    products = digit.ravel() * weight
    z = products.sum() + bias
    every = np.maximum(IMAGES.reshape(-1, 64) @ weight + bias, 0)
    mean = np.array([every[kind == KINDS].mean() for kind in range(10)])
    rows, columns = np.indices((8, 8)).reshape(2, -1)
    place = {"row": rows, "column": columns}
    known = next((name for name, image in STORED.items() if np.array_equal(image, digit)), "your own digit")
    most = np.abs(reader()[0]).max()
    told = f"z = {number_text(products[products > 0].sum())} − {number_text(-products[products < 0].sum())} "
    told += f"{'+' if bias >= 0 else '−'} {number_text(abs(bias))} = {number_text(z)}"
    return Frame(
        tables={
            "image": place | {"ink": digit.ravel()},
            "weights": place | {"value": (weight / most).round(2)},
            "products": place | {"value": (products / most).round(2)},
            "kinds": {"kind": [str(kind) for kind in range(10)], "mean": np.minimum(mean, 8)},
            "now": {"answer": [min(max(z, 0), 8.0)]},
        },
        says=f"Unit {unit} reads {known}: {told}, and after ReLU {number_text(max(z, 0.0))}. To new digits it answers "
        f"most, on average, if they are {named(mean.argmax())}, least if they are {named(mean.argmin())}.",
    )


def pixels(name, value, colours):
    """An 8 × 8 image."""
    scale = {axis: alt.Scale(domain=ends, nice=False) for axis, ends in (("x", (-0.5, 7.5)), ("y", (7.5, -0.5)))}
    edges = {"left": "datum.column - 0.5", "right": "datum.column + 0.5"}
    edges |= {"top": "datum.row - 0.5", "bottom": "datum.row + 0.5"}
    x, y = alt.X("left:Q", axis=None, scale=scale["x"]), alt.Y("top:Q", axis=None, scale=scale["y"])
    cells = alt.Chart(table(name)).transform_calculate(**edges).mark_rect()
    return cells.encode(x=x, x2="right", y=y, y2="bottom", color=alt.Color(f"{value}:Q", scale=colours, legend=None))


@one_unit.chart
def one_unit_chart():
    signed = alt.Scale(domain=(-1, 0, 1), range=[LIGHT["loss"], "#fff", LIGHT["input"]], clamp=True)
    grey = alt.Scale(domain=(0, 1), range=["#fff", "#000"])
    white = {"fill": "#fff", "stroke": None}
    height = alt.Y("mean:Q", title="answer", scale=alt.Scale(domain=(0, 8), nice=False), axis=alt.Axis(tickCount=4))
    kinds = alt.X("kind:N", sort=None, title="kind of digit", axis=alt.Axis(labelAngle=0))
    bars = alt.Chart(table("kinds")).mark_bar(color=LIGHT["activation"]).encode(x=kinds, y=height)
    now = alt.Chart(table("now")).mark_rule(color=LIGHT["ink"], strokeWidth=2, strokeDash=[5, 3])
    now = now.encode(y=alt.Y("answer:Q", scale=alt.Scale(domain=(0, 8), nice=False)))
    return [
        pixels("products", "value", signed)
        .properties(width=250, height=250, title="Ink × weight: blue for, vermilion against")
        .configure_view(**white),
        [
            pixels("weights", "value", signed)
            .properties(width=120, height=120, title="Its 64 weights")
            .configure_view(**white),
            pixels("image", "ink", grey).properties(width=120, height=120, title="The digit").configure_view(**white),
        ],
        (bars + now).properties(width=230, height=200, title="Its mean answers (dashes: to this digit)"),
    ]


# A layer that draws a curve -------------------------------------------------------------------------------------------

X = np.linspace(0, 1, 121)
UNITS = [1, 2, 3, 4, 6, 8, 12, 16, 24, 32]
MIDDLES, HEIGHTS = [0.2, 0.35, 0.5, 0.65, 0.8], [-0.9, -0.3, 0.3, 0.9]


def curve(x, middle, height):
    """A gentle wave with a hill, or a valley, at `middle`."""
    return 0.25 * np.sin(2 * np.pi * x) * (1 - np.exp(-30 * (x - middle) ** 2)) + height * np.exp(
        -30 * (x - middle) ** 2
    )


@live(
    units=Slider(UNITS, value=3, label="hidden units"),
    bend=Choice("step", "ReLU", label="activation"),
    middle=Slider(MIDDLES, value=0.65, label="the hill's place", between=True),
    peak=Slider(HEIGHTS, value=0.9, label="the hill's height", between=True),
    drag=Handle(x="middle", y="peak"),
    predict=Predict(
        "You double the units, from 16 to 32. What becomes of the largest gap between the curve and the drawing?",
        "half, with both activations",
        "half with steps, about a quarter with ReLUs",
        "a quarter, with both activations",
        answer="half with steps, about a quarter with ReLUs",
        because={
            "half, with both activations": "Right for steps: stairs half as wide are half as high. But where stairs "
            "miss by the slope, straight pieces miss only by how much the curve bends.",
            "half with steps, about a quarter with ReLUs": "A stair misses by its height, which halves. A straight "
            "piece misses by how far the curve bulges from it, and over half the width it bulges a quarter as far.",
            "a quarter, with both activations": "Right for ReLUs, whose straight pieces follow the slope. A stair is "
            "level: half as wide, it misses half as much.",
        },
        see={"units": 32, "bend": "ReLU"},
    ),
)
def many_bends(units, bend, middle, peak):
    """How wide must a layer be? Hidden units that draw a curve together."""
    kind = bend.lower()

    def f(x):
        return curve(x, middle, peak)

    b, v, c = placed(f, units, kind)
    kinks = -b
    x = np.sort(np.concatenate([X, kinks, kinks - 1e-9]))  # just before each jump, and at it
    drawn, target = hidden(x, b, kind) @ v + c, f(x)
    end = v if kind == "step" else v * (1 - kinks)  # what each unit adds at x = 1
    at = hidden(kinks, b, kind) @ v + c
    miss = np.abs(drawn - target).max()
    name = {"step": "step", "relu": "ReLU"}[kind] + ("" if units == 1 else "s")
    word = "hill" if peak > 0 else "valley"
    return Frame(
        tables={
            "curve": {"x": np.clip(x, 0, 1), "target": target, "drawn": np.clip(drawn, -1.5, 1.5)},
            "hill": {"x": [middle], "y": [peak]},
            "kinks": {"x": kinks, "y": np.clip(at, -1.5, 1.5)},
            "parts": {
                "x": np.column_stack([0 * kinks, kinks, kinks, 1 + 0 * kinks]).ravel(),
                "unit": np.repeat(np.arange(units), 4),
                "y": np.column_stack([0 * v, 0 * v, v if kind == "step" else 0 * v, end]).ravel(),
                "corner": np.tile(np.arange(4), units),
            },
        },
        says=f"{units} {name} and a {word} of height {number_text(peak)} at {number_text(middle)}: the drawing "
        f"is off by at most {number_text(miss)}. {3 * units + 1} parameters.",
    )


@many_bends.chart
def many_bends_chart():
    x = alt.X("x:Q", title="input x", scale=alt.Scale(domain=(0, 1), nice=False), axis=alt.Axis(tickCount=5))
    scale = alt.Scale(domain=(-1.5, 1.5), nice=False)
    y = alt.Y("target:Q", title="output", scale=scale, axis=alt.Axis(tickCount=5))
    plot = alt.Chart(table("curve"))
    curve_ = plot.mark_line(color=LIGHT["ink"], strokeWidth=1.5, strokeDash=[5, 3]).encode(x=x, y=y)
    drawn = plot.mark_line(color=LIGHT["activation"], strokeWidth=2.5).encode(x=x, y=alt.Y("drawn:Q", scale=scale))
    kinks = alt.Chart(table("kinks")).mark_point(color=LIGHT["weight"], filled=True, size=36, opacity=1)
    hill = alt.Chart(table("hill")).mark_point(color=LIGHT["ink"], size=160, strokeWidth=2, opacity=1)
    parts = alt.Chart(table("parts")).mark_line(color=LIGHT["activation"], strokeWidth=1.2, opacity=0.7, clip=True)
    tall = alt.Y("y:Q", title="adds", scale=alt.Scale(domain=(-3, 3), nice=False), axis=alt.Axis(tickCount=3))
    point = {"x": x, "y": alt.Y("y:Q", scale=scale)}
    return [
        (curve_ + drawn + kinks.encode(**point) + hill.encode(**point)).properties(
            width=360, height=300, title="The curve (dashed) and what the layer draws"
        ),
        parts.encode(x=x, y=tall, detail="unit:N", order="corner:Q").properties(
            width=250, height=220, title="What each hidden unit adds"
        ),
    ]
