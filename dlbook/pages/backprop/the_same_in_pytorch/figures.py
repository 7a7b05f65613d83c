"""What moves on the page "The same in PyTorch": seven scripts, of which the reader sees the curves and not the code."""

import altair as alt
import numpy as np

from dlbook.live import Choice, Digit, Frame, Predict, Time, live, table
from dlbook.pages.backprop.the_same_in_pytorch.experiment import EPOCHS
from dlbook.pages.backprop.the_same_in_pytorch.scripts import EXERCISES, NOTHING
from dlbook.pages.backprop.the_same_in_pytorch.traces import chances, traced
from dlcore import data
from dlcore.palette import LIGHT

LOOK = "look"
LETTERS = EXERCISES | {"G": NOTHING}
#: what the reader chooses, in rows that fit a phone → the bug; two of them are in none of the scripts
NAMED = {
    "look": None,
    "sound": NOTHING,
    "no zeroing": "gradients never zeroed",
    "labels mixed": "labels shuffled apart",
    "two softmaxes": "softmax before the loss",
    "batch softmax": "softmax over the batch",
    "raw pixels": "pixels not scaled",
    "dropout on": "dropout left on",
    "layer cut off": "hidden layer cut off",
    "one layer": "optimiser given one layer",
}
SHOWN = {"a 7": 6, "a 3": 7, "a 9": 131}  # rows of the test set; the 7 is the book's
STORED = {name: data.digits().test.x[row, 0] for name, row in SHOWN.items()}
GREY = ["#fff", "#000"]  # ink dark on light paper, in both themes
HIGHEST = 4.0  # loss that the chart shows
WIDE, HIGH = 250, 110  # of the two small panels

#: what the curves of each script are like
SIGNS = {
    NOTHING: "both losses would fall together and stay down, and the answer would settle",
    "gradients never zeroed": "each step would repeat all earlier ones, so that the loss falls once and then climbs",
    "softmax before the loss": "the training loss would stay flat for some epochs and then come down slowly, "
    "but never below 1.46, as the surest answer is then e against nine times 1",
    "labels shuffled apart": "there would be nothing to find, and both losses would stay near ln 10 = 2.30",
    "softmax over the batch": "the training loss would start near ln 32 = 3.47, as 32 digits compete for each class",
    "dropout left on": "training would look sound, and the answers would change each time one asks",
    "hidden layer cut off": "one layer alone would learn, on random features: the loss falls slowly, and not far",
    "optimiser given one layer": "one layer alone would learn, on random features: the loss falls slowly, and not far",
    "pixels not scaled": "the loss would start above 3 and shoot up, as a network with such inputs is sure of anything",
}
#: what the curves of each script of the figure show
RIGHT = {
    NOTHING: "Both losses fall and stay down; that of new digits is the lower one, as with them dropout is off.",
    "gradients never zeroed": "Each step repeats all earlier ones: the loss falls for a moment, and then climbs.",
    "softmax before the loss": "The surest answer is then e against nine times 1, so the loss cannot get below 1.46, "
    "and slopes are small from the start.",
    "labels shuffled apart": "Nothing in an image tells its label: both losses stay near ln 10. What training still "
    "gains are single digits, learned by heart.",
    "softmax over the batch": "32 digits compete for each class, so training starts near ln 32 = 3.47, and never comes "
    "near 0. New digits, judged by themselves, fare well.",
    "dropout left on": "Training is sound. But whoever asks gets the answer of a random half of the network: "
    "the squares, new digits, lie on the line, and not well below it.",
    "hidden layer cut off": "Only the last layer learns, on random features: the loss falls slowly, and not far.",
}
ALIKE = {"hidden layer cut off", "optimiser given one layer"}


def judged(letter, diagnosis):
    """What there is to say to a diagnosis."""
    bug, named = LETTERS[letter], NAMED[diagnosis]
    train, _, valid, _ = traced(bug)
    here = f"training goes from {train[0]:.2f} to {train[-1]:.2f}, new digits end at {valid[-1]:.2f}"
    if diagnosis == LOOK:
        return f"{here[0].upper()}{here[1:]}. What is wrong, if anything?"
    if named == bug:
        return f"Right. {RIGHT[bug]}"
    if {named, bug} == ALIKE:
        return "Near, and no curve can tell: both leave the hidden layer as it started. The gradients can."
    if bug == "dropout left on" and named == NOTHING:
        return (
            "So it looks in training. But the squares lie on the line: with dropout off they would lie well below it."
        )
    return f"No: with that {SIGNS[named]}. Here {here}."


@live(
    script=Choice(*LETTERS, label="script"),
    diagnosis=Choice(*NAMED, label="your diagnosis"),
    digit=Digit(STORED, value="a 7", label="digit"),
    epoch=Time(EPOCHS, value=EPOCHS, label="epoch", per_second=2),
    predict=Predict(
        "In one of the broken scripts the training loss falls just as in a sound one. Which bug can hide like that?",
        "batch softmax",
        "labels mixed",
        "dropout on",
        answer="dropout on",
        because={
            "batch softmax": "It gives itself away in the first batch: 32 digits compete for each class, so "
            "the loss starts near ln 32, and not near ln 10.",
            "labels mixed": "Then no image tells its label, and there is little to learn: the loss stays near "
            "ln 10, where it starts.",
            "dropout on": "In training dropout belongs on. It is when you ask that it should be off, and the "
            "training loss never hears of that. It is script E. "
            "Its squares lie on the line; with dropout off they would lie well below.",
        },
        see={"script": "E", "diagnosis": "sound"},
    ),
)
def name_the_bug(script, diagnosis, digit):
    """Name the bug from its curve, before you see the code."""
    bug = LETTERS[script]
    train, where, valid, _ = traced(bug)
    other = traced(NAMED[diagnosis], seed=1)[0] if diagnosis != LOOK else np.full(len(train), np.nan)
    p = chances(bug, digit)  # (EPOCHS + 1, 10)
    epochs, kinds = np.indices(p.shape).reshape(2, -1)
    rows, columns = np.indices((8, 8)).reshape(2, -1)
    shown = next((name for name, image in STORED.items() if np.array_equal(image, digit)), "your digit")
    return Frame(
        tables={
            "train": {"epoch": where, "loss": train.clip(0, 9), "named": other.clip(0, 9)},
            "valid": {"epoch": np.arange(EPOCHS + 1), "loss": valid.clip(0, 9)},
            "answer": {"epoch": epochs, "kind": kinds, "chance": 100 * p.ravel()},
            "image": {"row": rows, "column": columns, "ink": digit.ravel()},
            "said": {
                "epoch": np.arange(EPOCHS + 1),
                "text": [f"{row.argmax()} ({100 * row.max():.0f} %)" for row in p],
            },
        },
        says=f"Script {script}: {judged(script, diagnosis)} After epoch {{epoch}} it reads {shown} as {{said.text}}.",
    )


@name_the_bug.chart
def name_the_bug_chart():
    epoch = alt.X(
        "epoch:Q",
        title="epoch",
        scale=alt.Scale(domain=(-0.3, EPOCHS + 0.3), nice=False),
        axis=alt.Axis(values=list(range(0, EPOCHS + 1, 2))),
    )
    high = alt.Scale(domain=(0, HIGHEST))
    loss = alt.Y("loss:Q", title="loss (nats)", scale=high, axis=alt.Axis(values=[0, 1, 2, 3, 4]))
    train, valid = alt.Chart(table("train")), alt.Chart(table("valid"))
    named = train.mark_line(color=LIGHT["muted"], strokeWidth=2, strokeDash=[2, 3], clip=True)
    named = named.encode(x=epoch, y=alt.Y("named:Q", scale=high))
    lines = train.transform_filter("datum.epoch <= epoch").mark_line(color=LIGHT["loss"], strokeWidth=2.5, clip=True)
    dots = valid.transform_filter("datum.epoch <= epoch")
    dots = dots.mark_point(color=LIGHT["input"], shape="square", size=55, filled=True, opacity=1, clip=True)
    guess = train.transform_filter("datum.epoch < 0.25").mark_rule(color=LIGHT["ink"], strokeDash=[5, 4])
    guess = guess.encode(y=alt.YDatum(float(np.log(10)), scale=high))
    ends = {"x": (3.5 - 4 * WIDE / HIGH, 3.5 + 4 * WIDE / HIGH), "y": (7.5, -0.5)}  # square pixels
    scale = {axis: alt.Scale(domain=both, nice=False) for axis, both in ends.items()}
    edges = {"left": "datum.column - 0.5", "right": "datum.column + 0.5"}
    edges |= {"top": "datum.row - 0.5", "bottom": "datum.row + 0.5"}
    grey = alt.Color("ink:Q", scale=alt.Scale(domain=(0, 1), range=GREY), legend=None)
    x, y = alt.X("left:Q", axis=None, scale=scale["x"]), alt.Y("top:Q", axis=None, scale=scale["y"])
    image = alt.Chart(table("image")).transform_calculate(**edges).mark_rect()
    image = image.encode(x=x, x2="right", y=y, y2="bottom", color=grey)
    now = alt.Chart(table("answer")).transform_filter("datum.epoch == epoch")
    kind = alt.X("kind:O", title="kind of digit", axis=alt.Axis(labelAngle=0))
    chance = alt.Y("chance:Q", title="chance (%)", scale=alt.Scale(domain=(0, 100)), axis=alt.Axis(values=[0, 50, 100]))
    bars = now.mark_bar(color=LIGHT["activation"]).encode(x=kind, y=chance)
    title = [
        "Line: training loss. Squares: loss of new digits.",
        "Dashes: ln 10. Dots: training loss with what you name.",
    ]
    return [
        (named + guess + lines.encode(x=epoch, y=loss) + dots.encode(x=epoch, y=loss)).properties(
            width=340, height=240, title=title
        ),
        [
            image.properties(width=WIDE, height=HIGH, title="The digit"),
            bars.properties(width=WIDE, height=HIGH, title="What the network says of it"),
        ],
    ]
