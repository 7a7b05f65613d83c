"""What moves on the page "Which one when": the reader fills in who wins on which kind of data, and is scored."""

import altair as alt
import numpy as np

from dlbook.live import Choice, Frame, Predict, live, table
from dlbook.pages.architectures.which_one_when import experiment as lab
from dlcore.palette import LIGHT

ROWS = (*lab.KINDS, "nobody")  # of the picture, from above; the last: nobody is clearly ahead
STAGES = {"hidden": None, "columns in order": False, "columns shuffled": True}
SHAPES = {"table": (1, 10), "pictures": (12, 12), "walks": (3, 12), "notes": (10, 5)}  # as which an example is shown


def shares(shuffled):
    """Kind of data to architecture to shares right of each seed."""
    return {name: {kind: lab.contest(kind, name)[int(shuffled)] for kind in lab.KINDS} for name in lab.DATA}


def winner(found):
    """Who is ahead of all others with every seed, and by 3 points on average, or "nobody"."""
    first, second = sorted(found, key=lambda kind: -found[kind].mean())[:2]
    apart = found[first].mean() - found[second].mean() > 0.03
    return (
        first if apart and all(found[first].min() > found[kind].max() for kind in found if kind != first) else "nobody"
    )


def example(name, shuffle):
    """One example as a picture (rows, columns), from 0 to 1."""
    x = lab.dealt(name, 0, shuffle)[2][0][5]
    x = (x - x.min()) / (x.max() - x.min())
    return x.reshape(SHAPES[name]) if name in ("table", "pictures") else x.reshape(SHAPES[name][::-1]).T


def tiles(shuffle):
    """The examples, one above each column of the picture: edges of their squares, and how dark each is."""
    found = {"left": [], "top": [], "size": [], "ink": []}
    for column, name in enumerate(lab.DATA):
        picture = example(name, shuffle)
        (rows, columns), size = picture.shape, 0.075 if max(picture.shape) > 10 else 0.09
        across, down = np.arange(columns), np.arange(rows)[:, None]
        found["left"] += list((column + 0.5 + size * (across - columns / 2) + 0 * down).ravel())
        found["top"] += list((-0.62 + size * (down - rows / 2) + 0 * across).ravel())
        found["size"] += [size] * picture.size
        found["ink"] += list(picture.ravel())
    return {key: np.round(values, 3) for key, values in found.items()}


@live(
    table=Choice(*ROWS, value="MLP", label="ahead on the table"),
    pictures=Choice(*ROWS, value="MLP", label="on pictures"),
    walks=Choice(*ROWS, value="MLP", label="on walks"),
    notes=Choice(*ROWS, value="MLP", label="on notes"),
    stage=Choice(*STAGES, value="hidden", label="show"),
    predict=Predict(
        "First this: all columns are put into another order, the same for every example. Whose shares stay?",
        "everybody’s: the numbers are all still there",
        "the MLP’s, on all four kinds",
        "the Transformer’s: it may look anywhere",
        answer="the MLP’s, on all four kinds",
        because={
            "everybody’s: the numbers are all still there": "They are, but no longer where the architecture looks for "
            "them: neighbours are torn apart, steps are mixed, a key is no longer a key.",
            "the MLP’s, on all four kinds": "It never knew which columns belong together, so it loses nothing. Now "
            "fill in who is ahead while they are in order.",
            "the Transformer’s: it may look anywhere": "It may. But it compares by the same weights at every place, "
            "and in a shuffled example the columns mean something else at each place.",
        },
    ),
)
def who_fits(stage):
    """Four kinds of data, four architectures of 2,000 weights: who names most new examples rightly?"""
    shuffled = STAGES[stage]
    cells = {"column": np.repeat(np.arange(4), 5), "row": np.tile(np.arange(5), 4)}
    cells |= {"kind": np.repeat(lab.DATA, 5), "who": np.tile(ROWS, 4)}
    if shuffled is None:
        share, told, best = np.zeros(20), ["?", "?", "?", "?", ""] * 4, dict.fromkeys(lab.DATA, "?")
        says = "You say: {table} on the table, {pictures} on pictures, {walks} on walks, {notes} on notes."
    else:
        found = shares(shuffled)
        best = {name: winner(found[name]) for name in lab.DATA}
        share = np.array([[found[n][k].mean() for k in lab.KINDS] + [0] for n in lab.DATA]).ravel()
        told = [f"{100 * value:.0f} %" if value else "" for value in share]
        truth = ", ".join(f"{best[name]} on {lab.SPOKEN[name]}" for name in lab.DATA)
        says = f"With the {stage}, clearly ahead are: {truth}. You said: {{table}}, {{pictures}}, {{walks}}, {{notes}}."
    ahead = [best[name] == who for name in lab.DATA for who in ROWS]
    return Frame(
        tables={
            "cells": cells | {"share": share.round(2), "told": told, "ahead": np.array(ahead) * 1},
            "tiles": tiles(bool(shuffled)),
            "score": {"shown": [int(shuffled is not None)]} | {name: [best[name]] for name in lab.DATA},
        },
        says=says,
    )


@who_fits.chart
def who_fits_chart():
    across, down = alt.Scale(domain=(-1.15, 4)), alt.Scale(domain=(5.75, -1.55))
    x, y = alt.X("x:Q", scale=across, axis=None), alt.Y("y:Q", scale=down, axis=None)
    edges = {"x": alt.X("left:Q", scale=across, axis=None), "x2": "right:Q",
             "y": alt.Y("top:Q", scale=down, axis=None), "y2": "bottom:Q"}  # fmt: skip
    guess = " || ".join(f"(datum.kind == '{name}' && datum.who == {name})" for name in lab.DATA)
    corners = {"left": "datum.column + 0.04", "right": "datum.column + 0.96", "top": "datum.row + 0.06",
               "bottom": "datum.row + 0.94"}  # fmt: skip
    cells = alt.Chart(table("cells")).transform_calculate(
        **corners, x="datum.column + 0.5", y="datum.row + 0.5", mine=guess
    )
    picture = cells.mark_rect(fill=LIGHT["activation"], stroke=LIGHT["muted"], strokeWidth=0.5).encode(
        **edges,
        fillOpacity=alt.FillOpacity(
            "share:Q", scale=alt.Scale(domain=(0.2, 1), range=[0, 0.55], clamp=True), legend=None
        ),
    )
    picture += (
        cells.transform_filter("datum.mine")
        .mark_rect(fill=None, stroke=LIGHT["gradient"], strokeWidth=3, cornerRadius=8)
        .encode(**edges)
    )
    bold = alt.condition("datum.ahead > 0.5", alt.value(15), alt.value(12))
    picture += cells.mark_text().encode(x=x, y=y, text="told:N", size=bold)
    picture += (
        cells.transform_filter("datum.who == 'nobody' && datum.ahead > 0.5")
        .mark_text(fontSize=12)
        .encode(x=x, y=y, text=alt.value("✓"))
    )
    tile = alt.Chart(table("tiles")).transform_calculate(
        right="datum.left + datum.size", bottom="datum.top + datum.size"
    )
    picture += tile.mark_rect(stroke=LIGHT["muted"], strokeWidth=0.3, fill=LIGHT["input"]).encode(
        **edges, fillOpacity=alt.FillOpacity("ink:Q", scale=alt.Scale(domain=(0, 1), range=[0, 1]), legend=None)
    )
    heads = cells.transform_filter("datum.row == 0").transform_calculate(y="-1.35")
    picture += heads.mark_text(fontSize=13).encode(x=x, y=y, text="kind:N")
    names = cells.transform_filter("datum.column == 0").transform_calculate(x="-0.06")
    picture += names.mark_text(align="right", fontSize=12, color=LIGHT["muted"]).encode(x=x, y=y, text="who:N")
    hits = " + ".join(f"(datum.{name} == {name} ? 1 : 0)" for name in lab.DATA)
    score = alt.Chart(table("score")).transform_calculate(
        x="2", y="5.45", text=f"datum.shown ? ({hits}) + ' of your 4 are right' : 'your guesses are framed'"
    )
    picture += score.mark_text(fontSize=14, color=LIGHT["gradient"]).encode(x=x, y=y, text="text:N")
    return picture.properties(width=420, height=400, title="New examples named rightly")
