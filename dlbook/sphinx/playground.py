"""The playground on its page: `{playground}` puts it there, `{problems}` lists what is set, with links that open it.
Any page may link to a state of it: `[try it](../../book/playground.md#playground?problem=xor)`.

What the script must know (what can be chosen, the problems, a first picture) is computed here and stands in the page;
the script itself (book/theme/scripts/playground.js) loads Python when its reader presses "Start".
"""

import base64
import html
import json
from pathlib import Path

import numpy as np
from docutils import nodes
from sphinx.addnodes import pending_xref
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.docutils import SphinxDirective

from dlbook.live.markup import part
from dlbook.playground import page, settings
from dlbook.playground.problems import PROBLEMS
from dlbook.sphinx.assets import THEME, fingerprinted
from dlbook.sphinx.python import SCRIPTS, put_script

FIRST, STEPS = "data=circle", 60  # what stands there before anything is pressed
TYPES = {"uint8": "Uint8Array", "int8": "Int8Array", "float32": "Float32Array"}
HOME = "book/playground"  # the page that it stands on
PLACE = "playground"  # the id of its element, which addresses begin with
MARK = "DL-PLAYGROUND-NEEDS"  # stands for what only the finished page can tell
ELEMENT = """\
<div class="dl-playground dl-wide" id="{place}" data-needs="{mark}">
<p class="dl-without">Where scripts run, a small network learns here to part two kinds of points: you choose the points,
the network and how it learns, and watch the border between the two kinds, each unit's picture, the weights, the
gradients and the loss change with every step. The first picture shows this. {says}</p>
<script type="application/json">{told}</script>
</div>
"""


class Playground(SphinxDirective):
    """```{playground}``` puts the playground onto a page."""

    def run(self):
        first = page.start(FIRST, STEPS)
        problems = {name: {key: getattr(p, key) for key in ("title", "task", "why", "begin", "fixed")}
                    for name, p in PROBLEMS.items()}  # fmt: skip
        choices = {name: {"label": choice.label, "options": list(choice.options.items())}
                   for name, choice in settings.CHOICES.items()}  # fmt: skip
        told = {"choices": choices, "usual": settings.USUAL, "problems": problems, "first": stored(first),
                "most": [settings.MOST_LAYERS, settings.MOST_UNITS, settings.MOST_OWN]}  # fmt: skip
        text = json.dumps(told).replace("</", "<\\/")
        element = ELEMENT.format(place=PLACE, mark=MARK, says=html.escape(first["says"]), told=text)
        return [nodes.raw("", element, format="html")]


class Problems(SphinxDirective):
    """```{problems}``` lists the problems: a link that opens each, and one to the page that explains it."""

    def run(self):
        return [nodes.bullet_list("", *map(self._item, PROBLEMS.items()), classes=["dl-problems"])]

    def _item(self, named):
        name, problem = named
        opens = nodes.reference("", problem.title, refuri=f"#{PLACE}?problem={name}")
        where = {"refdomain": "std", "reftype": "doc", "refdoc": self.env.docname, "refexplicit": False}
        explains = pending_xref("", nodes.inline(), reftarget=f"/{problem.page}", **where)
        text = nodes.paragraph("", "", opens, nodes.Text(f". {problem.task} "), nodes.emphasis("", "", explains))
        return nodes.list_item("", text)


class Links(SphinxPostTransform):
    """Links to a state of the playground, which is no place that the text names, lead to its page and say the state."""

    default_priority = 8  # before MyST looks for the place

    def run(self, **told):
        for link in list(self.document.findall(pending_xref)):
            state = link.get("reftargetid") or ""
            if link["reftype"] == "myst" and state.startswith(f"{PLACE}?"):
                where = self.app.builder.get_relative_uri(self.env.docname, link["reftarget"])
                link.replace_self(nodes.reference("", "", *link.children, refuri=f"{where}#{state}"))


def stored(value):
    """A picture with every array as {type, letters}, for a page that has no Python yet."""
    if isinstance(value, np.ndarray):
        return {"type": TYPES[str(value.dtype)], "letters": base64.b64encode(value.tobytes()).decode()}
    return {key: stored(one) for key, one in value.items()} if isinstance(value, dict) else value


def write_files(app):
    """Put the script and its style beside the pages."""
    if app.builder.format == "html":
        folder = Path(app.outdir) / "_static" / "dl"
        folder.mkdir(parents=True, exist_ok=True)
        drawing = (SCRIPTS / "pictures.js").read_text(encoding="utf-8")
        put_script(folder, "playground", part("pad.js") + drawing)
        (folder / "playground.css").write_bytes((THEME / "css" / "playground.css").read_bytes())


def add_links(app, pagename, templatename, context, doctree):
    """A page that explains problems of the playground ends with links to them."""
    if app.builder.format == "html" and HOME in app.env.found_docs:
        begins = f"{context['pathto'](HOME)}#{PLACE}?problem="
        own = [(name, problem) for name, problem in PROBLEMS.items() if problem.page == pagename]
        context["dl_problems"] = [{"title": problem.title, "href": f"{begins}{name}"} for name, problem in own]


def add_to_page(app, pagename, templatename, context, doctree):
    """Only the page with the playground loads it, and is told where Python is, if it could be had."""
    if app.builder.format != "html" or MARK not in context.get("body", ""):
        return
    app.add_css_file("dl/playground.css")
    app.add_js_file("dl/playground.js", loading_method="defer")
    needs = {}
    if app.builder.dl_python:
        at = {name: fingerprinted(app, f"dl/{name}.js") for name in ("python", "cells", "editor")}
        scripts = {name: context["pathto"](where, 1) for name, where in at.items()}
        size = sum(app.builder.dl_python[pack]["bytes"] for pack in ("core", "book")) / 1e6
        needs = {"scripts": scripts, "megabytes": round(size, 1), "page": pagename}
    context["body"] = context["body"].replace(MARK, html.escape(json.dumps(needs)))


def setup(app):
    app.add_directive("playground", Playground)
    app.add_directive("problems", Problems)
    app.add_post_transform(Links)
    app.connect("builder-inited", write_files)
    app.connect("html-page-context", add_links)
    app.connect("html-page-context", add_to_page)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
