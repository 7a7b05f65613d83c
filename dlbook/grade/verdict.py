"""Is this answer right, and if not, what is the usual mistake behind it? In words; never the right value."""

import hashlib

import numpy as np

EIGHTH = 8  # parts of a step to which a seal tells where in it a number lies
ROUNDS = 100_000  # of the key derivation: 20 ms for one number, long minutes for somebody who tries them all
UNSEEN = "A check that you have not seen fails."
SEEN = "It fails: run this check in your notebook, it says more there."

RULES = {
    "rows sum to 1": lambda y: np.allclose(np.sum(y, axis=-1), 1, atol=1e-4),
    "sums to 1": lambda y: np.allclose(np.sum(y), 1, atol=1e-4),
    "between 0 and 1": lambda y: np.all((y >= -1e-9) & (y <= 1 + 1e-9)),
    "between -1 and 1": lambda y: np.all(np.abs(y) <= 1 + 1e-9),
    "not negative": lambda y: np.all(y >= 0),
    "finite": lambda y: np.all(np.isfinite(y)),
}


NUMBER = bool | int | float | tuple | np.ndarray | np.generic


def agree(expected, got, rtol=1e-5, atol=1e-7):
    """Whether two trees of numbers have the same shapes and, within the tolerance, the same values.

    >>> agree([1.0, np.zeros(2)], [1.0, np.array([0.0, 1e-9])])
    True
    """
    if isinstance(expected, dict):
        alike = isinstance(got, dict) and expected.keys() == got.keys()
        return alike and all(agree(expected[k], got[k], rtol, atol) for k in expected)
    if isinstance(expected, str) or expected is None or isinstance(got, str | dict) or got is None:
        return type(expected) is type(got) and expected == got
    if isinstance(expected, list):
        listed = isinstance(got, list) or (isinstance(got, np.ndarray) and got.ndim > 0)
        return (
            listed
            and len(got) == len(expected)
            and all(agree(e, g, rtol, atol) for e, g in zip(expected, got, strict=True))
        )
    right, mine = numbers(expected), numbers(got)
    if right is None or mine is None or right.shape != mine.shape:
        return False
    return bool(np.allclose(mine, right, rtol=rtol, atol=atol, equal_nan=True))


def only_numbers(tree):
    """Whether there is nothing but numbers in a list; of texts NumPy would make an array as wide as the longest."""
    return all(map(only_numbers, tree)) if isinstance(tree, list) else isinstance(tree, NUMBER)


def numbers(tree):
    """A tree as one array of numbers, or None."""
    if not only_numbers(tree):
        return None
    try:
        array = np.asarray(tree)
    except (ValueError, TypeError):
        return None
    return array.astype(float) if array.dtype.kind in "biuf" else None


def shape(tree, depth=0):
    """How an answer looks from outside, in words.

    >>> shape(np.zeros((3, 4))), shape(2.0), shape([1.0, np.zeros(3)])
    ('shape (3, 4)', 'a single number', '2 things: a single number; shape (3,)')
    """
    if tree is None:
        return "None"
    if isinstance(tree, str):
        return "a text"
    if isinstance(tree, dict):
        return f"a dict of {len(tree)}"
    if isinstance(tree, list) and (numbers(tree) is None or any(isinstance(t, np.ndarray) for t in tree)):
        parts = ": " + "; ".join(shape(t, depth + 1) for t in tree[:6]) if depth < 2 else ""
        return f"{len(tree)} things{parts}" if len(tree) != 1 else f"a list with one thing{parts}"
    array = np.asarray(tree)
    return f"shape {array.shape}" if array.shape else "a single number"


def at_first(expected, got, find):
    """Walk two trees together; the first thing that ``find(expected, got)`` says about a pair of leaves, or None."""
    if isinstance(expected, dict) and isinstance(got, dict):
        pairs = [(expected[key], got.get(key)) for key in expected]
    elif isinstance(expected, list) and isinstance(got, list) and len(got) == len(expected):
        pairs = list(zip(expected, got, strict=True))
    else:
        return find(expected, got)
    for which, (right, mine) in enumerate(pairs):
        said = at_first(right, mine, find)
        if said:
            return said if len(pairs) == 1 else f"Result {which + 1} of {len(pairs)}: {said}"
    return None


def wrong_kind(expected, got):
    """What is said of an answer that cannot even be compared."""
    if got is None and expected is not None:
        return "the answer is None. Is there a `return` (or an assignment) at the end?"
    if isinstance(got, dict) and got.get("missing") is True:
        return "not answered yet."
    if isinstance(got, str) and not isinstance(expected, str):
        return "a text came where numbers are expected."
    if shape(expected) == shape(got) or isinstance(expected, str):
        return None
    said = f"expected {shape(expected)}, received {shape(got)}."
    if isinstance(expected, list) and not isinstance(got, list):
        return said + " Give all of them, with commas between."
    if numbers(expected) is None or numbers(got) is None:
        return said
    return said + slip(np.shape(numbers(expected)), np.shape(numbers(got)))


def slip(right, mine):
    """The usual reason for one shape in place of another."""
    if len(right) == 2 and right[::-1] == mine:
        return " Rows and columns have changed places: is a transpose missing, or one too many?"
    if right and not mine:
        return " Everything was summed into one number: is an `axis=` missing?"
    if len(mine) == len(right) + 1:
        return " There is an axis too many."
    return " An axis has been lost: would `keepdims=True` keep it?" if len(mine) == len(right) - 1 else ""


def not_finite(expected, got):
    """What is said of nan and inf where there should be none."""
    right, mine = numbers(expected), numbers(got)
    if right is None or mine is None or np.all(np.isfinite(mine)) or not np.all(np.isfinite(right)):
        return None
    return "it holds nan or inf: a division by zero, the logarithm of zero, or an exp that has run over."


def wrong_values(expected, got, rtol, atol):
    """What is said of numbers of the right shape that are not the right numbers."""
    right, mine = numbers(expected), numbers(got)
    if agree(expected, got, rtol, atol):
        return None
    if right is None or mine is None or right.shape != mine.shape:
        return "this is not it."
    return not_finite(expected, got) or pattern(right, mine, rtol, atol) or place(right, mine, rtol, atol)


def pattern(right, mine, rtol, atol):
    """What all the numbers have in common that are wrong, if anything."""
    if agree(-right, mine, rtol, atol):
        return "every number has the wrong sign."
    ratio = np.sum(mine * right) / max(np.sum(right * right), 1e-300)
    proportional = right.size > 1 and abs(ratio) > 1e-6 and agree(right * ratio, mine, 1e-4, atol)
    if proportional and abs(ratio - 1) > 0.01:
        by, side = (ratio, "large") if abs(ratio) > 1 else (1 / ratio, "small")
        return f"every number is {by:.4g} times too {side}: a sum for a mean, a lost factor?"
    square = right.ndim == 2 and right.shape[0] == right.shape[1]
    return "rows and columns have changed places." if square and agree(right.T, mine, rtol, atol) else None


def place(right, mine, rtol, atol):
    """Where the first wrong number is, and on which side of the right one."""
    if not right.shape:
        return f"the number is too {'large' if mine > right else 'small'}."
    off = ~np.isclose(mine, right, rtol=rtol, atol=atol)
    first = tuple(int(i) for i in np.argwhere(off)[0])
    side = "large" if mine[first] > right[first] else "small"
    return f"{off.sum()} of {off.size} numbers differ; the first, at {list(first)}, is too {side}."


def diagnose(check, expected, got, after=None, before=None):
    """None if the answer is right; else what to tell the student.

    Args:
        check: its ``rtol``, ``atol``, ``mistakes`` (pairs of a wrong result and its message), ``rules``
            (pairs of a name in ``RULES`` and a message) and ``says`` (what to say when nothing else fits).
        expected, got: trees of numbers.
        after, before: the inputs after and before the call; an answer must leave them alone.
    """
    with np.errstate(all="ignore"):
        if not agree(expected, got, check["rtol"], check["atol"]):
            return named(check, expected, got) or described(check, expected, got)
        if before is not None and not agree(before, after, 0, 0):
            return "The result is right, but the function has changed its inputs: work on a copy."
    return None


def named(check, expected, got):
    """The message of the usual mistake that has just this result, or what is wrong with its shape, or None."""
    kind = at_first(expected, got, wrong_kind)
    for wrong, message in check["mistakes"]:
        if agree(wrong, got, max(check["rtol"], 1e-5), check["atol"]):
            return message + (f" ({sentence(kind)})" if kind else "")
    return sentence(kind) if kind else None


def described(check, expected, got):
    """What can be said of wrong numbers that no usual mistake explains."""
    if not at_first(expected, got, not_finite):
        for rule, message in check["rules"]:
            if not holds(rule, got):
                return message
    found = at_first(expected, got, lambda e, g: wrong_values(e, g, check["rtol"], check["atol"])) or "this is not it."
    return " ".join(x for x in (sentence(found), check["says"]) if x)


def holds(rule, got):
    """Whether a rule holds of an answer; of an answer that it cannot be applied to, it does not."""
    try:
        with np.errstate(all="ignore"):
            return bool(RULES[rule](numbers(got)))
    except (TypeError, ValueError):
        return False


def sentence(text):
    """The text with a capital at its beginning."""
    return text[:1].upper() + text[1:]


def seal(value, width, salt):
    """A right number that can be recognised but not read.

    Published are what remains of each number after taking out whole steps of ``width``, to an eighth of a step, and
    a slow digest of the steps: whoever has a number can be told whether it is right to half a step, give or take a
    sixteenth, and the notebook does not hold it. Who tries all the numbers that it could be finds it in the end:
    they are some thousands, and each takes as long as a check.
    """
    units = np.asarray(value, float) / width
    steps = np.round(units)
    rest = np.round((units - steps) * EIGHTH) / EIGHTH
    return {"width": width, "salt": salt, "rest": rest, "digest": digest(steps, salt)}


def digest(steps, salt):
    """A slow digest of whole numbers."""
    data = np.ascontiguousarray(steps, dtype="<i8").tobytes()
    return hashlib.pbkdf2_hmac("sha256", data, salt.encode(), ROUNDS).hex()[:32]


def opens(sealed, value):
    """Whether a value is the one that was sealed, to half a step.

    >>> lock = seal([0.731, 2.0], 0.01, "a")
    >>> opens(lock, [0.7305, 2.001]), opens(lock, [0.72, 2.0])
    (True, False)
    """
    got = numbers(value)
    if got is None or got.shape != sealed["rest"].shape or not np.all(np.isfinite(got)):
        return False
    if np.any(np.abs(got / sealed["width"]) > 1e15):
        return False
    return digest(np.round(got / sealed["width"] - sealed["rest"]), sealed["salt"]) == sealed["digest"]


def diagnose_sealed(check, got):
    """``diagnose`` for a number that the notebook must not hold."""
    if opens(check["seal"], got):
        return None
    kind = at_first(check["seal"]["rest"].tolist(), got, wrong_kind)
    if kind:
        return sentence(kind)
    for sealed, message in check["mistakes"]:
        if opens(sealed, got):
            return message
    return check["says"] or "This is not it."
