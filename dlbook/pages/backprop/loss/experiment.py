"""Networks and measurements of the page "Loss": three losses on one network, each with the rate that suits it."""

import numpy as np

import dlcore
from dlcore import data, nn, optim
from dlcore.nn import functional as F
from dlcore.train import accuracy, steps

CALM, SURE = 1, 30  # by how much the last layer's first weights are multiplied
PASSES = 30


def distance(answer, y):
    """Mean of (answer - 1)² for the right class plus answer² for the others."""
    target = np.eye(10, dtype="float32")[np.asarray(y)]  # (N, K)
    return ((answer - dlcore.tensor(target)) ** 2).sum(1).mean()


LOSSES = {
    "cross-entropy": F.cross_entropy,
    "squared, probabilities": lambda z, y: distance(F.softmax(z, 1), y),
    "squared, scores": distance,
}


def learning_curve(loss, rate, seed, start, passes=PASSES):
    """Shares of validation and test digits named rightly after each pass (passes, 2); nan once the loss is no number."""
    digits, curve = data.digits(), np.full((passes, 2), np.nan)
    dlcore.manual_seed(seed)
    model = nn.Sequential(nn.Flatten(), nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 10))
    model[3].weight.data *= start
    batches = data.batches(*digits.train, batch_size=32, generator=seed)
    sgd = optim.SGD(model.parameters(), lr=rate)
    try:
        for step in steps(model, LOSSES[loss], sgd, batches, epochs=passes):
            if step.last:
                with dlcore.no_grad():
                    curve[step.epoch] = [accuracy(model(dlcore.tensor(x)), y) for x, y in (digits.valid, digits.test)]
    except FloatingPointError:
        pass
    return curve
