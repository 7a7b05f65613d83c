"""The plane: points with their classes, the regions a network cuts out, and where samples are dense."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection

from dlcore.palette import CLASSES, LIGHT
from dlcore.train.loop import first, library
from dlcore.viz.look import MARKERS, array, canvas, label, tint
from dlcore.viz.plots import legend

Limits = tuple[float, float, float, float]


def points(
    x: Any,
    y: Any = None,
    names: Sequence[str] | None = None,
    labels: tuple[str, str] = ("x₁", "x₂"),
    size: float = 16,
    ax: Axes | None = None,
) -> Axes:
    """Draw points in the plane, each class with its own colour and its own marker.

    Args:
        x: (N, 2).
        y: (N,) classes; without it all points are drawn alike.
        names: names of the classes, for a legend.
        labels: names of the two axes.
        size: area of a marker in square points.
        ax: axes to draw on.

    Returns:
        The axes, equally scaled.

    Raises:
        ValueError: if x is not (N, 2), y not (N,), or there are more than six classes.

    >>> ax = points(np.array([[0, 0], [1, 1]]), np.array([0, 1]))
    >>> len(ax.collections)
    2
    """
    x, y = array(x), np.zeros(len(x), int) if y is None else array(y)
    if x.ndim != 2 or x.shape[1] != 2 or y.shape != (len(x),):
        raise ValueError(f"points: expected x of shape (N, 2) and y of shape (N,); got {x.shape} and {y.shape}.")
    classes = np.unique(y).astype(int)
    if len(classes) and not 0 <= classes.min() <= classes.max() < len(CLASSES):
        raise ValueError(f"points: classes must be 0 to {len(CLASSES) - 1}; got {classes.min()} to {classes.max()}.")
    ax = canvas(ax, (4.0, 3.6))
    for k in classes:
        name = names[k] if names else f"class {k}"
        colours = {"color": CLASSES[k], "edgecolors": LIGHT["paper"], "linewidths": 0.5}
        ax.scatter(x[y == k, 0], x[y == k, 1], s=size, marker=MARKERS[k], label=name, zorder=3, **colours)
    if names:
        legend(ax, loc="upper left", bbox_to_anchor=(1, 1))
    ax.set_aspect("equal")
    return label(ax, *labels)


def regions(
    model: Any,
    x: Any = None,
    y: Any = None,
    limits: Limits | None = None,
    resolution: int = 120,
    names: Sequence[str] | None = None,
    labels: tuple[str, str] = ("x₁", "x₂"),
    ax: Axes | None = None,
) -> Axes:
    """Colour the plane by the class that a model would choose; paler where it is less sure.

    Args:
        model: a dlcore or torch Module, or a function of an (M, 2) float32 array; answers with (M, K) logits, or (M,)
            or (M, 1) logits of class 1.
        x, y: points to draw on top, as for `points`.
        limits: (left, right, bottom, top); by default the points with a margin, or -1.5 … 1.5.
        resolution: points per side at which the model is asked.
        names: names of the classes.
        labels: names of the two axes.
        ax: axes to draw on.

    Returns:
        The axes.

    Raises:
        ValueError: if the model's answer has another shape, or more than six classes.

    >>> ax = regions(lambda x: x[:, 0] - x[:, 1], resolution=10)
    >>> [float(edge) for edge in ax.get_xlim()]
    [-1.5, 1.5]
    """
    left, right, bottom, top = limits or _around(x)
    u, v = np.meshgrid(np.linspace(left, right, resolution), np.linspace(bottom, top, resolution))
    p = _probabilities(ask(model, np.stack([u.ravel(), v.ravel()], axis=1).astype(np.float32)), u.size)
    ax = canvas(ax, (4.0, 3.6))
    for k in range(p.shape[1]):
        lead = (p[:, k] - np.delete(p, k, axis=1).max(axis=1)).reshape(u.shape)
        for level, opacity in ((0.0, 0.16), (0.5, 0.12), (0.9, 0.12)):
            if (lead > level).any():
                ax.contourf(u, v, lead, [level, 2.0], colors=[CLASSES[k]], alpha=opacity, antialiased=True)
        if lead.min() < 0 < lead.max() and (k or p.shape[1] > 2):
            ax.contour(u, v, lead, [0.0], colors=LIGHT["ink"], linewidths=0.9)
    if x is not None:
        points(x, y, names, labels, ax=ax)
    ax.set(xlim=(left, right), ylim=(bottom, top), aspect="equal")
    return label(ax, *labels)


def ask(model: Any, x: np.ndarray) -> np.ndarray:
    """A model's or a function's answer as an array: in evaluation mode, without gradients."""
    if not hasattr(model, "parameters"):
        return array(model(x))
    package, training = library(model), model.training
    model.eval()
    with package.no_grad():
        answer = array(first(model(package.tensor(x))))
    model.train(training)
    return answer


def _probabilities(output: np.ndarray, count: int) -> np.ndarray:
    if output.shape in ((count,), (count, 1)):
        output = np.stack([np.zeros(count), output.reshape(-1)], axis=1)
    if output.ndim != 2 or len(output) != count or not 2 <= output.shape[1] <= len(CLASSES):
        raise ValueError(
            f"regions: the model must answer {count} points with ({count}, K) logits, K from 2 to {len(CLASSES)}, or "
            f"({count},); got {output.shape}."
        )
    e = np.exp(output - output.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def _around(x: Any) -> Limits:
    if x is None:
        return (-1.5, 1.5, -1.5, 1.5)
    low, high = array(x).min(axis=0), array(x).max(axis=0)
    margin = 0.12 * max(float((high - low).max()), 1e-6)
    return (float(low[0]) - margin, float(high[0]) + margin, float(low[1]) - margin, float(high[1]) + margin)


def density(
    x: Any,
    limits: Limits | None = None,
    bins: int = 40,
    labels: tuple[str, str] = ("x₁", "x₂"),
    color: str = LIGHT["input"],
    ax: Axes | None = None,
) -> Axes:
    """Draw where samples are dense: counts in small squares, more opaque for more.

    Args:
        x: (N, 2) samples.
        limits: (left, right, bottom, top); by default around the samples.
        bins: squares per side.
        labels: names of the two axes.
        color: a palette colour.
        ax: axes to draw on.

    Returns:
        The axes, equally scaled. Samples outside the limits are not counted.

    Raises:
        ValueError: if x is not (N, 2).

    >>> density(np.zeros((5, 2)), limits=(-1, 1, -1, 1), bins=4).get_ylabel()
    'x₂'
    """
    samples = array(x)
    if samples.ndim != 2 or samples.shape[1] != 2:
        raise ValueError(f"density: expected samples of shape (N, 2); got {samples.shape}.")
    left, right, bottom, top = limits or _around(samples)
    count, u, v = np.histogram2d(samples[:, 0], samples[:, 1], bins=bins, range=[[left, right], [bottom, top]])
    i, j = np.nonzero(count)  # empty squares are not drawn
    corners = np.stack([[u[i], v[j]], [u[i + 1], v[j]], [u[i + 1], v[j + 1]], [u[i], v[j + 1]]]).transpose(2, 0, 1)
    shade = tint(np.sqrt(count[i, j] / max(count.max(), 1)), positive=color)
    ax = canvas(ax, (4.0, 3.6))
    ax.add_collection(PolyCollection(list(corners), facecolors=shade, linewidths=0, antialiased=False), autolim=False)
    ax.set(xlim=(left, right), ylim=(bottom, top), aspect="equal")
    return label(ax, *labels)


def surface(
    function: Callable[[np.ndarray, np.ndarray], Any],
    limits: Limits,
    path: Any = None,
    levels: int | Sequence[float] = 14,
    labels: tuple[str, str] = ("w₁", "w₂"),
    ax: Axes | None = None,
) -> Axes:
    """Draw a function of two numbers, such as a loss, as contour lines, with the path of a descent on it.

    Args:
        function: of two arrays of one shape, returns an array of that shape.
        limits: (left, right, bottom, top).
        path: (S, 2) points visited, from the first (open) to the last (filled).
        levels: number of contour lines, or their heights.
        labels: names of the two axes.
        ax: axes to draw on.

    Returns:
        The axes.

    >>> surface(lambda u, v: u**2 + v**2, (-1, 1, -1, 1)).get_xlabel()
    'w₁'
    """
    left, right, bottom, top = limits
    u, v = np.meshgrid(np.linspace(left, right, 121), np.linspace(bottom, top, 121))
    ax = canvas(ax, (4.2, 3.4))
    ax.contour(u, v, array(function(u, v)), levels, colors=LIGHT["loss"], linewidths=0.8, alpha=0.55)
    if path is not None:
        walk = array(path)
        ax.plot(*walk.T, color=LIGHT["gradient"], linewidth=1.2, marker="o", markersize=3)
        ax.plot(*walk[0], marker="o", markersize=7, markerfacecolor=LIGHT["paper"], markeredgecolor=LIGHT["gradient"])
        ax.plot(*walk[-1], marker="o", markersize=7, color=LIGHT["gradient"])
    ax.set(xlim=(left, right), ylim=(bottom, top))
    return label(ax, *labels)
