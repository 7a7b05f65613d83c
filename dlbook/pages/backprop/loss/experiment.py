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
        "squared, probabilities": (0.3, 1.0, 2.0),
        "squared, scores": (0.1, 0.3, 1.0),
    },
    SURE: {
        "cross-entropy": (0.003, 0.01, 0.03),
        "squared, probabilities": (0.03, 0.1, 0.3),
        "squared, scores": (1e-4, 3e-4, 1e-3),
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
            value = LOSSES[loss](model(dlcore.tensor(x)), y)
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
