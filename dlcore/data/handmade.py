"""Features for digits as one would have written them before networks learned their own: seventeen numbers an image.

Each group is an idea that a person has about digits ("an eight has two holes") turned into code. They are what the
first page of the book sets against features that are learned, on digits that do not sit still: see `scatter`.
"""

from functools import cache

import numpy as np

from dlcore.data._random import Source, random_source
from dlcore.data.tables import digits

#: name of a group of features -> how many numbers it gives
GROUPS = {"ink": 1, "place": 2, "quarters": 4, "symmetry": 2, "strokes": 7, "holes": 1}


def scatter(images: np.ndarray, size: int = 12, generator: Source = None) -> np.ndarray:
    """Put each image at a random place of a larger empty one, as nobody centres what a camera sees.

    Args:
        images: (N, C, H, W).
        size: height and width of the larger image, at least H and W.
        generator: a dlcore Generator, an integer seed, or None for the default.

    Returns:
        (N, C, size, size), of the same dtype; every place that fits is equally likely.

    Raises:
        ValueError: if the images do not fit.

    >>> scatter(np.ones((2, 1, 8, 8)), size=12, generator=0).sum((1, 2, 3)).tolist()
    [64.0, 64.0]
    """
    n, channels, height, width = images.shape
    if size < max(height, width):
        raise ValueError(f"scatter: images of {height} × {width} do not fit into {size} × {size}.")
    rng = random_source(generator)
    tops, lefts = rng.integers(0, size - height + 1, n), rng.integers(0, size - width + 1, n)
    out = np.zeros((n, channels, size, size), images.dtype)
    for image, place, top, left in zip(images, out, tops, lefts, strict=True):
        place[:, top : top + height, left : left + width] = image
    return out


@cache
def wandering_digits(size: int = 12) -> tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]:
    """Training and test digits at random places: two pairs of images (N, 1, size, size) and their classes (N,).

    >>> (x, y), (x_test, y_test) = wandering_digits()
    >>> x.shape, x_test.shape
    ((1078, 1, 12, 12), (359, 1, 12, 12))
    """
    train, test = digits(standardise=False).train, digits(standardise=False).test
    return (scatter(train.x, size, generator=1), train.y), (scatter(test.x, size, generator=2), test.y)


def centred(images: np.ndarray) -> np.ndarray:
    """Find the ink of each image (N, H, W) and put it into the middle of an 8 × 8 frame: (N, 8, 8).

    What reaches beyond 8 pixels is cut off on the right and at the bottom. An empty image stays empty.
    """
    out = np.zeros((len(images), 8, 8), images.dtype)
    for image, frame in zip(images, out, strict=True):
        rows, columns = np.flatnonzero(image.any(1)), np.flatnonzero(image.any(0))
        if rows.size:
            box = image[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1][:8, :8]
            top, left = (8 - box.shape[0]) // 2, (8 - box.shape[1]) // 2
            frame[top : top + box.shape[0], left : left + box.shape[1]] = box
    return out


def handmade(images: np.ndarray, groups: tuple[str, ...] = tuple(GROUPS)) -> np.ndarray:
    """Describe each image of a digit by the chosen groups of hand-made features, wherever in the image it stands.

    Args:
        images: (N, 1, H, W) or (N, H, W) brightness of the pen's trace, 0 to 1; the digit at most 8 × 8 pixels.
        groups: names out of GROUPS; their numbers stand side by side in that order.

    Returns:
        (N, D) float32, not standardised. "ink" is the mean brightness; "place" the centre of the ink, in pixels from
        the top and from the left of the digit's frame; "quarters" the share of the ink in each quarter; "symmetry" how
        much the digit differs from its mirror images; "strokes" how many strokes four rows and three columns cross;
        "holes" how many regions of paper the pen has closed off.

    Raises:
        ValueError: for an unknown group.

    Source: projections, crossings and holes as features of characters: Trier, Jain & Taxt (1996), Feature extraction
    methods for character recognition: a survey.

    >>> ring = np.zeros((1, 12, 12))
    >>> ring[0, 2:6, 2:6] = 1
    >>> ring[0, 3:5, 3:5] = 0
    >>> handmade(ring, ("holes", "place")).tolist()
    [[1.0, 3.5, 3.5]]
    """
    unknown = set(groups) - set(GROUPS)
    if unknown:
        raise ValueError(f"handmade: no group is called {sorted(unknown)[0]!r}; there are {', '.join(GROUPS)}.")
    frames = centred(images.reshape(-1, *images.shape[-2:]))
    columns = [_DESCRIBE[name](frames) for name in groups]
    return np.column_stack([np.empty((len(frames), 0)), *columns]).astype(np.float32)


def ink(images):
    return images.mean((1, 2))


def place(images):
    total = images.sum((1, 2)) + 1e-9
    return np.stack([images.sum(axis) @ np.arange(8) / total for axis in (2, 1)], axis=1)


def quarters(images):
    total = images.sum((1, 2)) + 1e-9
    return images.reshape(-1, 2, 4, 2, 4).sum((2, 4)).reshape(-1, 4) / total[:, None]


def symmetry(images):
    return np.stack([np.abs(images - images[:, :, ::-1]), np.abs(images - images[:, ::-1])], 1).mean((2, 3))


def strokes(images):
    dark = images > 0.4
    lines = [dark[:, row] for row in (1, 3, 4, 6)] + [dark[:, :, column] for column in (2, 3, 5)]
    return np.stack([(np.diff(line.astype(int), axis=1, prepend=0) == 1).sum(1) for line in lines], axis=1)


def holes(images):
    return np.array([regions(dark) - 1 for dark in images > 0.4])


def regions(dark):
    """How many separate pieces the paper falls into, counting the outside as one; diagonal steps do not connect."""
    paper = {(i, j) for i, j in np.argwhere(~np.pad(dark, 1)).tolist()}
    count = 0
    while paper:
        count += 1
        todo = [paper.pop()]
        for i, j in todo:  # the list grows while it is read
            near = {(i + 1, j), (i - 1, j), (i, j + 1), (i, j - 1)} & paper
            paper -= near
            todo += near
    return count


_DESCRIBE = {"ink": ink, "place": place, "quarters": quarters, "symmetry": symmetry, "strokes": strokes, "holes": holes}
