"""The questions under "Check yourself" ask: their folds are kept back by the script of the guesses until one is chosen.

What a question looks like says dlbook/page/questions.py, which exports read too. Its id is the page's name without
numbers and its own number, `backprop/loss#check-1`. Questions with a model answer instead of options stay folds.
"""

import html
import re
from pathlib import Path

import nbformat
from docutils import nodes
from sphinx.transforms import SphinxTransform

from dlbook.page.guesses import page_name
from dlbook.page.questions import markdown_of, questions
from dlbook.sphinx.folds import raw
from dlbook.sphinx.guesses import IDS, following

NUMBER = re.compile(r"(\d+)\.$")


class Quizzes(SphinxTransform):
    """Puts the folds of each question into one element, with what the script must know of it."""

    default_priority = 251  # as the guesses; both before sections are folded

    def apply(self):
        path = Path(self.env.doc2path(self.env.docname))
        if path.suffix != ".ipynb":
            return
        asked = {one.number: one for one in questions(markdown_of(nbformat.read(path, as_version=4)))}
        for section in self.document.findall(nodes.section):
            if section.next_node(nodes.title).astext() == "Check yourself":
                for number, node in numbered(section):
                    if asked[number].kind == "choice" and not asked[number].faults():
                        self._ask(node, asked[number])

    def _ask(self, node, question):
        """Wrap the folds, which begin with the first raw node after the question's words."""
        section = node.parent
        start = next(i for i in range(section.index(node), len(section)) if begins_folds(section[i]))
        name = f"{page_name(self.env.docname)}#check-{question.number}"
        right = next(option.letter for option in question.options if option.right)
        told = f'id="check-{question.number}" data-id="{html.escape(name)}" data-guess="choice" data-answer="{right}"'
        folds = following(section[start - 1], len(question.folds))
        section.insert(start, [raw(f'<div class="dl-guess dl-quiz" {told}>'), *folds, raw("</div>")])
        IDS.of(self.env).setdefault(self.env.docname, []).append(name)


def numbered(section):
    """(number, paragraph) of each question of a section."""
    for node in list(section.children):
        words = [child for child in node.children if child.astext()] if isinstance(node, nodes.paragraph) else []
        match = NUMBER.match(words[0].astext()) if words and isinstance(words[0], nodes.strong) else None
        if match:
            yield int(match[1]), node


def begins_folds(node):
    return isinstance(node, nodes.raw) and "<details" in node.astext()


def setup(app):
    app.add_transform(Quizzes)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
