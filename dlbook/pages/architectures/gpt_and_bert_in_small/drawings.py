"""Drawings of the page "GPT and BERT in small"."""

from collections import Counter
from functools import cache

from matplotlib.patches import Rectangle

from dlbook.page import stepping
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
