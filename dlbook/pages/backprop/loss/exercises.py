"""Checks of the exercises of the page "Loss"."""

import numpy as np

from dlbook.page.exercises import Exercises, Mistake, as_array, call, same

check = Exercises()


@check.exercise("3.1a")
def bits_of_not_knowing(bits):
    """log2 of 26."""
    bits = as_array(bits, "The number of bits")
    if bits.shape != ():
        raise Mistake(f"One number is asked for. I received an array of shape {bits.shape}.")
    mistakes = (
        (np.log(26), "That is in nats. Divide by ln 2 to get bits."),
        (np.log10(26), "That is the logarithm to base 10. A bit is a logarithm to base 2."),
        (1 / 26, "That is the probability it gives to the letter that comes. The loss is minus its logarithm."),
        (-np.log2(26), "The sign: the logarithm of 1/26 is negative, and the loss has a minus in front of it."),
        (26.0, "That is the number of letters. The loss is the logarithm of it."),
        (
            np.log(26) * np.log(2),
            "From nats to bits one *divides* by ln 2: a bit is less than a nat, so there are more.",
        ),
    )
    same(bits, np.log2(26), "For 26 letters", mistakes, rtol=5e-3, show=False)
    return "About 4.7 bits a letter. Whoever knows a little English needs far fewer."


def picked(table, y):
    return table[np.arange(len(y)), y]


PROBABILITY_MISTAKES = (
    (lambda p, y: -np.log(picked(p, y)).sum(), "You added up. The mean divides by the number of examples."),
    (lambda p, y: np.log(picked(p, y)).mean(), "The sign is missing: surprise is *minus* the logarithm."),
    (lambda p, y: -np.log2(picked(p, y)).mean(), "That is in bits. Nats were asked for: use np.log."),
    (lambda p, y: -np.log(picked(p, y).mean()), "Take the logarithm of each first, and the mean afterwards."),
    (lambda p, y: 1 - picked(p, y).mean(), "That is how far the probabilities were from 1, not their surprise."),
    (lambda p, y: -np.log(picked(p, y)), "That is the surprise of each example. The mean of it was asked for."),
    (lambda p, y: -np.log(p[:, y]).mean(), "`p[:, y]` takes whole columns, N of them. One entry per row is wanted."),
    (lambda p, y: -np.log10(picked(p, y)).mean(), "That is to base 10. Nats were asked for: use np.log."),
    (lambda p, y: -np.log(picked(p, y)).sum() / p.size, "Divide by the number of examples, not of all entries."),
    (lambda p, y: -(p * np.log(p)).sum(1).mean(), "That does not depend on y. Only what the right class got counts."),
    (lambda p, y: -np.log(p).mean(), "You took all classes. Only the one that was right counts."),
)


@check.exercise("3.1b")
def surprise_of_probabilities(function):
    """The mean of -ln p[n, y[n]]."""
    rng = np.random.default_rng(0)
    for n, k in ((5, 3), (1, 4), (8, 2)):
        p = rng.dirichlet(np.ones(k), n)
        y = rng.integers(0, k, n)
        usual = [(wrong(p, y), words) for wrong, words in PROBABILITY_MISTAKES]
        same(call(function, p, y), -np.log(picked(p, y)).mean(), f"For a table of shape ({n}, {k})", usual)
    return "And a perfect forecaster gets exactly 0."


def stable(z, y):
    z = z - z.max(1, keepdims=True)
    return (np.log(np.exp(z).sum(1)) - picked(z, y)).mean()


LOGIT_MISTAKES = (
    (lambda z, y: -stable(z, y), "The sign is turned round: a loss is 0 or more."),
    (lambda z, y: stable(z, y) * len(y), "You added up. The mean divides by the number of examples."),
    (lambda z, y: stable(z, y) / np.log(2), "That is in bits. Nats were asked for: use np.log."),
    (lambda z, y: (np.log(np.exp(z - z.max(1, keepdims=True)).sum(1)) - picked(z, y)).mean(),
     "You subtracted the largest score inside the sum only. Subtract it from the score of the right class as well."),
    (lambda z, y: stable(z, y) * len(y) / z.size, "You took the mean over all scores, not over the examples."),
    (lambda z, y: (np.log(np.exp(z).sum()) - picked(z, y)).mean(),
     "You summed the powers of the whole table. Each example has a sum of its own: `.sum(1)`."),
    (lambda z, y: np.log(np.exp(z).sum(1)) - picked(z, y), "That is the loss of each example. The mean was asked for."),
    (lambda z, y: (np.log(np.exp(z - z.max(0)).sum(1)) - picked(z - z.max(0), y)).mean(),
     "You subtracted the largest score of each column. It is the largest of each row that leaves softmax as it is."),
    (lambda z, y: (np.log(np.exp(z).sum(1, keepdims=True)) - z).mean(),
     "You took the loss of all classes. Only the right one's counts."),
    (lambda z, y: np.exp(-np.logaddexp.reduce(z, axis=1) + picked(z, y)).mean(),
     "That is the probability. The loss is minus its logarithm."),
    (lambda z, y: -picked(z, y).mean(), "That is only the score. The logarithm of the sum of powers is missing."),
)  # fmt: skip


#: Scores for which a computation may overflow or round to 0, the classes, and what to say where only this one fails.
EXTREMES = (
    ([[1e4, 0.0, -1e4], [0.0, -1e4, 1e4]], [0, 2],
     "e to the power of 10,000 is too large: subtract each row's largest score first."),
    ([[1e4, 0.0, -1e4], [0.0, -1e4, 1e4]], [1, 2],
     "A probability is rounded to 0, and its logarithm is infinite. Never form it: the loss is ln Σ e^z − z, with z of "
     "the right class."),
    ([[2.0, 1.0, 0.0], [1e4, 1e4 - 1, 0.0]], [1, 1],
     "One largest score for the whole batch is too much for other rows, whose powers all round to 0. Each row needs "
     "its own: `z.max(1, keepdims=True)`."),
)  # fmt: skip


def from_logits(function, z, y):
    """What the reader's function returns, or why its shapes do not fit."""
    try:
        with np.errstate(all="ignore"):
            return call(function, z, y)
    except Mistake as finding:
        if "broadcast" in str(finding):
            words = "Shapes do not fit. Sums run over axis 1, and the largest of each row is `z.max(1, keepdims=True)`."
            raise Mistake(f"{words}\n{finding}") from None
        raise


@check.exercise("3.1c")
def surprise_of_logits(function):
    """The mean cross-entropy of logits, also of huge ones."""
    rng = np.random.default_rng(1)
    for n, k in ((5, 3), (1, 4), (8, 2)):
        z, y = rng.normal(0, 3, (n, k)), rng.integers(0, k, n)
        with np.errstate(all="ignore"):
            usual = [(wrong(z, y), words) for wrong, words in LOGIT_MISTAKES]
        same(from_logits(function, z, y), stable(z, y), f"For logits of shape ({n}, {k})", usual)
    for scores, classes, words in EXTREMES:
        z, y = np.array(scores), np.array(classes)
        got = as_array(from_logits(function, z, y), "The loss")
        if not np.isfinite(got).all():
            raise Mistake(f"For logits of 10,000 I received {float(got.mean()):g}. {words}")
        if got.shape == () and got < 0.9 * stable(z, y):
            raise Mistake(
                f"For logits of 10,000 the loss should be {stable(z, y):g}, and I received {got:g}. If you cut numbers "
                "off, or add a small one before the logarithm, that hides how wrong the answer is: ln Σ e^z − z needs "
                "neither."
            )
        same(got, stable(z, y), "For logits of 10,000", ())
    return "And safe for logits of 10,000. You have written what every library does."


COUNT_MISTAKES = (
    (lambda s, k: (k * s - np.exp(s)).mean(), "That is the log-likelihood. The loss is minus it."),
    (lambda s, k: (s - k * np.log(np.abs(s) + 1e-300)).mean(), "You took s for the rate. It is the rate's logarithm."),
    (lambda s, k: (np.exp(s) - k * s).sum(), "You added up. The mean divides by the number of examples."),
    (lambda s, k: (np.exp(s) - k * np.exp(s)).mean(), "In the term with k stands ln λ, which is s, not λ."),
    (lambda s, k: (np.exp(s) - s).mean(), "The count k is missing: it multiplies ln λ."),
    (lambda s, k: ((np.exp(s) - k) ** 2).mean(), "That is squared error: maximum likelihood for bell-shaped noise."),
    (lambda s, k: (np.exp(s) + k * s).mean(), "The sign of the term with k: minus the logarithm of λ^k is −k ln λ."),
    (lambda s, k: (s - k * s).mean(), "You took s for λ in the term without k. λ is e to the power of s."),
    (lambda s, k: (-k * s).mean(), "The term λ is missing. Without it the best rate would be infinite."),
)


@check.exercise("3.1d")
def loss_for_counts(function):
    """exp(s) - k s, up to a constant that does not depend on s."""
    rng = np.random.default_rng(2)
    for n in (6, 1, 9):
        s, k = rng.normal(0.3, 0.8, n), rng.integers(0, 7, n)
        want = (np.exp(s) - k * s).mean()
        factorials = np.array([np.log(np.arange(1, c + 1)).sum() for c in k]).mean()
        got = as_array(call(function, s, k), "The loss")
        if got.shape == () and np.isclose(got, want + factorials):
            continue  # ln k! was kept; it changes no slope
        usual = [(wrong(s, k), words) for wrong, words in COUNT_MISTAKES]
        same(got, want, f"For {n} counts", usual)
    return "From an assumption about the world to a loss: that is how most of them are made."
