"""Checks of the exercises of part 4, GPT and BERT in small."""

import numpy as np

from dlbook.page.exercises import Exercises, Mistake, as_array, call, same

check = Exercises()


@check.exercise("4.7a")
def first_merge(pair):
    """The most frequent pair of "she sells sea shells" is a space and an s, three times."""
    if isinstance(pair, tuple | list) and pair and isinstance(pair[0], tuple):
        raise Mistake("I expected the pair alone: not its count beside it, and no list around it.")
    if isinstance(pair, tuple | list) and all(isinstance(part, str) for part in pair):
        pair = "".join(pair)
    if not isinstance(pair, str):
        raise Mistake(f"I expected two characters in quotes and received a value of type {type(pair).__name__}.")
    pair = pair.replace("␣", " ")
    if len(pair) != 2:
        raise Mistake(f"I expected two characters, and received {len(pair)}. A space is one, too.")
    words = ["she", " sells", " sea", " shells"]
    count = sum(word.count(pair) for word in words)
    if pair == " s":
        return "A space and an s: three times. Words that begin with s get a token of their own for it."
    if not count:
        if pair in "she sells sea shells":
            raise Mistake("That pair crosses from one word into the next. A space belongs to the word behind it.")
        raise Mistake(f"“{pair}” stands nowhere in the text.")
    raise Mistake(f"“{pair}” stands there {count} time{'s' * (count > 1)}; another pair more often. Spaces count.")


def _nucleus(p, keep, renorm=True):
    out = np.where(keep, p, 0)
    return out / out.sum() if renorm else out


SHARES = np.array([0.1, 0.5, 0.05, 0.2, 0.15])
_TOP = SHARES >= 0.15
TOP_P_MISTAKES = (
    (_nucleus(SHARES, _TOP, renorm=False), "The kept shares must sum to 1 again: divide them by their sum."),
    (_nucleus(SHARES, SHARES >= 0.2), "The two likeliest have 0.7 together, less than 0.8. One more is needed."),
    (_nucleus(SHARES, SHARES >= 0.2, renorm=False),
     "The two likeliest have 0.7 together, less than 0.8; and what is kept must sum to 1 again."),
    (_nucleus(SHARES, SHARES >= 0.1), "Three reach 0.8 already. Four are more than needed."),
    (_nucleus(SHARES, SHARES >= 0.5), "The likeliest alone has 0.5, less than 0.8."),
    (SHARES, "Nothing is left out yet."),
    (np.where(_TOP, 1 / 3, 0), "Those that are kept keep their proportions: 0.5 stays more than 0.2."),
    (np.where(_TOP, SHARES / 0.8, 0), "You divided by p. Divide by what the kept shares sum to."),
    (np.sort(_nucleus(SHARES, _TOP))[::-1], "These are the right shares in another order. Leave each at its place."),
    (_nucleus(SHARES, np.array([1, 1, 0, 1, 0], bool)),
     "You went from left to right. Take the likeliest first."),
    (np.where(_TOP, 0, SHARES) / np.where(_TOP, 0, SHARES).sum(), "You kept the unlikely and left out the likely."),
    (np.array([0, 0.5, 0, 0.2, 0.1]), "What reaches 0.8 is kept whole. Then divide by the sum."),
    (np.array([0, 0.5, 0, 0.2, 0.1]) / 0.8, "What reaches 0.8 is kept whole, all its 0.15."),
    (np.exp(SHARES) / np.exp(SHARES).sum(), "These are shares already: no softmax. Leave some out, divide the others."),
    (_TOP.astype(float), "That says which are kept. What are their shares?"),
    (_nucleus(SHARES, _TOP) * 0.8, "What is left must sum to 1 again, not to 0.8."),
    (SHARES / 0.8, "Nothing is left out yet; and the kept shares are divided by their own sum."),
    (SHARES / 0.85, "The unlikely two must be 0."),
    (np.array([0, 0.5 / 0.85, 0, 0.2 / 0.85, 0.15]), "The last of the kept is divided, too."),
    (_nucleus(SHARES, _TOP, renorm=False) * 0.85, "You multiplied by 0.85. Divide by it."),
    (np.sort(_nucleus(SHARES, _TOP)), "These are the right shares in another order. Leave each at its place."),
    (np.sort(SHARES)[::-1].cumsum(), "Those are the sums from the likeliest on. Which are kept, with what shares?"),
    (SHARES.cumsum(), "Those are sums from left to right. Take the likeliest first; then say the shares."),
    (_nucleus(SHARES, _TOP) * 100, "Those are per cent. Give shares that sum to 1."),
)  # fmt: skip


@check.exercise("4.7b")
def top_p_by_hand(shares):
    """Top-p of 0.8 keeps 0.5, 0.2 and 0.15 and divides them by 0.85."""
    got = as_array(shares, "The new shares")
    if got.shape != (5,):
        raise Mistake(f"I expected five shares, a 0 where nothing is kept. I received an array of shape {got.shape}.")
    same(got, _nucleus(SHARES, _TOP), "The new shares", TOP_P_MISTAKES, rtol=5e-3, atol=5e-3, show=False)
    return "The three likeliest reach 0.85; each is divided by that."


def _table(words):
    return np.ones((len(words), 1), bool), np.array([bool(word) for word in words])


MASK_MISTAKES = (
    (lambda w: np.tril(np.ones((len(w), len(w)), bool)), "That is GPT's mask: nothing looks ahead."),
    (lambda w: np.tril(np.ones((len(w), len(w)), bool)) & _table(w)[1],
     "That still looks back only. Leave the triangle out."),
    (lambda w: np.ones((len(w), len(w)), bool), "Everything looks everywhere, at the padding too. Close its columns."),
    (lambda w: ~(_table(w)[0] & _table(w)[1]), "Turned round: here True means *may look*."),
    (lambda w: (_table(w)[0] & _table(w)[1]).T,
     "You closed the rows of the padding, so padding may not ask. Close its columns: nobody may look at it."),
    (lambda w: np.outer(_table(w)[1], _table(w)[1]),
     "You closed the rows of the padding as well. A row that may look nowhere becomes NaN in the softmax."),
    (lambda w: _table(w)[0] & (_table(w)[1] & np.array([x != "?" for x in w])),
     "You closed the hidden word. It is the token “?” now, and nothing is given away: leave it open."),
    (lambda w: _table(w)[0] & _table(w)[1] & ~np.eye(len(w), dtype=bool),
     "A word may look at itself: the hidden one is “?” already."),
    (lambda w: np.triu(np.ones((len(w), len(w)), bool)), "That looks ahead only. BERT looks both ways."),
    (lambda w: np.eye(len(w), dtype=bool), "Each word looks at itself only. BERT looks at all words."),
    (lambda w: np.tril(np.ones((len(w), len(w)), bool), -1),
     "That looks back only, and not at itself. BERT looks both ways."),
    (lambda w: _table(w)[1] | _table(w)[1][:, None],
     "You closed only where padding asks padding. Close the whole columns: no word may look at it."),
    (lambda w: np.triu(np.ones((len(w), len(w)), bool)) & _table(w)[1], "That looks ahead only. BERT looks both ways."),
    (lambda w: np.triu(np.ones((len(w), len(w)), bool), 1), "That looks ahead only. BERT looks both ways."),
    (lambda w: ~np.eye(len(w), dtype=bool), "A word may look at itself; and nobody at the padding."),
    (lambda w: _table(w)[0] & np.array([x != "?" for x in w]),
     "You closed the hidden word and left the padding open. It is the other way round."),
    (lambda w: np.zeros((len(w), len(w)), bool), "Nobody may look anywhere: then no row has a share to give."),
    (lambda w: np.tril(np.ones((len(w), len(w)), bool)) & _table(w)[1][:, None],
     "That still looks back only, and you closed the rows of the padding rather than its columns."),
    (lambda w: (_table(w)[0] & _table(w)[1]) & np.array([x != "?" for x in w])[:, None],
     "You closed the row of the hidden word. It has to look around most of all."),
    (lambda w: (_table(w)[0] & _table(w)[1]) & np.array([x == "?" for x in w])[:, None],
     "Only the hidden word looks. In BERT every word does."),
)  # fmt: skip


@check.exercise("4.7c")
def both_ways(function):
    """Every word may look at every word but the padding."""
    for words in (["the", "?", "near", "the", "boat", "fall", ""], ["keys", "?", "", ""], ["stars", "shine"]):
        got = as_array(call(function, words), f"For {words}")
        if got.shape == (len(words), len(words)) and not np.isin(got, (0, 1)).all():
            raise Mistake("I expected True and False, or 1 and 0: who may look where, not what is added to scores.")
        want = (_table(words)[0] & _table(words)[1]).astype(float)
        usual = [(wrong(words).astype(float), says) for wrong, says in MASK_MISTAKES]
        same(np.asarray(got, float), want, f"For {words}", usual, show=False)
    return "Only the padding's columns are closed. The triangle is gone, and GPT's network has become BERT's."


@check.exercise("4.7d")
def thin(count):
    """8 · (768 + 2304) = 24,576 numbers."""
    got = as_array(count, "The number of weights")
    if got.shape != ():
        raise Mistake(f"I expected one number. I received an array of shape {got.shape}.")
    mistakes = (
        (768 * 2304, "That is the frozen matrix itself. Count the two thin ones."),
        (768 * 2304 + 2304, "That is the frozen layer itself. Count the two thin matrices."),
        (8 * 768, "That is A alone. B has numbers as well."),
        (8 * 2304, "That is B alone. A has numbers as well."),
        (8 * (768 + 2304) + 2304, "The bias stays frozen: leave it out."),
        (8 * 768 * 2304, "A and B stand beside each other: add their sizes."),
        (768 + 2304, "That would be rank 1. The rank is 8."),
        (8 * 768 * 8 * 2304, "Add the sizes of A and B; do not multiply them."),
        (2 * 8 * 768, "B is as long as the layer's *output*: 2,304."),
        (768 * 2304 + 8 * (768 + 2304), "The frozen matrix is not trained: leave it out."),
        (768 * 2304 / 8, "The rank does not divide the matrix. A is (8, 768), B is (2304, 8)."),
        (8 * 8, "That is an 8 × 8 matrix. A is (8, 768), B is (2304, 8)."),
        (2 * 8 * 2304, "A is as long as the layer's *input*: 768."),
        (8 * (768 + 2304) + 8 * 8, "Nothing stands between A and B: two matrices, no third."),
        (8 * 768 + 2304, "B has 2,304 rows of 8 numbers each."),
        (768 + 8 * 2304, "A has 8 rows of 768 numbers each."),
        (8 * 8 * (768 + 2304), "Each thin matrix has the rank once among its two sizes."),
        (4 * 8 * (768 + 2304), "That is four times too many: bytes, perhaps. How many weights?"),
        (2 * 8 * (768 + 2304), "That is twice too many: count A once, and B once."),
        (72, "That is how many times fewer there are. How many are left?"),
    )
    same(got, 24576, "For a layer from 768 to 2,304 numbers and rank 8", mistakes, show=False)
    return f"24,576 instead of {768 * 2304:,}: one number in {768 * 2304 / 24576:.0f}."


def rounded(w, top=7, by=None, how=np.round):
    """Whole numbers and their scale, or what a usual mistake makes of them."""
    scale = (np.abs(w).max() if by is None else by(w)) / top
    return how(w / scale), scale


FOUR_BITS_MISTAKES = (
    (lambda w: rounded(w, 15), "Four bits have 16 values, but half are negative: from −7 to 7, so divide by 7."),
    (lambda w: rounded(w, 8), "The largest number is 2³ − 1 = 7, not 8: four bits hold −8 to 7."),
    (lambda w: rounded(w, 16), "16 is how many values there are; the largest is 7."),
    (lambda w: rounded(w, 4), "4 is the number of bits; the largest number is 2³ − 1 = 7."),
    (lambda w: rounded(w, 127), "That is for 8 bits. With 4 the largest number is 7."),
    (lambda w: rounded(w, by=np.max), "The largest weight without its sign counts: `np.abs(w).max()`."),
    (lambda w: rounded(w, how=np.floor), "You always rounded down. Round to the nearest: `np.round`."),
    (lambda w: rounded(w, how=np.trunc), "You cut the decimals off. Round to the nearest: `np.round`."),
    (lambda w: rounded(w, how=np.ceil), "You always rounded up. Round to the nearest: `np.round`."),
    (lambda w: rounded(w, how=lambda x: x), "The numbers are not rounded."),
    (lambda w: (rounded(w)[0] * rounded(w)[1], rounded(w)[1]),
     "Those are the weights that come back. Return the whole numbers, and the scale."),
    (lambda w: (np.abs(rounded(w)[0]), rounded(w)[1]), "The signs are lost. Take `np.abs` only for the scale."),
    (lambda w: (rounded(w)[0], np.abs(w).max()), "The scale is what *one* step is worth: divide the largest by 7."),
    (lambda w: rounded(w, 15, by=np.ptp),
     "You divided the range from smallest to largest. Here 0 stays 0: use `np.abs(w).max() / 7`."),
    (lambda w: rounded(w, by=lambda w: np.abs(w).mean()),
     "You took the mean size; the largest weight must become 7 or −7."),
    (lambda w: rounded(w, by=np.std), "You took the spread; the largest weight must become 7 or −7."),
    (lambda w: rounded(w, by=lambda w: np.abs(w).sum()), "You took the sum; the largest weight must become 7 or −7."),
    (lambda w: rounded(w, by=np.linalg.norm), "You took the length; the largest weight must become 7 or −7."),
    (lambda w: rounded(w, by=lambda w: -w.min()), "The largest weight of either sign counts: `np.abs(w).max()`."),
    (lambda w: (np.round(w), rounded(w)[1]), "You rounded the weights themselves. Divide by the scale first."),
    (lambda w: (np.round(w * rounded(w)[1]), rounded(w)[1]), "You multiplied by the scale. Divide by it, then round."),
    (lambda w: (rounded(w)[0] + 7, rounded(w)[1]), "From −7 to 7, not from 0 to 14: 0 stays 0."),
    (lambda w: (-rounded(w)[0], -rounded(w)[1]), "The scale is a size: positive. Let the numbers carry the signs."),
    (lambda w: (-rounded(w)[0], rounded(w)[1]), "The signs are turned round."),
)  # fmt: skip


@check.exercise("4.7e")
def four_bits(function):
    """Whole numbers from -7 to 7, and the scale that brings them back."""
    for w in (np.array([0.875, -0.45, 0.2]), np.array([0.2, -1.75, 0.55, 0.9]), np.array([-3.5, 1.3])):
        got = call(function, w)
        if not isinstance(got, tuple | list) or len(got) != 2:
            raise Mistake("I expected two things: the whole numbers, and the scale. `return numbers, scale`.")
        numbers, scale = as_array(got[0], "The numbers"), as_array(got[1], "The scale")
        if numbers.shape == () and scale.shape == w.shape:
            raise Mistake("The two are swapped: first the numbers, then the scale.")
        if scale.shape not in ((), (1,)):
            raise Mistake(f"The scale is one number for the whole vector. I received shape {scale.shape}.")
        given, scale = f"For w = {w.tolist()}", float(scale.reshape(-1)[0])
        right, step = rounded(w)
        for wrong, words in FOUR_BITS_MISTAKES:
            bad, its = wrong(w)
            differs = not (np.allclose(bad, right) and np.isclose(its, step))
            if differs and numbers.shape == w.shape and np.allclose(numbers, bad) and np.isclose(scale, its):
                raise Mistake(words)
        if np.isclose(scale, 1 / step) and not np.isclose(step, 1):
            raise Mistake("Your scale is turned round: numbers times scale must give the weights back.")
        same(numbers, right, f"{given} the numbers", show=False)
        same(scale, step, f"{given} the scale", show=False)
    return "Four bits a weight, and one scale for all of them."


def cached(q, k, v, old_k, old_v, keys=None, values=None, scale=np.sqrt, how=None):
    """One new token's attention over what is kept and itself, or a usual mistake."""
    keys = np.concatenate([old_k, k[None]]) if keys is None else keys
    values = np.concatenate([old_v, v[None]]) if values is None else values
    scores = keys @ q / scale(len(q))
    powers = np.exp(scores - scores.max())
    shares = powers / powers.sum() if how is None else how(scores)
    return shares @ values, keys, values


CACHE_MISTAKES = (
    (lambda q, k, v, a, b: cached(q, k, v, a, b, keys=a, values=b), "The new token does not see itself: append first."),
    (lambda q, k, v, a, b: cached(q, k, v, a, b, keys=k[None], values=v[None]),
     "The new token sees only itself. What was kept is missing."),
    (lambda q, k, v, a, b: cached(q, k, v, a, b, scale=lambda n: 1), "The scores are not divided by √D."),
    (lambda q, k, v, a, b: cached(q, k, v, a, b, scale=lambda n: n), "You divided by D. It is √D."),
    (lambda q, k, v, a, b: cached(q, k, v, a, b, scale=lambda n: np.sqrt(len(a) + 1)),
     "You divided by the root of the number of keys; it is that of their length, `len(q)`."),
    (lambda q, k, v, a, b: cached(q, k, v, a, b, how=lambda s: s), "The softmax is missing."),
    (lambda q, k, v, a, b: cached(q, k, v, a, b, how=np.exp), "The shares do not sum to 1."),
    (lambda q, k, v, a, b: cached(k, q, v, a, np.array(b), keys=np.concatenate([a, q[None]])),
     "Query and key of the new token are swapped."),
    (lambda q, k, v, a, b: cached(q, k, v, a, b, values=np.concatenate([a, k[None]])),
     "You blended keys. Blend the values."),
    (lambda q, k, v, a, b: cached(q, k, v, a, b, values=np.concatenate([b, k[None]])),
     "You appended the new key to the values."),
    (lambda q, k, v, a, b: cached(q, k, v, a, b, how=lambda s: s / s.sum()),
     "Scores divided by their sum are no shares: take `np.exp` first."),
    (lambda q, k, v, a, b: cached(q, k, v, a, b, how=lambda s: np.full(len(s), 1 / len(s))),
     "That is the plain mean of the values: the query has no say."),
    (lambda q, k, v, a, b: cached(q, k, v, a, b, np.concatenate([a[:-1], k[None]]), np.concatenate([b[:-1], v[None]])),
     "The new row replaced the last kept one. Append it."),
    (lambda q, k, v, a, b: cached(k, k, v, a, b), "The query does not ask: the new key asks in its place."),
    (lambda q, k, v, a, b: cached(q, k, v, a, b, keys=np.vstack([b, v])), "You compared the query with the values."),
    (lambda q, k, v, a, b: cached(q, v, k, a, b), "The new key and the new value are swapped."),
    (lambda q, k, v, a, b: cached(q, k, v, b, a), "The kept keys and the kept values are swapped."),
    (lambda q, k, v, a, b: cached(q, k, v, a, b, how=lambda s: s == s.max()),
     "You took the value of the best key alone. Blend all, each by its share."),
    (lambda q, k, v, a, b: (cached(q, k, v, a, b, scale=lambda n: 1)[0] / np.sqrt(len(q)), 0, 0),
     "Divide the scores by √D, before the softmax, not the answer."),
    (lambda q, k, v, a, b: (cached(q, k, v, a, b)[0] + v, 0, 0), "Return the blend alone: nothing is added to it."),
    (lambda q, k, v, a, b: cached(q, k, v, a, b, scale=lambda n: np.sqrt(len(a))),
     "You divided by the root of the number of keys; it is that of their length, `len(q)`."),
)  # fmt: skip


@check.exercise("4.7f")
def one_step(function):
    """One step with a cache: the answer, and the cache for the next step."""
    rng = np.random.default_rng(4)
    for t in (3, 1, 6):
        q, k, v = rng.normal(size=(3, 4))
        old_k, old_v = rng.normal(size=(2, t, 4))
        got = call(function, q, k, v, old_k, old_v)
        if not isinstance(got, tuple | list) or len(got) != 3:
            raise Mistake("I expected three things: the answer, all keys, all values.")
        given, inputs = f"With {t} kept tokens", (q, k, v, old_k, old_v)
        answer = as_array(got[0], "The answer")
        answer = answer[0] if answer.shape == (1, 4) else answer
        usual = [(wrong(*inputs)[0], words) for wrong, words in CACHE_MISTAKES]
        want = cached(*inputs)
        same(answer, want[0], f"{given} the answer", usual, show=False)
        for part, right, name in zip(got[1:], want[1:], ("keys", "values"), strict=True):
            part, other = as_array(part, f"The {name}"), want[2 if name == "keys" else 1]
            if part.shape == right.shape and np.allclose(part, other):
                raise Mistake("Keys and values are swapped: return the answer, all keys, all values.")
            if part.shape == right.shape and np.allclose(part, np.roll(right, 1, axis=0)):
                raise Mistake(f"The new row comes last among the {name}, not first.")
            if part.shape == right[-1].shape and np.allclose(part, right[-1]):
                raise Mistake(f"Return all {name}, not the new one alone: the next token needs them.")
            if part.shape == right[:-1].shape:
                raise Mistake(f"The answer is right, but the {name} you return do not have the new row.")
            same(part, right, f"{given} the {name}", show=False)
    return "One row of new work a token: that is the whole cache."
