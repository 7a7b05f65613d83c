"""A loss over two weights as ground that one walks on: its heights, its contours, and how they are drawn."""

import altair as alt
import numpy as np
from contourpy import contour_generator

from dlbook.live import Mesh, table
from dlcore.palette import LIGHT

GROUND = Mesh(x=(-2, 2), y=(-2, 2), cells=64)


def contours(loss, levels):
    """Lines of equal loss as one table: a gap (nan) ends each line."""
    lines = contour_generator(GROUND.x, GROUND.y, loss(GROUND.x, GROUND.y))
    pieces = [np.append(line, [[np.nan, np.nan]], axis=0) for level in levels for line in lines.lines(level)]
    x, y = np.concatenate(pieces).T
    return {"x": x, "y": y, "row": np.arange(len(x))}


def landscape():
    """A loss over two weights, of the tables "ground" and "contours": shaded by its height, with its contours."""
    x, y = alt.X("x:Q", scale=alt.Scale(domain=(-2, 2))), alt.Y("y:Q", scale=alt.Scale(domain=(-2, 2)))
    shades = alt.Scale(domain=(-2, 5), range=[LIGHT["paper"], LIGHT["loss"]])  # stops half-way
    ground = (
        alt.Chart(table("ground"))
        .mark_rect()
        .encode(x=x, x2="x2", y=y, y2="y2", color=alt.Color("value:Q", scale=shades, legend=None))
    )
    lines = alt.Chart(table("contours")).mark_line(color=LIGHT["loss"], strokeWidth=0.7, opacity=0.6)
    return ground + lines.encode(x=x, y=y, order="row:Q")
