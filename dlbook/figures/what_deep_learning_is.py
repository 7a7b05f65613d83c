"""Live figure of the page "What deep learning is": you choose features by hand, networks learn theirs."""

from functools import cache

import altair as alt
import numpy as np

import dlcore
from dlbook.live import Frame, Predict, Slider, Switch, live, table
from dlcore import data, nn, optim
from dlcore.palette import LIGHT
from dlcore.train import fit, predictions, steps

SIZE = 12  # pixels: height and width of the images in which the digits wander
SEEDS = (0, 1, 2)
COUNTS = [20, 50, 100, 200, 400, 1078]
LEARNERS = {
    "linear": "pixels, no hidden layer",
    "mlp": "pixels, two hidden layers",
    "cnn": "pixels, convolutional network",
}


@cache
def wandering_digits():
    """Training and test images (N, 1, 12, 12) of digits at random places, each with their classes (N,)."""
    digits = data.digits(standardise=False)
    train, test = digits.train, digits.test
    return (data.scatter(train.x, SIZE, generator=1), train.y), (data.scatter(test.x, SIZE, generator=2), test.y)


def build(kind, features):
    """An untrained model: no hidden layer, two hidden layers, or convolution."""
    if kind == "linear":
        return nn.Sequential(nn.Flatten(), nn.Linear(features, 10))
    if kind == "mlp":
        first, second = nn.Linear(features, 64), nn.Linear(64, 64)
        layers = [nn.Flatten(), first, nn.ReLU(), second, nn.ReLU()]
        return nn.Sequential(*layers, nn.Linear(64, 10))
    first, second = nn.Conv2d(1, 16, 3, padding=1), nn.Conv2d(16, 32, 3, padding=1)
    layers = [first, nn.ReLU(), nn.MaxPool2d(2), second, nn.ReLU(), nn.MaxPool2d(2)]
    return nn.Sequential(*layers, nn.Flatten(), nn.Linear(32 * (SIZE // 4) ** 2, 10))


def trained(kind, x, y, seed):
    """Train a model of that kind on images or features x (N, …) with classes y."""
    rate, updates = (0.03, 200) if kind == "linear" else (0.003, 500)
    dlcore.manual_seed(seed)
    model = build(kind, int(np.prod(x.shape[1:])))
    pieces = data.batches(x, y, batch_size=32, generator=seed)
    optimizer = optim.Adam(model.parameters(), lr=rate)
    epochs = max(1, updates // len(pieces))
    fit(steps(model, nn.CrossEntropyLoss(), optimizer, pieces, epochs))
    return model


def some(n, seed):
    """Rows of n training examples, (n,); the first n of a random order, so that a larger set holds the smaller."""
    return np.random.default_rng(seed).permutation(len(wandering_digits()[0][1]))[:n]


@cache
def learned(kind, n):
    """Share of right answers of a network trained on n images, for each seed."""
    (x, y), (x_test, y_test) = wandering_digits()
    rows = [some(n, seed) for seed in SEEDS]
    models = [trained(kind, x[r], y[r], seed) for r, seed in zip(rows, SEEDS, strict=True)]
    return [float((answers(model, x_test) == y_test).mean()) for model in models]


def answers(model, x):
    """The class (N,) that a trained model gives to each example."""
    with dlcore.no_grad():
        return predictions(model(dlcore.tensor(x)))


@cache
def handmade_parts():
    """All hand-made features of training and test digits, standardised on the training digits, by group."""
    (x, _), (x_test, _) = wandering_digits()
    parts = {}
    for group in data.GROUPS:
        scale = data.Standardiser.fit(data.handmade(x, (group,)))
        parts[group] = scale(data.handmade(x, (group,))), scale(data.handmade(x_test, (group,)))
    return parts


@cache
def chosen(groups, n):
    """The classes (seeds, N) that weighted sums of the chosen hand-made features give to the test digits."""
    (_, y), (_, y_test) = wandering_digits()
    if not groups:  # nothing is known about the digit: the commonest class of the training set is the best guess
        return np.array([np.full(len(y_test), np.bincount(y[some(n, seed)]).argmax()) for seed in SEEDS])
    x, x_test = (np.concatenate([handmade_parts()[g][i] for g in groups], axis=1) for i in (0, 1))
    models = [trained("linear", x[some(n, seed)], y[some(n, seed)], seed) for seed in SEEDS]
    return np.array([answers(model, x_test) for model in models])


def listed(names):
    """Words in a row: "a", "a and b", "a, b and c"."""
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


@live(
    ink=Switch(True, label="ink: how much of it"),
    place=Switch(False, label="place: the centre of the ink"),
    quarters=Switch(False, label="quarters: ink in each quarter"),
    symmetry=Switch(False, label="symmetry: left-right, top-bottom"),
    strokes=Switch(False, label="strokes: how often a line crosses the pen"),
    holes=Switch(True, label="holes: closed-off pieces of paper"),
    n=Slider(COUNTS, value=1078, label="digits to learn from"),
    predict=Predict(
        "You may switch on all six kinds of features. Will they beat the best network, which gets bare pixels, "
        "when both learn from 1,078 digits? And when both learn from 50?",
        "they win both times",
        "they win with 50, the network with 1,078",
        "the network wins both times",
        answer="they win with 50, the network with 1,078",
        because={
            "they win both times": "With 1,078 digits the network has found features that yours lack: what you know "
            "does not grow with the examples.",
            "they win with 50, the network with 1,078": "What you know about digits is worth a lot while examples are "
            "few. The network has to find out even that a digit may stand anywhere, and that takes examples.",
            "the network wins both times": "With 50 digits, five of each kind, it has not yet found out what you knew "
            "from the start.",
        },
        see={"place": True, "quarters": True, "symmetry": True, "strokes": True, "n": 50},
    ),
)
def your_features(ink, place, quarters, symmetry, strokes, holes, n):
    """Features that you choose, against features that a network learns."""
    switches = dict(ink=ink, place=place, quarters=quarters, symmetry=symmetry, strokes=strokes, holes=holes)
    groups = tuple(name for name, on in switches.items() if on)
    right = chosen(groups, n) == wandering_digits()[1][1]  # (seeds, N)
    yours = 100 * right.mean()
    nets = {kind: 100 * np.mean(learned(kind, n)) for kind in LEARNERS}
    digit = wandering_digits()[1][1]
    recall = [100 * right[:, digit == k].mean() for k in range(10)]
    numbers = sum(data.GROUPS[g] for g in groups)
    mine = (
        f"your {numbers} number{'s' * (numbers > 1)} a digit ({listed(groups)})"
        if groups
        else "a guess without features"
    )
    return Frame(
        tables={
            "bars": {"place": np.arange(4), "share": [yours, *nets.values()]},
            "digits": {"digit": range(10), "share": recall},
        },
        says=f"After {n:,} digits, {mine} recognise{'s' * (not groups)} {yours:.0f} % of new ones. The convolutional "
        f"network, given nothing but pixels, recognises {nets['cnn']:.0f} %, weighted sums of the pixels alone "
        f"{nets['linear']:.0f} %.",
    )


@your_features.chart
def your_features_chart():
    names = ["your features", *LEARNERS.values()]
    label = f"{names}[datum.value]"
    y = alt.Y("place:O", title=None, axis=alt.Axis(labelExpr=label, labelLimit=220))
    x = alt.X("share:Q", title="new digits recognised (%)", scale=alt.Scale(domain=(0, 100)))
    colour = alt.condition("datum.place == 0", alt.value(LIGHT["weight"]), alt.value(LIGHT["activation"]))
    bars = alt.Chart(table("bars")).mark_bar(size=26).encode(y=y, x=x, color=colour)
    each = alt.Chart(table("digits")).mark_bar(color=LIGHT["weight"])
    each = each.encode(
        x=alt.X("digit:O", title="digit", axis=alt.Axis(labelAngle=0)),
        y=alt.Y("share:Q", title="recognised by your features (%)", scale=alt.Scale(domain=(0, 100))),
    )
    return [
        bars.properties(width=320, height=200, title="All digits"),
        each.properties(width=320, height=200, title="Digit by digit"),
    ]
