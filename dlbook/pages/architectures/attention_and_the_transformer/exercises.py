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
    (lambda q, k, v: softmax(q @ k.T / np.sqrt(len(q))) @ v,
     "You divided by the square root of the number of queries; it is that of their length, `q.shape[1]`."),
    (lambda q, k, v: softmax(q @ k.T / 2) @ v,
     "You divided by 2. That is the square root of D for D = 4; here D is `q.shape[1]`."),
    (lambda q, k, v: softmax(q @ k.T * np.sqrt(q.shape[1])) @ v,
     "You multiplied by the square root of D. Divide by it."),
    (lambda q, k, v: softmax(q @ k.T) / np.sqrt(q.shape[1]) @ v,
     "You divided after the softmax, so the shares no longer sum to 1. Divide the scores, before it."),
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
    for t, s, d, e in ((3, 6, 5, 2), (4, 3, 2, 3), (1, 2, 4, 1)):
        q, k, v = rng.normal(size=(t, d)), rng.normal(size=(s, d)), rng.normal(size=(s, e))
        usual = [(wrong(q, k, v), words) for wrong, words in ATTENTION_MISTAKES]
        given = f"For q {q.shape}, k {k.shape} and v {v.shape}"
        got = call(function, q, k, v)
        if isinstance(got, tuple) and len(got) == 2:
            raise Mistake("You returned two things, as `attend` does. Here return the blend only.")
        same(got, softmax(_scaled(q, k)) @ v, given, usual)
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
    (lambda s: softmax(np.where(_later(s), -np.inf, s), axis=None),
     "Your softmax runs over the whole table. Each row, an asking word, must sum to 1: `axis=1`."),
    (lambda s: np.exp(np.where(_later(s), -np.inf, s)),
     "The shares do not sum to 1: divide the powers by the sum of their row."),
    (lambda s: softmax(np.where(np.triu(_later(s), 2), -np.inf, s)),
     "Each word still looks one word ahead. Begin the mask one above the diagonal: `np.triu(…, 1)`."),
    (lambda s: softmax(np.where(_later(s), -np.inf, s / np.sqrt(len(s)))),
     "You divided by a square root. The scores are ready: mask them, then the softmax."),
    (lambda s: softmax(np.where(_later(s), -np.inf, s)).T,
     "Your table is transposed: a row belongs to a word that asks."),
)  # fmt: skip


@check.exercise("4.6c")
def causal(function):
    """The causal weights of several tables of scores."""
    rng = np.random.default_rng(3)
    for t in (3, 5, 1):
        scores = rng.normal(size=(t, t))
        got = as_array(call(function, scores), f"For scores of {t} words")
        nan = np.isnan(got)
        if nan.any() and got.shape == scores.shape and t > 1:
            if nan.any(axis=1).sum() == 1:
                raise Mistake("There are NaN in your weights: some word may look nowhere, not even at itself.")
            raise Mistake("There are NaN in your weights: 0 · ∞ and ∞ − ∞ are NaN. Put −∞ in with `np.where`.")
        if np.isneginf(got).any():
            raise Mistake("There are −∞ in your weights: these are masked scores. The softmax of each row is missing.")
        usual = [(wrong(scores), words) for wrong, words in CAUSAL_MISTAKES]
        same(got, softmax(np.where(_later(scores), -np.inf, scores)), f"For scores of {t} words", usual)
    return "Each word sees the past and itself, and every row sums to 1."


def heads_of(x, w_q, w_k, w_v, w_o, h, size=None, shares=softmax, cut="blocks", join="side", mix=np.matmul, by=np.sqrt):
    """Attention with h heads, or one that is built with a usual mistake."""
    t, d = len(x), x.shape[1] // h
    parts = []
    for q, k, v in zip(*(_cut(x @ w, h, cut) for w in (w_q, w_k, w_v)), strict=True):
        parts.append(shares(q @ k.T / by(size or d)) @ v)
    joined = {
        "side": lambda: np.concatenate(parts, axis=1),
        "sum": lambda: np.tile(sum(parts), (1, h)),
        "mean": lambda: np.tile(sum(parts) / h, (1, h)),
        "reshape": lambda: np.array(parts).reshape(t, d * h),
        "reversed": lambda: np.concatenate(parts[::-1], axis=1),
        "last": lambda: np.tile(parts[-1], (1, h)),
    }
    return mix(joined[join](), w_o)


def _cut(columns, h, how):
    """The columns (T, D) of each head (T, D/h): blocks of them, every h-th, or what a reshape alone makes."""
    t, d = len(columns), columns.shape[1] // h
    if how == "reshape":
        return list(columns.reshape(h, t, d))
    return [columns[:, i::h] if how == "stripes" else columns[:, i * d : (i + 1) * d] for i in range(h)]


HEAD_MISTAKES = (
    ({"mix": lambda y, w_o: y}, "The last step is missing: multiply the joined answers by `w_o`."),
    ({"mix": lambda y, w_o: y @ w_o.T}, "The last product has `w_o` transposed. It is `joined @ w_o`."),
    ({"h": 1}, "That is one wide head. Cut the columns of queries, keys and values into h pieces, one per head."),
    ({"size": "D"}, "You divided by √D. A head's vectors have D/h numbers, so it is the square root of that."),
    ({"size": 1}, "The scores are not divided by the square root of D/h."),
    ({"by": float}, "You divided by D/h. It is the square root of D/h."),
    ({"size": "h"}, "You divided by √h. A score is a sum of D/h products, so it is the square root of D/h."),
    ({"size": "T"}, "You divided by the square root of the number of words. It is that of D/h, a head's share of D."),
    ({"shares": lambda s: softmax(s, axis=0)},
     "Your softmax runs along the columns. The weights of one asking word, a row, must sum to 1: `axis=1`."),
    ({"shares": lambda s: softmax(s, axis=None)},
     "Your softmax runs over the whole table. The weights of each asking word, a row, must sum to 1: `axis=1`."),
    ({"shares": lambda s: s}, "The softmax is missing: you blended with the bare scores."),
    ({"shares": np.exp}, "The shares do not sum to 1: divide the powers by the sum of their row."),
    ({"shares": lambda s: softmax(s.T)}, "Query and key are swapped: a row of `q @ k.T` belongs to a word that asks."),
    ({"cut": "stripes"}, "Head 1 gets the *first* D/h columns; yours gets every h-th."),
    ({"cut": "reshape"},
     "`reshape(h, T, D/h)` mixes words and columns. Cut columns: `np.split(q, h, axis=1)`, or reshape to (T, h, D/h) "
     "and swap the first two axes."),
    ({"join": "reshape"},
     "You joined the heads by a reshape alone, which mixes words. Put their columns end to end: "
     "`np.concatenate(answers, axis=1)`."),
    ({"join": "sum"}, "You added the heads' answers up. Put them end to end."),
    ({"join": "mean"}, "You took the mean of the heads' answers. Put them end to end."),
    ({"join": "reversed"}, "The heads are put end to end the wrong way round: head 1 comes first."),
    ({"join": "last"}, "Only the last head is in your answer. Collect all of them in a list."),
)  # fmt: skip


@check.exercise("4.6d")
def several_heads(function):
    """Attention with two and three heads, held against known mistakes; what is left is narrowed down by one head."""
    rng = np.random.default_rng(4)
    cases = []
    for t, d, h in ((2, 4, 1), (4, 6, 2), (3, 6, 3)):
        given = rng.normal(size=(t, d)), *(rng.normal(size=(d, d)) for _ in range(4))
        cases.append((given, h, as_array(call(function, *given, h), f"For x {(t, d)} and h = {h}")))
    fits = [_fits(got, heads_of(*given, h)) for given, h, got in cases]
    for given, h, got in cases[1:]:
        _name_mistake(given, h, got)
    if all(fits):
        return "That is multi-head attention. Add it to its input, normalise, and you have half a Transformer block."
    for given, h, got in cases:
        if got.shape != given[0].shape:
            want = f"For x {given[0].shape} and h = {h}: expected an array of shape {given[0].shape}"
            raise Mistake(f"{want}, received one of shape {got.shape}.")
    if fits[0]:
        raise Mistake("Right for one head, not for two. Look at how you cut the columns and how you join the answers.")
    raise Mistake("With one head it should be `my_attention(x @ w_q, x @ w_k, x @ w_v) @ w_o`, and it is not. Compare.")


def _fits(got, want):
    return got.shape == want.shape and np.allclose(got, want, rtol=1e-5, atol=1e-7)


def _name_mistake(given, h, got):
    """Raise the Mistake whose usual mistake gives this answer and is one here."""
    sizes = {"D": given[0].shape[1], "h": h, "T": len(given[0])}
    want = heads_of(*given, h)
    for kind, words in HEAD_MISTAKES:
        kind = {key: sizes.get(value, value) if key == "size" else value for key, value in kind.items()}
        wrong = heads_of(*given, **{"h": h, **kind})
        if _fits(got, wrong) and not np.allclose(wrong, want):
            raise Mistake(words)
