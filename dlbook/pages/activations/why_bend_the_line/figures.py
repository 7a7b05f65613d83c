"""What moves on the page "Why bend the line": layers with a bend, and layers without."""

from functools import cache

import altair as alt
import numpy as np

from dlbook.live import Choice, Frame, Handle, Mesh, Predict, Slider, Time, live, table
from dlcore import Tensor, manual_seed, nn, no_grad, optim
from dlcore.data import spirals
from dlcore.palette import CLASSES, LIGHT
from dlcore.rng import fork_rng

BENDS = {"none": nn.Identity, "ReLU": nn.ReLU, "tanh": nn.Tanh, "sigmoid": nn.Sigmoid}

DEPTHS = range(5)

TIMES = [0, 1, 2, 4, 7, 10, 15, 20, 30, 40, 55, 70, 90, 110, 140, 170, 200, 250, 300, 350, 400, 450, 500, 600]

POINTS, CLASS = spirals(200, noise=0.02, turns=1.25, generator=1)  # (200, 2), (200,)

PLANE = Mesh(x=(-1.1, 1.1), y=(-1.1, 1.1), cells=80)


def network(depth, activation, width):
    """Two inputs, `depth` hidden layers of `width` units, one output: the logit of class 1."""
    layers, features = [], 2
    for _ in range(depth):
        layers += [nn.Linear(features, width), BENDS[activation]()]
        features = width
    return nn.Sequential(*layers, nn.Linear(features, 1))


@cache
def trained(depth, activation, width):
    """Train one network with Adam; its loss at every step, and at TIMES its accuracy and its answer on the plane."""
    with fork_rng():
        manual_seed(0)
        model = network(depth, activation, width)
    optimizer, criterion = optim.Adam(model.parameters(), lr=0.02), nn.BCEWithLogitsLoss()
    x, y = Tensor(POINTS), Tensor(CLASS[:, None].astype(np.float32))  # (200, 2), (200, 1)
    plane = Tensor(PLANE.points.astype(np.float32))
    losses, right, answers = [], {}, {}
    for step in range(TIMES[-1] + 1):
        logits = model(x)
        loss = criterion(logits, y)
        losses.append(loss.item())
        if step in TIMES:
            right[step] = float(((logits.detach().numpy() > 0) == y.numpy()).mean())
            with no_grad():
                answers[step] = model(plane).sigmoid().numpy()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return np.array(losses), right, answers


def story(depth, activation, width):
    """What to see in this network."""
    if depth == 0:
        return "Without a hidden layer the border is one straight line."
    if activation == "none":
        return "Without a bend all the layers multiply out to a single one: the border stays straight."
    return {
        "ReLU": "Each ReLU unit has one crease; the border is made of straight pieces.",
        "tanh": "tanh bends smoothly, and so does the border.",
        "sigmoid": "Sigmoids bend smoothly, but their slope is a quarter at most: deep stacks of them learn late.",
    }[activation]


@live(
    depth=Slider(0, 4, value=2, label="hidden layers"),
    activation=Choice(*BENDS, value="ReLU", label="activation"),
    units=Slider([2, 4, 8], value=8, label="units in each layer"),
    step=Time(TIMES, value=600, label="training step", per_second=8),
    drag=Handle(panel=2, x="depth"),
    predict=Predict(
        "Take the activation away and stack four hidden layers. What will the border between the colours be?",
        "one straight line",
        "four straight pieces",
        "a smooth curve",
        answer="one straight line",
        because={
            "one straight line": "A weighted sum of weighted sums is a weighted sum again: four layers without a bend "
            "can do no more than one. Depth pays only with a bend.",
            "four straight pieces": "A corner is a bend, and there is none: each layer hands on weighted sums, and the "
            "next weighs them again.",
            "a smooth curve": "It takes a curved activation to draw a curve, and you have just taken it away.",
        },
        see={"depth": 4, "activation": "none", "units": 8, "step": 600},
    ),
)
def depth_and_bend(depth, activation, units, step):
    """Layers with a bend, and layers without."""
    losses, right, answers = trained(depth, activation, units)
    seen = np.unique(np.geomspace(1, TIMES[-1] + 1, 60).astype(int)) - 1
    final = [trained(d, activation, units)[0][-1] for d in DEPTHS]
    layers = (
        f"{depth} hidden layer{'s' * (depth != 1)} of {units}"
        if depth
        else f"No hidden layer (the bars: layers of {units})"
    )
    return Frame(
        tables={
            "answer": PLANE.field(answers[step], mean_of=2),
            "points": {"x": POINTS[:, 0], "y": POINTS[:, 1], "class": CLASS},
            "loss": {"step": seen, "loss": losses[seen]},
            "final": {"depth": list(DEPTHS), "loss": final},
        },
        says=f"{layers}, activation {activation}: after {step} steps the loss is {losses[step]:.2f}, and "
        f"{100 * right[step]:.0f} % of the points are on their side. {story(depth, activation, units)}",
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

    height = alt.Y("loss:Q", title="loss", scale=alt.Scale(domain=(0, 0.8)))
    time = alt.X("step:Q", title="training step", scale=alt.Scale(type="symlog", domain=(0, 600), constant=10))
    curve = alt.Chart(table("loss")).encode(x=time.axis(values=[0, 10, 50, 200, 600]), y=height)
    history = curve.mark_line(color=LIGHT["grid"], clip=True) + curve.transform_filter("datum.step <= step").mark_line(
        color=LIGHT["loss"], strokeWidth=2.5, clip=True
    )
    bars = alt.Chart(table("final")).mark_bar(color=LIGHT["loss"], clip=True)
    by_depth = bars.encode(
        x=alt.X("depth:O", title="hidden layers", axis=alt.Axis(labelAngle=0)),
        y=height,
        opacity=alt.condition("datum.depth == depth", alt.value(1), alt.value(0.35)),
    )
    return [
        plane.properties(width=340, height=340, title="What the network answers, and the points"),
        [
            history.properties(width=280, height=110, title="Loss while it trains"),
            by_depth.properties(width=280, height=110, title="Loss after training, for every depth"),
        ],
    ]
