"""A nerve cell and an artificial unit, side by side, in plain NumPy.

Voltages in mV, times in ms, currents in nA, resistances in MΩ: one MΩ times one nA is one mV.
"""

from dataclasses import dataclass

import numpy as np


def step(z):
    """Answer 1 where z reaches 0, else 0: the all-or-none response of McCulloch and Pitts.

    >>> step(np.array([-0.5, 0.0, 2.0]))
    array([0., 1., 1.])
    """
    return np.where(z >= 0, 1.0, 0.0)


def relu(z):
    """Pass what is positive and answer 0 to the rest.

    >>> relu(np.array([-0.5, 0.0, 2.0]))
    array([0., 0., 2.])
    """
    return np.maximum(z, 0.0)


def unit(x, w, b, activation=relu):
    """Weigh the inputs, add up, add the bias, bend: activation(w · x + b).

    Args:
        x: (D,) one example, or (N, D) a batch of them.
        w: (D,) one weight per input.
        b: () the bias.
        activation: a function of one number, applied to each sum.

    Returns:
        () or (N,) the unit's answer to each example.

    Raises:
        ValueError: if the last axis of x does not have one entry per weight.

    Twin: torch.relu(torch.nn.Linear(D, 1)(x)).squeeze(-1), with its weight (1, D) and its bias (1,).

    >>> float(unit([1.0, 0.5], [2.0, -3.0], 0.25))
    0.75
    """
    x, w = np.asarray(x), np.asarray(w)
    if w.ndim != 1 or x.shape[-1:] != w.shape:
        got = f"{x.shape} and {w.shape}"
        raise ValueError(f"unit: expected x (…, D) and w (D,), received {got}.")
    return activation(x @ w + b)


def mcculloch_pitts(excite, inhibit, threshold):
    """Fire when enough exciting inputs are on and no inhibiting one is.

    Args:
        excite: (..., D) zeros and ones.
        inhibit: (..., E) zeros and ones; a single one vetoes. E may be 0.
        threshold: how many exciting inputs must be on.

    Returns:
        (...) zeros and ones.

    Source: McCulloch & Pitts (1943), section 2: the physical assumptions of the calculus.

    >>> pairs = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
    >>> mcculloch_pitts(pairs, np.zeros((4, 0)), threshold=2)
    array([0, 0, 0, 1])
    """
    enough = np.sum(excite, axis=-1) >= threshold
    vetoed = np.any(inhibit, axis=-1)
    return (enough & ~vetoed).astype(int)


@dataclass(frozen=True)
class Cell:
    """The six numbers of a leaky integrate-and-fire cell.

    Source: Dayan & Abbott (2001), Theoretical Neuroscience, figure 5.5; the refractory time is ours.
    """

    rest: float = -65.0  # mV, where the voltage settles without input
    threshold: float = -50.0  # mV, where a spike starts
    reset: float = -65.0  # mV, where the voltage goes after a spike
    resistance: float = 10.0  # MΩ, mV of lasting rise per nA
    time_constant: float = 10.0  # ms, how fast the voltage forgets
    refractory: float = 2.0  # ms of silence after a spike


def lif(current, dt=0.1, cell=None):
    """Drive leaky integrate-and-fire cells; return voltages and spikes.

        dv = dt / time_constant * (rest - v + resistance * current); at the threshold: spike, reset, pause

    Args:
        current: (T,) for one cell, or (T, N) for N of them, in nA, one entry per time step.
        dt: the time step in ms; much shorter than the time constant.
        cell: a Cell; the standard one if omitted.

    Returns:
        voltage: as `current`, in mV; where a spike starts, the voltage that reached the threshold.
        spikes: as `current`, True where a spike starts.

    Raises:
        ValueError: if dt is not positive, or not shorter than the time constant.

    Source: Gerstner, Kistler, Naud & Paninski (2014), Neuronal Dynamics, section 1.3.

    >>> voltage, spikes = lif(np.full(3, 2.0), dt=1.0)
    >>> voltage.round(2)
    array([-63.  , -61.2 , -59.58])
    """
    cell = cell or Cell()
    share = dt / cell.time_constant  # of the way, in one step
    if not 0 < share < 1:
        raise ValueError(f"lif: expected 0 < dt < {cell.time_constant}, received {dt}.")
    current = np.asarray(current, dtype=float)  # (T, ...)
    voltage, spikes = np.empty_like(current), np.zeros_like(current, bool)
    v = np.full(current.shape[1:], cell.rest)  # (...)
    pause = np.zeros(current.shape[1:], int)  # steps of silence left
    for t, now in enumerate(current):
        way = cell.rest + cell.resistance * now - v
        v = np.where(pause > 0, cell.reset, v + share * way)
        voltage[t], spikes[t] = v, v >= cell.threshold
        pause = np.where(spikes[t], round(cell.refractory / dt), pause - 1)
        v = np.where(spikes[t], cell.reset, v)
    return voltage, spikes


def lif_rate(current, cell=None):
    """Return how many spikes a second a steady current draws from a leaky integrate-and-fire cell.

        rate = 1 / (refractory + time_constant * ln((R I - reset + rest) / (R I - threshold + rest)))

    Args:
        current: any shape, in nA.
        cell: a Cell; the standard one if omitted.

    Returns:
        as `current`, in spikes per second; 0 where the current never reaches the threshold.

    Source: Dayan & Abbott (2001), Theoretical Neuroscience, equation 5.11, with a refractory time added.

    >>> lif_rate([1.0, 3.0]).round(1)
    array([  0., 112.])
    """
    cell = cell or Cell()
    settles = cell.rest + cell.resistance * np.asarray(current, dtype=float)  # mV, without a threshold
    fires = settles > cell.threshold
    above = np.where(fires, settles - cell.threshold, 1.0)
    below = np.where(fires, settles - cell.reset, 1.0)
    return np.where(fires, 1000.0 / (cell.refractory + cell.time_constant * np.log(below / above)), 0.0)
