"""What moves on the page "The mathematics you need": two arrows and their product, a slope that is measured."""

import altair as alt
import numpy as np

from dlbook.live import Choice, Frame, Handle, Predict, Slider, live, number_text, table
from dlbook.live.frame import two_digits
from dlcore.palette import LIGHT

A = np.array([3.0, 1.0])


def product_in_words(b):
    """Both products and their sum, as one writes them by hand."""
    return f"3 · {bracketed(b[0])} + 1 · {bracketed(b[1])} = {number_text(A @ b)}"


def bracketed(value):
    """A number to stand behind a sign.

    >>> bracketed(2), bracketed(-0.5)
    ('2', '(−0.5)')
    """
    return f"({number_text(value)})" if value < 0 else number_text(value)


@live(
    b_1=Slider(-4.0, 4.0, step=0.5, value=1.0, label="b₁", between=True),
    b_2=Slider(-4.0, 4.0, step=0.5, value=2.5, label="b₂", between=True),
    drag=Handle(x="b_1", y="b_2"),
    predict=Predict(
        "a is (3, 1). For which of these b is the product 0?",
        "(−3, −1)",
        "(1, 3)",
        "(−1, 3)",
        answer="(−1, 3)",
        because={
            "(−3, −1)": "That is a turned round: −9 − 1 = −10, the lowest product that an arrow of this length has "
            "with a.",
            "(1, 3)": "That only exchanges the two numbers: 3 + 3 = 6. For a right angle one sign must turn, too.",
            "(−1, 3)": "−3 + 3 = 0: it stands at right angles to a. Neither goes along with the other at all.",
        },
        see={"b_1": -1, "b_2": 3},
    ),
)
def two_arrows(b_1, b_2):
    """How far do two arrows go the same way? The dot product."""
    b = np.array([b_1, b_2])
    shadow = (A @ b) / (A @ A) * A
    length = np.hypot(*b)
    if length:
        cosine = np.clip(A @ b / (np.hypot(*A) * length), -1, 1)
        angle = np.degrees(np.arccos(cosine))
        turned = f"The angle between them is {angle:.0f}°, its cosine {number_text(round(float(cosine), 2))}."
    else:
        turned = "An arrow of length 0 points nowhere, and has no angle."
    return Frame(
        tables={
            "a": {"x": [0.0, A[0]], "y": [0.0, A[1]]},
            "b": {"x": [0.0, b_1], "y": [0.0, b_2]},
            "shadow": {"x": [0.0, shadow[0]], "y": [0.0, shadow[1]]},
            "drop": {"x": [b_1, shadow[0]], "y": [b_2, shadow[1]]},
            "names": {"x": [A[0] + 0.35, b_1], "y": [A[1], b_2 + 0.5], "name": ["a", "b"]},
            "parts": {"part": ["a₁ · b₁", "a₂ · b₂", "a · b"], "value": [*(A * b), A @ b]},
        },
        says=f"a · b = {product_in_words(b)}. {turned}",
    )


@two_arrows.chart
def two_arrows_chart():
    scale = alt.Scale(domain=(-4.5, 4.5))
    x, y = alt.X("x:Q", title="first number", scale=scale), alt.Y("y:Q", title="second number", scale=scale)

    def path(name, colour, **look):
        return alt.Chart(table(name)).mark_line(color=LIGHT[colour], clip=True, **look).encode(x=x, y=y)

    tips = [
        alt.Chart(table(name)).transform_filter("datum.x != 0 || datum.y != 0").mark_point(
            color=LIGHT[colour], size=90, opacity=1, clip=True
        ).encode(x=x, y=y)
        for name, colour in (("a", "weight"), ("b", "input"))
    ]  # fmt: skip
    names = (
        alt.Chart(table("names")).mark_text(fontSize=15, color=LIGHT["ink"], clip=True).encode(x=x, y=y, text="name:N")
    )
    drawn = path("shadow", "activation", strokeWidth=9, opacity=0.5) + path("drop", "muted", strokeDash=[4, 4])
    drawn = drawn + path("a", "weight", strokeWidth=4) + path("b", "input", strokeWidth=4) + tips[0] + tips[1] + names
    value = alt.X("value:Q", title="product", scale=alt.Scale(domain=(-16, 16)))
    part = alt.Y("part:N", title=None, sort=None)
    bars = alt.Chart(table("parts")).mark_bar(color=LIGHT["activation"]).encode(x=value, y=part)
    return [
        drawn.properties(width=320, height=320, title="Two arrows, and the shadow of b on a"),
        bars.properties(width=260, height=150, title="Pair by pair, then the sum"),
    ]


CURVES = {
    "x²": (lambda x: x**2, lambda x: 2 * x),
    "eˣ": (np.exp, np.exp),
    "|x|": (np.abs, np.sign),
}
STEPS = [0.01, 0.1, 0.2, 0.5, 1.0, 2.0]


@live(
    curve=Choice(*CURVES, label="curve"),
    x=Slider(-2.0, 2.0, step=0.25, value=0.5, label="place x", between=True),
    h=Slider(STEPS, value=1.0, label="step h"),
    drag=Handle(x="x"),
    predict=Predict(
        "At x = 1, with steps of h = 1 to each side: how far off is the measured slope of x²?",
        "not at all",
        "by 0.5",
        "by 1",
        answer="not at all",
        because={
            "not at all": "(2² − 0²) / 2 = 2, exactly 2x. This curve bends equally on both sides, so that "
            "their errors cancel, whatever h is. Now try eˣ.",
            "by 0.5": "The chord joins (0, 0) and (2, 4): it rises by 4 on a way of 2, which is 2. So is the slope.",
            "by 1": "One step to the right alone would be off by 1: (2² − 1²) / 1 = 3. One to each side is better.",
        },
        see={"curve": "x²", "x": 1, "h": 1},
    ),
)
def measured_slope(curve, x, h):
    """How steep is a curve at one place? A step to each side, and the rise divided by the way."""
    f, slope = CURVES[curve]
    chord = (f(x + h) - f(x - h)) / (2 * h)
    across = np.linspace(-3, 3, 121)
    exact = slope(np.float64(x))
    off = abs(chord - exact)
    if curve == "|x|" and x == 0:
        told = "At the corner there is no slope: −1 on the left, 1 on the right. Measured is their mean, 0."
    else:
        miss = f"off by {two_digits(off)}" if off > 1e-9 else "exact"
        told = f"The slope there is {number_text(float(exact))}: the measurement is {miss}."
    rise = f"{number_text(float(f(x + h)))} − {bracketed(float(f(x - h)))}"
    return Frame(
        tables={
            "curve": {"x": across, "y": f(across)},
            "chord": {"x": [x - 1.4, x + 1.4], "y": [f(x) - 1.4 * chord, f(x) + 1.4 * chord]},
            "ends": {"x": [x - h, x + h], "y": [f(x - h), f(x + h)]},
            "place": {"x": x, "y": f(x)},
        },
        says=f"{curve} at {number_text(x)}: ({rise}) / {number_text(2 * h)} = {number_text(float(chord))}. {told}",
    )


@measured_slope.chart
def measured_slope_chart():
    x = alt.X("x:Q", title="x", scale=alt.Scale(domain=(-3, 3)))
    y = alt.Y("y:Q", title="height of the curve", scale=alt.Scale(domain=(-2, 8)))
    curve = alt.Chart(table("curve")).mark_line(color=LIGHT["activation"], strokeWidth=3, clip=True).encode(x=x, y=y)
    chord = alt.Chart(table("chord")).mark_line(color=LIGHT["gradient"], strokeWidth=3, clip=True).encode(x=x, y=y)
    between = alt.Chart(table("ends")).mark_line(color=LIGHT["muted"], strokeDash=[4, 4], clip=True).encode(x=x, y=y)
    ends = alt.Chart(table("ends")).mark_point(color=LIGHT["ink"], size=60, opacity=1, clip=True).encode(x=x, y=y)
    place = alt.Chart(table("place")).mark_point(
        color=LIGHT["gradient"], size=110, opacity=1, filled=True, clip=True
    ).encode(x=x, y=y)  # fmt: skip
    return (curve + between + ends + chord + place).properties(
        width=420, height=320, title="The slope that is measured, drawn through the place"
    )
