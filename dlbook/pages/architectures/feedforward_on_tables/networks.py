"""Many small networks that train side by side: one step of all of them is a handful of stacked products."""

import numpy as np

UNITS, BATCH = 32, 32  # hidden units; rows a step


def softmax(scores):
    """Shares over the last axis."""
    e = np.exp(scores - scores.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


def _for_each(runs, value):
    """(R, 1, 1) from one number, or from one for each network."""
    return np.broadcast_to(np.asarray(value, np.float32), runs)[:, None, None]


class Networks:
    """R networks D → units → K with ReLU, each with its own rate and weight decay, trained by AdamW.

    Args:
        shape: (R, D, K).
        rates, decays: (R,) each.
        classes: whether the answers are shares of classes (cross-entropy) or numbers (half the squared error).
        rng: draws first weights and batches.
        shrinks: (R,), how fast the first layer's weights go towards 0 and stay there, whatever their size (L1).
    """

    def __init__(self, shape, rates, decays, classes, rng, units=UNITS, shrinks=0):
        runs, inputs, answers = shape
        sizes = ((inputs, units), (units, answers))
        self.weights = [(rng.uniform(-1, 1, (runs, *size)) / size[0] ** 0.5).astype(np.float32) for size in sizes]
        self.biases = [np.zeros((runs, 1, size[1]), np.float32) for size in sizes]
        self.memory = [np.zeros((2, *p.shape), np.float32) for p in self.parameters()]
        self.rates, self.decays, self.shrinks = (_for_each(runs, v) for v in (rates, decays, shrinks))
        self.classes, self.rng, self.steps = classes, rng, 0

    def parameters(self):
        """Weights and biases, each (R, …)."""
        return [*self.weights, *self.biases]

    def answers(self, x):
        """Shares or numbers (R, N, K) for rows (R, N, D)."""
        hidden = np.maximum(x @ self.weights[0] + self.biases[0], 0)
        scores = hidden @ self.weights[1] + self.biases[1]
        return softmax(scores) if self.classes else scores

    def slopes(self, x, targets):
        """The loss's gradient for each parameter, from a batch (R, B, D) with its targets (R, B, K)."""
        hidden = np.maximum(x @ self.weights[0] + self.biases[0], 0)
        scores = hidden @ self.weights[1] + self.biases[1]
        g = ((softmax(scores) if self.classes else scores) - targets) / x.shape[1]
        back = (g @ self.weights[1].mT) * (hidden > 0)
        return x.mT @ back, hidden.mT @ g, back.sum(1, keepdims=True), g.sum(1, keepdims=True)

    def step(self, x, targets):
        """One step of AdamW for all."""
        self.steps = t = self.steps + 1
        for p, (m, v), g in zip(self.parameters(), self.memory, self.slopes(x, targets), strict=True):
            m += 0.1 * (g - m)
            v += 0.001 * (g * g - v)
            if p.shape[1] > 1:
                p -= self.rates * self.decays * p
            p -= self.rates * (m / (1 - 0.9**t)) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8)
        self.weights[0] -= np.clip(self.weights[0], -self.rates * self.shrinks, self.rates * self.shrinks)

    def train(self, x, targets, which, looks, x_new):
        """Train run r on the rows of set which[r]; its answers for that set's new rows at each look, (R, looks, N, K).

        Args:
            x, targets: (S, N, D) and (S, N, K).
            which: (R,) numbers of sets.
            looks: rising numbers of steps.
            x_new: (S, M, D).
        """
        found, many, queue = [], len(which), np.empty((len(which), 0), int)
        for step in range(1, looks[-1] + 1):
            if queue.shape[1] < min(BATCH, x.shape[1]):
                queue = self.rng.random((many, x.shape[1])).argsort(1)
            rows, queue = queue[:, :BATCH], queue[:, BATCH:]
            self.step(x[which[:, None], rows], targets[which[:, None], rows])
            if step in looks:
                found.append(self.answers(x_new[which]))
        return np.stack(found, 1)


class PlainNetworks(Networks):
    """The same, trained by stochastic gradient descent with momentum: every weight takes steps of one rate."""

    def step(self, x, targets):
        """One step of all."""
        for p, (m, _), g in zip(self.parameters(), self.memory, self.slopes(x, targets), strict=True):
            m *= 0.9
            m += g
            if p.shape[1] > 1:
                p -= self.rates * self.decays * p
            p -= self.rates * m
