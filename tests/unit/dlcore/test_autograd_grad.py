"""autograd.grad beside PyTorch's: gradients of leaves and of what lies between, and its errors."""

import numpy as np
import pytest
import torch
from nn_twins import TOLERANCE, assert_close, pair

import dlcore
from dlcore import autograd, nn, ops
from dlcore.gradcheck import numeric_gradient
from dlcore.tensor import apply

VALUES = np.array([[0.5, -1.0, 2.0], [1.5, 0.25, -0.75]])


def leaf(*values):
    return dlcore.tensor(values, requires_grad=True)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_leaves_and_inner_tensors_as_the_twin(dtype):
    found = []
    for x, w, library in zip(pair(VALUES, dtype), pair(VALUES.T.copy(), dtype), (dlcore, torch), strict=True):
        inner = (x @ w).sin()  # a diamond: used twice below
        y = (inner * inner).sum() + inner.exp().sum()
        found.append(library.autograd.grad(y, [inner, w, x]))
        assert x.grad is None and w.grad is None and not found[-1][0].requires_grad
    assert_close(*found, TOLERANCE[dtype])


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_several_outputs_with_given_gradients_as_the_twin(dtype):
    found = []
    for x, g, library in zip(
        pair(VALUES, dtype), pair(VALUES[::-1].copy(), dtype, False), (dlcore, torch), strict=True
    ):
        y = x.sin()
        found.append(library.autograd.grad([y, (y * x).sum(), y], [x, y], [g, None, 2 * g]))
        np.testing.assert_array_equal(g.numpy(), VALUES[::-1].astype(dtype), "what was given is not written into")
    assert_close(*found, TOLERANCE[dtype])


def test_against_differences():
    x = dlcore.tensor(VALUES, requires_grad=True)

    def f(x):
        return (x.sigmoid() * x).sum()

    (g,) = autograd.grad(f(x), x)
    np.testing.assert_allclose(g.numpy(), numeric_gradient(lambda v: f(dlcore.tensor(v)).item(), VALUES), atol=1e-8)


def test_of_a_tensor_with_respect_to_itself():
    for x in (leaf(3.0), leaf(3.0) * 1):
        (g,) = autograd.grad(x, x, retain_graph=True)
        assert g.tolist() == [1.0]
        g += 1  # the gradient belongs to the caller
        assert autograd.grad(x, x)[0].tolist() == [1.0]


def test_the_answers_share_no_memory():
    x, y = leaf(1.0, 2.0), leaf(3.0, 4.0)
    seed = np.ones(2, np.float32)
    a, b = autograd.grad(x + y, [x, y], dlcore.from_numpy(seed))
    a += 1
    assert b.tolist() == [1.0, 1.0] and seed.tolist() == [1.0, 1.0]


def test_one_of_the_values_of_a_rule():
    gates, c = dlcore.randn(2, 8, requires_grad=True), dlcore.randn(2, 2)
    h, new_c = apply(ops.lstm_cell, gates, c)
    g_h, g_c = autograd.grad((h * new_c).sum(), [h, new_c])
    np.testing.assert_array_equal(g_h.numpy(), new_c.detach().numpy())
    np.testing.assert_allclose(g_c.numpy(), h.detach().numpy())


@pytest.mark.parametrize("library", ["dlcore", "torch"])
def test_hooks_are_asked_and_those_of_ours_are_gone_afterwards(library):
    make = {"dlcore": dlcore, "torch": torch}[library]
    x = make.ones(1, requires_grad=True)
    y = x * 2
    y.register_hook(lambda g: g * 10)
    x.register_hook(lambda g: g + 1)
    z = y * 3
    assert [make.autograd.grad(z, at, retain_graph=True)[0].item() for at in (y, x)] == [30.0, 61.0]
    if library == "dlcore":
        assert len(y.grad_fn.hooks) == 1
    z.backward()
    assert x.grad.tolist() == [61.0]


def test_the_graph_is_freed_unless_it_is_kept():
    x = leaf(2.0)
    y = x * x
    assert autograd.grad(y, x, retain_graph=True)[0].tolist() == [4.0]
    assert autograd.grad(y, x)[0].tolist() == [4.0]
    with pytest.raises(RuntimeError, match="the graph was freed at <mul>"):
        autograd.grad(y, x)


def test_a_picture_of_what_a_class_depends_on():
    dlcore.manual_seed(0)
    model, x = nn.Sequential(nn.Linear(4, 3), nn.Tanh(), nn.Linear(3, 2)), dlcore.randn(5, 4, requires_grad=True)
    (g,) = autograd.grad(model(x)[:, 1].sum(), x)
    assert g.shape == (5, 4) and all(p.grad is None for p in model.parameters())


def test_gradcheck_stands_beside_it_as_in_the_twin():
    assert autograd.gradcheck(dlcore.tanh, [dlcore.tensor(VALUES, requires_grad=True)])


def test_what_was_not_used():
    x, other = leaf(1.0), leaf(2.0)
    inner = other * 2
    got = autograd.grad(x * 2, [x, other, inner], allow_unused=True, only_inputs=True)
    assert got[0].tolist() == [2.0] and got[1:] == (None, None)
    with pytest.raises(RuntimeError) as error:
        autograd.grad(x * 2, [x, other])
    assert str(error.value) == (
        "grad: the outputs were not computed from input 1. Leave it out, or write allow_unused=True to get None for it."
    )
    assert not inner.grad_fn.hooks


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (
            lambda x: autograd.grad(x.sum(), x, create_graph=True),
            NotImplementedError,
            "grad: create_graph=True is not possible: dlcore's pullbacks are plain NumPy and leave no graph, so there "
            "are no second derivatives. Take differences of first ones, or the twin in PyTorch.",
        ),
        (
            lambda x: autograd.grad(x * 2, x),
            RuntimeError,
            "grad: a gradient can only be left out for one number, but this has shape (2,). "
            "Reduce it first, x.sum(), or give grad_outputs=.",
        ),
        (
            lambda x: autograd.grad(x * 2, x, dlcore.ones(3)),
            RuntimeError,
            "grad: grad_outputs should have shape (2,), but got (3,)",
        ),
        (
            lambda x: autograd.grad([x.sum(), x.mean()], x, [dlcore.ones()]),
            ValueError,
            "grad: 2 outputs need as many grad_outputs, got 1.",
        ),
        (
            lambda x: autograd.grad(x.detach().sum(), x),
            RuntimeError,
            "grad: this tensor does not require grad: nothing that it came from has requires_grad=True, "
            "or it was computed under no_grad or detached.",
        ),
        (
            lambda x: autograd.grad(x.sum(), [x, dlcore.ones(2)]),
            RuntimeError,
            "grad: input 1 does not require grad: x.requires_grad_() before it is used.",
        ),
        (lambda x: autograd.grad(x.sum(), []), ValueError, "grad: expected at least one input, got none."),
        (lambda x: autograd.grad([], x), ValueError, "grad: expected at least one output, got none."),
        (
            lambda x: autograd.grad(x.sum(), [VALUES]),
            TypeError,
            "grad: input 0 should be a tensor, but got ndarray.",
        ),
    ],
)
def test_errors(call, error, message):
    with pytest.raises(error) as raised:
        call(leaf(1.0, 2.0))
    assert str(raised.value) == message


def cube(lib):
    class Cube(lib.autograd.Function):
        @staticmethod
        def forward(ctx, x, scale):
            ctx.save_for_backward(x)
            ctx.scale = scale
            assert ctx.needs_input_grad == (True, False)
            return scale * x**3

        @staticmethod
        def backward(ctx, g):
            (x,) = ctx.saved_tensors
            return ctx.scale * 3 * x * x * g, None

    return lambda x: Cube.apply(x, 2.0)


def two_outputs(lib):
    class Both(lib.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.set_materialize_grads(True)
            ctx.mark_non_differentiable()
            return x * 2, x * 5

        @staticmethod
        def backward(ctx, g, h):
            return 2 * g + 5 * h

    return lambda x: Both.apply(x)[1]


def straight_through(lib):
    class Round(lib.autograd.Function):
        @staticmethod
        def forward(x, y):
            return x.round() + y

        @staticmethod
        def setup_context(ctx, inputs, output):
            ctx.y = inputs[1]

        @staticmethod
        def backward(ctx, g):
            return g * ctx.y, None

    return lambda x: Round.apply(x, x.detach() + 1) + Round.apply(x, x)


@pytest.mark.parametrize("make", [cube, two_outputs, straight_through])
def test_a_function_of_ones_own(make):
    def run(lib):
        x = lib.tensor([1.5, -2.0, 3.0], requires_grad=True)
        y = make(lib)(x * 2)
        (y * y).sum().backward()
        return y.tolist(), x.grad.tolist()

    assert run(dlcore) == run(torch)


def test_a_function_without_its_halves():
    class Empty(dlcore.autograd.Function):
        pass

    class Half(dlcore.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x

    x = dlcore.ones(1, requires_grad=True)
    with pytest.raises(NotImplementedError, match="write forward"):
        Empty.apply(x)
    with pytest.raises(NotImplementedError, match="write backward"):
        Half.apply(x).backward()
