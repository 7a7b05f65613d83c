"""Live figures of part 1, Neurons."""

import altair as alt
import numpy as np

from dlbook.live import Choice, Frame, Handle, Mesh, Predict, Slider, live, number_text, table
from dlcore.palette import LIGHT

ACTIVATIONS = {
    "step": lambda z: (z >= 0).astype(float),
    "sigmoid": lambda z: 1 / (1 + np.exp(-z)),
    "ReLU": lambda z: np.maximum(z, 0),
}
PLANE = Mesh(x=(-2, 2), y=(-2, 2), cells=128)


def equation(w1, w2, b):
    """The border's equation as one writes it.

    >>> equation(1.0, -0.5, 0.0)
    'x₁ − 0.5 x₂ = 0'
    """
    terms = [(w1, " x₁"), (w2, " x₂"), (b, "")]
    text = ""
    for factor, name in terms:
        if factor:
            sign = ("−" if factor < 0 else "") if not text else (" − " if factor < 0 else " + ")
            size = "" if abs(factor) == 1 and name else number_text(abs(factor))
            text += sign + (size + name).strip()
    return f"{text} = 0"


def border(w1, w2, b):
    """The two ends of the line w1·x₁ + w2·x₂ + b = 0, long enough to cross the whole plane."""
    length = np.hypot(w1, w2)
    if length == 0:
        return {"x": [np.nan, np.nan], "y": [np.nan, np.nan]}
    foot, along = -b * np.array([w1, w2]) / length**2, 6 * np.array([-w2, w1]) / length
    (x, y), (x2, y2) = foot - along, foot + along
    return {"x": [x, x2], "y": [y, y2]}


@live(
    w1=Slider(-2.0, 2.0, step=0.5, value=1.0, label="weight w₁"),
    w2=Slider(-2.0, 2.0, step=0.5, value=1.5, label="weight w₂"),
    b=Slider(-3.0, 3.0, step=1.0, value=-1.0, label="bias b"),
    activation=Choice("step", "sigmoid", "ReLU", value="sigmoid", label="activation"),
    drag=Handle(x="w1", y="w2"),
    predict=Predict(
        "Raise the bias and leave both weights alone. What will the border do?",
        "slide, without turning",
        "turn around the centre",
        "become sharper",
        answer="slide, without turning",
        because={
            "slide, without turning": "The border is where w₁x₁ + w₂x₂ + b = 0, at −b divided by the arrow’s length. "
            "With the weights left alone, the bias alone moves it. Now double both weights.",
            "turn around the centre": "It turns when the two weights change their ratio, and you left both alone.",
            "become sharper": "It becomes sharper when both weights grow, and then comes nearer to the centre, too. "
            "The bias adds the same amount everywhere.",
        },
        see={"b": 2},
    ),
)
def two_inputs(w1, w2, b, activation):
    """One unit, two inputs: where it fires, and how sharply."""
    bend, length = ACTIVATIONS[activation], np.hypot(w1, w2)
    z = w1 * PLANE.x + w2 * PLANE.y + b
    foot = -b / length if length else 0.0
    along = np.sort(np.append(np.linspace(-2.8, 2.8, 113), [foot - 1e-9, foot + 1e-9]))
    fires = 100 * (z > 0).mean()
    if length == 0:
        answer = number_text(bend(np.array(b)).item())
        says = f"Both weights are 0: the {activation} unit answers {answer} whatever comes in."
    else:
        says = (
            f"A {activation} unit. Its border {equation(w1, w2, b)} crosses the arrow's line at right "
            f"angles, {abs(b) / length:.2f} from the centre. The sum is positive on {fires:.0f} % of the square."
        )
    return Frame(
        tables={
            "answer": PLANE.field(np.minimum(bend(z), 1.5), mean_of=2),  # the colours end there
            "border": border(w1, w2, b),
            "arrow": {"x": [0, w1], "y": [0, w2]},
            "tip": {"x": w1, "y": w2},
            "along": {"distance": along, "answer": np.minimum(bend(length * along + b), 1.6)},
            "foot": {"distance": foot if length else np.nan},
        },
        says=says,
    )


@two_inputs.chart
def two_inputs_chart():
    x = alt.X("x:Q", title="input x₁", scale=alt.Scale(domain=(-2, 2)))
    y = alt.Y("y:Q", title="input x₂", scale=alt.Scale(domain=(-2, 2)))
    shades = alt.Scale(domain=(0, 1.5), range=[LIGHT["paper"], LIGHT["activation"]])
    answer = (
        alt.Chart(table("answer"))
        .mark_rect()
        .encode(x=x, x2="x2", y=y, y2="y2", color=alt.Color("value:Q", scale=shades, legend=None))
    )
    line = alt.Chart(table("border")).mark_line(color=LIGHT["ink"], clip=True).encode(x=x, y=y)
    arrow = alt.Chart(table("arrow")).mark_line(color=LIGHT["weight"], strokeWidth=4).encode(x=x, y=y)
    tip = alt.Chart(table("tip")).mark_point(color=LIGHT["weight"], size=90, opacity=1).encode(x=x, y=y)
    plane = (answer + line + arrow + tip).properties(width=320, height=320, title="Where it fires")

    distance = alt.X("distance:Q", title="distance along the arrow", scale=alt.Scale(domain=(-2.8, 2.8)))
    response = alt.Y("answer:Q", title="answer", scale=alt.Scale(domain=(0, 1.5)))
    curve = alt.Chart(table("along")).mark_line(color=LIGHT["activation"], strokeWidth=3, clip=True)
    foot = alt.Chart(table("foot")).mark_rule(color=LIGHT["ink"], strokeWidth=1.5, clip=True).encode(x=distance)
    profile = foot + curve.encode(x=distance, y=response)
    return [plane, profile.properties(width=320, height=320, title="What it answers along the arrow")]
