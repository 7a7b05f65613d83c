"""Pictures and filters, and networks that shrink their images in different ways."""

from functools import cache

import numpy as np

import dlcore
from dlcore import data, nn, optim
from dlcore.rng import fork_rng
from dlcore.train import fit, predictions, steps

SIZE = 16  # pixels: height and width of the images of this page
DIGIT = 6  # which of the test digits the figure shows, a 7
LEARNED = 2  # which of the eight learned filters


def framed(digits, down=0, right=0):
    """Digits (N, 1, 8, 8) in the middle of an empty frame (N, 1, 16, 16), or shifted from there."""
    top, left = 4 + down, 4 + right
    return np.pad(digits, ((0, 0), (0, 0), (top, 8 - top), (left, 8 - left)))


def build(shrink, ending):
    """Two convolutions and a linear layer, 3,818 or 3,825 parameters in all.

    Args:
        shrink: how the image shrinks: "stride" keeps one place in four, "max" the largest of four, "mean" their mean,
            "none" every place.
        ending: "places" hands the linear layer every place, "global" only the largest answer of each filter anywhere.
    """
    stride = 2 if shrink == "stride" else 1
    pool = {"max": [nn.MaxPool2d(2)], "mean": [nn.AvgPool2d(2)]}.get(shrink, [])
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
def trained(shrink, ending, seed=0, wander=False, epochs=10):
    """A network trained on digits in the middle, or each shifted from there at random by up to 3 pixels."""
    train = data.digits(standardise=False).train
    moves = np.random.default_rng(seed).integers(-3, 4, (len(train.x), 2)) * wander
    x = np.concatenate([framed(digit[None], *move) for digit, move in zip(train.x, moves, strict=True)])
    with fork_rng():
        dlcore.manual_seed(seed)
        model = build(shrink, ending)
    pieces = data.batches(x, train.y, batch_size=32, generator=seed)
    fit(steps(model, nn.CrossEntropyLoss(), optim.Adam(model.parameters(), lr=0.003), pieces, epochs))
    return model


def shifted(shift):
    """The test digits (N, 1, 16, 16), moved by so many pixels in each of the four directions, and their names (N,)."""
    test = data.digits(standardise=False).test
    return [(framed(test.x, *move), test.y) for move in {(shift, 0), (-shift, 0), (0, shift), (0, -shift)}]


def accuracy(model, shift):
    """Share of the test digits named rightly after a shift of so many pixels, the mean of all four directions."""
    with dlcore.no_grad():
        return float(np.mean([predictions(model(dlcore.tensor(x))) == names for x, names in shifted(shift)]))


def by_neighbour(shift):
    """The same share for one who looks for the most similar digit in the middle, pixel by pixel."""
    known = data.digits(standardise=False).train
    middle = framed(known.x).reshape(len(known.x), -1)  # (N, 256)
    hits = []
    for x, names in shifted(shift):
        apart = (middle**2).sum(1) - 2 * x.reshape(len(x), -1) @ middle.T  # (new, N), but for what is the same
        hits.append(known.y[apart.argmin(axis=1)] == names)
    return float(np.mean(hits))


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
