"""The same current into a model of a nerve cell and into a unit: how often, and when."""

import numpy as np

from dlcore.models.neurons import Cell, lif, unit

MILLISECONDS, PULSES = 1000, 40
CURRENTS = np.linspace(0, 5, 101)  # nA, steady
#: The cell of the page, and what is left of it without its leak, its deafness after a spike, or both. A cell that
#: forgets 10⁸ times more slowly and gathers as fast does not leak.
_LEAKLESS = {"time_constant": 1e9, "resistance": 1e9}
CELLS = {
    "leaks, is deaf 2 ms": Cell(),
    "no leak": Cell(**_LEAKLESS),
    "never deaf": Cell(refractory=0),
    "neither": Cell(**_LEAKLESS, refractory=0),
}


def rates(seconds=1):
    """Spikes per second of the cell at each of the steady currents, counted, (101,)."""
    _, spikes = lif(np.tile(CURRENTS, (seconds * 10 * MILLISECONDS, 1)), dt=0.1)  # (T, 101)
    return spikes.sum(axis=0) / seconds


def best_relu(rate):
    """Weight and bias of the ReLU unit with the smallest squared error at these currents: every turn is tried."""
    turns = np.arange(0, 3, 0.01)
    x = np.maximum(CURRENTS - turns[:, None], 0)  # (300, 101)
    slopes = (x @ rate) / (x**2).sum(axis=1)
    errors = ((rate - slopes[:, None] * x) ** 2).sum(axis=1)
    best = errors.argmin()
    return slopes[best], -slopes[best] * turns[best]


def at_times(milliseconds, strength=10.0):
    """One second of current (T,), in steps of 0.1 ms: a pulse of 1 ms at each of these times."""
    slots = np.zeros(MILLISECONDS)
    slots[milliseconds] = strength  # nA
    return np.repeat(slots, 10)


def arrangements():
    """When the forty pulses come, by name: (40,) milliseconds."""
    starts = np.arange(0, MILLISECONDS, 50)
    return {
        "evenly spread": np.arange(0, MILLISECONDS, MILLISECONDS // PULSES),
        "in pairs": np.concatenate([starts, starts + 2]),
        "in one block": np.arange(PULSES),
        "at random": np.random.default_rng(0).permutation(MILLISECONDS)[:PULSES],
    }


def spikes_drawn(cell=None, strength=10.0):
    """Currents (T, 4) of the four arrangements, and the spikes (T, 4) that they draw from a cell."""
    currents = np.stack([at_times(times, strength) for times in arrangements().values()], axis=1)
    return currents, lif(currents, dt=0.1, cell=cell)[1]


def at_random(draws=200, seed=1):
    """How many spikes the cell fires in random arrangements of the same pulses, (draws,)."""
    rng = np.random.default_rng(seed)
    times = [rng.permutation(MILLISECONDS)[:PULSES] for _ in range(draws)]
    return lif(np.stack([at_times(t) for t in times], axis=1), dt=0.1)[1].sum(axis=0)


def readings(currents, w, b):
    """What a unit answers to currents (T, 4), (4,), by how its input is read."""
    recent = np.stack([np.convolve(column, np.full(100, 0.01))[: len(column)] for column in currents.T], axis=1)
    return {
        "mean of the second": unit(currents.mean(axis=0)[:, None], [w], b),
        "moment by moment": unit(currents[:, :, None], [w], b).mean(axis=0),
        "mean of the last 10 ms": unit(recent[:, :, None], [w], b).mean(axis=0),
    }
