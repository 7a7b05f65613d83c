"""What moves on the page "What deep learning is": a digit, and three programs that say whether it is a 3 or an 8."""

import altair as alt
import numpy as np

from dlbook.live import Digit, Frame, Predict, Slider, Switch, live, table
from dlbook.pages.neurons.what_deep_learning_is.experiment import (
    FEATURES,
    FEW,
    describe,
    few,
    network,
    nudged,
    pair,
    weigher,
)
from dlcore import data
from dlcore.palette import LIGHT

#: row of the test set, then of the validation set: none of these digits is learned from
SHOWN = {
    "a plain 3": ("test", 42),
    "a plain 8": ("test", 40),
    "an 8 with a thin waist": ("test", 13),
    "a 3 that closes a ring": ("test", 49),
    "an 8 with filled rings": ("valid", 8),
    "an 8 with an open ring": ("valid", 17),
    "a 3 with a bar": ("test", 64),
}
STORED = {name: pair(part)[0][row] for name, (part, row) in SHOWN.items()}
TRUE = {name: "8" if pair(part)[1][row] else "3" for name, (part, row) in SHOWN.items()}
FIVE = data.digits(standardise=False).test
STORED["a 5"], TRUE["a 5"] = FIVE.x[np.flatnonzero(FIVE.y == 5)[2], 0], "5"
PROGRAMS = ("your features, weighed", "the nearest digit", "a network, from pixels")
PLACES = {"digits": (-0.5, 7.5), "features": (-1.5, 2.5), "answers": (-3, 3)}


def leads(digit, names, n):
    """How far each program leans to the 8, as a multiple of its mean lead over the digits that it learned from."""
    x, eight = few(n)
    flat, new = x.reshape(n, -1), digit.reshape(1, -1)
    far = np.sqrt(((flat - new) ** 2).sum(1))
    sides = network(flat, *nudged(n)), network(new, *nudged(n))[0]
    by_hand = 0.0
    if names:
        program = weigher(names, n)
        lead = program.decision_function(describe(np.append(x, digit[None], axis=0), names))
        by_hand = lead[-1] / np.abs(lead[:-1]).mean()
    near = 2 * (far[~eight].min() - far[eight].min())
    return np.array([by_hand, near, sides[1] / np.abs(sides[0]).mean()])


def wrong(names, n):
    """How many of the test set's threes and eights the weighed features and the network get wrong."""
    x, eight = pair("test")
    by_hand = (weigher(names, n).predict(describe(x, names)) != eight).sum() if names else len(x) // 2
    return int(by_hand), int(((network(x.reshape(len(x), -1), *nudged(n)) > 0) != eight).sum())


def called(lead):
    """The answer that a lead gives."""
    return "8" if lead > 0 else "3"


@live(
    digit=Digit(STORED, value="a plain 3", label="digit"),
    left=Switch(True, label="left: ink in the left half"),
    holes=Switch(False, label="holes: closed-off pieces of paper"),
    mirror=Switch(False, label="mirror: unlike its mirror image"),
    waist=Switch(False, label="waist: ink in the two middle rows"),
    n=Slider(list(FEW), value=214, label="digits to learn from"),
    predict=Predict(
        "One 8 of the row was written with so much ink that its rings are filled. Which program will still call it "
        "an 8, if yours may look at left and holes only?",
        "yours",
        "those that get pixels",
        "none of them",
        answer="those that get pixels",
        because={
            "yours": "A hole that is filled is no hole, so your program counts none, and it has little else.",
            "those that get pixels": "Nobody told them about holes, so they miss none. Where the ink lies is what they "
            "have, and it lies where an 8 has it.",
            "none of them": "Most of its ink is where an 8 has ink, and two of the programs go by nothing else.",
        },
        see={"digit": "an 8 with filled rings", "holes": True},
    ),
)
def your_features(digit, left, holes, mirror, waist, n):
    """Is it a 3 or an 8? Features that you choose, and programs that get bare pixels."""
    chosen = {"left": left, "holes": holes, "mirror": mirror, "waist": waist}
    names = tuple(name for name, on in chosen.items() if on)
    x, eight = pair()
    every = describe(x, FEATURES)
    three_to_eight = every[~eight].mean(0), every[eight].mean(0)
    values = describe(digit[None], FEATURES)[0]
    place = (values - three_to_eight[0]) / (three_to_eight[1] - three_to_eight[0])
    said = leads(digit, names, n)
    bad, bad_network = wrong(names, n)
    known = next((name for name, image in STORED.items() if np.array_equal(image, digit)), None)
    title = f"This is {known}." if known else "Your own digit."
    mine = f"your features call it {called(said[0])}" if names else "without a feature your program only guesses"
    numbers = (f"{100 * values[0]:.0f} %", f"{values[1]:.0f}", f"{values[2]:.2f}", f"{100 * values[3]:.0f} %")
    rows, columns = np.indices((8, 8)).reshape(2, -1)
    return Frame(
        tables={
            "image": {"row": rows, "column": columns, "ink": digit.ravel()},
            "features": {
                "name": list(FEATURES),
                "place": np.clip(place, *PLACES["features"]),
                "text": [f"{name}: {number}" for name, number in zip(FEATURES, numbers, strict=True)],
                "on": [int(on) for on in chosen.values()],
            },
            "answers": {"program": list(PROGRAMS), "lead": np.clip(said, *PLACES["answers"])},
        },
        says=f"{title} After {n} digits, {mine}, the nearest digit says {called(said[1])}, the network "
        f"{called(said[2])}. Of {len(pair('test')[0])} new digits "
        f"{'your features get' if names else 'a guess gets about'} {bad} wrong, the network {bad_network}.",
    )


def picture():
    """The 8 × 8 pixels, ink dark on light paper."""
    scale = {axis: alt.Scale(domain=ends, nice=False) for axis, ends in (("x", (-0.5, 7.5)), ("y", (7.5, -0.5)))}
    edges = {"left": "datum.column - 0.5", "right": "datum.column + 0.5"}
    edges |= {"top": "datum.row - 0.5", "bottom": "datum.row + 0.5"}
    grey = alt.Color("ink:Q", scale=alt.Scale(domain=(0, 1), range=["#fff", "#000"]), legend=None)
    x, y = alt.X("left:Q", axis=None, scale=scale["x"]), alt.Y("top:Q", axis=None, scale=scale["y"])
    cells = alt.Chart(table("image")).transform_calculate(**edges).mark_rect()
    return cells.encode(x=x, x2="right", y=y, y2="bottom", color=grey)


def sides(title):
    """An axis from the side of the 3 to the side of the 8."""
    return alt.X("lead:Q", title=title, axis=alt.Axis(ticks=False, labels=False), scale=alt.Scale(domain=(-3, 3)))


@your_features.chart
def your_features_chart():
    row = alt.Y("text:N", sort=None, title=None, axis=alt.Axis(labelLimit=200))
    ends = "datum.value == 0 ? 'average 3' : datum.value == 1 ? 'average 8' : ''"
    axis = alt.Axis(values=[0, 1], labelExpr=ends, grid=True)
    x = alt.X("place:Q", title=None, axis=axis, scale=alt.Scale(domain=PLACES["features"], nice=False))
    colour = alt.condition("datum.on", alt.value(LIGHT["weight"]), alt.value(LIGHT["muted"]))
    size = alt.condition("datum.on", alt.value(190), alt.value(70))
    dots = alt.Chart(table("features")).mark_point(filled=True, opacity=1).encode(x=x, y=row, color=colour, size=size)
    program = alt.Y("program:N", sort=None, title=None, axis=alt.Axis(labelLimit=200))
    bars = alt.Chart(table("answers")).mark_bar(size=20, color=LIGHT["activation"])
    bars = bars.encode(x=sides("← says 3          says 8 →"), y=program)
    middle = alt.Chart(table("answers")).mark_rule(color=LIGHT["ink"]).encode(x=alt.XDatum(0))
    return [
        picture().properties(width=260, height=260, title="The digit").configure_view(fill="#fff", stroke=None),
        [
            dots.properties(width=320, height=130, title="What the features make of it"),
            (bars + middle).properties(width=320, height=100, title="What the programs make of it"),
        ],
    ]
