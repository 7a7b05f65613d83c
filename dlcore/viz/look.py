"""One look for every still figure: thin axes, the book's colours, transparent ground, text that stays text.

Every drawing function takes `ax=None` and returns the axes; without one it makes a figure in this style.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from cycler import cycler
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

from dlcore.palette import CLASSES, LIGHT

#: Lines and markers differ in more than colour, so that they can be told apart without it.
DASHES: list[Any] = ["-", (0, (6, 2)), (0, (2, 1.5)), (0, (7, 2, 1.5, 2)), (0, (4, 1.5, 1, 1.5, 1, 1.5)), (0, (1, 1))]
MARKERS = ["o", "s", "^", "D", "v", "P"]
#: Width of a figure in inches: the text column of the book.
WIDTH = 5.6

RC: dict[str, Any] = {
    "figure.figsize": (WIDTH, 3.2),
    "figure.dpi": 110,
    "figure.facecolor": "none",
    "figure.constrained_layout.use": True,
    "savefig.facecolor": "none",
    "savefig.transparent": True,
    "font.family": "sans-serif",
    "font.size": 10,
    "axes.facecolor": "none",
    "axes.edgecolor": LIGHT["muted"],
    "axes.labelcolor": LIGHT["ink"],
    "axes.labelsize": 10,
    "axes.linewidth": 0.7,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlesize": 10.5,
    "axes.titlecolor": LIGHT["ink"],
    "axes.titlelocation": "left",
    "axes.titlepad": 8,
    "axes.axisbelow": True,
    "axes.prop_cycle": cycler(color=CLASSES) + cycler(linestyle=DASHES),
    "axes.grid": False,
    "grid.color": LIGHT["grid"],
    "grid.linewidth": 0.6,
    "lines.linewidth": 1.6,
    "lines.markersize": 4.5,
    "lines.solid_capstyle": "round",
    "patch.linewidth": 0.6,
    "text.color": LIGHT["ink"],
    "xtick.color": LIGHT["muted"],
    "ytick.color": LIGHT["muted"],
    "xtick.labelsize": 9,
    "ytick.labelsize": 9,
    "xtick.major.width": 0.7,
    "ytick.major.width": 0.7,
    "xtick.major.size": 3,
    "ytick.major.size": 3,
    "xtick.minor.size": 0,
    "ytick.minor.size": 0,
    "legend.frameon": False,
    "legend.fontsize": 9,
    "image.interpolation": "nearest",
    "svg.fonttype": "none",
    "svg.hashsalt": "dlcore",
}


@contextmanager
def style(**changes: Any) -> Iterator[None]:
    """Draw in the book's style inside a `with` block.

    Args:
        changes: further settings of matplotlib, with "_" for "." (`font_size=12`).

    Raises:
        KeyError: if matplotlib has no such setting.

    >>> with style(font_size=12):
    ...     plt.rcParams["font.size"], plt.rcParams["axes.spines.top"]
    (12.0, False)
    """
    settings: dict[Any, Any] = dict(RC)
    for name, value in changes.items():
        match = [key for key in plt.rcParams if key.replace(".", "_") == name]
        if not match:
            raise KeyError(f"style: matplotlib has no setting {name.replace('_', '.')!r}.")
        settings[match[0]] = value
    with plt.rc_context(settings):
        yield


def canvas(ax: Axes | None, size: tuple[float, float] | None = None) -> Axes:
    """The axes to draw on: those given, or those of a new figure of `size` inches; both in the book's style."""
    with style():
        if ax is None:
            ax = plt.subplots(figsize=size or RC["figure.figsize"])[1]
    ax.set_facecolor("none")
    _figure(ax).patch.set_alpha(0)
    ax.spines[["top", "right"]].set_visible(False)
    ax.spines[["left", "bottom"]].set(linewidth=RC["axes.linewidth"], edgecolor=LIGHT["muted"])
    ax.tick_params(colors=LIGHT["muted"], labelsize=RC["xtick.labelsize"], width=0.7, length=3)
    return ax


def panels(columns: int, rows: int = 1, size: tuple[float, float] | None = None) -> np.ndarray:
    """A row or grid of empty axes in the book's style, to hand to the drawing functions.

    Args:
        columns: number of axes side by side.
        rows: number of rows.
        size: width and height in inches.

    Returns:
        (rows × columns,) object array of axes, in reading order; `ax.figure` is their common figure.

    >>> len(panels(3))
    3
    """
    with style():
        figure, axes = plt.subplots(rows, columns, figsize=size or (WIDTH, 2.4 * rows), squeeze=False)
    for ax in axes.flat:
        canvas(ax)
    return axes.reshape(-1)


def label(ax: Axes, x: str = "", y: str = "", title: str = "") -> Axes:
    """Name the axes (with units in brackets) and the drawing."""
    size, ink = RC["axes.labelsize"], LIGHT["ink"]
    if x:
        ax.set_xlabel(x, fontsize=size, color=ink)
    if y:
        ax.set_ylabel(y, fontsize=size, color=ink)
    if title:
        ax.set_title(title, fontsize=RC["axes.titlesize"], color=ink, loc="left", pad=RC["axes.titlepad"])
    return ax


def bare(ax: Axes) -> Axes:
    """Take away spines and ticks: for pictures, not for plots."""
    ax.spines[:].set_visible(False)
    ax.set_xticks([])
    ax.set_yticks([])
    return ax


def array(x: Any) -> np.ndarray:
    """A NumPy array from an array, a list, a dlcore or a torch tensor."""
    return np.asarray(x.detach().numpy() if hasattr(x, "detach") else x)


def tint(strength: np.ndarray, positive: str = LIGHT["input"], negative: str = LIGHT["loss"]) -> np.ndarray:
    """Colours for numbers in [-1, 1]: one palette colour for each sign, as opaque as the number is large.

    Zero is transparent, so the same picture works on light and on dark paper.

    >>> tint(np.array([0.0, 1.0]))[:, 3].tolist()
    [0.0, 1.0]
    """
    s = np.clip(np.nan_to_num(np.asarray(strength, dtype=float)), -1, 1)
    colour = np.where(s[..., None] >= 0, to_rgb(positive), to_rgb(negative))
    return np.concatenate([colour, np.abs(s)[..., None]], axis=-1)


def number(value: float, figures: int = 3) -> str:
    """A number short enough for a small box: a few significant figures, with a true minus sign.

    >>> number(-0.12345), number(2.0), number(1e-7)
    ('−0.123', '2', '1e−07')
    """
    return f"{value:.{figures}g}".replace("-", "−")


def _figure(ax: Axes) -> Figure:
    figure = ax.get_figure(root=True)
    if figure is None:
        raise ValueError("viz: these axes belong to no figure any more; pass axes of an open figure.")
    return figure
