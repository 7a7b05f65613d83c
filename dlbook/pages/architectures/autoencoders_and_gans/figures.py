"""What moves on the page "Autoencoders and GANs": a point in the code, and the digit it stands for; two networks."""

from functools import cache

import altair as alt
import numpy as np

from dlbook.live import Choice, Frame, Handle, Predict, Slider, Time, live, number_text, table
from dlbook.pages.architectures.autoencoders_and_gans.experiment import (
    INSTANTS,
    MESH,
    STRENGTHS,
    apart,
    at_strength,
    autoencoder,
    course,
    digits,
    numbers,
    squeezed,
    unfolded,
)
from dlbook.pages.ring import STEPS, ring
from dlcore.palette import LIGHT

GREY = ["#fff", "#000"]  # ink dark on light paper, in both themes
END = 2.4  # spreads of the code to each side
SEVEN = 6  # of the new digits: the book's 7
PICTURES = "drawn from this code", "the nearest digit", "… by 2 components"


@cache
def map_of_codes():
    """The codes (N, 2) of 250 new digits, in spreads; the digits, their labels; middle and spread of all codes."""
    model = autoencoder()
    codes = numbers(model.encoder, digits()[0][0])
    middle, spread = codes.mean(0), codes.std(0)
    x, y = (part[:250] for part in digits()[2])
    return (numbers(model.encoder, x) - middle) / spread, x, y, middle, spread


def likeness(picture):
    """What most of the five stored digits that are nearest to a picture are called."""
    x, y = digits()[0]
    nearest = apart(picture[None], x)[0].argsort()[:5]
    return int(np.bincount(y[nearest], minlength=10).argmax())


@live(
    first=Slider(-END, END, steps=17, value=-0.9, label="first number"),
    second=Slider(-END, END, steps=17, value=0.6, label="second number"),
    drag=Handle(x="first", y="second"),
    predict=Predict(
        "Between the island of one digit and that of another no digit was ever seen. What does the decoder draw there?",
        "both, one over the other",
        "something in between: strokes that bend from one into the other",
        "noise",
        answer="something in between: strokes that bend from one into the other",
        because={
            "both, one over the other": "That is what averaging two images would do. The decoder averages nothing: it "
            "computes every pixel from the two numbers, and a little farther on the strokes have moved.",
            "something in between: strokes that bend from one into the other": "Every pixel is a continuous function "
            "of the two numbers, so it must pass through something. Some of it looks like a digit, and some like none.",
            "noise": "Nothing forbids noise. But a network of few layers changes gradually, and between two digits "
            "lie some two steps of the slider.",
        },
        see={"first": 0.0, "second": 0.0},
    ),
)
def draw_from_code(first, second):
    """Two numbers, and the digit that a trained decoder draws from them."""
    codes, x, y, middle, spread = map_of_codes()
    here = np.array([[first, second]])
    picture = numbers(autoencoder().decoder, here * spread + middle)[0]
    away = np.sqrt(((codes - here) ** 2).sum(1))
    near = int(away.argmin())
    three = np.concatenate([picture, x[near], unfolded(squeezed(x[near : near + 1], 2))[0]])
    of, row, column = np.unravel_index(np.arange(192), (3, 8, 8))
    return Frame(
        tables={
            "codes": {"first": codes[:, 0], "second": codes[:, 1], "digit": [str(label) for label in y]},
            "seven": {"first": codes[SEVEN, :1], "second": codes[SEVEN, 1:]},
            "here": {"first": [first], "second": [second]},
            "pictures": {"column": column + 10 * of, "row": row, "ink": np.round(three.clip(0, 1) * 16) / 16},
        },
        says=f"From ({number_text(first)}, {number_text(second)}) the decoder draws what is most like a "
        f"{likeness(picture)}. The nearest of 250 new digits is a {y[near]}, {number_text(float(away[near]))} away.",
    )


@draw_from_code.chart
def draw_from_code_chart():
    scale = alt.Scale(domain=(-2.7, 2.7), nice=False)
    axis = alt.Axis(grid=False, values=[-2, -1, 0, 1, 2])
    x = alt.X("first:Q", title="first number", scale=scale, axis=axis)
    y = alt.Y("second:Q", title="second number", scale=scale, axis=axis)
    marks = (
        alt.Chart(table("codes"))
        .mark_text(fontSize=12, color=LIGHT["muted"], clip=True)
        .encode(x=x, y=y, text="digit:N")
    )
    seven = alt.Chart(table("seven")).mark_text(fontSize=20, fontWeight="bold", color=LIGHT["input"], text="7")
    marks += seven.encode(x=x, y=y)
    here = (
        alt.Chart(table("here"))
        .mark_point(color=LIGHT["activation"], size=160, strokeWidth=3, opacity=1)
        .encode(x=x, y=y)
    )
    edges = {"left": "datum.column - 0.5", "right": "datum.column + 0.5"}
    edges |= {"top": "datum.row - 0.5", "bottom": "datum.row + 0.5"}
    across, down = (alt.Scale(domain=ends, nice=False) for ends in ((-0.5, 27.5), (9.5, -0.5)))
    grey, seam = (
        of("ink:Q", scale=alt.Scale(domain=(0, 1), range=GREY), legend=None) for of in (alt.Color, alt.Stroke)
    )
    pixels = alt.Chart(table("pictures")).transform_calculate(**edges).mark_rect().encode(
        x=alt.X("left:Q", axis=None, scale=across), x2="right",
        y=alt.Y("top:Q", axis=None, scale=down), y2="bottom", color=grey, stroke=seam,
    )  # fmt: skip
    words = None
    for k, name in enumerate(PICTURES):
        word = alt.Chart(table("here")).mark_text(fontSize=12, color=LIGHT["ink"])
        word = word.encode(x=alt.datum(3.5 + 10 * k, scale=across), y=alt.datum(8.6, scale=down), text=alt.value(name))
        words = word if words is None else words + word
    return [
        (marks + here).properties(width=300, height=300, title="250 new digits, each where the encoder puts it"),
        (pixels + words).properties(width=400, height=143, title="Pictures"),
    ]


@live(
    step=Time(list(INSTANTS), value=INSTANTS[1], label="round", per_second=3),
    strength=Slider(list(STRENGTHS), value=1.0, log=True, label="discriminator’s rate ÷ generator’s"),
    run=Choice("1", "2", "3", label="run"),
    predict=Predict(
        "Slow the generator down, so that the discriminator learns ten times as fast. What has the generator found "
        "in the end?",
        "all eight clouds, as before",
        "some of the eight clouds",
        "nothing: it cannot learn at all",
        answer="some of the eight clouds",
        because={
            "all eight clouds, as before": "A run may get there, most do not. The judge tells the generator which way "
            "its own points should move, never which clouds it has left out.",
            "some of the eight clouds": "About half, in most runs. Nothing in its loss says that clouds are missing. "
            "Whether it is the judge's lead or the generator's own slowness that costs them, the table below asks.",
            "nothing: it cannot learn at all": "With this loss the gradient does not vanish where the judge is sure. "
            "The generator learns, slowly: look at the dots.",
        },
        see={"strength": 10, "step": STEPS, "run": "2"},
    ),
)
def two_networks(step, strength, run):
    """A generator learns to make points that a discriminator takes for real ones."""
    seen, at, which = course(at_strength(strength)), INSTANTS.index(step), int(run) - 1
    made = seen.samples[at, which, :250].clip(-4, 4)
    runs = np.repeat(np.arange(1, 6), len(INSTANTS))
    found, share = int(seen.found[at, which]), round(100 * float(seen.good[at, which]))
    return Frame(
        tables={
            "judged": MESH.field(np.round(seen.judged[at, which], 2)),
            "real": dict(zip("xy", np.round(ring(240), 2).T, strict=True)),
            "made": dict(zip("xy", np.round(made, 2).T, strict=True)),
            "course": {"step": np.tile(INSTANTS, 5), "run": runs, "found": seen.found.T.ravel(),
                       "good": np.round(100 * seen.good.T.ravel())},
            "now": {"step": [step], "found": [found], "good": [share]},
        },
        says=f"Discriminator’s rate {number_text(strength)} times the generator’s, run {run}, round {step}: "
        f"{found} of 8 clouds found, {share} % of the points in a cloud.",
    )  # fmt: skip


@two_networks.chart
def two_networks_chart():
    scale = alt.Scale(domain=(-3, 3), nice=False)
    axis = alt.Axis(grid=False, values=[-2, 0, 2])
    x, y = (
        alt.X("x:Q", title="first number", scale=scale, axis=axis),
        alt.Y("y:Q", title="second", scale=scale, axis=axis),
    )
    tints = alt.Scale(domain=(0, 0.5, 1), range=[LIGHT["loss"], LIGHT["paper"], LIGHT["input"]])
    legend = alt.Legend(title="discriminator: “real” with probability", orient="bottom", direction="horizontal",
                        gradientLength=240, values=[0, 0.5, 1], titleLimit=300,
        gradientStrokeColor=LIGHT["grid"])  # fmt: skip
    ground = (
        alt.Chart(table("judged"))
        .mark_rect(opacity=0.55)
        .encode(color=alt.Color("value:Q", scale=tints, legend=legend))
    )
    real = alt.Chart(table("real")).mark_point(shape="cross", color=LIGHT["muted"], size=22, strokeWidth=1, opacity=1)
    made = alt.Chart(table("made")).mark_circle(color=LIGHT["ink"], size=20, opacity=1, clip=True)
    when = alt.X(
        "step:Q", title="round", scale=alt.Scale(domain=(0, STEPS)), axis=alt.Axis(grid=False, values=[0, 1000, 2000])
    )

    def over_time(column, title, most):
        height = alt.Y(
            f"{column}:Q", title=title, scale=alt.Scale(domain=(0, most)), axis=alt.Axis(grid=False, tickCount=4)
        )
        lines = alt.Chart(table("course")).mark_line(color=LIGHT["activation"], strokeWidth=1.5, opacity=0.7)
        lines = lines.transform_filter("datum.step <= step").encode(x=when, y=height, detail="run:N")
        now = alt.Chart(table("now")).mark_circle(color=LIGHT["ink"], size=90, opacity=1).encode(x=when, y=height)
        return lines + now

    return [
        (ground + real.encode(x=x, y=y) + made.encode(x=x, y=y)).properties(
            width=300, height=300, title="Dots: made. Crosses: real"
        ),
        [
            over_time("found", "clouds found", 8).properties(width=260, height=120, title="Five runs: clouds found"),
            over_time("good", "%", 100).properties(width=260, height=120, title="Points that lie in a cloud"),
        ],
    ]
