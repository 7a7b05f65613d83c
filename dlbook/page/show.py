"""Show one output in whatever front end there is, and the few marks that our sentences may carry."""

import html
import re

from dlcore.palette import DARK, LIGHT

#: Front ends that tell their dark theme: JupyterLab and Notebook 7, Colab, VS Code. The book has rules of its own.
_DARK_PAGES = '[data-jp-theme-light="false"],[theme="dark"],.vscode-dark'
_BOX_RULES = (
    ":where(.dl-box){border-left:4px solid var(--dl-box);padding:.4em 1em;margin:.8em 0;max-width:44em}"
    ":where(.dl-box p){margin:.3em 0}:where(.dl-verdict-id){font-weight:600;margin-right:.4em}"
)


def colour(name):
    """Return a palette colour as CSS: the theme's own where there is one, the light one elsewhere.

    >>> colour("ink")
    'var(--dl-ink, #1f2328)'
    """
    return f"var(--dl-{name}, {LIGHT[name]})"


def dark_rules():
    """Return CSS that gives the palette's dark colours to notebook front ends with a dark theme.

    Its selectors are wrapped in `:where()`, so they weigh nothing and any rule of the book wins.
    """
    colours = ";".join(f"--dl-{name}:{colour}" for name, colour in DARK.items())
    return f":where({_DARK_PAGES}){{{colours}}}"


def box_rules():
    """Return the CSS of a plain box, for front ends that do not load the book's style sheet."""
    return dark_rules() + _BOX_RULES


def inline(text):
    """Turn `code`, **strong** and *emphasis* into HTML, and escape everything else.

    >>> inline("a < b, `w * x` is *not* small")
    'a &lt; b, <code>w * x</code> is <em>not</em> small'
    """
    parts = re.split(r"`([^`]+)`", text)
    for index, part in enumerate(parts):
        part = html.escape(part, quote=False)
        if index % 2:
            parts[index] = f"<code>{part}</code>"
        else:
            part = re.sub(r"\*\*(?=\S)(.+?)(?<=\S)\*\*", r"<strong>\1</strong>", part)
            parts[index] = re.sub(r"\*(?=\S)(.+?)(?<=\S)\*", r"<em>\1</em>", part)
    return "".join(parts)


def unmarked(text):
    """Drop the marks that `inline` understands."""
    return re.sub(r"`([^`]+)`|\*\*(?=\S)(.+?)(?<=\S)\*\*|\*(?=\S)(.+?)(?<=\S)\*", _only_group, text)


def _only_group(match):
    return next(group for group in match.groups() if group is not None)


def publish(bundle):
    """Display a MIME bundle in a notebook, or wherever `publish_with` says; elsewhere print its text."""
    if in_a_page():
        _Front.end(bundle)
        return
    from IPython import get_ipython
    from IPython.display import display

    if get_ipython() is None:
        print(bundle["text/plain"])
    else:
        display(bundle, raw=True)


class _Front:
    """The front end that is no notebook, where there is one."""

    end = None


def publish_with(show):
    """Give every bundle to `show` from now on: a front end of its own, such as a web page."""
    _Front.end = show


def in_a_page():
    """Whether Python has such a front end; timings and rounding are others there than where the book is built."""
    return _Front.end is not None
