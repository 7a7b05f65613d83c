# ruff: noqa: E741, N803, N806  (the letters of the book: O filters, and matrices have capitals)
"""Assignment 6: what is asked, what is right, what usually goes wrong."""

import itertools

import numpy as np

from dlbook.grade.spec import Assignment

# Half a second of the processor for one check: q7's large image takes ours a thirtieth of it.
assignment = Assignment("Convolution, from one window to a fast layer", minutes=90, limits={"call": 0.5})
ask = assignment.question


def some(rng, *shape):
    """Numbers with two decimals, none of them zero, so that a forgotten term always shows."""
    return rng.choice([-1, 1], shape) * rng.integers(5, 200, shape) / 100


# By hand


def one_layer(rng):
    """A layer whose window does not come out even at the end, and whose margin is worth two places on each side."""
    k, p, s = int(rng.choice([9, 11])), int(rng.integers(4, 6)), 2
    H = k + 1 + 2 * int(rng.integers(8, 16))
    return {"H": H, "k": k, "p": p, "s": s, "C": int(rng.integers(3, 7)), "O": int(rng.integers(2, 5)) * 4}


@ask("q1", "sizes_q1", "Sizes, by hand", constants=one_layer)
def sizes(H, k, p, s, C, O):
    return [1 + int(np.floor((H + 2 * p - k) / s)), k + k - 1, O * C * k**2 + O]


def rows_of_the_map(answer):
    return answer[0]


def rows_seen(answer):
    return answer[1]


def weights_and_biases(answer):
    return answer[2]


sizes.check("the rows of the map", 1, call=rows_of_the_map, rtol=1e-7, says="Put your numbers in, and round down.")
sizes.check(
    "the rows that are seen",
    1,
    call=rows_seen,
    rtol=1e-7,
    says="Draw a row of pixels and two layers.",
)
sizes.check(
    "weights and biases",
    1,
    call=weights_and_biases,
    rtol=1e-7,
    says="One filter's weights and bias, times filters.",
)


def only(place, wrong):
    """All three numbers right but one."""

    return lambda **numbers: [
        wrong(**numbers) if i == place else number for i, number in enumerate(sizes.answer(**numbers))
    ]


sizes.mistake("Between two places there is one step: the first place counts as well, so add 1.")(
    only(0, lambda H, k, p, s, **rest: (H + 2 * p - k) // s)
)
sizes.mistake("The window must fit whole: round down.")(only(0, lambda H, k, p, s, **rest: -((k - H - 2 * p) // s) + 1))
sizes.mistake("The margin is on both sides, so it counts twice.")(
    only(0, lambda H, k, p, s, **rest: (H + p - k) // s + 1)
)
sizes.mistake("There is no half place: round down.")(only(0, lambda H, k, p, s, **rest: (H + 2 * p - k) / s + 1))
sizes.mistake("The two windows overlap: neighbouring windows of the first layer share all but one row.")(
    only(1, lambda k, **rest: 2 * k)
)
sizes.mistake("That is what the first layer alone sees.")(only(1, lambda k, **rest: k))
sizes.mistake("That is how many pixels the first layer sees; asked are rows, and through two layers.")(
    only(1, lambda k, **rest: k * k)
)
sizes.mistake("The biases are missing, one for each filter.")(only(2, lambda k, C, O, **rest: O * C * k * k))
sizes.mistake("A filter has a slice of weights for each channel.")(only(2, lambda k, O, **rest: O * (k * k + 1)))
sizes.mistake("One bias for each filter, not for each of its slices.")(
    only(2, lambda k, C, O, **rest: O * C * (k * k + 1))
)
sizes.hints(
    "rows = (H + 2p - k) / s, rounded down, plus 1. On page 4.2 you find it under *By hand*.",
    "What is seen: k neighbours in a map of stride 1. The first window covers k rows, each further one adds one row.",
    "A filter has C slices of k·k weights each, and one bias; there are O filters.",
)


def correlated(X, K):
    """What a kernel leaves at each place of an image, both plain (H, W)."""
    return np.einsum("ijuv,uv->ij", np.lib.stride_tricks.sliding_window_view(X, K.shape), K)


def image_and_kernel(rng):
    """An image and a kernel for which the usual mistakes change every row of the map."""
    while True:
        X, K = rng.integers(0, 5, (4, 4)), rng.integers(-1, 3, (3, 3))
        maps = [f(X, K) for f in (correlated, turned, mirrored, transposed, middle_only)]
        pairs = itertools.combinations(maps, 2)
        if all(np.all(np.any(a != b, axis=1)) for a, b in pairs) and np.all(np.abs(maps[0]) > 1):
            return {"X": X, "K": K}


def turned(X, K):
    return correlated(X, K[::-1, ::-1])


def mirrored(X, K):
    return correlated(X, K[:, ::-1])


def transposed(X, K):
    return correlated(X, K.T)


def middle_only(X, K):
    return X[1:3, 1:3] * K[1, 1]


@ask("q2", "map_q2", "One kernel, by hand", constants=image_and_kernel)
def by_hand(X, K):
    return correlated(X, K)


def upper_row(answer):
    return np.reshape(np.array(answer, float), (2, 2))[0]


def lower_row(answer):
    return np.reshape(np.array(answer, float), (2, 2))[1]


by_hand.check("the upper row", 2, call=upper_row, says="Lay the kernel over a corner; nine products, one sum.")
by_hand.check("the lower row", 1, call=lower_row, says="The window moves by one place at a time, across and down.")
by_hand.mistake("The kernel was turned by 180°, as mathematicians do. Here it stays as it is.")(turned)
by_hand.mistake("Rows and columns of the kernel have changed places.")(transposed)
by_hand.mistake("The kernel was mirrored: its left column meets the left column of the window.")(mirrored)
by_hand.mistake("Only the middle was multiplied: all nine products are added up.")(middle_only)
by_hand.hints(
    "The upper left number: the kernel lies over the first three rows and the first three columns.",
    "Where the kernel has a 0 there is nothing to do. Add what is left, one line of the kernel at a time.",
)


# In code, window by window


@ask("q3", "convolve", "One map, with loops")
def convolve(x, w):
    return correlated(x, w)


def image(rng, rows, cols, k, m):
    return [some(rng, rows, cols), some(rng, k, m)]


convolve.check("an image of 5 × 5, a kernel of 3 × 3", 1, lambda rng: image(rng, 5, 5, 3, 3))
convolve.check("image and kernel are not square", 1, lambda rng: image(rng, 4, 7, 2, 3))
convolve.check("a kernel as large as the image", 1, lambda rng: image(rng, 3, 4, 3, 4), hidden=True)
convolve.check("a tall kernel", 1, lambda rng: image(rng, 9, 4, 5, 2), hidden=True)
convolve.mistake("The kernel was turned by 180°, as mathematicians do. Here it stays as it is.")(
    lambda x, w: correlated(x, w[::-1, ::-1])
)
convolve.mistake("Rows and columns of the kernel have changed places.")(lambda x, w: correlated(x, w.T))
convolve.mistake("The last place is missing: there are H - k steps from the first to the last, so H - k + 1 places.")(
    lambda x, w: correlated(x, w)[:-1, :-1]
)
convolve.mistake("The window sticks out at the end: the map is smaller than the image, H - k + 1 rows.")(
    lambda x, w: correlated(np.pad(x, [(0, n - 1) for n in w.shape]), w)
)
convolve.mistake("The mean was taken: the products are added up.")(lambda x, w: correlated(x, w) / w.size)
convolve.mistake("The window was added up without its weights.")(lambda x, w: correlated(x, np.ones(w.shape)))
convolve.hints(
    "Two loops, over the rows and the columns of the map. How many rows does it have?",
    "The window at place (i, j) is x[i : i + k, j : j + m], where k, m is the shape of the kernel.",
)


@ask("q4", "convolve_strided", "Stride and padding")
def convolve_strided(x, w, stride, padding):
    return correlated(np.pad(x, padding), w)[::stride, ::stride]


def strided(rows, cols, k, m, stride, padding):
    return lambda rng: [*image(rng, rows, cols, k, m), stride, padding]


convolve_strided.check("stride 2, no padding", 1, strided(7, 9, 3, 3, 2, 0))
convolve_strided.check("padding 1, stride 1", 1, strided(4, 5, 3, 3, 1, 1))
convolve_strided.check("both, and nothing is square", 1, strided(6, 9, 2, 3, 2, 1), hidden=True)
convolve_strided.check("stride 3, padding 2, and rows that nobody sees", 1, strided(9, 12, 3, 4, 3, 2), hidden=True)
convolve_strided.mistake("The kernel was turned by 180°, as mathematicians do. Here it stays as it is.")(
    lambda x, w, stride, padding: correlated(np.pad(x, padding), w[::-1, ::-1])[::stride, ::stride]
)
convolve_strided.mistake("The window moves by one pixel still: place i of the map begins at row i · stride.")(
    lambda x, w, stride, padding: correlated(np.pad(x, padding), w)[
        : 1 + (len(x) + 2 * padding - len(w)) // stride, : 1 + (x.shape[1] + 2 * padding - w.shape[1]) // stride
    ]
)
convolve_strided.mistake("The margin goes round all four sides.")(
    lambda x, w, stride, padding: correlated(np.pad(x, ((padding, 0), (padding, 0))), w)[::stride, ::stride]
)
convolve_strided.mistake("The margin consists of zeros, not of copies of the rim.")(
    lambda x, w, stride, padding: correlated(np.pad(x, padding, mode="edge"), w)[::stride, ::stride]
)
convolve_strided.mistake("The padding is missing.")(lambda x, w, stride, padding: correlated(x, w)[::stride, ::stride])
convolve_strided.mistake("The stride holds for columns as well as for rows.")(
    lambda x, w, stride, padding: correlated(np.pad(x, padding), w)[::stride]
)
convolve_strided.mistake("Here the map was padded; the margin goes round the image, before the kernel moves.")(
    lambda x, w, stride, padding: np.pad(correlated(x, w)[::stride, ::stride], padding)
)
convolve_strided.hints(
    "First the margin: `np.pad(x, padding)` puts zeros round all four sides and leaves x alone.",
    "Then as in q3, but with fewer places: (H + 2p - k) // stride + 1 rows; place (i, j) begins at row i · stride.",
)


@ask("q5", "conv2d", "Many channels, many filters")
def conv2d(x, w, b, stride=1, padding=0):
    margin = np.pad(x, ((0, 0), (0, 0), (padding,) * 2, (padding,) * 2))
    windows = np.lib.stride_tricks.sliding_window_view(margin, w.shape[2:], (2, 3))[:, :, ::stride, ::stride]
    return np.einsum("ncijuv,ocuv->noij", windows, w) + b.reshape(-1, 1, 1)


def layer(N, C, O, rows, cols, k, m, *steps):
    return lambda rng: [some(rng, N, C, rows, cols), some(rng, O, C, k, m), some(rng, O), *steps]


conv2d.check("one image of three channels, one filter", 1, layer(1, 3, 1, 5, 5, 3, 3, 1, 0))
conv2d.check("four images, two channels, three filters", 1, layer(4, 2, 3, 5, 6, 3, 3, 1, 0))
conv2d.check("as many images as channels as filters", 1, layer(3, 3, 3, 5, 5, 3, 3, 1, 0), hidden=True)
conv2d.check("stride 2 and padding 1, kernels of 3 × 2", 2, layer(2, 3, 4, 7, 8, 3, 2, 2, 1), hidden=True)
conv2d.mistake("The bias is missing: one number for each filter, added to its whole map.")(
    lambda x, w, b, *steps: conv2d.answer(x, w, 0 * b, *steps)
)
conv2d.mistake("The channels are added up, not averaged.")(
    lambda x, w, b, *steps: conv2d.answer(x, w / w.shape[1], b, *steps)
)
conv2d.mistake("Only the first channel was used: a filter adds up the products of all channels.")(
    lambda x, w, b, *steps: conv2d.answer(x[:, :1], w[:, :1], b, *steps)
)
conv2d.mistake("Only the last channel is left: each channel's products are added to what is there.")(
    lambda x, w, b, *steps: conv2d.answer(x[:, -1:], w[:, -1:], b, *steps)
)
conv2d.mistake("The bias was added once for each channel; it belongs to the filter, so once.")(
    lambda x, w, b, *steps: conv2d.answer(x, w, b * w.shape[1], *steps)
)
conv2d.mistake("The kernels were turned by 180°, as mathematicians do. Here they stay as they are.")(
    lambda x, w, b, *steps: conv2d.answer(x, w[:, :, ::-1, ::-1], b, *steps)
)
conv2d.mistake("The bias went along the columns of the map; it belongs to the filters: b[:, None, None].")(
    lambda x, w, b, *steps: conv2d.answer(x, w, 0 * b, *steps) + b
)
conv2d.mistake("Stride and padding are not used yet.")(lambda x, w, b, *steps: conv2d.answer(x, w, b))
conv2d.hints(
    "y[n, o] is the map of filter o over image n: the sum over c of what w[o, c] leaves on x[n, c], plus b[o].",
    "Only the last two axes get a margin: `np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)))`.",
    "For one place: `window = x[:, :, top : top + k, left : left + m]`, and "
    '`np.einsum("ncuv,ocuv->no", window, w)` does all images, channels and filters at once.',
)


# Fast


@ask("q6", "columns", "All windows in one table")
def columns(x, k):
    windows = np.lib.stride_tricks.sliding_window_view(x, (k, k), (2, 3))  # (N, C, H', W', k, k)
    return np.moveaxis(windows, (2, 3), (-2, -1)).reshape(len(x), x.shape[1] * k * k, -1)


def pixels(N, C, rows, cols, k):
    return lambda rng: [some(rng, N, C, rows, cols), k]


columns.check("one image, one channel", 1, pixels(1, 1, 4, 5, 2))
columns.check("two images of three channels", 1, pixels(2, 3, 4, 4, 3))
columns.check("a wide image, windows of 3 × 3", 1, pixels(3, 2, 4, 8, 3), hidden=True)
columns.mistake("The last two axes have changed places: a window is a column of the table, not a row.")(
    lambda x, k: np.swapaxes(columns.answer(x, k), 1, 2)
)
columns.mistake("In a column the channel changes slowest: first all k·k pixels of channel 0, then those of channel 1.")(
    lambda x, k: np.swapaxes(columns.answer(x, k).reshape(len(x), x.shape[1], k * k, -1), 1, 2).reshape(
        len(x), x.shape[1] * k * k, -1
    )
)
columns.mistake("A reshape alone scrambles the pixels: the axes must be in the right order before it.")(
    lambda x, k: np.lib.stride_tricks.sliding_window_view(x, (k, k), (2, 3)).reshape(len(x), x.shape[1] * k * k, -1)
)
columns.mistake("The places go row by row, from left to right, as one reads.")(
    lambda x, k: np.moveaxis(np.lib.stride_tricks.sliding_window_view(x, (k, k), (2, 3)), (3, 2), (-2, -1)).reshape(
        len(x), x.shape[1] * k * k, -1
    )
)
columns.hints(
    "One way: a loop over the places. A window x[:, :, i : i + k, j : j + k] has shape (N, C, k, k); "
    "`.reshape(N, -1)` makes it one column.",
    "Another way, without a loop over places: row (c, u, v) of the table is the block "
    "x[:, c, u : u + H', v : v + W'], flat.",
    "`np.stack(list_of_columns, axis=2)` puts columns of shape (N, C·k·k) side by side.",
)


@ask("q7", "fast_conv2d", "Fast")
def fast_conv2d(x, w):
    k, m = w.shape[2:]
    blocks = {(u, v): x[:, :, u : x.shape[2] - k + u + 1, v : x.shape[3] - m + v + 1] for u, v in np.ndindex(k, m)}
    return sum(np.tensordot(w[:, :, u, v], block, (1, 1)).swapaxes(0, 1) for (u, v), block in blocks.items())


def images_and_filters(N, C, O, rows, cols, k, m):
    return lambda rng: [some(rng, N, C, rows, cols), some(rng, O, C, k, m)]


def large(rng):
    """An image of which the drawing of the pixels takes no time."""
    return [(some(rng, 700, 1) * some(rng, 1, 700))[None, None], some(rng, 1, 1, 1, 2)]


def small_only(wrong):
    """A mistake that is not looked for in the large image, which is there to be timed."""

    def on_small(x, w):
        if x.size > 10_000:
            raise ValueError("too large")
        return wrong(x, w)

    return on_small


fast_conv2d.check("three images, two channels, four filters", 1, images_and_filters(3, 2, 4, 6, 6, 3, 3))
fast_conv2d.check("kernels that are not square", 1, images_and_filters(2, 3, 2, 5, 7, 2, 3), hidden=True)
fast_conv2d.check("an image of 700 × 700, in time", 2, large, hidden=True)
fast_conv2d.mistake("The kernels were turned by 180°, as mathematicians do. Here they stay as they are.")(
    small_only(lambda x, w: fast_conv2d.answer(x, w[:, :, ::-1, ::-1]))
)
fast_conv2d.mistake("Only the first channel was used: a filter adds up the products of all channels.")(
    small_only(lambda x, w: fast_conv2d.answer(x[:, :1], w[:, :1]))
)
fast_conv2d.mistake("The map came out flat: give it its rows and columns back, shape (N, O, H', W').")(
    small_only(lambda x, w: fast_conv2d.answer(x, w).reshape(len(x), len(w), -1))
)
fast_conv2d.mistake("Images and filters have changed places: shape (N, O, H', W').")(
    small_only(lambda x, w: np.swapaxes(fast_conv2d.answer(x, w), 0, 1))
)
fast_conv2d.hints(
    "What costs time is each turn of a Python loop, not the products. Which loops are short? Those over the kernel.",
    "For one weight of all kernels: it meets the block x[:, :, u : u + H', v : v + W'] at all places at once. "
    "Add up such blocks, each times its weights.",
    "The weights w[:, :, u, v] have shape (O, C), the block (N, C, H', W'): "
    '`np.einsum("nchw,oc->nohw", block, weights)`.',
)


# Pooling


@ask("q8", "max_pool", "Max pooling")
def max_pool(x, k):
    windows = np.lib.stride_tricks.sliding_window_view(x, (k, k), (2, 3))
    return windows[:, :, ::k, ::k].max((4, 5))


def maps(N, C, rows, cols, k, down=0.0):
    return lambda rng: [rng.permutation(N * C * rows * cols).reshape(N, C, rows, cols) / 10 - down, k]


max_pool.check("windows of 2 × 2", 1, maps(2, 2, 4, 6, 2))
max_pool.check("windows of 3 × 3, and a remainder", 1, maps(1, 2, 7, 8, 3))
max_pool.check("negative numbers only", 1, maps(2, 3, 5, 6, 2, down=50.0), hidden=True)
max_pool.mistake("This is the mean of each window; the largest number was asked for.")(
    lambda x, k: np.lib.stride_tricks.sliding_window_view(x, (k, k), (2, 3))[:, :, ::k, ::k].mean((4, 5))
)
max_pool.mistake("The windows overlap: they lie side by side, so the next one begins k further on.")(
    lambda x, k: np.lib.stride_tricks.sliding_window_view(x, (k, k), (2, 3)).max((4, 5))
)
max_pool.mistake("Each channel is pooled on its own.")(
    lambda x, k: np.repeat(max_pool.answer(x, k).max(1, keepdims=True), x.shape[1], 1)
)
max_pool.mistake("A window that does not fit is left out, as for a convolution.")(
    lambda x, k: max_pool.answer(
        np.pad(x, ((0, 0), (0, 0), (0, -x.shape[2] % k), (0, -x.shape[3] % k)), constant_values=-np.inf), k
    )
)
max_pool.mistake("Where all numbers are negative, the largest is negative too: start with the window, not with 0.")(
    lambda x, k: np.maximum(max_pool.answer(x, k), 0)
)
max_pool.mistake("This is the smallest number of each window.")(lambda x, k: -max_pool.answer(-x, k))
max_pool.mistake("Not the largest number but every k-th was taken: that is stride, not pooling.")(
    lambda x, k: x[:, :, : x.shape[2] // k * k : k, : x.shape[3] // k * k : k]
)
max_pool.hints(
    "H // k rows and W // k columns. Cut off first what does not fit.",
    "`x.reshape(N, C, rows, k, cols, k)` gives each window two axes of its own, 3 and 5; take the maximum over both.",
)


# Backward


@ask("q9", "kernel_gradient", "Back to the kernels")
def kernel_gradient(g, x):
    windows = np.lib.stride_tricks.sliding_window_view(x, g.shape[2:], (2, 3))
    return np.einsum("ncuvij,noij->ocuv", windows, g)


def arriving(N, C, O, rows, cols, k, m):
    return lambda rng: [some(rng, N, O, rows - k + 1, cols - m + 1), some(rng, N, C, rows, cols)]


kernel_gradient.check("one image, one channel, one filter", 1, arriving(1, 1, 1, 5, 5, 3, 3))
kernel_gradient.check("three images, two channels, four filters", 1, arriving(3, 2, 4, 5, 5, 3, 3))
kernel_gradient.check("nothing is square", 2, arriving(2, 3, 2, 4, 7, 2, 3), hidden=True)
kernel_gradient.mistake("Every image says how the weights should move, and this adds up: the mean was taken.")(
    lambda g, x: kernel_gradient.answer(g, x) / len(x)
)
kernel_gradient.mistake("A weight takes part at every place; here only the first place has its say.")(
    lambda g, x: np.einsum(
        "ncuv,no->ocuv", x[:, :, : x.shape[2] - g.shape[2] + 1, : x.shape[3] - g.shape[3] + 1], g[:, :, 0, 0]
    )
)
kernel_gradient.mistake("The gradient came out turned by 180°: weight (u, v) met the pixel (i + u, j + v).")(
    lambda g, x: kernel_gradient.answer(g, x)[:, :, ::-1, ::-1]
)
kernel_gradient.mistake("Filters and channels have changed places: the result has the shape of w, (O, C, k, m).")(
    lambda g, x: np.swapaxes(kernel_gradient.answer(g, x), 0, 1)
)
kernel_gradient.mistake("Only the last image has its say: the gradients of all images add up.")(
    lambda g, x: kernel_gradient.answer(g[-1:], x[-1:])
)
kernel_gradient.mistake("The mean over all places was taken: what the places say adds up.")(
    lambda g, x: kernel_gradient.answer(g, x) / g[0, 0].size
)
kernel_gradient.hints(
    "How large is a kernel? From H' = H - k + 1 follows k = H - H' + 1.",
    "Weight w[o, c, u, v] met the pixel x[n, c, i + u, j + v] at each place (i, j) of each image. "
    "So its gradient is the sum over n, i, j of g[n, o, i, j] · x[n, c, i + u, j + v].",
    "For fixed u, v the pixels form a block of the size of g: "
    '`np.einsum("noij,ncij->oc", g, x[:, :, u : u + rows, v : v + cols])`.',
)


@ask("q10", "image_gradient", "Back to the image")
def image_gradient(g, w):
    k, m = w.shape[2:]
    margin = np.pad(g, ((0, 0), (0, 0), (k - 1, k - 1), (m - 1, m - 1)))
    windows = np.lib.stride_tricks.sliding_window_view(margin, (k, m), (2, 3))
    return np.einsum("noijuv,ocuv->ncij", windows, w[:, :, ::-1, ::-1])


def sent_back(N, C, O, rows, cols, k, m):
    return lambda rng: [some(rng, N, O, rows, cols), some(rng, O, C, k, m)]


def overwritten(g, w):
    (N, _, rows, cols), (_, C, k, m) = g.shape, w.shape
    out = np.zeros((N, C, rows + k - 1, cols + m - 1))
    for i, j in np.ndindex(rows, cols):
        out[:, :, i : i + k, j : j + m] = np.einsum("no,ocuv->ncuv", g[:, :, i, j], w)
    return out


image_gradient.check("one image, one channel, one filter", 1, sent_back(1, 1, 1, 3, 3, 3, 3))
image_gradient.check("two images, three channels, four filters", 1, sent_back(2, 3, 4, 4, 4, 3, 3))
image_gradient.check("nothing is square, as many filters as channels", 2, sent_back(2, 3, 3, 2, 5, 3, 2), hidden=True)
image_gradient.mistake("Windows overlap, so a pixel hears from several places: add, do not overwrite.")(overwritten)
image_gradient.mistake("The kernel is turned by 180° on the way back: pixel (i + u, j + v) hears of place (i, j).")(
    lambda g, w: image_gradient.answer(g, w[:, :, ::-1, ::-1])
)
image_gradient.mistake("This is the kernel's way forward once more: the map has become smaller, not the image again.")(
    lambda g, w: np.einsum("noijuv,ocuv->ncij", np.lib.stride_tricks.sliding_window_view(g, w.shape[2:], (2, 3)), w)
)
image_gradient.mistake("Only the first filter was asked: a channel hears from all filters.")(
    lambda g, w: image_gradient.answer(g[:, :1], w[:1])
)
image_gradient.mistake("Filters and channels have changed places in w.")(
    lambda g, w: image_gradient.answer(g, np.swapaxes(w, 0, 1))
)
image_gradient.hints(
    "Start with zeros of the image's shape: (N, C, H' + k - 1, W' + m - 1).",
    "Place (i, j) of map o had seen the window at (i, j) through w[o]. So going back it *adds* g[n, o, i, j] · w[o] "
    "to that window.",
    "For fixed u, v all places at once: `dx[:, :, u : u + rows, v : v + cols] += "
    'np.einsum("noij,oc->ncij", g, w[:, :, u, v])`.',
)


# The stretch


@ask("q11", "detector", "Stretch: a detector of your own")
def detector(pattern):
    return pattern - (1.0 - pattern), 0.5 - float(np.sum(pattern))


def fires_at(answer, pattern, windows):
    told = answer(pattern)
    if not isinstance(told, (tuple, list)) or len(told) != 2 or np.shape(told[0]) != pattern.shape:
        raise ValueError("it returns two things: weights of the pattern's shape, and one number")
    w, b = told
    return np.einsum("nuv,uv->n", windows, np.asarray(w, float)) + float(np.ravel(b)[0]) > 0


PLUS = np.array([[0, 1, 0], [1, 1, 1], [0, 1, 0]])
ALL = np.array(list(itertools.product([0, 1], repeat=9))).reshape(512, 3, 3)


def near(rng, k):
    """A pattern of its own, and windows: the pattern, each that differs in one pixel, and a crowd of others."""
    pattern = rng.permutation(np.arange(k * k) < rng.integers(4, k * k - 3)).reshape(k, k).astype(int)
    flips = np.eye(k * k, dtype=int).reshape(-1, k, k)
    crowd = rng.integers(0, 2, (200, k, k))
    return [pattern, np.concatenate([pattern[None], (pattern + flips) % 2, crowd, np.ones((1, k, k), int)])]


detector.check("a plus, among all 512 windows of 3 × 3", 1, lambda rng: [PLUS, rng.permutation(ALL)], call=fires_at)
detector.check(
    "any pattern of 3 × 3", 1, lambda rng: [near(rng, 3)[0], rng.permutation(ALL)], call=fires_at, hidden=True
)
detector.check("a pattern of 6 × 6 and its neighbours", 1, lambda rng: near(rng, 6), call=fires_at, hidden=True)
detector.mistake("It fires also where there is more ink than in the pattern: paper must count as well, against it.")(
    lambda pattern: (1.0 * pattern, 0.5 - np.sum(pattern))
)
detector.mistake("It never fires, not even at the pattern itself: is the threshold too high?")(
    lambda pattern: (2.0 * pattern - 1, -1e6)
)
detector.mistake("It fires at everything: is the bias missing, or its sign the wrong way round?")(
    lambda pattern: (2.0 * pattern - 1, 1e6)
)
detector.mistake("It fires wherever more ink than paper is in place; only the whole pattern may cross the threshold.")(
    lambda pattern: (2.0 * pattern - 1, 0.0)
)
detector.mistake("It fires also where a pixel is amiss: put the threshold between the best sum and the second best.")(
    lambda pattern: (2.0 * pattern - 1, 1.5 - np.sum(pattern))
)
detector.hints(
    "Weights: which sign for a pixel that must be ink, which for one that must be paper?",
    "With +1 and -1 the pattern itself gets the largest sum that there is. How much is it, and how much is the second "
    "largest?",
    "One wrong pixel costs 1. Put the bias halfway between.",
)

for question in assignment.questions.values():
    for each in question.checks:
        each.atol = 5e-5  # numbers have two decimals, their products four; and some like to work in float32
