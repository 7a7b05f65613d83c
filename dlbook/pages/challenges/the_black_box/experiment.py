"""The black box and its rival with concepts; how explanations are put to the test."""

from functools import cache

import numpy as np

import dlcore
from dlcore import data, nn, optim
from dlcore.attribution import grad_cam, gradient, integrated_gradients, occlusion
from dlcore.rng import fork_rng
from dlcore.train import fit, steps

EPOCHS = 15  # of the black box
BLANK = np.float32(0)  # the brightness of empty paper is 0, that of full ink 1


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
    with fork_rng():
        dlcore.manual_seed(seed)
        return make()


def learn(make, x, y, loss, seed=0, epochs=12, rate=0.003):
    """Build a network, train it with Adam on batches of 32, and return it."""
    model = seeded(seed, make)
    pieces = data.batches(x, y, batch_size=32, generator=seed)
    fit(steps(model, loss, optim.Adam(model.parameters(), lr=rate), pieces, epochs))
    return model


@cache
def trained(seed=0):
    """The black box of the page: trained on 1,078 digits."""
    x, y = data.digits().train
    return learn(build, x, y, nn.CrossEntropyLoss(), seed, EPOCHS, rate=0.01)


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


def jointly(concepts, classes, seed=0, epochs=12):
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


def bottleneck(table, seeds):
    """Networks that name nine concepts, and the linear layer that reads digits off their zeros and ones.

    Args:
        table: (10, C) which concepts each digit has.

    Returns:
        the layer, which has seen the table alone; what each network says to the test digits, (seeds, N, C) zeros
        and ones.
    """
    train, test = data.digits().train, data.digits().test
    lessons, size = (np.tile(table, (32, 1)), np.tile(np.arange(10), 32)), table.shape[1]
    decide = learn(lambda: nn.Linear(size, 10), *lessons, nn.CrossEntropyLoss(), 0, 60, 0.05)
    nets = [learn(stronger(size), train.x, table[train.y], nn.BCEWithLogitsLoss(), seed) for seed in seeds]
    return decide, np.stack([answers(net, test.x) > 0 for net in nets]).astype("float32")


def interventions(table, decide, said):
    """Turn one concept round where the table has a digit for the result.

    Returns:
        (start, concept, result) → for each image of `start` in each network: does the answer become `result`, and
        were all other concepts right?
    """
    y, found = data.digits().test.y, {}
    for start in range(10):
        for concept in range(table.shape[1]):
            row = table[start].copy()
            row[concept] = 1 - row[concept]
            for result in np.flatnonzero((table == row).all(1)):
                told = said[:, y == start].reshape(-1, len(row)).copy()
                told[:, concept] = row[concept]
                found[start, concept, int(result)] = answers(decide, told).argmax(1) == result, (told == row).all(1)
    return found


def reader(concepts, classes=10):
    """A small network that reads concepts and names a class."""
    return nn.Sequential(nn.Linear(concepts, 32), nn.ReLU(), nn.Linear(32, classes))


def sanity(x, seeds):
    """How much maps stay the same when the last 0, 1, 2, 3 layers get random weights: name → (seeds, 4) agreements.

    Each map of METHODS with its signs, by its size, and by its size among the pixels with ink alone; the image itself,
    which never changes, for comparison.
    """
    alike = {name + how: [] for name in METHODS for how in ("", ", size", ", size, ink only")}
    alike |= {"the image itself": []}
    for seed in seeds:
        k = answers(trained(seed), x).argmax(1)  # explain its answer
        for name, method in METHODS.items():
            maps = [method(randomised(seed, layers), x, k) for layers in range(4)]
            alike[name].append([agreement(maps[0], m) for m in maps])
            sizes = [np.abs(m) for m in maps]
            alike[name + ", size"].append([agreement(sizes[0], m) for m in sizes])
            alike[name + ", size, ink only"].append([among(x > 0, sizes[0], m) for m in sizes])
        alike["the image itself"].append([agreement(x, x)] * 4)
    never_negative = {"Grad-CAM, size", "Grad-CAM, size, ink only"}
    return {name: np.array(each) for name, each in alike.items() if name not in never_negative}


def among(chosen, a, b):
    """Rank correlation of two maps of each image among its chosen pixels alone, the mean over images."""
    return float(np.mean([agreement(m[c][None], n[c][None]) for c, m, n in zip(chosen, a, b, strict=True)]))


def delete(x, importance, n, fill=0.0):
    """A copy of x with the n most important pixels replaced by `fill`, a number or pixels like x; ties by lot."""
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


def times_input(model, x, k):
    """Gradient times input, pixel by pixel."""
    return gradient(model, x, k) * x


METHODS = {
    "gradient": gradient,
    "gradient × input": times_input,
    "integrated gradients": integrated_gradients,
    "occlusion": occlusion,
    "Grad-CAM": grad_cam,
}


@cache
def mean_digit(digit=None):
    """The mean (1, 8, 8) of the training digits, all of them or those of one kind."""
    x, y = data.digits().train
    return (x if digit is None else x[y == digit]).mean(0)


def against(baseline, method):
    """The same method with another baseline b: it explains f(z + b) at z = x − b, where z = 0 stands for b."""
    return lambda model, x, k: method(lambda z: model(z + dlcore.tensor(baseline)), x - baseline, k)


def leave_one_out(model, x, k):
    """How far the score falls when one pixel is set to 0, one pixel after another."""
    rows, before, falls = np.arange(len(k)), answers(model, x), np.zeros_like(x.reshape(len(x), -1))
    for i in range(falls.shape[1]):
        without = x.copy()
        without.reshape(len(x), -1)[:, i] = 0
        falls[:, i] = (before - answers(model, without))[rows, k]
    return falls.reshape(x.shape)


def shapley(model, x, k, orders=3):
    """What each pixel adds to the score when the pixels come one by one, the mean over some random orders."""
    rows, rng, shares = np.arange(len(k)), np.random.default_rng(0), np.zeros_like(x.reshape(len(x), -1))
    for _ in range(orders):
        now = np.zeros_like(x)  # nothing is there yet
        before = answers(model, now)[rows, k]
        for i in rng.permutation(shares.shape[1]):
            now.reshape(len(x), -1)[:, i] = x.reshape(len(x), -1)[:, i]
            after = answers(model, now)[rows, k]
            shares[:, i] += (after - before) / orders
            before = after
    return shares.reshape(x.shape)


def choosers():
    """What may choose the pixels to replace: maps, with one of two baselines or none, and rivals without a network.

    Returns:
        two dicts from names to functions of (model, x, k); of rivals the functions take the fill's baseline as well.
    """
    maps = {"gradient, size": lambda model, x, k: np.abs(gradient(model, x, k)), "gradient": gradient}
    maps |= {"Grad-CAM": grad_cam}
    with_baseline = {name: METHODS[name] for name in ("gradient × input", "integrated gradients", "occlusion")}
    with_baseline |= {"leave one out": leave_one_out, "Shapley values": shapley}
    for where, baseline in (("blank", BLANK), ("mean digit", mean_digit())):
        maps |= {f"{name} ({where})": against(baseline, method) for name, method in with_baseline.items()}
    rng = np.random.default_rng(0)
    rivals = {
        "random ink": lambda baseline, x, k: (x > 0) * (1 + rng.uniform(size=x.shape)),
        "farthest from the fill": lambda baseline, x, k: np.abs(x - baseline),
        "template": lambda baseline, x, k: (x - baseline) * (np.stack([mean_digit(c) for c in k]) - mean_digit()),
    }
    return maps, rivals


def fills(n):
    """What n digits' pixels may be replaced by: name → values, and the baseline that rivals without a network use."""
    x = data.digits().train.x
    others = x[np.random.default_rng(1).integers(len(x), size=n)]
    return {"blank paper": (BLANK, BLANK), "the mean digit": (mean_digit(), mean_digit()),
            "another digit": (others, mean_digit())}  # fmt: skip


def deletion(x, seeds, n=8):
    """The probability left for the network's own answer when n pixels of x are replaced, as each order chooses them.

    The last rival takes the integrated gradients of the next seed's network, with the fill's baseline.

    Returns:
        name → fill → array (seeds,): the mean over x
    """
    maps, rivals = choosers()
    left = {name: {fill: [] for fill in fills(0)} for name in (*maps, *rivals, "another network")}
    for seed, another in zip(seeds, np.roll(seeds, -1), strict=True):
        net, other = trained(seed), trained(int(another))
        k = answers(net, x).argmax(1)
        found = {name: make(net, x, k) for name, make in maps.items()}
        for fill, (value, baseline) in fills(len(x)).items():
            chosen = found | {name: make(baseline, x, k) for name, make in rivals.items()}
            chosen["another network"] = against(baseline, integrated_gradients)(other, x, k)
            for name, importance in chosen.items():
                left[name][fill].append(probability(net, delete(x, importance, n, value), k).mean())
    return {name: {fill: np.array(each) for fill, each in by_fill.items()} for name, by_fill in left.items()}


@cache
def shown(digit):
    """The test digit (1, 1, 8, 8) of its kind of which the network is second most sure."""
    test = data.digits().test
    mine = test.x[test.y == digit]
    return mine[np.argsort(-probability(trained(), mine, np.full(len(mine), digit)))[1:2]]
