"""What moves on the page "Going downhill": how far to step."""

import altair as alt
import numpy as np

from dlbook.live import Choice, Frame, Handle, Predict, Slider, Time, live, number_text, powers_of_ten, table
from dlbook.live.frame import two_digits
from dlbook.pages.landscape import GROUND, contours, landscape
from dlcore.palette import LIGHT

STEPS = 30

RATES = [0.01, 0.014, 0.02, 0.03, 0.04, 0.05, 0.07, 0.1, 0.14, 0.2, 0.3, 0.4, 0.5, 0.7, 1.0, 1.4, 2.0, 3.0]

#: name → (loss, its gradient, largest curvature at a minimum), of two weights
SURFACES = {
    "round bowl": (lambda u, v: (u**2 + v**2) / 2, lambda u, v: (u, v), 1),
    "valley": (lambda u, v: (u**2 + 10 * v**2) / 2, lambda u, v: (u, 10 * v), 10),
    "two hollows": (lambda u, v: (u**2 - 1) ** 2 / 4 + v**2 / 2, lambda u, v: (u**3 - u, v), 2),
}


FLOOR, CEILING = 1e-10, 1e7  # of the losses that the charts show


def descend(surface, rate, start):
    """Gradient descent at one rate, or at several at once: weights (2, STEPS + 1, …), kept finite."""
    _, slope, _ = SURFACES[surface]
    u, v = (np.full(np.shape(rate), w) for w in start)
    path = [(u, v)]
    for _ in range(STEPS):
        du, dv = slope(u, v)
        u, v = np.clip(u - rate * du, -1e6, 1e6), np.clip(v - rate * dv, -1e6, 1e6)
        path.append((u, v))
    return np.moveaxis(np.array(path), 1, 0)


def shown_loss(surface, path):
    """Losses along a path, within what the charts show."""
    return np.clip(SURFACES[surface][0](*path), FLOOR, CEILING)


def told_loss(loss):
    """A loss in words; at the ends of what the charts show, which side it is on."""
    return "more than 10⁷" if loss >= CEILING else "less than 10⁻¹⁰" if loss <= FLOOR else two_digits(loss)


def inside(path, reach=9.0):
    """The path up to where it leaves the ground: its last stretch is cut at `reach`, what follows is a gap."""
    path = path.copy()
    far = np.abs(path).max(axis=0) > reach
    if far.any():
        first = far.argmax()
        before, after = path[:, first - 1], path[:, first]
        way = after - before
        path[:, first] = before + way * min((reach * np.sign(d) - b) / d for b, d in zip(before, way, strict=True) if d)
        path[:, first + 1 :] = np.nan
    return path


def story(surface, rate):
    """What this rate does on this surface, in words."""
    curvature = SURFACES[surface][2]
    limit = f"2/{curvature} = {number_text(2 / curvature)}"
    if surface == "two hollows":
        if rate > 1:
            return f"Beyond {limit} no hollow can hold the path."
        return f"A hollow can hold a path only up to its limit, {limit}; a path from far out may miss it even then."
    factors = sorted({1 - rate, 1 - curvature * rate}, reverse=True)
    times = " and ".join(number_text(factor) for factor in factors)
    each = (
        f"w₁ by {times.split(' and ')[0]}, w₂ by {times.split(' and ')[-1]}" if len(factors) > 1 else f"both by {times}"
    )
    if rate * curvature > 2:
        return f"A step multiplies {each}: it overshoots further each time. The limit is {limit}."
    if rate * curvature == 2:
        return f"A step multiplies {each}: exactly the limit, {limit}, and it swings for ever."
    return f"A step multiplies {each}: the loss shrinks, as it does at every rate below the limit, {limit}."


@live(
    rate=Slider(RATES, value=0.1, label="learning rate", log=True, between=True),
    start_1=Slider([-1.8, -1.2, -0.6, 0.1, 0.6, 1.2, 1.8], value=-1.8, label="start w₁", between=True),
    start_2=Slider([-1.2, -0.6, 0.1, 0.6, 1.2], value=1.2, label="start w₂", between=True),
    surface=Choice(*SURFACES, label="surface", value="round bowl"),
    step=Time(STEPS, value=STEPS, label="step", per_second=6),
    drag=[Handle(x="start_1", y="start_2"), Handle(panel=2, x="rate")],
    predict=Predict(
        "In the round bowl the loss shrinks at every rate below 2. The valley is ten times as steep across as along. "
        "From which rate on will its loss grow?",
        answer=0.2,
        within=1.3,
        because="The limit is 2 divided by the largest curvature: here 2/10. The steepest direction sets the rate "
        "for all, and the flat one crawls.",
        low="Up to 0.2 a step may overshoot the bottom across the valley, and still land lower than it stood.",
        high="Along the valley there is room for longer steps. Across it, each of them lands higher than it stood.",
        see={"surface": "valley", "rate": 0.3, "step": 30},
    ),
)
def step_size(rate, start_1, start_2, surface):
    """How far to step: too short crawls, too long climbs the other side."""
    path = descend(surface, rate, (start_1, start_2))
    loss = shown_loss(surface, path)
    rates = np.geomspace(0.01, 3, 61)
    after = shown_loss(surface, descend(surface, rates, (start_1, start_2)))[-1]
    limit = 2 / SURFACES[surface][2]
    drawn, steps = inside(path), np.arange(STEPS + 1)
    return Frame(
        tables={
            "ground": GROUND.field(np.log10(SURFACES[surface][0](GROUND.x, GROUND.y) + 0.01)),
            "contours": contours(SURFACES[surface][0], (0.02, 0.1, 0.25, 0.5, 1, 2, 4, 8)),
            "path": {"step": steps, "w1": drawn[0], "w2": drawn[1]},
            "loss": {"step": steps, "loss": loss, "told": [told_loss(value) for value in loss]},
            "sweep": {"rate": rates, "loss": after},
            "limit": {"rate": limit, "text": f"limit {number_text(limit)}"},
            "now": {"rate": rate, "loss": np.clip(loss[-1], 1e-9, 1e6)},
        },
        says=f"From ({number_text(start_1)}, {number_text(start_2)}) at rate {number_text(rate)} the loss at step "
        f"{{step}} is {{loss.told}}. {story(surface, rate)}",
    )


@step_size.chart
def step_size_chart():
    w1 = alt.X("w1:Q", title="weight w₁", scale=alt.Scale(domain=(-2, 2)))
    w2 = alt.Y("w2:Q", title="weight w₂", scale=alt.Scale(domain=(-2, 2)))
    path = alt.Chart(table("path")).transform_filter("datum.step <= step").encode(x=w1, y=w2, order="step:Q")
    plane = (
        landscape()
        + path.mark_line(color=LIGHT["ink"], strokeWidth=1.5, clip=True)
        + path.mark_point(color=LIGHT["ink"], size=18, opacity=1, clip=True)
        + path.transform_filter("datum.step == step").mark_point(color=LIGHT["weight"], size=130, opacity=1, clip=True)
    )

    height = alt.Y(
        "loss:Q", title="loss", scale=alt.Scale(type="log", domain=(1e-9, 1e6)), axis=powers_of_ten(-8, -4, 0, 4)
    )
    steps = alt.X("step:Q", title="step", scale=alt.Scale(domain=(0, STEPS)))
    losses = alt.Chart(table("loss")).encode(x=steps, y=height)
    history = losses.mark_line(color=LIGHT["grid"], clip=True) + losses.transform_filter(
        "datum.step <= step"
    ).mark_line(color=LIGHT["loss"], strokeWidth=2.5, clip=True)

    rates = alt.X("rate:Q", title="learning rate", scale=alt.Scale(type="log", domain=(0.01, 3)), axis=decimals())
    limit = alt.Chart(table("limit")).encode(x=rates)
    sweep = (
        limit.mark_rule(color=LIGHT["ink"], strokeDash=[4, 3])
        + limit.mark_text(align="right", dx=-5, color=LIGHT["ink"]).encode(text="text:N", y=alt.value(8))
        + alt.Chart(table("sweep")).mark_line(color=LIGHT["loss"], clip=True).encode(x=rates, y=height)
        + alt.Chart(table("now")).mark_point(color=LIGHT["weight"], size=110, opacity=1).encode(x=rates, y=height)
    )
    return [
        plane.properties(width=340, height=340, title="The path of the two weights"),
        [
            history.properties(width=280, height=110, title="Loss at each step"),
            sweep.properties(width=280, height=110, title=f"Loss after {STEPS} steps, for every rate"),
        ],
    ]


def decimals():
    """The ticks of a learning rate."""
    return alt.Axis(values=[0.01, 0.03, 0.1, 0.3, 1, 3], format="~g")
