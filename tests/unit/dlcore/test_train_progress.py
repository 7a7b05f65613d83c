"""The progress bar: quiet when short, one line in a terminal, one display in a notebook, nothing where nobody looks."""

import io
import sys
from types import SimpleNamespace

import pytest

from dlcore import train
from dlcore.train import bar as module


class Clock:
    """Time that passes half a second per look."""

    def __init__(self, step=0.5):
        self.now, self.step = 0.0, step

    def monotonic(self):
        self.now += self.step
        return self.now


class Stream(io.StringIO):
    def __init__(self, terminal):
        super().__init__()
        self.terminal = terminal

    def isatty(self):
        return self.terminal


@pytest.fixture
def terminal(monkeypatch):
    stream = Stream(True)
    monkeypatch.setattr(module, "sys", SimpleNamespace(stderr=stream, modules={}))  # (pytest owns the true sys.stderr)
    return stream


def use(monkeypatch, clock):
    monkeypatch.setattr(module, "time", clock)


def test_a_short_run_shows_nothing(terminal):
    assert list(train.progress(range(5))) == list(range(5))
    assert terminal.getvalue() == ""


def test_a_long_run_draws_one_line_and_leaves_a_summary(terminal, monkeypatch):
    use(monkeypatch, Clock())
    items = [SimpleNamespace(loss=1.0 / (i + 1)) for i in range(12)]
    assert list(train.progress(items, label="training")) == items
    text = terminal.getvalue()
    assert text.startswith("\rtraining ██████░░░░░░░░░░░░░░ 4 of 12, 2 s, 4 s left, loss 0.25")
    assert text.endswith("\n") and text.count("\n") == 1
    assert text.rstrip().endswith("training: 12 in 6.5 s, loss 0.08333")
    lengths = [len(piece) for piece in text.strip("\r\n").split("\r")]
    assert lengths == sorted(lengths)  # each drawing covers the one before


def test_steps_say_themselves_how_many_there_will_be(terminal, monkeypatch):
    use(monkeypatch, Clock())
    list(train.progress(iter([SimpleNamespace(total=9)] * 9)))
    assert "4 of 9, 2 s" in terminal.getvalue()


def test_drawings_are_rare(terminal, monkeypatch):
    use(monkeypatch, Clock(0.01))
    list(train.progress(range(1000)))
    assert 30 < terminal.getvalue().count("\r") < 50  # 8 s at most 5 times a second


def test_stopping_early_still_closes_the_line(terminal, monkeypatch):
    use(monkeypatch, Clock())
    for i in train.progress(iter(range(100))):
        if i == 8:
            break
    assert "█" not in terminal.getvalue()  # no total, no bar
    assert terminal.getvalue().rstrip(" \n").endswith("8 in 4.5 s")


def test_an_error_inside_the_loop_passes_through(terminal):
    def broken():
        yield 1
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        list(train.progress(broken()))


def test_a_pipe_gets_nothing(monkeypatch):
    stream = Stream(False)
    monkeypatch.setattr(module, "sys", SimpleNamespace(stderr=stream, modules={}))
    use(monkeypatch, Clock())
    assert list(train.progress(range(20))) == list(range(20))
    assert stream.getvalue() == ""


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ((5, None, 3.0, ""), "5, 3 s"),
        ((1500, None, 3.0, "x"), "x 1,500, 3 s"),
        ((12, 10, 3.0, ""), "████████████████████ 12 of 10, 3 s, 0 s left"),
        ((1, 4, 1.0, "", SimpleNamespace(loss="high")), "█████░░░░░░░░░░░░░░░ 1 of 4, 1 s, 3 s left"),
        ((5, 5, 3.0, "", None, True), "5 in 3.0 s"),
    ],
)
def test_the_line(arguments, expected):
    assert module.line(*arguments) == expected


def shell(allow_stdin):
    parent = {"content": {"allow_stdin": allow_stdin}} if allow_stdin is not None else {}
    return SimpleNamespace(get_ipython=lambda: SimpleNamespace(kernel=SimpleNamespace(get_parent=lambda: parent)))


def test_a_notebook_that_a_program_runs_gets_nothing_and_a_person_a_display(monkeypatch):
    monkeypatch.setitem(sys.modules, "IPython", shell(False))
    assert module.screen() is None
    for watched in (True, None):
        monkeypatch.setitem(sys.modules, "IPython", shell(watched))
        assert isinstance(module.screen(), module.Notebook)


def test_ipython_in_a_terminal_counts_as_a_terminal(terminal, monkeypatch):
    module.sys.modules["IPython"] = SimpleNamespace(get_ipython=lambda: SimpleNamespace())
    assert isinstance(module.screen(), module.Terminal)


def test_in_a_notebook_one_display_is_updated_in_place(monkeypatch):
    shown = []

    def display(bundle, raw, display_id):
        assert raw and display_id
        shown.append(("new", bundle["text/plain"]))
        return SimpleNamespace(update=lambda b, raw: shown.append(("update", b["text/plain"])))

    monkeypatch.setitem(sys.modules, "IPython", shell(True))
    monkeypatch.setitem(sys.modules, "IPython.display", SimpleNamespace(display=display))
    use(monkeypatch, Clock())
    list(train.progress(range(10), label="epochs"))
    assert [kind for kind, _ in shown] == ["new"] + ["update"] * (len(shown) - 1)
    assert shown[0][1].startswith("epochs ████████") and shown[-1][1] == "epochs: 10 in 5.5 s"
    shown.clear()
    use(monkeypatch, Clock(0.01))
    list(train.progress(range(10)))
    assert shown == []


def test_a_program_that_runs_a_real_notebook_sees_no_output():
    nbformat, nbclient = pytest.importorskip("nbformat"), pytest.importorskip("nbclient")
    code = "from dlcore.train import progress\nfor i in progress(range(3), quiet=0): pass\nprint(i)"
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code)])
    nbclient.NotebookClient(notebook, timeout=60, kernel_name="python3").execute()
    assert [o.get("text") for o in notebook.cells[0].outputs] == ["2\n"]
