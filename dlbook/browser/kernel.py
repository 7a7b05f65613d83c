"""Python in the page: runs cells as a notebook would, shows what they show, and answers the page's own scripts.

Everything goes out through one function, `send(kind, **what)`: "print" with text, "show" with a MIME bundle. So the
kernel runs, and is tested, without a browser too.
"""

import ast
import builtins
import importlib
import io
import linecache
import sys
import time
import tokenize
import traceback
import types

import numpy as np

from dlbook.browser import absent, chains, tables
from dlbook.browser.needs import needs
from dlbook.page import show as front


class Kernel:
    """One reader's Python: the names that her cells have made, and where to send what they show."""

    def __init__(self, send):
        self.send, self.main = send, types.ModuleType("__main__")
        self.main.__builtins__ = builtins
        self.printed = Printed(lambda text: send("print", text=text))

    def start(self):
        """Take over printing and showing; let what is absent be imported."""
        sys.modules["__main__"] = self.main
        sys.stdout = sys.stderr = self.printed
        chains.watch_classes()
        absent.stand_in()
        tables.stand_in()
        front.publish_with(lambda bundle: self.send("show", bundle=texts(bundle)))
        builtins.display = self.display
        return self

    def needs(self, source):
        """Which packs of files a cell needs, and whether it needs PyTorch."""
        return sorted(needs(source))

    def loaded(self, packs):
        """Packs have been loaded: what stood in for them steps aside."""
        importlib.invalidate_caches()
        if "scikit-learn" in packs:
            tables.step_aside()

    def run(self, source, name):
        """Run one cell; return whether it went well, what it took, and the error as Jupyter prints it."""
        file, began = f"<{name}>", time.perf_counter()
        linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
        error = error_of(lambda: self.display(value_of(source, file, self.main.__dict__)))
        undrawn = error_of(self.show_figures)  # a figure is drawn here, and may fail only now
        self.printed.flush()
        error = error or undrawn
        return {"ok": error is None, "seconds": time.perf_counter() - began, "error": error}

    def show_figures(self):
        """Show what matplotlib has drawn and nobody has shown."""
        for drawing in open_figures():
            self.send("show", bundle=drawing)

    def display(self, *values):
        """Show values as a notebook would."""
        for value in values:
            if value is None:
                continue
            self.printed.flush()
            bundle = bundle_of(value)
            if bundle:
                self.send("show", bundle=bundle)


class Printed(io.TextIOBase):
    """Where `print` goes: on to the page line by line, or when asked for."""

    def __init__(self, pass_on):
        self.pass_on, self.waiting, self.passed = pass_on, [], 0.0

    def writable(self):
        return True

    def write(self, text):
        self.waiting.append(text)
        if time.perf_counter() - self.passed > 0.05:
            self.flush()
        return len(text)

    def flush(self):
        text, self.waiting = "".join(self.waiting), []
        self.passed = time.perf_counter()
        if text:
            self.pass_on(text)


def answer(module, function, arguments):
    """Call any function for a script of the page: its value, arrays as {data, shape}, or its error."""
    try:
        value = getattr(importlib.import_module(module), function)(**arguments)
    except Exception as stopped:  # whatever the function raises belongs to who has asked
        return {"ok": False, "error": told(stopped)}
    return {"ok": True, "value": sendable(value)}


def value_of(source, file, names):
    """Execute a cell; the value of its last line, if that is an expression and does not ask for silence."""
    tree = ast.parse(source, file)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, file, "exec"), names)
    value = eval(compile(ast.Expression(last.value), file, "eval"), names) if last else None
    return None if silenced(source) else value


def error_of(work):
    """Do some of a cell's work; its error as Jupyter prints it, whatever it is, for it belongs under the cell."""
    try:
        work()
    except BaseException as stopped:
        return told(stopped)
    return None


def open_figures():
    """What matplotlib has drawn and nobody has shown, as bundles; it is closed, whether it can be drawn or not."""
    pyplot = sys.modules.get("matplotlib.pyplot")
    figures = [pyplot.figure(number) for number in pyplot.get_fignums()] if pyplot else []
    for figure in figures:
        pyplot.close(figure)
    for figure in figures:
        drawing = io.StringIO()
        figure.savefig(drawing, format="svg", bbox_inches="tight", facecolor="white")
        svg = drawing.getvalue()
        yield {"text/html": svg[svg.index("<svg") :], "text/plain": "[a figure]"}


def bundle_of(value):
    """What shows a value: its HTML if it has some, and its text; None if it has shown itself."""
    if type(value).__module__ == "dlbook.live.declare":
        return {"figure": value.name}  # it stands on the page, alive
    if hasattr(type(value), "_ipython_display_"):
        value._ipython_display_()
        return None
    bundle = {"text/plain": repr(value)}
    html = value._repr_html_() if hasattr(type(value), "_repr_html_") else None
    return bundle | ({"text/html": html} if html else {})


def sendable(value):
    """A value with every array in it as {data, shape}, which arrive in the page as a typed array and a list."""
    if isinstance(value, np.ndarray):
        return {"data": np.ascontiguousarray(value).ravel(), "shape": list(value.shape)}
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, dict):
        return {str(key): sendable(one) for key, one in value.items()}
    return [sendable(one) for one in value] if isinstance(value, list | tuple) else value


def texts(bundle):
    """The entries of a bundle that the page can show."""
    return {kind: value for kind, value in bundle.items() if kind in ("text/html", "text/markdown", "text/plain")}


def silenced(source):
    """Whether a cell ends with a semicolon, which asks for silence."""
    skip = (tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.ENDMARKER, tokenize.DEDENT)
    tokens = [t for t in tokenize.generate_tokens(io.StringIO(source).readline) if t.type not in skip]
    return bool(tokens) and tokens[-1].string == ";"


def told(error):
    """An error as Jupyter prints it: from the reader's own cell on."""
    frames = error.__traceback__
    while frames and not frames.tb_frame.f_code.co_filename.startswith("<cell"):
        frames = frames.tb_next
    lines = traceback.format_exception(type(error), error, frames)
    return {"kind": type(error).__name__, "message": str(error), "text": "".join(lines)}
