"""Checks of the exercises of the page "Vanishing and exploding"."""

from functools import partial

import numpy as np

from dlbook.page.exercises import Exercises, Mistake, as_array, call, call_or_explain, same

check = Exercises()

LEAKY_MISTAKES = (
    (2**0.5, "That is He’s size for ReLU, which sets the left half to 0. Here it comes through halved."),
    (
        1.0,
        "That keeps the sums if the slope is 1 everywhere. Half of them come through halved, and sizes shrink.",
    ),
    (1.6, "That is the variance. The spread is its root."),
    (0.625, "That is the mean square of the slopes. The weights must make up for it: 1 / √0.625."),
    (0.625**0.5, "That is the typical slope, by which each layer shrinks sizes. The weights must make up for it."),
    (4 / 3, "You took the mean slope, ¾. Sizes are squares: take the mean of 1² and ½²."),
    (0.75, "That is the mean slope. Take the mean of the squares, and let the weights make up for it."),
    ((4 / 3) ** 0.5, "You took the mean slope, ¾. Take the mean of the squares, 1² and ½²."),
    (0.8**0.5, "You added 1² and ½². Half of the sums have each slope: take the mean."),
    (0.8, "That is 1 / (1² + ½²). Half of the sums have each slope: take the mean; and the spread is a root."),
    (2.0, "That makes up for ½ everywhere. Only the left half comes through halved."),
    (
        8**0.5,
        "You made up for ReLU’s half and for ½ besides. The left half still gives ¼ of its square.",
    ),
    (1.25, "You added 1² and ½². Half of the sums have each: take the mean. The weights must make up for its root."),
    (1.25**0.5, "That is the root of 1² + ½². Take the mean of the two; the weights must make up for its root."),
    (0.75**0.5, "You took the mean slope, ¾. Take the mean of the squares, 1² and ½², and make up for its root."),
    (-(1.6**0.5), "A spread is not negative: take the positive root."),
    (1.3, "Close, but too coarse: over twenty layers sizes grow by a factor of 1.7. Give two decimals."),
)


@check.exercise("3.5a")
def leaky_start(scale):
    """1 / √((1² + ½²) / 2)."""
    scale = as_array(scale, "The number")
    if scale.shape != ():
        raise Mistake(f"One number is asked for. I received an array of shape {scale.shape}.")
    same(scale, 1.6**0.5, "For slopes 1 and ½", LEAKY_MISTAKES, rtol=4.5e-3, show=False)  # 1.26; 1.27
    return "The mean square of the slopes is (1 + ¼) / 2 = 0.625, and 1 / √0.625 = 1.26."


def first_weights(n_in, n_out, kind, rng, variance=None, root=True, turned=False, uniform=None, low=0.0):
    """Xavier's or He's first weights; the options make the usual mistakes."""
    right = {"xavier": lambda a, b: 2 / (a + b), "he": lambda a, b: 2 / a}[kind]
    size = (variance or (lambda a, b, _: right(a, b)))(n_in, n_out, kind)
    size = size**0.5 if root else size
    shape = (n_out, n_in) if turned else (n_in, n_out)
    return rng.uniform(low, 1, shape) * size * uniform if uniform else size * rng.normal(size=shape)


START_MISTAKES = (
    ({"root": False}, "That is the variance as spread. `rng.normal` multiplied by a number has that number as spread: "
     "take the root."),
    ({"variance": lambda a, b, kind: 2 / a}, "Your Xavier is He’s. It takes the mean of the two numbers of units."),
    ({"variance": lambda a, b, kind: 2 / (a + b)}, "Your He is Xavier’s. For ReLU only n_in counts: 2 / n_in."),
    ({"variance": lambda a, b, kind: {"he": 2 / (a + b), "xavier": 2 / a}[kind]}, "You have exchanged the two."),
    ({"variance": lambda a, b, kind: 2 / b if kind == "he" else 2 / (a + b)}, "He’s size looks at what comes in: "
     "2 / n_in. Yours looks at n_out."),
    ({"variance": lambda a, b, kind: 1 / a if kind == "he" else 2 / (a + b)}, "Your He forgets that a ReLU sets half "
     "of all answers to 0: the variance is 2 / n_in."),
    ({"variance": lambda a, b, kind: 2 / a if kind == "he" else 1 / (a + b)}, "Your Xavier is half of what it should "
     "be: the mean of n_in and n_out is (n_in + n_out) / 2, and 1 over it is 2 / (n_in + n_out)."),
    ({"variance": lambda a, b, kind: 1 / a if kind == "xavier" else 2 / a}, "Your Xavier looks at n_in only. It takes "
     "the mean of n_in and n_out: 2 / (n_in + n_out)."),
    ({"variance": lambda a, b, kind: 1 / b if kind == "xavier" else 2 / a}, "Your Xavier looks at n_out only. It takes "
     "the mean of n_in and n_out: 2 / (n_in + n_out)."),
    ({"variance": lambda a, b, kind: 1 / a if kind == "he" else 1 / (a + b)}, "Both variances are half of what they "
     "should be: the 2 above the line is missing."),
    ({"variance": lambda a, b, kind: 4 / a if kind == "he" else 4 / (a + b)}, "The 2 belongs under the root as well: "
     "the root of 2 / n_in, not 2 over the root of n_in."),
    ({"variance": lambda a, b, kind: 2 / a**2 if kind == "he" else 2 / (a + b) ** 2}, "You took the root of the 2 "
     "alone. The number of units belongs under it, too."),
    ({"variance": lambda a, b, kind: 2 / a if kind == "he" else 4 / (a + b) ** 2}, "Your He is right. In your Xavier "
     "the root is missing: 2 / (n_in + n_out) is the variance."),
    ({"variance": lambda a, b, kind: 4 / a**2 if kind == "he" else 2 / (a + b)}, "Your Xavier is right. In your He the "
     "root is missing: 2 / n_in is the variance."),
    ({"variance": lambda a, b, kind: 6 / a if kind == "he" else 6 / (a + b)}, "With √6 one has the ends of a uniform "
     "distribution. The spread of a normal one has √2."),
    ({"variance": lambda a, b, kind: 1 / a}, "1 / n_in keeps the sums of tanh on the way forward only. Xavier also "
     "looks at n_out, and He makes up for ReLU."),
    ({"variance": lambda a, b, kind: 1}, "The spread is 1, whatever the sizes. With n inputs sums grow by √n. "
     "(The first number of `rng.normal` is the mean; the spread is the second.)"),
    ({"uniform": 1.0, "low": -1.0}, "Between −1 and 1 the uniform distribution has the spread 1/√3. Multiply by √3, or "
     "take `rng.normal`."),
)  # fmt: skip


def _spread(w, shape, kind):
    """The spread of the reader's first weights, if they are random at all."""
    given = f"For {shape[0]} inputs, {shape[1]} units, {kind!r}"
    if w.shape != shape:
        turned = " Yours is the other way round: in this book x @ w." if w.shape == shape[::-1] else ""
        raise Mistake(f"{given}: expected weights of shape {shape}, received {w.shape}.{turned}")
    if not np.isfinite(w).all():
        raise Mistake(f"{given}: some weights are not finite numbers.")
    if w.std() < 1e-9:
        raise Mistake(f"{given}: all weights are the same. Units that start equal stay equal.")
    if abs(w.mean()) > 0.2 * w.std():
        raise Mistake(f"{given}: the weights have the mean {w.mean():.2g}. They should be spread about 0.")
    return w.std()


@check.exercise("3.5b")
def build_start(function):
    """Random weights of variance 2 / (n_in + n_out), or 2 / n_in."""
    cases = [((a, b), kind) for a, b in ((400, 100), (100, 300)) for kind in ("xavier", "he")]
    got = []
    for shape, kind in cases:
        given = f"For {shape[0]} inputs, {shape[1]} units, {kind!r}"
        w = as_array(call(function, *shape, kind, np.random.default_rng(1)), given)
        got.append(_spread(w, shape, kind))

    def agree(**how):
        want = [first_weights(*shape, kind, np.random.default_rng(2), **how).std() for shape, kind in cases]
        return np.allclose(got, want, rtol=0.03)

    if not agree():
        for how, words in START_MISTAKES:
            if agree(**how):
                raise Mistake(words)
        for (shape, kind), spread in zip(cases, got, strict=True):
            want = first_weights(*shape, kind, np.random.default_rng(2)).std()
            if not np.isclose(spread, want, rtol=0.03):
                raise Mistake(f"For {shape[0]} inputs, {shape[1]} units, {kind!r}: expected a spread of about "
                              f"{want:.3f}, received {spread:.3f}.")  # fmt: skip
    again = [as_array(call(function, 3, 2, "he", np.random.default_rng(seed)), "Called again") for seed in (1, 1, 2)]
    if np.allclose(again[0], again[2]) or not np.allclose(again[0], again[1]):
        raise Mistake("Draw from the `rng` that you are given: the same rng must give the same weights, another other.")
    return "PyTorch calls them `nn.init.xavier_normal_` and `nn.init.kaiming_normal_`."


def normalised(z, gain, bias, axis=0, root=True, ddof=0, centre=True, eps=1e-5, scaled=True, moved=True, first=False,
               only_centre=False, divided=True, bare=False):  # fmt: skip
    """Batch normalisation, layer normalisation with axis 1; the options make the usual mistakes."""
    if bare:
        return gain * (z - z.mean(axis, keepdims=True) / np.sqrt(z.var(axis, keepdims=True) + eps)) + bias
    if axis is None:
        mean, var = z.mean(), z.var()
    else:
        mean, var = z.mean(axis, keepdims=True), z.var(axis, ddof=ddof, keepdims=True)
    below = np.sqrt(var + eps) if root else var + eps
    z_hat = (z - mean if centre else z) / (1 if only_centre else below)
    z_hat = z_hat if divided else (z - mean) * below
    if first:
        return gain * (z_hat + bias)
    return (gain if scaled else 1) * z_hat + (bias if moved else 0)


NORM_MISTAKES = (
    ({"axis": 1}, "You normalise each digit over its units, along axis 1. That is layer normalisation. Batch "
     "normalisation takes each unit over the batch."),
    ({"axis": None}, "You took one mean and one variance for all numbers. Each unit, each column, has its own."),
    ({"root": False}, "You divide by the variance. Divide by its root, the spread."),
    ({"ddof": 1}, "You divide by N − 1 in the variance. Batch normalisation divides by N: `z.var(axis=0)`."),
    ({"centre": False}, "The mean is not taken away before dividing."),
    ({"only_centre": True}, "You take the mean away and do not divide by the spread."),
    ({"divided": False}, "You multiply by the spread. Divide by it."),
    ({"bare": True}, "Only the mean is divided by the spread. Put z − mean in brackets."),
    ({"eps": 1}, "You add 1 to the variance. The tiny number is 1e-5."),
    ({"scaled": False}, "The gain is missing: multiply by it after normalising."),
    ({"moved": False}, "The bias is missing: add it at the end."),
    ({"scaled": False, "moved": False}, "That is normalised. Then multiply by the gain and add the bias."),
    ({"first": True}, "You add the bias before you multiply. It comes last: gain * z_hat + bias."),
)  # fmt: skip


@check.exercise("3.5c")
def build_batch_norm(function):
    """Batch normalisation of sums (N, n)."""
    rng = np.random.default_rng(0)
    cases = [(np.array([[1.0, 2.0], [3.0, 6.0], [4.0, 8.0], [5.0, 1.0], [7.0, 3.0]]), np.array([1.0, 2.0]),
              np.array([0.0, 0.5]))]  # fmt: skip
    cases += [(rng.normal(3, 5, (6, 3)), rng.normal(size=3), rng.normal(size=3))]
    cases += [(rng.normal(size=(4, 4)), rng.normal(size=4), rng.normal(size=4))]
    _judge(function, cases, normalised, NORM_MISTAKES, "gain and bias")
    flat = as_array(call(function, np.full((3, 1), 2.0), np.ones(1), np.zeros(1)), "Where all sums of a unit are equal")
    if not np.isfinite(flat).all():
        raise Mistake("Where all sums of a unit are equal you divide 0 by 0. Add 1e-5 to the variance.")
    same(flat, np.zeros((3, 1)), "Where all sums of a unit are equal")
    return "With five sums 1, 3, 4, 5, 7 it gives the −1.5, −0.5, 0, 0.5, 1.5 that you found by hand."


#: what goes wrong with layer normalisation: what does with batch normalisation, along the other axis
LAYER_MISTAKES = (
    ({"axis": 0}, "You normalise each unit over the batch, along axis 0. That is batch normalisation. Layer "
     "normalisation takes each digit by itself, over its units."),
    ({"axis": None}, "You took one mean and one variance for all numbers. Each digit, each row, has its own."),
    ({"axis": 1, "ddof": 1}, "You divide by n − 1 in the variance. Layer normalisation divides by n: `z.var(axis=1)`."),
    *(({"axis": 1} | how, words) for how, words in NORM_MISTAKES if not {"axis", "ddof"} & how.keys()),
)  # fmt: skip


@check.exercise("3.5d")
def build_layer_norm(function):
    """Layer normalisation of sums (N, n)."""
    rng = np.random.default_rng(4)
    cases = [(np.array([[1.0, 3.0, 4.0, 5.0, 7.0], [2.0, 2.0, 3.0, 9.0, 0.0]]), np.ones(5), np.zeros(5))]
    cases += [(rng.normal(3, 5, (6, 3)), rng.normal(size=3), rng.normal(size=3))]
    cases += [(rng.normal(2, 3, (n, 4)), rng.normal(size=4), rng.normal(size=4)) for n in (4, 1)]
    ask = partial(
        call_or_explain,
        phrase="broadcast",
        words="Shapes do not fit. A mean for each digit is a column, (N, 1): keep the axis, `keepdims=True`. Gain and "
        "bias, (n,), stand beside the units as they are.",
    )

    def layer_norm(z, gain, bias, axis=1, **how):
        return normalised(z, gain, bias, axis=axis, **how)

    _judge(function, cases, layer_norm, LAYER_MISTAKES, "gain and bias", ask)
    flat = as_array(ask(function, np.full((1, 3), 2.0), np.ones(3), np.zeros(3)), "Where all sums of a digit are equal")
    if not np.isfinite(flat).all():
        raise Mistake("Where all sums of a digit are equal you divide 0 by 0. Add 1e-5 to the variance.")
    same(flat, np.zeros((1, 3)), "Where all sums of a digit are equal")
    return "It needs no batch: a digit alone gets the same answer as in company, in training and in use."


def back(g, z_hat, spread, shift=1.0, stretch=1.0, axis=0, total=False, divide=1, sign=1, raw=False,
         flat=False, late=False):  # fmt: skip
    """The way back through batch normalisation; the options make the usual mistakes."""
    pool = np.sum if total else np.mean
    out = g - shift * pool(g, axis=axis, keepdims=True)
    if flat:
        return (out - (g * z_hat).mean(axis, keepdims=True)) / spread
    if late:
        return out - z_hat * (g * z_hat).mean(axis, keepdims=True) / spread
    weight = pool(g, axis=axis, keepdims=True) if raw else pool(g * z_hat, axis=axis, keepdims=True)
    return (out - sign * stretch * z_hat * weight) / spread**divide


BACK_MISTAKES = (
    (
        {"shift": 0, "stretch": 0},
        "That takes mean and spread for fixed. They depend on every sum of the batch.",
    ),
    (
        {"stretch": 0},
        "The mean is there. The spread depends on every sum, too: subtract ẑ times the mean of the product g ẑ. (The "
        "product of the means would be 0.)",
    ),
    ({"shift": 0}, "The spread is there. The mean depends on every sum, too: subtract the mean of g (that of ẑ is 0)."),
    ({"flat": True}, "The mean of g ẑ is one number for each unit. Multiply it by ẑ before you subtract it."),
    ({"late": True}, "Only the last part is divided by the spread. Put all three in brackets, then divide."),
    ({"axis": None}, "You took the means over all numbers. Each unit, each column, has its own: axis 0."),
    ({"shift": -1, "sign": -1}, "The mean of g and ẑ times the mean of g ẑ are taken away, not added."),
    ({"shift": -1}, "The mean of g is taken away, not added."),
    ({"total": True}, "You took sums. Both are means over the batch."),
    ({"divide": 0}, "The division by the spread is missing."),
    ({"divide": -1}, "You multiply by the spread. Divide by it, as on the way forward."),
    ({"divide": 2}, "You divide by the variance. Divide by the spread once."),
    ({"sign": -1}, "ẑ times the mean of g ẑ is taken away, not added."),
    ({"axis": 1}, "Your means run over the units, axis 1, as in layer normalisation. Take them over the batch."),
    ({"raw": True}, "The second mean is that of g ẑ, not of g."),
)


@check.exercise("3.5e")
def build_back(function):
    """The gradient of the sums from that of the normalised sums."""
    rng, cases = np.random.default_rng(3), []
    for z in (np.array([[1.0], [3.0], [4.0], [5.0], [7.0]]), rng.normal(2, 3, (6, 3)), rng.normal(size=(4, 4))):
        spread = np.sqrt(z.var(0, keepdims=True) + 1e-5)
        g = np.eye(5)[:, :1] if len(z) == 5 else rng.normal(size=z.shape)
        cases.append((g, (z - z.mean(0)) / spread, spread))
    _judge(function, cases, back, BACK_MISTAKES, "ẑ and the spread")
    return "Shift or stretch all sums together, and ẑ stays: so the gradient must have no part in either direction."


def _judge(function, cases, reference, mistakes, also, ask=call):
    """Hold the answers to the reference; name the mistake that gives all of them."""
    answers = []
    for inputs in cases:
        given = f"For an array of shape {inputs[0].shape}, {also}"
        answer, want = ask(function, *inputs), reference(*inputs)
        if isinstance(answer, tuple):
            raise Mistake(f"{given}: your function returns {len(answer)} things. One array is asked for. "
                          "(`normalise` above returns ẑ and the spread.)")  # fmt: skip
        got = as_array(answer, given)
        if got.shape != want.shape:
            same(got, want, given)
        answers.append(got)

    def agree(**kind):
        pairs = zip(answers, cases, strict=True)
        return all(np.allclose(got, reference(*inputs, **kind), rtol=1e-4, atol=1e-4) for got, inputs in pairs)

    if agree():
        return
    for kind, words in mistakes:
        if agree(**kind):
            raise Mistake(words)
    for got, inputs in zip(answers, cases, strict=True):
        given = f"For an array of shape {inputs[0].shape}, {also}"
        same(got, reference(*inputs), given, rtol=1e-4, atol=1e-4)
