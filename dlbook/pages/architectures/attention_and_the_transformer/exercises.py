"""Checks of the exercises of part 4, Attention and the Transformer."""

import numpy as np

from dlbook.page.exercises import Exercises, Mistake, as_array, call, same

check = Exercises()


def softmax(scores, axis=-1):
    """The softmax of scores, along their last axis unless said otherwise."""
    powers = np.exp(scores - scores.max(axis=axis, keepdims=True))
    return powers / powers.sum(axis=axis, keepdims=True)


@check.exercise("4.6a")
def loud_question(loudness):
    """The query (0, q, q, 0) must give Ben 90 to 95 % of the attention."""
    q = as_array(loudness, "The number q")
    if q.shape != ():
        raise Mistake(f"I expected one number, q. I received an array of shape {q.shape}.")
    anna, ben, _ = softmax(np.array([q, 2 * q, 0]) / 2)
    if 0.9 <= ben <= 0.95:
        return f"Ben gets {ben:.0%}, Anna {anna:.0%}. Asking louder makes the soft dictionary harder."
    got = f"With q = {q:g} Ben gets {ben:.0%}"
    unscaled = softmax(np.array([q, 2 * q, 0]))[1]
    if 0.9 <= unscaled <= 0.95:
        raise Mistake(f"{got}. It would be {unscaled:.0%} if the scores were not divided by √4 = 2 first.")
    if q < 0:
        raise Mistake(f"{got}. A negative query looks for what does *not* fit.")
    raise Mistake(f"{got}. {'Ask louder: make q larger.' if ben < 0.9 else 'That is too loud: make q smaller.'}")


def _scaled(q, k):
    return q @ k.T / np.sqrt(q.shape[1])


ATTENTION_MISTAKES = (
    (lambda q, k, v: softmax(q @ k.T) @ v, "The scores are not divided by the square root of D."),
    (lambda q, k, v: softmax(q @ k.T / q.shape[1]) @ v, "You divided by D. It is the square root of D."),
    (lambda q, k, v: softmax(q @ k.T / np.sqrt(len(k))) @ v,
     "You divided by the square root of the number of keys; it is that of their length, `q.shape[1]`."),
    (lambda q, k, v: softmax(_scaled(q, k), axis=0) @ v,
     "Your softmax runs along the columns. The weights of one query, a row, must sum to 1: `axis=1`."),
    (lambda q, k, v: softmax(_scaled(q, k), axis=None) @ v,
     "Your softmax runs over the whole table. The weights of each query, a row, must sum to 1: `axis=1`."),
    (lambda q, k, v: _scaled(q, k) @ v, "The softmax is missing: you blended with the bare scores."),
    (lambda q, k, v: np.exp(_scaled(q, k)) @ v,
     "The shares do not sum to 1: divide the powers by the sum of their row."),
    (lambda q, k, v: softmax(_scaled(q, k)),
     "Those are the attention weights. Blend the values with them: `weights @ v`."),
)  # fmt: skip


@check.exercise("4.6b")
def attention_by_hand(function):
    """Scaled dot-product attention on several shapes, and on scores whose powers would overflow."""
    rng = np.random.default_rng(2)
    for t, s, d, e in ((3, 4, 5, 2), (4, 3, 2, 3), (1, 2, 4, 1)):
        q, k, v = rng.normal(size=(t, d)), rng.normal(size=(s, d)), rng.normal(size=(s, e))
        usual = [(wrong(q, k, v), words) for wrong, words in ATTENTION_MISTAKES]
        given = f"For q {q.shape}, k {k.shape} and v {v.shape}"
        same(call(function, q, k, v), softmax(_scaled(q, k)) @ v, given, usual)
    q, k, v = np.array([[3000.0]]), np.array([[1.0], [0.0]]), np.array([[1.0], [2.0]])
    with np.errstate(all="ignore"):
        got = as_array(call(function, q, k, v), "For a score of 3,000")
    if not np.isfinite(got).all():
        raise Mistake("Right for small scores, but a score of 3,000 overflows. Subtract the largest of each row first.")
    same(got, [[1.0]], "For scores of 3,000 and 0 with the values 1 and 2")
    return "Three lines, and they are the heart of every Transformer."


def _later(scores):
    return np.triu(np.ones(scores.shape, bool), 1)


def _mask_itself(scores):
    forbidden = np.triu(np.ones(scores.shape, bool))
    powers = np.where(forbidden, 0, np.exp(scores))
    return powers / np.maximum(powers.sum(1, keepdims=True), 1e-300)


CAUSAL_MISTAKES = (
    (lambda s: softmax(s), "Nothing is masked: the first word still looks at later ones."),
    (lambda s: np.where(_later(s), 0, softmax(s)),
     "You masked after the softmax, so the rows no longer sum to 1. Mask the scores, with −∞, before it."),
    (lambda s: softmax(np.where(_later(s), 0, s)),
     "A score of 0 is not a mask: e⁰ = 1 is a share like any other. Use −∞."),
    (lambda s: softmax(np.where(_later(s).T, -np.inf, s)),
     "The mask is turned round: your words look at later ones and not at earlier ones."),
    (_mask_itself,
     "Your words may not even look at themselves. Begin the mask one above the diagonal: `np.triu(…, 1)`."),
    (lambda s: softmax(np.where(_later(s), -np.inf, s), axis=0),
     "Your softmax runs along the columns. Each row, an asking word, must sum to 1: `axis=1`."),
)  # fmt: skip


@check.exercise("4.6c")
def causal(function):
    """The causal weights of several tables of scores."""
    rng = np.random.default_rng(3)
    for t in (3, 5, 1):
        scores = rng.normal(size=(t, t))
        got = as_array(call(function, scores), f"For scores of {t} words")
        if np.isnan(got).any() and t > 1:
            raise Mistake("There are NaN in your weights: some word may look nowhere, not even at itself.")
        usual = [(wrong(scores), words) for wrong, words in CAUSAL_MISTAKES]
        same(got, softmax(np.where(_later(scores), -np.inf, scores)), f"For scores of {t} words", usual)
    return "Each word sees the past and itself, and every row sums to 1."


def heads_of(x, w_q, w_k, w_v, w_o, h, size=None, order="blocks", mix=True):
    """Attention with h heads, or one that is built with a usual mistake."""
    d = x.shape[1] // h
    pick = [slice(i, None, h) if order == "stripes" else slice(i * d, (i + 1) * d) for i in range(h)]
    parts = []
    for columns in pick:
        q, k, v = ((x @ w)[:, columns] for w in (w_q, w_k, w_v))
        parts.append(softmax(q @ k.T / np.sqrt(size or d)) @ v)
    y = np.concatenate(parts, axis=1) if order != "sum" else np.tile(sum(parts), (1, h))
    return y @ w_o if mix else y


HEAD_MISTAKES = (
    ({"mix": False}, "The last step is missing: multiply the joined answers by `w_o`."),
    ({"h": 1}, "That is one wide head. Cut the columns of queries, keys and values into h pieces, one per head."),
    ({"size": "D"}, "You divided by √D. A head's vectors have D/h numbers, so it is the square root of that."),
    ({"size": 1}, "The scores are not divided by the square root of D/h."),
    ({"order": "stripes"}, "Head 1 gets the *first* D/h columns; yours gets every h-th."),
    ({"order": "sum"}, "You added the heads' answers up. Put them end to end."),
)


@check.exercise("4.6d")
def several_heads(function):
    """Attention with two and three heads, held against known mistakes."""
    rng = np.random.default_rng(4)
    for t, d, h in ((4, 6, 2), (3, 6, 3), (2, 4, 1)):
        given = rng.normal(size=(t, d)), *(rng.normal(size=(d, d)) for _ in range(4))
        usual = []
        for kind, words in HEAD_MISTAKES:
            kind = {key: d if value == "D" else value for key, value in kind.items()}
            usual.append((heads_of(*given, **{"h": h, **kind}), words))
        want = heads_of(*given, h)
        usual = [(wrong, words) for wrong, words in usual if not np.allclose(wrong, want)]
        same(call(function, *given, h), want, f"For x {given[0].shape} and {h} heads", usual)
    return "That is multi-head attention. Add it to its input, normalise, and you have half a Transformer block."
