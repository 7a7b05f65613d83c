"""Many small recurrent networks trained side by side: on the recall task, at every rate and from every start."""

from functools import cache
from typing import NamedTuple

import numpy as np

import dlcore
from dlcore import data, nn, optim
from dlcore.nn import functional as F
from dlcore.rng import fork_rng

HIDDEN, BATCH, SYMBOLS = 32, 32, 4
DISTANCES = (1, 5, 10, 20, 50)
STEPS = 300
# rate of Adam, and the longest gradient that is let through
TRIED = (0.003, 0.1), (0.01, 0.1), (0.03, 0.1), (0.03, 1.0)
STARTS = ("usual", "spread 1/√n", "turned", "identity, ReLU")
TUNE, RACE = (100, 101), tuple(range(10, 20))  # seeds: to choose the rate and clipping; to measure


def first_weights(start, seed, vocabulary, classes, hidden):
    """First weights of one network: W_ih, W_hh, b, W, c."""
    bound, rng = hidden**-0.5, np.random.default_rng(seed)
    w_ih, w_hh, w = (rng.uniform(-bound, bound, (n, hidden)) for n in (vocabulary, hidden, hidden))
    w = rng.uniform(-bound, bound, (hidden, classes))
    if start == "spread 1/√n":
        w_hh = w_hh * 3**0.5
    if start == "turned":
        w_hh = np.linalg.qr(rng.normal(size=(hidden, hidden)))[0]
    if start.startswith("identity"):
        w_hh = np.eye(hidden)
    return w_ih, w_hh, np.zeros((1, hidden)), w, np.zeros((1, classes))


class Networks:
    """R plain recurrent networks that read the same symbols, each with weights of its own; every array begins with R.

    h[t] = tanh(W_ih x[t] + W_hh h[t-1] + b),    scores = W h[T] + c        (or ReLU in the place of tanh)
    """

    def __init__(self, start, seeds, vocabulary=SYMBOLS + 1, classes=SYMBOLS, hidden=HIDDEN):
        self.relu = "ReLU" in start
        parts = zip(*(first_weights(start, seed, vocabulary, classes, hidden) for seed in seeds), strict=True)
        self.parameters = [np.array(part, np.float32) for part in parts]

    def forward(self, x):
        """Scores (R, N, K) of sequences x (N, T)."""
        w_ih, w_hh, b, w, c = self.parameters
        self.x, given = x, w_ih + b  # (R, V, H): what each symbol adds
        self.states = np.zeros((x.shape[1] + 1, len(w), len(x), w.shape[1]), w.dtype)  # (T + 1, R, N, H)
        for t, symbols in enumerate(x.T):
            z = np.matmul(self.states[t], w_hh, out=self.states[t + 1])
            z += given[:, symbols]
            np.maximum(z, 0, out=z) if self.relu else np.tanh(z, out=z)
        return self.states[-1] @ w + c

    def back(self, g):
        """The gradient that reaches each state, and each state's sum, both (T, R, N, H), from that of the scores."""
        h, turned = self.states[1:], np.ascontiguousarray(self.parameters[1].mT)
        to_state = np.empty_like(h)
        to_sum = (h > 0).astype(h.dtype) if self.relu else 1 - h * h  # the slopes, for now
        np.matmul(g, self.parameters[3].mT, out=to_state[-1])
        for t in range(len(h) - 1, -1, -1):
            to_sum[t] *= to_state[t]
            if t:
                np.matmul(to_sum[t], turned, out=to_state[t - 1])
        return to_state, to_sum

    def slopes(self, g):
        """Gradients of the parameters, from that of the scores (R, N, K): sums over all steps."""
        w_ih, w_hh = self.parameters[:2]
        to_sum, to_hh, to_ih = self.back(g)[1], np.zeros_like(w_hh), np.zeros_like(w_ih)
        hot = (self.x.T[:, None] == np.arange(w_ih.shape[1])[:, None]).astype(np.float32)  # (T, V, N)
        for t, now in enumerate(to_sum):
            to_hh += self.states[t].mT @ now
            to_ih += hot[t] @ now
        own = [self.states[-1].mT @ g, g.sum(1, keepdims=True)]
        return [to_ih, to_hh, to_ih.sum(1, keepdims=True), *own]


def loss_gradient(z, y):
    """The gradient of the mean cross-entropy of scores z (R, N, K)."""
    p = np.exp(z - z.max(-1, keepdims=True))
    p /= p.sum(-1, keepdims=True)
    p[:, np.arange(len(y)), y] -= 1
    return p / np.float32(len(y))


def train(networks, batches, rates, clips, steps=STEPS):
    """Adam, each network at its own rate and clipping, on the same batches (x, y); the rate falls in the end."""
    rate, limit = (np.asarray(v, np.float32)[:, None, None] for v in (rates, clips))
    means, squares = ([np.zeros_like(p) for p in networks.parameters] for _ in range(2))
    with np.errstate(all="ignore"):  # some fly apart
        for t, (x, y) in enumerate(batches, 1):
            slopes = networks.slopes(loss_gradient(networks.forward(x), y))
            length = np.sqrt(sum(np.square(s).sum((1, 2), keepdims=True) for s in slopes))
            factor, now = np.minimum(1, limit / (length + 1e-12)), rate * np.float32(min(1, 2 - 2 * (t - 1) / steps))
            for p, s, m, v in zip(networks.parameters, slopes, means, squares, strict=True):
                s = s * factor
                m += 0.1 * (s - m)
                v += 0.001 * (s * s - v)
                p -= now * (m / (1 - 0.9**t)) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8)
    return networks


def loss(networks, x, y):
    """(R,) mean cross-entropy; of those that flew apart, infinite."""
    with np.errstate(all="ignore"):
        z = networks.forward(x)
        z = z - z.max(-1, keepdims=True)
        each = np.log(np.exp(z).sum(-1)) - z[:, np.arange(len(y)), y]
    return np.nan_to_num(each.mean(-1), nan=np.inf)


def right(networks, x, y):
    """(R,) the share of sequences answered rightly, in percent."""
    with np.errstate(all="ignore"):
        return 100 * (np.nan_to_num(networks.forward(x)).argmax(-1) == y).mean(-1)


def recall_batches(distance, steps, seed=0, growing=False):
    """Fresh sequences at every step; if growing, their distance rises from 1 over the first six tenths of the steps."""
    rng = np.random.default_rng(seed)
    for step in range(steps):
        now = min(distance, max(1, round(distance * step / (0.6 * steps)))) if growing else distance
        yield data.recall(BATCH, now, SYMBOLS, rng)


class Recall(NamedTuple):
    """What networks of one start remember, at the rate and clipping that did best on validation sequences."""

    right: np.ndarray  # (seeds,) percent of new sequences
    rate: float
    clip: float

    @property
    def kept(self):
        """How many of the networks remembered: they were right for more than 95 percent."""
        return int((self.right > 95).sum())


def grid():
    """Every pair of rate and clipping with every seed of TUNE."""
    rate, clip = np.repeat(TRIED, len(TUNE), axis=0).T
    return rate, clip, np.tile(TUNE, len(TRIED))


def chosen(start, distance, steps, growing, hidden):
    """The rate and clipping with which networks of the seeds of TUNE did best on validation sequences."""
    rate, clip, seed = grid()
    batches = recall_batches(distance, steps, 0, growing)
    tuned = train(Networks(start, seed, hidden=hidden), batches, rate, clip, steps)
    best = loss(tuned, *data.recall(500, distance, SYMBOLS, 1)).reshape(-1, len(TUNE)).mean(-1).argmin() * len(TUNE)
    return float(rate[best]), float(clip[best])


@cache
def recalled(start, distance, steps=STEPS, growing=False, hidden=HIDDEN, given=None):
    """Choose rate and clipping, if they are not given, then train the networks of RACE on other sequences."""
    rate, clip = given or chosen(start, distance, steps, growing, hidden)
    best = Networks(start, RACE, hidden=hidden)
    batches = recall_batches(distance, steps, 2, growing)
    train(best, batches, [rate] * len(RACE), [clip] * len(RACE), steps)
    return Recall(right(best, *data.recall(1000, distance, SYMBOLS, 3)), rate, clip)


def latch():
    """A network set by hand that keeps the first symbol for ever: one unit for each, W_hh = 4, W_ih = 1.5 or -1.5."""
    made, eye = Networks("usual", (0,), hidden=SYMBOLS), np.eye(SYMBOLS)
    w_ih = np.vstack([3 * eye - 1.5, np.zeros((1, SYMBOLS))])  # the query says nothing
    parts = w_ih, 4 * eye, np.zeros((1, SYMBOLS)), eye, np.zeros((1, SYMBOLS))
    made.parameters = [part[None].astype(np.float32) for part in parts]
    return made


def reached(networks, distance, n=64):
    """(R, T): the length of the gradient that reaches each state, that of the last state = 1."""
    x, y = data.recall(n, distance, SYMBOLS, 4)
    networks.parameters = [part.astype(float) for part in networks.parameters]
    to_state, _ = networks.back(loss_gradient(networks.forward(x), y))
    lengths = np.sqrt(np.square(to_state).sum((2, 3))).T
    return lengths / lengths[:, -1:]


# -- which of two came first -------------------------------------------------------------------------------------------

LENGTH, MARKS = 20, 6  # of a sequence; its symbols, the two markers among them


@cache
def orders():
    """Sequences of `data.order`: to learn from, to choose with, new ones, and new ones of twice the length."""
    sizes = (2000, LENGTH), (500, LENGTH), (1000, LENGTH), (1000, 2 * LENGTH)
    return [data.order(n, length, generator=seed) for seed, (n, length) in enumerate(sizes)]


def order_batches(steps, seed=0):
    """Batches of the sequences to learn from, drawn at random."""
    (x, y), rng = orders()[0], np.random.default_rng(seed)
    for _ in range(steps):
        rows = rng.integers(0, len(x), BATCH)
        yield x[rows], y[rows]


def in_order(start="usual", steps=STEPS):
    """(2, seeds) percent right, on sequences of the length learned and of twice that; rate and clipping tuned."""
    rate, clip, seed = grid()
    tuned = train(Networks(start, seed, MARKS, 2), order_batches(steps), rate, clip, steps)
    best = loss(tuned, *orders()[1]).reshape(-1, len(TUNE)).mean(-1).argmin() * len(TUNE)
    networks = Networks(start, RACE, MARKS, 2)
    train(networks, order_batches(steps, seed=1), [rate[best]] * len(RACE), [clip[best]] * len(RACE), steps)
    return np.array([right(networks, *part) for part in orders()[2:]])


EYE = np.eye(MARKS)


def bag(x):
    """How often each symbol occurs (N, V): what is left of a sequence without its order."""
    return EYE[x].sum(1)


def windows_of(n):
    """A function that counts the n-grams of sequences (N, Vⁿ)."""

    def count(x):
        last = x.shape[1] - n + 1
        number = sum(x[:, i : i + last] * MARKS**i for i in range(n))  # (N, T - n + 1)
        return np.array([np.bincount(row, minlength=MARKS**n) for row in number])

    return count


def fading_sum(x, keep=0.9):
    """A sum that fades (N, V): s[t] = keep · s[t-1] + x[t], with nothing in it to train."""
    s = np.zeros((len(x), MARKS))
    for symbols in x.T:
        s = keep * s + EYE[symbols]
    return s


def positional_bag(x, size=16):
    """Embeddings of symbol and place, added up over the sequence (N, size): random, as good as any others here."""
    rng = np.random.default_rng(0)
    place, symbol = rng.normal(size=(2 * LENGTH, size)), rng.normal(size=(MARKS, size))
    return (symbol[x] + place[: x.shape[1]]).sum(1)


def flat(x):
    """A place of its own for each symbol at each time (N, T V)."""
    return EYE[x].reshape(len(x), -1)


def echo(spectral, scale, hidden=64):
    """A function to the last state (N, H) of a recurrent network with random weights that are never trained."""
    rng = np.random.default_rng(0)
    w_hh, w_ih = rng.normal(size=(hidden, hidden)), rng.normal(size=(MARKS, hidden)) * scale
    w_hh *= spectral / np.abs(np.linalg.eigvals(w_hh)).max()

    def last(x):
        h = np.zeros((len(x), hidden))
        for symbols in x.T:
            h = np.tanh(w_ih[symbols] + h @ w_hh)
        return h

    return last


class Filters(nn.Module):
    """A 1-D convolution over embeddings, then the largest answer of each filter, then a linear layer."""

    def __init__(self, width, filters=16):
        super().__init__()
        self.embed = nn.Embedding(MARKS, filters)
        self.slide = nn.Conv1d(filters, filters, width)
        self.head = nn.Linear(filters, 2)

    def forward(self, x):  # (N, T)
        maps = F.relu(self.slide(self.embed(x).transpose(1, 2)))  # (N, C, T - width + 1)
        return self.head(maps.amax(dim=-1))

    def right(self, x, y):
        """Percent of sequences answered rightly."""
        with dlcore.no_grad():
            return 100 * float((self(dlcore.tensor(x)).numpy().argmax(-1) == y).mean())


@cache
def filtered(width, steps=STEPS):
    """Percent right of filters, on sequences of the length learned and of twice that; the better of two rates."""
    tried = []
    for rate in (0.003, 0.01):
        with fork_rng():
            dlcore.manual_seed(0)
            model = Filters(width)
            optimiser = optim.Adam(model.parameters(), lr=rate)
            for x, y in order_batches(steps):
                optimiser.zero_grad()
                F.cross_entropy(model(dlcore.tensor(x)), dlcore.tensor(y)).backward()
                optimiser.step()
        tried.append((model.right(*orders()[1]), [model.right(*part) for part in orders()[2:]]))
    return max(tried)[1]


# -- a single unit ----------------------------------------------------------------------------------------------------


def there_and_back(w_hh, w_ih, x):
    """States, slopes, the gradient that reaches each state, that of its sum, and the gradients of the two weights."""
    h = [0.0]
    for now in x:
        h.append(float(np.tanh(w_ih * now + w_hh * h[-1])))
    slope = [1 - one**2 for one in h[1:]]
    reach, delta, g = [], [], 1.0
    for one in slope[::-1]:
        reach.insert(0, g)
        delta.insert(0, g * one)
        g = delta[0] * w_hh
    to_ih = sum(d * now for d, now in zip(delta, x, strict=True))
    to_hh = sum(d * before for d, before in zip(delta, h[:-1], strict=True))
    return {"h": h[1:], "slope": slope, "reach": reach, "delta": delta, "to_ih": to_ih, "to_hh": to_hh}
