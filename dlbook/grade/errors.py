"""What is told of an error in a student's code: its kind, its text, its line; short, and never trusted."""

import builtins
import re

TEXT = 300


def describe(error, place):
    """Kind, text and line of an error; the line is the last one in a file whose name starts with ``place``.

    >>> describe(ValueError("no"), "<cell")
    {'type': 'ValueError', 'text': 'no', 'line': 0}
    """
    try:
        text = str(error)[:TEXT]
    except BaseException:
        text = ""
    line, step = 0, getattr(error, "__traceback__", None)
    while step is not None:
        if step.tb_frame.f_code.co_filename.startswith(place):
            line = step.tb_lineno
        step = step.tb_next
    if isinstance(error, SyntaxError) and str(error.filename).startswith(place):
        line, text = error.lineno or 0, str(error.msg)[:TEXT]
    return {"type": type(error).__name__[:40], "text": text, "line": line}


def kind(name):
    """The name of an error if Python itself has such an error; a student may name an own class anything."""
    known = getattr(builtins, str(name), None)
    return name if isinstance(known, type) and issubclass(known, BaseException) else "an error of its own kind"


USUAL = [
    (
        r"matmul.*core dimension.*size (\d+) is different from (\d+)",
        "two arrays were multiplied that do not fit, {1} against {0}: the last axis of the first must be as long as "
        "the first axis of the second. Is a transpose missing?",
    ),
    (
        r"shapes (\(.*?\)) and (\(.*?\)) not aligned",
        "two arrays were multiplied that do not fit, {0} and {1}: the last axis of the first must be as long as the "
        "first axis of the second. Is a transpose missing?",
    ),
    (
        r"operands could not be broadcast together with shapes (\(.*?\)) (\(.*?\))",
        "arrays of shapes {0} and {1} do not fit together: axes must be equal, counted from the right, or 1.",
    ),
    (
        r"name '(\w+)' is not defined",
        "nothing is called `{0}`: a spelling, an import, or a cell that has not been run?",
    ),
    (
        r"values to unpack \(expected (\d+)",
        "something was to be taken apart into {0} and has not as many parts: does your function return all of them, "
        "with commas between?",
    ),
    (r"maximum recursion depth", "the function calls itself and never stops."),
    (
        r"truth value of an array",
        "`if` cannot decide about a whole array: compare with NumPy (`np.where`, `np.maximum`).",
    ),
    (r"No module named '([\w.]+)'", "No module named '{0}': the assignment needs NumPy only."),
]

#: What a check runs into that takes a result apart which is one number.
SINGLE = (
    r"invalid index to scalar|over a 0-d array|is 0-dimensional, but|unpack non-iterable (numpy\.)?(float|int)"
    r"|'(float|int)' object is not subscriptable"
)


def explain(error):
    """An error of a student's code in one sentence, in the words of the subject where we know them."""
    called = re.search(r"'(\w+)' object is not callable", error["text"])
    if called and not error.get("line"):
        return f"This is not a function (it is {called[1]}): give the name of the function, without brackets."
    if not error.get("line") and re.search(SINGLE, error["text"]):
        return "Several things are expected, and a single number came. Return all of them, with commas between."
    where = f" in line {error['line']} of its cell" if error.get("line") else ""
    for pattern, meaning in USUAL:
        found = re.search(pattern, error["text"])
        if found:
            return f"It stopped{where}: " + meaning.format(*found.groups())
    return f"It stopped{where} with {error['type']}: {error['text'] or 'no message'}"
