"""What moves on the page "Overfitting": digits that are learned by heart, while a network learns."""

from functools import cache

import altair as alt
import numpy as np

from dlbook.live import Choice, Frame, Handle, Predict, Slider, Time, live, table
from dlbook.pages.backprop.overfitting.experiment import BOOK, descend, pool, scores, spoiled
from dlcore import data
from dlcore.palette import LIGHT

COUNT, CHOOSE = 200, 100  # digits to learn from, and to stop by
STEPS = [10, 25, 50, 75, 100, 150, 200, 300, 400, 600, 800, 1000, 1200]
REMEDIES = {
    "none": {},
    "early stopping": {},
    "weight decay": {"decay": 0.03},
    "dropout": {"drop": 0.5},
    "shifted copies": {"reach": 0.5},
}
COLUMNS, ROWS = 5, 4
WIDE, HIGH = 12, 13.6  # of each small picture, with its margin and its words, in pixels of the digits
LINES = {"as labelled": "input", "new digits": "activation", "wrong labels": "loss"}
GREY = ["#fff", "#000"]  # ink dark on light paper, in both themes


SEED = 24  # of the order in which labels are shuffled


@cache
def digits(share):
    """Images (1, N, 64), labels, truths (N,): the last CHOOSE are to stop by. The 7 of the book is shuffled first."""
    (images, labels), book = pool()[0], data.digits(standardise=False).test
    rows = np.random.default_rng(2).permutation(len(labels))[: COUNT + CHOOSE]
    x, true, first = images[rows], labels[rows], shuffled_first()[0]
    x[first], true[first] = book.x[BOOK].ravel(), book.y[BOOK]
    parts = (true[:COUNT], true[COUNT:])
    y = np.concatenate([spoiled(part, share, "shuffled", np.random.default_rng(SEED)) for part in parts])
    return x[None], y, true


def shuffled_first():
    """The digits in the order in which they lose their labels."""
    return np.random.default_rng(SEED).permutation(COUNT)


def shown():
    """Which digits are shown: spread over that order, so that of these as many are shuffled as of all."""
    return shuffled_first()[:: COUNT // (COLUMNS * ROWS)]


@cache
def learned(share, units, remedy):
    """What a network names (STEPS, COUNT), and in per cent (STEPS, 3): its labels, new digits, wrong labels."""
    (x, y, true), (new_x, new_y), best = digits(share), pool()[1], -1
    answers, percent = [], []
    for step, weights in descend(x[:, :COUNT], y[None, :COUNT], units, STEPS[-1], **REMEDIES[remedy]):
        if step not in STEPS:
            continue
        named, new = scores(weights, x[0]).argmax(2)[0], scores(weights, new_x).argmax(2)[0]
        right = np.mean(named[COUNT:] == y[COUNT:])
        if remedy != "early stopping" or right > best:
            best = right
            by_label, wrong = named[:COUNT] == y[:COUNT], (y != true)[:COUNT]
            heart = by_label[wrong].mean() if wrong.any() else 0
            now = named[:COUNT], 100 * np.array([by_label.mean(), np.mean(new == new_y), heart])
        answers.append(now[0])
        percent.append(now[1])
    return np.array(answers), np.array(percent)


@live(
    share=Slider([0, 20, 40, 70, 100], value=40, label="labels shuffled", unit="%"),
    units=Slider([4, 16, 64], value=16, label="hidden units"),
    remedy=Choice(*REMEDIES, label="remedy"),
    step=Time(STEPS, value=50, label="step", per_second=2),
    drag=Handle(panel=1, x="step"),
    predict=Predict(
        "All labels are shuffled: nothing connects a digit with its label. 64 hidden units, 1,200 steps, no remedy. "
        "How many of the 200 labels will the network name?",
        "about 20, by luck",
        "about half",
        "all of them",
        answer="all of them",
        because={
            "about 20, by luck": "That is how many of *new* labels it would guess. But these it has seen again and "
            "again, and it has 4,810 numbers to note them in.",
            "about half": "Half is where it stands after some 200 steps, and it goes on. As long as one label is "
            "misnamed, there is a slope that says how to mend it.",
            "all of them": "It can learn a list that has no sense. And of new digits it knows nothing. Now give it "
            "4 hidden units.",
        },
        see={"share": 100, "units": 64, "remedy": "none", "step": 1200},
    ),
)
def learned_by_heart(share, units, remedy):
    """A network learns 200 digits, and their labels, right or wrong."""
    (x, y, true), rows = digits(share / 100), shown()
    answers, percent = learned(share / 100, units, remedy)
    label, truth, named = y[rows], true[rows], answers[:, rows]  # (20,), (20,), (STEPS, 20)
    kind = np.where(named == truth, 0, np.where(named == label, 2, 1))
    tile, row, column = x[0, rows].reshape(-1, 8, 8).nonzero()
    place, when = np.arange(len(rows)), np.repeat(STEPS, len(rows))
    wrong = int((y != true)[:COUNT].sum())
    hearts = np.round(percent[:, 2] * wrong / 100).astype(int)
    return Frame(
        tables={
            "ink": {"tile": tile, "row": row, "column": column, "ink": x[0, rows].reshape(-1, 8, 8)[tile, row, column]},
            "paper": {"tile": place, "label": label, "wrong": (label != truth).astype(int)},
            "answers": {
                "step": when,
                "tile": np.tile(place, len(STEPS)),
                "named": named.ravel(),
                "kind": kind.ravel(),
            },
            "curves": {
                "step": np.tile(STEPS, 3),
                "what": np.repeat(list(LINES), len(STEPS)),
                "percent": percent.T.ravel(),
            },
            "now": {
                "own": [f"{value:.0f}" for value in percent[:, 0]],
                "new": [f"{value:.0f}" for value in percent[:, 1]],
                "heart": [str(count) for count in hearts],
            },
        },
        says=f"{share} % of the labels shuffled, {units} hidden units, remedy: {remedy}. After step {{step}} the "
        f"network names {{now.own}} % of its 200 digits as labelled and {{now.new}} % of new digits rightly. {wrong} "
        f"labels are wrong, {{now.heart}} of them learned by heart.",
    )


@learned_by_heart.chart
def learned_by_heart_chart():
    x = alt.X("left:Q", axis=None, scale=alt.Scale(domain=(-2, COLUMNS * WIDE - 2), nice=False))
    y = alt.Y("top:Q", axis=None, scale=alt.Scale(domain=(ROWS * HIGH - 1, -1), nice=False))
    corner = {"left": f"datum.tile % {COLUMNS} * {WIDE}", "top": f"floor(datum.tile / {COLUMNS}) * {HIGH}"}

    def tiles(name, **more):
        chart = alt.Chart(table(name)).transform_calculate(**corner)
        return chart.transform_calculate(
            right="datum.left + 8", bottom="datum.top + 8", middle="datum.left + 4", **more
        )

    edges = {"x": x, "x2": "right", "y": y, "y2": "bottom"}
    paper = tiles("paper").mark_rect(fill=GREY[0], opacity=1).encode(**edges)
    pixel = {"left": f"datum.tile % {COLUMNS} * {WIDE} + datum.column"}
    pixel |= {"top": f"floor(datum.tile / {COLUMNS}) * {HIGH} + datum.row"}
    ink = alt.Chart(table("ink")).transform_calculate(**pixel)
    ink = ink.transform_calculate(right="datum.left + 1", bottom="datum.top + 1").mark_rect()
    ink = ink.encode(**edges, color=alt.Color("ink:Q", scale=alt.Scale(domain=(0, 1), range=GREY), legend=None))
    kinds = alt.Scale(domain=[0, 1, 2], range=[LIGHT["activation"], LIGHT["muted"], LIGHT["loss"]])
    now = tiles("answers", below="datum.top + 11.4", word="'says ' + datum.named").transform_filter(
        "datum.step == step"
    )
    edge = alt.Stroke("kind:O", scale=kinds, legend=None)
    frames = now.mark_rect(fillOpacity=0, strokeWidth=1.2).encode(**edges, stroke=edge)
    hearts = now.transform_filter("datum.kind == 2").mark_rect(fillOpacity=0, strokeWidth=4)
    frames += hearts.encode(**edges, stroke=alt.value(LIGHT["loss"]))
    middle, below = alt.X("middle:Q", axis=None), alt.Y("below:Q", axis=None)
    says = now.mark_text(fontSize=12, fontWeight=600).encode(
        x=middle, y=below, text="word:N", color=alt.Color("kind:O", scale=kinds, legend=None)
    )
    given = tiles("paper", below="datum.top + 9.2", word="'label ' + datum.label").mark_text(fontSize=12)
    given = given.encode(x=middle, y=below, text="word:N", color=alt.condition(
        "datum.wrong == 1", alt.value(LIGHT["loss"]), alt.value(LIGHT["ink"])))  # fmt: skip

    steps = alt.X("step:Q", title="step", scale=alt.Scale(type="log", domain=(10, 1200)),
                  axis=alt.Axis(values=[10, 30, 100, 300, 1000], format="d"))  # fmt: skip
    percent = alt.Y("percent:Q", title="per cent", scale=alt.Scale(domain=(0, 100)))
    names = "{'as labelled': 'its own digits, named as labelled', 'new digits': 'new digits, named rightly', 'wrong labels': 'wrong labels, learned by heart'}[datum.label]"  # noqa: E501
    legend = alt.Legend(title=None, orient="top", direction="vertical", columns=1, labelExpr=names, labelLimit=260,
                        symbolType="stroke", symbolSize=300, symbolStrokeWidth=2.5)  # fmt: skip
    hues = alt.Scale(domain=list(LINES), range=[LIGHT[name] for name in LINES.values()])
    colour = alt.Color("what:N", sort=None, legend=legend, scale=hues)
    dash = alt.StrokeDash(
        "what:N", sort=None, legend=legend, scale=alt.Scale(domain=list(LINES), range=[[7, 3], [1, 0], [2, 2]])
    )
    curves = alt.Chart(table("curves"))
    lines = (
        curves.transform_filter("datum.step <= step")
        .mark_line(strokeWidth=2.2)
        .encode(x=steps, y=percent, color=colour, strokeDash=dash)
    )
    dots = curves.transform_filter("datum.step == step").mark_point(filled=True, size=70, opacity=1)
    dots = dots.encode(x=steps, y=percent, color=alt.Color("what:N", scale=hues, legend=None))
    return [
        (paper + ink + frames + given + says).properties(
            width=350, height=330, title="Twenty of its digits. Framed thick: learned by heart"
        ),
        (lines + dots).properties(width=270, height=220, title="Step by step"),
    ]
