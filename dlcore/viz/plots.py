"""Lines and distributions: training curves, functions, histograms, bars, how sure and how right."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.text import Annotation

from dlcore.palette import CLASSES, LIGHT
from dlcore.viz.look import DASHES, MARKERS, RC, array, canvas, label, number


def curves(
    series: Mapping[str, Any],
    x: str = "step",
    y: str = "loss (nats)",
    title: str = "",
    log: str = "",
    marks: bool = False,
    colors: Mapping[str, str] | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw named lines, each with its name at its right end instead of a legend.

    Args:
        series: name -> (x values, y values), or name -> y values alone, counted from 0.
        x, y: labels of the axes, with units.
        title: a heading; the caption usually says it better.
        log: "x", "y" or "xy" for logarithmic axes.
        marks: draw a marker at each point: for few points.
        colors: name -> colour, where a meaning fixes it; the rest take the class colours in turn.
        ax: axes to draw on.

    Returns:
        The axes.

    Raises:
        ValueError: if there is no series, or one has x and y of different lengths.

    >>> ax = curves({"training": [2.0, 1.0, 0.5], "validation": ([0, 2], [2.1, 1.1])})
    >>> ax.get_xlabel(), len(ax.lines)
    ('step', 2)
    """
    if not series:
        raise ValueError("curves: there is nothing to draw; pass at least one named series.")
    ax = canvas(ax)
    ends = []
    for i, (name, values) in enumerate(series.items()):
        xs, ys = _points(name, values)
        colour = (colors or {}).get(name, CLASSES[i % len(CLASSES)])
        marker = MARKERS[i % len(MARKERS)] if marks else ""
        dash = DASHES[i % len(DASHES)]
        ax.plot(xs, ys, color=colour, linestyle=dash, marker=marker, label=name, lw=RC["lines.linewidth"], ms=4.5)
        keep = np.flatnonzero(np.isfinite(xs) & np.isfinite(ys))
        if len(keep):
            ends.append((name, float(xs[keep[-1]]), float(ys[keep[-1]]), colour))
    ax.set_xscale("log" if "x" in log else "linear")
    ax.set_yscale("log" if "y" in log else "linear")
    if len(series) > 1:
        _name_ends(ax, ends)
    return label(ax, x, y, title)


def _points(name: str, values: Any) -> tuple[np.ndarray, np.ndarray]:
    if isinstance(values, tuple) and len(values) == 2:
        xs, ys = array(values[0]), array(values[1])
    else:
        ys = array(values)
        xs = np.arange(len(ys))
    if xs.shape != ys.shape or ys.ndim != 1:
        raise ValueError(
            f"curves: {name!r} needs x and y of shape (S,), as long as each other; got {xs.shape}, {ys.shape}."
        )
    return xs, ys


def _name_ends(ax: Axes, ends: list[tuple[str, float, float, str]]) -> None:
    """Write each name to the right of its line's end, pushed apart where they would overlap."""
    ax.margins(x=0.02)
    figure: Any = ax.get_figure(root=True)
    figure.draw_without_rendering()  # the axes must have their final size before pixels can be compared
    gap = 1.25 * RC["legend.fontsize"] * figure.dpi / 72
    pixel = {name: float(ax.transData.transform((x, y))[1]) for name, x, y, _ in ends}
    box = ax.get_window_extent()
    wanted = np.array([pixel[name] for name, *_ in ends])
    for (name, _, _, colour), height in zip(ends, spread(wanted, gap), strict=True):
        note: Annotation = ax.annotate(
            name,
            (1, (height - box.y0) / box.height),
            xycoords="axes fraction",
            xytext=(5, 0),
            textcoords="offset points",
            color=colour,
            va="center",
            fontsize=RC["legend.fontsize"],
            annotation_clip=False,
        )
        note.set_in_layout(True)


def spread(positions: np.ndarray, gap: float) -> np.ndarray:
    """Move positions as little as needed so that neighbours are at least `gap` apart; order and mean are kept.

    >>> spread(np.array([0.0, 0.1, 5.0]), 1.0)
    array([-0.45,  0.55,  5.  ])
    """
    order = np.argsort(positions, kind="stable")
    groups: list[list[float]] = []  # [sum of (position - rank in group × gap), size]
    for p in positions[order]:
        groups.append([float(p), 1])
        while len(groups) > 1:
            (low, n), (high, m) = groups[-2:]
            if high / m - low / n >= n * gap:
                break
            groups[-2:] = [[low + high - m * n * gap, n + m]]
    out = np.empty(len(positions))
    out[order] = [total / size + i * gap for total, size in groups for i in range(int(size))]
    return out


def histogram(
    samples: Mapping[str, Any] | Any, bins: int = 30, x: str = "value", title: str = "", ax: Axes | None = None
) -> Axes:
    """Draw how numbers are distributed; several samples share bins and are drawn as outlines.

    Args:
        samples: name -> numbers, or numbers alone; numbers that are not finite are left out.
        bins: number of bins over the common range.
        x: label of the horizontal axis, with its unit.
        title: a heading.
        ax: axes to draw on.

    Returns:
        The axes; the vertical axis is the share of the examples in each bin.

    Raises:
        ValueError: if a sample holds no finite number.

    >>> histogram(np.arange(10.0), bins=5).get_ylabel()
    'share of examples'
    """
    named = samples if isinstance(samples, Mapping) else {"": samples}
    values = {name: array(v).reshape(-1).astype(float) for name, v in named.items()}
    values = {name: v[np.isfinite(v)] for name, v in values.items()}
    if empty := [name for name, v in values.items() if not len(v)]:
        raise ValueError(f"histogram: sample {empty[0]!r} holds no finite number.")
    ax = canvas(ax)
    edges = np.histogram_bin_edges(np.concatenate(list(values.values())), bins)
    for i, (name, v) in enumerate(values.items()):
        share = np.histogram(v, edges)[0] / len(v)
        colour, dash = CLASSES[i % len(CLASSES)], DASHES[i % len(DASHES)]
        ax.stairs(share, edges, fill=True, color=colour, alpha=0.22, linewidth=0)
        ax.stairs(share, edges, color=colour, linestyle=dash, linewidth=1.4, label=name)
    if len(values) > 1:
        legend(ax)
    ax.set_ylim(bottom=0)
    return label(ax, x, "share of examples", title)


def bars(
    values: Mapping[str, float],
    x: str,
    spread: Mapping[str, float] | None = None,
    color: str = LIGHT["input"],
    ax: Axes | None = None,
) -> Axes:
    """Draw named numbers as horizontal bars from zero, in the given order from the top, with the number at the end.

    Args:
        values: name -> number.
        x: label of the horizontal axis, with its unit.
        spread: name -> standard deviation (or half an interval), drawn as a thin line.
        color: colour of the bars.
        ax: axes to draw on.

    Returns:
        The axes.

    >>> bars({"linear": 0.91, "convolution": 0.98}, x="accuracy").get_xlabel()
    'accuracy'
    """
    ax = canvas(ax, (RC["figure.figsize"][0], 0.5 + 0.34 * len(values)))
    places = np.arange(len(values))
    numbers = np.array(list(values.values()), dtype=float)
    error = np.array([(spread or {}).get(name, 0.0) for name in values])
    ax.barh(places, numbers, height=0.62, color=color, alpha=0.75, linewidth=0)
    ax.hlines(places, numbers - error, numbers + error, color=LIGHT["ink"], linewidth=1)
    for place, value, e in zip(places, numbers, error, strict=True):
        side = 1 if value >= 0 else -1
        _beside(ax, number(value), (value + side * e, place), side)
    ax.axvline(0, color=LIGHT["muted"], linewidth=0.7)
    ax.spines["left"].set_visible(False)
    ax.tick_params(axis="y", length=0, labelcolor=LIGHT["ink"])
    ax.set_yticks(places, list(values))
    ax.invert_yaxis()
    ax.margins(x=0.12)
    return label(ax, x)


def _beside(ax: Axes, text: str, at: Any, side: int) -> None:
    place: Any = {"xytext": (side * 5, 0), "textcoords": "offset points", "va": "center", "fontsize": 9}
    ax.annotate(text, at, ha="left" if side > 0 else "right", color=LIGHT["ink"], **place)


def reliability(calibration: Any, title: str = "", ax: Axes | None = None) -> Axes:
    """Draw accuracy against confidence, bin by bin: on the diagonal a network knows how sure it may be.

    Args:
        calibration: what `train.calibration` returns: confidence, accuracy, count, (B,) each.
        title: a heading.
        ax: axes to draw on.

    Returns:
        The axes; the area of a point grows with the number of examples in its bin.

    Source: DeGroot & Fienberg (1983), The Comparison and Evaluation of Forecasters.

    >>> from dlcore.train import Calibration
    >>> one = Calibration(np.array([0.9]), np.array([0.8]), np.array([10]))
    >>> reliability(one).get_ylabel()
    'share that is right'
    """
    confidence, right, count = (np.asarray(part, dtype=float) for part in calibration)
    there = count > 0
    ax = canvas(ax, (3.4, 3.2))
    ax.plot([0, 1], [0, 1], color=LIGHT["muted"], linestyle=DASHES[1], linewidth=0.9)
    ax.vlines(confidence[there], confidence[there], right[there], color=LIGHT["loss"], linewidth=1.2)
    area = 12 + 120 * count[there] / count.max(initial=1)
    ax.scatter(confidence[there], right[there], s=area, color=LIGHT["input"], alpha=0.85, linewidth=0, zorder=3)
    ax.text(0.12, 0.05, "as sure as right", fontsize=8.5, color=LIGHT["muted"])
    ax.set(xlim=(0, 1.02), ylim=(0, 1.02), aspect="equal")
    return label(ax, "confidence", "share that is right", title)


def legend(ax: Axes, **options: Any) -> Axes:
    """A legend without a frame, in the book's type size."""
    ax.legend(frameon=False, fontsize=RC["legend.fontsize"], labelcolor=LIGHT["ink"], **options)
    return ax
