"""What is printed is what PyTorch prints: tensors, parameters, dtypes, steps of a graph, optimisers."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

import dlcore
from dlcore.printing import step_name

KINDS = ["float16", "float32", "float64", "int8", "int16", "int32", "int64", "uint8", "bool"]
SHAPES = [
    (),
    (0,),
    (0, 3),
    (1,),
    (7,),
    (3, 4),
    (2, 3, 2),
    (1, 1, 2, 2),
    (30,),
    (1001,),
    (40, 30),
    (12, 9, 11),
    (2, 600),
]


def both(x, **options):
    """The same array printed by either library."""
    return [repr(lib.tensor(x, dtype=getattr(lib, x.dtype.name), **options)) for lib in (dlcore, torch)]


@st.composite
def numbers(draw):
    kind, shape = draw(st.sampled_from(KINDS)), draw(st.sampled_from(SHAPES))
    rng = np.random.default_rng(draw(st.integers(0, 999)))
    x = rng.standard_normal(shape) * 10.0 ** draw(st.integers(-7, 12))
    x = np.round(x) if draw(st.booleans()) else x
    odd = draw(st.sampled_from([0.0, -0.0, np.nan, np.inf, -np.inf]))
    x = np.where(rng.random(shape) < draw(st.sampled_from([0, 0.3, 1])), odd, x)
    with np.errstate(all="ignore"):
        if kind[0] in "iu":
            x = np.nan_to_num(x).clip(0 if kind == "uint8" else -120, 120)
        return np.asarray(x).astype(kind)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(x=numbers(), requires_grad=st.booleans())
def test_tensors_are_printed_as_in_pytorch(x, requires_grad):
    ours, theirs = both(x, requires_grad=requires_grad and x.dtype.kind == "f")
    assert ours == theirs


@settings(max_examples=60, deadline=None, derandomize=True)
@given(x=arrays.arrays(np.float32, arrays.array_shapes(max_dims=2, max_side=4), elements=st.floats(width=32)))
def test_any_floats_are_printed_as_in_pytorch(x):
    ours, theirs = both(x)
    assert ours == theirs


@pytest.mark.parametrize("lib", [dlcore, torch])
def test_one_number_is_formatted_as_a_number(lib):
    loss = lib.tensor(0.5, requires_grad=True) * 2
    assert f"{loss} {loss:.3f}" == "1.0 1.000"
    assert str(loss) == "tensor(1., grad_fn=<MulBackward0>)"
    assert f"{lib.tensor([1.0])}" == "tensor([1.])"
    with pytest.raises(TypeError, match="format"):
        f"{lib.tensor([1.0]):.3f}"


@pytest.mark.parametrize("columns", [1, 7, 8, 9, 40])
def test_a_long_note_goes_to_the_next_line(columns):
    ours, theirs = (repr(lib.ones(2, columns, dtype=lib.float64, requires_grad=True) * 0.5) for lib in (dlcore, torch))
    assert ours == theirs


@pytest.mark.parametrize("kind", KINDS)
def test_dtypes(kind):
    ours, theirs = getattr(dlcore, kind), getattr(torch, kind)
    assert repr(ours) == str(ours) == repr(theirs)
    assert dlcore.zeros(1, dtype=ours).dtype is ours
    assert ours == np.dtype(kind) and np.dtype(kind) == ours and np.zeros(1, ours).dtype == kind
    assert len({ours, dlcore.dtype(kind)}) == 1
    assert ours not in (None, 3, "no dtype") and isinstance(ours, dlcore.dtype)


def test_a_dtype_without_a_name_prints_too():
    assert repr(dlcore.from_numpy(np.zeros(1, np.uint16)).dtype) == "torch.uint16"


@pytest.mark.parametrize("lib", [dlcore, torch])
def test_parameters_and_buffers(lib):
    linear, norm = lib.nn.Linear(2, 1), lib.nn.BatchNorm1d(2)
    lib.nn.init.constant_(linear.weight, 0.25)
    assert repr(linear.weight) == "Parameter containing:\ntensor([[0.2500, 0.2500]], requires_grad=True)"
    assert repr(norm.running_var) == "tensor([1., 1.])"
    assert repr(lib.nn.Parameter(lib.ones(1), requires_grad=False)) == "Parameter containing:\ntensor([1.])"


STEPS = [
    "x + 1", "x - 1", "x * 2", "x / 2", "-x", "x**2", "x**3", "x.exp()", "x.log()", "x.sqrt()", "x.abs()", "x.sin()",
    "x.tanh()", "x.sigmoid()", "x.relu()", "x.sum()", "x.mean()", "x.var()", "x.std()", "x.prod()", "x.max()",
    "x.min()", "x.transpose(0, 1)", "x.view(-1)", "x[0]", "x @ x", "x.permute(1, 0)", "x.expand(3, 2, 2)",
    "x.cumsum(0)", "x.clamp(0)", "x.softmax(0)", "x.log_softmax(0)", "x.logsumexp(0)", "x.norm()", "x % 2",
    "x.flip(0)", "x.double()", "x.tril()", "F.pad(x, (1, 1))", "F.linear(x, x, x[0])", "F.mse_loss(x, y)",
    "F.leaky_relu(x)", "F.elu(x)", "F.gelu(x)", "F.softplus(x)", "F.silu(x)", "F.layer_norm(x, (2,))",
    "F.batch_norm(x, None, None, training=True)", "F.binary_cross_entropy_with_logits(x, y)",
    "F.cross_entropy(x, y[0].long())", "F.conv2d(x[None, None], x[None, None])", "F.max_pool2d(x[None, None], 2)",
    "F.avg_pool2d(x[None, None], 2)", "x.sum(0)", "x.mean(1)", "x.squeeze()", "x.squeeze(0)", "x.unsqueeze(0)",
    "x.t()", "x.max(0)[0]", "x.min(1).values", "x.max(y)", "x.median()", "x.median(0).values", "x.amax()",
    "x.amin(1)", "1 - x", "2 / x", "x.sort().values", "x.topk(1)[0]", "x.masked_fill(x > 2, 0)",
    "x.index_select(0, y[0].long())", "x.roll(1)", "x.repeat(2, 1)", "x[None] @ x[None]", "x.mv(x[0])",
    "x[0].dot(x[0])", "x @ x[0]", "x[0] @ x[0]", "x[:, :1]", "x[None]", "x[x > 1]", "x.log10()", "x.tan()",
    "x.atan()", "x.trace()", "x.clone()", "x.lerp(y, 0.5)", "F.nll_loss(x, y[0].long())", "F.smooth_l1_loss(x, y)",
    "F.huber_loss(x, y)", "F.binary_cross_entropy(x / 9, y)", "F.cosine_similarity(x, y)", "F.hardtanh(x)",
    "F.relu6(x)", "F.selu(x)", "F.mish(x)", "F.logsigmoid(x)", "F.glu(x)", "F.hardswish(x)", "F.celu(x)",
    "F.linear(x, x)[0]", "F.linear(x[None], x, x[0])",
]  # fmt: skip


@pytest.mark.parametrize("step", STEPS)
def test_steps_of_a_graph_have_the_names_of_pytorch(step):
    def last(lib):
        x, y = lib.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True), lib.tensor([[0.0, 1.0], [1.0, 0.0]])
        return eval(step, {"F": lib.nn.functional, "x": x, "y": y}).grad_fn

    ours, theirs = last(dlcore), last(torch)
    assert repr(ours) == f"<{type(theirs).__name__}>"
    assert ours.__class__.__name__ == ours.name() == theirs.name()


def test_every_rule_has_a_name():
    assert all(step_name(rule)[0].isupper() for rule in dlcore.ops.RULES)


@pytest.mark.parametrize("name", ["SGD", "Adam", "AdamW", "RMSprop"])
def test_optimisers_print_their_settings(name):
    ours, theirs = (repr(getattr(lib.optim, name)([lib.nn.Parameter(lib.ones(1))], lr=0.5)) for lib in (dlcore, torch))
    assert ours.splitlines()[0] == theirs.splitlines()[0] == f"{name} ("
    assert set(ours.splitlines()) <= set(theirs.splitlines())
