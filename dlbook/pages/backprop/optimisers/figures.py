"""What moves on the page "Optimisers": a race of four, on ground of two weights."""

import altair as alt
import numpy as np

from dlbook.live import Choice, Frame, Handle, Predict, Slider, Time, live, number_text, powers_of_ten, table
from dlbook.pages.backprop.optimisers.experiment import (
    NARROW,
    RUNNERS,
    STARTS_1,
    STARTS_2,
    STEPS,
    SURFACES,
    arrival,
    own_setting,
    walk,
)
from dlbook.pages.landscape import GROUND, contours, landscape
from dlcore.palette import LIGHT

FLOOR, CEILING = 1e-6, 1e3  # of the losses that the chart shows
NAMES = list(RUNNERS)
COLOURS = [LIGHT[name] for name in ("ink", "input", "activation", "gradient")]
SHAPES = ["circle", "square", "triangle-up", "diamond"]
DASHES = [[1, 0], [7, 3], [3, 2], [1, 2]]


def told(steps):
    """Who arrived after how many steps, the fastest first; who did not, last."""
    order = np.argsort(steps, kind="stable")
    there = [f"{NAMES[k]} {steps[k]}" for k in order if steps[k] <= STEPS]
    missing = [NAMES[k] for k in order if steps[k] > STEPS]
    return ", ".join(there) + (f"; not within {STEPS}: {' and '.join(missing)}" if missing else "")


@live(
    start_1=Slider(STARTS_1, value=-1.2, label="start w₁", between=True),
    start_2=Slider(STARTS_2, value=0.6, label="start w₂", between=True),
    surface=Choice(*SURFACES, label="surface", value="ravine"),
    step=Time(STEPS, value=8, label="step", per_second=8),
    drag=Handle(x="start_1", y="start_2"),
    predict=Predict(
        f"The narrow valley is {NARROW} times as steep across as along. Each of the four has its own best rate there. "
        "Whose loss falls below 0.01 first?",
        *NAMES,
        answer="RMSprop",
        because={
            "SGD": "One rate has to serve both directions. Across the valley it is near its limit, and along it "
            "crawls.",
            "momentum": "Faster than SGD: along the valley the slopes add up. But it still has one rate for both "
            "directions, and has to get rid of its speed at the end.",
            "RMSprop": "Each weight has its own pace, so the valley is as good as round. And v starts at 0, "
            "uncorrected: the first step is ten times the rate, the next ever shorter. With v corrected it needs "
            "about as many steps as Adam. Now turn the valley.",
            "Adam": "It has a pace for each weight as RMSprop has, and remembers slopes besides. But it corrects v, "
            "and so goes without the long first steps with which RMSprop wins here.",
        },
        see={"surface": "narrow valley", "step": STEPS},
    ),
)
def race(start_1, start_2, surface):
    """A race of four optimisers, each at its own best rate."""
    runs = [walk(surface, name, np.array([start_1, start_2]), *own_setting(surface, name)) for name in NAMES]
    steps = [int(arrival(*run)) for run in runs]
    which = np.repeat(np.arange(len(NAMES)), STEPS + 1)
    paths = np.concatenate([places for places, _ in runs]).clip(-9, 9)  # (4 · 61, 2)
    step = np.tile(np.arange(STEPS + 1), len(NAMES))
    rates = ", ".join(number_text(float(f"{own_setting(surface, name)[0]:.2g}")) for name in NAMES)
    return Frame(
        tables={
            "ground": GROUND.field(np.log10(np.abs(SURFACES[surface](GROUND.x, GROUND.y)[0]) + 0.01)),
            "contours": contours(lambda u, v: SURFACES[surface](u, v)[0], (0.01, 0.1, 0.5, 2, 8, 32)),
            "paths": {"which": which, "step": step, "w1": paths[:, 0], "w2": paths[:, 1]},
            "losses": {
                "which": which,
                "step": step,
                "loss": np.concatenate([losses for _, losses in runs]).clip(FLOOR, CEILING),
            },
            "needed": {
                "which": np.arange(len(NAMES)),
                "name": NAMES,
                "steps": np.minimum(steps, STEPS),
                "text": [str(n) if n <= STEPS else f"more than {STEPS}" for n in steps],
            },
        },
        says=f"The {surface} from ({number_text(start_1)}, {number_text(start_2)}), up to step {{step}}. Steps until "
        f"the loss is below 0.01: {told(steps)}. Their rates, in the order of the bars: {rates}.",
    )


@race.chart
def race_chart():
    w1 = alt.X("w1:Q", title="weight w₁", scale=alt.Scale(domain=(-2, 2)))
    w2 = alt.Y("w2:Q", title="weight w₂", scale=alt.Scale(domain=(-2, 2)))
    plane = landscape()
    for k, (colour, shape, dash) in enumerate(zip(COLOURS, SHAPES, DASHES, strict=True)):
        path = alt.Chart(table("paths")).transform_filter(f"datum.which == {k} && datum.step <= step")
        path = path.encode(x=w1, y=w2, order="step:Q")
        plane += path.mark_line(color=colour, strokeWidth=1.8, strokeDash=dash, clip=True)
        now = path.transform_filter("datum.step == step")
        plane += now.mark_point(color=colour, shape=shape, size=110, filled=True, opacity=1, clip=True)

    steps = alt.X("step:Q", title="step", scale=alt.Scale(domain=(0, STEPS)))
    height = alt.Y(
        "loss:Q", title="loss", scale=alt.Scale(type="log", domain=(FLOOR, CEILING)), axis=powers_of_ten(-6, -3, 0, 3)
    )
    colour = alt.Color("which:O", scale=alt.Scale(domain=[0, 1, 2, 3], range=COLOURS), legend=None)
    dash = alt.StrokeDash("which:O", scale=alt.Scale(domain=[0, 1, 2, 3], range=DASHES), legend=None)
    losses = alt.Chart(table("losses")).transform_filter("datum.step <= step").mark_line(strokeWidth=2, clip=True)
    losses = losses.encode(x=steps, y=height, color=colour, strokeDash=dash)

    count = alt.X("steps:Q", title="steps until the loss is below 0.01", scale=alt.Scale(domain=(0, STEPS + 25)),
                  axis=alt.Axis(values=[0, 20, 40, 60]))  # fmt: skip
    who = alt.Y("name:N", title=None, sort=NAMES, axis=alt.Axis(labelPadding=10))
    shape = alt.Shape("which:O", scale=alt.Scale(domain=[0, 1, 2, 3], range=SHAPES), legend=None)
    shown = alt.Chart(table("needed")).transform_filter(f"step >= datum.steps || step == {STEPS}")
    bars = shown.mark_bar(height=10).encode(x=count, y=who, color=colour)
    marks = alt.Chart(table("needed")).transform_calculate(zero="0").mark_point(size=110, filled=True, opacity=1)
    marks = marks.encode(x=alt.X("zero:Q", scale=alt.Scale(domain=(0, STEPS + 25))), y=who, color=colour, shape=shape)
    numbers = shown.mark_text(align="left", dx=8, color=LIGHT["ink"]).encode(x=count, y=who, text="text:N")
    return [
        plane.properties(width=340, height=340, title="Four paths, as far as the step"),
        [
            (bars + marks + numbers).properties(width=270, height=120, title="Who has arrived?"),
            losses.properties(width=280, height=120, title="Loss at each step"),
        ],
    ]
