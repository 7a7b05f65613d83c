"""Python of a page, tried without a browser: in a process of its own, since it takes over printing and showing."""

import json
import subprocess
import sys

import numpy as np
import pytest

from dlbook.browser.absent import Absent, NotInThePage
from dlbook.browser.kernel import Printed, sendable, silenced

PROGRAM = """
import json, sys
out = sys.stdout
from dlbook.browser.kernel import Kernel, answer
sent = []
kernel = Kernel(lambda kind, **what: sent.append([kind, what.get("text", what.get("bundle"))])).start()
answers = [kernel.run(source, f"cell {n}") for n, source in enumerate(json.loads(sys.argv[1]), 1)]
print(json.dumps({"sent": sent, "answers": answers}), file=out)
"""


def run(*sources):
    """Run cells one after the other; what was sent to the page, and each cell's answer."""
    call = [sys.executable, "-c", PROGRAM, json.dumps(sources)]
    done = subprocess.run(call, capture_output=True, text=True, check=True)
    found = json.loads(done.stdout)
    return found["sent"], found["answers"]


def shown(*sources):
    sent, _ = run(*sources)
    return [what["text/plain"] for kind, what in sent if kind == "show"]


def test_cells_share_their_names_and_show_their_last_value():
    assert shown("x = 6", "x * 7", "x;", "None", "display(x, 'two')") == ["42", "6", "'two'"]


def test_what_is_printed_comes_in_order_with_what_is_shown():
    sent, _ = run("print('before')\ndisplay(1)\nprint('after')")
    told = [(kind, what if kind == "print" else what["text/plain"]) for kind, what in sent]
    shown_at = told.index(("show", "1"))
    assert "".join(text for _, text in told[:shown_at]) == "before\n"
    assert "".join(text for _, text in told[shown_at + 1 :]) == "after\n"


def test_an_error_is_told_from_the_cell_on_and_with_its_lines():
    _, (answer,) = run("def half(x):\n    return x / 0\nhalf(1)")
    assert not answer["ok"]
    assert answer["error"]["kind"] == "ZeroDivisionError"
    text = answer["error"]["text"]
    assert text.count("File") == 2
    assert "<cell 1>" in text
    assert "return x / 0" in text


@pytest.mark.parametrize(
    ("source", "kind"), [("for", "SyntaxError"), ("raise SystemExit(3)", "SystemExit"), ("1 / 0", "ZeroDivisionError")]
)
def test_no_error_ends_the_kernel(source, kind):
    sent, (first, second) = run(source, "'still here'")
    assert first["error"]["kind"] == kind
    assert second["ok"]


def test_a_drawing_that_cannot_be_drawn_is_an_error_of_its_cell():
    """It fails after the last line of the cell; so does what a cell has left open that fails itself."""
    begin = "import matplotlib.pyplot as plt\nplt.figure().text(0, 0, '$\\\\frac{$')\n"
    sent, (first, second, third) = run(begin, f"{begin}1 / 0", "'still here'")
    assert first["error"]["kind"] == "ValueError" and second["error"]["kind"] == "ZeroDivisionError"
    assert third["ok"] and [what["text/plain"] for kind, what in sent if kind == "show"][-1] == "'still here'"


def test_functions_of_a_cell_can_be_pickled_and_inspected():
    assert shown("import inspect\ndef f():\n    return 1", "inspect.getsource(f)") == [repr("def f():\n    return 1")]


def test_pytorch_can_be_named_and_says_where_it_runs():
    _, (first, second) = run(
        "import sys\nfrom dlbook.browser import absent\n"
        "for name in [n for n in sys.modules if n.split('.')[0] == 'torch']: del sys.modules[name]\n"
        "sys.meta_path.insert(0, sys.meta_path.pop())\nimport torch.nn as nn",
        "nn.Linear(2, 3)",
    )
    assert first["ok"], first
    assert second["error"]["kind"] == "NotInThePage"
    assert "Colab" in second["error"]["message"]


def test_classes_of_what_is_absent_can_be_asked_about_and_derived_from_and_not_made():
    torch = Absent("torch", "not here")
    assert not issubclass(int, torch.Tensor) and not isinstance(3, torch.nn.Module)

    class Net(torch.nn.Module):
        pass

    for makes in (Net, torch.nn.Linear, torch.ones):
        with pytest.raises(NotInThePage, match="not here"):
            makes()


def test_the_rooms_of_all_pages_load_where_charts_cannot_be_made():
    """In a page figures make numbers only: a room that makes a chart as it is loaded would fail there."""
    program = """
import sys
from dlbook.browser import absent
absent.stand_in()
sys.meta_path.insert(0, sys.meta_path.pop())
import importlib
from dlbook.pages.find import rooms
for kind in ("figures", "exercises", "experiment"):
    for room in rooms(kind):
        importlib.import_module(room)
print(type(sys.modules["altair"]).__name__)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "Absent", done.stderr[-600:]


def test_the_page_can_call_any_function_and_gets_arrays_or_the_error():
    program = """
import json
from dlbook.browser.kernel import answer
bound = answer("dlbook.browser.needs", "bound", {"source": "x = 1"})
print(json.dumps([answer("math", "sqrt", {}), bound["ok"]]))
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    refused, ok = json.loads(done.stdout)
    assert refused["error"]["kind"] == "TypeError"
    assert ok


def test_arrays_are_sent_flat_with_their_shape():
    sent = sendable({"w": np.arange(6.0).reshape(2, 3).T, "loss": np.float64(0.5), 3: [np.int64(1), None]})
    assert sent["w"]["shape"] == [3, 2]
    assert sent["w"]["data"].tolist() == [0, 3, 1, 4, 2, 5]
    assert (sent["loss"], sent["3"]) == (0.5, [1, None])


@pytest.mark.parametrize(
    ("source", "silent"), [("x;", True), ("x; # note", True), ("x", False), ("'a;'", False), ("x  # ;", False)]
)
def test_a_semicolon_at_the_end_asks_for_silence(source, silent):
    assert silenced(source) is silent


def test_printing_is_passed_on_in_few_pieces_and_nothing_is_lost():
    passed = []
    printed = Printed(passed.append)
    for n in range(1000):
        printed.write(f"{n}\n")
    printed.flush()
    assert "".join(passed) == "".join(f"{n}\n" for n in range(1000))
    assert len(passed) < 1000
