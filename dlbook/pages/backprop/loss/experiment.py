"""Networks and measurements of the page "Loss": three losses on one network, each with the rate that suits it."""

import numpy as np

import dlcore
from dlcore import data, nn, optim
from dlcore.nn import functional as F
from dlcore.train import accuracy

CALM, SURE = 1, 30  # by how much the last layer's first weights are multiplied
PASSES = {CALM: 10, SURE: 30}  # through the training set
RATES = {
    CALM: {
        "cross-entropy": (0.1, 0.3, 1.0),
        "squared, probabilities": (0.3, 0.5, 1.0),
        "squared, scores": (0.1, 0.3, 1.0),
    },
    SURE: {
        "cross-entropy": (0.003, 0.01, 0.03),
        "squared, probabilities": (0.03, 0.1, 0.3),
        "squared, scores": (1e-4, 3e-4, 1e-3),
        "probabilities' way, entropy's force": (0.003, 0.01, 0.03),
        "entropy's way, probabilities' force": (0.01, 0.03, 0.1),
        "scores' way, entropy's force": (0.003, 0.01, 0.03),
    },
}


def distance(answer, y):
    """Mean of (answer - 1)² for the right class plus answer² for the others."""
    target = np.eye(10, dtype="float32")[np.asarray(y)]  # (N, K)
    return ((answer - dlcore.tensor(target)) ** 2).sum(1).mean()


LOSSES = {
    "cross-entropy": F.cross_entropy,
    "squared, probabilities": lambda z, y: distance(F.softmax(z, 1), y),
    "squared, scores": distance,
}


def slopes(loss, z, y):
    """Slope (N, K) of each example's loss by its scores z, in 64 bits: it may be as small as e to the power of -200."""
    z = dlcore.tensor(z.detach().numpy().astype("float64"), requires_grad=True)
    LOSSES[loss](z, y).backward()
    return len(y) * z.grad.numpy()


def swapped(way, force):
    """A loss that pushes each example's scores in the direction of one loss, and as hard as another."""

    def loss(z, y):
        g, hard = (slopes(name, z, y) for name in (way, force))
        g *= np.linalg.norm(hard, axis=1, keepdims=True) / np.maximum(np.linalg.norm(g, axis=1, keepdims=True), 1e-300)
        return (z * dlcore.tensor(g.astype("float32"))).sum(1).mean()

    return loss


SWAPPED = {
    "probabilities' way, entropy's force": swapped("squared, probabilities", "cross-entropy"),
    "entropy's way, probabilities' force": swapped("cross-entropy", "squared, probabilities"),
    "scores' way, entropy's force": swapped("squared, scores", "cross-entropy"),
}


def learning_curve(loss, rate, seed, start):
    """Percentages of validation and of test digits named rightly, after each pass (passes, 2); 0 from a nan on."""
    digits, curve = data.digits(), np.zeros((PASSES[start], 2))
    dlcore.manual_seed(seed)
    model = nn.Sequential(nn.Flatten(), nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 10))
    model[3].weight.data *= start
    sgd = optim.SGD(model.parameters(), lr=rate)
    batches = data.batches(*digits.train, batch_size=32, generator=seed)
    for epoch in range(PASSES[start]):
        for x, y in batches:
            sgd.zero_grad()
            value = (LOSSES | SWAPPED)[loss](model(dlcore.tensor(x)), y)
            value.backward()
            sgd.step()
        if not np.isfinite(value.item()):
            break
        with dlcore.no_grad():
            curve[epoch] = [100 * accuracy(model(dlcore.tensor(x)), y) for x, y in (digits.valid, digits.test)]
    return curve


def at_its_best(loss, start, tried=(0, 1), judged=(2, 3, 4, 5, 6)):
    """The curves (seeds, passes, 2) of a loss at the rate that is best, on validation digits, for other seeds."""

    def valid(rate):
        return np.mean([learning_curve(loss, rate, seed, start)[-3:, 0] for seed in tried])  # three passes: less noise

    best = max(RATES[start][loss], key=valid)
    return best, np.array([learning_curve(loss, best, seed, start) for seed in judged])
