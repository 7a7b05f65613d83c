"""Checks of the exercises of the page "LSTM and GRU"."""

import numpy as np

from dlbook.page.exercises import Exercises, Mistake, as_array, call, same

check = Exercises()


def sigmoid(a):
    """Between 0 and 1, without overflow."""
    return 0.5 + 0.5 * np.tanh(0.5 * np.asarray(a, float))


COUNT_MISTAKES = (
    (640, "That is a plain recurrent layer. An LSTM has such a set of weights for each of its three gates and for "
     "the candidate."),
    (1920, "That is a GRU, with three sets of weights. An LSTM has four."),
    (2480, "PyTorch keeps two biases, `bias_ih` and `bias_hh`: each set has both."),
    (2400, "The biases are missing: each set has two of 20 numbers."),
    (800, "Those are the weights of the input alone. Add those of the last answer, and two biases."),
    (1600, "Those are the weights of the last answer alone. Add those of the input, and two biases."),
    (1280, "That is half of it. There are four sets (three gates, a candidate), and 20 units: each set has 20 rows."),
    (2240, "A set has 20 · 20 weights for the last answer too, and two biases of 20."),
    (2440, "Each of the four sets has two biases of 20 of its own."),
    (2420, "Each of the four sets has two biases of 20 of its own."),
    (128, "So many belong to one row of all four sets. Each set has 20 rows."),
    (32, "So many belong to one row. Each set has 20 rows, and there are four sets."),
)  # fmt: skip


@check.exercise("4.5a")
def numbers_of_an_lstm(numbers):
    """4 · 20 · (10 + 20 + 2)."""
    numbers = as_array(numbers, "The count")
    if numbers.shape != ():
        raise Mistake("One number is asked for: the sum over all weights and biases.")
    same(numbers, 2560, "For 10 inputs and 20 units", COUNT_MISTAKES, show=False)
    return "4 · 20 · (10 + 20 + 2) = 2,560. A GRU of that size has 1,920, a plain layer 640."


BIAS_MISTAKES = (
    (0.9931, "That is the gate. Which sum does the sigmoid turn into it? Take the logarithm of f / (1 − f)."),
    (0.5 ** 0.01, "That is the gate. Which sum does the sigmoid turn into it? Take the logarithm of f / (1 − f)."),
    (-4.968, "The sign is turned round: a negative bias closes the gate."),
    (0.0, "With a bias of 0 the gate is half open: after 100 steps 0.5¹⁰⁰ is left."),
    (1.0, "The gate is then 0.73, and 0.73¹⁰⁰ is about 10⁻¹⁴."),
    (5.293, "So it would be for e⁻⁰·⁵. Half is wanted: f¹⁰⁰ = 0.5."),
    (2.157, "That is log₁₀ of f / (1 − f). The sigmoid undoes the natural logarithm."),
    (7.167, "That is the logarithm to base 2. The sigmoid undoes the natural one."),
    (4.595, "That is for f = 0.99. But 0.99¹⁰⁰ is 0.37, not a half."),
    (0.6931, "That is ln 2, the *sum* of the hundred losses. A step's share of it is small, so f is close to 1."),
    (2.484, "That is half of it: asked for is the whole bias, what PyTorch's two come to together."),
    (-0.00693, "That is the logarithm of the gate f. The sigmoid undoes that of f / (1 − f)."),
    (0.00693, "That is −ln f. The sigmoid undoes the logarithm of f / (1 − f)."),
    (143.8, "That is f / (1 − f). Its logarithm is the bias."),
)  # fmt: skip


@check.exercise("4.5b")
def half_after_a_hundred(bias):
    """The bias whose sigmoid, to the power of 100, is a half."""
    bias = as_array(bias, "The bias")
    if bias.shape != ():
        raise Mistake("One number is asked for: the bias.")
    if not np.isfinite(bias):
        raise Mistake(
            f"{bias} is not a finite number. The gate f lies between 0 and 1, and so f / (1 − f) has a logarithm."
        )
    left = sigmoid(bias) ** 100
    if 0.485 <= left <= 0.515:
        return f"The gate is {sigmoid(bias):.4f}, and {left:.2f} is left after 100 steps."
    for value, words in BIAS_MISTAKES:
        if np.isclose(bias, value, rtol=2e-3, atol=1e-9):
            raise Mistake(words)
    way = "larger" if left < 0.5 else "smaller"
    raise Mistake(f"With {bias:g} the gate is {sigmoid(bias):.4f}, and {left:.2g} is left. The bias must be {way}.")


def _run(w, b, x):
    """One unit without way back from its answer: all answers h for inputs x (T, 2)."""
    c, answers = 0.0, []
    for row in x:
        a = w @ row + b
        i, f, o = sigmoid(a[[0, 1, 3]])
        c = f * c + i * np.tanh(a[2])
        answers.append(o * np.tanh(c))
    return np.array(answers)


@check.exercise("4.5c")
def one_bit_for_ever(answer):
    """Weights (4, 2) and biases (4,) with which a cell stores a bit when told, and holds it for a thousand steps."""
    if not isinstance(answer, tuple | list) or len(answer) != 2:
        raise Mistake("I expected two arrays: `w, b`.")
    w, b = as_array(answer[0], "w"), as_array(answer[1], "b")
    if w.shape != (4, 2) or b.shape != (4,):
        raise Mistake(f"I expected w of shape (4, 2) and b of shape (4,), and received {w.shape} and {b.shape}.")
    if not (np.isfinite(w).all() and np.isfinite(b).all()):
        raise Mistake("All numbers must be finite: 20 is as good as infinite for a sigmoid.")
    _gates_at_rest(sigmoid(w @ [0, 1] + b), sigmoid(w @ [0, -1] + b), sigmoid(w @ [1, 1] + b), w, b)
    noise = np.random.default_rng(0).choice([-1.0, 1.0], 1000)
    for bits in ([1], [-1], [1, -1], [-1, -1, 1]):
        parts = []
        for bit in bits:
            parts += [[[1, bit]], np.stack([np.zeros(1000), noise], 1)]
        last = _run(w, b, np.concatenate(parts))[-1]
        if not last * bits[-1] > 0.5:
            raise Mistake(f"Told to store {bits}, the last one should be shown 1,000 steps later; I see {last:.2f}.")
    return "It stores when told, and shows the bit a thousand steps later. No training found these numbers: you did."


def _gates_at_rest(up, down, write, w, b):
    """Name the gate that stands wrongly while nothing is to be written, or while it is."""
    if min(up[1], down[1]) ** 1000 < 0.6:
        raise Mistake(f"While nothing is written your forget gate is {min(up[1], down[1]):.4g}; a thousand steps need "
                      "nearly 1: in the second row, a bias of about 10.")  # fmt: skip
    if max(up[0], down[0]) > 1e-3:
        raise Mistake(f"While nothing is to be written your input gate is {max(up[0], down[0]):.2g}: the other bits "
                      "leak in. Close it with a bias of about −10.")  # fmt: skip
    if write[0] < 0.9:
        raise Mistake(f"When told to write your input gate is only {write[0]:.2g}. Its weight for `write` must beat "
                      "its bias.")  # fmt: skip
    if write[1] > 0.1:
        raise Mistake(f"When a new bit is written your forget gate is {write[1]:.2g}: the old bit stays, and both are "
                      "added. Give it a negative weight for `write`.")  # fmt: skip
    if min(up[3], down[3]) < 0.8:
        raise Mistake(f"Your output gate is {min(up[3], down[3]):.2g}: the bit is kept but not shown.")
    g = np.tanh(w[2] @ [1, 1] + b[2]), np.tanh(w[2] @ [1, -1] + b[2])
    if g[0] < 0.7 or g[1] > -0.7:
        raise Mistake(f"The candidate is {g[0]:.2g} for bit 1 and {g[1]:.2g} for bit −1; it should be near 1 and −1.")


def lstm_step(x, h, c, w_ih, w_hh, b_ih, b_hh, mistake=None):
    """One step in PyTorch's order i, f, g, o, or one with a usual mistake."""
    a = b_ih + (0 if mistake == "no input" else w_ih @ x)
    a = a + (0 if mistake == "no state" else w_hh @ (c if mistake == "memory for answer" else h))
    a = a + (0 if mistake == "one bias" else b_hh)
    parts = a.reshape(-1, 4).T if mistake == "stripes" else a.reshape(4, -1)
    order = {"ifog": (0, 1, 3, 2), "figo": (1, 0, 2, 3)}.get(mistake, (0, 1, 2, 3))
    i, f, g, o = parts[list(order)]
    squash = {"raw gates": np.asarray, "tanh gates": np.tanh}.get(mistake, sigmoid)
    i, f, o = squash(i), squash(f), squash(o)
    f = 1 - f if mistake == "turned" else f
    g = sigmoid(g) if mistake == "sigmoid" else g if mistake == "bare" else np.tanh(g)
    if mistake == "coupled":
        i = 1 - f
    new = {"no input gate": f * c + g, "no forget gate": c + i * g}.get(mistake, f * c + i * g)
    shown = {"no tanh": o * new, "old memory": o * np.tanh(c), "all shown": np.tanh(new)}.get(mistake)
    return (o * np.tanh(new) if shown is None else shown), new


LSTM_MISTAKES = (
    ("no state", "The last answer is missing: add `w_hh @ h`."),
    ("no input", "The input is missing: add `w_ih @ x`."),
    ("memory for answer", "Gates and candidate are computed from the last answer: `w_hh @ h`, not `w_hh @ c`."),
    ("raw gates", "The gates i, f and o go through the sigmoid: they must lie between 0 and 1."),
    ("tanh gates", "The gates i, f and o go through the sigmoid: they must lie between 0 and 1."),
    ("turned", "f is the share of the memory that *stays*: `f * c`, not `(1 - f) * c`."),
    ("one bias", "There are two biases: add `b_hh` too."),
    ("stripes", "Each gate has a *block* of H rows: `np.split(a, 4)`, not every fourth row."),
    ("ifog", "The order of the blocks is i, f, g, o: the candidate comes third, the output gate last."),
    ("figo", "Input and forget gate are changed over: the blocks are i, f, g, o, and the memory is `f * c + i * g`."),
    ("sigmoid", "The candidate g goes through tanh: it must be able to be negative."),
    ("bare", "The candidate g goes through tanh."),
    ("coupled", "You took 1 − f for the input gate. That is nearly a GRU; here i is a gate of its own."),
    ("no input gate", "The input gate is missing: add `i * g`, not `g`."),
    ("no forget gate", "The forget gate is missing: keep `f * c`. So it was in 1997."),
    ("no tanh", "The answer shows tanh of the memory: `o * np.tanh(c)`."),
    ("old memory", "The answer is made from the *new* memory."),
    ("all shown", "The output gate is missing: `o * np.tanh(c)`."),
)


def _weights(rng, blocks, inputs, units):
    shapes = (blocks * units, inputs), (blocks * units, units), (blocks * units,), (blocks * units,)
    return [rng.normal(size=shape) for shape in shapes]


@check.exercise("4.5d")
def my_lstm_step(function):
    """One step on several shapes, first the answer h, then the memory c."""
    rng = np.random.default_rng(0)
    for inputs, units in ((3, 2), (2, 3), (1, 1)):
        x, h, c, weights = (
            rng.normal(size=inputs),
            rng.normal(size=units),
            rng.normal(size=units),
            _weights(rng, 4, inputs, units),
        )
        given = f"For {inputs} inputs and {units} units"
        got = call(function, x, h, c, *weights)
        got = tuple(got) if isinstance(got, np.ndarray) and got.shape == (2, units) else got
        if not isinstance(got, tuple | list) or len(got) != 2:
            raise Mistake("Return two things: the answer and the memory, `return h, c`.")
        got = [as_array(part, given) for part in got]
        if any(part.shape != (units,) for part in got):
            raise Mistake(
                f"{given}: expected two arrays of shape ({units},), received {got[0].shape} and {got[1].shape}."
            )
        if np.allclose(got, lstm_step(x, h, c, *weights)[::-1]) and units > 1:
            raise Mistake("The two are changed over: first the answer h, then the memory c.")
        for kind, words in LSTM_MISTAKES:
            if np.allclose(got, lstm_step(x, h, c, *weights, mistake=kind)) and units > 1:
                raise Mistake(words)
        want = lstm_step(x, h, c, *weights)
        same(got[1], want[1], f"{given}, the memory")
        same(got[0], want[0], f"{given}, the memory is right; the answer")
    return "That is an LSTM, in four lines. A layer is this, once for each word."


def gru_step(x, h, w_ih, w_hh, b_ih, b_hh, mistake=None):
    """One step in PyTorch's order r, z, n, or one with a usual mistake."""
    from_x, from_h = w_ih @ x + b_ih, w_hh @ h + b_hh
    (xr, xz, xn), (hr, hz, hn) = from_x.reshape(3, -1), from_h.reshape(3, -1)
    if mistake == "order":
        xr, xz, hr, hz = xz, xr, hz, hr
    squash = {"raw gates": np.asarray, "tanh gates": np.tanh}.get(mistake, sigmoid)
    r, z = squash(xr + hr), squash(xz + hz)
    size = len(h)
    inner = {
        "before": w_hh[2 * size :] @ (r * h) + b_hh[2 * size :],
        "no reset": hn,
        "no bias": r * (hn - b_hh[2 * size :]),
        "bias outside": r * (hn - b_hh[2 * size :]) + b_hh[2 * size :],
        "all": r * (xn + hn) - xn,
        "update": z * hn,
        "state itself": r * h,
        "input's share": r * xn + hn - xn,
    }.get(mistake, r * hn)
    n = sigmoid(xn + inner) if mistake == "sigmoid" else xn + inner if mistake == "bare" else np.tanh(xn + inner)
    ways = {
        "turned": z * n + (1 - z) * h,
        "added": n + z * h,
        "half": (1 - z) * n,
        "reset stays": (1 - z) * n + r * h,
        "shown": np.tanh((1 - z) * n + z * h),
    }
    return ways.get(mistake, (1 - z) * n + z * h)


GRU_MISTAKES = (
    (
        "before",
        "You reset h before the product, as the paper does. PyTorch multiplies `w_hh @ h + b_hh` by r.",
    ),
    ("no reset", "The reset gate is missing: r multiplies the state's share of the candidate."),
    ("no bias", "The state's bias of the candidate is missing; r multiplies it too."),
    ("bias outside", "r multiplies the state's bias of the candidate too: `r * (w_hh @ h + b_hh)`."),
    ("all", "r multiplies only the state's share of the candidate, not the input's."),
    ("update", "You used the update gate z inside the candidate. That is the reset gate's place."),
    ("state itself", "r multiplies the state's share of the sum, `w_hh @ h + b_hh`, not h itself."),
    ("input's share", "r multiplies the state's share of the candidate, not the input's."),
    ("raw gates", "The gates r and z go through the sigmoid: they must lie between 0 and 1."),
    ("tanh gates", "The gates r and z go through the sigmoid: they must lie between 0 and 1."),
    ("reset stays", "The old state's share is z: `z * h`. The reset gate r works inside the candidate only."),
    ("order", "The order of the blocks is r, z, n: reset, update, candidate."),
    ("sigmoid", "The candidate n goes through tanh."),
    ("bare", "The candidate n goes through tanh."),
    ("turned", "z is the share of the *old* state in PyTorch: `(1 - z) * n + z * h`."),
    ("added", "The candidate gets what is left of the share: `(1 - z) * n`."),
    ("half", "The old state is missing: add `z * h`."),
    ("shown", "No tanh around the new state: both its parts lie between −1 and 1 already."),
)


@check.exercise("4.5e")
def my_gru_step(function):
    """One step on several shapes."""
    rng = np.random.default_rng(1)
    for inputs, units in ((3, 2), (2, 3), (1, 1)):
        x, h, weights = rng.normal(size=inputs), rng.normal(size=units), _weights(rng, 3, inputs, units)
        usual = [(gru_step(x, h, *weights, mistake=kind), words) for kind, words in GRU_MISTAKES]
        got = call(function, x, h, *weights)
        if isinstance(got, tuple) and len(got) == 2:
            raise Mistake("You returned two things. A GRU has no memory apart: return the new h only.")
        same(got, gru_step(x, h, *weights), f"For {inputs} inputs and {units} units", usual)
    return "That is PyTorch's GRU: one state, two gates, three blocks of weights."
