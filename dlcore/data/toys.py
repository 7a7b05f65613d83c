"""Two-dimensional toys: points in the plane that a network can learn in a second and a reader can see at a glance.

Every function returns `x` (N, 2) float32 and `y` (N,) int64, in random order, with classes as equal in number as N
allows. All are generated here, from formulas; nothing is read or downloaded. Licence: that of this package.
"""

from __future__ import annotations

import numpy as np

from dlcore.data._checks import whole, within
from dlcore.data._random import Source, random_source

Toy = tuple[np.ndarray, np.ndarray]


def _labels(where: str, n: int, classes: int) -> np.ndarray:
    """Labels 0 … classes-1 in turn: balanced, whatever n is."""
    return np.arange(whole(where, "n", n)) % whole(where, "classes", classes)


def _finish(x: np.ndarray, y: np.ndarray, noise: float, rng: np.random.Generator) -> Toy:
    """Jitter the points with Gaussian noise and put them in random order."""
    x = x + noise * rng.standard_normal(x.shape)
    order = rng.permutation(len(y))
    return x[order].astype(np.float32), y[order].astype(np.int64)


def moons(n: int = 200, noise: float = 0.1, generator: Source = None) -> Toy:
    """Two interleaving half circles of radius 1, centred on the origin.

        class 0: (cos t - 1/2, sin t - 1/4)    class 1: (1/2 - cos t, 1/4 - sin t)    t ~ U(0, pi)

    Args:
        n: number of points.
        noise: standard deviation of the Gaussian jitter, in the units of the plane.
        generator: a Generator, a seed, or None for the default generator.

    Returns:
        x (N, 2) float32, y (N,) int64 in {0, 1}.

    Raises:
        ValueError: if n is not a positive whole number or noise is negative.

    Source: the shape of scikit-learn's make_moons, centred.
    Licence: this package's. Size: as asked.

    >>> x, y = moons(100, generator=0)
    >>> x.shape, np.bincount(y)
    ((100, 2), array([50, 50]))
    """
    y = _labels("moons", n, 2)
    within("moons", "noise", noise, 0)
    rng = random_source(generator)
    t = rng.uniform(0, np.pi, n)
    sign = 1 - 2 * y
    x = np.stack([sign * (np.cos(t) - 0.5), sign * (np.sin(t) - 0.25)], axis=1)  # (N, 2)
    return _finish(x, y, noise, rng)


def circles(n: int = 200, noise: float = 0.05, factor: float = 0.5, generator: Source = None) -> Toy:
    """A ring of radius `factor` (class 1) inside a ring of radius 1 (class 0): no straight line separates them.

    Args:
        n: number of points.
        noise: standard deviation of the Gaussian jitter.
        factor: radius of the inner ring, between 0 and 1.
        generator: a Generator, a seed, or None for the default generator.

    Returns:
        x (N, 2) float32, y (N,) int64 in {0, 1}.

    Raises:
        ValueError: if n is not a positive whole number, noise is negative or factor lies outside [0, 1].

    Source: the shape of scikit-learn's make_circles.
    Licence: this package's. Size: as asked.

    >>> x, y = circles(100, noise=0, generator=0)
    >>> np.allclose(np.hypot(*x.T), np.where(y == 1, 0.5, 1.0))
    True
    """
    y = _labels("circles", n, 2)
    within("circles", "noise", noise, 0)
    within("circles", "factor", factor, 0, 1)
    rng = random_source(generator)
    t = rng.uniform(0, 2 * np.pi, n)
    radius = np.where(y == 1, factor, 1.0)
    return _finish(np.stack([radius * np.cos(t), radius * np.sin(t)], axis=1), y, noise, rng)


def spirals(n: int = 300, noise: float = 0.03, classes: int = 2, turns: float = 1.0, generator: Source = None) -> Toy:
    """Spiral arms, one per class, winding out from the origin to radius 1.

        radius r ~ U(0.1, 1),   angle = 2 pi (turns r + class / classes)

    Args:
        n: number of points.
        noise: standard deviation of the Gaussian jitter.
        classes: number of arms.
        turns: how many times an arm goes round; more is harder.
        generator: a Generator, a seed, or None for the default generator.

    Returns:
        x (N, 2) float32, y (N,) int64 in [0, classes).

    Raises:
        ValueError: if n or classes is not a positive whole number, or noise or turns is negative.

    Source: after the two-spirals problem of Lang & Witbrock (1988), Learning to Tell Two Spirals Apart.
    Licence: this package's. Size: as asked.

    >>> x, y = spirals(90, classes=3, generator=0)
    >>> np.bincount(y)
    array([30, 30, 30])
    """
    y = _labels("spirals", n, classes)
    within("spirals", "noise", noise, 0)
    within("spirals", "turns", turns, 0)
    rng = random_source(generator)
    r = rng.uniform(0.1, 1, n)
    angle = 2 * np.pi * (turns * r + y / classes)
    return _finish(np.stack([r * np.cos(angle), r * np.sin(angle)], axis=1), y, noise, rng)


def xor(n: int = 200, noise: float = 0.25, generator: Source = None) -> Toy:
    """The four corners (±1, ±1), labelled by exclusive or: class 1 where the two signs differ.

    Args:
        n: number of points, dealt to the corners in turn; 4 with noise 0 is the truth table itself.
        noise: standard deviation of the Gaussian jitter.
        generator: a Generator, a seed, or None for the default generator.

    Returns:
        x (N, 2) float32, y (N,) int64 in {0, 1}.

    Raises:
        ValueError: if n is not a positive whole number or noise is negative.

    Source: Minsky & Papert (1969), Perceptrons: the smallest problem that no single linear unit solves.
    Licence: this package's. Size: as asked.

    >>> x, y = xor(4, noise=0, generator=0)
    >>> np.array_equal(y, x[:, 0] * x[:, 1] < 0)
    True
    """
    corner = _labels("xor", n, 4)  # 0: (-1,-1)  1: (-1,+1)  2: (+1,+1)  3: (+1,-1), so that labels alternate
    within("xor", "noise", noise, 0)
    x = np.stack([np.where(corner >= 2, 1.0, -1.0), np.where((corner == 1) | (corner == 2), 1.0, -1.0)], axis=1)
    return _finish(x, corner % 2, noise, random_source(generator))


def blobs(n: int = 200, noise: float = 0.25, classes: int = 3, radius: float = 1.0, generator: Source = None) -> Toy:
    """Round Gaussian clouds, one per class, their centres spread evenly on a circle.

    Args:
        n: number of points.
        noise: standard deviation of each cloud in each direction.
        classes: number of clouds; 8 gives the usual test bed of generative models.
        radius: distance of the centres from the origin.
        generator: a Generator, a seed, or None for the default generator.

    Returns:
        x (N, 2) float32, y (N,) int64 in [0, classes).

    Raises:
        ValueError: if n or classes is not a positive whole number, or noise or radius is negative.

    Source: generated.
    Licence: this package's. Size: as asked.

    >>> x, y = blobs(400, noise=0.1, classes=4, generator=0)
    >>> bool(np.linalg.norm(x[y == 0].mean(axis=0) - [1, 0]) < 0.05)
    True
    """
    y = _labels("blobs", n, classes)
    within("blobs", "noise", noise, 0)
    within("blobs", "radius", radius, 0)
    angle = 2 * np.pi * y / classes
    x = radius * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    return _finish(x, y, noise, random_source(generator))


def checkerboard(n: int = 400, squares: int = 4, noise: float = 0.0, generator: Source = None) -> Toy:
    """Points spread over [-1, 1] × [-1, 1], labelled by the colour of their square on a board.

    Args:
        n: number of points.
        squares: squares along each side.
        noise: standard deviation of the jitter added after labelling, so that it mislabels points near an edge.
        generator: a Generator, a seed, or None for the default generator.

    Returns:
        x (N, 2) float32, y (N,) int64 in {0, 1}: 0 in the lower left square.

    Raises:
        ValueError: if n or squares is not a positive whole number, or squares is 1 and n is not, or noise is negative.

    Source: generated.
    Licence: this package's. Size: as asked; the two classes are equal in number.

    >>> x, y = checkerboard(100, squares=2, generator=0)
    >>> np.array_equal(y, x[:, 0] * x[:, 1] < 0)
    True
    """
    y = _labels("checkerboard", n, 2)
    whole("checkerboard", "squares", squares, least=2)
    within("checkerboard", "noise", noise, 0)
    rng = random_source(generator)
    column = rng.integers(0, squares, n)
    rows = (squares + 1 - (column + y) % 2) // 2  # how many squares of colour y this column has
    row = 2 * (rng.random(n) * rows).astype(int) + (column + y) % 2
    x = (np.stack([column, row], axis=1) + rng.random((n, 2))) * 2 / squares - 1
    return _finish(x, y, noise, rng)
