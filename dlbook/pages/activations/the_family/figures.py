"""What moves on the page "The family": one digit's way through ten layers, and where its sums lie on the curve."""

from functools import cache

import altair as alt
import numpy as np

from dlbook.live import Choice, Digit, Frame, Predict, Slider, live, number_text, powers_of_ten, table
from dlbook.live.frame import two_digits
from dlbook.pages.activations.the_family.experiment import (
    BENDS,
    DEPTH,
    STARTS,
    WIDTH,
    begin,
    bent,
    digits,
    flatness,
    learn,
    scaled,
    shallow,
    sums_of,
)
from dlcore import data
from dlcore.palette import LIGHT

#: name -> learning rate, or none for a network as it starts
TRAINED = {"as it starts": None, "8 passes, rate 0.003": 0.003, "8 passes, rate 0.03": 0.03}
SHOWN = {"a 7": 6, "a 3": 7, "a 9": 131}  # rows of the test set; the 7 is the book's
STORED = {name: data.digits().test.x[row, 0] for name, row in SHOWN.items()}
GREY = ["#fff", "#000"]  # ink dark on light paper, in both themes
MOST = 2.0  # answers beyond this look the same


@cache
def network(activation, start, training):
    """The layers; which units (10, 32) are flat for every training digit; the spread between test digits, (10,)."""
    with np.errstate(over="ignore", invalid="ignore"):
        layers = begin(activation, start, (0,))
        if TRAINED[training]:
            learn(layers, activation, TRAINED[training])
        stuck = flatness(activation, sums_of(layers, activation, digits()[0][0])[1])[1][:, 0]
        scores, z = sums_of(layers, activation, digits()[2][0])
        spread = bent(activation, z[:, 0])[0].std(1).mean(-1)
        return layers, stuck, np.nan_to_num(spread), float((scores[0].argmax(1) == digits()[2][1]).mean())


@live(
    activation=Choice(*BENDS, value="tanh", label="activation"),
    start=Choice(*STARTS, value="He’s", label="first weights"),
    training=Choice(*TRAINED, label="training"),
    digit=Digit(STORED, value="a 7", label="digit"),
    predict=Predict(
        "Sigmoids, weights of He’s size, not yet trained. You change the digit from a 7 to a 3. What changes in the "
        "tenth layer?",
        "nothing that one can see",
        "about half of the units",
        "every unit a little",
        answer="nothing that one can see",
        because={
            "nothing that one can see": "Every sigmoid passes on at most a quarter of a difference. After ten of them "
            "all digits look the same, and so would all answers. Now try its own first weights.",
            "about half of the units": "So it is in the first layer. But of every difference a sigmoid passes on a "
            "quarter at most, and there are ten in a row.",
            "every unit a little": "A little, yes: about a hundred-thousandth. No shade of green shows that, and "
            "none of the four learning rates of this page could use it.",
        },
        see={"activation": "sigmoid", "start": "He’s", "training": "as it starts", "digit": "a 3"},
    ),
)
def ten_layers(activation, start, training, digit):
    """One digit on its way through ten layers of 32 units."""
    layers, stuck, spread, right = network(activation, start, training)
    with np.errstate(over="ignore", invalid="ignore"):
        scores, z = sums_of(layers, activation, scaled(digit)[None])
    answers = np.nan_to_num(bent(activation, z)[0][:, 0, 0], nan=MOST).clip(-MOST, MOST)  # (10, 32)
    row, unit = stuck.nonzero()
    layer, place = np.indices(answers.shape).reshape(2, -1)
    rows, columns = np.indices((8, 8)).reshape(2, -1)
    named = f"It says “{scores[0, 0].argmax()}”." if TRAINED[training] else "It has learned nothing."
    spread = np.clip(spread, 1e-8, 1e2)
    known = next((name for name, image in STORED.items() if np.array_equal(image, digit)), "your own digit")
    ends = ["less than 10⁻⁸" if v <= 1e-8 else "more than 100" if v >= 100 else two_digits(v) for v in spread]
    now = f" It names {100 * right:.0f} % of the test digits rightly, and calls this one “{scores[0, 0].argmax()}”."
    return Frame(
        tables={
            "image": {"row": rows, "column": columns, "ink": digit.ravel()},
            "word": {"x": [9.5], "y": [3.5], "word": [named]},
            "answers": {"unit": place, "layer": layer, "value": answers.ravel()},
            "stuck": {"unit": unit + 0.5, "layer": row + 0.5},
            "spread": {"layer": np.arange(1, DEPTH + 1), "spread": spread},
        },
        says=f"{known[0].upper()}{known[1:]}: {activation}, {start} first weights, {training}. The spread of digits is "
        f"{ends[0]} in layer 1 and {ends[-1]} in layer 10; {stuck.sum()} of {stuck.size} units are stuck."
        + (now if TRAINED[training] else ""),
    )


@ten_layers.chart
def ten_layers_chart():
    axis = alt.Axis(values=[0.5, 4.5, 9.5], labelExpr="'layer ' + (datum.value + 0.5)", ticks=False, grid=False)
    bare = alt.Axis(labels=False, ticks=False, grid=False)
    scale = [alt.Scale(domain=ends, nice=False) for ends in ((0, WIDTH), (DEPTH, 0))]
    across = alt.X("unit:Q", title="32 units side by side", scale=scale[0], axis=bare)
    down = alt.Y("layer:Q", title=None, scale=scale[1], axis=axis)
    shades = alt.Scale(domain=(-MOST, 0, MOST), range=[LIGHT["loss"], LIGHT["paper"], LIGHT["activation"]])
    legend = alt.Legend(
        title="answer",
        orient="bottom",
        direction="horizontal",
        gradientLength=150,
        tickCount=3,
        gradientStrokeColor=LIGHT["grid"],
    )
    cells = alt.Chart(table("answers")).transform_calculate(right="datum.unit + 1", bottom="datum.layer + 1")
    cells = cells.mark_rect(stroke=LIGHT["grid"], strokeWidth=0.5)
    cells = cells.encode(
        x=across, x2="right", y=down, y2="bottom", color=alt.Color("value:Q", scale=shades, legend=legend)
    )
    crosses = alt.Chart(table("stuck")).mark_point(shape="cross", angle=45, size=45, filled=True, opacity=1)
    strip = cells + crosses.encode(x=across, y=down, color=alt.value(LIGHT["ink"]))
    edges = {"left": "datum.column - 0.5", "right": "datum.column + 0.5"}
    edges |= {"top": "datum.row - 0.5", "bottom": "datum.row + 0.5"}
    scale = [alt.Scale(domain=ends, nice=False) for ends in ((-0.5, 23.5), (7.5, -0.5))]  # square pixels
    grey, seam = (
        of("ink:Q", scale=alt.Scale(domain=(0, 1), range=GREY), legend=None) for of in (alt.Color, alt.Stroke)
    )
    x, y = alt.X("left:Q", axis=None, scale=scale[0]), alt.Y("top:Q", axis=None, scale=scale[1])
    pixels = alt.Chart(table("image")).transform_calculate(**edges).mark_rect()
    picture = pixels.encode(x=x, x2="right", y=y, y2="bottom", color=grey, stroke=seam)
    word = alt.Chart(table("word")).mark_text(align="left", fontSize=13, color=LIGHT["ink"])
    word = word.encode(
        x=alt.X("x:Q", axis=None, scale=scale[0]), y=alt.Y("y:Q", axis=None, scale=scale[1]), text="word:N"
    )
    tall = alt.Scale(domain=(1e-8, 1e2), type="log")
    spread = alt.Chart(table("spread")).encode(
        x=alt.X("layer:Q", scale=alt.Scale(domain=(1, DEPTH)), axis=alt.Axis(values=[1, 5, 10])),
        y=alt.Y("spread:Q", title="spread", scale=tall, axis=powers_of_ten(-8, -4, 0)),
    )
    line = spread.mark_line(color=LIGHT["activation"], clip=True)
    line += spread.mark_point(color=LIGHT["activation"], filled=True, size=40, opacity=1, clip=True)
    return [
        strip.properties(width=340, height=290, title="Answers to this digit; ✕: flat for every digit"),
        [
            (picture + word).properties(width=270, height=90, title="The digit"),
            line.properties(width=270, height=140, title="How far apart the digits are, layer by layer"),
        ],
    ]


EDGE = 4
Z = np.linspace(-EDGE, EDGE, 97)


@live(
    activation=Choice(*BENDS, value="sigmoid", label="activation"),
    stretch=Slider([0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0], value=1.0, label="all sums times", log=True, between=True),
    shift=Slider(-4.0, 4.0, step=1.0, value=0.0, label="then all sums plus", between=True),
    predict=Predict(
        "Multiply the sums of all 64 sigmoids by 10. What becomes of their mean slope?",
        "it grows",
        "it stays",
        "it falls to less than a tenth",
        answer="it falls to less than a tenth",
        because={
            "it grows": "Seen from the weights, the curve gets steeper in the middle. But few sums are still in the "
            "middle: most have been pushed out to where it is flat.",
            "it stays": "The curve stays. The sums move along it, out to the flat ends.",
            "it falls to less than a tenth": "Nearly all sums lie on the flat ends now, and answer nearly 0 or 1. "
            "Large sums are what makes a switch of a sigmoid. Tanh does the same.",
        },
        see={"activation": "sigmoid", "stretch": 10},
    ),
)
def activation_and_slope(activation, stretch, shift):
    """The 64 units of a trained layer, as they see the book’s 7."""
    w, b = (p[0] for p in shallow(activation)[0])
    z = stretch * (scaled(STORED["a 7"]) @ w + b[0]) + shift  # (64,)
    answer, slope = bent(activation, z)
    curve, steep = bent(activation, Z)
    flat = int(flatness(activation, z[None])[0].sum())
    return Frame(
        tables={
            "curve": {"z": Z, "value": curve},
            "slope": {"z": Z, "value": steep},
            "units": {"z": z.clip(-EDGE, EDGE), "value": bent(activation, z.clip(-EDGE, EDGE))[0]},
            "slopes": {"z": z.clip(-EDGE, EDGE), "value": slope},
        },
        says=f"{activation}, sums times {number_text(stretch)} plus {number_text(shift)}: the mean slope is "
        f"{number_text(round(float(slope.mean()), 3))}, and {flat} of {len(z)} units sit where the curve is flat. "
        f"Answers reach from {number_text(round(float(answer.min()), 2))} to "
        f"{number_text(round(float(answer.max()), 2))}.",
    )


@activation_and_slope.chart
def activation_and_slope_chart():
    x = alt.X("z:Q", title="sum z", scale=alt.Scale(domain=(-EDGE, EDGE), nice=False))

    def panel(line, points, title, domain, colour):
        y = alt.Y("value:Q", title=title, scale=alt.Scale(domain=domain, nice=False))
        drawn = alt.Chart(table(line)).mark_line(color=LIGHT[colour], strokeWidth=2, clip=True).encode(x=x, y=y)
        dots = alt.Chart(table(points)).mark_point(color=LIGHT["ink"], filled=False, size=50, strokeWidth=1.2)
        return (drawn + dots.encode(x=x, y=y)).properties(width=320, height=220)

    return [
        panel("curve", "units", "answer", (-1.2, 4.2), "activation").properties(title="Answers: one ring a unit"),
        panel("slope", "slopes", "slope", (-0.2, 1.2), "gradient").properties(title="Slopes, at the same places"),
    ]
