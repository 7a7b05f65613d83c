"""Figures for the tests of live figures only: a crowded one, one with every kind of control, one that fails."""

import altair as alt
import numpy as np

from dlbook.live import Choice, Digit, Field, Frame, Handle, Predict, Sentence, Slider, Switch, Time, live, table

SIDE = (np.arange(50) + 0.5) / 50
CELLS = {name: values.ravel() for name, values in zip("xy", np.meshgrid(SIDE, SIDE), strict=True)}


@live(phase=Slider(0.0, 3.0, steps=13, value=1.5, label="phase"))
def crowd(phase):
    """2,500 cells and 400 points."""
    turns = np.linspace(0, 40, 400) + phase
    return Frame(
        tables={
            "cells": CELLS | {"value": np.sin(6 * CELLS["x"] + phase) * np.cos(5 * CELLS["y"])},
            "points": {"x": 0.5 + 0.01 * turns * np.cos(turns), "y": 0.5 + 0.01 * turns * np.sin(turns)},
        },
        says=f"The phase is {phase:g}.",
    )


@crowd.chart
def crowd_chart():
    x, y = (alt.X("x:Q", scale=alt.Scale(domain=(0, 1))), alt.Y("y:Q", scale=alt.Scale(domain=(0, 1))))
    cells = alt.Chart(table("cells")).transform_calculate(x2="datum.x + 0.02", y2="datum.y + 0.02")
    cells = cells.mark_rect().encode(x=x, x2="x2:Q", y=y, y2="y2:Q", color=alt.Color("value:Q", legend=None))
    return cells + alt.Chart(table("points")).mark_point(clip=True).encode(x=x, y=y)


@live(
    size=Slider(1, 9, value=4, label="size", unit="cm"),
    kind=Choice("line", "dots", label="kind"),
    dark=Switch(False, label="in the dark"),
    at=Time([0, 1, 10, 100], label="instant", unit="s", per_second=20),
    drag=[Handle(x="size"), Handle(y="size", panel=1)],
    predict=Predict(
        "How large?", answer=9, because="It cannot be larger.", low="Count again.", see={"size": 9, "at": 10}
    ),
)
def every_control(size, kind, dark):
    """One of each."""
    x = np.arange(4.0)
    y = size * x / 30 if kind == "line" else np.where(x == 2, np.nan, size * x / 30)
    values = np.outer(x, x) * (0.1 if dark else 0.05) + size / 100
    return Frame(
        tables={"curve": {"x": x, "y": y, "name": [kind] * 4}, "ground": Field(values, (0, 3, 0, 1))},
        says=f"Size {size}, {kind}, {'dark' if dark else 'light'}; after {{at}} the height is {{curve.y}}.",
    )


@every_control.chart
def every_control_chart():
    x = alt.X("x:Q", title="place", scale=alt.Scale(domain=(0, 10)))
    size = alt.X("x:Q", title="size", scale=alt.Scale(domain=(0, 10)))
    y = alt.Y("y:Q", title="height", scale=alt.Scale(domain=(0, 10)))
    ground = (
        alt.Chart(table("ground"))
        .mark_rect()
        .encode(x=x, x2="x2", y=y, y2="y2", color=alt.Color("value:Q", scale=alt.Scale(domain=(0, 1)), legend=None))
    )
    curve = alt.Chart(table("curve")).transform_filter("datum.x <= log(at + 1)").mark_line(point=True)
    return [(ground + curve.encode(x=size, y=y)).properties(height=200), curve.encode(x=x, y=y, color="name:N")]


STROKE = np.zeros((8, 8))
STROKE[1:7, 3] = 1.0


@live(
    digit=Digit({"a stroke": STROKE, "a bar": STROKE.T}, label="digit"),
    words=Sentence("Anna saw Ben", "Ben saw Anna", vocabulary=["Anna", "Ben", "saw"], words=3, label="sentence"),
)
def your_own(digit, words):
    """What the reader made."""
    ink = digit.sum(axis=0)
    where = ", ".join(str(column + 1) for column in np.flatnonzero(ink))
    letters = [len(word) for word in words.split()]
    return Frame(
        tables={"ink": {"column": range(8), "ink": ink}, "letters": {"word": range(3), "letters": letters}},
        says=f"{words}: {ink.sum():.1f} pixels of ink, in columns {where}.",
    )


@your_own.chart
def your_own_chart():
    y = alt.Y("ink:Q", scale=alt.Scale(domain=(0, 8)))
    letters = alt.Chart(table("letters")).mark_bar()
    return [
        alt.Chart(table("ink")).mark_bar().encode(x="column:O", y=y),
        letters.encode(x="word:O", y=alt.Y("letters:Q", scale=alt.Scale(domain=(0, 8)))),
    ]


@live(size=Slider(0, 3, value=0, label="size"))
def failing(size):
    """Its function fails at 2."""
    if size == 2:
        raise ZeroDivisionError("size 2 is one too many")
    return Frame(tables={"curve": {"x": [0, size / 3]}}, says=f"The size is {size}.")


@failing.chart
def failing_chart():
    return alt.Chart(table("curve")).mark_point().encode(x=alt.X("x:Q", scale=alt.Scale(domain=(0, 1))))
