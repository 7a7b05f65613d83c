"""The figure as HTML: the `<live-figure>` element with its poster inside, and the files that bring it to life."""

from __future__ import annotations

import ast
import html
import inspect
import json
import re
import sys
import textwrap
import zlib
from functools import cache
from pathlib import Path

from dlbook.live.figure import Figure, parameter
from dlbook.live.poster import poster
from dlcore.palette import PALETTE

SHARED = ("numbers.js", "record.js", "ask.js")  # by figures, and by the guesses on pages
PARTS = ("frames.js", "draw.js", "predict.js", "controls.js", "pad.js", "own.js", "handles.js", "figure.js", "page.js",
         "kernel.js")  # fmt: skip


def declaration(figure: Figure) -> dict:
    """All that the player must know before it has a single frame."""
    question = figure.predict
    return {
        "name": figure.name,
        "module": figure.module,
        "title": figure.title,
        "controls": {
            name: control.declaration() | {"framed": name in figure.arguments}
            for name, control in figure.controls.items()
        },
        "order": figure.arguments,
        "predict": vars(question) if question else None,
        "handles": [vars(handle) for handle in figure.handles],
    }


def data(figure: Figure) -> dict:
    """What the player needs besides frames: the charts, and the code to show."""
    specs = [panel.spec for column in figure.panels for panel in column]
    return {"specs": specs, "source": source(figure)}


def source(figure: Figure) -> str:
    """The figure's function without its declaration, and the functions of its file that it uses."""
    lines = textwrap.dedent(inspect.getsource(figure.function)).splitlines()
    start = next(i for i, line in enumerate(lines) if line.startswith("def "))
    own = "\n".join(lines[start:])
    return "\n\n\n".join([own, *helpers(own, sys.modules[figure.module], {figure.name}).values()])


def helpers(code: str, module, seen: set[str]) -> dict[str, str]:
    """Name → source of the module's own functions that a piece of code names, directly or through one another."""
    found: dict[str, str] = {}
    for name in (node.id for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Name)):
        function = inspect.unwrap(getattr(module, name, None))
        if name not in seen and inspect.isfunction(function) and function.__module__ == module.__name__:
            seen.add(name)
            found[name] = inspect.getsource(function).rstrip()
            found |= helpers(found[name], module, seen)
    return found


def element(figure: Figure) -> str:
    """The figure as it stands before any script runs: title, poster, sentence."""
    settings, frame = figure.settings(), figure.opening
    values = {name: parameter(value) for name, value in settings.items()}
    sentence = html.escape(figure.sentence(frame, settings))
    picture = "".join(column_html(column, frame.tables, values) for column in figure.panels)
    picture = re.sub(r'( id="|url\(#)', rf"\1{figure.name}-", picture)  # an id stands once on a page
    return (
        f'<live-figure name="{figure.name}" id="{figure.name}" data-state="poster" style="display:block" '
        f'data-figure="{html.escape(json.dumps(declaration(figure), ensure_ascii=False))}">'
        f'<p class="dl-title">{html.escape(figure.title)}</p>'
        f'<div class="dl-stage" style="display:flex;flex-wrap:wrap"><div class="dl-picture" role="img" '
        f'style="display:flex;flex-wrap:wrap;gap:12px;flex:3 1 620px;min-width:0" aria-label="{sentence}">'
        f"{picture}</div>"
        f'<div class="dl-side"></div></div><p class="dl-says">{sentence}</p></live-figure>'
    )


def still(figure: Figure) -> str:
    """All panels in one SVG, side by side: for whoever shows neither widgets nor HTML."""
    settings, drawings, left, tall = figure.settings(), [], 0.0, 0.0
    for column in figure.panels:
        top, wide = 0.0, 0.0
        for panel in column:
            svg = poster(panel, figure.opening.tables, settings).replace('"inherit"', '"sans-serif"')
            width, height = size(svg)
            drawings.append(
                svg.replace("<svg ", f'<svg x="{left:g}" y="{top:g}" width="{width:g}" height="{height:g}" ', 1)
            )
            top, wide = top + height, max(wide, width)
        left, tall = left + wide, max(tall, top)
    head = f'<svg xmlns="http://www.w3.org/2000/svg" width="{left:g}" height="{tall:g}">'
    return head + "".join(drawings) + "</svg>"


def size(svg: str) -> tuple[float, float]:
    """Width and height of a poster."""
    width, height = map(float, re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', svg).groups())
    return width, height


def column_html(column, tables, values) -> str:
    """Panels one below the other; a column grows with the width its charts ask for."""
    grow = max(panel.width for panel in column)
    boxes = "".join(panel_html(panel, poster(panel, tables, values)) for panel in column)
    return f'<div class="dl-column" style="flex:{grow:g} 1 {min(grow, 260):g}px;min-width:0">{boxes}</div>'


def panel_html(panel, svg) -> str:
    """A box in which the plot itself keeps its proportions, whatever its axes and titles take."""
    width, height = size(svg)
    tall = (
        f"calc((100% - {width - panel.width:.0f}px)*{panel.height / panel.width:.4g} + {height - panel.height:.0f}px)"
    )
    svg = svg.replace("<svg ", '<svg style="position:absolute;inset:0;width:100%;height:100%" ', 1)
    return f'<div class="dl-panel" style="position:relative;padding-bottom:{tall}">{svg}</div>'


@cache
def player() -> str:
    """The player: its parts in one script, with the book's palette."""
    return script(f"const PALETTE = {json.dumps(PALETTE)};", *map(part, PARTS))


def part(name: str) -> str:
    """One file of the player."""
    return (Path(__file__).parent / "player" / name).read_text(encoding="utf-8")


#: A comment that has its lines to itself.
COMMENT = re.compile(r"^ *(//[^\n]*|/\*\*(?:(?!\*/).)*\*/) *\n", re.MULTILINE | re.DOTALL)


def script(*parts: str, shared: tuple[str, ...] = SHARED) -> str:
    """Pieces of script that see one another, and nothing else on the page sees, as one classic script.

    Comments stay at home: they are a quarter of what would be sent.
    """
    pieces = [COMMENT.sub("", piece) for piece in [*map(part, shared), *parts]]
    return '(() => {\n"use strict";\n' + "\n".join(pieces) + "})();\n"


@cache
def style() -> str:
    """The player's style sheet."""
    return (Path(__file__).parent / "player" / "player.css").read_text(encoding="utf-8")


@cache
def vega() -> str:
    """Vega, bundled by vl-convert as one classic script that sets `dlVegaEmbed`."""
    import vl_convert

    return "(() => {" + vl_convert.javascript_bundle("globalThis.dlVegaEmbed = vegaEmbed;") + "\n})();\n"


@cache
def vega_packed() -> bytes:
    """The same, deflated, as a kernel sends it once to a notebook."""
    return zlib.compress(vega().encode(), 9)
