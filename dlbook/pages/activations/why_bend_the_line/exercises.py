"""Checks of the exercises of the page "Why bend the line"."""

import numpy as np

from dlbook.page.exercises import Exercises, Mistake, as_array, call, same

check = Exercises()

CORNERS, XOR = np.array([[0, 0], [0, 1], [1, 0], [1, 1]]), np.array([0, 1, 1, 0])


def relu(z):
    return np.maximum(z, 0)


@check.exercise("2.1a")
def weight_of_the_second_unit(v):
    """h₁ = relu(x₁ + x₂) and h₂ = relu(x₁ + x₂ - 1): h₁ + v h₂ must be exclusive or."""
    v = as_array(v, "The weight")
    if v.shape != ():
        raise Mistake(f"One number is asked for. I received an array of shape {v.shape}.")
    if not np.isfinite(v):
        raise Mistake("The weight must be a finite number.")
    answer = relu(CORNERS.sum(1)) + v * relu(CORNERS.sum(1) - 1)
    if np.allclose(answer, XOR, atol=1e-6):
        return "0, 1, 1, 0. The second unit wakes up only when both inputs are on, and takes back what was too much."
    if v > 0:
        raise Mistake(f"For (1, 1) that gives {answer[3]:g}, more than without the second unit. It should take away.")
    got = f"{answer[3]:g}".replace("-", "−")
    raise Mistake(f"For (1, 1) that gives {got}, and 0 is wanted. There h₁ = 2 and h₂ = 1.")


COLLAPSE_MISTAKES = (
    (lambda w1, b1, w2, b2: (w1 @ w2, w2 @ b1 + b2), "The matrices stand the wrong way round: the second layer's"),
    (lambda w1, b1, w2, b2: (w2 * w1, w2 @ b1 + b2), "`*` multiplies entry by entry; a product of matrices is `@`."),
    (lambda w1, b1, w2, b2: (w1 + w2, b1 + b2), "Layers that follow each other multiply; they do not add."),
    (lambda w1, b1, w2, b2: (w2 @ w1, b1 + b2), "The first bias passes through the second layer before it is added."),
    (lambda w1, b1, w2, b2: (w2 @ w1, w2 @ b1), "The second layer's bias is missing."),
    (lambda w1, b1, w2, b2: (w2 @ w1, b2), "The first layer's bias is lost: it passes through the second layer, too."),
    (lambda w1, b1, w2, b2: (w2 @ w1, w2 @ (b1 + b2)), "The second bias comes after the second layer's weights."),
    (lambda w1, b1, w2, b2: ((w2 @ w1).T, w2 @ b1 + b2), "Your w is turned on its side: one row per unit, please."),
    (lambda w1, b1, w2, b2: (w2.T @ w1, w2 @ b1 + b2), "No `.T` is needed: each row already holds a unit's weights."),
    (lambda w1, b1, w2, b2: (w2 @ w1, b1 @ w2 + b2), "In the bias, w2 stands on the left: w2 @ b1, not b1 @ w2."),
    (lambda w1, b1, w2, b2: (w1 @ w2, b1 @ w2 + b2), "Everything stands the wrong way round: w2 goes on the left."),
    (
        lambda w1, b1, w2, b2: (w1 @ w2.T, w2 @ b1 + b2),
        "That is the order for rows of a batch: here w2 goes on the left.",
    ),
    (lambda w1, b1, w2, b2: (w2 @ w1, w2 @ b1 - b2), "The second bias is added, not taken away."),
    (
        lambda w1, b1, w2, b2: (w2 @ w1, w2 * b1 + b2),
        "For the bias, too: `*` multiplies entry by entry, `@` is wanted.",
    ),
    (lambda w1, b1, w2, b2: (w2 * w1, w2 * b1 + b2), "`*` multiplies entry by entry; a product of matrices is `@`."),
    (lambda w1, b1, w2, b2: (w1 @ w2, w1 @ b2 + b1), "You put the second layer first: x goes through w1 and b1 first."),
    (
        lambda w1, b1, w2, b2: (w2 @ b1 + b2, w2 @ w1),
        "These are the right two, but the other way round: first w, then b.",
    ),
)


@check.exercise("2.1b")
def two_layers_in_one(function):
    """w and b of two linear layers in a row; square layers first, since these hide no shape error."""
    rng = np.random.default_rng(1)
    for d, h, k in ((3, 3, 3), (2, 5, 3), (4, 2, 1)):
        layers = rng.normal(size=(h, d)), rng.normal(size=h), rng.normal(size=(k, h)), rng.normal(size=k)
        got = _pair(call(function, *layers), "(w, b)")
        want = layers[2] @ layers[0], layers[2] @ layers[1] + layers[3]
        if d == h == k:
            _name_mistake(got, want, layers)
        given = f"For layers from {d} to {h} to {k}"
        same(got[0], want[0], f"{given}, w")
        same(got[1], want[1], f"{given}, b")
    return "Two layers, one matrix. Called again and again, your function swallows a stack of any depth."


def _pair(answer, what):
    """The two parts of an answer, or a Mistake."""
    if not isinstance(answer, (tuple, list)) or len(answer) != 2:
        raise Mistake(f"I expected two things, {what}, and received {type(answer).__name__}.")
    return as_array(answer[0], "w"), as_array(answer[1], "b")


def _name_mistake(got, want, layers):
    for wrong, words in COLLAPSE_MISTAKES:
        bad = wrong(*layers)
        if _equal(got, bad) and not _equal(got, want):
            more = " weights are applied last, so they stand on the left." if words.endswith("layer's") else ""
            raise Mistake(words + more)


def _equal(one, other):
    return all(np.shape(a) == np.shape(b) and np.allclose(a, b) for a, b in zip(one, other, strict=True))


@check.exercise("2.1c")
def tent_of_three_units(answer):
    """Biases and outer weights of v · relu(x + b) that give 0 up to 0, 1 at 1, and 0 again from 2 on."""
    if not isinstance(answer, (tuple, list, np.ndarray)) or len(answer) != 2:
        raise Mistake("I expected two lists, ([b1, b2, b3], [v1, v2, v3]).")
    b, v = as_array(answer[0], "The biases"), as_array(answer[1], "The outer weights")
    if not np.isfinite([*b.ravel(), *v.ravel()]).all():
        raise Mistake("One of your numbers is not a finite number.")
    if b.shape != (3,) or v.shape != (3,):
        raise Mistake(f"Three biases and three outer weights are asked for. I received shapes {b.shape} and {v.shape}.")
    x = np.linspace(-2, 5, 1401)
    got, want = relu(x[:, None] + b) @ v, relu(1 - np.abs(x - 1))
    if np.allclose(got, want, atol=1e-6):
        return "A tent of width 2. Side by side, tents of any height draw any line you like: so does a wide layer."
    if np.allclose(relu(x[:, None] - b) @ v, want, atol=1e-6):
        raise Mistake("Those are the places of the kinks. The bias is such a place with its sign turned round.")
    if np.allclose(relu(x[:, None] + v) @ b, want, atol=1e-6):
        raise Mistake("The two lists are the other way round: first the biases, then the outer weights.")
    if np.allclose(np.sort(-b), [0, 1, 2]) and np.allclose(v[np.argsort(-b)], [1, -1, 0]):
        words = "Those are the slopes themselves. An outer weight says by how much the slope *changes* at its kink."
        raise Mistake(f"{words} {_slopes(b, v)}")
    at = x[np.flatnonzero(np.abs(got - want) > 1e-6)[0]]
    for place, words in ((0, "before the tent begins"), (1, "on the way up"), (2, "on the way down")):
        if at < place:
            raise Mistake(f"It goes wrong {words}, near x = {at:.2f}. {_slopes(b, v)}")
    raise Mistake(f"The tent is right, but after x = 2 the line does not stay at 0. {_slopes(b, v)}")


def _slopes(b, v):
    """What the line of these units does, from left to right."""
    order = np.argsort(-b, kind="stable")
    told = [f"from {-b[k] + 0:g} on {slope:g}" for k, slope in zip(order, np.cumsum(v[order]), strict=True)]
    return f"Your line's slopes: {', '.join(told)}. Wanted: from 0 on 1, from 1 on −1, from 2 on 0.".replace("-", "−")


def local(layers, x, on=lambda z: z > 0, bias=True, at_end=False):
    """w and b of the linear piece that x (D,) lies on; layers is a list of (w, b). The options make mistakes."""
    (w, b), *rest = layers
    for next_w, next_b in rest:
        awake = on(w @ x + b)[:, None]
        w, b = next_w @ (awake * w), next_w @ (awake[:, 0] * b if bias else b) + next_b
    awake = on(w @ x + b) if at_end else np.ones(len(w), bool)
    return w * awake[:, None], b * awake


def _deciding_without_biases(layers, x):
    (w, b), *rest = layers
    for next_w, next_b in rest:
        on = w @ x > 0
        w, b = next_w @ (w * on[:, None]), next_w @ (b * on) + next_b
    return w, b


def _bending_weights(layers, x):
    (w, b), *rest = layers
    for next_w, next_b in rest:
        w, b = next_w @ relu(w), next_w @ relu(b) + next_b
    return w, b


LOCAL_MISTAKES = (
    (lambda layers, x: local(layers, x, on=lambda z: np.ones(z.shape, bool)),
     "That is the network without any bend: units that are off must drop out."),
    (lambda layers, x: local(layers, x, on=lambda z: z < 0),
     "You keep the units that are off and drop those that are on."),
    (lambda layers, x: local(layers, x, bias=False), "w is right, but not b: a unit that is off loses its bias too."),
    (lambda layers, x: local(layers, x, at_end=True),
     "After the last layer there is no ReLU: none of its units drops out."),
    (lambda layers, x: local([(w, 0 * b) for w, b in layers], x),
     "Your biases got lost: they help to decide which units are on, and they go into b."),
    (lambda layers, x: _deciding_without_biases(layers, x),
     "Which units are on is decided by `w @ x + b`: your decision leaves the bias out."),
    (lambda layers, x: _bending_weights(layers, x),
     "You bend the weights. The ReLU bends what a unit answers: if that is off, its whole row is 0."),
    (lambda layers, x: (local(layers, x)[0], local(layers, x)[0] @ x + local(layers, x)[1]),
     "w is right. But b must be what is left over when w @ x is taken away, not the whole answer."),
)  # fmt: skip


@check.exercise("2.1d")
def the_piece_that_holds_x(function):
    """The linear layer that a ReLU network is, near one input."""
    rng = np.random.default_rng(2)
    for sizes in ((2, 4, 2), (3, 6, 5, 2), (2, 8, 8, 8, 3)):
        layers = [(rng.normal(size=(o, i)), rng.normal(size=o)) for i, o in zip(sizes, sizes[1:], strict=False)]
        x, given = rng.normal(size=sizes[0]), f"For a network with sizes {list(sizes)}"
        got, want = _pair(call(function, layers, x), "(w, b)"), local(layers, x)
        for wrong, words in LOCAL_MISTAKES:
            bad = wrong(layers, x)
            if _equal(got, bad) and not _equal(got, want) and not _equal(bad, want):
                raise Mistake(f"{given}: {words}")
        same(got[0], want[0], f"{given}, w")
        same(got[1], want[1], f"{given}, b")
    return "On its piece, the whole network is this one layer. Somewhere else it is another one."
