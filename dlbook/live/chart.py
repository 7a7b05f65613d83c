"""From an Altair chart to what the player and the poster draw: compiled, themed, and read for the columns it uses.

A figure's chart is one chart, or a list of panels that stand side by side; a list inside the list is a column of
panels. Tables are named, `alt.Chart(table("path"))`, and every control is a parameter: `"datum.step <= time"`.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import Any

import altair as alt
import vl_convert

from dlbook.live.controls import RAISED, FigureError
from dlcore.palette import CLASSES, LIGHT

#: Stands in compiled charts for the page's own font.
FONT = "dl-font"

CONFIG: dict[str, Any] = {
    "font": FONT,
    "background": None,
    "padding": {"left": 4, "top": 4, "right": 6, "bottom": 2},
    "autosize": "pad",
    "view": {"stroke": None},
    "axis": {
        "labelColor": LIGHT["muted"],
        "titleColor": LIGHT["ink"],
        "gridColor": LIGHT["grid"],
        "domainColor": LIGHT["muted"],
        "tickColor": LIGHT["muted"],
        "labelFontSize": 12,
        "titleFontSize": 13,
        "titleFontWeight": "normal",
        "tickCount": 5,
        "grid": False,
        "labelOverlap": True,
    },
    "legend": {
        "labelColor": LIGHT["ink"],
        "titleColor": LIGHT["ink"],
        "labelFontSize": 12,
        "titleFontSize": 12,
        "titleFontWeight": "normal",
    },
    "title": {
        "anchor": "start",
        "color": LIGHT["ink"],
        "subtitleColor": LIGHT["muted"],
        "fontSize": 13,
        "fontWeight": 600,
        "offset": 8,
    },
    "mark": {"color": LIGHT["input"]},
    "text": {"color": LIGHT["ink"], "fontSize": 12},
    "range": {
        "category": CLASSES,
        "ordinal": [LIGHT["paper"], LIGHT["input"]],
        "ramp": [LIGHT["paper"], LIGHT["input"]],
        "heatmap": [LIGHT["paper"], LIGHT["input"]],
        "diverging": [LIGHT["input"], LIGHT["paper"], LIGHT["loss"]],
    },
    "line": {"color": LIGHT["input"], "strokeWidth": 2},
    "point": {"color": LIGHT["input"], "filled": True},
    "rule": {"color": LIGHT["muted"]},
}


def table(name: str) -> alt.NamedData:
    """The named table of a frame, as the data of a chart."""
    return alt.NamedData(name=name)


def powers_of_ten(*exponents: int) -> alt.Axis:
    """The axis of a logarithmic scale, labelled at these powers only.

    >>> powers_of_ten(-4, 0).to_dict()["labelExpr"]
    "{'-4': '10⁻⁴', '0': '1'}[round(log(datum.value) / LN10)]"
    """
    texts = {str(e): "1" if e == 0 else f"10{str(e).translate(RAISED)}" for e in exponents}
    return alt.Axis(values=[10.0**e for e in exponents], labelExpr=f"{texts}[round(log(datum.value) / LN10)]")


@dataclass(frozen=True)
class Reading:
    """One column that a panel reads: of which table, on which channel, within which domain."""

    table: str
    column: str
    channel: str
    domain: tuple[float, float] | None
    log: bool
    clip: bool


@dataclass
class Panel:
    """One compiled chart: its Vega specification, the columns it reads, and the size of its plot in pixels."""

    spec: dict
    readings: list[Reading]
    width: float
    height: float


def layout(charts) -> list[list]:
    """Charts as columns of panels, left to right.

    >>> layout("a"), layout(["a", ["b", "c"]])
    ([['a']], [['a'], ['b', 'c']])
    """
    columns = charts if isinstance(charts, list | tuple) else [charts]
    return [list(column) if isinstance(column, list | tuple) else [column] for column in columns]


def compile_panel(chart: alt.TopLevelMixin, parameters: dict, fields: set[str], where: str) -> Panel:
    """An Altair chart as a Vega specification in the book's look, the controls among its parameters."""
    spec = chart.to_dict()
    readings = [reading for reading in read(spec, where) if reading.table not in spec.get("datasets", {})]
    spec["config"] = merged(CONFIG, spec.get("config", {}))
    spec["params"] = [{"name": n, "value": v} for n, v in parameters.items()] + spec.get("params", [])
    for key, value in {
        "width": 320,
        "height": 240,
        **{k: CONFIG[k] for k in ("autosize", "padding", "background")},
    }.items():
        spec.setdefault(key, value)
    vega = vl_convert.vegalite_to_vega(spec)
    vega["usermeta"] = {"images": as_images(vega, fields), "ratio": spec["height"] / spec["width"]}  # for the player
    return Panel(vega, readings, spec["width"], spec["height"])


def merged(base: dict, extra: dict) -> dict:
    """Two nested dictionaries, the second one winning."""
    both = copy.deepcopy(base)
    for key, value in extra.items():
        both[key] = merged(both[key], value) if isinstance(value, dict) and isinstance(both.get(key), dict) else value
    return both


def read(spec: dict, where: str, inherited: str | None = None, channels=None):
    """Every column that a Vega-Lite specification reads, with the domain its axis declares."""
    data = spec.get("data", {}).get("name", inherited)
    channels = domains(spec) if channels is None else channels
    for layer in spec.get("layer", []):
        yield from read(layer, where, data, channels)
    derived = {t["as"] for t in spec.get("transform", []) if isinstance(t.get("as"), str)}
    clip = isinstance(spec.get("mark"), dict) and spec["mark"].get("clip", False)
    for channel, encoding in spec.get("encoding", {}).items():
        if not isinstance(encoding, dict) or encoding.get("field") in derived or "field" not in encoding:
            continue
        if data in (None, "empty"):
            raise FigureError(f'{where}: channel {channel} reads a column but no table: alt.Chart(table("name"))')
        scale = channels.get(channel.rstrip("2"), {})
        domain = scale.get("domain")
        numeric = isinstance(domain, list) and all(isinstance(d, int | float) for d in domain)
        if channel in ("x", "y") and encoding.get("type") == "quantitative" and not numeric:
            raise FigureError(
                f"{where}, table {data!r}, channel {channel}: no domain, so the axis would jump from frame to frame. "
                f"Declare it: scale=alt.Scale(domain=(low, high))"
            )
        span = (min(domain), max(domain)) if numeric else None
        yield Reading(data, encoding["field"], channel, span, scale.get("type") == "log", clip)


def domains(spec: dict) -> dict[str, dict]:
    """The scale that each channel declares anywhere in a panel: layers share them."""
    found: dict[str, dict] = {}
    for layer in spec.get("layer", []):
        found |= domains(layer)
    for channel, encoding in spec.get("encoding", {}).items():
        if isinstance(encoding, dict) and isinstance(encoding.get("scale"), dict):
            found[channel] = found.get(channel, {}) | encoding["scale"]
    return found


def as_images(vega: dict, fields: set[str]) -> dict:
    """Turn each heat map of a Field into one smooth image; say which colours each table takes."""
    scales = {scale["name"]: scale for scale in vega.get("scales", [])}
    for scale in scales.values():
        if scale.get("interpolate") == "hcl":
            scale["interpolate"] = "rgb"  # between two colours of the palette no third one
    above = {data["name"]: data.get("source") for data in vega["data"]}
    images = {}
    for mark in walk(vega.get("marks", [])):
        source = mark.get("from", {}).get("data")
        while above.get(source):  # the compiler reads a table through a filter of its own
            source = above[source]
        if mark.get("type") != "rect" or source not in fields:
            continue
        mark["from"]["data"] = source
        drawn = mark["encode"]["update"]
        images[source] = shades(scales.get(drawn["fill"].get("scale")), source)
        kept = {key: drawn[key] for key in ("x", "x2", "y", "y2")}
        mark["type"] = "image"
        mark["encode"] = {
            "update": kept | {"image": {"field": "image"}, "aspect": {"value": False}, "smooth": {"value": True}}
        }
    return images


def shades(scale: dict | None, name: str) -> dict:
    """The colours of a field: a scale with a number for each colour, the same in the poster and on the page."""
    scale = scale or {}
    colours, domain = scale.get("range"), scale.get("domain")
    colours = CONFIG["range"].get(colours) if isinstance(colours, str) else colours
    if not (isinstance(colours, list) and isinstance(domain, list) and len(colours) == len(domain)):
        raise FigureError(
            f"field {name!r}: its colours need a number each: "
            f'alt.Color("value:Q", scale=alt.Scale(domain=(0, 1), range=[LIGHT["paper"], LIGHT["input"]]))'
        )
    scale["range"] = colours
    return {"scale": scale["name"], "range": colours, "domain": domain}


def walk(marks: list[dict]):
    """All marks of a Vega specification, groups opened."""
    for mark in marks:
        yield mark
        yield from walk(mark.get("marks", []))
