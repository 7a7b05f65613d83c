"""Live figures of part 1, Neurons."""

import altair as alt
import numpy as np

from dlbook.live import Choice, Frame, Handle, Mesh, Predict, Slider, Switch, live, number_text, table
from dlbook.pages.neurons.from_the_cell_to_the_unit.experiment import CELLS
from dlcore.models.neurons import lif, unit
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
    w1=Slider(-2.0, 2.0, step=0.5, value=1.0, label="weight w₁", between=True),
    w2=Slider(-2.0, 2.0, step=0.5, value=1.5, label="weight w₂", between=True),
    b=Slider(-3.0, 3.0, step=1.0, value=-1.0, label="bias b", between=True),
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


SHOWN, STEP, GATHERED = 200, 0.1, 8  # ms, ms a step, pulses
GAPS = [2, 3, 4, 6, 10, 20]  # ms between the pulses of a group


def pulses(group, gap, strength):
    """The current (T,) of eight pulses of 1 ms within 200 ms, in groups that start at equal distances."""
    groups = GATHERED // group
    starts = 5 + (SHOWN - 10) / groups * np.arange(groups)  # ms
    times = (starts[:, None] + gap * np.arange(group)).ravel()
    t = np.arange(0, SHOWN, STEP)
    on = ((t >= times[:, None]) & (t < times[:, None] + 1)).any(axis=0)
    return t, strength * on


@live(
    group=Slider([1, 2, 4, 8], value=2, label="pulses that come together"),
    gap=Slider(GAPS, value=20, label="ms between them"),
    strength=Slider([6, 10, 15, 20], value=10, label="strength (nA)"),
    leak=Switch(True, label="the cell leaks"),
    predict=Predict(
        "Eight pulses, two within 20 ms each time, and the cell is silent. You switch off its leak alone. How often "
        "will it fire?",
        "still never",
        "once for every two pulses",
        "once for each pulse",
        answer="once for every two pulses",
        because={
            "still never": "So it would be if one pulse alone had to reach the threshold. But without the leak what "
            "the first has lifted stays, and the second starts from there.",
            "once for every two pulses": "Each lifts the voltage by 10 mV, the threshold lies 15 mV up, and nothing is "
            "lost while the cell waits for the second.",
            "once for each pulse": "One pulse lifts the voltage by 10 mV, with or without the leak, and the threshold "
            "lies 15 mV up.",
        },
        see={"leak": False},
    ),
)
def one_current(group, gap, strength, leak):
    """The same eight pulses into a cell and into a unit."""
    t, current = pulses(group, gap, float(strength))
    voltage, spikes = lif(current, STEP, CELLS["leaks, is deaf 2 ms" if leak else "no leak"])
    answer = float(unit(current[:, None], np.array([47.0]), -40.0).mean()) * SHOWN / 1000
    drawn = np.where(spikes, 0.0, voltage).reshape(-1, 5)  # half a millisecond each; a spike is a stroke up to 0 mV
    shown = np.where(spikes.reshape(-1, 5).any(1), drawn.max(1), drawn.mean(1))
    count = int(spikes.sum())
    return Frame(
        tables={
            "trace": {"time": t[::5], "voltage": shown, "current": current.reshape(-1, 5).max(1)},
            "answers": {"who": ["cell", "unit"], "spikes": [count, answer]},
        },
        says=f"Eight pulses of {strength} nA, {group} at a time{f', {gap} ms apart' if group > 1 else ''}: the cell"
        f"{'' if leak else ', without its leak,'} fires {count} time{'s' * (count != 1)}; the unit of this page "
        f"answers {answer:.1f}, whenever they come.",
    )


@one_current.chart
def one_current_chart():
    x = alt.X("time:Q", title="time (ms)", scale=alt.Scale(domain=(0, SHOWN)))
    volts = alt.Y("voltage:Q", title="voltage (mV)", scale=alt.Scale(domain=(-70, 5)))
    line = alt.Chart(table("trace")).mark_line(color=LIGHT["activation"], strokeWidth=1.8).encode(x=x, y=volts)
    border = alt.Chart(table("answers")).mark_rule(color=LIGHT["weight"], strokeDash=[5, 4]).encode(y=alt.YDatum(-50))
    amps = alt.Y("current:Q", title="nA", scale=alt.Scale(domain=(0, 20)))
    current = alt.Chart(table("trace")).mark_area(color=LIGHT["input"], interpolate="step-after").encode(x=x, y=amps)
    most = alt.X("spikes:Q", title="spikes in 200 ms", scale=alt.Scale(domain=(0, 9)))
    bars = alt.Chart(table("answers")).mark_bar(size=24, color=LIGHT["activation"])
    return [
        (line + border).properties(width=380, height=210, title="What the cell does (dashed: its threshold)"),
        [
            current.properties(width=300, height=70, title="What both get"),
            bars.encode(x=most, y=alt.Y("who:N", title=None)).properties(width=300, height=70, title="What they say"),
        ],
    ]
