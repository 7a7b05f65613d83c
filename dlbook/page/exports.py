"""The questions of all pages in the formats that learning platforms read: QTI 1.2, Moodle's XML, a table.

QTI 1.2 is that of the 1EdTech Consortium (2002), with the two fields by which Canvas knows a question's kind and
points; the package has one assessment a page. Formulas become what MathJax reads, \\\\(…\\\\) and \\\\[…\\\\].
"""

import csv
import io
import itertools
import re
import zipfile
from html import escape
from xml.etree import ElementTree as Xml

from markdown_it import MarkdownIt
from mdit_py_plugins.dollarmath import dollarmath_plugin

QTI = "http://www.imsglobal.org/xsd/ims_qtiasiv1p2"
PACKAGE = "http://www.imsglobal.org/xsd/imscp_v1p1"
LINK = re.compile(r"(?<!!)\[([^]]*)\]\([^)]*\)")
FORMULA = re.compile(r"\$+[^$]+\$+|(?<!\w)[*_`]+|[*_`]+(?!\w)")  # or a mark, which is to go
WHEN = (2000, 1, 1, 0, 0, 0)  # the same questions make the same file


def _formula(text, options):
    text = escape(text, quote=False)
    return rf"\[{text}\]" if options["display_mode"] else rf"\({text}\)"


MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable("table").use(dollarmath_plugin, renderer=_formula)


def html(markdown: str) -> str:
    """Markdown as HTML; what links to other pages of the book is left as words.

    >>> html("What is $x^2$, *roughly*? See [loss](1_loss.ipynb).")
    '<p>What is <span class="math inline">\\\\(x^2\\\\)</span>, <em>roughly</em>? See loss.</p>'
    """
    return MARKDOWN.render(LINK.sub(r"\1", markdown)).strip()


def plain(markdown: str) -> str:
    """Markdown as one line of text: without its marks, and with formulas as they are.

    >>> plain("What is $x_1^2$, *roughly*? See [`loss`](1_loss.ipynb).")
    'What is $x_1^2$, roughly? See loss.'
    """
    words = LINK.sub(r"\1", " ".join(markdown.split()))
    return FORMULA.sub(lambda found: found[0] if found[0].startswith("$") else "", words)


def by_page(questions):
    """Lists of the questions of one page each, in order."""
    return [list(of_one) for _, of_one in itertools.groupby(questions, key=lambda question: question.page)]


def _add(parent, name, text=None, **attributes):
    child = Xml.SubElement(parent, name, attributes)
    child.text = text
    return child


def _text(parent, markdown):
    """Put a piece of text into an element, as QTI has it."""
    _add(_add(parent, "material"), "mattext", html(markdown), texttype="text/html")


def _bytes(root):
    Xml.indent(root, " ")
    return Xml.tostring(root, encoding="utf-8", xml_declaration=True)


# QTI 1.2


def qti_assessment(questions) -> bytes:
    """The questions of one page as an assessment of QTI 1.2."""
    first = questions[0]
    root = Xml.Element("questestinterop", {"xmlns": QTI})
    whole = _add(root, "assessment", ident=first.ident.rpartition("-")[0], title=f"{first.place} {first.title}")
    section = _add(whole, "section", ident="root_section")
    for question in questions:
        _item(section, question)
    return _bytes(root)


def _item(section, question):
    """One question: what it is, what it shows, how it is scored, what is said."""
    title = f"{question.place}, question {question.number}"
    item = _add(section, "item", ident=question.ident, title=title)
    fields = _add(_add(item, "itemmetadata"), "qtimetadata")
    kind = "essay_question" if question.kind == "open" else "multiple_choice_question"
    for label, entry in (("question_type", kind), ("points_possible", "1")):
        field = _add(fields, "qtimetadatafield")
        _add(field, "fieldlabel", label)
        _add(field, "fieldentry", entry)
    shown = _add(item, "presentation")
    _text(shown, question.text)
    (_open if question.kind == "open" else _choice)(item, shown, question)


def _score(item):
    scored = _add(item, "resprocessing")
    _add(_add(scored, "outcomes"), "decvar", varname="SCORE", vartype="Decimal", minvalue="0", maxvalue="100")
    return scored


def _choice(item, shown, question):
    """The options, the score of the right one, and to each what is said."""
    response = _add(shown, "response_lid", ident="response1", rcardinality="Single")
    choices, scored = _add(response, "render_choice"), _score(item)
    for option in question.options:
        name = f"{question.ident}-{option.letter}"
        _text(_add(choices, "response_label", ident=name), option.text)
        chosen = _add(scored, "respcondition", **{"continue": "Yes"})
        _add(_add(chosen, "conditionvar"), "varequal", name, respident="response1")
        _add(chosen, "displayfeedback", feedbacktype="Response", linkrefid=f"{name}_fb")
        _text(_add(_add(item, "itemfeedback", ident=f"{name}_fb"), "flow_mat"), option.said)
    right = next(option.letter for option in question.options if option.right)
    best = _add(scored, "respcondition", **{"continue": "No"})
    _add(_add(best, "conditionvar"), "varequal", f"{question.ident}-{right}", respident="response1")
    _add(best, "setvar", "100", action="Set", varname="SCORE")


def _open(item, shown, question):
    """A place to write, and the model answer for whoever has written."""
    _add(_add(shown, "response_str", ident="response1", rcardinality="Single"), "render_fib")
    written = _add(_score(item), "respcondition", **{"continue": "No"})
    _add(_add(written, "conditionvar"), "other")
    _add(written, "displayfeedback", feedbacktype="Response", linkrefid="general_fb")
    _text(_add(_add(item, "itemfeedback", ident="general_fb"), "flow_mat"), question.model_answer)


def qti_package(questions) -> bytes:
    """A zip with an assessment for each page, and the manifest that lists them."""
    root = Xml.Element("manifest", {"xmlns": PACKAGE, "identifier": "check-yourself"})
    about = _add(root, "metadata")
    _add(about, "schema", "IMS Content")
    _add(about, "schemaversion", "1.1.3")
    _add(root, "organizations")
    resources, files = _add(root, "resources"), {}
    for of_one in by_page(questions):
        name = of_one[0].ident.rpartition("-")[0]
        files[f"{name}/{name}.xml"] = qti_assessment(of_one)
        resource = _add(resources, "resource", identifier=name, type="imsqti_xmlv1p2", href=f"{name}/{name}.xml")
        _add(resource, "file", href=f"{name}/{name}.xml")
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for name, data in {"imsmanifest.xml": _bytes(root), **files}.items():
            package.writestr(zipfile.ZipInfo(name, WHEN), data)
    return out.getvalue()


# Moodle


def moodle(questions) -> bytes:
    """All questions in Moodle's own format, in a category for each page."""
    root = Xml.Element("quiz")
    for of_one in by_page(questions):
        where = _add(_add(root, "question", type="category"), "category")
        _add(where, "text", f"$course$/top/Check yourself/{of_one[0].place} {of_one[0].title.replace('/', '//')}")
        for question in of_one:
            _moodle_question(root, question)
    return _bytes(root)


def _moodle_question(root, question):
    kind = "essay" if question.kind == "open" else "multichoice"
    element = _add(root, "question", type=kind)
    _add(_add(element, "name"), "text", f"{question.place}, question {question.number}")
    _moodle_text(element, "questiontext", question.text)
    _add(element, "defaultgrade", "1")
    if question.kind == "open":
        _moodle_text(element, "graderinfo", question.model_answer)
        return
    _add(element, "single", "true")
    _add(element, "shuffleanswers", "false")
    _add(element, "answernumbering", "ABCD")
    for option in question.options:
        answer = _moodle_text(element, "answer", option.text, fraction="100" if option.right else "0")
        _moodle_text(answer, "feedback", option.said)


def _moodle_text(parent, name, markdown, **attributes):
    element = _add(parent, name, format="html", **attributes)
    _add(element, "text", html(markdown))
    return element


# A table


def table(questions) -> str:
    """One line a question: its place, its text, the right letter, for each option its words and what is said to it."""
    letters = sorted({option.letter for question in questions for option in question.options})
    heads = ["page", "title", "number", "kind", "question", "right"]
    heads += [head for letter in letters for head in (letter, f"feedback {letter}")]
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, [*heads, "model answer"], restval="")
    writer.writeheader()
    for question in questions:
        row = {"page": question.place, "title": question.title, "number": question.number, "kind": question.kind}
        row |= {"question": plain(question.text), "model answer": plain(question.model_answer)}
        for option in question.options:
            row |= {option.letter: plain(option.text), f"feedback {option.letter}": plain(option.said)}
            row["right"] = option.letter if option.right else row.get("right", "")
        writer.writerow(row)
    return out.getvalue()
