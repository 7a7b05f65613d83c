# ruff: noqa: E501 (tables, one case per line)
"""Numbers at the edge: huge logits, huge means, nothing at all, ties, infinities, NaN. What PyTorch gives, we give."""

import numpy as np
import pytest
import torch
from torch.nn import functional as TF  # noqa: N812

import dlcore
from dlcore.nn import functional as F  # noqa: N812

INF, NAN = np.inf, np.nan
HUGE = np.array([[1e4, -1e4, 0.0], [-1e4, -1e4, -1e4], [1e4, 1e4, 9999.0]])
EQUAL = np.full((3, 3), 2.0)
ODD = np.array([[INF, 1.0, -1.0], [-INF, 1.0, 2.0], [NAN, 1.0, 2.0]])
MINUS = np.full((3, 3), -INF)
NOTHING = np.zeros((0, 3))
LABELS = np.array([1, 0, 2])

ONE_INPUT = {
    name: (lambda t, f, x, name=name: getattr(f, name)(x))
    for name in ("relu", "leaky_relu", "elu", "tanh", "sigmoid", "silu", "gelu", "softplus", "normalize")
}
ONE_INPUT |= {
    "softmax": lambda t, f, x: f.softmax(x, -1),
    "softmax 0": lambda t, f, x: f.softmax(x, 0),
    "log_softmax": lambda t, f, x: f.log_softmax(x, -1),
    "logsumexp": lambda t, f, x: x.logsumexp(1),
    "exp": lambda t, f, x: x.exp(),
    "log": lambda t, f, x: x.log(),
    "sqrt": lambda t, f, x: x.sqrt(),
    "pow": lambda t, f, x: x**3,
    "divide": lambda t, f, x: 1 / x,
    "by itself": lambda t, f, x: x / x,
    "sum": lambda t, f, x: x.sum(),
    "mean": lambda t, f, x: x.mean(),
    "mean 0": lambda t, f, x: x.mean(0),
    "var": lambda t, f, x: x.var(),
    "var 0": lambda t, f, x: x.var(0, correction=0),
    "norm": lambda t, f, x: x.norm(dim=1),
    "amax": lambda t, f, x: x.amax(1),
    "max": lambda t, f, x: x.max(1).values,
    "clamp": lambda t, f, x: x.clamp(-1, 1),
    "layer_norm": lambda t, f, x: f.layer_norm(x, (3,)),
    "linear": lambda t, f, x: f.linear(x, t.ones(2, 3, dtype=t.float64)),
    "matmul": lambda t, f, x: x @ x.T,
    "bce": lambda t, f, x: f.binary_cross_entropy_with_logits(x, t.ones_like(x), reduction="none"),
    "mse": lambda t, f, x: f.mse_loss(x, t.ones_like(x)),
    "attention": lambda t, f, x: f.scaled_dot_product_attention(x, x, x),
    "concatenate": lambda t, f, x: t.cat([x, x]),
    "where": lambda t, f, x: t.where(x > 0, x, 0.0),
    "max_pool": lambda t, f, x: f.max_pool2d(x[None, None], (1, 2)) if len(x) else x,
}


def run(function, library, functions, array):
    x = library.tensor(array, requires_grad=True)
    y = function(library, functions, x)
    y.sum().backward()
    return y.detach().numpy(), x.grad.numpy()


@pytest.mark.filterwarnings("ignore:var")  # torch's, about nothing
@pytest.mark.parametrize("data", ["huge", "equal", "odd", "minus", "nothing"])
@pytest.mark.parametrize("name", ONE_INPUT)
def test_like_torch(name, data):
    array = {"huge": HUGE, "equal": EQUAL, "odd": ODD, "minus": MINUS, "nothing": NOTHING}[data]
    ours, theirs = run(ONE_INPUT[name], dlcore, F, array), run(ONE_INPUT[name], torch, TF, array)
    np.testing.assert_allclose(ours[0], theirs[0], rtol=1e-10, atol=1e-300)
    known = ~np.isnan(array)  # at NaN itself relu and elu have no slope: torch says 1, we say 0 or NaN
    # The sum of a normalised row is 0 whatever the row: its slope is exactly 0, where torch leaves 4e-12 of rounding.
    slope = np.zeros_like(theirs[1]) if (name, data) == ("layer_norm", "huge") else theirs[1]
    np.testing.assert_allclose(ours[1][known], slope[known], rtol=1e-10, atol=1e-12)


def test_cross_entropy_at_huge_logits():
    for array in (HUGE, EQUAL):
        ours, theirs = (t.tensor(array, requires_grad=True) for t in (dlcore, torch))
        a, b = F.cross_entropy(ours, LABELS), TF.cross_entropy(theirs, torch.tensor(LABELS))
        a.backward()
        b.backward()
        np.testing.assert_allclose(a.item(), b.item(), rtol=1e-12)
        np.testing.assert_allclose(ours.grad.data, theirs.grad.numpy(), atol=1e-15)


def test_cross_entropy_of_odd_numbers_and_of_nothing():
    for array in (ODD, MINUS):
        a = F.cross_entropy(dlcore.tensor(array), LABELS, reduction="none")
        b = TF.cross_entropy(torch.tensor(array), torch.tensor(LABELS), reduction="none")
        np.testing.assert_array_equal(a.data, b.numpy())
    x, none = dlcore.zeros(0, 3, requires_grad=True), np.zeros(0, int)
    assert np.isnan(F.cross_entropy(x, none).item()) and F.cross_entropy(x, none, reduction="sum").item() == 0
    assert F.cross_entropy(x, none, reduction="none").shape == (0,)
    F.cross_entropy(x, none, reduction="sum").backward()
    assert x.grad.shape == (0, 3)
    assert np.isnan(F.cross_entropy(dlcore.zeros(2, 3), np.array([-100, -100])).item())


@pytest.mark.parametrize("dtype, near", [(np.float32, 1e-3), (np.float64, 1e-9)])
def test_variance_where_the_mean_is_huge(dtype, near):
    x = (np.random.default_rng(0).standard_normal((64, 5)) + 1e4).astype(dtype)
    wide = x.astype(np.float64)
    np.testing.assert_allclose(dlcore.tensor(x).var(0, correction=0).data, wide.var(0), rtol=near)
    exact = (wide - wide.mean(0)) / np.sqrt(wide.var(0) + 1e-5)
    ours = F.batch_norm(dlcore.tensor(x), None, None, training=True)
    rows = F.layer_norm(dlcore.tensor(x.T.copy()), (64,))
    theirs = TF.batch_norm(torch.tensor(x), None, None, training=True).numpy()
    assert np.abs(ours.data - exact).max() <= max(np.abs(theirs - exact).max(), near / 2)
    assert np.abs(rows.data.T - exact).max() < near


def test_all_equal_rows_normalise_to_zero():
    x = dlcore.tensor(EQUAL, requires_grad=True)
    y = F.batch_norm(x, None, None, training=True) + F.layer_norm(x, (3,))
    assert not y.data.any()
    y.sum().backward()
    assert np.isfinite(x.grad.data).all()


def test_ties_share_or_take_turns_as_in_torch():
    array = np.array([[2.0, 2.0, 1.0], [3.0, 3.0, 3.0]])
    for function in (
        lambda x: x.amax(1),
        lambda x: x.max(1).values,
        lambda x: x.max(),
        lambda x: x.min(1).values,
        lambda x: x.amin(),
    ):
        ours, theirs = dlcore.tensor(array, requires_grad=True), torch.tensor(array, requires_grad=True)
        function(ours).sum().backward()
        function(theirs).sum().backward()
        assert ours.grad.tolist() == theirs.grad.tolist()


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_gelu_is_as_exact_as_torch(dtype):
    x = np.linspace(-30, 30, 20001).astype(dtype)
    near = 5e-7 if dtype == "float32" else 1e-13
    np.testing.assert_allclose(
        F.gelu(dlcore.tensor(x)).data, TF.gelu(torch.tensor(x)).numpy(), rtol=near, atol=2 * near
    )


def test_a_row_that_may_see_nothing():
    q = np.ones((2, 3))
    mask = np.array([[True, False], [False, False]])
    ours = F.scaled_dot_product_attention(*[dlcore.tensor(q)] * 3, attn_mask=mask)
    theirs = TF.scaled_dot_product_attention(*[torch.tensor(q)] * 3, attn_mask=torch.tensor(mask))
    np.testing.assert_allclose(ours.data, theirs.numpy())


def test_log_of_probabilities_that_are_exactly_zero_or_one():
    p, y = np.array([0.0, 1.0, 0.0, 1.0]), np.array([0.0, 1.0, 1.0, 0.0])
    ours = F.binary_cross_entropy(dlcore.tensor(p), y, reduction="none")
    theirs = TF.binary_cross_entropy(torch.tensor(p), torch.tensor(y), reduction="none")
    np.testing.assert_allclose(ours.data, theirs.numpy())


def test_kl_of_a_target_with_zeros():
    log_p, t = np.log([[0.5, 0.5]]), np.array([[1.0, 0.0]])
    assert F.kl_div(dlcore.tensor(log_p), t, reduction="sum").item() == pytest.approx(np.log(2))


def test_power_at_zero():
    for base, exponent in ((0.0, 2.0), (0.0, 1.0), (0.0, 0.0), (2.0, 0.0)):
        ours = [dlcore.tensor(v, requires_grad=True, dtype=np.float64) for v in (base, exponent)]
        theirs = [torch.tensor(v, requires_grad=True, dtype=torch.float64) for v in (base, exponent)]
        (ours[0] ** ours[1]).backward()
        (theirs[0] ** theirs[1]).backward()
        assert [a.grad.item() for a in ours] == [b.grad.item() for b in theirs]


def test_products_with_zeros():
    for array in ([[0.0, 2.0, 3.0]], [[0.0, 0.0, 3.0]], [[1.0, 2.0, 3.0]]):
        ours, theirs = dlcore.tensor(array, requires_grad=True), torch.tensor(array, requires_grad=True)
        ours.prod(1).backward(dlcore.ones(1))
        theirs.prod(1).backward(torch.ones(1))
        assert ours.grad.tolist() == theirs.grad.tolist()
