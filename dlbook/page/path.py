"""How long a page is: the short path, read by someone who opens no fold, and everything.

Counted in words of Markdown and in lines of code. What a cell's tags say decides who sees its code: `experiment`,
`verdict`, `listing` and `hide-input` are folded in the book (dlbook.sphinx.folds), `exercise` stays open and belongs
to whoever works on the page, `remove-input` and `remove-cell` are nobody's reading. From a text with the tag `folded`
to the next heading all is folded, and of that the question alone is read.
"""

import re
from dataclasses import dataclass

#: most words, and most lines of visible code, of a short path
MOST_WORDS, MOST_LINES = 1800, 60
#: how much of each is read in a minute
WORDS_A_MINUTE, LINES_A_MINUTE = 200, 12

UNREAD = {"remove-input", "remove-cell"}
CODE_FOLDED = {"experiment", "verdict", "listing", "hide-input", "hide-cell", "exercise"}
OUTPUT_FOLDED = {"listing", "hide-output", "hide-cell"}

FENCE = re.compile(r"^[ >]*```[^\n]*\n(.*?)^[ >]*```", re.DOTALL | re.MULTILINE)
FOLD = re.compile(r"<details[^>]*>\s*<summary>(.*?)</summary>(?:(?!<details).)*?</details>", re.DOTALL)
#: What is read otherwise than word by word. A formula in the line counts as a word, one of its own as ten.
MARKS = (
    (re.compile(r"<!--.*?-->", re.DOTALL), " "),
    (re.compile(r"\$\$.+?\$\$", re.DOTALL), " formula" * 10 + " "),
    (re.compile(r"\$[^$]+\$"), "formula"),
    (re.compile(r"!?\[([^]]*)\]\([^)]*\)"), r"\1"),
    (re.compile(r"</?[a-z][^>]*>"), " "),
)


@dataclass(frozen=True)
class Length:
    """How much there is to read."""

    words: int = 0
    lines: int = 0

    def __add__(self, other):
        return Length(self.words + other.words, self.lines + other.lines)

    @property
    def minutes(self):
        """Whole minutes that it takes to read, at least one."""
        return max(1, round(self.words / WORDS_A_MINUTE + self.lines / LINES_A_MINUTE))

    @property
    def excess(self):
        """By what it is too long for a short path, in words; "" where it is not."""
        over = [f"{self.words:,} words (at most {MOST_WORDS:,})"] if self.words > MOST_WORDS else []
        over += [f"{self.lines} lines of visible code (at most {MOST_LINES})"] if self.lines > MOST_LINES else []
        return " and ".join(over)


def lengths(notebook):
    """The Length of a notebook's short path, and that of everything in it.

    Where the notebook has its outputs, the listings among them count: they are code that stands on the page.
    """
    short, whole, inside = Length(), Length(), False
    for cell in notebook["cells"]:
        tags = set(cell["metadata"].get("tags", ()))
        if tags & UNREAD:
            continue
        code, text = _code_and_text(cell)
        whole += _length(code, text)
        inside = "folded" in tags or (inside and not begins_a_section(cell))
        if inside:
            short += _length("", cell["metadata"]["question"]) if "folded" in tags else Length()
            continue
        short += _length("" if tags & CODE_FOLDED else code, "" if tags & OUTPUT_FOLDED else _unopened(text))
    return short, whole


def begins_a_section(cell):
    """Whether a cell is text that begins with a heading."""
    return cell["cell_type"] == "markdown" and "".join(cell["source"]).lstrip().startswith("#")


def _code_and_text(cell):
    """The code that a cell's source is, and the Markdown that it is or shows."""
    source = "".join(cell["source"])
    if cell["cell_type"] != "code":
        return "", source
    shown = ("".join(output.get("data", {}).get("text/markdown", "")) for output in cell.get("outputs", ()))
    return source, "\n\n".join(shown)


def _unopened(markdown):
    """Markdown with every fold closed: of each, the summary is left."""
    before = None
    while before != markdown:
        before, markdown = markdown, FOLD.sub(r"\1", markdown)
    return markdown


def _length(code, markdown):
    """The Length of some code and some Markdown, whose fenced code is code too."""
    fenced = FENCE.findall(markdown)
    lines = sum(bool(line.strip(" >")) for piece in (code, *fenced) for line in piece.splitlines())
    for mark, instead in ((FENCE, " "), *MARKS):
        markdown = mark.sub(instead, markdown)
    return Length(sum(any(map(str.isalnum, word)) for word in markdown.split()), lines)
