"""What moves on the page "What deep learning is": you choose features by hand, networks learn theirs."""

import altair as alt
import numpy as np

from dlbook.live import Frame, Predict, Slider, Switch, live, table
from dlbook.pages.neurons.what_deep_learning_is.experiment import COUNTS, chosen, learned
from dlcore import data
from dlcore.data import wandering_digits
from dlcore.palette import LIGHT

LEARNERS = {
    "linear": "pixels, no hidden layer",
    "mlp": "pixels, two hidden layers",
    "cnn": "pixels, convolutional network",
}


def listed(names):
    """Words in a row: "a", "a and b", "a, b and c"."""
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


@live(
    ink=Switch(True, label="ink: how much of it"),
    place=Switch(False, label="place: the centre of the ink"),
    quarters=Switch(False, label="quarters: ink in each quarter"),
    symmetry=Switch(False, label="symmetry: left-right, top-bottom"),
    strokes=Switch(False, label="strokes: how often a line crosses the pen"),
    holes=Switch(True, label="holes: closed-off pieces of paper"),
    n=Slider(COUNTS, value=1078, label="digits to learn from"),
    predict=Predict(
        "You may switch on all six kinds of features. Will they beat the best network, which gets bare pixels, "
        "when both learn from 1,078 digits? And when both learn from 50?",
        "they win both times",
        "they win with 50, the network with 1,078",
        "the network wins both times",
        answer="they win with 50, the network with 1,078",
        because={
            "they win both times": "With 1,078 digits the network has found features that yours lack: what you know "
            "does not grow with the examples.",
            "they win with 50, the network with 1,078": "What you know about digits is worth a lot while examples are "
            "few. The network has to find out even that a digit may stand anywhere, and that takes examples.",
            "the network wins both times": "With 50 digits, five of each kind, it has not yet found out what you knew "
            "from the start.",
        },
        see={"place": True, "quarters": True, "symmetry": True, "strokes": True, "n": 50},
    ),
)
def your_features(ink, place, quarters, symmetry, strokes, holes, n):
    """Features that you choose, against features that a network learns."""
    switches = dict(ink=ink, place=place, quarters=quarters, symmetry=symmetry, strokes=strokes, holes=holes)
    groups = tuple(name for name, on in switches.items() if on)
    right = chosen(groups, n) == wandering_digits()[1][1]  # (seeds, N)
    yours = 100 * right.mean()
    nets = {kind: 100 * np.mean(learned(kind, n)) for kind in LEARNERS}
    digit = wandering_digits()[1][1]
    recall = [100 * right[:, digit == k].mean() for k in range(10)]
    numbers = sum(data.GROUPS[g] for g in groups)
    mine = (
        f"your {numbers} number{'s' * (numbers > 1)} a digit ({listed(groups)})"
        if groups
        else "a guess without features"
    )
    return Frame(
        tables={
            "bars": {"place": np.arange(4), "share": [yours, *nets.values()]},
            "digits": {"digit": range(10), "share": recall},
        },
        says=f"After {n:,} digits, {mine} recognise{'s' * (not groups)} {yours:.0f} % of new ones. The convolutional "
        f"network, given nothing but pixels, recognises {nets['cnn']:.0f} %, weighted sums of the pixels alone "
        f"{nets['linear']:.0f} %.",
    )


@your_features.chart
def your_features_chart():
    names = ["your features", *LEARNERS.values()]
    label = f"{names}[datum.value]"
    y = alt.Y("place:O", title=None, axis=alt.Axis(labelExpr=label, labelLimit=220))
    x = alt.X("share:Q", title="new digits recognised (%)", scale=alt.Scale(domain=(0, 100)))
    colour = alt.condition("datum.place == 0", alt.value(LIGHT["weight"]), alt.value(LIGHT["activation"]))
    bars = alt.Chart(table("bars")).mark_bar(size=26).encode(y=y, x=x, color=colour)
    each = alt.Chart(table("digits")).mark_bar(color=LIGHT["weight"])
    each = each.encode(
        x=alt.X("digit:O", title="digit", axis=alt.Axis(labelAngle=0)),
        y=alt.Y("share:Q", title="recognised by your features (%)", scale=alt.Scale(domain=(0, 100))),
    )
    return [
        bars.properties(width=320, height=200, title="All digits"),
        each.properties(width=320, height=200, title="Digit by digit"),
    ]
