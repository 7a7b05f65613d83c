"""Live figure of the page "Adversarial examples": an attack on one digit; and the page's attacks and networks."""

from functools import cache

import altair as alt
import numpy as np

import dlcore
from dlbook.live import Choice, Frame, Predict, Slider, live, number_text, table
from dlcore import data, nn, optim
from dlcore.nn import functional as F  # noqa: N812 - everybody's name for it
from dlcore.palette import LIGHT

LEVEL = 1 / 16  # one grey level of the digits' scanner; brightness goes from 0 to 1
TRAINED_SIZE = 2 * LEVEL  # the attack that the hardened network has trained against

# ── attacks ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def input_gradient(model, x, y):
    """The gradient of the loss for the inputs x (N, …), of the same shape."""
    x = dlcore.tensor(x, requires_grad=True)
    F.cross_entropy(model(x), dlcore.tensor(y)).backward()
    return x.grad.numpy()


def fgsm(model, x, y, size):
    """One step of that size for every pixel, each in the direction that raises the loss."""
    step = np.float32(size) * np.sign(input_gradient(model, x, y))
    return np.clip(x + step, 0, 1)


def pgd(model, x, y, size, steps=10, rng=None):
    """Many small steps, after each of which no pixel may be farther than `size` from its start."""
    low, high = np.maximum(x - np.float32(size), 0), np.minimum(x + np.float32(size), 1)
    now = x if rng is None else rng.uniform(low, high).astype(x.dtype)
    for _ in range(steps):
        now = now + np.float32(2.5 * size / steps) * np.sign(input_gradient(model, now, y))
        now = np.clip(now, low, high)
    return now


def at_random(x, size, rng):
    """Every pixel up or down by `size`, as a coin says: the same size without the knowledge."""
    return np.clip(x + np.float32(size) * rng.choice(np.float32([-1, 1]), x.shape), 0, 1)


def probabilities(model, x):
    """The class probabilities (N, K) that a network gives to x."""
    with dlcore.no_grad():
        return model(dlcore.tensor(x)).softmax(1).numpy()


def accuracy(model, x, y):
    """The share of x that the network names rightly."""
    return float((probabilities(model, x).argmax(1) == y).mean())


# ── networks for digits ───────────────────────────────────────────────────────────────────────────────────────────────


@cache
def digits():
    """Digits as rows of 64 brightnesses, and their classes: training x, y, test x, y."""
    parts = data.digits(standardise=False)
    return *(parts.train.x.reshape(-1, 64), parts.train.y), *(parts.test.x.reshape(-1, 64), parts.test.y)


def build(seed):
    """An untrained network with two hidden layers of 128 units; the default generator is left as it was."""
    state = dlcore.rng.default_generator.get_state()
    dlcore.manual_seed(seed)
    hidden = [nn.Linear(64, 128), nn.ReLU(), nn.Linear(128, 128), nn.ReLU()]
    model = nn.Sequential(*hidden, nn.Linear(128, 10))
    dlcore.rng.default_generator.set_state(state)
    return model


@cache
def trained(seed=0, against="nothing", size=TRAINED_SIZE):
    """A network trained on digits as they are, or on digits that are changed anew before every step."""
    x, y, _, _ = digits()
    model, rng = build(seed), np.random.default_rng(seed)
    optimizer = optim.Adam(model.parameters(), lr=0.001)
    pieces = data.batches(x, y, batch_size=64, generator=seed)
    for _ in range(40):
        for xb, yb in pieces:
            if against == "attacks":
                xb = pgd(model, xb, yb, size, steps=5, rng=rng)
            elif against == "noise":
                xb = at_random(xb, size, rng)
            optimizer.zero_grad()  # the attack has left gradients behind
            F.cross_entropy(model(dlcore.tensor(xb)), dlcore.tensor(yb)).backward()
            optimizer.step()
    return model


# ── networks for photographs ──────────────────────────────────────────────────────────────────────────────────────────

PATCH, TILE = 32, 48  # pixels: side of a patch, and of the chessboard's squares that patches are cut from
FLAT = 0.03  # patches whose brightness varies less, such as empty sky, are left out


class Contrast(nn.Module):
    """Give every channel of every image mean 0 and standard deviation 1."""

    def forward(self, x):
        x = x - x.mean((2, 3), keepdim=True)
        return x / (x.std((2, 3), keepdim=True) + 0.01)


@cache
def patches(colour_of_square, count):
    """Patches (2·count, 3, 32, 32) of two photographs, from one colour of a chessboard's squares; y 0 or 1."""
    rng, found = np.random.default_rng(colour_of_square), []
    for name in ("china", "flower"):
        photo, kept = data.photograph(name), 0
        while kept < count:
            row, column = rng.integers(photo.shape[1] // TILE), rng.integers(photo.shape[2] // TILE)
            top, left = TILE * np.array([row, column]) + rng.integers(TILE - PATCH + 1, size=2)
            patch = photo[:, top : top + PATCH, left : left + PATCH]
            if (row + column) % 2 == colour_of_square and patch.std((1, 2)).mean() > FLAT:
                found.append(patch)
                kept += 1
    return np.stack(found), np.repeat([0, 1], count)


@cache
def trained_on_photographs(contrast, seed=0):
    """A convolutional network that tells the two photographs apart; with or without evening out the contrast."""
    x, y = patches(0, 1000)
    state = dlcore.rng.default_generator.get_state()
    dlcore.manual_seed(seed)
    convolutions = [nn.Conv2d(3, 16, 5, 2, 2), nn.ReLU(), nn.Conv2d(16, 32, 3, 2, 1), nn.ReLU()]
    convolutions += [nn.Conv2d(32, 32, 3, 2, 1), nn.ReLU(), nn.Flatten()]
    model = nn.Sequential(*[Contrast()] * contrast, *convolutions, nn.Linear(32 * 4 * 4, 2))
    dlcore.rng.default_generator.set_state(state)
    optimizer = optim.Adam(model.parameters(), lr=0.002)
    pieces = data.batches(x, y, batch_size=64, generator=seed)
    for _ in range(8):
        for xb, yb in pieces:
            optimizer.zero_grad()
            F.cross_entropy(model(dlcore.tensor(xb)), dlcore.tensor(yb)).backward()
            optimizer.step()
    return model


# ── the figure ────────────────────────────────────────────────────────────────────────────────────────────────────────

MODELS = {"plain": "nothing", "trained against attacks": "attacks"}
GAP = 8.8  # from the left edge of one picture to that of the next, in pixels
SURE = 0.99  # the figure shows digits of which both networks begin by being rather sure


@cache
def shown(digit):
    """The first test digit of its kind that the plain network reads rightly and surely, and the other one rightly."""
    _, _, x, y = digits()
    plain, robust = (probabilities(trained(against=kind), x) for kind in MODELS.values())
    good = (y == digit) & (plain[:, digit] > SURE) & (robust.argmax(1) == digit)
    return x[np.flatnonzero(good)[:1]]  # (1, 64)


@cache
def attacked(digit, levels, attack, model):
    """The digit (64,) after the attack."""
    x, y, network = shown(digit), np.array([digit]), trained(against=MODELS[model])
    size, rng = levels * LEVEL, np.random.default_rng(digit)
    if attack == "at random":
        return at_random(x, size, rng)[0]
    return (fgsm(network, x, y, size) if attack == "one step (FGSM)" else pgd(network, x, y, size, steps=20))[0]


def pixels(image, left=0.0):
    """The pixels (64,) as squares of a picture of 8 by 8, so far to the right."""
    row, column = np.divmod(np.arange(64), 8)
    x = column + left
    return {"left": x, "right": x + 1, "top": row, "bottom": row + 1, "value": image}


@live(
    levels=Slider(0.0, 4.0, step=0.25, value=2.0, label="size of the change, in grey levels of 16"),
    attack=Choice("at random", "one step (FGSM)", "many steps (PGD)", value="many steps (PGD)", label="change"),
    model=Choice(*MODELS, label="network"),
    digit=Slider(0, 9, value=5, label="digit"),
    predict=Predict(
        "The network is sure of this 5. Every pixel may change by at most 2 of the scanner’s 16 grey levels. You "
        "throw a coin for each: up or down. What becomes of the network’s probability of a 5?",
        "it stays close to 100 %",
        "it falls to about a half",
        "it falls to about a tenth",
        answer="it stays close to 100 %",
        because={
            "it stays close to 100 %": "Chance pushes the sum up at one pixel and down at the next; the pushes nearly "
            "cancel. Now choose an attack of the very same size: it knows which way to push each pixel.",
            "it falls to about a half": "It would if the 64 pushes added up. But every other coin falls the wrong way.",
            "it falls to about a tenth": "To get there somebody must know, for each pixel, which way to push. A coin "
            "does not know.",
        },
        see={"attack": "at random", "levels": 2.0, "digit": 5, "model": "plain"},
    ),
)
def attack_on_a_digit(levels, attack, model, digit):
    """The same digit, a little changed: by chance, or by somebody who knows the network."""
    before, after = shown(digit)[0], attacked(digit, levels, attack, model)
    p = probabilities(trained(against=MODELS[model]), after[None])[0]
    change, winner = (after - before) / LEVEL, int(p.argmax())
    size = f"{number_text(levels)} grey level{'s' * (levels != 1)}"
    name = "plain network" if model == "plain" else "network that was trained against attacks"
    end = "still right" if winner == digit else f"wrong; for the {digit} it leaves {100 * p[digit]:.1f} %"
    what = f"by at most {size}, {attack}" if levels else "by nothing"
    return Frame(
        tables={
            "image": pixels(after),
            "up": pixels(np.maximum(change, 0) / 4, left=GAP),
            "down": pixels(np.maximum(-change, 0) / 4, left=GAP),
            "classes": {"digit": range(10), "probability": 100 * p, "right": np.arange(10) == digit},
        },
        says=f"Every pixel of this {digit} is changed {what}. The {name} reads a {winner}, "
        f"{100 * p[winner]:.1f} % sure: {end}.",
    )


def picture(name, colour):
    """Eight by eight pixels in one colour, the more opaque the larger their value from 0 to 1."""
    x = alt.X("left:Q", axis=None, scale=alt.Scale(domain=(0, 8 + GAP), nice=False))
    y = alt.Y("top:Q", axis=None, scale=alt.Scale(domain=(8, 0), nice=False))
    opacity = alt.Opacity("value:Q", scale=alt.Scale(domain=(0, 1), range=(0, 1)), legend=None)
    return alt.Chart(table(name)).mark_rect(color=colour).encode(x=x, x2="right", y=y, y2="bottom", opacity=opacity)


@attack_on_a_digit.chart
def attack_on_a_digit_chart():
    colour = alt.condition("datum.right", alt.value(LIGHT["activation"]), alt.value(LIGHT["loss"]))
    x = alt.X("digit:O", title="digit that the network reads", axis=alt.Axis(labelAngle=0))
    y = alt.Y("probability:Q", title="probability (%)", scale=alt.Scale(domain=(0, 100)))
    bars = alt.Chart(table("classes")).mark_bar().encode(x=x, y=y, color=colour)
    pair = picture("image", LIGHT["ink"]) + picture("up", LIGHT["input"]) + picture("down", LIGHT["loss"])
    return [
        pair.properties(width=403, height=192, title="What the network sees; the change, 4 times as strong"),
        bars.properties(width=230, height=192, title="What it answers"),
    ]
