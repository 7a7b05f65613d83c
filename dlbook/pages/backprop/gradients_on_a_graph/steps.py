"""Checks of the page "Gradients on a graph": the engine in six steps."""

import functools
import itertools
import re
from types import FunctionType, SimpleNamespace

import numpy as np

from dlbook.page.exercises import Exercises, Mistake, NotYet, as_array, call, same
from dlbook.pages.backprop.gradients_on_a_graph import experiment

check = Exercises()

STEPS = ("Value", "mul", "relu", "history", "backward")  # each checked as step 1, 2, …; the sixth is the sheet
WORKED = {name: getattr(experiment, name) for name in (*STEPS, "add")}
COMMA = "`(x)` is x itself; a tuple with one entry needs a comma: `(x,)`."


def bench(function, steps):
    """The reader's function with the steps before it: her own if all pass their checks, else the worked ones.

    Returns the function, the steps by name, and whether they are her own.
    """
    names = getattr(function, "__globals__", {})
    before = STEPS[:steps]
    own = all(check.judge(f"3.2 step {n}", names.get(name)).passed for n, name in enumerate(before, start=1))
    if own and "add" in names:
        return function, SimpleNamespace(**{name: names[name] for name in (*before, "add")}), True
    if isinstance(function, FunctionType):  # the same code among other names
        names = names | WORKED
        copy = FunctionType(function.__code__, names, None, function.__defaults__, function.__closure__)
        function = names[function.__name__] = functools.update_wrapper(copy, function)
    return function, SimpleNamespace(**WORKED), False


def tried(function, *inputs):
    """What the reader's function returns for these very Values (`call` alone would copy them)."""
    if not callable(function):
        return call(function)  # says so

    @functools.wraps(function)
    def on_these():
        return (function(*inputs),)

    try:
        return call(on_these)[0]
    except Mistake as finding:
        for sign, words in STUMBLES.items():
            if re.search(sign, str(finding)):
                raise Mistake(f"{words}\n{finding}") from None
        raise


STUMBLES = {
    "RecursionError": "Your function calls itself once per step, and Python allows about a thousand. Use a loop.",
    "'itertools.count' object is not callable": "`births` is asked for the next number by `next(births)`.",
    "'(float|int)' object has no attribute": "A plain number stands where a Value is wanted. If it is meant as one, "
    "wrap it first, `Value(…)`.",
    "bad operand type .*'Value'": "A Value does not know the signs: use its number, `x.data`.",
    "no callable": "NumPy does not know Values: use the number, `x.data`.",
    "unsupported operand .*'Value'": "A Value does not know the signs: use its number, `x.data`, or `mul` and `add`.",
    "not supported between .*'Value'": "A Value cannot be compared: use a number of it, such as `x.data`.",
    "object is not iterable": "One can go through a tuple or a list only. " + COMMA,
}


def answer(function, *inputs):
    """The same, where something must come back."""
    got = tried(function, *inputs)
    if got is None or got is Ellipsis:
        raise NotYet("Nothing comes back so far. Write the body, and end it with `return …`.")
    return got


@check.exercise("3.2 step 1")
def a_number_that_remembers(value):
    """A class that keeps what it is given, a gradient of 0, and an age that grows."""
    first, second = answer(value, 2.0), answer(value, 3.0)
    if not hasattr(first, "data") and not getattr(first, "__dict__", None):
        raise NotYet("Nothing is kept so far. Write lines such as `self.data = data`, with `self.` in front.")
    parents, slopes = (first, second), (0.5, -1.0)
    third = answer(value, 4.0, parents, slopes)
    for name in ("data", "parents", "slopes", "grad", "age"):
        if not hasattr(third, name):
            raise Mistake(f"A Value has no `{name}` yet: a line `self.{name} = …` is missing.")
    if third.parents is slopes or third.slopes is parents:
        raise Mistake("Parents and slopes are exchanged.")
    same(third.data, 4.0, "For Value(4.0, parents, slopes), its data")
    for name, given in (("parents", parents), ("slopes", slopes)):
        kept, empty = getattr(third, name), getattr(first, name)
        if not isinstance(kept, tuple | list) or list(map(id, kept)) != list(map(id, given)):
            raise Mistake(f"The {name} are not kept as they were given: `self.{name} = {name}`.")
        if not isinstance(empty, tuple | list) or len(empty):
            raise Mistake(f"Value(2.0) was made from nothing: its {name} must be empty, `()`.")
    if third.grad is None:
        raise Mistake("A gradient starts at 0, not at None: others will be added to it.")
    same(third.grad, 0.0, "The gradient of a new Value", [(1.0, "Only the end of the walk starts at 1, later.")])
    _ages([first.age, second.age, third.age])
    if type(first).__hash__ is None:
        raise Mistake("Such a Value cannot be put into a set: leave out `__eq__` (in a dataclass: `eq=False`).")
    return "That is all that a number needs in order to remember."


def _ages(ages):
    """Raise Mistake unless each Value is younger than the one before."""
    if any(not isinstance(age, int | float | np.number) for age in ages):
        raise Mistake("The age must be a number: `next(births)` gives one, `births` alone does not.")
    if len(set(ages)) == 1:
        raise Mistake("All your Values have the same age. Ask for a new one inside `__init__`: `next(births)`.")
    if not ages[0] < ages[1] < ages[2]:
        raise Mistake(f"Three Values, made one after another, have the ages {ages}: each must have a larger one.")


def rule(got, engine, given, value, parents, usual_values=()):
    """Raise Mistake unless `got` is a Value with this number, and with the right slope for each of its parents.

    Args:
        got: what the reader's rule returned.
        engine: the steps that the rule stands on.
        given: the case in words.
        value: the right number.
        parents: triples (a parent, its slope, pairs of usual wrong slopes and words).
        usual_values: pairs of usual wrong numbers and words.
    """
    if not isinstance(got, engine.Value):
        kind = type(got).__name__
        raise Mistake(f"Your rule returns {kind}; wrap the number: `Value(number, parents, slopes)`.")
    same(got.data, value, f"{given}, the value", usual_values)
    for name in ("parents", "slopes"):
        kept = getattr(got, name)
        if not isinstance(kept, tuple | list):
            comma = COMMA if isinstance(kept, engine.Value | int | float) else "Write `(first, second)`."
            raise Mistake(f"The {name} are not a tuple. {comma}")
    known = [parent for parent, *_ in parents]
    if not all(any(parent is one for one in known) for parent in got.parents):
        raise Mistake(
            "The value is right, but the parents must be the Values that your rule was given, not their numbers."
        )
    if not got.parents and any(slope for _, slope, _ in parents):
        one = "(x,)" if len(known) == 1 else "(x, y)"
        raise Mistake(f"The value is right, but it does not remember where it came from: its parents are `{one}`.")
    if len(got.slopes) != len(got.parents):
        raise Mistake(f"One slope for each parent: I see {len(got.parents)} parents and {len(got.slopes)} slopes.")
    if any(isinstance(slope, engine.Value) for slope in got.slopes):
        raise Mistake("The slopes must be plain numbers, such as `x.data`, not Values.")
    for parent, slope, usual in parents:
        sent = [as_array(s, "A slope") for p, s in zip(got.parents, got.slopes, strict=True) if p is parent]
        same(sum(sent, np.array(0.0)), slope, f"{given}, the slope", usual)


@check.exercise("3.2 step 2")
def rule_of_the_product(function):
    """x · y, with slopes y and x."""
    function, engine, _ = bench(function, 1)
    x, y = engine.Value(3.0), engine.Value(-2.0)
    known = [(3.0, "The slopes are exchanged: if x grows by one, x · y grows by y."), (1.0, "That is a sum's slope.")]
    values = [(1.0, "That is the sum."), (1.5, "That is a quotient."), (-1.5, "That is a quotient.")]
    usual_y = [(-2.0, known[0][1]), known[1]]
    parents = [(x, -2.0, known), (y, 3.0, usual_y)]
    rule(answer(function, x, y), engine, "For x = 3 and y = −2", -6.0, parents, values)
    z = engine.Value(5.0)
    rule(answer(function, z, z), engine, "For x · x at x = 5 (both slopes together)", 25.0, [(z, 10.0, ())])
    return "Number and slopes, side by side: that is all an engine has to know about an operation."


@check.exercise("3.2 step 3")
def rule_of_the_relu(function):
    """x where it is positive, with slope 1; else 0, with slope 0."""
    function, engine, _ = bench(function, 2)
    x = engine.Value(2.2)
    on = [(2.2, "The slope of a ReLU that is on is 1, not its value."), (0.0, "It is on: the slope is 1.")]
    rule(answer(function, x), engine, "For x = 2.2", 2.2, [(x, 1.0, on)], [(0.0, "A positive number passes.")])
    x = engine.Value(-1.5)
    off = [(1.0, "Below 0 the curve is flat: the slope of a ReLU that is off is 0.")]
    values = [(-1.5, "A ReLU that is off answers 0."), (1.5, "That is the size; a ReLU that is off answers 0.")]
    rule(answer(function, x), engine, "For x = −1.5", 0.0, [(x, 0.0, off)], values)
    return "On, it passes everything; off, nothing. At exactly 0 there is a kink, and any slope from 0 to 1 will do."


#: The long chain of the last check. Whoever lets go of its end alone makes Python free one Value inside the freeing of
#: another, 5,000 deep, and a web page has no room for that. A list lets go of its last, the youngest, first.
KEPT = []


def family(engine):
    """Graphs as (words, the end, all Values in it), in which the order matters."""
    new = engine.Value
    x = new(1.0)
    yield "For a Value that was made from nothing", x, [x]
    x, y = new(1.0), new(2.0)
    z = new(3.0, (x, y), (1.0, 1.0))
    end = new(9.0, (z, z), (3.0, 3.0))
    yield "For z · z with z = x + y", end, [x, y, z, end]
    x = new(1.5)
    late = new(2.25, (x,), (3.0,))
    long = [late]
    for _ in range(30):
        long.append(new(long[-1].data + 1, (long[-1],), (1.0,)))
    end = new(0.0, (long[-1], late), (1.0, 1.0))
    yield "For a graph with a short and a long path", end, [x, *long, end]
    chain = [new(0.0)]
    for _ in range(5000):
        chain.append(new(0.0, (chain[-1],), (1.0,)))
    KEPT[:] = chain
    yield "For a chain of 5,000 additions", chain[-1], chain


@check.exercise("3.2 step 4")
def youngest_first(function):
    """Every Value of the graph once, none before what was made from it."""
    function, engine, _ = bench(function, 3)
    for said, end, everything in family(engine):
        got = answer(function, end)
        if isinstance(got, set | dict):
            raise Mistake("A set has no order. Sort it: `sorted(…, key=lambda v: -v.age)` makes a list.")
        if not hasattr(got, "__iter__"):
            raise Mistake(f"Return a list of Values. This is {type(got).__name__}, which is not iterable.")
        got = list(got)
        if not all(isinstance(v, engine.Value) for v in got):
            raise Mistake("The list must hold the Values themselves, not their numbers or ages.")
        if len(set(got)) < len(got):
            raise Mistake(f"{said}: a Value stands in your list twice. Then it would pass on its gradient twice.")
        if missing := set(everything) - set(got):
            if end in missing:
                raise Mistake(f"{said}: the end itself is missing. Its gradient starts the walk.")
            words = "Parents have parents too: do you go all the way?"
            raise Mistake(f"{said}: {len(missing)} of {len(everything)} Values are missing. {words}")
        _orderly(said, got)
    return "Whoever comes first in this list has nothing more to wait for."


def _orderly(said, got):
    place = {value: n for n, value in enumerate(got)}
    if len(got) > 1 and all(place[p] < place[v] for v in got for p in v.parents):
        raise Mistake(f"{said}: oldest first. The walk begins at the end: turn the order round.")
    if any(place[p] < place[v] for v in got for p in v.parents):
        raise Mistake(f"{said}: a Value comes before something that was made from it. Sort: youngest first.")


OVERWRITES = "You overwrite: a value that is used twice must *add* what its uses send back (`+=`)."
LATE = "A value passed on its gradient before all of it had arrived. Visit the youngest first."


def walks(engine):
    """Graphs as (words, x, the end, the right gradient of x, usual wrong ones)."""
    new, mul, add = engine.Value, engine.mul, engine.add
    x = new(3.0)
    usual = [
        (0.0, "Nothing arrived at x. Does `end` start with a gradient of 1, and does it travel?"),
        (
            1.0,
            "Every gradient comes out as 1. The slope is missing (pass on slope times gradient), or you set more than "
            "the end's to 1.",
        ),
        (0.5, "You pass on the slope alone. Multiply it by the gradient that arrived at this value, not at the end."),
        (-2.5, "Along a path slopes *multiply*; you add slope and gradient."),
        (12.0, "The end starts with a gradient of 1, not with its number: the loss grows as fast as itself."),
        (0.75, "Multiply the slope by the value's *gradient*, not by its number."),
        (2.0, "The sign is turned round."),
    ]
    yield "For −4 · (0.5 x) at x = 3", x, mul(mul(x, new(0.5)), new(-4.0)), -2.0, usual
    x = new(3.0)
    yield "For x · x + x at x = 3", x, add(mul(x, x), x), 7.0, [(w, OVERWRITES) for w in (1.0, 3.0, 4.0)]
    x = new(2.0)
    y = mul(x, x)
    yield "For 3y + y² with y = x² at x = 2", x, add(mul(y, new(3.0)), mul(y, y)), 44.0, LATE
    for said, end, everything in itertools.islice(family(engine), 2, None):
        late = "short" in said
        yield said, everything[0], end, (6.0 if late else 1.0), (LATE if late else ())


@check.exercise("3.2 step 5")
def the_way_back(function):
    """A backward pass of the reader's own on graphs that break the usual shortcuts."""
    function, engine, _ = bench(function, 4)
    for said, x, end, want, usual in walks(engine):
        tried(function, end)  # it need not return anything
        if x.grad == 0 and end.grad == 0:
            raise NotYet("Nothing has a gradient so far, not even the end: its own is 1, and the walk begins there.")
        if abs(x.grad - want) > 1e-9 and usual is LATE:
            raise Mistake(f"{said}: expected {want:g}, received {x.grad:g}. {LATE}")
        same(x.grad, want, f"{said}, ∂end/∂x", usual)
    return "Reuse, diamonds, long detours, five thousand steps: your engine walks back."


HAND = {"w": (3.0, -1.0, 1.5, 2.5, -0.5, 1.5), "x": (0.8, 0.4), "y": 2.0}
SMALL_SHEETS = (
    ("For the sheet of this page", HAND),
    ("For w₁ = 0, where the first unit is off", HAND | {"w": (0.0, *HAND["w"][1:])}),
    ("For other inputs and another truth", HAND | {"x": (0.3, 0.9), "y": 3.5}),
    ("For w₆ = 0.1, where the guess is negative", HAND | {"w": (*HAND["w"][:5], 0.1)}),
)


def by_hand(w, x, y):
    """The guess, the loss, and the gradients for weights and inputs."""
    w, v, x = np.reshape(w[:4], (2, 2)), np.array(w[4:]), np.array(x)
    z = w @ x
    h = np.maximum(z, 0)
    off = v @ h - y
    dz = 2 * off * v * (z > 0)
    return v @ h, off**2, np.concatenate([np.outer(dz, x).ravel(), 2 * off * h]), dz @ w


@check.exercise("3.2 step 6")
def the_sheet_on_the_engine(function):
    """The network of the sheet as Values, walked back through."""
    function, engine, own = bench(function, 5)
    for said, given in SMALL_SHEETS:
        w, x = [engine.Value(a) for a in given["w"]], [engine.Value(a) for a in given["x"]]
        loss = answer(function, w, x, given["y"])
        if not isinstance(loss, engine.Value):
            raise Mistake(f"Return the loss as a Value; this is {type(loss).__name__}, which remembers nothing.")
        guess, want, dw, dx = by_hand(**given)
        same(loss.data, want, f"{said}, the loss", _wrong_losses(guess, **given))
        engine.backward(loss)
        for name, value, gradient in zip((*"₁₂₃₄₅₆", "x₁", "x₂"), [*w, *x], [*dw, *dx], strict=True):
            name = name if name.startswith("x") else f"w{name}"
            usual = [
                (
                    0.0,
                    f"{said}, the gradient of {name} is 0: the loss must be made from the Values that you are given.",
                ),
                (gradient / 2, f"{said}, the gradient of {name} is half of what is right: is `off` used twice?"),
            ]
            same(value.grad, gradient, f"{said}, the gradient of {name}", usual)
    if not own:
        return "The sheet is right, on the worked steps. It runs on an engine of yours once all five steps before are."
    return "Loss and all eight gradients of the sheet, from an engine that is yours to the last line."


def _wrong_losses(guess, w, x, y):
    """What the usual mistakes give for the loss."""
    z = np.reshape(w[:4], (2, 2)) @ x
    crossed = np.maximum(np.reshape(w[:4], (2, 2)).T @ x, 0)
    return [
        (guess, "That is the guess. The loss is the square of guess minus truth."),
        (guess - y, "That is how far the guess is off. The loss is its square."),
        ((guess + y) ** 2, "You added the truth. Its minus belongs inside: `add(guess, Value(-y))`."),
        ((np.dot(w[4:], z) - y) ** 2, "The ReLUs are missing."),
        ((np.dot(w[4:], crossed) - y) ** 2, "w₂ and w₃ are exchanged: w₁ and w₂ lead to the first unit."),
        (guess**2, "The truth is missing: square guess minus truth."),
        ((max(guess, 0) - y) ** 2, "The guess itself has no ReLU: only the two hidden units are bent."),
    ]
