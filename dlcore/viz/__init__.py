"""Still figures in the book's look: curves, regions, graphs of a computation, heat maps, filters, attention.

Every function takes `ax=None` and returns the axes. Colours come from `dlcore.palette` and mean the same everywhere;
the ground is transparent; whatever differs in colour differs in shape, dash or place as well.

Several drawings side by side:

>>> import dlcore
>>> from dlcore import data, nn, viz
>>> x, y = data.moons(100, generator=0)
>>> left, right = viz.panels(2)
>>> _ = viz.points(x, y, ax=left)
>>> _ = viz.regions(nn.Linear(2, 2), x, y, ax=right)
>>> _ = viz.label(right, title="before training")

Save inside `with viz.style():`, so that text stays text and ground stays transparent.
"""

from dlcore.viz.blackboard import network
from dlcore.viz.computation import graph
from dlcore.viz.grids import attention, confusion, filters, heat, images, on_paper
from dlcore.viz.look import label, panels, style
from dlcore.viz.plane import density, points, regions, surface
from dlcore.viz.plots import bars, curves, histogram, legend, reliability

__all__ = [
    "attention",
    "bars",
    "confusion",
    "curves",
    "density",
    "filters",
    "graph",
    "heat",
    "histogram",
    "images",
    "label",
    "legend",
    "network",
    "on_paper",
    "panels",
    "points",
    "regions",
    "reliability",
    "style",
    "surface",
]
