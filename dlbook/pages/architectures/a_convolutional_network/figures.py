"""What moves on the page "A convolutional network": a digit on its way from pixels to softmax, every map in view."""

from functools import cache

import altair as alt
import numpy as np

from dlbook.live import Digit, Frame, Handle, Predict, Slider, live, table
from dlbook.pages.architectures.a_convolutional_network.experiment import BOOK, STEPS, digits, maps, trained
from dlcore.palette import LIGHT

IMAGES, KINDS = digits("test")


def named(kind):
    """A digit with its article."""
    return "an 8" if kind == 8 else f"a {kind}"


#: the digits to look at: name → row of the test set; the 7 is the book's
SHOWN = {named(kind): np.flatnonzero(KINDS == kind)[2] for kind in range(10)}
SHOWN[named(KINDS[BOOK])] = BOOK
SHOWN["an 8"] = np.flatnonzero(np.isin(KINDS, (3, 8)))[40]  # the plain 8 of "What deep learning is"
STORED = {name: IMAGES[row, 0] for name, row in SHOWN.items()}

CELL = 0.1  # the side of a pixel, where the first maps stand one apart
TOPS = {"digit": 0.0, "first": 1.6, "pooled": 2.55, "second": 3.1, "last": 3.65, "shares": 4.25}
SPAN = (-1.32, 6.5), (5.6, -0.1)  # of the drawing, across and down
SHAPES = {
    "digit": "1 × 8 × 8",
    "first": "6 × 8 × 8",
    "pooled": "6 × 4 × 4",
    "second": "12 × 4 × 4",
    "last": "12 × 2 × 2",
    "shares": "10",
}


def percent(share):
    """A share in words that stay true when it is rounded."""
    if share < 0.005:
        return "under 1 %"
    return "over 99 %" if share > 0.995 else f"{100 * share:.0f} %"


@cache
def score(steps, silenced):
    """How many of the test digits are named rightly with one map silenced, or none."""
    shares = maps(trained(steps), IMAGES, (silenced - 1,) if silenced else ()).shares
    return int((shares.argmax(1) == KINDS).sum())


@cache
def brightest(steps):
    """For each layer the answer that is drawn darkest: one in two hundred places of the test set passes it."""
    seen = maps(trained(steps), IMAGES)
    return {name: float(np.quantile(getattr(seen, name), 0.995)) for name in ("first", "pooled", "second", "last")}


def cells(name, stack, side, limit):
    """The places of a layer's maps that answer: corner, side and shade, in steps of a sixteenth."""
    shade = np.round(16 * np.clip(stack / limit, 0, 1)) / 16
    number, row, column = np.nonzero(shade)
    x = place(name, len(stack), side * stack.shape[2])[number] + side * column
    return [x.round(3), (TOPS[name] + side * row).round(3), np.full(len(x), side), shade[number, row, column]]


def place(name, count, width):
    """Left edges of a layer's maps: those of the first layer at 1 to 6, the second's in pairs about them."""
    if name == "digit":
        return np.array([3.5 - width / 2])
    middles = np.arange(1, 7) if count == 6 else np.repeat(np.arange(1, 7), 2) + np.tile([-0.23, 0.23], 6)
    return middles - width / 2


def squares():
    """The empty maps, and the paper under the digit: edges of every square."""
    rows = [("digit", 1, 1.2), ("first", 6, 0.8), ("pooled", 6, 0.4), ("second", 12, 0.4), ("last", 12, 0.2)]
    left = np.concatenate([place(name, count, width) for name, count, width in rows]).round(3)
    counts = [count for _, count, _ in rows]
    top = np.repeat([TOPS[name] for name, _, _ in rows], counts)
    width = np.repeat([width for _, _, width in rows], counts)
    return {"x": left, "x2": (left + width).round(3), "y": top, "y2": (top + width).round(3)}


@live(
    digit=Digit(STORED, value="a 7", label="digit"),
    silenced=Slider(0, 6, value=0, label="map silenced (0: none)"),
    steps=Slider(list(STEPS), value=STEPS[-1], label="training steps"),
    drag=Handle(x="silenced"),
    predict=Predict(
        "Six maps read the 7. After training you silence the strongest, then, instead, map 5, the faintest. "
        "When does the answer change?",
        "without the strongest",
        "without the faintest",
        "without either: each is needed",
        answer="without the faintest",
        because={
            "without the strongest": "A map is drawn as its filter answers. What later layers make of the answer is up "
            "to their weights, and those may be small.",
            "without the faintest": "A map's colour says how strongly its filter answers, not how much the next "
            "layers rely on it.",
            "without either: each is needed": "The others often say enough. Silence each in turn, and watch the bars.",
        },
        see={"digit": "a 7", "silenced": 5},
    ),
)
def pixel_to_softmax(digit, silenced, steps):
    """From pixels to softmax: a digit goes through a network, and every map answers."""
    seen = maps(trained(steps), digit[None, None].astype(np.float32), (silenced - 1,) if silenced else ())
    limits, shares = brightest(steps), seen.shares[0]
    parts = [cells(name, getattr(seen, name)[0], CELL, limits[name]) for name in limits]
    x, y, side, shade = (np.concatenate(each) for each in zip(*parts, strict=True))
    pixel = cells("digit", digit[None], 1.5 * CELL, 1.0)
    known = next((name for name, image in STORED.items() if np.array_equal(image, digit)), "your own digit")
    told = "Before training" if steps == 0 else f"After {steps} steps"
    told += f", with map {silenced} silenced" if silenced else ""
    order = np.argsort(-shares)
    return Frame(
        tables={
            "ink": dict(zip(("x", "y", "side", "shade"), pixel, strict=True)),
            "cells": {"x": x, "y": y, "side": side, "shade": shade},
            "shares": {"kind": np.arange(10), "share": shares.round(3)},
            "silenced": {"at": [silenced], "on": [int(silenced > 0)]},
            "squares": squares(),
            "shapes": {
                "x": [-1.3] * len(SHAPES),
                "y": [top + 0.13 for top in TOPS.values()],
                "text": list(SHAPES.values()),
            },
            "numbers": {"x": np.arange(1, 7), "y": [TOPS["first"] - 0.13] * 6, "number": np.arange(1, 7)},
        },
        says=f"{told}, the network takes {known} for {named(order[0])} ({percent(shares[order[0]])}; next, "
        f"{named(order[1])}: {percent(shares[order[1]])}). It names {score(steps, silenced)} of "
        f"{len(KINDS)} new digits rightly.",
    )


@pixel_to_softmax.chart
def pixel_to_softmax_chart():
    across, down = (alt.Scale(domain=ends, nice=False) for ends in SPAN)
    x, y = alt.X("x:Q", axis=None, scale=across), alt.Y("y:Q", axis=None, scale=down)
    box = {"x": x, "x2": "x2", "y": y, "y2": "y2"}
    corner = {"x2": "datum.x + datum.side", "y2": "datum.y + datum.side"}
    dark = alt.Opacity("shade:Q", scale=alt.Scale(domain=(0, 1), range=[0, 1]), legend=None)
    edges = alt.Chart(table("squares"))
    paper = edges.mark_rect(fill="#fff", opacity=1).encode(**box)
    numbers = alt.Chart(table("numbers")).mark_text(fontSize=12, color=LIGHT["ink"])
    numbers = numbers.encode(x=x, y=y, text="number:N")
    ink = alt.Chart(table("ink")).transform_calculate(**corner).mark_rect(color="#000").encode(**box, opacity=dark)
    empty = edges.mark_rect(filled=False, stroke=LIGHT["muted"], strokeWidth=0.7).encode(**box)
    answers = alt.Chart(table("cells")).transform_calculate(**corner)
    answers = answers.mark_rect(color=LIGHT["activation"]).encode(**box, opacity=dark)
    off = {"x": "datum.at - 0.4", "x2": "datum.at + 0.4", "y": f"{TOPS['first']}", "y2": f"{TOPS['first']} + 0.8"}
    silenced = alt.Chart(table("silenced")).transform_filter("datum.on == 1").transform_calculate(**off)
    silenced = silenced.mark_rect(filled=False, stroke=LIGHT["loss"], strokeWidth=3, strokeDash=[5, 3]).encode(**box)
    shapes = alt.Chart(table("shapes")).mark_text(align="left", fontSize=12, color=LIGHT["ink"])
    shapes = shapes.encode(x=x, y=y, text="text:N")
    bar = {
        "x": "0.85 + datum.kind * 0.55",
        "x2": "1.25 + datum.kind * 0.55",
        "y2": "5.25",
        "y": "5.25 - datum.share",
    }
    bars = alt.Chart(table("shares")).transform_calculate(**bar).mark_rect(color=LIGHT["activation"]).encode(**box)
    under = alt.Chart(table("shares")).transform_calculate(x="1.05 + datum.kind * 0.55", y="5.43")
    under = under.mark_text(fontSize=13, color=LIGHT["ink"]).encode(x=x, y=y, text="kind:N")
    return (paper + ink + empty + answers + silenced + shapes + numbers + bars + under).properties(
        width=420, height=306, title="Drag the grip to silence a map"
    )
