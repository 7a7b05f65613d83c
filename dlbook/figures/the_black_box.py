"""Live figure of the page "The black box": which pixels mattered; and the networks and maps of its experiments."""

from functools import cache

import altair as alt
import numpy as np

import dlcore
from dlbook.live import Choice, Frame, Predict, Slider, live, table
from dlcore import data, nn, optim
from dlcore.palette import LIGHT
from dlcore.train import fit, steps

# ── the networks ──────────────────────────────────────────────────────────────────────────────────────────────────────


def build():
    """Two convolutions, the mean over all places, one linear layer: digits (N, 1, 8, 8) → scores (N, 10)."""
    return nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1),
        nn.ReLU(),
        nn.Conv2d(16, 32, 3, padding=1),
        nn.ReLU(),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(32, 10),
    )


def stronger(outputs):
    """What builds a network that keeps the places apart, and so names more digits: (N, 1, 8, 8) → (N, outputs)."""
    return lambda: nn.Sequential(
        nn.Conv2d(1, 8, 3, padding=1),
        nn.ReLU(),
        nn.Conv2d(8, 16, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(16 * 4 * 4, outputs),
    )


def seeded(seed, make):
    """What `make` returns, built with a seed of its own; the book's generator stays where it was."""
    state = dlcore.rng.default_generator.get_state()
    dlcore.manual_seed(seed)
    made = make()
    dlcore.rng.default_generator.set_state(state)
    return made


def learn(make, x, y, loss, seed=0, epochs=15, rate=0.003):
    """Build a network, train it with Adam on batches of 32, and return it."""
    model = seeded(seed, make)
    pieces = data.batches(x, y, batch_size=32, generator=seed)
    fit(steps(model, loss, optim.Adam(model.parameters(), lr=rate), pieces, epochs))
    return model


@cache
def trained(seed=0):
    """The black box of the page: trained on 1,078 digits."""
    x, y = data.digits().train
    return learn(build, x, y, nn.CrossEntropyLoss(), seed, epochs=30, rate=0.01)


@cache
def randomised(seed, layers):
    """The trained network with fresh random weights in its last `layers` layers, 0 to 3."""
    model, fresh = seeded(seed, build), seeded(100 + seed, build).state_dict()
    again = ("6.", "2.", "0.")[:layers]  # from the scores down to the pixels
    old = trained(seed).state_dict()
    model.load_state_dict({name: fresh[name] if name.startswith(again) else old[name] for name in old})
    return model


def answers(model, x):
    """What the model answers to x, as an array, without keeping a graph."""
    with dlcore.no_grad():
        return model(dlcore.tensor(np.asarray(x, dtype="float32"))).numpy()


def probability(model, x, k):
    """The probability (N,) that the model gives to class k[n] for x[n]."""
    scores = answers(model, x)
    e = np.exp(scores - scores.max(1, keepdims=True))
    return (e / e.sum(1, keepdims=True))[np.arange(len(k)), k]


def jointly(concepts, classes, seed=0, epochs=15):
    """Train pixels → concepts and concepts → class at the same time; both losses count the same.

    Args:
        concepts: (10, C) which concepts each digit has.
    """
    x, y = data.digits().train
    size = concepts.shape[1]
    first = seeded(seed, stronger(size))
    second = seeded(seed, lambda: reader(size, classes))
    optimiser = optim.Adam([*first.parameters(), *second.parameters()], lr=0.003)
    for epoch in range(epochs):
        for images, digit in data.batches(x, y, batch_size=32, generator=100 * seed + epoch):
            z = first(dlcore.tensor(images))  # (N, C)
            about_concepts = nn.BCEWithLogitsLoss()(z, dlcore.tensor(concepts[digit]))
            loss = about_concepts + nn.CrossEntropyLoss()(second(z.sigmoid()), dlcore.tensor(digit))
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
    return first, second


def reader(concepts, classes=10):
    """A small network that reads concepts and names a class."""
    return nn.Sequential(nn.Linear(concepts, 32), nn.ReLU(), nn.Linear(32, classes))


# ── four maps ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def gradient(model, x, k):
    """How steeply the score of class k[n] grows with each input of x[n]."""
    x = dlcore.tensor(x, requires_grad=True)
    scores = model(x)  # (N, K)
    scores[np.arange(len(k)), k].sum().backward()
    return x.grad.numpy()  # the shape of x


def integrated_gradients(model, x, k, points=32):
    """The mean gradient on the straight way from 0 to x, times x."""
    total = np.zeros_like(x)
    for i in range(points):
        t = (i + 0.5) / points  # the middle of each stretch
        total += gradient(model, x * np.float32(t), k)
    return x * total / points


def occlusion(model, x, k):
    """How far the score falls when the 3 × 3 window around a pixel is black."""
    rows, before = np.arange(len(k)), answers(model, x)
    out = np.zeros_like(x)  # (N, 1, 8, 8)
    for i in range(x.shape[2]):
        for j in range(x.shape[3]):
            hidden = x.copy()
            hidden[:, :, max(i - 1, 0) : i + 2, max(j - 1, 0) : j + 2] = 0
            out[:, 0, i, j] = (before - answers(model, hidden))[rows, k]
    return out


def grad_cam(model, x, k):
    """The last feature maps, weighted with their mean gradients; at least 0."""
    below, above = nn.Sequential(*model[:4]), nn.Sequential(*model[4:])
    maps = answers(below, x)  # (N, C, 8, 8)
    weights = gradient(above, maps, k).mean((2, 3), keepdims=True)
    return np.maximum((weights * maps).sum(1, keepdims=True), 0)


def delete(x, importance, n, fill=0.0):
    """A copy of x with the n pixels of largest importance replaced by `fill`; among equal ones chance decides."""
    flat = x.reshape(len(x), -1).copy()
    first = order_of(importance.reshape(flat.shape))[:, :n]
    new = np.broadcast_to(fill, x.shape).reshape(flat.shape)
    np.put_along_axis(flat, first, np.take_along_axis(new, first, 1), 1)
    return flat.reshape(x.shape)


def order_of(importance):
    """The pixels of each row (N, D), the most important first; equal ones in random order, the same each time."""
    lots = np.random.default_rng(0).uniform(size=importance.shape)
    return np.lexsort((lots, -importance), axis=1)


def ranks(maps):
    """Place of each pixel among those of its image, smallest first; equal ones share their mean place."""
    m = maps.reshape(len(maps), -1)
    return ((m[:, :, None] > m[:, None]).sum(2) + (m[:, :, None] >= m[:, None]).sum(2)) / 2


def agreement(a, b):
    """Rank correlation of two maps of each image, the mean over images: 1 the same order, 0 unrelated."""
    a, b = (r - r.mean(1, keepdims=True) for r in (ranks(a), ranks(b)))
    size = np.sqrt((a**2).sum(1) * (b**2).sum(1))
    return float(np.mean((a * b).sum(1) / np.maximum(size, 1e-9)))  # an even map agrees with nothing: 0


# ── the figure ────────────────────────────────────────────────────────────────────────────────────────────────────────

MOST = 24  # pixels that can be deleted
METHODS = {
    "gradient": lambda model, x, k: np.abs(gradient(model, x, k)),
    "integrated gradients": integrated_gradients,
    "occlusion": occlusion,
    "Grad-CAM": grad_cam,
}


@cache
def shown(digit):
    """A test digit (1, 1, 8, 8) of which the network is sure: the third of its kind."""
    test = data.digits().test
    mine = test.x[test.y == digit]
    sure = probability(trained(), mine, np.full(len(mine), digit)) > 0.97
    return mine[sure][2:3]


@cache
def explained(digit, method, layers):
    """The map (8, 8), scaled to at most 1 in size."""
    m = METHODS[method](randomised(0, layers), shown(digit), np.array([digit]))[0, 0]
    return m / max(np.abs(m).max(), 1e-9)


def curve(digit, importance):
    """Probability in percent after 0, 1, … MOST deletions."""
    x = shown(digit)
    images = np.concatenate([delete(x, importance[None, None], n) for n in range(MOST + 1)])
    return 100 * probability(trained(), images, np.full(MOST + 1, digit))


@cache
def chance(digit, tries=30):
    """The mean curve when pixels of the pen's trace are deleted in random order."""
    rng = np.random.default_rng(0)
    ink = shown(digit)[0, 0] > 0
    return np.mean([curve(digit, ink * (1 + rng.uniform(size=ink.shape))) for _ in range(tries)], axis=0)


@live(
    digit=Choice("0", "3", "4", "5", "8", "9", value="8", label="digit"),
    method=Choice(*METHODS, value="integrated gradients", label="map"),
    deleted=Slider(0, MOST, value=2, label="pixels deleted, the most important first"),
    layers=Slider(0, 3, value=0, label="layers with random weights, from the top"),
    predict=Predict(
        "All three layers of the network get random weights: it knows nothing any more. Will the map by integrated "
        "gradients still show the shape of the 8?",
        "no, only noise",
        "yes",
        answer="yes",
        because={
            "no, only noise": "One should hope so, of a map that explains the network. But it is not made of the "
            "network alone.",
            "yes": "The map is the gradient times the pixel, so it is blank wherever the paper is. You see the digit, "
            "and take it for a reason. Only the colours have changed.",
        },
        see={"method": "integrated gradients", "digit": "8", "layers": 3, "deleted": 0},
    ),
)
def which_pixels_mattered(digit, method, layers):
    """Which pixels mattered? Delete them and see."""
    k = int(digit)
    m, image = explained(k, method, layers), shown(k)[0, 0]
    order = order_of(m.reshape(1, 64))[0]
    place = np.empty(64, dtype=int)
    place[order] = np.arange(1, 65)
    paper = np.concatenate([[0], np.cumsum(image.ravel()[order] == 0)])[: MOST + 1]
    column, row = np.meshgrid(np.arange(8), np.arange(8))
    cells = {"column": column.ravel(), "row": row.ravel(), "place": place}
    counts, by_map, by_chance = np.arange(MOST + 1), curve(k, m), chance(k)
    return Frame(
        tables={
            "pixels": cells | {"ink": image.ravel().round(2), "map": m.ravel().round(2)},
            "curve": {"n": counts, "map": by_map.round(1), "chance": by_chance.round(1), "paper": paper},
        },
        says=f"With {{deleted}} pixels deleted ({{curve.paper}} of them were empty paper) the trained network’s "
        f"probability for the {digit} is {{curve.map}} %; with as many random pixels of the pen’s trace deleted, "
        f"{{curve.chance}} %.{randomly(k, method, layers)}",
    )


def randomly(k, method, layers):
    """What is left of the map after some layers were randomised."""
    if not layers:
        return ""
    if not explained(k, method, layers).any():
        return " The map now comes from a network with random layers, and it is empty."
    now, before = explained(k, method, layers)[None, None], explained(k, method, 0)[None, None]
    signed, strength = agreement(now, before), agreement(np.abs(now), np.abs(before))
    after = f" The map now comes from a network with {layers} random layer{'s' if layers > 1 else ''}: "
    if method in ("gradient", "Grad-CAM"):
        return after + f"it agrees with the true one by {signed:.2f}.".replace("-", "−")
    both = f"it agrees with the true one by {signed:.2f}, its mere size by {strength:.2f}."
    return after + both.replace("-", "−")


def pixels(field, colours, domain):
    """The 8 × 8 pixels, coloured by one column."""
    across = alt.Scale(domain=(-0.5, 7.5), nice=False)
    down = alt.Scale(domain=(7.5, -0.5), nice=False)
    x, y = alt.X("left:Q", axis=None, scale=across), alt.Y("top:Q", axis=None, scale=down)
    edges = {"left": "datum.column - 0.5", "right": "datum.column + 0.5"}
    edges |= {"top": "datum.row - 0.5", "bottom": "datum.row + 0.5"}
    cells = alt.Chart(table("pixels")).transform_calculate(**edges).encode(x=x, x2="right", y=y, y2="bottom")
    colour = alt.Color(f"{field}:Q", scale=alt.Scale(domain=domain, range=colours), legend=None)
    gone = alt.Chart(table("pixels")).transform_filter("datum.place <= deleted")
    at = {"x": alt.X("column:Q", axis=None, scale=across), "y": alt.Y("row:Q", axis=None, scale=down)}
    cross = gone.mark_text(text="×", fontSize=22, fontWeight=600, color=LIGHT["weight"]).encode(**at)
    if field == "map":
        return cells.mark_rect(stroke=LIGHT["grid"], strokeWidth=0.5).encode(color=colour)
    black = cells.transform_filter("datum.place <= deleted").mark_rect(color="#000")
    return cells.mark_rect().encode(color=colour) + black + cross


@which_pixels_mattered.chart
def which_pixels_mattered_chart():
    image = pixels("ink", ["#000", "#fff"], (0, 1))
    signed = pixels("map", [LIGHT["loss"], LIGHT["paper"], LIGHT["input"]], (-1, 0, 1))
    n = alt.X("n:Q", title="pixels deleted", scale=alt.Scale(domain=(0, MOST)))
    percent = alt.Scale(domain=(0, 100))
    y = alt.Y("map:Q", title="probability (%)", scale=percent)
    base = alt.Chart(table("curve")).encode(x=n)
    by_chance = alt.Y("chance:Q", title="probability (%)", scale=percent)
    random = base.mark_line(color=LIGHT["muted"], strokeDash=[5, 4]).encode(y=by_chance)
    chosen = base.mark_line(color=LIGHT["activation"], strokeWidth=2.5).encode(y=y)
    now = base.transform_filter("datum.n == deleted").mark_point(
        color=LIGHT["activation"], size=110, opacity=1, filled=True
    )
    square = {"width": 210, "height": 210}
    right = random + chosen + now.encode(y=y)
    return [
        image.properties(**square, title="The image, × deleted"),
        signed.properties(**square, title="The map: blue for, red against"),
        right.properties(width=230, height=180, title="By the map; dashed: random pixels"),
    ]
