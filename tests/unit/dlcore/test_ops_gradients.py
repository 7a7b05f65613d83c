# ruff: noqa: E501 (tables, one case per line)
"""Every rule against central differences, over shapes, broadcasting, strides, empty and one-element axes."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dlcore import ops
from dlcore.gradcheck import gradcheck
from dlcore.ops.arithmetic import sign
from dlcore.ops.normalisation import moments
from dlcore.tensor import Tensor, apply, wrap

SETTINGS = settings(max_examples=25, deadline=None, derandomize=True)
sizes = st.integers(0, 3)
positive = st.integers(1, 3)
shapes = st.lists(sizes, max_size=3).map(tuple)
LAYOUTS = ["contiguous", "transposed", "reversed", "stepped", "stretched"]


def arrange(array, layout):
    """The same numbers in another memory layout."""
    if not array.ndim:
        return array
    if layout == "transposed":
        return np.ascontiguousarray(array.T).T
    if layout == "reversed":
        return np.flip(np.flip(array).copy())
    if layout == "stepped":
        wide = np.zeros((*array.shape[:-1], 2 * array.shape[-1]))
        wide[..., ::2] = array
        return wide[..., ::2]
    if layout == "stretched":  # a broadcast view: stride 0 along its first axis
        return np.broadcast_to(array[:1], array.shape)
    return array


class Maker:
    """Draws arrays, numbers and choices; values are distinct and keep away from 0, where slopes may jump."""

    def __init__(self, data):
        self.data = data
        self.rng = np.random.default_rng(data.draw(st.integers(0, 2**32 - 1), label="seed"))

    def draw(self, strategy):
        return self.data.draw(strategy)

    def array(self, shape, low=-2.0, distinct=False):
        n = int(np.prod(shape))
        values = low + (np.arange(n) + 0.37) * ((2.0 - low) / max(n, 1))
        layouts = LAYOUTS[:-1] if distinct else LAYOUTS
        return arrange(self.rng.permutation(values).reshape(shape), self.draw(st.sampled_from(layouts)))

    def shape(self, strategy=shapes):
        return self.draw(strategy)

    def broadcast_pair(self):
        full = self.shape()
        cut = full[self.draw(st.integers(0, len(full))) :]
        other = tuple(1 if self.draw(st.booleans()) else n for n in cut)
        pair = [full, other]
        return pair[::-1] if self.draw(st.booleans()) else pair

    def axis(self, ndim, none=True, several=True):
        one = st.integers(-ndim, ndim - 1) if ndim else st.nothing()
        options = [st.none()] if none else []
        if ndim:
            options.append(one)
            if several:
                options.append(st.sets(st.integers(0, ndim - 1), min_size=1).map(lambda s: tuple(sorted(s))))
        return self.draw(st.one_of(options))


def unary(low=-2.0, distinct=False, **options):
    return lambda m: ([m.array(m.shape(), low, distinct)], options)


def binary(low=-2.0, distinct=False):
    def case(m):
        a, b = m.broadcast_pair()
        return [m.array(a, low, distinct), np.asarray(m.array(b, low, distinct) + (0.011 if distinct else 0))], {}

    return case


def reduction(nonempty=False, several=True, **options):
    def case(m):
        x = m.array(m.shape(st.lists(positive if nonempty else sizes, max_size=3).map(tuple)), distinct=True)
        return [x], {"axis": m.axis(x.ndim, several=several), "keepdims": m.draw(st.booleans()), **options}

    return case


def along_axis(m, nonempty=False):
    x = m.array(m.shape(st.lists(positive if nonempty else sizes, min_size=1, max_size=3).map(tuple)))
    return [x], {"axis": m.axis(x.ndim, none=False, several=False)}


def case_clamp(m):
    low, high = m.draw(st.sampled_from([(-0.5001, None), (None, 0.4001), (-0.5001, 0.4001)]))
    return [m.array(m.shape())], {"low": low, "high": high}


def case_reshape(m):
    x = m.array(m.shape())
    return [x], {"shape": m.draw(st.sampled_from([(x.size,), (1, x.size), (x.size, 1), x.shape[::-1]]))}


def case_transpose(m):
    x = m.array(m.shape())
    axes = m.draw(st.permutations(range(x.ndim)))
    return [x], {"axes": tuple(a - x.ndim if m.draw(st.booleans()) else a for a in axes)}


def case_swapaxes(m):
    x = m.array(m.shape(st.lists(sizes, min_size=1, max_size=3).map(tuple)))
    axis = st.integers(-x.ndim, x.ndim - 1)
    return [x], {"first": m.draw(axis), "second": m.draw(axis)}


def case_broadcast_to(m):
    a, b = m.broadcast_pair()
    return [m.array(b if np.broadcast_shapes(a, b) == a else a)], {"shape": np.broadcast_shapes(a, b)}


def several_arrays(m, different):
    """Arrays that agree but, if `different`, along one axis."""
    shape = list(m.shape(st.lists(sizes, min_size=1, max_size=3)))
    axis = m.draw(st.integers(-len(shape), len(shape) - 1))
    arrays = []
    for _ in range(m.draw(positive)):
        if different:
            shape[axis] = m.draw(sizes)
        arrays.append(m.array(tuple(shape)))
    return arrays, {"axis": axis}


def case_split(m):
    (x,), options = along_axis(m)
    n = x.shape[options["axis"]]
    return [x], {**options, "ends": sorted(m.draw(st.lists(st.integers(0, n), max_size=2)))}


def case_getitem(m):
    x = m.array((3, 2, 4))
    index = [
        0, slice(None, None, -1), (Ellipsis, 1), (slice(None), None, 1), np.array([0, 2, 0]), [1, 1],
        (np.array([0, 0, 1]), np.array([1, 1, 0])), x > 0, (slice(1, 3), np.array([[0, 1], [1, 1]])), slice(0, 0),
    ]  # fmt: skip
    return [x], {"index": m.draw(st.sampled_from(index))}


def case_setitem(m):
    x, index = m.array((3, 4)), m.draw(st.sampled_from([1, (slice(None), 2), np.array([0, 2]), (0, 0), slice(0, 0)]))
    inner = x[index].shape
    return [x, m.array(m.draw(st.sampled_from([inner, (), inner[-1:]])))], {"index": index}


def case_gather(m):
    (x,), options = along_axis(m, nonempty=True)
    shape = list(x.shape)
    shape[options["axis"]] = m.draw(sizes)
    return [x], {**options, "index": m.rng.integers(0, x.shape[options["axis"]], shape)}


def case_where(m):
    a, b = m.broadcast_pair()
    return [m.array(a), m.array(b)], {"condition": m.rng.random(np.broadcast_shapes(a, b)) < 0.5}


def case_pad(m):
    x = m.array(m.shape(st.lists(sizes, min_size=1, max_size=3).map(tuple)))
    return [x], {
        "widths": [(m.draw(st.integers(-(n // 2), 2)), m.draw(st.integers(-(n // 2), 2))) for n in x.shape],
        "value": 1.5,
    }


def case_triangle(m):
    return [m.array((*m.shape(st.lists(sizes, max_size=1).map(tuple)), m.draw(sizes), m.draw(sizes)))], {
        "diagonal": m.draw(st.integers(-2, 2))
    }


def case_matmul(m):
    a, b = m.broadcast_pair()
    t, d, s = m.draw(sizes), m.draw(sizes), m.draw(sizes)
    x, y = (*a[:1], t, d), (*b[:1], d, s)
    kind = m.draw(st.sampled_from(["stack", "vector right", "vector left", "vectors", "plain"]))
    shapes_of = {
        "stack": (x, y),
        "vector right": (x, (d,)),
        "vector left": ((d,), y),
        "vectors": ((d,), (d,)),
        "plain": ((t, d), (d, s)),
    }
    left, right = shapes_of[kind]
    if kind == "stack" and len(a[:1]) == len(b[:1]) == 1 and a[0] != b[0] and 1 not in (a[0], b[0]):
        left, right = (t, d), y
    return [m.array(left), m.array(right)], {}


def case_linear(m):
    d, o = m.draw(sizes), m.draw(sizes)
    x = m.array((*m.shape(), d))
    return [x, m.array((o, d)), m.array((o,)) if m.draw(st.booleans()) else None], {}


def case_einsum(m):
    n = {c: m.draw(positive) for c in "abcd"}
    equation = m.draw(
        st.sampled_from(
            ["ab,bc->ac", "ab,b->a", "abc,abd->acd", "ab->ba", "ab->a", "a,b->ab", "ab,cb,c->", "abc->b", "ba, cb"]
            + ["aa->a", "aa", "aab->b", "bab,ca->cb", "...ab,bc", "a...->...", "...a,...b->...ab"]
        )
    )
    inputs = equation.replace(" ", "").replace("...", "dc").split("->")[0].split(",")
    return [m.array(tuple(n[c] for c in part)) for part in inputs], {"equation": equation}


def case_norm(m):
    inputs, options = reduction()(m)
    return inputs, {**options, "p": m.draw(st.sampled_from([2, 0, 1, 1.5, 3, -1]))}


def case_remainder(m):
    x, y = binary(low=0.3, distinct=True)(m)[0]
    y = np.where(x.sum() > 3, -1, 1) * y
    near = np.abs(x / y - np.rint(x / y)) < 1e-4  # a jump; from there on the middle between two
    return [np.where(near, 2.5 * y, x), y], {}


def case_embedding(m):
    v = m.draw(st.sampled_from([1, 3, 300]))
    options = {"index": m.rng.integers(0, v, m.shape()), "skip": m.draw(st.sampled_from([None, 0]))}
    return [m.array((v, 1 if v > 9 else 2))], options


def case_cross_entropy(m):
    n, k = m.draw(positive), m.draw(st.sampled_from([1, 2, 3, 17]))  # 17: a long row
    return [m.array((n, k))], {
        "target": m.rng.integers(0, k, n),
        "reduction": m.draw(st.sampled_from(["mean", "sum", "none"])),
    }


def case_nll(m):
    n, k = m.draw(sizes), m.draw(positive)
    return [m.array((n, k))], {"target": m.rng.integers(0, k, n), "scale": m.rng.permutation(np.arange(n) * 1.0)}


def case_bce(m):
    a, b = m.broadcast_pair()
    reduction = m.draw(st.sampled_from(["mean", "sum", "none"] if 0 not in a + b else ["sum", "none"]))
    return [m.array(a), m.array(b)], {
        "pos_weight": m.draw(st.sampled_from([None, np.array(2.5)])),
        "reduction": reduction,
    }


def case_mse(m):
    shape = m.shape(st.lists(positive, max_size=3).map(tuple))
    return [m.array(shape), m.array(shape)], {"reduction": m.draw(st.sampled_from(["mean", "sum", "none"]))}


def window(m, names):
    values = {"stride": (1, 2), "padding": (0, 1), "dilation": (1, 2), "output_padding": (0, 1)}
    return {name: (m.draw(st.sampled_from(values[name])), m.draw(st.sampled_from(values[name]))) for name in names}


def case_conv2d(m):
    c, o, kh, kw = (m.draw(positive) for _ in range(4))
    options = window(m, ["stride", "padding", "dilation"])
    size = [d * (k - 1) + 1 + m.draw(st.integers(0, 2)) for k, d in zip((kh, kw), options["dilation"], strict=True)]
    bias = m.array((o,)) if m.draw(st.booleans()) else None
    return [m.array((m.draw(sizes), c, *size)), m.array((o, c, kh, kw)), bias], options


def case_conv_transpose2d(m):
    c, o, kh, kw = (m.draw(positive) for _ in range(4))
    options = window(m, ["stride", "padding", "output_padding", "dilation"])
    options["padding"] = tuple(
        min(p, d * (k - 1) // 2) for p, d, k in zip(options["padding"], options["dilation"], (kh, kw), strict=True)
    )
    bias = m.array((o,)) if m.draw(st.booleans()) else None
    return [m.array((m.draw(sizes), c, m.draw(positive), m.draw(positive))), m.array((c, o, kh, kw)), bias], options


def pooling(names):
    def case(m):
        kernel = m.draw(st.sampled_from([2, 3])), m.draw(st.sampled_from([2, 3]))
        options = window(m, names)
        room = [
            d * (k - 1) + 1 + m.draw(st.integers(0, 3))
            for k, d in zip(kernel, options.get("dilation", (1, 1)), strict=True)
        ]
        return [m.array((m.draw(sizes), m.draw(positive), *room), distinct=True)], {**options, "kernel": kernel}

    return case


def case_dropout(m):
    x = m.array(m.shape())
    return [x], {"keep": m.rng.random(x.shape) < 0.5, "p": m.draw(st.sampled_from([0.0, 0.3, 1.0]))}


def affine(m, shape):
    """A weight and a bias of this shape, each there or not."""
    return [m.array(shape) if m.draw(st.booleans()) else None for _ in range(2)]


def case_batch_norm(m):
    x = m.array(
        (m.draw(st.integers(2, 3)), m.draw(positive), *m.shape(st.lists(positive, max_size=2).map(tuple))),
        distinct=True,
    )
    return [x, *affine(m, x.shape[1:2])], {"eps": 0.1}


def case_layer_norm(m):
    shape = (*m.shape(st.lists(sizes, max_size=2).map(tuple)), m.draw(positive), m.draw(positive))
    axes = m.draw(st.integers(1, 2))
    return [m.array(shape), *affine(m, shape[-axes:])], {"axes": axes, "eps": 0.1}


def case_attention(m):
    lead, (t, s, d, e) = m.shape(st.lists(sizes, max_size=2).map(tuple)), (m.draw(positive) for _ in range(4))
    bias = m.array((t, s)) if m.draw(st.booleans()) else None
    options = {"scale": m.draw(st.sampled_from([None, 0.7]))}
    if m.draw(st.booleans()):
        options |= {"keep": m.rng.random((*lead, t, s)) < 0.6, "p": m.draw(st.sampled_from([0.4, 1.0]))}
    return [m.array((*lead, t, d)), m.array((*lead, s, d)), m.array((*lead, s, e)), bias], options


def cell(gates, states):
    def case(m):
        n, h = m.draw(sizes), m.draw(positive)
        return [m.array((n, gates[0] * h)), *[m.array((n, k * h)) for k in gates[1:]], *[m.array((n, h))] * states], {}

    return case


def sequence(gates, states, bias=False, **choices):
    def case(m):
        t, n, h = m.draw(positive), m.draw(sizes), m.draw(positive)
        extra = [m.array((gates * h,)) if m.draw(st.booleans()) else None] if bias else []
        options = {name: m.draw(st.sampled_from(values)) for name, values in choices.items()}
        return [
            m.array((t, n, gates * h)),
            *[m.array((n, h)) for _ in range(states)],
            m.array((gates * h, h)),
            *extra,
        ], options

    return case


def case_cumprod(m):
    (x,), options = along_axis(m)
    if m.draw(st.booleans()):  # with zeros in it
        x = np.where(m.rng.random(x.shape) < 0.4, 0.0, x)
    return [x], options


def case_probabilities(m):
    a, b = m.broadcast_pair()
    return [np.asarray(0.1 + 0.19 * (m.array(s) + 2)) for s in (a, b)], {}


CASES = {
    **{name: binary() for name in ("add", "sub", "mul")},
    **{name: binary(distinct=True) for name in ("maximum", "minimum")},
    **{
        name: unary()
        for name in ("neg", "square", "exp", "sin", "cos", "tanh", "sigmoid", "silu", "softplus", "gelu", "gelu_tanh")
    },
    **{name: unary() for name in ("abs", "relu", "leaky_relu", "elu")},
    **{name: unary(low=0.2) for name in ("log", "sqrt", "xlogx")},
    "div": binary(low=0.3),
    "pow": binary(low=0.3),
    "remainder": case_remainder,
    "log1p": unary(low=-0.5),
    "step": lambda m: (
        [m.array(m.shape(), distinct=True)],
        {"function": m.draw(st.sampled_from([sign, np.floor, np.ceil, np.round]))},
    ),
    "std": reduction(correction=0),
    "cumprod": case_cumprod,
    "bce": case_probabilities,
    "huber": lambda m: (binary(distinct=True)(m)[0], {"delta": m.draw(st.sampled_from([0.5001, 1.0]))}),
    "clamp": case_clamp,
    "cast": unary(dtype=np.float64),
    **{name: along_axis for name in ("softmax", "log_softmax", "cumsum", "flip", "unbind")},
    **{name: reduction() for name in ("sum", "mean", "prod")},
    "norm": case_norm,
    **{name: reduction(nonempty=True) for name in ("amax", "amin", "logsumexp")},
    "var": reduction(correction=0),
    "reshape": case_reshape,
    "transpose": case_transpose,
    "swapaxes": case_swapaxes,
    "broadcast_to": case_broadcast_to,
    "cat": lambda m: several_arrays(m, different=True),
    "stack": lambda m: several_arrays(m, different=False),
    "split": case_split,
    "getitem": case_getitem,
    "setitem": case_setitem,
    "gather": case_gather,
    "where": case_where,
    "pad": case_pad,
    "tril": case_triangle,
    "triu": case_triangle,
    "matmul": case_matmul,
    "linear": case_linear,
    "einsum": case_einsum,
    "embedding": case_embedding,
    "cross_entropy": case_cross_entropy,
    "nll": case_nll,
    "bce_with_logits": case_bce,
    "mse": case_mse,
    "conv2d": case_conv2d,
    "conv_transpose2d": case_conv_transpose2d,
    "max_pool2d": pooling(["stride", "padding", "dilation"]),
    "avg_pool2d": pooling(["stride", "padding"]),
    "dropout": case_dropout,
    "batch_norm": case_batch_norm,
    "layer_norm": case_layer_norm,
    "attention": case_attention,
    "lstm_cell": cell([4], states=1),
    "gru_cell": cell([3, 3], states=1),
    "rnn": sequence(1, 1, relu=[False, True]),
    "lstm": sequence(4, 2),
    "gru": sequence(3, 1, bias=True),
}


def test_every_rule_has_a_case():
    assert set(CASES) == set(ops.RULES)


def call(name, inputs, options):
    """The rule with options that depend on the inputs filled in."""
    if name == "batch_norm":
        mean, var = moments(inputs[0], (0, *range(2, inputs[0].ndim)))
        options = {**options, "mean": mean, "var": var}
    if name == "embedding" and options["skip"] is not None:
        options = {**options, "skip": None}
    with np.errstate(all="ignore"):  # as the engine does
        return ops.RULES[name](*inputs, **options)


@pytest.mark.parametrize("name", CASES)
@SETTINGS
@given(data=st.data())
def test_gradient(name, data):
    inputs, options = CASES[name](Maker(data))
    tensors = [wrap(x).requires_grad_() if x is not None else None for x in inputs]
    present = [t for t in tensors if t is not None]

    def function(*given):
        given = iter(given)
        full = [None if t is None else next(given) for t in tensors]
        return apply(lambda *xs, **kw: call(name, xs, kw), *full, **options)

    assert gradcheck(function, present, atol=1e-6, rtol=1e-5)


@pytest.mark.parametrize("name", CASES)
@SETTINGS
@given(data=st.data())
def test_contract(name, data):
    """Same answer in any memory layout and twice; nothing written; fresh memory, or a view that says so; dtype kept."""
    inputs, options = CASES[name](Maker(data))
    plain = [None if x is None else np.array(x, order="C") for x in inputs]
    value, pullbacks = call(name, inputs, options)
    expected, _ = call(name, plain, options)
    assert len(pullbacks) >= len(inputs), "an input without a pullback would silently get no gradient"
    several = isinstance(value, tuple)
    for a, b in zip(value if several else [value], expected if several else [expected], strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-12)
    g = tuple(np.ones_like(v) for v in value) if several else np.ones_like(value)
    narrow = [None if x is None else x.astype(np.float32) for x in plain]
    half_options = {
        k: v.astype(np.float32) if isinstance(v, np.ndarray) and v.dtype == float else v for k, v in options.items()
    }
    if name == "cast":
        half_options = {"dtype": np.float32}
    value32, pullbacks32 = call(name, narrow, half_options)
    g32 = tuple(np.ones_like(v) for v in value32) if several else np.ones_like(value32)
    for v in value32 if several else [value32]:
        assert v.dtype == np.float32
    for x, pullback, pullback32 in zip(inputs, pullbacks, pullbacks32, strict=False):
        if x is None:
            continue
        first = np.array(pullback(g))
        second = pullback(g)
        np.testing.assert_array_equal(first, second)
        assert all((part == 1).all() for part in (g if several else [g]))
        if isinstance(second, np.ndarray) and second.base is None and second is not g:
            third = pullback(g)
            assert third is not second, "an array that the pullback keeps should be returned as a view"
            assert not any(np.shares_memory(second, y) for y in inputs if y is not None)
        answer32 = pullback32(g32)
        assert answer32.dtype == np.float32
        np.testing.assert_allclose(answer32, first, rtol=2e-4, atol=2e-4)
    for x, kept in zip(inputs, plain, strict=True):
        if x is not None:
            np.testing.assert_array_equal(x, kept)


def test_padding_row_gets_no_gradient():
    w = Tensor(np.ones((3, 2)), requires_grad=True)
    apply(ops.embedding, w, index=np.array([0, 1, 1]), skip=1).sum().backward()
    assert w.grad.tolist() == [[1, 1], [0, 0], [0, 0]]
