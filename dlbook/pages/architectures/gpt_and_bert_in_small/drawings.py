"""Drawings of the page "GPT and BERT in small"."""

from collections import Counter
from functools import cache

import numpy as np
from matplotlib.patches import Rectangle

from dlbook.page import stepping
from dlbook.pages.architectures.gpt_and_bert_in_small.by_hand import CLOSED, NEXT, OPEN, OUT, PLACES, QUERY
from dlbook.pages.ink import write
from dlcore.data.text import CHUNK, learn_merges, merge
from dlcore.palette import LIGHT
from dlcore.viz import panels

TEXT = "low lower lowest slow"
MERGES = learn_merges(TEXT, 4)


@cache
def _pieces():
    """The bytes of each token number."""
    known = [bytes([i]).decode("latin1") for i in range(256)]
    for a, b in MERGES:
        known.append(known[a] + known[b])
    return known


def _state(rounds):
    """The text's words as tuples of tokens after so many merges, and how often each pair stands in them."""
    words = [tuple(chunk.encode()) for chunk in CHUNK.findall(TEXT)]
    for m, pair in enumerate(MERGES[:rounds]):
        words = [merge(word, pair, 256 + m) for word in words]
    return words, Counter(pair for word in words for pair in zip(word, word[1:], strict=False))


def _shown(token):
    """A token as it is written, with its space seen."""
    return _pieces()[token].replace(" ", "␣")


def _says():
    """A sentence for each step."""
    count = sum(len(word) for word in _state(0)[0])
    yield f"The text in letters: {count} tokens. A space belongs to the word behind it; no pair crosses two words."
    for i, (a, b) in enumerate(MERGES):
        words, pairs = _state(i)
        left = sum(len(word) for word in _state(i + 1)[0])
        yield (
            f"Merge {i + 1}: “{_shown(a)}” and “{_shown(b)}” stand together {pairs[a, b]} times. Joined they are "
            f"the token “{_shown(256 + i)}”, and {left} tokens are left."
        )


@stepping(*_says())
def byte_pairs(step):
    """Draw the text as tokens, a word a row, and the most frequent pairs beside; what is new has a yellow ground."""
    [ax] = panels(1, size=(4.6, 2.5))
    ax.set(xlim=(0, 46), ylim=(0, 25), position=(0, 0, 1, 1))
    ax.figure.set_layout_engine("none")
    ax.set_axis_off()
    words, _ = _state(step - 1)
    for row, word in enumerate(words):
        x, y = 0.6, 20.5 - 5 * row
        for token in word:
            text = _shown(token)
            width = 1.4 + 1.5 * len(text)
            new = step > 1 and token == 254 + step
            fill = {"fc": LIGHT["highlight"], "alpha": 0.4} if new else {"fc": "none"}
            ax.add_patch(Rectangle((x, y - 1.8), width, 3.6, lw=0, **fill))
            ax.add_patch(Rectangle((x, y - 1.8), width, 3.6, lw=1, ec=LIGHT["input"], fc="none"))
            write(ax, x + width / 2, y, text)
            x += width + 0.4
    _counts(ax, step)
    return ax.figure


def _counts(ax, step):
    """The pairs before this merge and how often each stands in the text; the one that is joined is marked."""
    _, pairs = _state(max(step - 2, 0))
    joined = MERGES[step - 2] if step > 1 else None
    order = sorted(pairs, key=lambda pair: (-pairs[pair], pair))[:4]
    write(ax, 34.6, 23.6, "pairs, counted", color=LIGHT["muted"])
    for row, pair in enumerate(order):
        y = 19.8 - 4.2 * row
        if pair == joined:
            ax.add_patch(Rectangle((27, y - 1.7), 17.6, 3.4, lw=0, fc=LIGHT["highlight"], alpha=0.4))
        write(ax, 28, y, " + ".join(_shown(token) for token in pair), ha="left")
        write(ax, 43.6, y, str(pairs[pair]), ha="right")


def two_masks():
    """Draw who may look where: a triangle for GPT, everything for BERT, which has a word hidden."""
    words, cell = ("the", "keys", "near", "the", "boat", "fall"), 2.3
    [ax] = panels(1, size=(4.6, 2.4))
    ax.set(xlim=(0, 46), ylim=(0, 24), position=(0, 0, 1, 1))
    ax.figure.set_layout_engine("none")
    ax.set_axis_off()
    for left, causal in ((6, True), (30, False)):
        said = words if causal else (words[0], "?", *words[2:])
        for i, word in enumerate(said):
            y = 15.6 - cell * i
            write(ax, left - 0.5, y, word, ha="right")
            write(ax, left + cell * (i + 0.5), 17.3, word, rotation=90, va="bottom")
            for j in range(len(words)):
                corner, open_ = (left + cell * j, y - cell / 2), j <= i or not causal
                fill = {"fc": LIGHT["activation"], "alpha": 0.7} if open_ else {"fc": "none"}
                ax.add_patch(Rectangle(corner, cell, cell, lw=0, **fill))
                ax.add_patch(Rectangle(corner, cell, cell, lw=0.8, ec=LIGHT["muted"], fc="none"))
        write(ax, left + 3 * cell, 1.2, "GPT: look back" if causal else "BERT: look both ways")
    return ax.figure


# ── one pass by hand ──

#: Where things stand, in tenths of an inch: rows of tokens and of answers, columns by their left edge, cells by width.
_ROWS, _ANSWERS, _HOW = (26.8, 23.0, 19.2), (9.0, 5.4), (15.6, 1.2)
_VECTOR, _SHARES, _AFTER, _WORDS, _CELL, _WIDE = 5.6, 18.6, 31.0, 12.0, 2.7, 3.7
_THE, _KEYS = range(2)
_GAP = 1


def _vector(numbers, form="g"):
    """(0, 2, 2, 0), never broken over two lines."""
    return f"({', '.join(f'{number:{form}}' for number in numbers)})".replace(" ", "\u00a0")


def _number(number):
    """A number of a vector: whole where it is whole."""
    return f"{number:.0f}" if number == round(number) else f"{number:.2f}"


_LOSSES = -np.log([NEXT.out[_THE, 1], NEXT.out[_KEYS, 3]])


@stepping(
    "“the” and “keys” come in; each fetches its row of the embedding. We wrote these vectors: four places for *one*, "
    "*many*, *a noun comes*, *a verb comes*.",
    f"Every token asks with the query {_vector(QUERY)}: who knows how many? With a token’s vector as its key, and "
    "divided by √4, “the” scores {:g} and “keys” {:g}.".format(*NEXT.scores),
    "GPT’s mask closes what is to come: “the” would read its own answer. Softmax over what is open: “the” gives all to "
    "itself, “keys” gives {:.2f} and {:.2f}.".format(*NEXT.shares[_KEYS]),
    f"A value is how many, one or many. What comes back to “keys”, {NEXT.shares[_KEYS, 1]:.2f} · 2 = "
    f"{NEXT.back[_KEYS, 1]:.2f}, is added to what it was: many, and a verb comes.",
    "The last layer scores four words, “fall” by *many* + *verb*; softmax. After “keys” it bets "
    f"{NEXT.out[_KEYS, 3]:.2f} on “fall”; after “the” it cannot know the number. The losses: "
    "{:.2f} and {:.2f}.".format(*_LOSSES),
    "Now a gap, the same weights, and the same mask. “?” looks at “the” and at itself, and neither knows: "
    f"nothing comes back, and “key” and “keys” get {CLOSED.out[_GAP, 0]:.2f} each.",
    f"The mask is off. “?” sees “fall”, which scores {OPEN.scores[2]:g} and gets {OPEN.shares[_GAP, 2]:.2f} of its "
    f"attention; {OPEN.shares[_GAP, 2]:.2f} · 2 = {OPEN.back[_GAP, 1]:.2f} of *many* comes back.",
    f"The same last layer bets {OPEN.out[_GAP, 1]:.2f} on “keys”. No weight has changed: only who may look where.",
)
def one_pass(step):
    """Draw tokens, vectors, masked attention and the words' probabilities; what is new has a yellow ground."""
    [ax] = panels(1, size=(4.6, 3.5))
    ax.set(xlim=(0, 46), ylim=(-0.5, 34.5), position=(0, 0, 1, 1))
    ax.figure.set_layout_engine("none")
    ax.set_axis_off()
    run = NEXT if step < 6 else CLOSED if step == 6 else OPEN
    asked = (_THE, _KEYS) if run is NEXT else (_GAP,)
    _tokens(ax, run, new=step in (1, 6))
    if step >= 2:
        _looks(ax, run, scores=step == 2, new=step in (2, 3, 6, 7))
    if step >= 4:
        _after(ax, run, asked, new=step in (4, 6, 7))
    if step in (5, 6, 8):
        _bets(ax, run, asked)
    write(ax, 45.6, _HOW[step in (5, 6, 8)], _how(step), ha="right", color=LIGHT["muted"])
    return ax.figure


def _how(step):
    """The arithmetic of a step, written out for one number of it."""
    twice = np.exp(NEXT.scores[_KEYS])
    return {
        2: "keys: "
        + " + ".join(f"{a:g}·{b:g}" for a, b in zip(QUERY, NEXT.x[_KEYS], strict=True))
        + " = 4;  4 ÷ √4 = 2",
        3: f"e⁰ = 1 and e² = {twice:.2f};  {twice:.2f} ÷ {1 + twice:.2f} = {NEXT.shares[_KEYS, 1]:.2f}",
        4: f"many: 2 + {NEXT.shares[_KEYS, 0]:.2f}·0 + {NEXT.shares[_KEYS, 1]:.2f}·2 = {NEXT.h[_KEYS, 1]:.2f}",
        5: f"fall: {NEXT.h[_KEYS, 1]:.2f} + 2, keys: {NEXT.h[_KEYS, 1]:.2f}, falls: 2, key: 0",
        6: "e⁰ ÷ (e⁰ + e⁰) = 0.50;  key: 2, keys: 2, falls: 0, fall: 0",
        7: f"{twice:.2f} ÷ (1 + 1 + {twice:.2f}) = {OPEN.shares[_GAP, 2]:.2f}",
        8: f"keys: {OPEN.h[_GAP, 1]:.2f} + 2, key: 2, fall: {OPEN.h[_GAP, 1]:.2f}, falls: 0",
    }.get(step, "")


def _boxes(ax, x, y, numbers, name, new, width):
    """A vector as a row of boxes, from its left edge."""
    if new:
        ax.add_patch(Rectangle((x, y - 1.5), width * len(numbers), 3, lw=0, fc=LIGHT["highlight"], alpha=0.3))
    for i, number in enumerate(numbers):
        ax.add_patch(Rectangle((x + i * width, y - 1.5), width, 3, lw=1, ec=LIGHT[name], fc="none"))
        write(ax, x + (i + 0.5) * width, y, number)


def _tokens(ax, run, new):
    """The tokens, each with its vector, under the names of the places."""
    for i, place in enumerate(PLACES):
        write(ax, _VECTOR + (i + 0.5) * _CELL, 29.0, place, rotation=60, va="bottom", color=LIGHT["muted"])
    for token, x, y in zip(run.tokens, run.x, _ROWS, strict=False):
        write(ax, 0.4, y, token, ha="left", color=LIGHT["input"], weight="bold")
        _boxes(ax, _VECTOR, y, [f"{number:g}" for number in x], "input", new, _CELL)


def _looks(ax, run, scores, new):
    """Who looks at whom: scores at first, then shares; a closed cell is hatched."""
    for j, token in enumerate(run.tokens):
        write(ax, _SHARES + (j + 0.5) * _WIDE, 30.2, token, color=LIGHT["muted"])
    for row, y in enumerate(_ROWS[: len(run.tokens)]):
        for j, share in enumerate(run.shares[row]):
            corner, closed = (_SHARES + j * _WIDE, y - 1.5), not (scores or run.open[row, j])
            if new and not closed:
                ax.add_patch(Rectangle(corner, _WIDE, 3, lw=0, fc=LIGHT["highlight"], alpha=0.3))
            look = {"hatch": "////", "ec": LIGHT["grid"]} if closed else {"ec": LIGHT["muted"]}
            ax.add_patch(Rectangle(corner, _WIDE, 3, lw=1, fc="none", **look))
            text = "" if closed else f"{run.scores[j]:g}" if scores else _number(share)
            write(ax, corner[0] + _WIDE / 2, y, text)


def _after(ax, run, asked, new):
    """The vectors of those tokens of which something is asked, after what came back was added."""
    write(ax, _AFTER + 2 * _WIDE, 30.2, "vector after", color=LIGHT["muted"])
    for row in asked:
        _boxes(ax, _AFTER, _ROWS[row], [_number(number) for number in run.h[row]], "activation", new, _WIDE)


def _bets(ax, run, asked):
    """The probabilities of the four words, each on a ground as strong as it is."""
    for j, word in enumerate(OUT):
        write(ax, _WORDS + (j + 0.5) * 8, 12.4, word)
    for row, y in zip(asked, _ANSWERS, strict=False):
        write(ax, 0.4, y, "at “?”" if run.tokens[row] == "?" else f"after “{run.tokens[row]}”", ha="left")
        for j, share in enumerate(run.out[row]):
            corner = (_WORDS + j * 8, y - 1.5)
            ax.add_patch(Rectangle(corner, 8, 3, lw=0, fc=LIGHT["activation"], alpha=share / 2))
            ax.add_patch(Rectangle(corner, 8, 3, lw=1, ec=LIGHT["activation"], fc="none"))
            write(ax, corner[0] + 4, y, f"{share:.2f}")
