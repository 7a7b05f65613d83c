"""The graph of a computation: its numbers are the engine's, its layout is a layout."""

import matplotlib

matplotlib.use("Agg")

from itertools import pairwise

import matplotlib.pyplot as plt
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.colors import to_hex
from matplotlib.patches import FancyBboxPatch

import dlcore
from dlcore import nn, viz
from dlcore.palette import LIGHT
from dlcore.viz.computation import record, trace
from dlcore.viz.layout import layered, ranks


def leaf(value):
    return dlcore.tensor([float(value)], requires_grad=True)


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


def texts(ax):
    return [t.get_text() for t in ax.texts]


def test_values_and_gradients_are_those_of_backward():
    w, x, b, t = leaf(2.0), leaf(-1.5), leaf(0.5), leaf(1.0)
    picture = trace(lambda: ((w * x + b).tanh() - t) ** 2, w=w, x=x, b=b, t=t)
    loss = ((w * x + b).tanh() - t) ** 2
    loss.backward()
    for tensor in (w, x, b, t):
        assert np.array_equal(picture.gradients[tensor], tensor.grad.numpy())
        assert np.array_equal(picture.values[tensor], tensor.detach().numpy())
    by_rule = {node.rule: picture.values[node].item() for node in picture.nodes if not hasattr(node, "grad")}
    assert by_rule["mul"] == -3.0 and by_rule["add"] == -2.5
    assert by_rule["tanh"] == pytest.approx(np.tanh(-2.5)) and by_rule[loss.grad_fn.rule if loss.grad_fn else "square"]


def test_nothing_is_left_behind():
    w = leaf(3.0)
    loss = w * w
    viz.graph(loss, w=w)
    assert w.grad is None
    loss.backward()
    assert w.grad.tolist() == [6.0]
    from dlcore.tensor import tensor as engine

    before = engine.wrap, engine.Node
    with pytest.raises(ZeroDivisionError), record():
        raise ZeroDivisionError
    assert (engine.wrap, engine.Node) == before


def test_parts_of_a_value_that_is_used_twice_add_up_to_its_gradient():
    a = leaf(3.0)
    picture = trace(lambda: a * a + a, a=a)
    parts = [part.item() for (source, _), part in zip(picture.edges, picture.parts, strict=True) if source is a]
    assert sorted(parts) == [1.0, 3.0, 3.0] and sum(parts) == picture.gradients[a].item()
    shown = texts(viz.graph(lambda: a * a + a, a=a))
    assert "3 + 3" in shown and "∂ 7" in shown and "∂ 1" in shown


@settings(max_examples=25, deadline=None, derandomize=True)
@given(st.lists(st.tuples(st.sampled_from(["add", "mul", "tanh", "sub"]), st.integers(0, 99), st.integers(0, 99)),
                min_size=1, max_size=15), st.integers(0, 99))  # fmt: skip
def test_gradients_of_any_graph_equal_those_of_backward(plan, seed):
    rng = np.random.default_rng(seed)
    leaves = [leaf(v) for v in rng.normal(size=3)]

    def compute():
        made = list(leaves)
        for rule, i, j in plan:
            a, b = made[i % len(made)], made[j % len(made)]
            made.append({"add": a + b, "mul": a * b, "sub": a - b, "tanh": a.tanh()}[rule])
        return made[-1] * 2.0 + sum(leaves)

    picture = trace(compute)
    compute().backward()
    for tensor in leaves:
        assert np.allclose(picture.gradients[tensor], tensor.grad.numpy(), rtol=1e-5, atol=1e-6)
    place, routes = layered(picture.nodes, picture.edges)
    assert all(place[source][0] < place[target][0] for source, target in picture.edges)
    assert len(set(place.values())) == len(place)  # no two boxes in one place
    assert all(b[0] - a[0] == 1 for route in routes for a, b in pairwise(route))
    spots = [p for route in routes for p in route[1:-1]] + list(place.values())
    columns = {}
    for x, y in spots:
        columns.setdefault(x, []).append(y)
    assert all((np.diff(sorted(ys)) > 0.99).all() for ys in columns.values())


def test_arrays_are_shown_by_shape_and_modules_can_be_drawn():
    dlcore.manual_seed(0)
    layer, x = nn.Linear(3, 2), dlcore.randn(4, 3, requires_grad=True)
    shown = texts(viz.graph(lambda: layer(x).relu().mean(), x=x, W=layer.weight, inputs=["x"]))
    assert {"4×3", "∂ 2×3", "W", "leaf"} <= set(shown)


def test_values_of_a_rule_with_several_outputs_find_their_way():
    x = dlcore.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)

    def compute():
        a, b = x.unbind(0)
        return (a * b * b).sum()

    picture = trace(compute, x=x)
    (compute()).backward()
    assert np.array_equal(picture.gradients[x], x.grad.numpy())
    values = [picture.values[n].tolist() for n in picture.nodes if getattr(n, "index", None) is not None]
    assert sorted(values) == [[1.0, 2.0], [3.0, 4.0]]
    assert "unbind" in " ".join(texts(viz.graph(compute, x=x)))


def test_a_finished_result_shows_what_is_named():
    w = leaf(2.0)
    y = w * w
    loss = y * y * 1.0
    shown = texts(viz.graph(loss, w=w, y=y))
    assert "y = ×" in shown and "4" in shown and "16" in shown and "∂ 32" in shown


def test_leaves_inputs_and_the_end_have_their_colours():
    w, x = leaf(2.0), leaf(3.0)
    ax = viz.graph(lambda: (w * x).tanh(), w=w, x=x, inputs=["x"])
    colour = {t.get_text(): t.get_color() for t in ax.texts}
    assert colour["w"] == LIGHT["weight"] and colour["x"] == LIGHT["input"]
    assert colour["2"] == colour["6"] == LIGHT["activation"] and colour["∂ 1"] == LIGHT["gradient"]
    edges = [to_hex(box.get_edgecolor()) for box in ax.patches if isinstance(box, FancyBboxPatch)]
    assert edges == [LIGHT["loss"], LIGHT["muted"], LIGHT["weight"], LIGHT["input"]]


def test_long_computations_run_down_the_page_and_short_ones_to_the_right():
    w = leaf(0.5)

    def chain(n):
        y = w
        for _ in range(n):
            y = y.tanh()
        return y

    def size(ax):
        return ax.figure.get_size_inches()

    short, long = viz.graph(lambda: chain(4), w=w), viz.graph(lambda: chain(9), w=w)
    assert size(short)[0] > size(short)[1] and size(long)[0] < size(long)[1]
    assert size(viz.graph(lambda: chain(4), w=w, down=True))[1] > 4


def test_type_shrinks_with_the_drawing_on_given_axes():
    w = leaf(0.5)
    small = plt.subplots(figsize=(2, 2))[1]
    viz.graph(lambda: w * w + w, w=w, ax=small)
    large = viz.graph(lambda: w * w + w, w=w)
    assert small.texts[-1].get_fontsize() < large.texts[-1].get_fontsize()


@pytest.mark.parametrize(
    "output",
    [dlcore.tensor([1.0]), lambda: 3.0, lambda: dlcore.ones(2, requires_grad=True) * 2],
    ids=["no graph", "no tensor", "not one number"],
)
def test_what_cannot_be_drawn_is_named(output):
    with pytest.raises(
        ValueError, match=r"viz\.graph: expected one number that was computed from tensors with requires_grad"
    ):
        viz.graph(output)


def test_a_freed_graph_is_named():
    w = leaf(1.0)
    loss = w * w
    loss.backward()
    with pytest.raises(RuntimeError, match="the graph was freed"):
        viz.graph(loss)


def test_ranks_put_an_input_right_before_its_earliest_use():
    nodes = ["loss", "b", "a", "x"]
    edges = [("b", "loss"), ("a", "b"), ("x", "a"), ("x", "loss")]
    assert ranks(nodes, edges) == {"loss": 0, "b": 1, "a": 2, "x": 3}
    place, routes = layered(nodes, edges)
    assert place["x"][0] == 0 and place["loss"][0] == 3
    assert len(routes[3]) == 4  # from x to the loss past a and b


def test_an_empty_graph_has_no_places():
    assert layered([], []) == ({}, [])
