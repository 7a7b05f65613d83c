"""What moves on the page "Outputs": digits that a network is sure of, and the temperature of its scores."""

from functools import cache

import altair as alt
import numpy as np

from dlbook.live import Choice, Frame, Predict, Slider, live, number_text, table
from dlbook.pages.activations.outputs.experiment import PASSES, images, learned, softmax
from dlcore.palette import LIGHT
from dlcore.train import calibration, calibration_error

SETTING = {"lesson": "ten digits", "rate": 0.01, "seed": 0}  # the rate that the page's experiment chooses
#: name -> above which share, up to which
BANDS = {
    "under 50 %": (0, 0.5),
    "50 to 70 %": (0.5, 0.7),
    "70 to 90 %": (0.7, 0.9),
    "90 to 99 %": (0.9, 0.99),
    "over 99 %": (0.99, 1),
}
COLUMNS, ROWS = 5, 4  # of small pictures
WIDE, HIGH = 14, 17  # of each, with its margin and its words, in pixels of the digits
GREY = ["#fff", "#000"]  # ink dark on light paper, in both themes


@cache
def answers(passes, **setting):
    """Logits (N, K) for the validation and for the test images after so many passes."""
    valid, test = learned(**(SETTING | setting))
    return valid[passes - 1], test[passes - 1]


def surest(z):
    """Of logits (N, K): the class named, and its share, (N,) each."""
    return z.argmax(1), softmax(z).max(1)


@live(
    sure=Choice(*BANDS, value="50 to 70 %", label="how sure it is"),
    passes=Slider([10, 20, PASSES], value=10, label="passes through the training set"),
    predict=Predict(
        "After 40 passes the network is 90 to 99 % sure of 70 of the 359 digits. How many does it name rightly?",
        "66 or 67",
        "about 57",
        "about 48",
        answer="about 48",
        because={
            "66 or 67": "That would be as often as it says. But nobody made it keep its word: it was trained on other "
            "digits, and those it has nearly all right.",
            "about 57": "A little too sure: that one could forgive. It is worse.",
            "about 48": "It says 96 % on average, and is right about two in three. After 10 passes its word was worth "
            "more, and it named fewer digits rightly.",
        },
        see={"sure": "90 to 99 %", "passes": PASSES},
    ),
)
def how_sure(sure, passes):
    """Digits that the network has never seen, by how sure it is. Framed: misread."""
    (x, y), (_, z) = images()[2], answers(passes)
    named, share = surest(z)
    low, high = BANDS[sure]
    group = np.flatnonzero((share > low) & (share <= high))
    right = named == y
    shown = group[: COLUMNS * ROWS]
    words = [f"“{k}”" if k == truth else f"“{k}”, is {truth}" for k, truth in zip(named[shown], y[shown], strict=True)]
    place = np.arange(len(shown))
    left, top = place % COLUMNS * WIDE, place // COLUMNS * HIGH
    tile, row, column = x[shown].reshape(-1, 12, 12).nonzero()
    more = f". Here are the first {len(shown)} of the group" if len(shown) < len(group) else ""
    says, is_right = 100 * share[group].mean(), 100 * right[group].mean()
    return Frame(
        tables={
            "paper": {
                "left": left,
                "top": top,
                "wrong": (~right[shown]).astype(int),
                "word": words,
            },
            "ink": {
                "left": left[tile] + column,
                "top": top[tile] + row,
                "ink": x[shown].reshape(-1, 12, 12)[tile, row, column],
            },
            "bars": {
                "what": ["it says", "it is right"],
                "percent": [says, is_right],
                "text": [f"{says:.1f} %", f"{is_right:.0f} %"],
            },
        },
        says=f"After {passes} passes the network is {sure} sure of {len(group)} digits. On average it says {says:.1f} "
        f"%, and is right about {right[group].sum()}, {is_right:.0f} %. Of all {len(y)} it names "
        f"{100 * right.mean():.0f} % rightly{more}.",
    )


@how_sure.chart
def how_sure_chart():
    x = alt.X("left:Q", axis=None, scale=alt.Scale(domain=(-1, COLUMNS * WIDE - 1), nice=False))
    y = alt.Y("top:Q", axis=None, scale=alt.Scale(domain=(ROWS * HIGH - 1, -1), nice=False))
    tiles = alt.Chart(table("paper")).transform_calculate(
        right="datum.left + 12", bottom="datum.top + 12", middle="datum.left + 6", below="datum.top + 14.2"
    )
    edge = alt.Stroke("wrong:O", scale=alt.Scale(domain=[0, 1], range=[LIGHT["muted"], LIGHT["loss"]]), legend=None)
    width = alt.StrokeWidth("wrong:O", scale=alt.Scale(domain=[0, 1], range=[1, 3]), legend=None)
    paper = tiles.mark_rect(fill=GREY[0]).encode(x=x, x2="right", y=y, y2="bottom", stroke=edge, strokeWidth=width)
    ink = alt.Chart(table("ink")).transform_calculate(right="datum.left + 1", bottom="datum.top + 1").mark_rect()
    grey = alt.Color("ink:Q", scale=alt.Scale(domain=(0, 1), range=GREY), legend=None)
    ink = ink.encode(x=x, x2="right", y=y, y2="bottom", color=grey)
    frame = tiles.mark_rect(fillOpacity=0).encode(x=x, x2="right", y=y, y2="bottom", stroke=edge, strokeWidth=width)
    colour = alt.Color("wrong:N", scale=alt.Scale(domain=[0, 1], range=[LIGHT["ink"], LIGHT["loss"]]), legend=None)
    middle, below = alt.X("middle:Q", axis=None), alt.Y("below:Q", axis=None)
    words = tiles.mark_text(fontSize=12).encode(x=middle, y=below, text="word:N", color=colour)
    what = alt.Y("what:N", sort=None, title=None)
    percent = alt.X("percent:Q", title="per cent", scale=alt.Scale(domain=(0, 115)), axis=alt.Axis(values=[0, 50, 100]))
    pair = alt.Color(
        "what:N",
        legend=None,
        scale=alt.Scale(domain=["it says", "it is right"], range=[LIGHT["activation"], LIGHT["input"]]),
    )
    bars = alt.Chart(table("bars")).mark_bar().encode(x=percent, y=what, color=pair)
    numbers = alt.Chart(table("bars")).mark_text(align="left", dx=4, color=LIGHT["ink"])
    return [
        (paper + ink + frame + words).properties(width=350, height=340),
        (bars + numbers.encode(x=percent, y=what, text="text:N")).properties(
            width=230, height=90, title="All digits of this group"
        ),
    ]


#: row of the test set -> its name; the first is the 7 of the book
SHOWN = {"a 7": 6, "a 9": 131}
#: name -> the setting, and after how many passes it ends
NETWORKS = {
    "two hidden layers, 40 passes": ({}, PASSES),
    "the same, stopped after 10": ({}, 10),
    "the same, places drawn anew": ({"anew": True}, PASSES),
}


@live(
    temperature=Slider(0.25, 4.0, log=True, steps=25, value=1.0, label="temperature T", between=True),
    network=Choice(*NETWORKS, value="two hidden layers, 40 passes", label="network"),
    digit=Choice(*SHOWN, value="a 7", label="digit"),
    bins=Choice("5", "10", "20", value="10", label="bins"),
    predict=Predict(
        "The cross stands for all 359 digits: mean confidence to the right, share named rightly upwards. You raise the "
        "temperature from 1 to 4. Which way does the cross go?",
        "to the left",
        "to the left and down",
        "to the left and up",
        answer="to the left",
        because={
            "to the left": "All scores of a digit are divided by the same number, so the largest stays the largest: "
            "the same digits are named. Only the confidence changes.",
            "to the left and down": "For that it would have to name other digits than before. But divided by the same "
            "number, the largest score stays the largest.",
            "to the left and up": "Then it would have got better at reading. Less sure it becomes, and about the very "
            "same answers.",
        },
        see={"temperature": 4},
    ),
)
def softmax_temperature(temperature, network, digit, bins):
    """Temperature: one digit's ten shares, and whether all 359 are as sure as they are right."""
    setting, passes = NETWORKS[network]
    (x, y), (_, z) = images()[2], answers(passes, **setting)
    p, row = softmax(z, temperature), SHOWN[digit]
    found = calibration(p, y, int(bins))
    there = found.examples > 0
    right, sure = (p.argmax(1) == y).mean(), p.max(1).mean()
    named = int(p[row].argmax())
    said = f"It says “{named}”, {100 * p[row, named]:.1f} %."
    across, down = np.indices((12, 12)).reshape(2, -1)[::-1]
    return Frame(
        tables={
            "digit": {"row": down, "column": across, "ink": x[row]},
            "words": {"x": [13, 13], "y": [4, 7], "word": [f"It is a {y[row]}.", said]},
            "shares": {"class": [str(k) for k in range(10)], "share": p[row], "true": np.eye(10, dtype=int)[y[row]]},
            "bins": {
                "confidence": found.confidence[there],
                "right": found.accuracy[there],
                "n": found.examples[there],
            },
            "all": {"confidence": [sure], "right": [right]},
            "diagonal": {"confidence": [0, 1], "right": [0, 1]},
        },
        says=f"T = {number_text(temperature)}: it says {100 * p[row, named]:.1f} % “{named}” of this {y[row]}. Over "
        f"all {len(y)} digits it is {100 * sure:.0f} % sure and {100 * right:.0f} % right; in {bins} bins the mean gap "
        f"between the two is {100 * calibration_error(p, y, int(bins)):.1f} points.",
    )


@softmax_temperature.chart
def softmax_temperature_chart():
    x = alt.X("confidence:Q", title="confidence", scale=alt.Scale(domain=(0, 1)))
    y = alt.Y("right:Q", title="share that is right", scale=alt.Scale(domain=(0, 1)))
    diagonal = alt.Chart(table("diagonal")).mark_line(color=LIGHT["muted"], strokeDash=[5, 3]).encode(x=x, y=y)
    size = alt.Size("n:Q", scale=alt.Scale(domain=(0, 359), range=[20, 500]), legend=None)
    dots = alt.Chart(table("bins")).mark_circle(color=LIGHT["input"], opacity=0.8).encode(x=x, y=y, size=size)
    gaps = alt.Chart(table("bins")).mark_rule(color=LIGHT["loss"]).encode(x=x, y=y, y2="confidence:Q")
    cross = alt.Chart(table("all")).mark_point(shape="cross", size=170, filled=True, opacity=1, color=LIGHT["ink"])
    scales = [alt.Scale(domain=domain, nice=False) for domain in ((-0.5, 33.1), (11.5, -0.5))]  # square pixels
    edges = {"left": "datum.column - 0.5", "right": "datum.column + 0.5"}
    edges |= {"top": "datum.row - 0.5", "bottom": "datum.row + 0.5"}
    grey, seam = (
        of("ink:Q", scale=alt.Scale(domain=(0, 1), range=GREY), legend=None) for of in (alt.Color, alt.Stroke)
    )
    cells = alt.Chart(table("digit")).transform_calculate(**edges).mark_rect()
    x_cell, y_cell = alt.X("left:Q", axis=None, scale=scales[0]), alt.Y("top:Q", axis=None, scale=scales[1])
    picture = cells.encode(x=x_cell, x2="right", y=y_cell, y2="bottom", color=grey, stroke=seam)
    words = alt.Chart(table("words")).mark_text(align="left", fontSize=13, color=LIGHT["ink"])
    words = words.encode(
        x=alt.X("x:Q", axis=None, scale=scales[0]), y=alt.Y("y:Q", axis=None, scale=scales[1]), text="word:N"
    )
    name = alt.X("class:N", title="digit", axis=alt.Axis(labelAngle=0))
    share = alt.Y("share:Q", title="share", scale=alt.Scale(domain=(0, 1)))
    edge = alt.Stroke("true:O", scale=alt.Scale(domain=[0, 1], range=["transparent", LIGHT["ink"]]), legend=None)
    bars = alt.Chart(table("shares")).mark_bar(color=LIGHT["activation"], strokeWidth=2)
    return [
        (diagonal + gaps + dots + cross.encode(x=x, y=y)).properties(width=300, height=300, title="All 359 digits"),
        [
            (picture + words).properties(width=280, height=100, title="One of them"),
            bars.encode(x=name, y=share, stroke=edge).properties(width=280, height=120),
        ],
    ]
