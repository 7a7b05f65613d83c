"""Live figure of the page "Convolution": a small window slides over an image; and the networks of its experiments."""

from functools import cache

import altair as alt
import numpy as np

import dlcore
from dlbook.live import Choice, Frame, Handle, Predict, Slider, live, number_text, table
from dlcore import data, nn, optim
from dlcore.ops import conv2d
from dlcore.palette import LIGHT
from dlcore.train import fit, predictions, steps

SIZE = 16  # pixels: height and width of the images of this page
DIGIT = 6  # which of the test digits the figure shows, a 7
LEARNED = 2  # which of the eight learned filters

# ── the networks of the experiments ───────────────────────────────────────────────────────────────────────────────────


def framed(digits, down=0, right=0):
    """Digits (N, 1, 8, 8) in the middle of an empty frame (N, 1, 16, 16), or shifted from there."""
    top, left = 4 + down, 4 + right
    return np.pad(digits, ((0, 0), (0, 0), (top, 8 - top), (left, 8 - left)))


def build(shrink, ending):
    """Two convolutions and a linear layer, 3,818 or 3,825 parameters in all.

    Args:
        shrink: how the image shrinks: "stride" keeps one place in four, "max" the largest of four, "none" every place.
        ending: "places" hands the linear layer every place, "global" only the largest answer of each filter anywhere.
    """
    stride = 2 if shrink == "stride" else 1
    pool = [nn.MaxPool2d(2)] if shrink == "max" else []
    first = nn.Conv2d(1, 8, 3, stride, padding=1)
    if ending == "places":
        second = nn.Conv2d(8, 16, 3, stride, padding=1)
        end = [*pool, nn.Flatten(), nn.Linear(16 * 4 * 4, 10)]
    else:
        second = nn.Conv2d(8, 45, 3, padding=1)
        size = SIZE if shrink == "none" else SIZE // 2
        largest = [nn.MaxPool2d(4), nn.MaxPool2d(size // 4)]  # in two steps, faster
        end = [*largest, nn.Flatten(), nn.Linear(45, 10)]
    return nn.Sequential(first, nn.ReLU(), *pool, second, nn.ReLU(), *end)


@cache
def trained(shrink, ending, seed=0, wander=False, epochs=15):
    """A network trained on digits in the middle, or each shifted from there at random by up to 3 pixels."""
    train = data.digits(standardise=False).train
    moves = np.random.default_rng(seed).integers(-3, 4, (len(train.x), 2)) * wander
    x = np.concatenate([framed(digit[None], *move) for digit, move in zip(train.x, moves, strict=True)])
    state = dlcore.rng.default_generator.get_state()
    dlcore.manual_seed(seed)
    model = build(shrink, ending)
    dlcore.rng.default_generator.set_state(state)
    pieces = data.batches(x, train.y, batch_size=32, generator=seed)
    fit(steps(model, nn.CrossEntropyLoss(), optim.Adam(model.parameters(), lr=0.003), pieces, epochs))
    return model


def accuracy(model, shift):
    """Share of the test digits named rightly after a shift of so many pixels, the mean of all four directions."""
    test = data.digits(standardise=False).test
    moves = {(shift, 0), (-shift, 0), (0, shift), (0, -shift)}
    with dlcore.no_grad():
        named = [predictions(model(dlcore.tensor(framed(test.x, *move)))) for move in moves]
    return float(np.mean([answer == test.y for answer in named]))


# ── the figure ────────────────────────────────────────────────────────────────────────────────────────────────────────


@cache
def pictures():
    """Name → brightness (16, 16) from 0, black, to 1, white, in steps of a hundredth."""
    grey = data.photograph("china").mean(0)[30:350, 50:370]  # the pavilion, (320, 320)
    small = grey.reshape(SIZE, 20, SIZE, 20).mean((1, 3))  # each pixel the mean of 20 by 20
    digit = framed(data.digits(standardise=False).test.x)[DIGIT, 0]
    return {"photograph": small.astype(float).round(2), "digit": digit.astype(float).round(2)}


@cache
def kernels():
    """Name → filter (3, 3); the last one is found by training on digits."""
    learned = trained("max", "global").state_dict()["0.weight"].numpy()[LEARNED, 0]
    return {
        "vertical edges": np.array([[-1, 0, 1], [-1, 0, 1], [-1, 0, 1]]),
        "horizontal edges": np.array([[-1, -1, -1], [0, 0, 0], [1, 1, 1]]),
        "blur": np.full((3, 3), 1 / 9),
        "sharpen": np.array([[0, -1, 0], [-1, 5, -1], [0, -1, 0]]),
        "learned": learned.astype(float).round(2),
    }


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
    return cells | {"x": x, "y": y, "text": [short(value) for value in np.ravel(values)]}


def short(value):
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
            "large, for the sky is bright": "What a bright pixel in the right column adds, an equally bright one in "
            "the left column takes away.",
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
            "sum": {"x": 5.5, "y": 1.5, "text": short(round(float(total), 2) + 0.0), "value": total / limit},
        },
        says=f"At row {row}, column {column} the nine products add up to {short(round(float(total), 2) + 0.0)}: "
        + meaning(kernel, window, total),
    )


def rectangles(name, **mark):
    """Rectangles of a table, on axes that count pixels from the upper left corner."""
    x = alt.X("left:Q", title="column", scale=alt.Scale(domain=(-0.5, SIZE - 0.5), nice=False))
    y = alt.Y("top:Q", title="row", scale=alt.Scale(domain=(SIZE - 0.5, -0.5), nice=False))
    return alt.Chart(table(name)).mark_rect(**mark).encode(x=x, x2="right", y=y, y2="bottom")


STRIP = {"x": alt.Scale(domain=(0, 7), nice=False), "y": alt.Scale(domain=(3, 0), nice=False)}


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
