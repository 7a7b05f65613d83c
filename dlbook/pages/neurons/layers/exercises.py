"""Checks of the exercises of the page "Layers"."""

import numpy as np

import dlcore
from dlbook.page.exercises import Exercises, Mistake, NotYet, as_array, call, same
from dlcore import Tensor

check = Exercises()


@check.exercise("1.4a")
def parameters(count):
    """The parameters of 64 → 32 → 10."""
    mistakes = (
        (64 * 32 + 32 * 10, "Those are the weights. Every unit has a bias as well."),
        (64 * 32 + 32, "That is the first layer alone. The second has parameters too."),
        (32 * 10 + 10, "That is the second layer alone."),
        (64 * 32, "Those are the weights of the first layer. Its biases are missing, and the second layer."),
        (42, "Those are the biases. Each unit also has a weight for each of its inputs."),
        (64 * 32 * 10, "The weights of two layers are added, not multiplied: 64 · 32 and 32 · 10."),
        (64 * 32 + 64 + 32 * 10 + 32, "A bias belongs to a unit that computes: one for each output of a layer, not for "
         "each input."),
        (64 * 32 + 32 * 10 + 64 + 32 + 10, "The 64 inputs compute nothing: they have no biases."),
        (64 * 32 + 32 * 10 + 32, "The biases of the ten outputs are missing."),
        (64 * 32 + 32 * 10 + 10, "The biases of the 32 hidden units are missing."),
        (64 * 32 + 32 * 10 + 2, "Each *unit* has a bias of its own: 32 in the first layer, 10 in the second."),
        (64 * 10 + 10, "That is a single layer from 64 to 10. There are 32 hidden units between."),
        (1210, "That is the network with 16 hidden units. Here there are 32."),
        (106, "Those are the sizes, added up. Count a weight for each pair of an input and a unit."),
    )  # fmt: skip
    same(as_array(count, "The number of parameters"), 2410, "For 64 → 32 → 10", mistakes, show=False)
    return "64 · 32 + 32 = 2,080 in the first layer, 32 · 10 + 10 = 330 in the second."


# Six repairs ---------------------------------------------------------------------------------------------------------


#: words of the error that each line raises as it stands on the page: then it has not been mended yet
BROKEN = {
    "one": "is 64, expected 32",
    "two": "is 16, expected 32",
    "three": "is 8, expected 64",
    "four": "size 16 is different from 64",
    "five": "shapes (5,16) (5,)",
    "six": "size 64 is different from 5",
}


def _three(answer, names):
    """The three functions that a reader hands over."""
    if callable(answer):
        raise Mistake(f"Hand over all three functions: `({', '.join(names)})`.")
    if not isinstance(answer, list | tuple) or len(answer) != 3:
        raise Mistake(f"I expected three functions, `({', '.join(names)})`.")
    return answer


def _run(name, function, *inputs):
    """Call one of the functions; whatever goes wrong is told under its name."""
    try:
        return call(function, *inputs)
    except Mistake as mistake:
        kind = NotYet if BROKEN[name] in str(mistake) else Mistake
        raise kind(f"`{name}`: {mistake}") from None


def _tensor(*shape):
    return np.random.default_rng(len(shape)).normal(size=shape).astype(np.float32)


def _layer(name, function, x, want, faults):
    """Whether a repaired network answers in the right shape, and reads each example by itself."""

    def run(batch):
        dlcore.manual_seed(0)
        return as_array(_run(name, function, Tensor(batch)), f"`{name}`")

    got = run(x)
    if got.shape != want:
        raise Mistake(
            f"`{name}`: " + faults.get(got.shape, f"no message, but the shape is {got.shape}. Wanted: {want}.")
        )
    changed = x.copy()
    changed[2] += 1
    rows = (run(changed) != got).any(1)
    if not rows.any():
        raise Mistake(f"`{name}`: the shape is right, but the answer does not depend on what comes in.")
    if rows[[0, 1, 3, 4]].any():
        raise Mistake(
            f"`{name}`: the shape is right, but the examples are mixed: I changed one, and others' answers moved."
        )


@check.exercise("1.4b")
def three_joins(answer):
    """Three broken joins of layers."""
    one, two, three = _three(answer, ("one", "two", "three"))
    rows, images = _tensor(5, 64), _tensor(5, 8, 8)
    _layer("one", one, rows, (5, 16), {
        (5, 32): "it runs, but gives 32 numbers. It was to give 16; change what the layer *takes*.",
        (5, 64): "it runs, but gives 64 numbers for each example. It was to give 16.",
        (10, 16): "it runs, but ten examples come out where five went in: you cut each in two.",
    })  # fmt: skip
    _layer("two", two, rows, (5, 10), {
        (5, 16): "these are the hidden answers. The second layer is to make ten scores of them.",
        (5, 32): "these are the hidden answers. The second layer is to make ten scores of them.",
        (10, 10): "it runs, but ten examples come out where five went in.",
    })  # fmt: skip
    _layer("three", three, images, (5, 10), {
        (5, 8, 10): "no message any more, and still wrong: there are ten scores for each *row of pixels*, shape "
        "(5, 8, 10). Make rows of 64 out of the images first.",
        (40, 10): "the 5 · 8 rows of pixels became examples. Make 5 rows of 64 pixels.",
        (10,): "that is one example with all pixels. Keep the axis of the batch.",
        (1, 10): "all five images became one example. Keep the first axis, 5, as it is.",
    })  # fmt: skip
    return "Of the two inner numbers the one on the left is what came, the one on the right what was expected."


@check.exercise("1.4c")
def three_sums(answer):
    """Three broken lines of arithmetic."""
    four, five, six = _three(answer, ("four", "five", "six"))
    rng = np.random.default_rng(0)
    rows, weight, bias, shift = (rng.normal(size=shape) for shape in ((5, 64), (16, 64), (16,), (5,)))
    plain = rows @ weight.T
    usual = {
        "four": [
            (rows @ weight.reshape(64, 16) + bias, "the shape fits, the numbers do not: `reshape` reads the weights in "
             "another order. To turn a matrix on its side, write `.T`."),
            (plain, "the bias is missing."),
            ((plain + bias).T, "that is (16, 5), a row for each unit. A batch has a row for each example."),
            (plain - bias, "the bias is to be added."),
            (np.maximum(plain + bias, 0), "only the sums were asked for, without a bend."),
        ],
        "five": [
            (plain, "the shift is missing."),
            (plain.T + shift, "that is (16, 5). The numbers are right, but a batch has a row for each example."),
            (plain + shift[0], "every example got the first one's shift."),
            (plain + shift.sum(), "every example got the sum of all shifts. Each is to get its own."),
            (plain + shift.mean(), "every example got the mean shift. Each is to get its own."),
            (plain * shift[:, None], "the shift is to be added, not multiplied."),
            (plain - shift[:, None], "the shift is to be added."),
        ],
        "six": [
            (rows.T.reshape(5, 64) @ weight.T + bias, "the shape fits, but `reshape` cuts the table into other rows: "
             "the pixels of different examples are mixed. To turn it on its side, write `.T`."),
            (rows.T.reshape(-1, 64) @ weight.T, "the bias is missing, and `reshape` mixes the examples."),
            (plain, "the bias is missing."),
            (rows @ weight.reshape(64, 16) + bias, "the columns are turned rightly, but `reshape` reads the weights in "
             "another order: write `weight.T`."),
            ((plain + bias).T, "that is (16, 5). The numbers are right, but a row for each example was asked for."),
        ],
    }  # fmt: skip
    for name, function, inputs, want in (
        ("four", four, (rows, weight, bias), plain + bias),
        ("five", five, (rows, weight, shift), plain + shift[:, None]),
        ("six", six, (rows.T.copy(), weight, bias), plain + bias),
    ):
        with np.errstate(all="ignore"):
            got = as_array(_run(name, function, *inputs), f"`{name}`")
        told = [(wrong, f"`{name}`: {words}") for wrong, words in usual[name]]
        same(got, want, f"`{name}`", told, show=False)
    return "A shape that fits is not yet a right answer: `reshape` would have silenced two of these messages, wrongly."


# The multilayer perceptron -------------------------------------------------------------------------------------------


def forward(layers, x, bend=lambda z: np.maximum(z, 0), last=False, bias=True):
    """Send x (N, D) through layers; `last`: whether to bend after the last as well."""
    for k, (w, b) in enumerate(layers):
        x = x @ w.T + (b if bias else 0)
        x = bend(x) if last or k < len(layers) - 1 else x
    return x


MLP_MISTAKES = (
    (lambda layers, x: forward(layers, x, last=True), "You bend after the last layer as well. Scores may be negative: "
     "leave them as they are."),
    (lambda layers, x: forward(layers, x, bend=lambda z: z), "The ReLU is missing."),
    (lambda layers, x: forward(layers, x, bias=False), "The biases are missing."),
    (lambda layers, x: forward(layers, x, bend=lambda z: np.maximum(z, 0), bias=False, last=True), "The biases are "
     "missing, and the last layer should not bend."),
    (lambda layers, x: forward(layers[:1], x), "You stopped after the first layer."),
    (lambda layers, x: forward(layers[:1], x, last=True), "You stopped after the first layer."),
    (lambda layers, x: forward(layers[:-1], x, last=True), "The last layer is missing."),
    (lambda layers, x: forward(layers[:-1], x), "The last layer is missing."),
    (lambda layers, x: forward(layers, x, bend=lambda z: 1 / (1 + np.exp(-z))), "That is the sigmoid. ReLU was asked "
     "for."),
    (lambda layers, x: forward(layers, x, bend=np.abs), "You take the size of the sums. ReLU turns the "
     "negative ones into 0."),
    (lambda layers, x: forward(layers, x, bend=lambda z: np.minimum(z, 0)), "You keep the negative sums. ReLU keeps "
     "the positive ones: `np.maximum(z, 0)`."),
    (lambda layers, x: forward(layers, x, bend=lambda z: (z > 0).astype(float)), "That is the step, 0 or 1. ReLU "
     "passes what is positive."),
    (lambda layers, x: forward(layers, np.maximum(x, 0)), "You bend the inputs. They come as they are."),
    (lambda layers, x: forward(layers, x).T, "That is a row for each output. A batch has a row for each example: "
     "`x @ w.T`."),
    (lambda layers, x: forward([(w, -b) for w, b in layers], x), "The biases are to be added."),
    (lambda layers, x: forward([(w.T.reshape(w.shape), b) for w, b in layers], x), "`reshape` reads the weights in "
     "another order. To turn a matrix on its side, write `.T`."),
    (lambda layers, x: forward([(w.reshape(w.T.shape).T, b) for w, b in layers], x), "`reshape` reads the weights in "
     "another order. To turn a matrix on its side, write `.T`."),
    (lambda layers, x: forward(layers, x)[:1], "That is the answer to the first example only."),
    (lambda layers, x: _bent_before_bias(layers, x), "You bend before you add the bias. The bias belongs to the sum."),
)  # fmt: skip


def _bent_before_bias(layers, x):
    for w, b in layers[:-1]:
        x = np.maximum(x @ w.T, 0) + b
    w, b = layers[-1]
    return x @ w.T + b


@check.exercise("1.4d")
def multilayer_perceptron(function):
    """The forward pass of any number of layers."""
    rng = np.random.default_rng(4)
    for sizes, n in (((3, 4, 4, 2), 8), ((2, 3, 2), 4), ((3, 2), 3), ((64, 8, 5, 6, 1), 7)):
        layers = [(rng.normal(size=(b, a)), rng.normal(size=b)) for a, b in zip(sizes, sizes[1:], strict=False)]
        x = rng.normal(size=(n, sizes[0]))
        usual = [(wrong(layers, x), words) for wrong, words in MLP_MISTAKES]
        given = f"For layers {' → '.join(map(str, sizes))} and {n} examples"
        want = forward(layers, x)
        told = [(wrong, f"{given}: {words}") for wrong, words in usual if wrong.shape != want.shape
                or not np.allclose(wrong, want)]  # fmt: skip
        same(call(function, layers, x), want, given, told, show=False)
    return "This is a network of any depth. Its last layer says what it says, unbent."
