"""Drawings of the page "Convolution"."""

import numpy as np
from matplotlib.patches import Rectangle

from dlbook.page import stepping
from dlbook.pages.ink import write
from dlcore.palette import LIGHT
from dlcore.viz import panels

# The convolution that the page does by hand.
IMAGE = np.array([[1, 0, 2, 3], [0, 1, 3, 2], [1, 0, 2, 2], [3, 0, 1, 0]])  # (H, W)
FILTER = np.array([[-1, 0, 1], [-1, 0, 1], [-1, 0, 1]])  # (k, k)
WINDOWS = np.lib.stride_tricks.sliding_window_view(IMAGE, FILTER.shape)  # (H', W', k, k)
MAP = (WINDOWS * FILTER).sum(axis=(2, 3))  # (H', W')
PLACES = {"upper left": (0, 0), "upper right": (0, 1), "lower left": (1, 0), "lower right": (1, 1)}

# The same with three channels and two filters: vertical edges in all three, and "redder than green?".
CHANNELS = np.array([
    IMAGE,
    [[0, 0, 1, 1], [1, 0, 1, 2], [0, 1, 0, 1], [1, 0, 0, 0]],
    [[2, 1, 0, 0], [1, 1, 0, 0], [2, 1, 1, 0], [0, 1, 0, 1]],
])  # (C, H, W)  # fmt: skip
_SPOT = np.array([[0, 0, 0], [0, 1, 0], [0, 0, 0]])
FILTERS = np.array([[FILTER, FILTER, FILTER], [_SPOT, -_SPOT, 0 * _SPOT]])  # (O, C, k, k)
COLOUR_WINDOWS = np.lib.stride_tricks.sliding_window_view(CHANNELS, (3, 3), axis=(1, 2))  # (C, H', W', k, k)
MAPS = np.einsum("cijuv,ocuv->oij", COLOUR_WINDOWS, FILTERS)  # (O, H', W')

_CELL, _TOP = 3.4, 18.0  # tenths of an inch
_IMAGE, _FILTER, _MAP = 0.4, 19.0, 35.0  # left edges


def _columns(place):
    """The window's right and its left column, each as the sum that it is: "2 + 3 + 2"."""
    window = WINDOWS[PLACES[place]]
    return [" + ".join(map(str, window[:, column])) for column in (2, 0)]


def _says(place):
    right, left = _columns(place)
    window = WINDOWS[PLACES[place]]
    return (
        f"In the {place} corner the right column holds {right} = {window[:, 2].sum()}, "
        f"the left one {left} = {window[:, 0].sum()}. The first minus the second is {MAP[PLACES[place]]}."
    )


@stepping(
    "The window lies over nine pixels. Each is multiplied by the weight at the same place of the filter.",
    *map(_says, PLACES),
)
def convolution_by_hand(step):
    """Draw image, filter and map; the window goes through the four places, and each leaves a number in the map."""
    [ax] = panels(1, size=(4.6, 2.4))
    ax.set(xlim=(0, 46), ylim=(0, 24), position=(0, 0, 1, 1))
    ax.figure.set_layout_engine("none")
    ax.set_axis_off()
    place = list(PLACES)[max(step - 2, 0)]
    row, column = PLACES[place]
    _window(ax, _IMAGE + column * _CELL, _TOP - row * _CELL)
    _grid(ax, _IMAGE, "image", IMAGE, "input")
    _grid(ax, _FILTER, "filter", FILTER, "weight")
    done = np.full(MAP.shape, "", dtype=object)
    for name in list(PLACES)[: step - 1]:
        done[PLACES[name]] = MAP[PLACES[name]]
    if step > 1:
        _ground(ax, _MAP + column * _CELL, _TOP - row * _CELL, 1)
        write(ax, 45.6, 1.5, "({}) − ({}) = {}".format(*_columns(place), MAP[row, column]), ha="right")
    _grid(ax, _MAP, "feature map", done, "activation")
    return ax.figure


def channels_to_maps():
    """Draw three channels and two filters, each with a slice for every channel; the sums of 27 make two maps."""
    [ax] = panels(1, size=(4.6, 6.5))
    ax.set(xlim=(0, 46), ylim=(0, 65), position=(0, 0, 1, 1))
    ax.figure.set_layout_engine("none")
    ax.set_axis_off()
    left, tops = (18.0, 33.5), (61.0, 42.5, 24.0)
    for channel, (name, top) in enumerate(zip(("red", "green", "blue"), tops, strict=True)):
        _window(ax, _IMAGE, top)
        _grid(ax, _IMAGE, f"{name} channel", CHANNELS[channel], "input", top)
        for filter_, x in enumerate(left):
            slice_ = FILTERS[filter_, channel]
            _grid(ax, x, f"filter {filter_ + 1}, {name}", slice_, "weight", top)
            part = (COLOUR_WINDOWS[channel, 0, 0] * slice_).sum()
            write(ax, x + 10.9, top - 1.5 * _CELL, str(part).replace("-", "−"), ha="left", weight="bold")
    for filter_, x in enumerate(left):
        parts = [(COLOUR_WINDOWS[channel, 0, 0] * FILTERS[filter_, channel]).sum() for channel in range(3)]
        added = " + ".join(f"({part})" if part < 0 else f"{part}" for part in parts)
        write(ax, x - 1, 5.6, f"map {filter_ + 1}", ha="right", color=LIGHT["activation"])
        _ground(ax, x, 9.0, 1)
        _grid(ax, x, f"{added} = {MAPS[filter_, 0, 0]}".replace("-", "−"), MAPS[filter_], "activation", 9.0)
    return ax.figure


def _ground(ax, x, top, cells):
    """A yellow ground under that many cells across and down."""
    side = cells * _CELL
    ax.add_patch(Rectangle((x, top - side), side, side, lw=0, fc=LIGHT["highlight"], alpha=0.3))


def _window(ax, x, top):
    side = 3 * _CELL
    _ground(ax, x, top, 3)
    ax.add_patch(Rectangle((x, top - side), side, side, lw=3, ec=LIGHT["weight"], fc="none", zorder=3))


def _grid(ax, x, title, numbers, name, top=_TOP):
    """A table of numbers from its left edge, with its name above it."""
    columns = numbers.shape[1]
    write(ax, x + columns * _CELL / 2, top + 2, title, color=LIGHT[name])
    for (i, j), entry in np.ndenumerate(numbers):
        corner = x + j * _CELL, top - (i + 1) * _CELL
        ax.add_patch(Rectangle(corner, _CELL, _CELL, lw=1, ec=LIGHT[name], fc="none"))
        write(ax, corner[0] + _CELL / 2, corner[1] + _CELL / 2, str(entry).replace("-", "−"))
