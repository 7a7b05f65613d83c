"""What moves on the page "Convolution": a small window slides over an image."""

from functools import cache

import altair as alt
import numpy as np

from dlbook.live import Choice, Frame, Handle, Predict, Slider, live, number_text, table
from dlbook.pages.architectures.convolution.experiment import SIZE, kernels, pictures
from dlcore.ops import conv2d
from dlcore.palette import LIGHT


@cache
def feature_map(picture, kernel):
    """The filter's answers (14, 14) at all places of the picture."""
    image, weights = pictures()[picture], kernels()[kernel].astype(float)
    return conv2d(image[None, None], weights[None, None])[0][0, 0]


def meaning(kernel, window, total):
    """What the sum says about the window, in the words of the filter."""
    if not window.any():
        return "all nine pixels are black, and black counts as 0."
    sides = {"vertical edges": ("left", "right", window[:, 0], window[:, 2])}
    sides["horizontal edges"] = ("top", "bottom", window[0], window[2])
    if kernel in sides:
        one, other, first, last = sides[kernel]
        if abs(total) < 0.3:
            return f"its {one} and its {other} are about equally bright, so there is hardly an edge."
        name = other if last.sum() > first.sum() else one
        return f"its {name} is the brighter side, by {abs(total) / 3:.2f} a pixel."
    if kernel == "blur":
        return f"that is the mean of the nine; the pixel in the middle has {window[1, 1]:.2f}."
    if kernel == "sharpen":
        around = window[[0, 1, 1, 2], [1, 0, 2, 1]].mean()
        return f"the middle has {window[1, 1]:.2f} and its four neighbours {around:.2f} on average."
    return "nobody chose these nine weights; training on digits did."


def squares(values, columns, rows):
    """Unit cells around (column, row), with a value each."""
    x, y = np.meshgrid(columns, rows)
    x, y = x.ravel(), y.ravel()
    return {"left": x - 0.5, "right": x + 0.5, "top": y - 0.5, "bottom": y + 0.5, "value": np.ravel(values)}


def small_grid(values, left=0):
    """A window of 3 by 3 cells with the numbers that are written into them."""
    cells = squares(values, left + np.arange(3) + 0.5, np.arange(3) + 0.5)
    x, y = (cells["left"] + 0.5), (cells["top"] + 0.5)
    return cells | {"x": x, "y": y, "text": [cell_text(value) for value in np.ravel(values)]}


def cell_text(value):
    """A number for a small cell: two digits after the point, whole numbers without."""
    return number_text(int(value)) if float(value).is_integer() else f"{value:.2f}".replace("-", "−")


@live(
    picture=Choice("photograph", "digit", label="image"),
    kernel=Choice("vertical edges", "horizontal edges", "blur", "sharpen", "learned", label="filter"),
    row=Slider(1, SIZE - 2, value=5, label="row of the window"),
    column=Slider(1, SIZE - 2, value=3, label="column of the window"),
    drag=[Handle(x="column", y="row"), Handle(x="column", y="row", panel=2)],
    predict=Predict(
        "The window lies on an even patch of bright sky, and the filter looks for vertical edges. What is the sum?",
        "large, for the sky is bright",
        "about zero",
        "negative",
        answer="about zero",
        because={
            "large, for the sky is bright": "So it would be with a blur, whose weights are all positive.",
            "about zero": "The weights add up to zero: what the right column adds, the left one takes away. This "
            "filter does not see brightness, only a difference of brightness.",
            "negative": "It is negative where the left side is brighter. In an even patch neither side is.",
        },
        see={"picture": "photograph", "kernel": "vertical edges", "row": 1, "column": 2},
    ),
)
def sliding_window(picture, kernel, row, column):
    """Nine pixels, nine weights, one sum; and on to the next place."""
    image, weights, answers = pictures()[picture], kernels()[kernel], feature_map(picture, kernel)
    window = image[row - 1 : row + 2, column - 1 : column + 2]
    products, total = window * weights, answers[row - 1, column - 1]
    limit, places = np.abs(answers).max(), np.arange(SIZE)
    grid = small_grid(products)
    return Frame(
        tables={
            "image": squares(image, places, places),
            "map": squares(answers / limit, places[1:-1], places[1:-1]),
            "frame": {"left": column - 1.5, "right": column + 1.5, "top": row - 1.5, "bottom": row + 1.5},
            "place": {"left": column - 0.5, "right": column + 0.5, "top": row - 0.5, "bottom": row + 0.5},
            "window": small_grid(window),
            "filter": small_grid(weights, left=4),
            "products": grid | {"value": products.ravel() / max(np.abs(products).max(), 1e-9)},
            "sum": {"x": 5.5, "y": 1.5, "text": cell_text(round(float(total), 2) + 0.0), "value": total / limit},
        },
        says=f"At row {row}, column {column} the nine products add up to {cell_text(round(float(total), 2) + 0.0)}: "
        + meaning(kernel, window, total),
    )


def rectangles(name, **mark):
    """Rectangles of a table, on axes that count pixels from the upper left corner."""
    x = alt.X("left:Q", title="column", scale=alt.Scale(domain=(-0.5, SIZE - 0.5), nice=False))
    y = alt.Y("top:Q", title="row", scale=alt.Scale(domain=(SIZE - 0.5, -0.5), nice=False))
    return alt.Chart(table(name)).mark_rect(**mark).encode(x=x, x2="right", y=y, y2="bottom")


STRIP = {"x": {"domain": [0, 7], "nice": False}, "y": {"domain": [3, 0], "nice": False}}  # scales


def written(name, text_colour, **mark):
    """A small grid with its numbers, in a strip of 7 by 3 cells."""
    x, y = alt.X("left:Q", axis=None, scale=STRIP["x"]), alt.Y("top:Q", axis=None, scale=STRIP["y"])
    cells = alt.Chart(table(name)).mark_rect(stroke=LIGHT["muted"], strokeWidth=0.5, **mark)
    text = alt.Chart(table(name)).mark_text(fontSize=13).encode(text="text:N", color=text_colour)
    at = {"x": alt.X("x:Q", axis=None, scale=STRIP["x"]), "y": alt.Y("y:Q", axis=None, scale=STRIP["y"])}
    return cells.encode(x=x, x2="right", y=y, y2="bottom"), text.encode(**at)


def sign(text):
    """A sign to the right of a small grid."""
    mark = alt.Chart(table("sum")).mark_text(fontSize=18, color=LIGHT["ink"], text=text)
    return mark.encode(x=alt.XDatum(3.5, axis=None, scale=STRIP["x"]), y=alt.YDatum(1.5, axis=None, scale=STRIP["y"]))


@sliding_window.chart
def sliding_window_chart():
    grey = alt.Color("value:Q", scale=alt.Scale(domain=(0, 1), range=["#000", "#fff"]), legend=None)
    signed = alt.Scale(domain=(-1, 0, 1), range=[LIGHT["loss"], LIGHT["paper"], LIGHT["input"]])
    signed = alt.Color("value:Q", scale=signed, legend=None)
    frame = rectangles("frame", fillOpacity=0, stroke=LIGHT["weight"], strokeWidth=4)
    image = rectangles("image").encode(color=grey) + frame
    place = rectangles("place", fillOpacity=0, stroke=LIGHT["weight"], strokeWidth=3)
    answers = rectangles("map").encode(color=signed) + place

    on_grey = alt.condition("datum.value > 0.5", alt.value("#000"), alt.value("#fff"))
    window, numbers = written("window", on_grey)
    weights, their_numbers = written("filter", alt.value(LIGHT["weight"]), fillOpacity=0)
    above = window.encode(color=grey) + numbers + sign("×") + weights + their_numbers
    products, numbers = written("products", alt.value(LIGHT["ink"]), opacity=0.35)
    total = alt.Chart(table("sum")).mark_text(fontSize=24, fontWeight=600, color=LIGHT["activation"])
    at = {"x": alt.X("x:Q", axis=None, scale=STRIP["x"]), "y": alt.Y("y:Q", axis=None, scale=STRIP["y"])}
    below = products.encode(color=signed) + numbers + sign("→") + total.encode(**at, text="text:N")
    square, strip = {"width": 320, "height": 320}, {"width": 320, "height": 110}
    left = [image.properties(**square, title="The image"), above.properties(**strip, title="Window × filter")]
    right = [
        answers.properties(**square, title="The feature map"),
        below.properties(**strip, title="Nine products, and their sum"),
    ]
    return [left, right]
