"""Still pictures of a panel: SVG that needs no script and answers to light and dark pages."""

from __future__ import annotations

import base64
import copy
import json
import re
import struct
import zlib

import numpy as np
import vl_convert

from dlbook.live.chart import FONT, Panel, walk
from dlbook.live.frame import Field
from dlcore.palette import PALETTE

#: The colours as CSS variables with their light value to fall back on: what still pictures carry.
VARIABLES = {light: f"var(--dl-{name}, {light})" for name, (light, _) in PALETTE.items()}

#: The light colours and their twins for dark pages.
NIGHT = dict(PALETTE.values())
NO_CHANGE: dict[str, str] = {}


def rows(name: str, table, spec: dict) -> list[dict]:
    """A frame's table as the rows that Vega wants, a Field as one row with its picture."""
    if isinstance(table, Field):
        x, x2, y, y2 = table.extent
        image = spec["usermeta"]["images"].get(name)
        return [{"x": x, "x2": x2, "y": y, "y2": y2, "url": paint(table.values, **image) if image else None}]
    columns = {key: [None if v != v else v for v in values.tolist()] for key, values in table.items()}
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def poster(panel: Panel, tables: dict, parameters: dict) -> str:
    """A panel as SVG that needs no script, in the page's colours and font."""
    spec = copy.deepcopy(panel.spec)
    for data in spec["data"]:
        if data["name"] in tables:
            data["values"] = rows(data["name"], tables[data["name"]], spec)
    for signal in spec.get("signals", []):
        if signal["name"] in parameters:
            signal["value"] = parameters[signal["name"]]
    for mark in walk(spec["marks"]):
        if mark["type"] == "image":
            mark["encode"]["update"]["url"] = {"field": "url"}
            del mark["encode"]["update"]["image"]
    svg = tidy(vl_convert.vega_to_svg(json.loads(json.dumps(spec).replace(FONT, "sans-serif"))))
    for name, image in spec["usermeta"]["images"].items():
        svg = by_night(svg, paint(tables[name].values, **image), paint(tables[name].values, **image, colours=NIGHT))
    return svg


def by_night(svg: str, day: str, night: str) -> str:
    """Beside an image in the colours of light pages, one in those of dark pages; the style sheet shows one of them."""
    drawn = re.search(f'<image[^>]*href="{re.escape(day)}"[^>]*?/?>(</image>)?', svg)[0]
    dark = drawn.replace(day, night).replace("<image ", '<image class="dl-night" style="display:none" ', 1)
    return svg.replace(drawn, drawn.replace("<image ", '<image class="dl-day" ', 1) + dark)


def tidy(svg: str) -> str:
    """Vega's SVG made to scale, without its own roles (the figure speaks for it), and coloured by CSS variables."""
    svg = re.sub(r'<svg [^>]*viewBox="([^"]*)"[^>]*>', r'<svg viewBox="\1" aria-hidden="true">', svg, count=1)
    svg = re.sub(
        r'(?<= d=")[^"]*', lambda path: re.sub(r"(\.\d)\d+", r"\1", path[0]), svg
    )  # a tenth of a pixel is enough
    svg = re.sub(r'font-family="[^"]*"', 'font-family="inherit"', svg)
    svg = re.sub(r"(<image[^>]*?)xlink:href=", r"\1href=", svg)
    svg = re.sub(r' (aria-label|aria-roledescription|role)="[^"]*"', "", svg)
    return re.sub("|".join(VARIABLES), lambda match: VARIABLES[match[0]], svg)


def paint(values: np.ndarray, domain: list, range: list[str], colours: dict = NO_CHANGE, **_) -> str:
    """A field as a PNG in a data address, one pixel per cell, the low end of y at the bottom."""
    hexes = [colours.get(colour, colour) for colour in range]
    channels = np.array([[int(colour[i : i + 2], 16) for i in (1, 3, 5)] for colour in hexes], dtype=float)
    pixels = np.stack([np.interp(values[::-1], domain, channels[:, c]) for c in (0, 1, 2)], axis=-1)
    return "data:image/png;base64," + base64.b64encode(png(pixels.round().astype(np.uint8))).decode()


def png(pixels: np.ndarray) -> bytes:
    """(height, width, 3) bytes as a PNG file."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    height, width, _ = pixels.shape
    lines = b"".join(b"\0" + line.tobytes() for line in pixels)
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(lines, 9)) + chunk(b"IEND", b"")
