"""Put a matplotlib figure on a page as inline SVG that answers to dark mode, with the words for who cannot see it."""

import base64
import hashlib
import io
import re
from xml.etree import ElementTree

from dlbook.page.show import colour, dark_rules, inline, publish
from dlcore.palette import LIGHT

#: Matplotlib's own black and white stand for ink and paper; everything else is looked up by its exact colour.
_NAMES = {colour: name for name, colour in LIGHT.items()} | {"#000000": "ink", "#ffffff": "paper"}
_PIXELS_PER_POINT = 4 / 3
FALLBACK_DPI = 72
#: On a narrow screen the book sets --dl-least. A formula's parts, in tspans, keep their size, since each has its place.
_FONT_SIZE = re.compile(r"font-size: ?([\d.]+px)")
_SETTINGS = {"svg.fonttype": "none", "svg.hashsalt": "dlbook", "savefig.transparent": True}


class StillError(Exception):
    """A figure lacks the words that make it readable without seeing it, or is not a figure."""


def figure(fig, alt, caption=""):
    """Show a matplotlib figure, and close it.

    Args:
        fig: a matplotlib Figure, drawn in the palette's LIGHT colours on no ground of its own.
        alt: what is to be seen, in a sentence or two, for who cannot see it. Numbers in it are computed.
        caption: the question that the figure answers, shown below it; `code` and *emphasis* are understood.

    Raises:
        StillError: if `fig` is not a figure, or `alt` says too little.
    """
    if not hasattr(fig, "savefig") or not hasattr(fig, "axes"):
        raise StillError(f"figure(fig, …): expected a matplotlib Figure, received {type(fig).__name__}.")
    alt = " ".join(str(alt).split())
    refuse_empty_words(f"figure(…, alt={alt!r})", alt, caption)
    svg = svg_of(fig, alt, caption)
    below = f"<figcaption>{inline(caption)}</figcaption>" if caption else ""
    bundle = {
        "text/html": f'<style>{dark_rules()}</style><figure class="dl-figure">{svg}{below}</figure>',
        "image/png": _png(fig),
        "text/plain": f"[Figure: {alt}]",
    }
    close(fig)
    publish(bundle)


def refuse_empty_words(where, words, caption=""):
    """Raise StillError if the words could not stand in for the picture."""
    if len(words.split()) < 6 or len(words) < 30:
        raise StillError(f"{where}: say what is to be seen, in a sentence of at least six words.")
    if re.match(r"(an? |the )?(image|figure|picture|plot|graph|chart)\b( of\b|:|$)", words, re.IGNORECASE):
        raise StillError(f"{where}: begin with what is to be seen, not with the word for a picture.")
    if caption and words.rstrip(".") == " ".join(caption.split()).rstrip("."):
        raise StillError(f"{where}: alt and caption are the same; the caption asks, the alternative text describes.")


def svg_of(fig, alt, caption="", frame="tight"):
    """Return the figure as an SVG element: the same bytes for the same figure, ids of its own, colours by name.

    It is cut to what is drawn, or to `frame`, a Bbox in inches.
    """
    import matplotlib

    buffer = io.StringIO()
    silent = dict.fromkeys(("Date", "Creator", "Format", "Type"))
    with matplotlib.rc_context(_SETTINGS):
        fig.savefig(buffer, format="svg", bbox_inches=frame, pad_inches=0.02, metadata=silent)
    prefix = "f" + hashlib.sha256("\0".join((buffer.getvalue(), alt, caption)).encode()).hexdigest()[:8]
    root = ElementTree.fromstring(buffer.getvalue())
    _simplify(root, prefix)
    box = root.get("viewBox")
    wide = float(box.split()[2])
    width = f"--dl-wide:{wide:.0f};width:100%;max-width:{wide * _PIXELS_PER_POINT:.0f}px;height:auto"
    style = f"{width};fill:{colour('ink')};stroke-linejoin:round;font-family:inherit"
    root.attrib = {"role": "img", "aria-label": alt, "viewBox": box, "style": style}
    return ElementTree.tostring(root, encoding="unicode", short_empty_elements=True)


def _simplify(root, prefix):
    """Drop what an inline SVG does not need, and rewrite ids, colours, fonts and coordinates, in place."""
    for parent in list(root.iter()):
        for child in list(parent):
            if child.tag.endswith(("}metadata", "}style")):
                parent.remove(child)
    whole = ElementTree.tostring(root, encoding="unicode")
    used = set(re.findall(r"url\(#([^)]+)\)", whole)) | set(re.findall(r'href="#([^"]+)"', whole))
    for node in root.iter():
        node.tag = node.tag.split("}")[-1]
        node.attrib = dict(_attribute(key.split("}")[-1], value, used, prefix) for key, value in node.items())
        node.attrib = {key: value for key, value in node.attrib.items() if value}
        if not (node.text or "").strip():
            node.text = None
        elif node.tag == "text":
            node.set("style", _FONT_SIZE.sub(r"font-size:max(\1, var(--dl-least, 0px))", node.get("style", "")))
        node.tail = None
    _flatten(root)


def _flatten(root):
    """Lift the content out of groups that say nothing, and drop paths that draw nothing."""
    for parent in list(root.iter())[::-1]:
        children = []
        for child in parent:
            bare_group = child.tag == "g" and not child.attrib
            unseen = (
                child.tag == "path" and child.get("style") == "fill: none" or child.tag == "defs" and not len(child)
            )
            children += list(child) if bare_group else [] if unseen else [child]
        parent[:] = children


def _attribute(key, value, used, prefix):
    """Return one attribute as the page wants it."""
    if key == "id":
        return key, f"{prefix}-{value}" if value in used else ""
    if key == "href" and value.startswith("#"):
        return key, f"#{prefix}-{value[1:]}"
    if key in ("d", "points", "transform", "x", "y", "width", "height"):
        value = re.sub(r"-?\d+\.\d{3,}", lambda number: f"{float(number[0]):.2f}", value)
        return key, "" if value.startswith("rotate(-0 ") else " ".join(value.split())
    if key == "clip-path":
        return key, value.replace("url(#", f"url(#{prefix}-")
    if key == "style":
        return key, _style(value).replace("url(#", f"url(#{prefix}-")
    return key, value


def _style(value):
    """Name the palette's colours and let text take the page's own font."""
    value = re.sub(
        r"#[0-9a-f]{6}\b",
        lambda hit: colour(_NAMES[hit[0]]) if hit[0] in _NAMES else hit[0],
        value.lower() if "url" not in value else value,
    )
    font = re.search(r"(?:^|; ?)font: ([^;]*?)([\d.]+px) [^;]+", value)
    if font:
        kind = "font-style:italic;" if re.search(r"italic|oblique", font[1]) else ""
        weight = re.search(r"\b(bold|[1-9]00)\b", font[1])
        kind += f"font-weight:{weight[1]};" if weight else ""
        value = value.replace(font[0], f"; {kind}font-size:{font[2]}".lstrip("; "))
    return re.sub(r"font-family: [^;]+;? ?", "", value)


def _png(fig):
    """Return a small picture on paper, for front ends that show no HTML."""
    buffer = io.BytesIO()
    fig.savefig(buffer, format="png", dpi=FALLBACK_DPI, bbox_inches="tight", facecolor=LIGHT["paper"])
    return base64.b64encode(buffer.getvalue()).decode()


def close(fig):
    """Close the figure, so that a notebook does not draw it a second time."""
    import matplotlib.pyplot as plt

    plt.close(fig)
