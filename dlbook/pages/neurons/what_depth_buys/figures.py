"""What moves on the page "What depth buys": networks of one price at every depth, and what excites a layer's units."""

from functools import cache

import altair as alt
import numpy as np

from dlbook.live import Choice, Field, Frame, Handle, Mesh, Predict, Slider, Switch, live, table
from dlbook.pages.neurons.what_depth_buys import seen
from dlbook.pages.neurons.what_depth_buys.experiment import Deep, parameters, priced, right, train
from dlbook.pages.neurons.what_depth_buys.folds import answers, switches
from dlcore import data
from dlcore.palette import CLASSES, LIGHT

# Networks of one price ------------------------------------------------------------------------------------------------

DEPTHS, PRICES, STARTS = (1, 2, 3, 4, 6), (80, 125, 250), 6
PLANE = Mesh(x=(-1.1, 1.1), y=(-1.1, 1.1), cells=72)
SHADES = 6  # of the pieces


@cache
def points(name):
    """Points to learn from, and many more to be judged by."""
    if name == "spirals":
        return [data.spirals(n, 0.02, turns=1.25, generator=seed) for n, seed in ((200, 1), (1000, 2))]
    return [data.checkerboard(n, generator=seed) for n, seed in ((200, 1), (1000, 2))]


@cache
def trained(name, depth, price):
    """Of several starts the network that names most of its own points rightly; how many new points each start does."""
    own, new = points(name)
    model = train(Deep(priced(2, depth, 2, price), STARTS, seed=depth), *own, [0.01] * STARTS, 800, batch=100)
    best = right(model, *own).argmax()
    return model.one(best), right(model, *new), best


def pieces_of(layers):
    """Which piece each place of the plane belongs to, as a shade (cells²,), and how many pieces there are."""
    _, piece = np.unique(switches(layers, PLANE.points), axis=0, return_inverse=True)
    shade = np.random.default_rng(0).integers(0, SHADES, piece.max() + 1)
    return shade[piece.ravel()], int(piece.max()) + 1


@live(
    depth=Slider(list(DEPTHS), value=1, label="hidden layers"),
    price=Slider(list(PRICES), value=125, label="parameters, at most"),
    shape=Choice("spirals", "checkerboard", label="points"),
    drag=Handle(panel=2, x="depth"),
    predict=Predict(
        "250 parameters, spirals. Instead of one hidden layer of 49 units you take six of 6. How many straight pieces "
        "will the network that has learned consist of?",
        "many more",
        "about as many",
        "far fewer",
        answer="far fewer",
        because={
            "many more": "A deep network *can* fold, and double its pieces with each layer. To do so its weights must "
            "fit each other exactly. Training had no reason to look for that.",
            "about as many": "With the same number of units, perhaps. But layers between layers cost weights: for 250 "
            "parameters you get 49 units in one layer, and 36 in six.",
            "far fewer": "There are fewer units to begin with, and these do not fold. That a deep network can have "
            "more pieces does not mean that a trained one does.",
        },
        see={"depth": 6, "price": 250},
    ),
)
def same_price(depth, price, shape):
    """One price, at every depth: what the network answers, and its pieces."""
    layers, shares, best = trained(shape, depth, price)
    sizes = priced(2, depth, 2, price)
    (x, y), _ = points(shape)
    score = answers(layers, PLANE.points)
    chance = 1 / (1 + np.exp(-np.clip(score[:, 1] - score[:, 0], -30, 30)))
    shade, count = pieces_of(layers)
    every = [trained(shape, d, price)[1] for d in DEPTHS]
    plural = "s" if depth > 1 else ""
    return Frame(
        tables={
            "answer": PLANE.field(chance, mean_of=2),
            "points": {"x": x[:, 0], "y": x[:, 1], "class": y},
            "pieces": Field(shade.reshape(PLANE.cells, -1) / (SHADES - 1), PLANE.extent),
            "shares": {
                "depth": list(DEPTHS),
                "mean": [s.mean() for s in every],
                "low": [s.min() for s in every],
                "high": [s.max() for s in every],
            },
        },
        says=f"{shape.capitalize()}, {depth} hidden layer{plural} of {sizes[1]} units, {parameters(sizes)} parameters, "
        f"{count} pieces: {shares[best]:.0f} % of new points right (mean of {STARTS} starts: {shares.mean():.0f}).",
    )


@same_price.chart
def same_price_chart():
    x = alt.X("x:Q", title="input x₁", scale=alt.Scale(domain=(-1.1, 1.1)))
    y = alt.Y("y:Q", title="input x₂", scale=alt.Scale(domain=(-1.1, 1.1)))
    ends = {"x2": "x2", "y2": "y2"}
    tints = alt.Scale(domain=(-0.5, 0.5, 1.5), range=[CLASSES[0], LIGHT["paper"], CLASSES[1]])
    answer = alt.Chart(table("answer")).mark_rect()
    answer = answer.encode(x=x, y=y, **ends, color=alt.Color("value:Q", scale=tints, legend=None))
    of_class = alt.Fill("class:O", scale=alt.Scale(domain=[0, 1], range=CLASSES[:2]), legend=None)
    shape = alt.Shape("class:O", scale=alt.Scale(domain=[0, 1], range=["circle", "square"]), legend=None)
    marks = alt.Chart(table("points")).mark_point(stroke=LIGHT["paper"], strokeWidth=0.7, size=34, opacity=1)
    bare = {axis: alt.Axis(labels=False, ticks=False, title=None) for axis in "xy"}
    shades = alt.Scale(domain=(0, 1), range=[LIGHT["paper"], LIGHT["activation"]])
    tiles = alt.Chart(table("pieces")).mark_rect()
    tiles = tiles.encode(
        x=alt.X("x:Q", scale=alt.Scale(domain=(-1.1, 1.1)), axis=bare["x"]),
        y=alt.Y("y:Q", scale=alt.Scale(domain=(-1.1, 1.1)), axis=bare["y"]),
        **ends,
        color=alt.Color("value:Q", scale=shades, legend=None),
    )
    shares = alt.Chart(table("shares"))
    deep = alt.X("depth:O", title="hidden layers", axis=alt.Axis(labelAngle=0))
    high = alt.Scale(domain=(0, 100))
    bars = shares.mark_bar(color=LIGHT["activation"], clip=True).encode(
        x=deep,
        y=alt.Y("mean:Q", title="% right", scale=high, axis=alt.Axis(tickCount=3)),
        opacity=alt.condition("datum.depth == depth", alt.value(1), alt.value(0.35)),
    )
    span = shares.mark_rule(color=LIGHT["ink"], strokeWidth=1.5).encode(x=deep, y=alt.Y("low:Q", scale=high), y2="high")
    return [
        (answer + marks.encode(x=x, y=y, fill=of_class, shape=shape)).properties(
            width=330, height=330, title="What the network answers, and its points"
        ),
        [
            tiles.properties(width=210, height=210, title="Its pieces"),
            (bars + span).properties(width=250, height=80, title="New points right: six starts, every depth"),
        ],
    ]


# What excites a unit --------------------------------------------------------------------------------------------------

SIDE, MOST = 12, 9  # pixels of an image; so many images are shown, three by three
SHOWN = 6  # units of each layer: so many of the last tell digits apart


@live(
    layer=Slider(1, 3, value=1, label="layer"),
    unit=Slider(1, SHOWN, value=3, label="unit"),
    learned=Switch(True, label="has learned"),
    predict=Predict(
        "A unit of the last hidden layer sees nearly the whole digit. The twenty digits that excite it most: of how "
        "many kinds are they?",
        "of one kind",
        "of several kinds",
        "of all kinds alike",
        answer="of several kinds",
        because={
            "of one kind": "The ten scores after it are for one kind each. It need not be, and it is not: look at the "
            "bars, unit by unit.",
            "of several kinds": "Step through the units and look at the bars: in layer 3, too, they are of several "
            "kinds, if of fewer than by chance.",
            "of all kinds alike": "Then it would say nothing about the kind. Switch the learning off: even then some "
            "kinds excite it more than others.",
        },
        see={"layer": 3, "unit": 3},
    ),
)
def best_patches(layer, unit, learned):
    """Which patches excite a hidden unit most?"""
    images, kinds = seen.digits()[1]
    rows, spots, _ = seen.best(layer, learned)
    which = np.flatnonzero(seen.best(layer, True)[2])[:SHOWN][unit - 1]  # those that have learned to tell digits apart
    rows, spots = rows[which], spots[which]
    sheet = images[rows[:MOST], 0].reshape(3, 3, SIDE, SIDE).transpose(0, 2, 1, 3).reshape(3 * SIDE, 3 * SIDE)
    half = seen.SEEN[layer - 1] / 2
    corner = np.stack(np.divmod(np.arange(MOST), 3), 1) * SIDE  # (MOST, 2)
    low = np.clip(spots[:MOST] + 0.5 - half, 0, SIDE) + corner
    high = np.clip(spots[:MOST] + 0.5 + half, 0, SIDE) + corner
    count = np.bincount(kinds[rows], minlength=10)
    width = seen.SEEN[layer - 1]
    state = "that has learned" if learned else "as it starts"
    return Frame(
        tables={
            "sheet": Field(sheet[::-1], (0, 36, 0, 36)),
            "frames": {"x": low[:, 1], "x2": high[:, 1], "y": 36 - high[:, 0], "y2": 36 - low[:, 0]},
            "tiles": {"x": corner[:, 1], "x2": corner[:, 1] + SIDE, "y": corner[:, 0], "y2": corner[:, 0] + SIDE},
            "kinds": {"kind": [str(k) for k in range(10)], "count": count},
        },
        says=f"Layer {layer} of a network {state}, unit {unit}, sees {width} × {width} pixels. Of the twenty new "
        f"digits that excite it most, {count.max()} are of one kind, {'an' if count.argmax() == 8 else 'a'} "
        f"{count.argmax()}.",
    )


@best_patches.chart
def best_patches_chart():
    wide = alt.Scale(domain=(0, 36), nice=False)
    x, y = alt.X("x:Q", axis=None, scale=wide), alt.Y("y:Q", axis=None, scale=wide)
    grey = alt.Color("value:Q", scale=alt.Scale(domain=(0, 1), range=["#ffffff", "#000000"]), legend=None)
    sheet = alt.Chart(table("sheet")).mark_rect().encode(x=x, x2="x2", y=y, y2="y2", color=grey)
    frames = alt.Chart(table("frames")).mark_rect(filled=False, stroke=LIGHT["loss"], strokeWidth=2.5, opacity=1)
    tiles = alt.Chart(table("tiles")).mark_rect(filled=False, stroke=LIGHT["muted"], strokeWidth=1, opacity=1)
    place = {"x": x, "x2": "x2", "y": y, "y2": "y2"}
    kind = alt.X("kind:N", sort=None, title="kind of digit", axis=alt.Axis(labelAngle=0))
    count = alt.Y("count:Q", title="digits", scale=alt.Scale(domain=(0, 20)), axis=alt.Axis(tickCount=4))
    bars = alt.Chart(table("kinds")).mark_bar(color=LIGHT["activation"]).encode(x=kind, y=count)
    return [
        (sheet + tiles.encode(**place) + frames.encode(**place)).properties(
            width=330, height=330, title="Nine digits; framed what the unit saw of each"
        ),
        bars.properties(width=240, height=200, title="The twenty that excite it most, by kind"),
    ]
