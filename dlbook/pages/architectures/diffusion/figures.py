"""What moves on the page "Diffusion": points on their way from noise to the ring, and the book's 7 in as much noise."""

from functools import cache

import altair as alt
import numpy as np

from dlbook.live import Choice, Frame, Predict, Slider, Switch, Time, live, table
from dlbook.pages.architectures.diffusion import experiment as lab
from dlcore.palette import LIGHT

TICKS = 20
POINTS = 100
REACH = 3.2  # of the plane that is drawn
GRID = np.stack(np.meshgrid(*2 * [np.linspace(-2.9, 2.9, 9)]), axis=-1).reshape(-1, 2)
LONGEST, SCALE = 0.5, 0.35  # of an arrow, on the plane; of its length to the noise that is named
GREY = ["#fff", "#000"]  # ink dark on light paper, in both themes
GUESSERS = {
    "learned": lambda: lab.on_ring(0),
    "exact": lambda: lab.exact,
    "exact for 12 points": lambda: lab.mixture(twelve(), 0.0),
}


@cache
def twelve():
    """Twelve points of the ring, all that the third kind of arrows knows."""
    return lab.ring(12, 12).astype(float)


def seen_at(steps):
    """For each tick: which position of a walk of so many steps is shown, and its level."""
    times = np.array(lab.levels(steps))
    shown = [int((times >= level).sum()) - 1 for level in lab.levels(TICKS)]
    return shown, times[shown]


@cache
def walked(arrows, steps, fresh):
    """Positions of the points at each tick (TICKS + 1, N, 2)."""
    noise = np.random.default_rng(3).normal(size=(POINTS, 2))
    path = lab.walk(GUESSERS[arrows](), noise, lab.levels(steps), "fresh" if fresh else "none", seed=4)
    return path[seen_at(steps)[0]]


@cache
def field(arrows, steps):
    """Tips of the arrows and their angles at each tick, in columns; where the walk is over they have no length."""
    tips = []
    for level in seen_at(steps)[1]:
        way = -GUESSERS[arrows]()(GRID, level) if level >= 0 else 0 * GRID
        length = np.linalg.norm(way, axis=1, keepdims=True)
        tips.append(SCALE * way * np.minimum(1, LONGEST / (SCALE * length + 1e-9)))
    tips = np.array(tips)
    angle = np.degrees(np.arctan2(tips[..., 0], tips[..., 1])) % 360
    start = np.broadcast_to(GRID, tips.shape)
    return {
        "tick": np.repeat(np.arange(TICKS + 1), len(GRID)),
        "x": start[..., 0].ravel(),
        "y": start[..., 1].ravel(),
        "x2": (start + tips)[..., 0].ravel(),
        "y2": (start + tips)[..., 1].ravel(),
        "angle": angle.ravel().round(),
    }


@cache
def seven():
    """The book's 7 in the noise of each tick, and what the network takes it for: columns of ink."""
    digits, rng = lab.digits(), np.random.default_rng(7)
    clean, noise = digits.rows(digits.seven[None]), rng.normal(size=(1, 64))
    shown, taken = [], []
    for level in lab.levels(TICKS):
        if level < 0:
            noisy = guess = clean
        else:
            kept = lab.KEPT[level]
            noisy = np.sqrt(kept) * clean + np.sqrt(1 - kept) * noise
            named = lab.on_digits()(noisy, level)
            guess = (noisy - np.sqrt(1 - kept) * named) / np.sqrt(kept)
        shown.append((noisy * digits.spread + digits.mean).clip(0, 1)[0])
        taken.append((guess * digits.spread + digits.mean).clip(0, 1)[0])
    rows, columns = np.indices((8, 8)).reshape(2, -1)
    places = {"row": np.tile(rows, TICKS + 1), "column": np.tile(columns, TICKS + 1)}
    return places | {
        "tick": np.repeat(np.arange(TICKS + 1), 64),
        "noisy": np.ravel(shown).round(2),
        "guess": np.ravel(taken).round(2),
    }


@live(
    step=Time(TICKS, value=4, label="on the way back", per_second=4),
    steps=Slider([5, 20, 100], value=20, label="steps of the walk", log=True),
    arrows=Choice(*GUESSERS, value="learned", label="arrows"),
    fresh=Switch(True, label="fresh noise in each step"),
    predict=Predict(
        "Suppose the arrows are exact: at every place and level of noise they show precisely the right way. The "
        "points take only 5 steps. How many of them end up in one of the eight clouds?",
        "nearly all: the arrows are exact",
        "less than half",
        "nearly none",
        answer="less than half",
        because={
            "nearly all: the arrows are exact": "Each arrow is right where it starts. A long step follows it far "
            "beyond that place, where another would be right.",
            "less than half": "An arrow is right where it starts, and a long step goes on where it no longer is. "
            "That is a fault of the walk, and no training mends it.",
            "nearly none": "They do get near the ring, for the first steps decide little and can be long. It is the "
            "last ones that are too coarse.",
        },
        see={"steps": 5, "arrows": "exact", "fresh": True, "step": TICKS},
    ),
)
def from_noise_to_ring(steps, arrows, fresh):
    """Where do the arrows lead?"""
    path = walked(arrows, steps, fresh)
    far = np.linalg.norm(path[:, :, None] - lab.CENTRES, axis=-1).min(axis=-1)
    near = (far < 3 * lab.SPREAD).sum(axis=1)
    kept = np.append(lab.KEPT, 1.0)[seen_at(steps)[1]]
    shrunk = np.sqrt(kept)[:, None, None] * lab.CENTRES
    ticks = np.arange(TICKS + 1)
    return Frame(
        tables={
            "arrows": field(arrows, steps),
            "points": {
                "tick": np.repeat(ticks, POINTS),
                "x": path[..., 0].ravel().clip(-REACH, REACH),
                "y": path[..., 1].ravel().clip(-REACH, REACH),
            },
            "centres": {"tick": np.repeat(ticks, 8), "x": shrunk[..., 0].ravel(), "y": shrunk[..., 1].ravel()},
            "told": {"step": ticks, "near": near, "noise": np.round(100 * np.sqrt(1 - kept))},
            "image": seven(),
        },
        says=f"{steps} steps, {'with' if fresh else 'without'} fresh noise, arrows {arrows}. Noise {{told.noise}} %: "
        f"{{told.near}} of {POINTS} points lie in a cloud.",
    )


@from_noise_to_ring.chart
def from_noise_to_ring_chart():
    square = alt.Scale(domain=(-REACH, REACH), nice=False)
    axis = alt.Axis(values=[-2, 0, 2], grid=False)
    x, y = alt.X("x:Q", scale=square, title="x₁", axis=axis), alt.Y("y:Q", scale=square, title="x₂", axis=axis)

    def now(name):
        return alt.Chart(table(name)).transform_filter("datum.tick == step")

    arrows = now("arrows").transform_filter(f"datum.tick < {TICKS}")
    shafts = arrows.mark_rule(color=LIGHT["gradient"], strokeWidth=1.2, opacity=0.75).encode(x=x, y=y, x2="x2", y2="y2")
    heads = arrows.mark_point(shape="triangle-up", filled=True, color=LIGHT["gradient"], size=26, opacity=0.9)
    heads = heads.encode(
        x=alt.X("x2:Q", scale=square), y=alt.Y("y2:Q", scale=square), angle=alt.Angle("angle:Q", scale=None)
    )
    middles = now("centres").mark_point(shape="cross", filled=True, color=LIGHT["ink"], size=45, opacity=1)
    points = now("points").mark_circle(color=LIGHT["activation"], size=34, opacity=0.85, clip=True)
    plane = shafts + heads + points.encode(x=x, y=y) + middles.encode(x=x, y=y)
    return [
        plane.properties(width=340, height=340, title="Points, arrows, and the middles of the eight clouds (crosses)"),
        [
            _image("noisy").properties(width=150, height=150, title="The 7 in as much noise"),
            _image("guess").properties(width=150, height=150, title="What a network sees in it"),
        ],
    ]


def _image(column):
    """An 8 × 8 picture of the tick that is shown."""
    edges = {"left": "datum.column - 0.5", "right": "datum.column + 0.5"}
    edges |= {"top": "datum.row - 0.5", "bottom": "datum.row + 0.5"}
    x = alt.X("left:Q", axis=None, scale=alt.Scale(domain=(-0.5, 7.5), nice=False))
    y = alt.Y("top:Q", axis=None, scale=alt.Scale(domain=(7.5, -0.5), nice=False))
    grey, seam = (
        of(f"{column}:Q", scale=alt.Scale(domain=(0, 1), range=GREY), legend=None) for of in (alt.Color, alt.Stroke)
    )
    pixels = alt.Chart(table("image")).transform_filter("datum.tick == step").transform_calculate(**edges).mark_rect()
    return pixels.encode(x=x, x2="right", y=y, y2="bottom", color=grey, stroke=seam)
