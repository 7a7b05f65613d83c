"""Checks of the exercises of the page "The black box"."""

import numpy as np

from dlbook.page.exercises import Exercises, Mistake, NotYet, as_array, call, same

check = Exercises()

SHARES_MISTAKES = (
    ([12, 12], "That is gradient times input, or what leaving one out gives: together 24, twice the answer of 12."),
    ([2, 6], "That is the gradient at the end of the way. You need its mean along the way, and then times the inputs."),
    ([1, 3], "That is the mean gradient. Now multiply each with how far its input has come."),
    ([6, 2], "Those are the inputs themselves. How steep is the function on the way?"),
    ([9, 3], "You shared 12 in the ratio of the inputs. That is fair for a sum; in a product, both work together."),
    ([3, 3], "Those are the shares at (3, 2), further up. Here the point is (6, 2)."),
    ([3, 9], "You shared 12 in the ratio of the gradients. Multiply each mean slope with its own input instead."),
)


@check.exercise("6.4a")
def shares_of_a_product(shares):
    """x₁ x₂ at (6, 2) is shared equally."""
    got = as_array(shares, "The shares")
    if got.shape != (2,):
        raise Mistake("I expected two numbers, a share for x₁ and one for x₂.")
    for wrong, words in SHARES_MISTAKES:
        if np.allclose(got, wrong):
            raise Mistake(words)
    if not np.isclose(got.sum(), 12):
        raise Mistake(f"Your shares add up to {got.sum():g}. They should add up to f(6, 2) − f(0, 0) = 12.")
    same(got, [6, 6], "At (6, 2)", show=False)
    return "Half each, although one input is three times as large: in a product of two, neither does anything alone."


def leave_one_out(f, x, sign=1.0, together=False):
    """How far f falls when each input becomes 0; with `together`, when all before it are 0 as well."""
    falls, gone = np.zeros(len(x)), x.copy()
    for i in range(len(x)):
        without = gone if together else x.copy()
        without[i] = 0
        falls[i] = sign * (f(x) - f(without))
    return falls


def keep_one(f, x):
    """What f gives when only one input is kept."""
    return np.array([f(np.where(np.arange(len(x)) == i, x, 0)) for i in range(len(x))])


def slope_times_input(f, x, step=1e-6):
    """Gradient times input, by small steps."""
    return np.array([(f(x + step * e) - f(x - step * e)) / (2 * step) for e in np.eye(len(x))]) * x


OUT_MISTAKES = (
    (slope_times_input, "That is the slope times the input. Set the input to 0 and run f again."),
    (lambda f, x: leave_one_out(f, x, sign=-1), "The sign is turned round: how far it *falls* is before minus after."),
    (lambda f, x: leave_one_out(f, x, together=True), "The inputs do not come back: take a fresh copy for each."),
    (keep_one, "You kept one input and left out all others. Leave out one and keep the others."),
    (lambda f, x: f(x) - keep_one(f, x), "You kept one input each time. Leave out one and keep the others."),
    (lambda f, x: f(x) - leave_one_out(f, x), "That is what f gives without the input. By how much has it fallen?"),
    (lambda f, x: np.abs(leave_one_out(f, x)), "Keep the sign: without some inputs the answer *rises*."),
    (lambda f, x: leave_one_out(f, x).sum(), "One number for each input, not their sum."),
)


@check.exercise("6.4b")
def leaving_one_out(function):
    """A sum with a negative term, a product, and something that bends: no slope tells what leaving out does."""
    cases = (
        (lambda x: 2 * x[0] - x[1] + 0.5 * x[2], np.array([1.0, 3.0, 2.0]), "the linear unit at (1, 3, 2)"),
        (lambda x: x[0] * x[1] - x[2], np.array([3.0, 2.0, 4.0]), "x₁ x₂ − x₃ at (3, 2, 4)"),
        (lambda x: 1 + min(1.0, x[0] + x[1]) * x[2] - x[3] ** 2, np.array([1.0, 1.0, 5.0, 2.0]), "a bent function"),
    )
    got = [as_array(call(function, f, x), "The falls") for f, x, _ in cases]
    for wrong, words in OUT_MISTAKES:
        expected = [np.asarray(wrong(f, x)) for f, x, _ in cases]
        if all(g.shape == e.shape and np.allclose(g, e) for g, e in zip(got, expected, strict=True)):
            raise Mistake(words)
    for g, (f, x, name) in zip(got, cases, strict=True):
        same(g, leave_one_out(f, x), f"For {name}")
    return "One run of f for each input: this explains anything that you can run, even what has no gradient."


def delete(image, importance, n, fill=0.0):
    """The image with the n pixels of largest importance replaced."""
    flat = image.ravel().copy()
    flat[np.argsort(-importance.ravel(), kind="stable")[:n]] = fill
    return flat.reshape(image.shape)


DELETE_MISTAKES = (
    (lambda x, m, n, fill: delete(x, -m, n, fill),
     "You deleted the *least* important pixels: argsort begins with the smallest."),
    (lambda x, m, n, fill: delete(x, np.abs(m), n, fill),
     "You went by size. A strongly negative pixel speaks *against* the class; the largest values count."),
    (lambda x, m, n, fill: delete(x, x, n, fill), "You deleted the brightest pixels. Go by the map."),
    (lambda x, m, n, fill: delete(x, m, x.size - n, fill), "You kept n pixels and deleted the rest."),
    (lambda x, m, n, fill: delete(x, m, n, 0.0), "`fill` is ignored: the pixels become 0 whatever it says."),
    (lambda x, m, n, fill: delete(x, m, n + 1, fill), "That is one pixel too many."),
    (lambda x, m, n, fill: delete(x, m, n - 1, fill), "That is one pixel too few."),
    (lambda x, m, n, fill: delete(m, m, n, fill), "You changed the map. Go by the map, and change the image."),
    (lambda x, m, n, fill: np.where(m > 0, fill, x), "You replaced all that speak for the class. Only the n largest."),
    (lambda x, m, n, fill: x, "Nothing has changed. Return the copy that you wrote into, not `image`."),
    (lambda x, m, n, fill: x + delete(0 * x, m, n, fill), "You added `fill`. Put it in the pixel's place."),
    (lambda x, m, n, fill: x * delete(0 * x + 1, m, n, fill), "You multiplied by `fill`. Put it in the pixel's place."),
    (lambda x, m, n, fill: delete(x, m, n, fill).ravel(), "The right pixels, but the image is a list now: reshape it."),
)  # fmt: skip


@check.exercise("6.4c")
def deleting_pixels(function):
    """Images that are not square, signed maps, two fills, and n = 0."""
    rng = np.random.default_rng(7)
    none = [(np.full((3, 4), 0.5), "With n = 0 nothing is replaced. Beware of `[-n:]`: for n = 0 that is everything.")]
    for shape, n, fill in (((4, 5), 8, 0.5), ((8, 8), 9, -1.0), ((3, 4), 0, 0.5)):
        x, m = rng.uniform(0.1, 1, shape), rng.normal(size=shape)
        got = call(function, x, m, n, fill=fill)
        usual = [(wrong(x, m, n, fill), words) for wrong, words in DELETE_MISTAKES] if n else none
        same(got, delete(x, m, n, fill), f"For {shape[0]} × {shape[1]} pixels and n = {n}", usual)
    same(call(function, x, m, 2), delete(x, m, 2), "When no fill is given")
    return "With it you can put any map to the test, not only those of this page."


def integrated(gradient, x, baseline, points, at=0.5):
    """Integrated gradients; `at` says where in each stretch the gradient is taken."""
    way = (np.arange(points) + at) / points
    return (x - baseline) * np.mean([gradient(baseline + t * (x - baseline)) for t in way], axis=0)


INTEGRATED_MISTAKES = (
    (lambda g, x, b, n: integrated(g, x, b, n) * n, "You took the sum of the gradients. Divide by the points."),
    (lambda g, x, b, n: integrated(g, x, 0 * b, n),
     "The baseline is ignored: begin at `baseline`, not at 0."),
    (lambda g, x, b, n: integrated(g, x, b, n) / (x - b) * x,
     "The way is right, but in the end multiply with `x - baseline`: how far each input has come."),
    (lambda g, x, b, n: integrated(g, x, 0 * b, n) / x * (x - b),
     "The last factor is right, but the way begins at 0. Begin at `baseline`."),
    (lambda g, x, b, n: integrated(g, x, b, n) / (x - b), "That is the mean gradient. Multiply with `x - baseline`."),
    (lambda g, x, b, n: (x - b) * g(x), "That is the gradient at the end of the way only. Take the mean along it."),
    (lambda g, x, b, n: integrated(g, x, b, n, at=0), "You took the beginning of each stretch. Take its middle."),
    (lambda g, x, b, n: integrated(g, x, b, n, at=1), "You took the end of each stretch. Take its middle."),
    (lambda g, x, b, n: integrated(g, x, b, 50), "`points` is ignored: take as many as you are told."),
    (lambda g, x, b, n: (x - b) * g((x + b) / 2), "That is the gradient half-way. Take the mean along the whole way."),
    (lambda g, x, b, n: (x - b) * np.mean([g(b + t * (x - b)) for t in np.linspace(0, 1, n)], axis=0),
     "Your points run from end to end. Take the middle of each stretch: (i + 0.5) / points."),
    (lambda g, x, b, n: (x - b) * g(b + (1 - 0.5 / n) * (x - b)) / n,
     "Only the last point is left: add the gradients up, with `+=`."),
    (lambda g, x, b, n: (x - b) * g(b + 0.5 / n * (x - b)) / n,
     "Only the first point was counted: `return` after the loop, not inside it."),
    (lambda g, x, b, n: integrated(lambda z: g(z - b), x, b, n), "Your points begin at 0. Add `baseline` to each."),
    (lambda g, x, b, n: (x - b) * integrated(g, x + b, b, n) / x,
     "You go `t * x` from the baseline, too far. The way is `x - baseline` long."),
    (lambda g, x, b, n: integrated(g, x, b, n) / n, "You divided by the points twice."),
    (lambda g, x, b, n: -integrated(g, x, b, n), "The sign is turned round: it is `x - baseline`."),
    (lambda g, x, b, n: integrated(g, x, b, n).sum(), "One share for each input, not their sum."),
)  # fmt: skip


@check.exercise("6.4d")
def integrated_gradients(function):
    """A cubic in three inputs, baselines other than 0, and completeness."""

    def f(x):
        return x[0] ** 2 * x[1] + 2 * x[2] - x[0] * x[2] ** 2

    def gradient(x):
        return np.array([2 * x[0] * x[1] - x[2] ** 2, x[0] ** 2, 2 - 2 * x[0] * x[2]])

    cases = (([3.0, 2.0, 1.0], [1.0, -1.0, 0.5], 20), ([-1.0, 2.0, 2.0], [0.5, 0.5, -1.0], 7))
    for x, baseline, points in ((np.array(x), np.array(b), n) for x, b, n in cases):
        got = call(function, gradient, x, baseline, points=points)
        usual = [(wrong(gradient, x, baseline, points), words) for wrong, words in INTEGRATED_MISTAKES]
        same(got, integrated(gradient, x, baseline, points), f"With baseline {baseline.tolist()}", usual)
    fine = as_array(call(function, gradient, x, baseline, points=400), "The shares")
    gap = abs(fine.sum() - f(x) + f(baseline))
    if gap > 1e-2:
        raise NotYet(f"Nearly: the shares miss f(x) − f(baseline) by {gap:.3f}.")
    return f"With 400 points the shares miss f(x) − f(baseline) by {gap:.0e}: complete."
