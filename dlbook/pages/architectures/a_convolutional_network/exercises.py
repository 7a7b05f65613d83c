"""Checks of the exercises of the page "A convolutional network"."""

import numpy as np

from dlbook.page.exercises import Exercises, Mistake, as_array, call, call_or_explain, same

check = Exercises()

COUNTS = (168, 880, 650)
COUNT_MISTAKES = (
    ((162, 864, 640), "Those are the weights. Each filter, and each of the ten scores, has a bias as well."),
    ((60, 880, 650), "The first layer reads three channels: a filter has 3 × 3 weights for each of them."),
    ((168, 160, 650), "A filter of the second layer has a slice for each of the 6 maps that it reads, not just one."),
    ((60, 160, 650), "A filter has a slice of 3 × 3 weights for *each* channel that it reads: 3, then 6."),
    ((168, 880, 10250), "The linear layer comes after two poolings: 8 × 8 became 4 × 4, then 2 × 2."),
    ((168, 880, 2570), "You pooled once. After two poolings 8 × 8 pixels are 2 × 2."),
    ((168, 880, 170), "Flattening keeps every number of every map: 16 maps of 2 × 2 are 64 numbers, not 16."),
    ((168, 880, 50), "Flattening keeps every number of *all* maps: 16 maps of 2 × 2 are 64 numbers."),
    ((168, 880, 640), "The ten scores of the linear layer have a bias each."),
    ((168, 864, 650), "The 16 filters of the second convolution have a bias each."),
    ((162, 880, 650), "The 6 filters of the first convolution have a bias each."),
    ((650, 880, 168), "The numbers are right, their order is not: first convolution, second, linear layer."),
    ((168, 2320, 650), "A filter of the second layer reads the 6 maps of the first, not 16."),
    ((10752, 14080, 650), "You counted once for each place. All places share their weights."),
)  # fmt: skip


@check.exercise("4.3a")
def parameters_of_three_layers(counts):
    """Three channels to 6 filters, 6 to 16, 64 numbers to 10."""
    counts = as_array(counts, "The three numbers")
    if counts.shape != (3,):
        raise Mistake(f"Give three numbers: first convolution, second, linear layer. I received {counts.size}.")
    _count_mistake(counts)
    for count, want, name in zip(
        counts, COUNTS, ("first convolution", "second convolution", "linear layer"), strict=True
    ):
        same(count, want, f"The {name}", show=False)
    return "1,698 in all, and 880 of them in the second convolution: it reads six maps at once."


def _count_mistake(counts):
    for wrong, words in COUNT_MISTAKES:
        if np.array_equal(counts, wrong):
            raise Mistake(words)


def field(layers):
    """Pixels along an axis that one number has seen, after layers of (size, stride)."""
    seen, apart = 1, 1
    for size, stride in layers:
        seen += (size - 1) * apart
        apart *= stride
    return seen


def _late(layers):
    seen, apart = 1, 1
    for size, stride in layers:
        apart *= stride
        seen += (size - 1) * apart
    return seen


def _sum_of_strides(layers):
    seen, apart = 1, 1
    for size, stride in layers:
        seen += (size - 1) * apart
        apart += stride - 1
    return seen


FIELD_MISTAKES = (
    (lambda layers: 1 + sum(k - 1 for k, _ in layers),
     "The strides are missing: behind a stride of 2, one place further is two pixels further."),
    (lambda layers: sum(k for k, _ in layers),
     "Windows overlap: a layer adds k − 1 places, not k. And the strides are missing."),
    (lambda layers: np.prod([k for k, _ in layers]), "Sizes are not multiplied: windows overlap."),
    (lambda layers: field(layers[::-1]),
     "You went from the last layer to the first, and counted strides that come later."),
    (_late, "A layer's own stride counts only for the layers behind it: add first, then multiply."),
    (lambda layers: field(layers[:-1]), "The last layer is missing: its window counts as well."),
    (lambda layers: field(layers) - 1, "Begin with 1: a pixel has seen itself."),
    (_sum_of_strides, "Strides multiply: two strides of 2 put neighbours four pixels apart."),
    (lambda layers: field([(k + 1, s) for k, s in layers]),
     "A layer adds k − 1 places, not k: the windows of neighbours overlap."),
    (lambda layers: field([(k - 1, s) for k, s in layers]),
     "A layer adds k − 1 places, not k − 2: from the first to the last of k there are k − 1 steps."),
    (lambda layers: np.prod([s for _, s in layers]),
     "That is how far apart two neighbours of the last map are, in pixels. How many pixels does one of them see?"),
    (lambda layers: field(layers) ** 2, "That is the area. Along one axis is asked."),
    (lambda layers: layers[-1][0],
     "That is the last layer's window, in places of the map before. In pixels it is more."),
)  # fmt: skip


@check.exercise("4.3b")
def receptive_field(function):
    """Five stacks; a mistake is named when it explains every answer."""
    stacks = [
        [(3, 1)],
        [(3, 1), (3, 1)],
        [(3, 1), (2, 2), (3, 1), (2, 2)],
        [(5, 2), (3, 2), (3, 2)],
        [(7, 3), (2, 2), (5, 1)],
    ]
    got = [as_array(call(function, stack), f"For {stack}") for stack in stacks]
    want = [field(stack) for stack in stacks]
    if not all(np.array_equal(mine, right) for mine, right in zip(got, want, strict=True)):
        for wrong, words in FIELD_MISTAKES:
            if all(np.array_equal(mine, wrong(stack)) for mine, stack in zip(got, stacks, strict=True)):
                raise Mistake(words)
    for mine, right, stack in zip(got, want, stacks, strict=True):
        same(mine, right, f"For layers of (size, stride) {stack}")
    return "One number of this page's last maps has seen 10 × 10 pixels: more than the whole digit."


BLOCK = (0.0, 2.0, 1.5)
BLOCK_MISTAKES = (
    ((3.0, 2.0, 1.5), "You applied ReLU to what the block makes of x, before adding. Add first, then ReLU."),
    ((-1.0, 2.0, 1.5), "That is the sum. ReLU comes last: what is negative becomes 0."),
    ((0.0, 2.0, 0.5), "That is what the block makes of x, after ReLU. What came in is missing."),
    ((3.0, 0.0, 1.0), "That is x itself. The block adds something to it."),
    ((-12.0, 0.0, 0.5), "You multiplied. The two are added."),
    ((0.0, 0.0, 0.5), "You multiplied, then ReLU. The two are added."),
    ((7.0, 0.0, 0.5), "You took what the block makes away from x. It is added."),
    ((7.0, -2.0, 0.5), "You took what the block makes away from x. It is added; and ReLU comes last."),
    ((7.0, 2.0, 1.5), "You dropped a sign: the block adds −4 to the 3."),
    ((1.0, 2.0, 1.5), "ReLU makes a negative number 0; it does not turn its sign."),
    ((-4.0, 2.0, 0.5), "That is what the block makes of x. What came in is added, and then ReLU."),
    ((0.0, 1.0, 0.75), "You took the mean. The two are added."),
)  # fmt: skip


@check.exercise("4.3c")
def residual_by_hand(y):
    """ReLU of (3, 0, 1) + (−4, 2, 0.5)."""
    same(y, BLOCK, "For x = (3, 0, 1)", BLOCK_MISTAKES, rtol=1e-3, show=False)
    return "What came in, plus what the block makes of it, and ReLU last: 0, 2 and 1.5."


def conv1d(x, w, b):
    """Convolve signals x (N, C, T) with w (O, C, k) and add b (O,)."""
    windows = np.lib.stride_tricks.sliding_window_view(x, w.shape[2], axis=2)  # (N, C, T', k)
    return np.einsum("nctk,ock->not", windows, w) + b[:, None]


CONV_MISTAKES = (
    (lambda x, w, b: conv1d(x, w, 0 * b), "The bias is missing: each filter adds its own to all of its answers."),
    (lambda x, w, b: conv1d(x, w[..., ::-1], b),
     "You turned the filter round, as `np.convolve` does. Here nothing is turned: `np.correlate`."),
    (lambda x, w, b: conv1d(x[:, :1], w[:, :1], b),
     "Only the first channel is read. A filter adds up over all of them."),
    (lambda x, w, b: conv1d(x[:, -1:], w[:, -1:], b), "Only the last channel is left: add with `+=`."),
    (lambda x, w, b: conv1d(x, w, b) / x.shape[1], "You took the mean over the channels. They are added up."),
    (lambda x, w, b: conv1d(x, w, b) / w.shape[2], "You took the mean over the window. The products are added up."),
    (lambda x, w, b: conv1d(x, w, b)[:, :, :-1], "The last place is missing: there are T − k + 1."),
    (lambda x, w, b: conv1d(np.pad(x, ((0, 0), (0, 0), (w.shape[2] // 2,) * 2)), w, b),
     "You padded. Here the window stays inside: T − k + 1 places."),
    (lambda x, w, b: conv1d(x, w, b).swapaxes(1, 2), "The axes of your answer are exchanged: (N, O, T − k + 1)."),
    (lambda x, w, b: conv1d(x, w, x.shape[1] * b), "The bias is added once for each channel. Once in all is enough."),
    (lambda x, w, b: conv1d(x, w, w.shape[2] * b),
     "The bias is added once for each weight of the window. Once in all is enough."),
    (lambda x, w, b: np.maximum(conv1d(x, w, b), 0), "That is after ReLU. The convolution alone is asked for."),
    (lambda x, w, b: conv1d(x, w, b)[:1], "Only the first signal of the batch is answered."),
    (lambda x, w, b: conv1d(x, w, b)[:, :1], "Only the first filter answers."),
    (lambda x, w, b: conv1d(x, w, b).max(2), "That is after pooling: keep the answers at all places."),
    (lambda x, w, b: -conv1d(x, w, b), "The sign is turned."),
    (lambda x, w, b: conv1d(x, w, b)[:, :, ::2], "Your window moves by two. Every place is asked for."),
)  # fmt: skip

STEPS = (
    ("Step 1, one signal, one channel, one filter", (1, 1, 7), (1, 1, 3), False),
    ("Step 2, with a bias", (1, 1, 7), (1, 1, 3), True),
    ("Step 3, three channels", (1, 3, 8), (1, 3, 3), True),
    ("Step 4, four filters", (1, 3, 8), (4, 3, 3), True),
    ("Step 5, five signals, an even window", (5, 2, 9), (3, 2, 4), True),
)


@check.exercise("4.3d")
def convolution_along_time(function):
    """From one signal and one filter to a batch with channels and filters, step by step."""
    rng = np.random.default_rng(5)
    for step, (name, signals, filters, bias) in enumerate(STEPS):
        case = rng.normal(size=signals), rng.normal(size=filters), bias * rng.normal(size=filters[0])
        words = f"{name}: x {signals}, w {filters}, b {filters[:1]} stopped your function."
        got = as_array(call_or_explain(function, *case, phrase="rror", words=words), name)
        want = conv1d(*case)
        if got.shape == want.shape and np.allclose(got, want):
            continue
        for wrong, told in CONV_MISTAKES:
            guess = wrong(*case)
            if got.shape == guess.shape and np.allclose(got, guess) and not _same(guess, want):
                raise Mistake(f"{name}: {told[0].lower() + told[1:]}")
        if got.shape != want.shape:
            raise Mistake(f"{name}: expected an array of shape {want.shape}, received one of shape {got.shape}.")
        n, o, t = np.argwhere(~np.isclose(got, want))[0]
        passed = f" Steps 1 to {step} are right." if step else ""
        here = f"{name}: signal {n}, filter {o}, place {t} should be {want[n, o, t]:.4g}; yours is {got[n, o, t]:.4g}."
        raise Mistake(here + passed)
    return "All five steps. Two axes in place of three, and it is the convolution of images."


def _same(one, other):
    return one.shape == other.shape and np.allclose(one, other)


def slid(image, down, right):
    """The image (H, W), moved; what leaves the frame is lost, what comes in is 0."""
    out = np.zeros_like(image)
    h, w = image.shape
    out[max(down, 0) : h + min(down, 0), max(right, 0) : w + min(right, 0)] = image[
        max(-down, 0) : h + min(-down, 0), max(-right, 0) : w + min(-right, 0)
    ]
    return out


REACH = (-1, 0, 1)
FORBIDDEN = (
    (lambda x: x[:, ::-1], "mirrored: a 3 turned round is no digit that anybody writes"),
    (lambda x: x[::-1], "turned upside down: a 6 becomes nearly a 9, and keeps the name 6"),
    (lambda x: x[::-1, ::-1], "turned by 180°: a 6 becomes a 9, and keeps the name 6"),
    (lambda x: x.T, "with rows and columns exchanged, which is a mirror image"),
    (lambda x: np.rot90(x), "turned by 90°: a digit on its side, which no test digit is"),
    (lambda x: np.rot90(x, -1), "turned by 90°: a digit on its side, which no test digit is"),
    (lambda x: 1 - x, "with ink and paper exchanged"),
)


@check.exercise("4.3e")
def augmentation(function):
    """Two hundred calls on an image without any symmetry, each with another generator."""
    image = np.random.default_rng(6).uniform(0.2, 1, (8, 8))
    places = {}
    for seed in range(200):
        rng = np.random.default_rng(seed)
        got = as_array(call(function, image, rng), "For an image of 8 × 8")
        if got.shape != image.shape:
            raise Mistake(
                f"For an image of 8 × 8: expected an array of shape (8, 8), received one of shape {got.shape}."
            )
        place = _where(got, image)
        places[place] = places.get(place, 0) + 1
    if set(places) == {(0, 0)}:
        raise Mistake("Every call gave the image back as it was. Slide it by a random way.")
    if len(places) == 1:
        raise Mistake("Every call gave the same picture. Draw the way anew in each call, from `rng`.")
    return _judged(places)


def _judged(places):
    """Say what is missing of the nine ways to slide."""
    downs, rights = ({place[axis] for place in places} for axis in (0, 1))
    for moves, name in ((downs, "down or up"), (rights, "to the side")):
        if moves == {0}:
            raise Mistake(f"It never slides {name}.")
        if moves == {0, 1}:
            raise Mistake(
                "It slides one way only, never back: `rng.integers(-1, 2)` draws −1, 0 or 1; the upper end is left out."
            )  # noqa: E501
        if moves == {-1, 0}:
            raise Mistake(
                "It never slides by +1: the upper end of `rng.integers` is left out, so `rng.integers(-1, 2)`."
            )
        if 0 not in moves:
            raise Mistake(f"It always slides {name}. Leave it as it is now and then: −1, 0 or 1.")
    if all(down == right for down, right in places):
        raise Mistake("It slides along one diagonal only. Draw two numbers, one down, one to the side.")
    if len(places) < 9:
        raise Mistake(f"Of nine ways to slide by at most one pixel I saw {len(places)} in 200 calls.")
    return "Nine ways to slide, none of them makes another digit of it."


def _where(got, image):
    for down in REACH:
        for right in REACH:
            if np.allclose(got, slid(image, down, right)):
                return down, right
    for wrong, words in FORBIDDEN:
        for down in REACH:
            for right in REACH:
                both = slid(wrong(image), down, right), wrong(slid(image, down, right))
                if any(np.allclose(got, other) for other in both):
                    raise Mistake(f"In one of the calls the image came back {words}. The label must stay true.")
    for down in (-2, -1, 0, 1, 2):
        for right in (-2, -1, 0, 1, 2):
            if np.allclose(got, np.roll(image, (down, right), (0, 1))):
                raise Mistake("Ink that leaves at one side comes in at the other: `np.roll` goes round. Fill with 0.")
            if np.allclose(got, slid(image, down, right)):
                raise Mistake(f"It slid by ({down}, {right}). At most one pixel was asked for.")
    if np.isclose(np.sort(got.ravel()), np.sort(image.ravel())).all():
        raise Mistake("The pixels are all there, and scrambled. Slide the image as a whole.")
    raise Mistake("What came back is not the image slid by at most one pixel, with 0 where nothing came in.")
