"""Checks of the exercises of the page "What depth buys"."""

import numpy as np

from dlbook.page.exercises import Exercises, Mistake, as_array, call, same
from dlbook.pages.neurons.what_depth_buys.folds import folded, switches

check = Exercises()


@check.exercise("1.5a")
def price_of_a_saw_tooth(count):
    """The parameters of the folded saw-tooth with 64 pieces: six layers."""
    mistakes = (
        (6 * 64 + 1, "That is the price of 64 layers. How many layers does it take to *double* up to 64 pieces?"),
        (3 * 64 - 2, "That is the price of a single layer, with 63 units. Fold instead."),
        (3 * 64 + 1, "That is the price of a single layer with 64 units. Fold instead."),
        (6 * 5 + 1, "That is the price of 32 pieces: one layer is missing."),
        (6 * 7 + 1, "That is the price of 128 pieces: one layer too many. The first layer has two pieces already."),
        (6 * 6, "Nearly: the first layer costs 4, the layers between 6 each, the last 3."),
        (6 * 32 + 1, "64 pieces are 32 teeth, but 32 teeth do not take 32 layers: each layer doubles them."),
        (6, "That is how many layers it takes. What do they cost?"),
        (12, "Those are the hidden units. Each has weights and a bias."),
        (4 * 5 + 2 + 2, "Those are the weights. Each unit has a bias as well."),
        (6 * 5 + 4, "The first layer and five between: the last one, which reads them, costs 3."),
        (63, "That is how many units a single layer takes. Fold instead, and count parameters."),
        (25, "That is the price of four layers, with 16 pieces."),
        (64, "That is the number of pieces. Count the parameters of the network that has them."),
        (61, "That is the price of ten layers, with 1,024 pieces."),
        (19, "That is the price of three layers, with 8 pieces."),
        (13, "That is the price of two layers, with 4 pieces."),
        (49, "That is the price of eight layers, with 256 pieces."),
        (6 * 7, "Not every layer costs 6: the first costs 4, the five between 6 each, the last 3."),
        (40, "Near: the first layer costs 4, the *five* between 6 each, the last 3."),
        (30, "Those are the five layers between. The first costs 4 more, the last 3."),
        (2 * 63, "Those are the weights of a single layer with 63 units. Fold instead."),
    )
    same(as_array(count, "The number of parameters"), 37, "For 64 pieces", mistakes, show=False)
    return "Six layers: 6 · 6 + 1. A single layer would pay 3 · 63 + 1 = 190."


# Fold in three -----------------------------------------------------------------------------------------------------

_X = np.linspace(0, 1, 601)
_ZIGZAG = 1 - np.abs(1 - (3 * _X) % 2)  # up to 1 at ⅓, down to 0 at ⅔, up to 1 at 1


def _drawn(b, v, x=_X):
    return np.maximum(x[:, None] + b, 0) @ v


@check.exercise("1.5b")
def fold_in_three(answer):
    """Biases and outer weights of three ReLU units that fold the strip from 0 to 1 in three."""
    if not isinstance(answer, tuple | list | np.ndarray) or len(answer) != 2:
        raise Mistake("I expected two lists, ([b1, b2, b3], [v1, v2, v3]).")
    b, v = as_array(answer[0], "The biases"), as_array(answer[1], "The outer weights")
    if b.shape != (3,) or v.shape != (3,):
        raise Mistake(f"Three biases and three outer weights are asked for. I received shapes {b.shape} and {v.shape}.")
    if not np.isfinite([*b, *v]).all():
        raise Mistake("One of your numbers is not a finite number.")
    near = {"atol": 0.011}  # 0.333 is near enough to a third
    if np.allclose(_drawn(b, v), _ZIGZAG, **near):
        return "Three pieces a layer: with L layers the strip has 3 to the power of L pieces."
    if np.allclose(_drawn(-b, v), _ZIGZAG, **near):
        raise Mistake("Those are the places of the kinks. The bias is such a place with its sign turned round.")
    if np.allclose(_drawn(v, b), _ZIGZAG, **near):
        raise Mistake("The two lists are the other way round: first the biases, then the outer weights.")
    if np.allclose(_drawn(b, v), 2 * _ZIGZAG, **near) or np.allclose(1.5 * _drawn(b, v), _ZIGZAG, **near):
        raise Mistake(f"The kinks are right, the height is not: the fold has to reach 1. {_told(-b, np.cumsum(v))}")
    if np.allclose(3 * _drawn(b, v), _ZIGZAG, **near):
        raise Mistake("The shape is right, but it climbs only to ⅓. The fold has to reach 1: three times as steep.")
    order = np.argsort(-b, kind="stable")
    kinks, slopes = -b[order], np.cumsum(v[order])
    if np.allclose(np.sort(b), [0, 1 / 3, 2 / 3], atol=0.011):
        raise Mistake("Your biases are the places of the kinks. The bias is such a place with its sign turned round. "
                      f"{_told(kinks, slopes)}")  # fmt: skip
    if np.allclose(v[order], [3, -3, 3], atol=0.02):
        raise Mistake(f"Those are the slopes themselves. An outer weight says by how much the slope *changes*. "
                      f"{_told(kinks, slopes)}")  # fmt: skip
    if np.allclose(kinks, [0, 1, 2], atol=0.02):
        raise Mistake(f"Your strip runs from 0 to 3. It ends at 1, with kinks at ⅓ and ⅔. {_told(kinks, slopes)}")
    if np.allclose(kinks, [0, 1 / 3, 2 / 3], atol=0.011) and np.allclose(v[order], [1, 0, 1], atol=0.02):
        raise Mistake("Those are the heights that the line is to reach. An outer weight says by how much the slope "
                      f"*changes*. {_told(kinks, slopes)}")  # fmt: skip
    if np.allclose(_drawn(b, v), 1 - _ZIGZAG, **near) or np.allclose(-_drawn(b, v), _ZIGZAG, **near):
        raise Mistake("Yours runs the other way round: it is to begin with a climb from 0 to 1.")
    if np.allclose(kinks[:2], [0, 0.5], atol=0.01):
        raise Mistake(f"Your strip is folded at ½. Thirds begin at ⅓ and ⅔. {_told(kinks, slopes)}")
    at = _X[np.flatnonzero(np.abs(_drawn(b, v) - _ZIGZAG) > 0.011)[0]]
    where = "on the first third" if at < 1 / 3 else "on the second third" if at < 2 / 3 else "on the last third"
    raise Mistake(f"It goes wrong {where}. {_told(kinks, slopes)}")


def _told(kinks, slopes):
    """What the line of these units does, from left to right."""
    told = [f"from {kink + 0:.2g} on {slope:.3g}" for kink, slope in zip(kinks, slopes, strict=True)]
    words = f"Your line’s slopes: {', '.join(told)}. Wanted: from 0 on 3, from ⅓ on −3, from ⅔ on 3."
    return words.replace("-", "−")


# Counting pieces ----------------------------------------------------------------------------------------------------


def counted(layers, line, extra=1, hidden=None, every=False, last=False, only=None):
    """Pieces along a line; the options make mistakes."""
    on = switches(layers, line)[:, only:]
    if hidden is not None:
        on = switches([*layers[:hidden], layers[-1]], line)
    if last:
        on = np.column_stack([on, _answers(layers, line) > 0])
    change = on[1:] != on[:-1]
    return extra + int(change.sum() if every else change.any(1).sum())


def _answers(layers, x):
    for weight, bias in layers[:-1]:
        x = np.maximum(x @ weight.T + bias, 0)
    return x @ layers[-1][0].T + layers[-1][1]


def _unbent(layers, line):
    x, on = line, []
    for weight, bias in layers[:-1]:
        x = x @ weight.T + bias
        on.append(x > 0)
    return _changes(np.concatenate(on, axis=1)).any(1).sum() + 1


def _changes(on):
    return on[1:] != on[:-1]


def _by_layer(layers, line):
    """Pieces of each hidden layer alone."""
    ends = np.cumsum([0, *(len(bias) for _, bias in layers[:-1])])
    change = _changes(switches(layers, line))
    return [1 + int(change[:, a:b].any(1).sum()) for a, b in zip(ends, ends[1:], strict=False)]


PIECES_MISTAKES = (
    (lambda layers, line: counted(layers, line, extra=0), "You counted the changes. Between two changes lies a piece, "
     "and one more at the end."),
    (lambda layers, line: counted(layers, line, every=True), "You counted every unit that changes. Where two units "
     "change at the same place, only one piece ends: ask whether *any* of them does."),
    (lambda layers, line: counted(layers, line, extra=0, every=True), "You counted every unit that changes. Count the "
     "places where any of them does, and one more."),
    (lambda layers, line: counted(layers, line, hidden=1), "You looked at the first hidden layer only."),
    (lambda layers, line: counted(layers, line, hidden=1, extra=0), "You looked at the first hidden layer only."),
    (lambda layers, line: counted(layers, line, last=True), "You treated the last layer as one with a ReLU. Its answer "
     "may be negative without any kink."),
    (lambda layers, line: counted(layers, line) + 1, "One too many: a piece is what lies between two changes, and the "
     "ends of the line count once."),
    (lambda layers, line: counted([(w, 0 * b) for w, b in layers], line), "The biases are missing."),
    (lambda layers, line: len(line), "That is how many points there are on the line."),
    (lambda layers, line: len(line) - 1, "You count a change at every step: compare which units are on, not by how "
     "much."),
    (lambda layers, line: switches(layers, line).shape[1], "That is how many hidden units there are."),
    (lambda layers, line: switches(layers, line).shape[1] + 1, "One more than there are units: so it is for a single "
     "layer at most. Count what this network does."),
    (lambda layers, line: counted(layers, line, only=-len(layers[-2][1])), "You looked at the last hidden layer only. "
     "A unit of any layer can end a piece."),
    (lambda layers, line: 1 + int((np.diff(switches(layers, line).sum(1)) != 0).sum()), "You compared how *many* units "
     "are on. One can go on where another goes off: compare *which*."),
    (_unbent, "What goes on to the next layer has no ReLU: `np.maximum(z, 0)`."),
    (lambda layers, line: 1 + int(_changes(switches(layers, line)).all(1).sum()), "You asked whether *all* units "
     "change. A piece ends where any of them does."),
    (lambda layers, line: 1 + int(_changes(switches(layers, line)).any(0).sum()), "Your `any` goes along the line: "
     "you counted units that ever change. Ask at each step whether any unit does, `.any(1)`."),
    (lambda layers, line: sum(_by_layer(layers, line)), "You added up the pieces of each layer. A place where two "
     "layers change ends one piece, and the ends of the line count once."),
    (lambda layers, line: int(np.prod(_by_layer(layers, line))), "You multiplied the pieces of the layers. Count the "
     "places where any unit changes, and one more."),
    (lambda layers, line: 2 ** (len(layers) - 1), "That is what a folded saw-tooth has. Count what this network does."),
)  # fmt: skip


def _examples():
    """Networks and lines to count along: a saw-tooth, and three networks at random."""
    line = np.linspace(-0.1, 1.1, 2000)[:, None]
    yield "For the saw-tooth of three folds", folded(3), line
    hinge = [(np.array([[1.0], [-1.0]]), np.array([-0.5, 0.5])), (np.array([[1.0, 1.0]]), np.array([-0.25]))]
    yield "For |x − ½|, whose two units change over at one place", hinge, line
    rng = np.random.default_rng(3)
    for sizes in ((1, 5, 1), (1, 6, 6, 1), (2, 8, 8, 8, 3)):
        layers = [(rng.normal(size=(b, a)), rng.normal(size=b)) for a, b in zip(sizes, sizes[1:], strict=False)]
        ends = rng.normal(size=(2, sizes[0])) * 3
        line = ends[0] + np.linspace(0, 1, 3001)[:, None] * (ends[1] - ends[0])
        layers[-1] = layers[-1][0], layers[-1][1] - _answers(layers, line).mean(0)  # its answers change their signs
        yield f"For a random network {' → '.join(map(str, sizes))}", layers, line


@check.exercise("1.5c")
def count_pieces(function):
    """Straight pieces of a ReLU network along a line of inputs."""
    examples = list(_examples())
    given = [as_array(call(function, layers, line), words) for words, layers, line in examples]
    usual = [([wrong(layers, line) for _, layers, line in examples], words) for wrong, words in PIECES_MISTAKES]
    told = [words for counts, words in usual if all(map(np.array_equal, given, counts))]  # it explains every count
    for got, (words, layers, line) in zip(given, examples, strict=True):
        want = counted(layers, line)
        if told and not np.array_equal(got, want):
            raise Mistake(f"{words}: {told[0]}")
        same(got, want, words, show=False)
    return "A piece is where the same units stay on. Random networks have few of them, however deep: try it."


# A network that adds -------------------------------------------------------------------------------------------------


def shortcut(layers, x, bend=lambda z: np.maximum(z, 0), add=True, bent=False, last=True, first=True, bias=1):
    """Send x (N, D) through a residual network; the options make mistakes."""
    (w, b), *between, (end, c) = layers
    h = x @ w.T + bias * b
    for w, b in between:
        new = bend(h) @ w.T + bias * b if not bent else bend(h @ w.T + bias * b)
        h = h + new if add else new
    return (bend(h) if last else h) @ end.T + bias * c


def _from_start(layers, x):
    (w, b), *between, (end, c) = layers
    h = begin = x @ w.T + b
    for w, b in between:
        h = begin + np.maximum(h, 0) @ w.T + b
    return np.maximum(h, 0) @ end.T + c


def _all_at_once(layers, x):
    (w, b), *between, (end, c) = layers
    h = begin = x @ w.T + b
    for w, b in between:
        h = h + np.maximum(begin, 0) @ w.T + b
    return np.maximum(h, 0) @ end.T + c


def _last_bent_only(layers, x):
    (w, b), *between, (end, c) = layers
    h = x @ w.T + b
    for w, b in between:
        h = h + h @ w.T + b
    return np.maximum(h, 0) @ end.T + c


def _added_bent(layers, x):
    (w, b), *between, (end, c) = layers
    h = x @ w.T + b
    for w, b in between:
        h = np.maximum(h, 0)
        h = h + h @ w.T + b
    return np.maximum(h, 0) @ end.T + c


def _bent_first(layers, x):
    (w, b), *between, (end, c) = layers
    h = np.maximum(x @ w.T + b, 0)
    for w, b in between:
        h = h + np.maximum(h @ w.T + b, 0)
    return h @ end.T + c


def _all_bent(layers, x):
    (w, b), *between, (end, c) = layers
    h = x @ w.T + b
    for w, b in between:
        h = np.maximum(h + np.maximum(h, 0) @ w.T + b, 0)
    return np.maximum(h, 0) @ end.T + c


def _begun_bent(layers, x):
    (w, b), *between, (end, c) = layers
    h = np.maximum(x @ w.T + b, 0)
    for w, b in between:
        h = h + np.maximum(h, 0) @ w.T + b
    return np.maximum(h, 0) @ end.T + c


RESIDUAL_MISTAKES = (
    (_all_bent, "You bend the sum, h plus what the layer adds, as well. Keep h unbent; only what a layer *reads* is "
     "bent."),
    (_begun_bent, "You bend h once at the beginning. Keep h unbent; only what a layer *reads* is bent."),
    (lambda layers, x: np.maximum(shortcut(layers, x), 0), "The last layer’s answer stays unbent."),
    (lambda layers, x: shortcut([layers[0], *((w, 0 * b) for w, b in layers[1:-1]), layers[-1]], x), "The biases of "
     "the layers between are missing."),
    (lambda layers, x: shortcut([layers[0], *((-w, -b) for w, b in layers[1:-1]), layers[-1]], x), "You take away "
     "what the layer answers. Add it."),
    (lambda layers, x: shortcut(layers, x, add=False), "That is the plain network: each layer replaces h. Keep h, and "
     "add to it."),
    (lambda layers, x: shortcut(layers, x, bent=True), "You bend what the layer answers. Here the bend comes first: "
     "the layer reads ReLU(h)."),
    (_bent_first, "You bend after each layer. Here the bend comes first: the layer reads ReLU(h), and h itself stays "
     "unbent."),
    (_added_bent, "You add to ReLU(h). Add to h itself: then what came in goes through unbent."),
    (lambda layers, x: shortcut(layers, x, last=False), "The last layer reads ReLU(h), too."),
    (lambda layers, x: shortcut(layers, x, bend=lambda z: z), "The ReLU is missing."),
    (lambda layers, x: shortcut(layers, x, bias=0), "The biases are missing."),
    (lambda layers, x: shortcut([layers[0], layers[-1]], x), "You left out the layers between the first and the last."),
    (lambda layers, x: shortcut([*layers[:2], layers[-1]], x), "You stopped after the second layer: go through all of "
     "`between`."),
    (lambda layers, x: shortcut([(layers[0][0], 0 * layers[0][1]), *layers[1:]], x), "The first layer’s bias is "
     "missing."),
    (lambda layers, x: shortcut([*layers[:-1], (layers[-1][0], 0 * layers[-1][1])], x), "The last layer’s bias is "
     "missing."),
    (lambda layers, x: shortcut([layers[0], *layers[-2:0:-1], layers[-1]], x), "You go through the layers between from "
     "the last to the first."),
    (lambda layers, x: shortcut([layers[0], *layers[2:]], x), "You left out the first of the layers between."),
    (lambda layers, x: shortcut([layers[0], *((w.T, b) for w, b in layers[1:-1]), layers[-1]], x), "Between, the "
     "weights lie the other way: `h @ w.T`. As these tables are square, nothing complains."),
    (_all_at_once, "Every layer between reads what the *first* one gave. It is to read what has come together so far."),
    (_last_bent_only, "Only the last layer reads ReLU(h) in yours. Each one between reads it, too."),
    (_from_start, "You add to what the *first* layer gave. Each layer adds to what came to *it*."),
    (lambda layers, x: shortcut(layers, x, bend=np.abs), "You take the size of h. ReLU turns what is negative into 0."),
    (lambda layers, x: shortcut(layers, x)[:1], "That is the answer to the first example only."),
    (lambda layers, x: shortcut(layers, x).T, "Your answer lies on its side: a batch has a row for each example."),
)  # fmt: skip


@check.exercise("1.5d")
def residual_network(function):
    """The forward pass of a network whose layers between add to what came in."""
    rng = np.random.default_rng(5)
    for sizes, n in (((3, 4, 4, 4, 2), 6), ((5, 3, 3, 2), 4), ((2, *[6] * 9, 3), 5), ((4, 5, 5, 2), 3)):
        layers = [(rng.normal(size=(b, a)), rng.normal(size=b)) for a, b in zip(sizes, sizes[1:], strict=False)]
        x = rng.normal(size=(n, sizes[0]))
        want = shortcut(layers, x)
        given = f"For layers {' → '.join(map(str, sizes))} and {n} examples"
        usual = [(wrong(layers, x), words) for wrong, words in RESIDUAL_MISTAKES]
        told = [(wrong, f"{given}: {words}") for wrong, words in usual
                if wrong.shape != want.shape or not np.allclose(wrong, want)]  # fmt: skip
        same(call(function, layers, x), want, given, told, show=False)
    return "Put zeros into the layers between, and h goes through unchanged: depth that does no harm."
