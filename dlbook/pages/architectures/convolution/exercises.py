"""Checks of the exercises of the page "Convolution"."""

import numpy as np

from dlbook.page.exercises import Exercises, Mistake, as_array, call, same

check = Exercises()


@check.exercise("4.2a")
def padding_that_keeps_the_size(padding):
    """A filter of 7 by 7 at stride 1 needs a margin of 3."""
    p = as_array(padding, "The padding")
    if p.shape != () or p != p.round() or p < 0:
        raise Mistake("A padding is one whole number, 0 or more.")
    if p == 6:
        raise Mistake("The map comes out larger than the image: a padding of 6 adds 6 rows above *and* 6 below.")
    if p == 7:
        raise Mistake("That is the size of the filter. What is lost without padding is one less, and from both sides.")
    if p != 3:
        rows = 28 + 2 * int(p) - 6
        raise Mistake(f"With padding {int(p)} an image of 28 rows gets a map of {rows}; it should have 28 as well.")
    return "Three rows above and three below make up for the six that a filter of 7 takes. In general: (k − 1) / 2."


SIZE_MISTAKES = (
    (lambda h, k, s, p: (h + 2 * p - k) // s, "The first place counts, too: add 1 at the end."),
    (lambda h, k, s, p: (h + p - k) // s + 1, "The margin is on both sides, so the padding counts twice."),
    (lambda h, k, s, p: h + 2 * p - k + 1, "The stride is missing: the window moves by several pixels at a time."),
    (lambda h, k, s, p: (h - k) // s + 1, "The padding is missing."),
    (lambda h, k, s, p: (h + 2 * p - k + 1) // s, "Add the 1 after dividing by the stride, not before."),
    (lambda h, k, s, p: (h + 2 * p - k) / s + 1, "There is no half place: round down, with `//`."),
    (lambda h, k, s, p: -(-(h + 2 * p - k) // s) + 1, "Round down, not up: a window that sticks out does not count."),
)


@check.exercise("4.2b")
def size_of_the_map(function):
    """The formula at five sizes; a mistake is named when it explains all five answers."""
    cases = ((28, 5, 1, 0), (4, 3, 2, 1), (32, 3, 2, 1), (10, 4, 3, 2), (20, 3, 2, 3))
    got = [as_array(call(function, h, k, stride=s, padding=p), "The size") for h, k, s, p in cases]
    for wrong, words in SIZE_MISTAKES:
        if all(np.array_equal(size, wrong(*case)) for size, case in zip(got, cases, strict=True)):
            raise Mistake(words)
    for size, (h, k, s, p) in zip(got, cases, strict=True):
        given = f"For {h} pixels, a window of {k}, stride {s} and padding {p}"
        same(size, (h + 2 * p - k) // s + 1, given)
    return "With it you can work out any network on paper, layer by layer."


def one_at(row, column):
    """A filter of zeros with a single 1."""
    w = np.zeros((3, 3))
    w[row, column] = 1
    return w


MOVES = {
    (1, 2): "That moves the image to the left: each place shows its neighbour on the right. (If you meant to turn the "
    "filter round, as mathematics does: here it is not turned.)",
    (1, 1): "That shows each place its own pixel: the image stays where it is.",
    (0, 1): "That moves the image down. Rows come first: `w[row][column]`.",
    (2, 1): "That moves the image up. Rows come first: `w[row][column]`.",
}


@check.exercise("4.2c")
def filter_that_moves_right(w):
    """A single 1 to the left of the middle."""
    w = as_array(w, "The filter")
    if w.shape in ((1, 1, 3, 3), (1, 3, 3)):
        w = w.reshape(3, 3)
    if w.shape != (3, 3):
        raise Mistake(f"I expected 3 × 3 weights and received an array of shape {w.shape}.")
    for place, words in MOVES.items():
        if np.allclose(w, one_at(*place)):
            raise Mistake(words)
    if np.allclose(w, one_at(1, 0)):
        return "At each place it shows the pixel to the left: everything has moved to the right."
    if np.count_nonzero(w) == 1 and np.count_nonzero(w[1, 0]):
        raise Mistake("The right pixel, but its weight changes the brightness. Which weight leaves a number as it is?")
    if np.count_nonzero(w) > 1:
        raise Mistake("Your filter mixes several pixels at each place. The map is to show one single pixel, unchanged.")
    raise Mistake("At each place the map should show the pixel that stands just to the left of it.")


POOL_MISTAKES = (
    (lambda x: cells(x).mean((1, 3)), "That is the mean of each window. The largest is asked for."),
    (lambda x: cells(x).sum((1, 3)), "That is the sum of each window. The largest is asked for."),
    (lambda x: cells(x).min((1, 3)), "That is the smallest of each window."),
    (lambda x: np.abs(cells(x)).max((1, 3)), "You took the largest without its sign. A number below 0 is small."),
    (lambda x: x[0::2, 0::2], "That keeps the upper left number of each window, as a stride would."),
    (lambda x: x[1::2, 1::2], "That keeps the lower right number of each window, as a stride would."),
    (lambda x: np.maximum(x[0::2, 0::2], x[0::2, 1::2]), "Only the upper row of each window is compared."),
    (lambda x: np.maximum(x[1::2, 0::2], x[1::2, 1::2]), "Only the lower row of each window is compared."),
    (lambda x: np.maximum(x[0::2, 0::2], x[1::2, 0::2]), "Only the left column of each window is compared."),
    (lambda x: np.maximum(x[0::2, 1::2], x[1::2, 1::2]), "Only the right column of each window is compared."),
    (lambda x: np.maximum(x[0::2, 0::2], x[1::2, 1::2]), "Two of the four numbers are left out: one diagonal."),
    (lambda x: cells(x).max(3).reshape(x.shape[0], -1), "You joined neighbours in a row only. Now join the rows, too."),
    (lambda x: cells(x).max(1).reshape(-1, x.shape[1]), "You joined the rows only. Now join neighbours in a row, too."),
    (lambda x: np.max([x[i : len(x) - 1 + i, j : x.shape[1] - 1 + j] for i in (0, 1) for j in (0, 1)], axis=0),
     "Your windows overlap: they move by one pixel. They should lie side by side."),
    (lambda x: np.array([[x[i : i + 2, j : j + 2].max() for j in range(x.shape[1] // 2)] for i in range(len(x) // 2)]),
     "Your windows move by one pixel and overlap. The next one starts two further: at 2 · i and 2 · j."),
    (lambda x: cells(x).transpose(0, 2, 1, 3).reshape(len(x) // 2, -1, 4).argmax(2),
     "That says where the largest number stands in its window. The number itself is asked for."),
    (lambda x: np.maximum(x[0::2, 1::2], x[1::2, 0::2]), "Two of the four numbers are left out: one diagonal."),
    (lambda x: np.maximum(np.maximum(x[0::2, 0::2], x[0::2, 1::2]), x[1::2, 0::2]),
     "The lower right number of each window is left out."),
    (lambda x: x.reshape(len(x) // 2, x.shape[1] // 2, 4).max(2),
     "Your `reshape` puts four neighbours of one row together, not a window. Use (H/2, 2, W/2, 2)."),
    (lambda x: np.maximum(cells(x).max((1, 3)), 0),
     "Where all four numbers are negative, the largest of them is negative, and not 0."),
    (lambda x: cells(x).max((1, 3)).T, "Rows and columns of your map are exchanged."),
    (lambda x: x.max(), "That is the largest number of the whole map."),
)  # fmt: skip


def cells(x):
    """(H/2, 2, W/2, 2): the windows of a map."""
    return x.reshape(len(x) // 2, 2, x.shape[1] // 2, 2)


@check.exercise("4.2d")
def pooling(function):
    """Maps of different whole numbers with an even number of rows and columns, negative ones among them."""
    rng = np.random.default_rng(2)
    maps = [rng.permutation(np.arange(rows * columns) - 10).reshape(rows, columns).astype(float)
            for rows, columns in ((4, 4), (2, 6), (6, 2), (4, 6))]  # fmt: skip
    got = [as_array(call(function, x), f"For a map of {x.shape[0]} × {x.shape[1]}") for x in maps]
    want = [cells(x).max((1, 3)) for x in maps]
    if all(map(_equal, got, want)):
        return "Four slices and three comparisons; nothing in it has to be learned."
    _name(POOL_MISTAKES, [(x,) for x in maps], got, want)
    for x, mine, right in zip(maps, got, want, strict=True):
        _shape_fits(mine, right, f"For a map of {x.shape[0]} × {x.shape[1]}")
        for i, j in np.argwhere(mine != right):
            held = ", ".join(f"{number:g}" for number in cells(x)[i, :, j].ravel())
            raise Mistake(
                f"The window in row {i}, column {j} (from 0) of the map holds {held}. Yours gives {mine[i, j]:g}."
            )


def _equal(mine, right):
    return mine.shape == np.shape(right) and np.allclose(mine, right)


def _name(mistakes, cases, got, want):
    """Raise the Mistake that explains every answer, where it is one."""
    for wrong, words in mistakes:
        answers = [np.asarray(wrong(*case)) for case in cases]
        if all(map(_equal, got, answers)) and not all(map(_equal, answers, want)):
            raise Mistake(words)


def _shape_fits(mine, right, given):
    if mine.shape != right.shape:
        raise Mistake(f"{given}: expected an array of shape {right.shape}, received one of shape {mine.shape}.")


def weight_gradient(x, g):
    """The gradient of a filter's weights: the image, convolved with the gradient of its map."""
    rows, cols = g.shape
    k, m = x.shape[0] - rows + 1, x.shape[1] - cols + 1
    return np.array([[(g * x[a : a + rows, b : b + cols]).sum() for b in range(m)] for a in range(k)])


def _sizes(x, g):
    return x.shape[0] - g.shape[0] + 1, x.shape[1] - g.shape[1] + 1


def _last_place(x, g):
    k, m = _sizes(x, g)
    return g[-1, -1] * x[-k:, -m:]


GRADIENT_MISTAKES = (
    (lambda x, g: weight_gradient(x, g) / g.size, "You took the mean over the places. Their gradients add up."),
    (lambda x, g: weight_gradient(x, g[::-1, ::-1]), "You turned `g` round. Here nothing is turned."),
    (lambda x, g: weight_gradient(x, g)[::-1, ::-1], "The gradients are right, but are turned by 180°."),
    (lambda x, g: weight_gradient(x, g).T, "Rows and columns are exchanged."),
    (lambda x, g: -weight_gradient(x, g), "The sign is turned: return the gradient, not the step downhill."),
    (lambda x, g: weight_gradient(x, np.ones_like(g)), "You left out `g`: a place counts as its gradient says."),
    (lambda x, g: weight_gradient(np.ones_like(x), g), "You left out the image: a weight counts as the pixel it met."),
    (lambda x, g: weight_gradient(x, g).sum(), "You added up the weights as well. Each has a gradient of its own."),
    (lambda x, g: g[0, 0] * x[: _sizes(x, g)[0], : _sizes(x, g)[1]],
     "Only the first place is counted. A shared weight is used at all of them."),
    (_last_place, "Only the last place is counted: add with `+=` instead of setting anew."),
    (lambda x, g: weight_gradient(x, g)[:-1, :-1], "One row and one column of weights are missing: k = H − H' + 1."),
    (lambda x, g: weight_gradient(np.abs(x), g), "The pixels keep their sign."),
    (lambda x, g: weight_gradient(x, g) / len(g), "You divided by the rows of `g`. The places' gradients add up."),
    (lambda x, g: weight_gradient(x, g**2), "`g` counts once for each place, not squared."),
    (lambda x, g: _to_image(x, g), "That has the size of the image. The filter's gradient has the size of the filter."),
)  # fmt: skip


def _to_image(x, g):
    """Something as large as the image: g, put back into its upper left corner."""
    y = np.zeros_like(x)
    y[: g.shape[0], : g.shape[1]] = g
    return y


@check.exercise("4.2e")
def gradient_of_a_shared_weight(function):
    """Random images and gradients, not all of them square."""
    rng = np.random.default_rng(3)
    cases = []
    for size, k in (((4, 4), 3), ((5, 7), 3), ((6, 5), 2)):
        cases.append((rng.normal(size=size), rng.normal(size=(size[0] - k + 1, size[1] - k + 1))))
    given = [f"For an image {x.shape} and g {g.shape}" for x, g in cases]
    got = [as_array(call(function, x, g), words) for (x, g), words in zip(cases, given, strict=True)]
    want = [weight_gradient(x, g) for x, g in cases]
    if all(map(_equal, got, want)):
        return "The backward pass of a convolution is a convolution: the image, with the gradient as its filter."
    _name(GRADIENT_MISTAKES, cases, got, want)
    for (_, g), words, mine, right in zip(cases, given, got, want, strict=True):
        _shape_fits(mine, right, words)
        for a, b in np.argwhere(~np.isclose(mine, right)):
            pixels = f"x[{a} : {a + len(g)}, {b} : {b + g.shape[1]}]"
            raise Mistake(
                f"{words}: the weight in row {a}, column {b} should get `(g * {pixels}).sum()`. Yours differs."
            )
