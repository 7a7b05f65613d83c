"""Ground to walk on: one with two weights and two hollows, and one that is a network's loss."""

import numpy as np

from dlcore import data

PLACES = {"deep hollow": (1.5, 0.75), "shallow hollow": (-1, 1 / 3), "saddle": (0, 0)}

#: of the network whose ground digit_ground is: pixels, hidden units, digits
SIZES, EXAMPLES = (64, 32, 10), 300


def height(w):
    """The loss at w (2, …), at one place or at many."""
    u, v = w
    return u**4 / 4 - u**3 / 6 - 3 * u**2 / 4 + (v - u**2 / 3) ** 2


def slope(w):
    """Its slopes (2, …)."""
    u, v = w
    off = v - u**2 / 3
    return np.array([u**3 - u**2 / 2 - 3 * u / 2 - 4 / 3 * u * off, 2 * off])


def descend(slope, w, rate, count):
    """The places that gradient descent visits: the start and `count` more."""
    places = [w]
    for _ in range(count):
        w = w - rate * slope(w)
        places.append(w)
    return np.array(places)


def digit_ground(seed):
    """A tanh network and its squared error on some digits, as plain ground.

    Returns:
        a function from all weights w (P,) to the loss and its slopes (P,), and a random start (P,).
    """
    d, units, k = SIZES
    part = data.digits().train
    x, target = part.x[:EXAMPLES].reshape(-1, d).astype(float), np.eye(k)[part.y[:EXAMPLES]]  # (N, D), (N, K)
    cuts = np.cumsum([units * d, units, k * units])

    def at(w):
        w1, b1, w2, b2 = np.split(w, cuts)
        w1, w2 = w1.reshape(units, d), w2.reshape(k, units)
        h = np.tanh(x @ w1.T + b1)  # (N, units)
        off = h @ w2.T + b2 - target  # (N, K)
        back = 2 * off / len(x)
        hidden = back @ w2 * (1 - h**2)
        slopes = (hidden.T @ x, hidden.sum(0), back.T @ h, back.sum(0))
        return (off**2).sum(axis=1).mean(), np.concatenate([s.ravel() for s in slopes])

    rng = np.random.default_rng(seed)
    w1, w2 = rng.uniform(-1, 1, units * d) / d**0.5, rng.uniform(-1, 1, k * units) / units**0.5
    return at, np.concatenate([w1, np.zeros(units), w2, np.zeros(k)])


def rises(at, w, rate, count=100):
    """Whether the loss rises at any of the next `count` steps."""
    last = np.inf
    for _ in range(count):
        loss, g = at(w)
        if loss > last:
            return True
        last, w = loss, w - rate * g
    return False


def true_limit(at, w, low, high):
    """The largest rate between low and high at which none of the next hundred steps raises the loss."""
    for _ in range(7):  # halve the interval seven times
        middle = (low + high) / 2
        low, high = (low, middle) if rises(at, w, middle) else (middle, high)
    return low


def walk(at, w, rate, steps, longest=np.inf):
    """The loss at the last of so many steps; infinite if it flies apart. Longer slopes are cut to `longest`."""
    for _ in range(steps):
        loss, g = at(w)
        if loss > 1e3:
            return np.inf
        w = w - rate * g * min(1, longest / np.linalg.norm(g))
    return loss
