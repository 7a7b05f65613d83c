"""Sequences and signals: tasks that ask what a network remembers, for how long, and in which order.

All are generated here; nothing is read or downloaded. Licence: that of this package. Shapes: N examples, T time steps.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from dlcore.data._checks import whole, within
from dlcore.data._random import Source, random_source

Pair = tuple[np.ndarray, np.ndarray]


def recall(n: int, distance: int, symbols: int = 4, generator: Source = None) -> Pair:
    """Remember the first symbol while `distance` others go by, then name it.

        x = cue, d_1, …, d_distance, query        y = cue

    Cue and distractors are drawn from 0 … symbols-1; the query is the symbol number `symbols`.

    Args:
        n: number of sequences.
        distance: number of distractors between the cue and the query.
        symbols: number of different cues; chance is 1 / symbols.
        generator: a Generator, a seed, or None for the default generator.

    Returns:
        x (N, distance + 2) int64, y (N,) int64. The vocabulary has symbols + 1 entries.

    Raises:
        ValueError: if n or symbols is not a positive whole number, or distance is negative.

    Source: after the long time lag problems of Hochreiter & Schmidhuber (1997), Long Short-Term Memory, section 5.2.
    Licence: this package's. Size: as asked.

    >>> x, y = recall(100, distance=5, generator=0)
    >>> x.shape, np.array_equal(x[:, 0], y), np.unique(x[:, -1])
    ((100, 7), True, array([4]))
    """
    whole("recall", "n", n)
    whole("recall", "distance", distance, least=0)
    whole("recall", "symbols", symbols)
    x = random_source(generator).integers(0, symbols, (n, distance + 2))
    x[:, -1] = symbols
    return x, x[:, 0].copy()


def copy(n: int, length: int = 5, delay: int = 10, symbols: int = 8, generator: Source = None) -> Pair:
    """Read `length` symbols, wait `delay` steps, then write them in the same order.

        x = s_1 … s_length   blank × delay   go   blank × (length - 1)
        y = blank × (length + delay)         s_1 … s_length

    Symbols are 0 … symbols-1, the blank is `symbols`, the go signal `symbols + 1`.

    Args:
        n: number of sequences.
        length: number of symbols to remember.
        delay: number of blanks before the go signal.
        symbols: number of different symbols.
        generator: a Generator, a seed, or None for the default generator.

    Returns:
        x and y, both (N, 2 length + delay) int64. The vocabulary has symbols + 2 entries.

    Raises:
        ValueError: if n, length or symbols is not a positive whole number, or delay is negative.

    Source: the copying memory task as in Arjovsky, Shah & Bengio (2016), Unitary Evolution Recurrent Neural Networks,
    section 5.1.
    Licence: this package's. Size: as asked.

    >>> x, y = copy(1, length=2, delay=3, symbols=4, generator=0)
    >>> x.shape, np.array_equal(x[0, :2], y[0, -2:]), x[0, 2:].tolist()
    ((1, 7), True, [4, 4, 4, 5, 4])
    """
    whole("copy", "n", n)
    whole("copy", "length", length)
    whole("copy", "delay", delay, least=0)
    whole("copy", "symbols", symbols)
    x = np.full((n, 2 * length + delay), symbols, dtype=np.int64)
    y = x.copy()
    x[:, :length] = y[:, length + delay :] = random_source(generator).integers(0, symbols, (n, length))
    x[:, length + delay] = symbols + 1
    return x, y


def order(n: int, length: int = 20, symbols: int = 4, generator: Source = None) -> Pair:
    """Which of two markers came first? Counting symbols does not help: both markers are in every sequence.

    Distractors are 0 … symbols-1; the markers are A = symbols and B = symbols + 1, at two random places.

    Args:
        n: number of sequences.
        length: number of time steps T.
        symbols: number of different distractors.
        generator: a Generator, a seed, or None for the default generator.

    Returns:
        x (N, T) int64, y (N,) int64: 0 if A comes before B, 1 if B comes before A; equal in number.

    Raises:
        ValueError: if n or symbols is not a positive whole number or length is below 2.

    Source: a simpler form of the temporal order problem of Hochreiter & Schmidhuber (1997), Long Short-Term Memory,
    section 5.6.
    Licence: this package's. Size: as asked.

    >>> x, y = order(6, length=9, generator=0)
    >>> first = (x == 4).argmax(axis=1) > (x == 5).argmax(axis=1)
    >>> np.array_equal(first, y), np.bincount(y)
    (True, array([3, 3]))
    """
    whole("order", "n", n)
    whole("order", "length", length, least=2)
    whole("order", "symbols", symbols)
    rng = random_source(generator)
    x = rng.integers(0, symbols, (n, length))
    y = rng.permutation(np.arange(n) % 2)
    places = np.sort(rng.random((n, length)).argsort(axis=1)[:, :2], axis=1)  # (N, 2): two different places, in order
    rows = np.arange(n)
    x[rows, places[:, 0]] = symbols + y
    x[rows, places[:, 1]] = symbols + 1 - y
    return x, y


def sines(
    n: int = 1,
    length: int = 200,
    waves: int = 2,
    noise: float = 0.05,
    periods: tuple[float, float] = (10.0, 50.0),
    generator: Source = None,
) -> np.ndarray:
    """Sums of sine waves with random periods, amplitudes and phases, plus white noise.

        x[t] = sum_w a_w sin(2 pi t / p_w + phi_w) + noise e[t],   a ~ U(0.5, 1), p ~ U(periods), phi ~ U(0, 2 pi)

    Args:
        n: number of signals.
        length: number of time steps T.
        waves: number of waves in each signal.
        noise: standard deviation of the white noise.
        periods: shortest and longest period, in time steps.
        generator: a Generator, a seed, or None for the default generator.

    Returns:
        (N, T) float32.

    Raises:
        ValueError: if a count is not a positive whole number, noise is negative or the periods are not 0 < low <= high.

    Source: generated.
    Licence: this package's. Size: as asked.

    >>> sines(3, length=100, generator=0).shape
    (3, 100)
    """
    for name, value in (("n", n), ("length", length), ("waves", waves)):
        whole("sines", name, value)
    within("sines", "noise", noise, 0)
    low, high = periods
    if not 0 < low <= high:
        raise ValueError(f"sines: periods must be (shortest, longest) with 0 < shortest <= longest; got {periods!r}.")
    rng = random_source(generator)
    amplitude = rng.uniform(0.5, 1, (n, waves, 1))
    period = rng.uniform(low, high, (n, waves, 1))
    phase = rng.uniform(0, 2 * np.pi, (n, waves, 1))
    x = (amplitude * np.sin(2 * np.pi * np.arange(length) / period + phase)).sum(axis=1)  # (N, W, T) -> (N, T)
    return (x + noise * rng.standard_normal((n, length))).astype(np.float32)


def autoregressive(
    n: int = 1,
    length: int = 500,
    coefficients: Sequence[float] = (0.75, -0.5),
    noise: float = 1.0,
    generator: Source = None,
) -> np.ndarray:
    """Signals whose next value is a weighted sum of the last ones plus noise: no predictor can beat that noise.

        x[t] = c_1 x[t-1] + … + c_p x[t-p] + noise e[t],   e ~ N(0, 1)

    Args:
        n: number of signals.
        length: number of time steps T.
        coefficients: c_1 … c_p; the recursion must be stable.
        noise: standard deviation of the innovations, hence the root mean squared error of the best predictor.
        generator: a Generator, a seed, or None for the default generator.

    Returns:
        (N, T) float32, after a start-up of at least 100 steps that is thrown away.

    Raises:
        ValueError: if the recursion explodes (a root of its characteristic polynomial has modulus 1 or more), a count
            is not a positive whole number, or noise is negative.

    Source: Yule (1927), On a Method of Investigating Periodicities in Disturbed Series.
    Licence: this package's. Size: as asked.

    >>> autoregressive(2, length=50, generator=0).shape
    (2, 50)
    """
    whole("autoregressive", "n", n)
    whole("autoregressive", "length", length)
    within("autoregressive", "noise", noise, 0)
    c = np.asarray(coefficients, dtype=float)
    if c.ndim != 1 or not len(c):
        raise ValueError(f"autoregressive: coefficients must be a list of at least one number; got {coefficients!r}.")
    if (modulus := np.abs(np.roots([1, *-c])).max(initial=0)) >= 1:
        raise ValueError(
            f"autoregressive: coefficients {coefficients!r} give a root of modulus {modulus:.3g}, so the signal "
            "explodes; the modulus must be below 1. Make the coefficients smaller."
        )
    start, p = 100 + 10 * len(c), len(c)
    x = noise * random_source(generator).standard_normal((n, p + start + length))
    for t in range(p, x.shape[1]):
        x[:, t] += x[:, t - p : t] @ c[::-1]
    return x[:, p + start :].astype(np.float32)


def windows(series: np.ndarray, length: int, horizon: int = 1, stride: int = 1) -> Pair:
    """Cut one series into inputs of `length` steps, each with the value that comes `horizon` steps after its end.

    Args:
        series: (T,) one signal, or the token numbers of a text.
        length: number of steps a network sees.
        horizon: how far ahead the target lies; 1 is the next step.
        stride: distance between the starts of two windows.

    Returns:
        x (M, length) and y (M,), of the dtype of the series; M = (T - length - horizon) // stride + 1.

    Raises:
        ValueError: if the series is not one-dimensional or too short, or a number is not positive.

    >>> windows(np.arange(6), length=3)
    (array([[0, 1, 2],
           [1, 2, 3],
           [2, 3, 4]]), array([3, 4, 5]))
    """
    series = _series("windows", series, length, horizon)
    count = (len(series) - length - horizon) // whole("windows", "stride", stride) + 1
    start = np.arange(count) * stride
    return series[start[:, None] + np.arange(length)], series[start + length + horizon - 1]


def contexts(tokens: np.ndarray, length: int, stride: int | None = None) -> Pair:
    """Cut a text's token numbers into contexts, with the same context one step later as the target.

    Args:
        tokens: (T,) token numbers.
        length: context length.
        stride: distance between the starts of two contexts; by default `length`, so that they do not overlap.

    Returns:
        x and y, both (M, length): y[m, t] is the token after x[m, t].

    Raises:
        ValueError: if the text is not one-dimensional or shorter than length + 1, or a number is not positive.

    >>> contexts(np.arange(7), length=3)
    (array([[0, 1, 2],
           [3, 4, 5]]), array([[1, 2, 3],
           [4, 5, 6]]))
    """
    tokens = _series("contexts", tokens, length, 1)
    start = np.arange(0, len(tokens) - length, length if stride is None else whole("contexts", "stride", stride))
    x = start[:, None] + np.arange(length)  # (M, T)
    return tokens[x], tokens[x + 1]


def _series(where: str, series: np.ndarray, length: int, horizon: int) -> np.ndarray:
    series = np.asarray(series)
    whole(where, "length", length)
    whole(where, "horizon", horizon)
    if series.ndim != 1:
        raise ValueError(f"{where}: expected one series of shape (T,), such as one row; got {series.shape}.")
    if len(series) < length + horizon:
        raise ValueError(
            f"{where}: a series of {len(series)} steps is too short for length {length} and horizon {horizon}; "
            f"it needs at least {length + horizon}."
        )
    return series
