"""What moves on the page "Feedforward on tables": a table that grows and shrinks, and who reads it best."""

from functools import cache

import altair as alt
import numpy as np

from dlbook.live import Choice, Frame, Handle, Predict, Slider, live, table
from dlbook.pages.architectures.feedforward_on_tables.experiment import contest, drawn
from dlcore.palette import LIGHT

NAME, ROWS, NOISE = "breast cancer", (40, 80, 160), (0, 10, 30, 100)
WHO = {"linear": "linear", "nearest rows": "nearest", "boosted trees": "trees", "network": "network"}
MEASURED, TALL, WIDE = 30, 4, 3  # columns of the table; rows and columns that one tile of the picture stands for
MOST = 60  # the axis ends here


@cache
def left(rows, noise, columns):
    """What each contender leaves of the error of a guess: (draws,) each."""
    return contest(NAME, rows, noise, columns, draws=4, who=tuple(WHO), folds=1)


@cache
def tiles(rows, noise, columns):
    """One cell in twelve of the table, as a tile: where it lies, and its number."""
    x = drawn(NAME, 0, rows, noise, columns).x
    top, across = np.arange(0, rows, TALL), np.arange(0, MEASURED + noise, WIDE)
    y, x0 = (part.ravel() for part in np.meshgrid(top, across - MEASURED, indexing="ij"))
    return {
        "left": x0,
        "right": np.minimum(x0 + WIDE, noise),
        "top": y,
        "bottom": y + TALL,
        "value": x[np.ix_(top, across)].ravel().clip(-2, 2).round(1),
    }


@live(
    rows=Slider(list(ROWS), value=80, label="rows to learn from"),
    noise=Slider(list(NOISE), value=0, label="columns of noise"),
    columns=Choice("as measured", "mixed", label="columns"),
    drag=Handle(x="noise", y="rows"),
    predict=Predict(
        "A hundred columns of dice join the thirty that were measured, at 80 rows. Who loses least?",
        "the nearest rows",
        "the boosted trees",
        "the network",
        answer="the boosted trees",
        because={
            "the nearest rows": "They lose most. Distances count all columns alike, and now most are dice.",
            "the boosted trees": "A tree looks at one column at a time and takes the one that helps most. The others "
            "could stay where they are. Now mix the columns.",
            "the network": "Its first layer weighs all columns, and each weight of a die is one more thing to learn by "
            "heart. A tree takes only the column that helps most.",
        },
        see={"rows": 80, "noise": 100, "columns": "as measured"},
    ),
)
def who_falls_first(rows, noise, columns):
    """Stretch the table: who reads it best?"""
    how = "mixed" if columns == "mixed" else "standardised"
    found, before = left(rows, noise, how), left(rows, 0, "standardised")
    means = {one: round(float(found[one].mean())) for one in WHO}
    order = sorted(WHO, key=lambda one: found[one].mean())
    ends = np.array([[found[one].min(), found[one].max()] for one in WHO])
    dice = f" and {noise} of dice" * bool(noise)
    mixed = ", all mixed with one another" * (columns == "mixed")
    told = ", ".join(f"{WHO[one]} {means[one]} %" for one in order)
    return Frame(
        tables={
            "tiles": tiles(rows, noise, how),
            "edge": {"left": -MEASURED, "middle": 0, "right": noise, "bottom": rows},
            "ranking": {
                "who": [WHO[one] for one in WHO],
                "mean": [found[one].mean().round(1) for one in WHO],
                "low": ends[:, 0].round(1),
                "high": ends[:, 1].clip(max=MOST).round(1),
                "before": [before[one].mean().round(1) for one in WHO],
                "label": [f"{means[one]} %" for one in WHO],
            },
        },
        says=f"{rows} rows, {MEASURED} columns that were measured{dice}{mixed}. What is left of the error of a guess: "
        f"{told}.",
    )


@who_falls_first.chart
def who_falls_first_chart():
    x = {"scale": alt.Scale(domain=(-MEASURED, 105), nice=False)}
    y = alt.Y("top:Q", title="rows to learn from", scale=alt.Scale(domain=(168, 0), nice=False))
    ticks = alt.Axis(values=[-30, 0, 30, 100], labelExpr="datum.value < 0 ? '' : datum.value", grid=False)
    across = alt.X("left:Q", title="30 measured | columns of noise", axis=ticks, **x)
    tints = alt.Scale(domain=(-2, 0, 2), range=[LIGHT["loss"], LIGHT["paper"], LIGHT["input"]])
    cells = (
        alt.Chart(table("tiles"))
        .mark_rect(clip=True)
        .encode(x=across, x2="right", y=y, y2="bottom", color=alt.Color("value:Q", scale=tints, legend=None))
    )
    edge = alt.Chart(table("edge")).transform_calculate(top="0")
    frame = edge.mark_rect(fillOpacity=0, stroke=LIGHT["ink"], strokeWidth=2).encode(
        x=alt.X("left:Q", **x), x2="right", y=y, y2="bottom"
    )
    split = edge.transform_filter("columns == 'as measured'").mark_rule(color=LIGHT["ink"], strokeWidth=2)
    split = split.encode(x=alt.X("middle:Q", **x), y=y, y2="bottom")
    ranking = alt.Chart(table("ranking"))
    names = alt.Y("who:N", title=None, sort=list(WHO.values()), axis=alt.Axis(labelFontSize=13, grid=False))
    scale = alt.Scale(domain=(0, MOST), nice=False)
    title = "left of a guess's error (%)"
    span = ranking.mark_rule(color=LIGHT["loss"], strokeWidth=2, clip=True).encode(
        x=alt.X("low:Q", title=title, scale=scale), x2="high", y=names
    )
    dot = ranking.mark_point(filled=True, size=110, opacity=1, color=LIGHT["loss"], clip=True)
    dot = dot.encode(x=alt.X("mean:Q", scale=scale), y=names)
    ghost = ranking.mark_point(size=110, color=LIGHT["muted"], shape="diamond", strokeWidth=1.5, clip=True)
    ghost = ghost.encode(x=alt.X("before:Q", scale=scale), y=names)
    label = ranking.mark_text(dy=-15, fontSize=13, color=LIGHT["ink"], clip=True)
    label = label.encode(x=alt.X("mean:Q", scale=scale), y=names, text="label:N")
    return [
        (cells + frame + split).properties(width=320, height=250, title="The table, one cell in twelve"),
        (span + ghost + dot + label).properties(width=250, height=230, title="Diamond: without noise, not mixed"),
    ]
