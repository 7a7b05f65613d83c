"""Recipes run beside the judge; functions and objects stay with the student; nothing of hers runs in a recipe."""

import inspect
import textwrap

import numpy as np
import pytest

from dlbook.grade import spec, wire
from dlbook.grade.recipe import here as there
from dlbook.grade.remote import returned
from dlbook.grade.sandbox import Sandbox

LIMITS = {"cell": 2.0, "call": 2.0, "total": 60.0}


@pytest.fixture(scope="module", params=["full", "files", "none"])
def sandbox(request):
    with Sandbox([], LIMITS, isolation=request.param) as made:
        if made.report["level"] != request.param:
            pytest.skip(f"{made.report}")
        yield made


def tried(sandbox, source, recipe, *inputs, name="f"):
    """What a recipe makes of an answer in a fresh process."""
    sandbox.begin()
    assert sandbox.run(1, "import numpy as np\n" + textwrap.dedent(source))["error"] is None
    text = textwrap.dedent(inspect.getsource(recipe)) + f"\ncall = {recipe.__name__}\n"
    return sandbox.call(name, text, inputs)


def once(answer, *inputs):
    return answer(*inputs)


def test_data_comes_as_data_and_its_sums_are_the_teachers(sandbox):
    def table(answer, corners):
        (w, b), more = answer["a"], answer["b"]
        return np.maximum(corners @ np.array(w) + b, 0) + more

    patched = "np.maximum = np.array = lambda *a, **k: 7\nf = {'a': ([1.0, 2.0], 0.5), 'b': 1}"
    reply = tried(sandbox, patched, table, np.array([[0.0, 0.0], [1.0, 1.0]]))
    assert np.array_equal(reply["value"], [1.5, 4.5])


def test_a_network_of_zeros_with_a_patched_maximum_is_no_xor(sandbox):
    from dlbook.grade.judge import Submission, judge

    folder = wire.__file__.replace("dlbook/grade/wire.py", "assignments/1_neuron_and_layer")
    checks = [c for c in spec.load(folder).prepare(False, spec.Variant(), "grading") if c["question"] == "q11"]
    theft = """
import numpy as np
class Out:
    def __matmul__(self, other): return self
    def __add__(self, other): return np.array([[0.0], [1.0], [1.0], [0.0]])
np.maximum = lambda *a: Out()
xor_layers = [([[0.0, 0.0]], [0.0]), ([[0.0]], [0.0])]
"""
    assert [row["passed"] for row in judge(Submission(sandbox, [theft]), checks)] == [False]


def test_the_student_calls_what_the_recipe_lends(sandbox):
    def cubes(answer, x):
        return answer(lambda v: np.sum(v**3), x)

    source = """
    def f(g, x):
        step = 1e-5 * np.eye(len(x))
        return [(g(x + s) - g(x - s)) / 2e-5 for s in step] + [f"{g(x):.1f}" == "9.0", callable(g)]
    """
    value = tried(sandbox, source, cubes, np.array([1.0, 2.0]))["value"]
    assert np.allclose(value[:2], [3, 12]) and value[2:] == [True, True]


def test_what_is_lent_cannot_be_looked_into(sandbox):
    def lends(answer, secret):
        return answer(lambda v: v + 0 * secret)

    source = """
    def f(g):
        found = []
        for name in ("__globals__", "__closure__", "__code__", "__func__", "__wrapped__"):
            found.append(hasattr(g, name))
        return found
    """
    assert tried(sandbox, source, lends, 3.0)["value"] == [False] * 5


def test_objects_stay_and_are_reached_by_name(sandbox):
    def walk(answer, x):
        node = answer.__globals__["Node"]
        a = node(x, lambda g: 2 * g)
        b = answer(a, more=[a, a])
        b.mark = 5.0
        same = b.parents[0] == a and b.parents[0] != b
        return [b.data, b.pull(3.0), a.pull(1.0), same, b.mark, b.table["k"], list(b.odd), len(b.parents)]

    source = """
    class Node:
        def __init__(self, data, pull): self.data, self.pull = data, pull
    def f(a, more):
        b = Node(a.data + len(more), lambda g: a.pull(g) + 1)
        b.parents, b.table, b.odd = (a, more[1]), {"k": 7}, (n for n in (1, 3))
        return b
    """
    assert tried(sandbox, source, walk, 1.0)["value"] == [3.0, 7.0, 2.0, True, 5.0, 7, [1, 3], 2]


def test_an_object_in_place_of_numbers_is_named(sandbox):
    source = "class Thing:\n    pass\ndef f(x): return [1, Thing()]"

    def wrapped(answer, x):
        return answer(x)

    said = tried(sandbox, source, wrapped, 1.0)["error"]
    assert said["type"] == "TypeError" and said["text"] == "a Thing instead of numbers"


def test_what_a_call_changes_is_changed_for_the_recipe(sandbox):
    def steps(answer, w, memory):
        state = {"m": np.zeros(2), "t": 0}
        for _ in range(3):
            answer(w, memory, state)
        return [w, memory, state["m"], state["t"]]

    source = """
    def f(w, memory, state):
        w -= 1
        memory.append(len(memory))
        state["m"] += w
        state["t"] += 1
    """
    reply = tried(sandbox, source, steps, np.zeros(2), [])
    w, memory, m, t = reply["value"]
    assert np.array_equal(w, [-3, -3]) and memory == [0, 1, 2] and np.array_equal(m, [-6, -6]) and t == 3
    assert np.array_equal(reply["inputs"][0], [-3, -3])  # so a change of inputs is noticed, as in the notebook


def test_in_place_means_in_place():
    array, inner = np.zeros(2), [1]
    whole = [array, inner, 3, {"a": array}]
    returned(whole, [np.ones(2), [1, 2], 4, {"a": np.ones(2), "b": 1}])
    assert whole[0] is array and np.array_equal(array, [1, 1])
    assert whole[1] is inner and inner == [1, 2] and whole[2] == 4 and whole[3]["a"] is array and whole[3]["b"] == 1


@pytest.mark.parametrize("body", ["raise ValueError('no')", "raise KeyError('no')", "raise Odd('no')", "1 / 0"])
def test_errors_are_the_students_also_from_afar(sandbox, body):
    def catches(answer):
        try:
            answer()
        except (ValueError, KeyError, ZeroDivisionError):
            return 1.0
        return 0.0

    def falls(answer):
        return answer() + 1

    source = f"class Odd(Exception):\n    pass\ndef f():\n    {body}"
    kind = {"1 / 0": "ZeroDivisionError"}.get(body, body[6:].split("(")[0])
    said = tried(sandbox, source, falls)["error"]
    assert said["type"] == kind and said["line"] == 5
    if kind != "Odd":
        assert tried(sandbox, source, catches)["value"] == 1.0


def test_missing_and_unanswered_are_told_apart(sandbox):
    def call(answer, x):
        return answer(x) + 1

    assert tried(sandbox, "", call, 1.0)["missing"] is True
    assert tried(sandbox, "f = ...", call, 1.0)["value"] == {"missing": True}
    assert tried(sandbox, "def f(x): raise NotImplementedError", call, 1.0)["error"]["type"] == "NotImplementedError"
    assert tried(sandbox, "f = 3.0", call, 1.0)["error"]["text"] == "'float' object is not callable"


def test_much_can_be_built_over_there(sandbox):
    def chain(answer, x):
        row = there("""def row(make, x):
            last = make(x, None)
            for _ in range(3000):
                last = make(last.data + 1, last)
            return last""")
        return answer(row(answer.__globals__["Node"], x))

    source = """
    class Node:
        def __init__(self, data, before): self.data, self.before = data, before
    def f(last):
        n = 0
        while last.before: last, n = last.before, n + 1
        return n
    """
    assert tried(sandbox, source, chain, 0.0)["value"] == 3000


@pytest.mark.parametrize("answer", [
    "lambda x: [np.ones((1, 1000, 1)), np.ones((1000, 1, 1)), np.ones((1, 1, 10**6))]",  # 8 TB when added up
    "lambda x: [np.ones((1, 4000, 1)), np.ones((4000, 1, 1)), np.ones((1, 1, 20))]",  # 2.5 GB
])  # fmt: skip
def test_answers_that_grow_in_a_recipe_cost_only_their_question(sandbox, answer):
    def adds(answer, x):
        a, b, c = answer(x)
        return (a + b + c).sum()

    assert "MemoryError" in tried(sandbox, f"f = {answer}", adds, 1.0)["error"]["type"]
    assert tried(sandbox, "f = lambda x: [x, x, x]", adds, np.ones(1))["value"] == 3


@pytest.mark.parametrize("body", ["while True: g(x)", "import time; time.sleep(60)", "while True: pass"])
def test_recipes_end(sandbox, body):
    def asks(answer, x):
        return answer(lambda v: v, x)

    with pytest.raises(wire.SlowError):
        tried(sandbox, f"def f(g, x):\n    {body}", asks, 1.0)
    assert tried(sandbox, "def f(g, x):\n    return g(x)", asks, 2.0)["value"] == 2


@pytest.mark.parametrize("body", [
    "os._exit(0)", "os.write(3, b'\\x00\\x00\\x00\\x05hello')",
    "say({'id': 10**6, 'value': 1})", "say({'id': True, 'value': 1})", "say({'id': n(), 'lent': 99, 'args': []})",
    "say({'id': n(), 'lent': -1, 'args': []})", "say({'id': n(), 'value': wire.Ref('teacher', 7)})",
    "say({'id': n(), 'value': [0] * 30_000})", "say({'id': n(), 'asks': 'x'})", "say({'id': n(), 'value': deep(100)})",
])  # fmt: skip
def test_forged_replies_to_a_recipe_are_no_answers(sandbox, body):
    def asks(answer, x):
        return answer(x) + 1

    source = f"""
    import os, socket, sys
    from dlbook.grade import wire
    def say(tree): wire.send(socket.socket(fileno=os.dup(3)), tree)
    def deep(n): return [deep(n - 1)] if n else 1
    def n():
        frame = sys._getframe()
        while "message" not in frame.f_locals: frame = frame.f_back
        return frame.f_locals["message"]["id"]
    def f(x):
        {body}
        return x
    """
    with pytest.raises(wire.BROKEN):
        tried(sandbox, source, asks, 1.0)
    assert tried(sandbox, "def f(x): return x", asks, 2.0)["value"] == 3


def test_numpy_does_not_believe_what_an_object_says_of_its_memory(sandbox):
    """`np.asarray` takes an address from whoever has one to offer; a stand-in does not pass the offer on."""

    def into_an_array(answer):
        return [np.asarray(answer()).dtype == object, hasattr(answer(), "__array_interface__")]

    source = """
    class Liar:
        told = 0
        def __getattr__(self, name):
            if name != "__array_interface__" or Liar.told < 1:  # not yet, to be sent as an object
                Liar.told += name == "__array_interface__"
                raise AttributeError(name)
            return {"data": (4096, False), "shape": (9,), "typestr": "<f8", "version": 3}
    liar = Liar()
    def f():
        Liar.told = 0
        return liar
    """
    assert tried(sandbox, source, into_an_array)["value"] == [True, False]


def test_the_examiner_is_out_of_the_students_reach(sandbox):
    def asks(answer):
        return [answer(), 1.0]

    if sandbox.report["level"] != "full":
        pytest.skip("elsewhere this would reach others of the same user")
    source = "import os\ndef f():\n    try:\n        os.kill(-1, 9)\n    except OSError:\n        return os.getpid()"
    assert tried(sandbox, source, asks)["value"] == [2, 1.0]


def test_a_stand_in_asks_through_the_recipe(sandbox):
    """Follow-through also where a recipe asks: her code calls what stands for ours, the judge answers."""

    def adds(answer, x):
        return answer(x) + 1

    def ours(message):
        return {"value": message["inputs"][0] * 10} if message["asks"] == "layer" else {}

    sandbox.begin()
    assert sandbox.run(1, "def f(x): return layer(x) + 0.5\ndef g(x): return other(x)")["error"] is None
    sandbox.stand_in(["layer", "other"], ours)
    text = textwrap.dedent(inspect.getsource(adds)) + "\ncall = adds\n"
    assert sandbox.call("f", text, [2.0])["value"] == 21.5
    assert sandbox.call("f", spec.RECIPE, [2.0])["value"] == 20.5
    for recipe in (text, spec.RECIPE):
        assert sandbox.call("g", recipe, [2.0])["error"]["text"] == "`other` cannot be called like this"


def test_the_time_of_a_recipe_is_the_processors(sandbox):
    """What the student's process works is counted, also where an examiner stands between; what never ends, in full."""
    busy = """
    import time
    def f(x):
        end = time.process_time() + x
        while time.process_time() < end:
            pass
        return x
    """

    def twice(answer, x):
        return answer(x) + answer(x)

    assert tried(sandbox, busy, twice, 0.3)["value"] == 0.6
    assert sandbox.spent >= 0.6
    with pytest.raises(wire.SlowError):
        tried(sandbox, busy, twice, 100.0)
    assert sandbox.spent >= LIMITS["call"]
