"""Column heads that are a formula alone get its text too, unseen: assistive tools read it more surely than MathML."""

import re

HEAD = re.compile(r'<th (class="head[^>]*)>(.*?)</th>', re.DOTALL)
FORMULA = re.compile(r'<span class="math">.*?<annotation encoding="application/x-tex">(.*?)</annotation>.*', re.DOTALL)


def named(match):
    """A head cell with the formula's text in words, if there is nothing in it but a formula."""
    start, content = match.groups()
    formula = FORMULA.search(content)
    before = content[: formula.start()] if formula else content
    if formula is None or re.sub(r"<[^>]*>|\s", "", before):
        return match[0]
    seen = content.replace('<span class="math">', '<span class="math" aria-hidden="true">', 1)
    return f'<th {start}><span class="dl-unseen">{formula[1]}</span>{seen}</th>'


def name_heads(app, pagename, templatename, context, doctree):
    """Name the formula heads of a page."""
    if "body" in context:
        context["body"] = HEAD.sub(named, context["body"])


def setup(app):
    app.connect("html-page-context", name_heads)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
