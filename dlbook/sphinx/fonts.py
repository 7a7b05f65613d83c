"""The site's own fonts: for reading, for labels, for code, for mathematics; each cut down to what the book can need.

The faces come out of npm packages. A cut face is about two thirds of the whole one (JetBrains Mono: a third, without
its ligatures). KaTeX's faces are also served whole, and a browser fetches the whole one only when a page uses a
character outside the cut; so a cut never shows.
"""

import functools
import hashlib
import importlib.util
import io
import logging
import re
from dataclasses import dataclass
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont

from dlbook.sphinx.sources import ROOT

PACKAGES = ROOT / "book" / "theme" / "node_modules"
#: WOFF2 needs the package brotli; without it the older WOFF does, a quarter heavier.
FORMAT = "woff2" if importlib.util.find_spec("brotli") else "woff"

LATIN = "U+20-7E, U+A0-FF, U+131, U+152-153, U+2C6, U+2DA, U+2DC, U+2010-2027, U+202F-203A, U+20AC, U+2122, U+2190-2193, U+2212, U+2260, U+2264-2265"  # fmt: skip # noqa: E501
LATIN_MORE = "U+100-130, U+132-151, U+154-2BA, U+1E00-1EFF"
GREEK = "U+391-3A9, U+3B1-3C9"
BOXES = "U+2500-257F"
#: letters, digits, punctuation, Greek, and the signs that a book on deep learning sets
MATHS = "U+20-7E, U+A0, U+A8, U+AF, U+B1, U+B4, U+B7, U+D7, U+F7, U+131, U+2C6-2C7, U+2C9-2CB, U+2D8-2DC, U+391-3D6, U+200B, U+2013-2014, U+2018-201D, U+2026, U+2032, U+20D7, U+2113, U+211D, U+2190-2194, U+21A6, U+21D2, U+21D4, U+2200-2209, U+2211-2213, U+2217-221E, U+2223-222B, U+223C, U+2248, U+2260-2265, U+226A-226B, U+2282-2287, U+2295-2299, U+22A4-22A5, U+22C5, U+22EE-22F1, U+2308-230B, U+27E8-27E9"  # fmt: skip # noqa: E501


@dataclass(frozen=True)
class Face:
    """One face of a family, and the characters that it is cut down to."""

    family: str
    package: str
    subset: str
    weight: int
    style: str
    characters: str
    features: tuple = ("kern", "liga", "mark")

    @property
    def file(self):
        """The face inside its npm package, without the ending."""
        name = f"{self.package}-{self.subset}-{self.weight}-{self.style}"
        return PACKAGES / "@fontsource" / self.package / "files" / name


FACES = (
    Face("Source Serif 4", "source-serif-4", "latin", 400, "normal", LATIN),
    Face("Source Serif 4", "source-serif-4", "latin", 400, "italic", LATIN),
    Face("Source Serif 4", "source-serif-4", "latin", 600, "normal", LATIN),
    Face("Source Serif 4", "source-serif-4", "latin-ext", 400, "normal", LATIN_MORE),
    Face("Source Serif 4", "source-serif-4", "greek", 400, "normal", GREEK),
    Face("Source Sans 3", "source-sans-3", "latin", 400, "normal", LATIN),
    Face("Source Sans 3", "source-sans-3", "latin", 600, "normal", LATIN),
    Face("Source Sans 3", "source-sans-3", "greek", 400, "normal", GREEK),
    Face("JetBrains Mono", "jetbrains-mono", "latin", 400, "normal", f"{LATIN}, {BOXES}", ()),
)


def codepoints(ranges):
    """The characters of a CSS unicode-range.

    >>> sorted(codepoints("U+41-43, U+5A"))
    [65, 66, 67, 90]
    """
    ends = [part.strip().removeprefix("U+").split("-") for part in ranges.split(",")]
    return {code for end in ends for code in range(int(end[0], 16), int(end[-1], 16) + 1)}


def cut(stem, characters, features, folder):
    """Cut a face down, write it into a folder under a name that says what is in it, and return that name.

    Args:
        stem: path of the face without its ending; its .woff is read.
        characters: a CSS unicode-range.
        features: OpenType features to keep.
        folder: where to write; a file that is already there is kept.
    """
    source = stem.with_name(stem.name + ".woff")
    mark = hashlib.sha256(source.read_bytes() + repr((characters, features, FORMAT)).encode()).hexdigest()[:8]
    target = folder / f"{stem.name}.{mark}.{FORMAT}"
    if not target.exists():
        target.write_bytes(_cut(source, characters, features))
    return target.name


@functools.cache
def _cut(source, characters, features):
    """The bytes of a face cut down; a process that builds many books, as the tests do, cuts each face once."""
    logging.getLogger("fontTools").setLevel(logging.ERROR)  # KaTeX's fonts are dated before 1970
    options = subset.Options(layout_features=list(features), hinting=False, notdef_outline=True)
    font = TTFont(source)
    worker = subset.Subsetter(options)
    worker.populate(unicodes=codepoints(characters))
    worker.subset(font)
    if "space" in font.getReverseGlyphMap():  # KaTeX's zero-width spaces must not send for the whole face
        for table in font["cmap"].tables:
            table.cmap.setdefault(0x200B, "space")
    font.flavor = FORMAT
    made = io.BytesIO()
    font.save(made)
    return made.getvalue()


def text_css(folder):
    """Write the faces for text into a folder; return their @font-face rules."""
    return "".join(
        f"@font-face {{ font-family: '{face.family}'; font-style: {face.style}; font-weight: {face.weight};\n"
        f"  font-display: swap; src: url(fonts/{cut(face.file, face.characters, face.features, folder)}) "
        f"format('{FORMAT}');\n  unicode-range: {face.characters}; }}\n"
        for face in FACES
    )


def katex_css(folder):
    """KaTeX's style sheet with woff2 fonts only, and before each whole face its cut one."""
    text = (PACKAGES / "katex" / "dist" / "katex.min.css").read_text(encoding="utf-8")

    def faces(match):
        rule, name = match[0], re.search(r"fonts/([\w-]+)\.woff2", match[0])[1]
        whole = re.sub(r"src:[^}]*", f'src:url(fonts/{name}.woff2) format("woff2")', rule)
        (folder / f"{name}.woff2").write_bytes(_katex_font(f"{name}.woff2").read_bytes())
        small = cut(_katex_font(name), MATHS, (), folder)
        source = f'src:url(fonts/{small}) format("{FORMAT}");unicode-range:{MATHS.replace(" ", "")}'
        return whole + re.sub(r"src:[^}]*", source, rule)  # of two rules for a character, browsers take the later

    return re.sub(r"@font-face\{[^}]*\}", faces, text)


def _katex_font(name):
    return Path(PACKAGES / "katex" / "dist" / "fonts" / name)
