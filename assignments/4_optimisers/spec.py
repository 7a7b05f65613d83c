# ruff: noqa: N803, N806  (matrices have capital letters)
"""Assignment 4: what is asked, what is right, what usually goes wrong.

Our answers are NumPy; tests/unit/dlbook/test_grade_optimisers.py holds them to torch.optim, path by path.
"""

import numpy as np

from dlbook.grade.spec import Assignment

assignment = Assignment("Optimisers", minutes=80)
ask = assignment.question
ROUNDED = {"rtol": 0, "atol": 0.0051}  # two decimals are enough
FINE = {"rtol": 1e-6, "atol": 1e-8}  # after many steps still PyTorch's
PATH = FINE | {"says": "Each step must use the memory that it is handed, and hand back the new one."}


def some(rng, *shape):
    """Slopes or weights, none of them near 0, so that a forgotten term always shows."""
    return np.round(rng.choice([-1, 1], shape) * rng.uniform(0.3, 2.5, shape), 2)


def squares(rng, *shape):
    """What a running mean of squares may hold."""
    return np.round(rng.uniform(0.5, 4.0, shape), 2)


# By hand


def a_valley(rng):
    c1, c2 = int(rng.integers(1, 4)), int(rng.integers(5, 9))
    return {"c1": c1, "c2": c2, "w1": int(rng.integers(2, 7)), "w2": int(rng.integers(2, 7)), "rate": 0.1}


@ask("q1", "w_q1", "Two steps down a valley", constants=a_valley)
def two_steps(c1, c2, w1, w2, rate):
    return [w1 * (1 - rate * c1) ** 2, w2 * (1 - rate * c2) ** 2]


two_steps.check("both weights after two steps", 2, says="Slope, step; then the slope where you are now.", **ROUNDED)
two_steps.mistake("That is after one step: take a second one from there.")(
    lambda c1, c2, w1, w2, rate: [w1 * (1 - rate * c1), w2 * (1 - rate * c2)]
)
two_steps.mistake("Both steps used the slope of the start. After the first you are elsewhere, and so is the slope.")(
    lambda c1, c2, w1, w2, rate: [w1 * (1 - 2 * rate * c1), w2 * (1 - 2 * rate * c2)]
)
two_steps.mistake("It climbs: a step goes against the slope.")(
    lambda c1, c2, w1, w2, rate: [w1 * (1 + rate * c1) ** 2, w2 * (1 + rate * c2) ** 2]
)
two_steps.mistake("The slope of ½ c w² is c w; the factor ½ has gone into it.")(
    lambda c1, c2, w1, w2, rate: [w1 * (1 - rate * c1 / 2) ** 2, w2 * (1 - rate * c2 / 2) ** 2]
)
two_steps.hints(
    "The slopes at (w1, w2) are c1·w1 and c2·w2. Each weight moves by the rate times its own slope, downhill.",
    "One step multiplies each weight by 1 - rate · c. Which number is that for c1, and which for c2?",
)


def three_slopes(rng):
    slopes = rng.choice([4, 6, 8]), rng.choice([-3, -2, -1]), rng.choice([2, 3, 4])
    named = {f"g{number}": int(g) for number, g in enumerate(slopes, start=1)}
    return {"start": int(rng.integers(3, 10)), **named, "eta": float(rng.choice([0.1, 0.2])), "mu": 0.5}


@ask("q2", "ball_q2", "A ball that remembers", constants=three_slopes)
def ball(start, g1, g2, g3, eta, mu):
    m1, m2, m3 = g1, g2 + mu * g1, g3 + mu * g2 + mu**2 * g1
    return [m3, start - eta * (m1 + m2 + m3)]


def averaging(start, g1, g2, g3, eta, mu):
    m, w = ball.answer(0.0, g1, g2, g3, eta, mu)
    return [(1 - mu) * m, start + (1 - mu) * w]


ball.check("the memory and the weight after three steps", 3, says="Line by line: m, then w, three times.", **ROUNDED)
ball.mistake("Nothing is remembered: m must keep the share mu of what it was.")(
    lambda start, g1, g2, g3, eta, mu: [g3, start - eta * (g1 + g2 + g3)]
)
ball.mistake("Momentum adds the new slope whole; you have multiplied it by 1 - mu, as Adam does.")(averaging)
ball.mistake("The memory is right. The weight must move in each of the three steps, not only in the last.")(
    lambda start, g1, g2, g3, eta, mu: [
        ball.answer(start, g1, g2, g3, eta, mu)[0],
        start - eta * (g3 + mu * g2 + mu**2 * g1),
    ]
)
ball.mistake("The memory is right; the weight has gone the wrong way.")(
    lambda start, g1, g2, g3, eta, mu: ball.answer(start, g1, g2, g3, -eta, mu)
)
ball.mistake("All of the memory was kept; only the share mu of it is.")(
    lambda start, g1, g2, g3, eta, mu: ball.answer(start, g1, g2, g3, eta, 1.0)
)
ball.mistake("The two have changed places: first the memory m, then the weight w.")(
    lambda start, g1, g2, g3, eta, mu: ball.answer(start, g1, g2, g3, eta, mu)[::-1]
)
ball.hints(
    "Make a table with the columns g, m, w. In the first row m is g1, because it was 0 before.",
    "Second row: m = mu · g1 + g2, and w goes on from where the first row left it.",
)


def two_slopes(rng):
    signs = rng.permutation([-1, 1])
    big, small = int(rng.integers(2, 9)) * 100, float(rng.integers(2, 9)) / 100
    return {"slope_a": int(signs[0] * big), "slope_b": float(signs[1] * small), "pace": float(rng.integers(4, 20)) / 20}


@ask("q3", "moves_q3", "Adam's first step", constants=two_slopes)
def first_moves(slope_a, slope_b, pace):
    return [-pace * np.sign(slope_a), -pace * np.sign(slope_b)]


first_moves.check("by how much each weight moves", 2, says="Work out m, v, m̂ and v̂ after one slope.", **ROUNDED)
first_moves.mistake("It climbs: a step goes against the slope.")(
    lambda slope_a, slope_b, pace: [pace * np.sign(slope_a), pace * np.sign(slope_b)]
)
first_moves.mistake("Without bias correction the first step is √10 times as long: m̂ = m / (1 - β₁), v̂ = v / (1 - β₂).")(
    lambda slope_a, slope_b, pace: [-pace * np.sign(slope_a) * 10**0.5, -pace * np.sign(slope_b) * 10**0.5]
)
first_moves.mistake("That is a step of SGD. Adam divides by the root of v̂.")(
    lambda slope_a, slope_b, pace: [-pace * slope_a, -pace * slope_b]
)
first_moves.mistake("It is the root of v̂ that divides, not v̂ itself.")(
    lambda slope_a, slope_b, pace: [-pace / slope_a, -pace / slope_b]
)
first_moves.mistake("Adam's step has a direction as well: the sign of the slope is still in m̂.")(
    lambda slope_a, slope_b, pace: [-pace, -pace]
)
first_moves.hints(
    "After the first slope, m = 0.1 g and v = 0.001 g². What do the corrections make of them?",
    "m̂ = g and v̂ = g². So the step is the rate times g / |g|: what is left of a slope of 300, what of one of 0.02?",
)


# A step in code


def sgd_path(answer, w, slopes, rate, decay):
    path = []
    for g in slopes:
        w = np.array(answer(w.copy(), g.copy(), rate, decay), float)
        path.append(w)
    return np.array(path)


@ask("q4", "sgd_step", "SGD")
def sgd_step(w, g, rate, decay=0.0):
    return np.subtract(w, rate * np.add(g, np.multiply(decay, w)))


sgd_step.check("one step", 1, lambda rng: [some(rng, 4), some(rng, 4), 0.1])
sgd_step.check("one step with a penalty", 1, lambda rng: [some(rng, 4), some(rng, 4), 0.1, 0.5])
sgd_step.check(
    "thirty steps of a matrix",
    1,
    lambda rng: [some(rng, 3, 2), some(rng, 30, 3, 2), 0.07, 0.2],
    hidden=True,
    call=sgd_path,
    says="Weights may be a matrix as well.",
    **FINE,
)
sgd_step.mistake("It climbs: a step goes against the slope.")(lambda w, g, rate, decay=0.0: w + rate * (g + decay * w))
sgd_step.mistake("The penalty has no effect.")(lambda w, g, rate, decay=0.0: w - rate * g)
sgd_step.mistake("The penalty's slope, decay · w, is a slope like any other: the rate multiplies it, too.")(
    lambda w, g, rate, decay=0.0: w - rate * g - decay * w
)
sgd_step.mistake("The penalty pulls weights towards 0; here it pushes them away.")(
    lambda w, g, rate, decay=0.0: w - rate * (g - decay * w)
)
sgd_step.mistake("The slope of ½ · decay · w² is decay · w: the ½ is gone.")(
    lambda w, g, rate, decay=0.0: w - rate * (g + decay * w / 2)
)
sgd_step.mistake("The slope of ½ · decay · w² is decay · w, without a factor 2.")(
    lambda w, g, rate, decay=0.0: w - rate * (g + 2 * decay * w)
)
sgd_step.hints(
    "First the whole slope: that of the loss, g, and that of the penalty.",
    "w - rate · (slope of the loss + decay · w). NumPy does it for any shape.",
)


def momentum_path(answer, w, slopes, rate, mu):
    m, path = np.zeros(w.shape), []
    for g in slopes:
        w, m = [np.array(part, float) for part in answer(w.copy(), g.copy(), m.copy(), rate, mu)]
        path.append(w)
    return np.array(path)


@ask("q5", "momentum_step", "Momentum")
def momentum_step(w, g, m, rate, mu=0.9):
    both = np.multiply(mu, m) + g
    return w - np.multiply(rate, both), both


momentum_step.check("one step, with a memory", 1, lambda rng: [some(rng, 3), some(rng, 3), some(rng, 3) + 1, 0.1, 0.8])
momentum_step.check(
    "a path of 25 steps", 1, lambda rng: [some(rng, 3), some(rng, 25, 3), 0.05, 0.9], call=momentum_path, **PATH
)
momentum_step.check(
    "40 steps of a matrix",
    2,
    lambda rng: [some(rng, 3, 2), some(rng, 40, 3, 2), 0.03, 0.7],
    hidden=True,
    call=momentum_path,
    **FINE,
)
momentum_step.mistake("This is a running mean: momentum adds the new slope whole, m = mu · m + g.")(
    lambda w, g, m, rate, mu=0.9: (w - rate * (mu * m + (1 - mu) * g), mu * m + (1 - mu) * g)
)
momentum_step.mistake("Nothing is remembered: return the new m, and use it.")(
    lambda w, g, m, rate, mu=0.9: (w - rate * g, g)
)
momentum_step.mistake("The weight has moved by the old memory: the new slope goes into m first.")(
    lambda w, g, m, rate, mu=0.9: (w - rate * m, mu * m + g)
)
momentum_step.mistake("The new m is not handed back: the old one came.")(
    lambda w, g, m, rate, mu=0.9: (w - rate * (mu * m + g), m)
)
momentum_step.mistake("The rate is inside the memory. Here, as in PyTorch, m holds slopes, and w moves by rate · m.")(
    lambda w, g, m, rate, mu=0.9: (w - (mu * m + rate * g), mu * m + rate * g)
)
momentum_step.mistake("This is Nesterov's step, which looks ahead; the plain one moves by m alone.")(
    lambda w, g, m, rate, mu=0.9: (w - rate * (g + mu * (mu * m + g)), mu * m + g)
)
momentum_step.mistake("It climbs: a step goes against m.")(
    lambda w, g, m, rate, mu=0.9: (w + rate * (mu * m + g), mu * m + g)
)
momentum_step.mistake("The two have changed places: first the weights, then the memory.")(
    lambda w, g, m, rate, mu=0.9: (mu * m + g, w - rate * (mu * m + g))
)
momentum_step.hints(
    "Two lines, in the order of q2: the new m, then the new w.",
    "The share mu of the old m, and all of g; then w moves against the new m. Return both, w first.",
)


def rmsprop_path(answer, w, slopes, rate, alpha, eps):
    v, path = np.zeros(w.shape), []
    for g in slopes:
        w, v = [np.array(part, float) for part in answer(w.copy(), g.copy(), v.copy(), rate, alpha, eps)]
        path.append(w)
    return np.array(path)


@ask("q6", "rmsprop_step", "RMSprop")
def rmsprop_step(w, g, v, rate, alpha=0.99, eps=1e-8):
    v = v + (1 - alpha) * (np.square(g) - v)
    return w - rate * g / (eps + v**0.5), v


rmsprop_step.check(
    "one step, with a large ε", 1, lambda rng: [some(rng, 3), some(rng, 3), squares(rng, 3), 0.1, 0.8, 0.25]
)
rmsprop_step.check(
    "a path of 25 steps", 1, lambda rng: [some(rng, 3), some(rng, 25, 3), 0.05, 0.99, 1e-8], call=rmsprop_path, **PATH
)
rmsprop_step.check(
    "40 steps of a matrix",
    2,
    lambda rng: [some(rng, 3, 2), some(rng, 40, 3, 2), 0.02, 0.9, 0.01],
    hidden=True,
    call=rmsprop_path,
    **FINE,
)
rmsprop_step.mistake("ε belongs beside the root, not under it.")(
    lambda w, g, v, rate, alpha=0.99, eps=1e-8: (
        w - rate * g / np.sqrt(alpha * v + (1 - alpha) * g**2 + eps),
        alpha * v + (1 - alpha) * g**2,
    )
)
rmsprop_step.mistake("It was divided by v; the root is missing.")(
    lambda w, g, v, rate, alpha=0.99, eps=1e-8: (
        w - rate * g / (alpha * v + (1 - alpha) * g**2 + eps),
        alpha * v + (1 - alpha) * g**2,
    )
)
rmsprop_step.mistake("The slopes go into v as squares.")(
    lambda w, g, v, rate, alpha=0.99, eps=1e-8: (
        w - rate * g / (np.sqrt(np.abs(alpha * v + (1 - alpha) * g)) + eps),
        alpha * v + (1 - alpha) * g,
    )
)
rmsprop_step.mistake("v is a running mean: the new square counts 1 - alpha, not whole.")(
    lambda w, g, v, rate, alpha=0.99, eps=1e-8: (w - rate * g / (np.sqrt(alpha * v + g**2) + eps), alpha * v + g**2)
)
rmsprop_step.mistake("alpha is the share that is kept, 1 - alpha that of the new square; they have changed places.")(
    lambda w, g, v, rate, alpha=0.99, eps=1e-8: rmsprop_step.answer(w, g, v, rate, 1 - alpha, eps)
)
rmsprop_step.mistake("It was divided by the old v: the new square goes in first.")(
    lambda w, g, v, rate, alpha=0.99, eps=1e-8: (
        w - rate * g / (np.sqrt(v) + eps),
        alpha * v + (1 - alpha) * g**2,
    )
)
rmsprop_step.mistake("It climbs: a step goes against the slope.")(
    lambda w, g, v, rate, alpha=0.99, eps=1e-8: rmsprop_step.answer(w, g, v, -rate, alpha, eps)
)
rmsprop_step.hints(
    "Two lines: the new v, a running mean of the squares; then the step, with the new v.",
    "Of the old v the share alpha stays, of the new g² comes the rest, 1 - alpha. Divide g by `np.sqrt(v) + eps`.",
)


def adam_path(answer, w, slopes, rate, beta1, beta2, eps):
    m, v, path = np.zeros(w.shape), np.zeros(w.shape), []
    for t, g in enumerate(slopes, start=1):
        new = answer(w.copy(), g.copy(), m.copy(), v.copy(), t, rate, beta1, beta2, eps)
        w, m, v = [np.array(part, float) for part in new]
        path.append(w)
    return np.array(path)


def adam_like(w, g, m, v, t, rate, beta1, beta2, eps, corrected=(True, True), at=0):
    """A step of Adam, right or with a usual slip."""
    m, v = beta1 * m + (1 - beta1) * g, beta2 * v + (1 - beta2) * g**2
    m_hat = m / (1 - beta1 ** (t + at)) if corrected[0] else m
    v_hat = v / (1 - beta2 ** (t + at)) if corrected[1] else v
    return w - rate * m_hat / (np.sqrt(v_hat) + eps), m, v


@ask("q7", "adam_step", "Adam")
def adam_step(w, g, m, v, t, rate, beta1=0.9, beta2=0.999, eps=1e-8):
    m, v = m + (1 - beta1) * (g - m), v + (1 - beta2) * (np.square(g) - v)
    size = np.sqrt(v / (1 - beta2**t)) + eps
    return w - rate / (1 - beta1**t) * m / size, m, v


def first_step(rng):
    return [some(rng, 4), some(rng, 4), np.zeros(4), np.zeros(4), 1, 0.1]


def later_step(rng):
    return [some(rng, 4), some(rng, 4), some(rng, 4), squares(rng, 4), 7, 0.1, 0.8, 0.95, 0.25]


def adam_slopes(steps, *shape, settings):
    return lambda rng: [some(rng, *shape), some(rng, steps, *shape), *settings]


adam_step.check("the first step", 1, first_step)
adam_step.check("the seventh step, with a large ε", 1, later_step)
adam_step.check("a path of 25 steps", 2, adam_slopes(25, 4, settings=[0.05, 0.9, 0.999, 1e-8]), call=adam_path, **PATH)
adam_step.check(
    "60 steps of a matrix",
    2,
    adam_slopes(60, 2, 3, settings=[0.02, 0.7, 0.97, 0.01]),
    hidden=True,
    call=adam_path,
    **FINE,
)


def adam_slip(message, **how):
    """A usual slip in Adam, from what ``adam_like`` can do."""
    adam_step.mistake(message)(
        lambda w, g, m, v, t, rate, beta1=0.9, beta2=0.999, eps=1e-8: adam_like(
            w, g, m, v, t, rate, beta1, beta2, eps, **how
        )
    )


def hats_kept(w, g, m, v, t, rate, beta1=0.9, beta2=0.999, eps=1e-8):
    w, m, v = adam_like(w, g, m, v, t, rate, beta1, beta2, eps)
    return w, m / (1 - beta1**t), v / (1 - beta2**t)


def eps_under_the_root(w, g, m, v, t, rate, beta1=0.9, beta2=0.999, eps=1e-8):
    _, m, v = adam_like(w, g, m, v, t, rate, beta1, beta2, eps)
    return w - rate * m / (1 - beta1**t) / np.sqrt(v / (1 - beta2**t) + eps), m, v


def no_root(w, g, m, v, t, rate, beta1=0.9, beta2=0.999, eps=1e-8):
    _, m, v = adam_like(w, g, m, v, t, rate, beta1, beta2, eps)
    return w - rate * m / (1 - beta1**t) / (v / (1 - beta2**t) + eps), m, v


def no_squares(w, g, m, v, t, rate, beta1=0.9, beta2=0.999, eps=1e-8):
    m, v = beta1 * m + (1 - beta1) * g, beta2 * v + (1 - beta2) * g
    return w - rate * m / (1 - beta1**t) / (np.sqrt(np.abs(v / (1 - beta2**t))) + eps), m, v


adam_slip("The bias correction is missing: m and v start at 0 and are too small at first.", corrected=(False, False))
adam_slip("m is corrected and v is not: both start at 0.", corrected=(True, False))
adam_slip("v is corrected and m is not: both start at 0.", corrected=(False, True))
adam_slip("t counts from 1 already: the correction divides by 1 - β to the power t, not t + 1.", at=1)
adam_step.mistake("m̂ and v̂ are for the step alone; what is remembered, and handed back, are m and v.")(hats_kept)
adam_step.mistake("ε belongs beside the root, not under it.")(eps_under_the_root)
adam_step.mistake("It was divided by v̂; the root is missing.")(no_root)
adam_step.mistake("The slopes go into v as squares.")(no_squares)
adam_step.mistake("beta1 belongs to m, beta2 to v; they have changed places.")(
    lambda w, g, m, v, t, rate, beta1=0.9, beta2=0.999, eps=1e-8: adam_like(w, g, m, v, t, rate, beta2, beta1, eps)
)
adam_step.mistake("It climbs: a step goes against the slope.")(
    lambda w, g, m, v, t, rate, beta1=0.9, beta2=0.999, eps=1e-8: adam_like(w, g, m, v, t, -rate, beta1, beta2, eps)
)
adam_step.hints(
    "Four lines: the new m (a running mean of g), the new v (of g²), the two hats, the step.",
    "m̂ = m / (1 - beta1**t), and v̂ likewise. They get names of their own: m and v must be handed back as they are.",
    "w - rate · m̂ / (√v̂ + ε), with ε outside the root.",
)


def adamw_path(answer, w, slopes, rate, decay, beta1, beta2, eps):
    m, v, path = np.zeros(w.shape), np.zeros(w.shape), []
    for t, g in enumerate(slopes, start=1):
        new = answer(w.copy(), g.copy(), m.copy(), v.copy(), t, rate, decay, beta1, beta2, eps)
        w, m, v = [np.array(part, float) for part in new]
        path.append(w)
    return np.array(path)


@ask("q8", "adamw_step", "AdamW")
def adamw_step(w, g, m, v, t, rate, decay, beta1=0.9, beta2=0.999, eps=1e-8):
    moved, m, v = adam_step.answer(w, g, m, v, t, rate, beta1, beta2, eps)
    return moved - rate * decay * w, m, v


def decaying_step(rng):
    return [some(rng, 4), some(rng, 4), some(rng, 4), squares(rng, 4), 5, 0.1, 0.3]


adamw_step.check("one step", 1, decaying_step, **FINE)
adamw_step.check(
    "a path of 25 steps", 1, adam_slopes(25, 4, settings=[0.05, 0.4, 0.9, 0.999, 1e-8]), call=adamw_path, **PATH
)
adamw_step.check(
    "50 steps of a matrix",
    2,
    adam_slopes(50, 2, 3, settings=[0.04, 0.2, 0.8, 0.99, 1e-8]),
    hidden=True,
    call=adamw_path,
    **FINE,
)


def penalised(w, g, m, v, t, rate, decay, beta1=0.9, beta2=0.999, eps=1e-8):
    return adam_like(w, g + decay * w, m, v, t, rate, beta1, beta2, eps)


def afterwards(w, g, m, v, t, rate, decay, beta1=0.9, beta2=0.999, eps=1e-8):
    moved, m, v = adam_like(w, g, m, v, t, rate, beta1, beta2, eps)
    return (1 - rate * decay) * moved, m, v


def decays_by(factor):
    """AdamW whose weights shrink by another factor than 1 - rate · decay."""

    def step(w, g, m, v, t, rate, decay, beta1=0.9, beta2=0.999, eps=1e-8):
        return adam_like(factor(rate, decay) * w, g, m, v, t, rate, beta1, beta2, eps)

    return step


def uncorrected(w, g, m, v, t, rate, decay, beta1=0.9, beta2=0.999, eps=1e-8):
    return adam_like(w - rate * decay * w, g, m, v, t, rate, beta1, beta2, eps, corrected=(False, False))


adamw_step.mistake("That is Adam with an L2 penalty: decay · w has gone through m and v. AdamW keeps it out of them.")(
    penalised
)
adamw_step.mistake("This is plain Adam: the weights do not shrink.")(decays_by(lambda rate, decay: 1.0))
adamw_step.mistake("PyTorch's weights shrink by the factor 1 - rate · decay; the rate is missing in it.")(
    decays_by(lambda rate, decay: 1 - decay)
)
adamw_step.mistake("The weights grow: the factor is 1 - rate · decay.")(decays_by(lambda rate, decay: 1 + rate * decay))
adamw_step.mistake("The weights must shrink by 1 - rate · decay; here that factor is rate · decay alone.")(
    decays_by(lambda rate, decay: rate * decay)
)
adamw_step.mistake("Nearly: it is the old w that shrinks, before Adam's step, and not what the step has made of it.")(
    afterwards
)
adamw_step.mistake("The shrinking is right; Adam's bias correction is missing in what comes after it (see q7).")(
    uncorrected
)
adamw_step.hints(
    "Two things, one after the other: the weights shrink, then Adam's step on g alone.",
    "Adam's step starts from the weights that have shrunk. You may call your `adam_step` with them, or write it out.",
)


# Around the step


@ask("q9", "clip", "Clipping")
def clip(gs, longest):
    length = np.linalg.norm(np.concatenate([np.ravel(g) for g in gs]))
    return [np.array(g) * (1.0 if length <= longest else longest / length) for g in gs]


def slopes_of(length, *shapes):
    """Arrays whose numbers have, as one arrow, a given length, each of them a good part of it."""

    def make(rng):
        gs = [some(rng, *shape) for shape in shapes]
        whole = np.sqrt(sum(np.sum(g**2) for g in gs))
        return [[g * (length / whole) for g in gs], 1.5]

    return make


def each_alone(gs, longest):
    return [g * min(1, longest / max(np.linalg.norm(g), 1e-300)) for g in gs]


clip.check("one array that is too long", 1, slopes_of(6.0, (4,)))
clip.check("a matrix and a bias, one arrow", 1, slopes_of(5.0, (3, 2), (3,)))
clip.check("arrows that are short enough", 1, slopes_of(0.8, (2, 2), (5,)), hidden=True, says="Some need no clipping.")
clip.check(
    "no slope at all",
    1,
    lambda rng: [[np.zeros((2, 2)), np.zeros(2)], float(rng.integers(10, 30)) / 10],
    hidden=True,
    says="What if every slope is 0?",
)
clip.mistake("Every array was shortened on its own, which turns the arrow: one length, one factor for all.")(each_alone)
clip.mistake("Each number was cut at the bound. That changes the direction; here the whole arrow is shortened.")(
    lambda gs, longest: [np.clip(g, -longest, longest) for g in gs]
)
clip.mistake("Short arrows have been made longer: what is within the bound stays as it is.")(
    lambda gs, longest: [g * longest / np.sqrt(sum(np.sum(g**2) for g in gs)) for g in gs]
)
clip.mistake("Nothing was shortened.")(lambda gs, longest: gs)
clip.mistake("The arrow now has length 1: it should have the length of the bound.")(
    lambda gs, longest: [g / np.sqrt(sum(np.sum(g**2) for g in gs)) for g in gs]
)
clip.mistake("The length is the root of the sum of squares; the root is missing.")(
    lambda gs, longest: [g * min(1, longest / max(sum(np.sum(g**2) for g in gs), 1e-300)) for g in gs]
)
clip.mistake("The length is the root of the sum of the squares, not the sum of the sizes.")(
    lambda gs, longest: [g * min(1, longest / max(sum(np.sum(np.abs(g)) for g in gs), 1e-300)) for g in gs]
)
clip.mistake("The arrow's length is that of all numbers together: lengths of arrays do not simply add up.")(
    lambda gs, longest: [g * min(1, longest / max(sum(np.linalg.norm(h) for h in gs), 1e-300)) for g in gs]
)
clip.hints(
    "The squares of all numbers of all arrays, added up; the root of that is the length.",
    "One factor for all: longest / length where the length is above the bound, else 1.",
)


def rates_at(answer, times, steps, rate, lowest):
    return [answer(int(t), steps, rate, lowest) for t in times]


@ask("q10", "cosine_rate", "A schedule")
def cosine_rate(t, steps, rate, lowest=0.0):
    return lowest + (rate - lowest) * np.cos(np.pi * t / (2 * steps)) ** 2


def waves(steps, rate, lowest):
    return lambda rng: [np.sort(rng.permutation(np.arange(1, steps))[:6]), steps, rate, lowest]


def whole_way(rng):
    quarter = int(rng.integers(5, 20))
    return [np.arange(5) * quarter, 4 * quarter, 0.2, 0.0]


cosine_rate.check("from the start to the end", 1, whole_way, call=rates_at)
cosine_rate.check("down to a lowest rate", 1, waves(50, 0.3, 0.05), call=rates_at)
cosine_rate.check("an unseen wave", 1, waves(200, 0.08, 0.01), hidden=True, call=rates_at)
cosine_rate.mistake("That is a whole wave, which climbs again: half of one, π · t / steps, ends at the bottom.")(
    lambda t, steps, rate, lowest=0.0: lowest + (rate - lowest) * (1 + np.cos(2 * np.pi * t / steps)) / 2
)
cosine_rate.mistake("A cosine runs from 1 to -1, and a rate may not be negative: lift it by 1 and halve it.")(
    lambda t, steps, rate, lowest=0.0: lowest + (rate - lowest) * np.cos(np.pi * t / steps)
)
cosine_rate.mistake("It starts at twice the rate: 1 + cos runs from 2 to 0.")(
    lambda t, steps, rate, lowest=0.0: lowest + (rate - lowest) * (1 + np.cos(np.pi * t / steps))
)
cosine_rate.mistake("This is a straight line; the schedule asked for is half a wave of a cosine.")(
    lambda t, steps, rate, lowest=0.0: lowest + (rate - lowest) * (1 - t / steps)
)
cosine_rate.mistake("It climbs from the lowest rate to the highest: the sign of the cosine.")(
    lambda t, steps, rate, lowest=0.0: lowest + (rate - lowest) * (1 - np.cos(np.pi * t / steps)) / 2
)
cosine_rate.mistake("It ends at 0: the lowest rate has no effect.")(
    lambda t, steps, rate, lowest=0.0: rate * (1 + np.cos(np.pi * t / steps)) / 2
)
cosine_rate.mistake("The lowest rate was added on top, so it starts too high: the wave is only rate - lowest high.")(
    lambda t, steps, rate, lowest=0.0: lowest + rate * (1 + np.cos(np.pi * t / steps)) / 2
)
cosine_rate.mistake("A quarter of a wave: the angle runs to π, not to π / 2.")(
    lambda t, steps, rate, lowest=0.0: lowest + (rate - lowest) * np.cos(np.pi * t / steps / 2)
)
cosine_rate.hints(
    "(1 + cos(π t / steps)) / 2 runs from 1 at t = 0 to 0 at t = steps.",
    "Stretch that to the height rate - lowest, and lift it by lowest.",
)


def recipe(X, y, w, rate, steps, warmup, longest, decay, *, slope=2.0, clipped=True, shrinks=True, l2=False, **how):
    """The whole recipe, or one with an ingredient left out."""
    m, v, beta1, beta2 = np.zeros(len(w)), np.zeros(len(w)), 0.9, 0.999
    for t in range(1, steps + 1):
        g = slope * X.T @ (X @ w - y) / len(y)
        if clipped:
            g = g * min(1.0, longest / max(np.linalg.norm(g), 1e-300))
        now = rate * how.get("rate_of", rate_of)(t, steps, warmup)
        if shrinks and not l2:
            w = w - now * decay * w
        g = g + decay * w if l2 else g
        w, m, v = adam_like(w, g, m, v, t, now, beta1, beta2, 1e-8, corrected=how.get("corrected", (True, True)))
    return w


def rate_of(t, steps, warmup):
    """The share of the full rate in step t = 1, 2, …: up a ramp, then down half a wave."""
    return t / warmup if t <= warmup else (1 + np.cos(np.pi * (t - 1 - warmup) / (steps - warmup))) / 2


@ask("q11", "train", "Stretch: the whole recipe")
def train(X, y, w, rate, steps, warmup, longest, decay):
    return recipe(np.asarray(X, float), y, w, rate, steps, warmup, longest, decay)


def a_table(n, d, settings):
    def make(rng):
        X = np.round(rng.normal(0, 1, (n, d)), 2)
        return [X, np.round(X @ some(rng, d) + rng.normal(0, 0.3, n), 2), 0.1 * some(rng, d), *settings]

    return make


NEARLY = {"rtol": 1e-5, "atol": 1e-6}  # clip_grad_norm_ divides by the length and a millionth: right as well
LOOK = "Print t, the length of the slope and the rate in each of the first steps: which of them is not as it should be?"
train.check("the first two steps", 1, a_table(8, 3, [0.1, 2, 4, 1.0, 0.1]), says=LOOK, **NEARLY)
train.check("forty steps", 2, a_table(20, 3, [0.1, 40, 8, 1.0, 0.05]), **NEARLY)
train.check("eighty steps of five weights", 2, a_table(30, 5, [0.15, 80, 10, 1.5, 0.1]), hidden=True, **NEARLY)


def leave_out(message, **how):
    """The recipe with a usual slip."""
    train.mistake(message)(lambda *given: recipe(*given, **how))


def falling(t, steps, warmup):
    return (1 + np.cos(np.pi * (t - 1) / steps)) / 2


def held(t, steps, warmup):
    return min(1.0, t / warmup)


def late(t, steps, warmup):
    return rate_of(t - 1, steps, warmup)


def unshifted(t, steps, warmup):
    return t / warmup if t <= warmup else (1 + np.cos(np.pi * (t - 1) / steps)) / 2


def one_later(t, steps, warmup):
    return t / warmup if t <= warmup else (1 + np.cos(np.pi * (t - warmup) / (steps - warmup))) / 2


leave_out("The slopes were not clipped.", clipped=False)
leave_out("There is no warm-up: the first steps must be shorter.", rate_of=falling)
leave_out("After the warm-up the rate stays up: it must fall along the cosine.", rate_of=held)
leave_out("The first step had rate 0: the steps count from 1, so it has rate / warmup.", rate_of=late)
leave_out("The wave begins where the warm-up ends, and has steps - warmup steps to fall.", rate_of=unshifted)
leave_out("The wave begins one step too early: in step warmup + 1 the rate is still the full one.", rate_of=one_later)
leave_out("decay · w has gone through Adam's memories; AdamW shrinks the weights beside them.", l2=True)
leave_out("The weights do not shrink: where has decay gone?", shrinks=False)
leave_out("The slope of a mean of squares has a factor 2.", slope=1.0)
leave_out("Adam's bias correction is missing (see q7).", corrected=(False, False))
train.mistake("The loss is a mean over the examples, and so is its slope: divide by their number.")(
    lambda X, y, *rest: recipe(X, y, *rest, slope=2.0 * len(y))
)
train.hints(
    "In each of the steps t = 1, 2, …: slope, clip, rate, shrink, Adam. m and v start at zeros.",
    "The slope is 2 · Xᵀ(Xw - y) / N. Print the rate of each step once: it must climb to `rate` and then fall.",
    "In step t > warmup the rate is cosine_rate(t - 1 - warmup, steps - warmup, rate).",
)
