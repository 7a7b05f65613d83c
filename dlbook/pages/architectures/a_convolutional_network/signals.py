"""Signals with a short motif, tones, noise that remembers; a convolution along time, and what else reads them."""

from functools import cache

import numpy as np
from sklearn.linear_model import LogisticRegression, RidgeClassifier
from sklearn.svm import SVC

import dlcore
from dlcore import data, nn, optim
from dlcore.rng import fork_rng

SEEDS = range(5)
LENGTH, MOTIF = 64, 12
LEARN, VALID, TEST = 300, 200, 1000
RATES = (0.003, 0.01, 0.03)
PERIODS = np.array([9, 10.5, 12.5, 15])


@cache
def motifs():
    """Four short waves (4, 12): down-up, up-down, a peak between two dips, a dip between two peaks; norm 1, mean 0."""
    steps = np.arange(MOTIF)
    odd = np.hanning(MOTIF) * np.sin(2 * np.pi * steps / MOTIF)
    even = np.hanning(MOTIF) * np.cos(2 * np.pi * (steps - 5.5) / 8)
    waves = np.stack([-odd, odd, even, -even])
    waves -= waves.mean(1, keepdims=True)
    return waves / np.linalg.norm(waves, axis=1, keepdims=True)


def anywhere(n, rng, noise=0.3, fixed=False):
    """Signals (n, 64) of noise with one motif, 1.5 to 2.5 times as large, anywhere; and which it is (n,)."""
    y, at, size = rng.integers(0, 4, n), rng.integers(0, LENGTH - MOTIF + 1, n), rng.uniform(1.5, 2.5, n)
    at = np.full(n, (LENGTH - MOTIF) // 2) if fixed else at
    x = noise * rng.normal(size=(n, LENGTH))
    x[np.arange(n)[:, None], at[:, None] + np.arange(MOTIF)] += size[:, None] * motifs()[y]
    return x.astype(np.float32), y


def in_the_middle(n, rng):
    """The same with the motif always at the same place."""
    return anywhere(n, rng, fixed=True)


def tones(n, rng):
    """Signals (n, 64): a sine of one of four periods that begins anywhere, in noise as large; and which it is (n,)."""
    y, start = rng.integers(0, 4, n), rng.uniform(0, 2 * np.pi, (n, 1))
    x = np.sin(2 * np.pi * np.arange(LENGTH) / PERIODS[y][:, None] + start) + rng.normal(size=(n, LENGTH))
    return x.astype(np.float32), y


@cache
def drawn(make, seed):
    """Three parts (x, y) of signals: to learn from, to choose by, to judge by."""
    rng = np.random.default_rng(seed)
    return [make(n, rng) for n in (LEARN, VALID, TEST)]


# Networks -------------------------------------------------------------------------------------------------------------


def convolutional(first=9, second=5):
    """Two convolutions along time, and each filter's largest answer: 804 parameters. (N, 1, 64) to (N, 4)."""
    return nn.Sequential(
        nn.Conv1d(1, 8, first, padding=first // 2), nn.ReLU(), nn.MaxPool1d(2),
        nn.Conv1d(8, 16, second, padding=second // 2), nn.ReLU(), nn.MaxPool1d(LENGTH // 2),
        nn.Flatten(), nn.Linear(16, 4),
    )  # fmt: skip


def one_layer():
    """One convolution, as wide as a motif and a step, and each filter's largest answer: 292 parameters."""
    return nn.Sequential(
        nn.Conv1d(1, 16, 13, padding=6), nn.ReLU(), nn.MaxPool1d(LENGTH), nn.Flatten(), nn.Linear(16, 4)
    )


def wide():
    """16 filters as wide as three quarters of the signal, and the largest answer of each: 852 parameters."""
    return nn.Sequential(nn.Conv1d(1, 16, 48), nn.ReLU(), nn.MaxPool1d(17), nn.Flatten(), nn.Linear(16, 4))


def plain(hidden=12):
    """A plain hidden layer: with 12 units 832 parameters."""
    return nn.Sequential(nn.Flatten(), nn.Linear(LENGTH, hidden), nn.ReLU(), nn.Linear(hidden, 4))


def broad():
    """The same with 256 units."""
    return plain(256)


def train(model, x, y, rate, epochs, seed, roll=False, loss_of=None):
    """Train with Adam, in batches of 32; with `roll` every signal is turned round by a random way at every step."""
    optimizer, loss_of = optim.Adam(model.parameters(), lr=rate), loss_of or nn.CrossEntropyLoss()
    rng = np.random.default_rng(1000 + seed)
    for epoch in range(epochs):
        for signals, names in data.batches(x, y, batch_size=32, generator=100 * seed + epoch):
            if roll:
                places = np.arange(LENGTH) + rng.integers(0, LENGTH, (len(signals), 1))
                signals = np.take_along_axis(signals, places % LENGTH, axis=1)
            loss = loss_of(model(dlcore.tensor(signals[:, None])), names)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return model


def answers(model, x):
    """What a network says to signals (N, T): (N, outputs)."""
    with dlcore.no_grad():
        return model(dlcore.tensor(x[:, None])).numpy()


def by_network(make, build, epochs=20, roll=False):
    """Shares right of new signals (5,): the rate is chosen by the first seed's validation signals."""

    def scores(seed, rate):
        (x, y), *others = drawn(make, seed)
        with fork_rng():
            dlcore.manual_seed(seed)
            model = build()
        train(model, x, y, rate, epochs, seed, roll)
        return [(answers(model, x).argmax(1) == y).mean() for x, y in others]

    tried = {rate: scores(0, rate) for rate in RATES}
    rate = max(tried, key=lambda rate: tried[rate][0])
    return np.array([tried[rate][1], *(scores(seed, rate)[1] for seed in SEEDS[1:])])


# What does without training a network ---------------------------------------------------------------------------------


def spectrum(x):
    """How loud each frequency is (N, 33), as a logarithm."""
    return np.log(np.abs(np.fft.rfft(x)) + 0.1)


def by_hand(x):
    """Seven features (N, 7): height, depth, their sum, which comes first, how far apart, spread, steepness."""
    smooth = (x[:, :-2] + x[:, 1:-1] + x[:, 2:]) / 3
    top, bottom = smooth.argmax(1), smooth.argmin(1)
    high, low = smooth.max(1), smooth.min(1)
    steep = np.diff(x, axis=1).std(1)
    return np.stack([high, low, high + low, top < bottom, (top - bottom).clip(-12, 12), x.std(1), steep], axis=1)


def loudest(x, length=8, rim=2, shift=0):
    """The piece of each signal with the largest sum of squares, and a rim; or the piece so many steps later."""
    loud = np.lib.stride_tricks.sliding_window_view(x**2, length, axis=1).sum(2).argmax(1)
    margin = rim + abs(shift)
    places = loud[:, None] + np.arange(length + 2 * rim) + abs(shift) + shift
    return np.take_along_axis(np.pad(x, ((0, 0), (margin, margin))), places, axis=1)


def loudest_and_by_hand(x):
    """That piece, and the seven features: (N, 19)."""
    return np.c_[loudest(x), by_hand(x)]


def random_filters(x, count=100):
    """Answers of random filters, dilated or not: the largest, and the share above a threshold. (N, 200)."""
    rng, told = np.random.default_rng(9), []
    for _ in range(count):
        size, gap, threshold = rng.choice([7, 9, 11]), rng.choice([1, 2]), rng.uniform(-1, 1)
        weights = rng.normal(size=size)
        reach = (size - 1) * gap
        padded = np.pad(x, ((0, 0), (reach // 2, reach // 2)))
        windows = np.lib.stride_tricks.sliding_window_view(padded, reach + 1, axis=1)[..., ::gap]
        z = windows @ (weights - weights.mean()).astype(np.float32)
        told += [z.max(1), (z > threshold).mean(1)]
    return np.stack(told, axis=1)


def fitted(make, seed, features, models):
    """Share right of the one of several models that does best on validation signals, by features that are scaled."""
    parts = [(features(x), y) for x, y in drawn(make, seed)]
    middle, spread = parts[0][0].mean(0), parts[0][0].std(0) + 1e-6
    (x, y), valid, new = [((x - middle) / spread, y) for x, y in parts]
    return max((model.fit(x, y) for model in models()), key=lambda model: model.score(*valid)).score(*new)


def linear():
    """Logistic regressions, weakly and strongly held back."""
    return [LogisticRegression(C=c, max_iter=500) for c in (0.01, 0.1, 1)]


def ridges():
    """Linear classifiers fitted in one go."""
    return [RidgeClassifier(alpha=alpha) for alpha in (1, 10, 100, 1000)]


def machines():
    """Support-vector machines."""
    return [SVC(C=c, gamma=gamma) for c in (1, 10, 100) for gamma in (0.02, 0.06, 0.2)]


def nearest(make, seed, shifts=False):
    """Share right of the nearest signal; with `shifts` the nearest of all 64 ways to turn each of them round."""
    (x, y), _, (new, names) = drawn(make, seed)
    if not shifts:
        return (y[((x**2).sum(1) - 2 * new @ x.T).argmin(1)] == names).mean()
    waves = np.conj(np.fft.rfft(x))
    alike = np.stack([np.fft.irfft(one * waves).max(1) for one in np.fft.rfft(new)])  # (new, N)
    return (y[(alike - (x**2).sum(1) / 2).argmax(1)] == names).mean()


def slide(x, filters):
    """For each signal the filter (K, k) that fits best anywhere (N,)."""
    fit = np.lib.stride_tricks.sliding_window_view(x, filters.shape[1], axis=1) @ filters.T
    return fit.max(1).argmax(1)


def averaged(make, seed, lengths=(8, 10, 12, 16), rounds=10):
    """Share right of one filter a class: the mean of the pieces that it fits best, found in turns; no gradients."""
    (x, y), (valid, its), (new, names) = drawn(make, seed)
    tried = []
    for length in lengths:
        pieces = np.lib.stride_tricks.sliding_window_view(x, length, axis=1)
        at = (pieces**2).sum(2).argmax(1)  # begin where it is loudest
        filters = np.zeros((4, length))
        for _ in range(rounds):
            for kind in range(4):
                rows = np.flatnonzero(y == kind)
                mean = pieces[rows, at[rows]].mean(0)
                filters[kind] = mean / np.linalg.norm(mean)
                at[rows] = (pieces[rows] @ filters[kind]).argmax(1)
        tried.append((np.mean(slide(valid, filters) == its), np.mean(slide(new, filters) == names)))
    return max(tried, key=lambda shares: shares[0])[1]


def slid_pieces(make, seed, shifts=range(-3, 4)):
    """Share right of a support-vector machine on the loudest piece, which is shown slid copies of it, too."""
    (x, y), (valid, its), (new, names) = drawn(make, seed)
    tried = []
    for length, gamma in ((10, 0.1), (12, 0.2)):
        copies = np.concatenate([loudest(x, length, shift=shift) for shift in shifts])
        machine = SVC(C=3, gamma=gamma).fit(copies, np.tile(y, len(shifts)))
        tried.append((machine.score(loudest(valid, length), its), machine.score(loudest(new, length), names)))
    return max(tried, key=lambda shares: shares[0])[1]


def knowing(seed):
    """Share right of one who knows the four motifs and takes the one that fits best anywhere."""
    x, y = drawn(anywhere, seed)[2]
    return (slide(x, motifs()) == y).mean()


CONTENDERS = {
    "convolution, learned": lambda make: by_network(make, convolutional),
    "one layer of 16 filters, learned": lambda make: by_network(make, one_layer),
    "convolution, filters of 48": lambda make: by_network(make, wide),
    "plain layer, as many parameters": lambda make: by_network(make, plain),
    "plain layer of 256, turned copies": lambda make: by_network(make, broad, epochs=30, roll=True),
    "nearest signal": lambda make: each(lambda seed: nearest(make, seed)),
    "nearest signal, turned any way": lambda make: each(lambda seed: nearest(make, seed, shifts=True)),
    "linear on the values": lambda make: each(lambda seed: fitted(make, seed, np.asarray, linear)),
    "linear on the spectrum": lambda make: each(lambda seed: fitted(make, seed, spectrum, linear)),
    "linear on seven hand-made features": lambda make: each(lambda seed: fitted(make, seed, by_hand, linear)),
    "SVM, loudest piece and features": lambda make: each(
        lambda seed: fitted(make, seed, loudest_and_by_hand, machines)
    ),
    "SVM, loudest piece, slid copies": lambda make: each(lambda seed: slid_pieces(make, seed)),
    "a filter a class, by averaging": lambda make: each(lambda seed: averaged(make, seed)),
    "100 random filters, linear": lambda make: each(lambda seed: fitted(make, seed, random_filters, ridges)),
}
TASKS = {"motif anywhere": anywhere, "at one place": in_the_middle, "tone": tones}


def each(score):
    """Scores of all seeds (5,)."""
    return np.array([score(seed) for seed in SEEDS])


def contest(task, names=None):
    """Contender → share right of new signals for each seed (5,); all of them, or those named."""
    return {name: CONTENDERS[name](TASKS[task]) for name in names or CONTENDERS}


# The next value -------------------------------------------------------------------------------------------------------

LAGS = 16


@cache
def forecasts():
    """Root mean squared errors of the next value (5,) each: by least squares on the last 16, by networks."""
    told = {"least squares on the last 16 values": [], "convolution": [], "plain hidden layer": []}
    builds = {
        "convolution": lambda: nn.Sequential(
            nn.Conv1d(1, 8, 5), nn.ReLU(), nn.Conv1d(8, 8, 5), nn.ReLU(), nn.Flatten(), nn.Linear(64, 1)
        ),
        "plain hidden layer": lambda: nn.Sequential(nn.Flatten(), nn.Linear(LAGS, 24), nn.ReLU(), nn.Linear(24, 1)),
    }
    for seed in SEEDS:
        x, y = data.windows(data.autoregressive(1, 2000, generator=seed)[0], LAGS)
        learn, valid, new = slice(0, 400), slice(420, 620), slice(640, None)
        with_one = np.c_[x, np.ones(len(x))]
        line = np.linalg.lstsq(with_one[learn], y[learn], rcond=None)[0]
        told["least squares on the last 16 values"].append(rmse(with_one[new] @ line, y[new]))
        for name, build in builds.items():
            tries = [_forecaster(build, x, y, learn, rate, epochs, seed) for rate in RATES[:2] for epochs in (5, 10)]
            said = min(tries, key=lambda said: rmse(said[valid], y[valid]))
            told[name].append(rmse(said[new], y[new]))
    return {name: np.array(errors) for name, errors in told.items()}


def rmse(said, y):
    """Root mean squared error."""
    return float(np.sqrt(np.mean((said - y) ** 2)))


def _forecaster(build, x, y, learn, rate, epochs, seed):
    with fork_rng():
        dlcore.manual_seed(seed)
        model = build()
    train(model, x[learn], y[learn, None], rate, epochs, seed, loss_of=nn.MSELoss())
    return answers(model, x)[:, 0]
