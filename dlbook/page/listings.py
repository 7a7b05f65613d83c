"""Show the tested source of a function or class on a page, so that no listing is ever typed twice."""

import ast
import inspect
import re
import textwrap

from dlbook.page.show import publish


def listing(*objects, full=False):
    """Show the source of functions or classes, highlighted, with the module that each comes from.

    Args:
        objects: functions, classes or methods whose source can be read.
        full: whether docstrings are shown whole; otherwise each is cut to its first sentence.
    """
    texts = [_one(thing, full) for thing in objects]
    publish({"text/markdown": "\n\n".join(texts), "text/plain": "\n\n".join(texts)})


def _one(thing, full):
    """Return one listing as Markdown."""
    bare = inspect.unwrap(thing)
    try:
        source = textwrap.dedent(inspect.getsource(bare)).rstrip()
    except (TypeError, OSError) as error:
        raise TypeError(f"listing({thing!r}): expected a function or class with readable source. {error}") from None
    return f"From {_origin(bare)}:\n\n```python\n{source if full else shortened(source)}\n```"


def _origin(thing):
    """Where a listing comes from, in words.

    Raises:
        ValueError: if it is the book's apparatus, which no page quotes.
    """
    module = thing.__module__
    if module == "__main__":
        return "this notebook"
    if module.endswith(".experiment"):
        return "this page's experiment"
    if module.split(".")[0] == "dlbook":
        raise ValueError(f"listing: {module} is the book's apparatus. Quote dlcore, or the page's own experiment.")
    return f"`{module}`"


def shortened(source):
    """Cut every docstring of the source to its first sentence.

    >>> print(shortened('def f(x):\\n    \\"\\"\\"Double x.\\n\\n    Long story.\\n    \\"\\"\\"\\n    return 2 * x'))
    def f(x):
        \"\"\"Double x.\"\"\"
        return 2 * x
    """
    lines = source.splitlines()
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    nodes = [n for n in ast.walk(ast.parse(source)) if isinstance(n, kinds) and ast.get_docstring(n)]
    for node in sorted(nodes, key=lambda n: -n.lineno):
        quoted = node.body[0]
        indent = " " * quoted.col_offset
        prefix = re.match(r"\w*", lines[quoted.lineno - 1].strip())[0]
        text = f'{indent}{prefix}"""{_first_sentence(node, lines)}"""'
        lines[quoted.lineno - 1 : quoted.end_lineno] = [text]
    return "\n".join(lines)


def _first_sentence(node, lines):
    """Return the docstring's first sentence as it stands in the source, on one line."""
    quoted = node.body[0]
    raw = "\n".join(lines[quoted.lineno - 1 : quoted.end_lineno]).strip()
    raw = re.sub(r'^\w*("""|\'\'\'|"|\')|("""|\'\'\'|"|\')$', "", raw)
    paragraph = " ".join(raw.strip().split("\n\n")[0].split())
    end = re.search(r"(?<!e\.g)(?<!i\.e)[.:!?](?= [A-Z`]|$)", paragraph)
    return paragraph[: end.end()] if end else paragraph
