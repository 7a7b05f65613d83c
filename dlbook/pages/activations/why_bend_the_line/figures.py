"""What moves on the page "Why bend the line": a network, and what each of its units answers."""

from functools import cache

import altair as alt
import numpy as np

from dlbook.live import Choice, Field, Frame, Handle, Mesh, Predict, Slider, live, table
from dlcore import Tensor, manual_seed, nn, no_grad, optim
from dlcore.data import spirals
from dlcore.models import MLP
from dlcore.palette import CLASSES, LIGHT
from dlcore.rng import fork_rng

BENDS = {"none": nn.Identity, "ReLU": nn.ReLU, "tanh": nn.Tanh, "sigmoid": nn.Sigmoid}

DEPTHS, MOST_UNITS, STARTS, STEPS = range(4), 8, 3, 400

PLANE = Mesh(x=(-1.1, 1.1), y=(-1.1, 1.1), cells=80)
TILE = Mesh(x=(-1.1, 1.1), y=(-1.1, 1.1), cells=22)


def four_heaps():
    """Exclusive or with 50 points in each corner: the classes lie crosswise."""
    rng = np.random.default_rng(0)
    corner = rng.permutation(np.repeat([[-0.55, -0.55], [-0.55, 0.55], [0.55, -0.55], [0.55, 0.55]], 50, axis=0))
    x = corner + rng.uniform(-0.4, 0.4, corner.shape)  # (200, 2)
    return x.astype(np.float32), (corner.prod(axis=1) < 0).astype(int)


POINTS = {"spirals": spirals(200, noise=0.02, turns=1.25, generator=1), "exclusive or": four_heaps()}


def layers_of(model, x):
    """The answers to x (N, 2) of every hidden layer after its bend, and at last the logit of class 1."""
    with no_grad():
        a, answers = model[0](Tensor(x.astype(np.float32))), []
        for part in list(model)[1:]:
            if isinstance(part, nn.Linear):
                answers.append(a.numpy())
            a = part(a)
    return [*answers, a.numpy()]


def once(points, depth, activation, units, seed):
    """Train one network with Adam; its loss, and the network."""
    x, y = POINTS[points]
    x, y = Tensor(x), Tensor(y[:, None].astype(np.float32))  # (200, 2), (200, 1)
    with fork_rng():
        manual_seed(seed)
        model = MLP([2] + [units] * depth + [1], activation=BENDS[activation])
    optimizer, criterion = optim.Adam(model.parameters(), lr=0.03), nn.BCEWithLogitsLoss()
    for _ in range(STEPS):
        loss = criterion(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return criterion(model(x), y).item(), model


@cache
def trained(points, depth, activation, units):
    """The best of a few starts, and the share of the points that are on their side."""
    starts = [once(points, depth, activation, units, seed) for seed in range(STARTS)]
    model = min(starts, key=lambda start: start[0])[1]
    x, y = POINTS[points]
    return model, float(((layers_of(model, x)[-1][:, 0] > 0) == y).mean())


def network(points, depth, activation, units):
    """A trained network; without a hidden layer there is only one."""
    return trained(points, depth, activation, units) if depth else trained(points, 0, "none", 0)


def tiles(model):
    """Each hidden unit's answers over the plane, from its least (0) to its largest (1): rows are layers, the first
    at the top."""
    side = TILE.cells
    picture = np.zeros((DEPTHS[-1] * side, MOST_UNITS * side))
    for layer, answers in enumerate(layers_of(model, TILE.points)[:-1]):
        row = DEPTHS[-1] - 1 - layer
        for unit, answer in enumerate(answers.T):
            least, most = answer.min(), answer.max()
            shade = (answer - least) / max(most - least, 1e-9)
            picture[row * side : (row + 1) * side, unit * side : (unit + 1) * side] = shade.reshape(side, side)
    return Field(picture, (0, MOST_UNITS, 0, DEPTHS[-1]))


def frames_of_tiles(depth, units):
    """Where the pictures of the units are."""
    at = [(unit, DEPTHS[-1] - 1 - layer) for layer in range(depth) for unit in range(units)]
    x, y = np.array(at, dtype=float).reshape(-1, 2).T
    return {"x": x, "x2": x + 1, "y": y, "y2": y + 1}


def story(depth, activation, blank):
    """What to see in this network; `blank`: how many of its units answer 0 everywhere."""
    if depth == 0:
        return "Without a hidden layer the border is one straight line."
    idle = f" An empty picture: a unit that is off everywhere ({blank} here)." * (activation == "ReLU" and blank > 0)
    deeper = " Deeper creases bend where they cross an earlier one." * (depth > 1)
    return {
        "none": "Every unit’s picture is a plain slope, in every layer, and so the border is one straight line.",
        "ReLU": "In the first layer each unit has one straight crease." + deeper + idle,
        "tanh": "Each unit is a soft step; the border can curve.",
        "sigmoid": "Each unit is a soft step; the border can curve.",
    }[activation]


@live(
    depth=Slider(0, 3, value=1, label="hidden layers"),
    activation=Choice(*BENDS, value="ReLU", label="activation"),
    units=Slider([2, 4, 8], value=4, label="units in each layer"),
    points=Choice(*POINTS, label="points"),
    drag=Handle(panel=2, x="depth"),
    predict=Predict(
        "Take the activation away and stack three hidden layers. What will the border between the colours be?",
        "one straight line",
        "three straight pieces",
        "a smooth curve",
        answer="one straight line",
        because={
            "one straight line": "A weighted sum of weighted sums is a weighted sum again: three layers without a bend "
            "can do no more than one. Look at the units: not one of them has a crease.",
            "three straight pieces": "A corner is a bend, and there is none: each layer hands on weighted sums, and "
            "the next weighs them again.",
            "a smooth curve": "It takes a curved activation to draw a curve, and you have just taken it away.",
        },
        see={"depth": 3, "activation": "none", "units": 8},
    ),
)
def depth_and_bend(depth, activation, units, points):
    """A network, and what each of its units answers."""
    model, share = network(points, depth, activation, units)
    x, y = POINTS[points]
    shares = [100 * network(points, d, activation, units)[1] for d in DEPTHS]
    *hidden, last = layers_of(model, PLANE.points)
    answer = 1 / (1 + np.exp(-last.astype(float)))
    blank = sum(int((a.max(axis=0) == 0).sum()) for a in hidden)
    layers = (
        f"{depth} hidden layer{'s' * (depth != 1)} of {units}, activation {activation}"
        if depth
        else f"no hidden layer (the bars: layers of {units}, activation {activation})"
    )
    return Frame(
        tables={
            "answer": PLANE.field(answer, mean_of=2),
            "points": {"x": x[:, 0], "y": x[:, 1], "class": y},
            "units": tiles(model),
            "tiles": frames_of_tiles(depth, units if depth else 0),
            "shares": {"depth": list(DEPTHS), "right": shares},
        },
        says=f"{points.capitalize()}, {layers}: {100 * share:.0f} % of the points are on their side. "
        f"{story(depth, activation, blank)}",
    )


@depth_and_bend.chart
def depth_and_bend_chart():
    x = alt.X("x:Q", title="input x₁", scale=alt.Scale(domain=(-1.1, 1.1)))
    y = alt.Y("y:Q", title="input x₂", scale=alt.Scale(domain=(-1.1, 1.1)))
    tints = alt.Scale(domain=(-0.5, 0.5, 1.5), range=[CLASSES[0], LIGHT["paper"], CLASSES[1]])
    answer = (
        alt.Chart(table("answer"))
        .mark_rect()
        .encode(x=x, x2="x2", y=y, y2="y2", color=alt.Color("value:Q", scale=tints, legend=None))
    )
    of_class = alt.Fill("class:O", scale=alt.Scale(domain=[0, 1], range=CLASSES[:2]), legend=None)
    shape = alt.Shape("class:O", scale=alt.Scale(domain=[0, 1], range=["circle", "square"]), legend=None)
    points = alt.Chart(table("points")).mark_point(stroke=LIGHT["paper"], strokeWidth=0.7, size=34, opacity=1)
    plane = answer + points.encode(x=x, y=y, fill=of_class, shape=shape)

    across = alt.X("x:Q", title=None, axis=None, scale=alt.Scale(domain=(0, MOST_UNITS)))
    layer = alt.Axis(values=[0.5, 1.5, 2.5], labelExpr="'layer ' + (3.5 - datum.value)", ticks=False, grid=False)
    down = alt.Y("y:Q", title=None, axis=layer, scale=alt.Scale(domain=(0, DEPTHS[-1])))
    shades = alt.Scale(domain=(0, 1), range=[LIGHT["paper"], LIGHT["activation"]])
    seen = alt.Chart(table("units")).mark_rect()
    edges = alt.Chart(table("tiles")).mark_rect(fillOpacity=0, stroke=LIGHT["muted"], strokeWidth=1)
    units = seen.encode(
        x=across, x2="x2", y=down, y2="y2", color=alt.Color("value:Q", scale=shades, legend=None)
    ) + edges.encode(x=across, x2="x2", y=down, y2="y2")

    by_depth = (
        alt.Chart(table("shares"))
        .mark_bar(color=LIGHT["activation"], clip=True)
        .encode(
            x=alt.X("depth:O", title="hidden layers", axis=alt.Axis(labelAngle=0)),
            y=alt.Y("right:Q", title="% right", scale=alt.Scale(domain=(0, 100)), axis=alt.Axis(tickCount=3)),
            opacity=alt.condition("datum.depth == depth", alt.value(1), alt.value(0.35)),
        )
    )
    return [
        plane.properties(width=340, height=340, title="What the network answers, and the points"),
        [
            units.properties(width=300, height=113, title="What each hidden unit answers"),
            by_depth.properties(width=300, height=80, title="Points on their side, for every depth"),
        ],
    ]
