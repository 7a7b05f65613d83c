# ruff: noqa: E501 (tables, one case per line)
"""Every method and creation function beside PyTorch's: same arguments, same values, same gradients, same dtype."""

import re

import numpy as np
import pytest
import torch
from nn_twins import assert_close

import dlcore

A = np.array([[0.5, -1.25, 2.0], [3.0, 0.75, -0.5]])
B = np.array([[1.5, 2.0, -0.25], [0.5, -3.0, 1.0]])
MASK = np.array([[True, False, True], [False, True, False]])


def both(array, dtype=np.float64):
    grad = np.dtype(dtype).kind == "f"
    ours = dlcore.tensor(np.array(array, dtype), requires_grad=grad)
    return ours, torch.tensor(np.array(array, dtype), requires_grad=grad)


def same(ours, theirs):
    assert ours.shape == tuple(theirs.shape)
    assert str(ours.dtype) == str(theirs.dtype)
    near = 1e-6 if ours.dtype == np.float32 else 1e-12
    np.testing.assert_allclose(ours.array, theirs.detach().numpy(), rtol=near, atol=near)


def twin(function, *arrays, dtype=np.float64):
    """function(torch or dlcore, tensors…) gives the same values and gradients in both."""
    pairs = [both(a, dtype) for a in arrays]
    ours = function(dlcore, *[p[0] for p in pairs])
    theirs = function(torch, *[p[1] for p in pairs])
    several = isinstance(ours, tuple | list)
    for a, b in zip(ours if several else [ours], theirs if several else [theirs], strict=True):
        same(a, b)
        if a.requires_grad:
            weights = np.linspace(0.5, 1.5, a.array.size).reshape(a.shape)
            a.backward(dlcore.tensor(weights), retain_graph=True)
            b.backward(torch.tensor(weights), retain_graph=True)
    for a, b in pairs:
        assert (a.grad is None) == (b.grad is None)
        if a.grad is not None:
            np.testing.assert_allclose(a.grad.array, b.grad.numpy(), rtol=1e-10, atol=1e-10)


FUNCTIONS = {
    "operators": lambda t, x, y: (x + y - x * y / 3 + (-x) ** 2 - 2 / y + (1 - x) * abs(y) + x.square()) / (y * y + 1),
    "reversed": lambda t, x, y: 1 + x + (1 - y) + 2 * x + 3 / (y + 10) + 2**x,
    "powers": lambda t, x, y: (x.abs() + 0.1) ** y + (y.abs()) ** 0.5 + x**3 + x.pow(2) + (x.abs() + 1) ** -1,
    "matmul": lambda t, x, y: (x @ y.T, x.matmul(y.mT), t.matmul(x[0], y[1]), x @ y[0]),
    "pointwise": lambda t, x, y: x.exp() + x.sin() * y.cos() + x.tanh() + y.sigmoid() + (x.abs() + 1).log() + y.relu(),
    "more pointwise": lambda t, x, y: (x.abs() + 1).sqrt() + x.abs().log1p() + (y.abs() + 1).rsqrt() + (y + 10).reciprocal(),
    "clamp": lambda t, x, y: (x.clamp(-1, 1), y.clamp(min=0), t.clamp(x, max=0.5), x.clip(0, 1)),
    "softmax": lambda t, x, y: (x.softmax(1), y.softmax(dim=0), x.log_softmax(-1), t.softmax(x, 1), t.log_softmax(y, 0)),
    "sums": lambda t, x, y: (x.sum(), x.sum(0), x.sum(dim=1, keepdim=True), x.sum((0, 1)), t.sum(y, 1), x.sum([0])),
    "means": lambda t, x, y: (x.mean(), x.mean(1), y.mean((0, 1), keepdim=True), t.mean(x, 0)),
    "spread": lambda t, x, y: (x.var(), x.var(1), x.std(0), y.std(1, keepdim=True), t.var(x, 1, correction=0), x.var(unbiased=False)),
    "products": lambda t, x, y: (x.prod(), x.prod(1), y.prod(0, keepdim=True)),
    "norms": lambda t, x, y: (x.norm(), x.norm(2, 1), y.norm(1, dim=0), x.norm(float("inf"), 1, keepdim=True), x.norm(3, 0)),
    "logsumexp": lambda t, x, y: (x.logsumexp(1), t.logsumexp(y, 0, keepdim=True)),
    "cumsum": lambda t, x, y: (x.cumsum(0), t.cumsum(y, dim=1)),
    "extremes": lambda t, x, y: (x.max(), x.min(), x.amax(1), y.amin((0, 1)), x.max(1).values, x.min(0, keepdim=True)[0], *x.max(0)),
    "arg": lambda t, x, y: (x.argmax(), x.argmax(1), y.argmin(0, keepdim=True), t.argmax(x, dim=1), x.argsort(1), y.argsort(0, descending=True)),
    "sort": lambda t, x, y: (*x.sort(1), *y.sort(0, descending=True), *x.topk(2), *t.topk(y, 1, dim=0, largest=False)),
    "shapes": lambda t, x, y: (x.reshape(3, 2), x.view(-1), x.reshape((6, 1)), x.flatten(), t.flatten(y[None], 1), x.unsqueeze(-1), x.unsqueeze(0)),
    "squeeze": lambda t, x, y: (x[:1].squeeze(), x[:1].squeeze(0), x.squeeze(0), x[:, :1].squeeze(-1), x[None, :, None].squeeze((0, 2))),
    "transpose": lambda t, x, y: (x.T, x.t(), x.transpose(0, 1), x[None].permute(2, 0, 1), x[None].permute((1, -1, 0)), x[0].t(), x.mT),
    "expand": lambda t, x, y: (x[:1].expand(4, 3), x[:, None].expand(-1, 2, -1), x[0].expand_as(y), x[:, :1].expand((2, 5))),
    "repeat": lambda t, x, y: (x.repeat(2, 1), x.repeat(2, 1, 3), x[0].repeat(2)),
    "flip": lambda t, x, y: (x.flip(0), x.flip(0, 1), x.flip((1,)), t.flip(y, (0,))),
    "triangles": lambda t, x, y: (x.tril(), y.triu(1), t.tril(x, -1)),
    "index": lambda t, x, y: (x[0], x[:, 1], x[..., None], x[1, 2], x[[0, 0, 1]], x[y > 0], x[:, [2, 0]], x[-1, ::2]),
    "index by tensors": lambda t, x, y: (x[t.tensor([1, 1, 0])], x[t.tensor([0, 1]), t.tensor([2, 2])], x.index_select(1, t.tensor([2, 0]))),
    "iterate": lambda t, x, y: (*x, *y.unbind(1), *t.unbind(x, 0)),
    "split": lambda t, x, y: (*x.split(2, 1), *y.split([1, 2], dim=1), *x.chunk(2, 1), *t.chunk(y, 3, dim=1)),
    "gather": lambda t, x, y: (x.gather(1, t.tensor([[0, 2], [1, 1]])), t.gather(y, 0, t.tensor([[1, 0, 1]]))),
    "where": lambda t, x, y: (t.where(x > 0, x, y), x.where(y > 0, y), t.where(y > 0, x, 0.0), x.masked_fill(t.tensor(MASK), -2.0)),
    "join": lambda t, x, y: (t.cat([x, y]), t.cat((x, y), dim=1), t.stack([x, y]), t.stack((x, y), -1)),
    "maximum": lambda t, x, y: (t.maximum(x, y), t.minimum(x, y), t.maximum(x, x)),
    "einsum": lambda t, x, y: (t.einsum("ij,kj->ik", x, y), t.einsum("ij,ij->", x, y)),
    "copies": lambda t, x, y: (x.clone() * 2, x.contiguous() * y, x.double() + 0, x.detach()),
    "compare": lambda t, x, y: (x > y, x >= 0, x < 0.5, x <= y, x == 0.5, x != y, (x > 0) & (y > 0), (x > 0) | (y > 0), (x > 0) ^ (y > 0), ~(x > 0)),
    "any all": lambda t, x, y: ((x > 0).any(), (x > 0).all(1), (y > 0).any(0, keepdim=True), t.all(x > -9)),
    "rounding": lambda t, x, y: (x.detach().sign(), x.detach().round(), x.detach().floor(), x.detach().ceil(), x.isnan(), x.isinf(), x.isfinite()),
    "ints": lambda t, x, y: (x.long(), x.int() + 1, x.float(), x.bool(), x.long().sum(), (x > 0).sum(), x.to(t.float32), x.type(t.int64), x.long() // 2, x.long() % 2, x.long() / 2),
    "filled like": lambda t, x, y: (t.zeros_like(x), t.ones_like(y), t.full_like(x, 2.5), t.zeros_like(x, dtype=t.int64)),
    "sum dtype": lambda t, x, y: (x.long().sum(dtype=t.float32), x.sum(0, dtype=t.float64)),
}  # fmt: skip


@pytest.mark.parametrize("name", FUNCTIONS)
def test_twin(name):
    twin(FUNCTIONS[name], A, B)


CREATION = {
    "tensor": lambda t: (t.tensor(1.5), t.tensor([1, 2]), t.tensor([[1.0]]), t.tensor(True), t.tensor([1], dtype=t.float64), t.tensor(np.ones(2))),
    "nested": lambda t: (t.tensor([t.tensor(1.0), t.tensor(2.0)]), t.as_tensor([1.0]), t.as_tensor(np.arange(2)), t.from_numpy(np.ones(1))),
    "filled": lambda t: (t.zeros(2, 3), t.ones((2,)), t.full((2, 2), 7), t.full((1,), 0.5), t.eye(2, 3), t.eye(2), t.zeros(()), t.ones(2, dtype=t.int64)),
    "ranges": lambda t: (t.arange(3), t.arange(1, 7, 2), t.arange(0.0, 1.0, 0.25), t.linspace(0, 1, 5), t.arange(3, dtype=t.float32)),
    "dtypes": lambda t: (t.ones(2) * 2.0, t.ones(2) + 1, t.ones(2) * t.arange(2), t.arange(2) * 1.5, t.arange(2) / 2, 3 / t.arange(1, 3), t.ones(2) * True),
    "zero-dimensional": lambda t: (t.ones(2) * t.tensor(2.0, dtype=t.float64), t.tensor(2.0, dtype=t.float64) * t.tensor(1.0), t.tensor(3) * t.ones(1)),
    "mixed floats": lambda t: (t.ones(2) + t.ones(2, dtype=t.float64), t.arange(2, dtype=t.int32) + t.arange(2), t.tensor([True]) * t.ones(1)),
    "floats of ints": lambda t: (t.arange(3).exp(), t.arange(3).sqrt(), t.arange(3).sigmoid(), t.arange(3.0).softmax(0)),
    "bool arithmetic": lambda t: (t.tensor([True, False]) + 1, t.tensor([True, False]) * 2.5, t.tensor([True]) + t.tensor([1])),
    "empty sums": lambda t: (t.zeros(0).sum(), t.zeros(0, 3).sum(0), t.zeros(0).mean(), t.zeros(0).prod(), t.zeros(2, 0).sum(1)),
}  # fmt: skip


@pytest.mark.parametrize("name", CREATION)
def test_creation(name):
    for ours, theirs in zip(CREATION[name](dlcore), CREATION[name](torch), strict=True):
        same(ours, theirs)


def test_requires_grad_at_creation():
    for x in (
        dlcore.zeros(2, requires_grad=True),
        dlcore.tensor([1.0], requires_grad=True),
        dlcore.randn(2, requires_grad=True),
    ):
        assert x.requires_grad and x.is_leaf


def test_copies_and_sharing():
    array = np.zeros(2, np.float32)
    assert dlcore.from_numpy(array).array is array and dlcore.as_tensor(array).array is array
    assert dlcore.tensor(array).array is not array and dlcore.Tensor(array).array is not array
    x = dlcore.tensor([1.0])
    assert dlcore.as_tensor(x) is x and dlcore.as_tensor(x, dtype=np.float64).dtype == np.float64
    assert x.clone().array is not x.array and x.cpu() is x and x.to("cpu") is x and x.device == "cpu"
    assert dlcore.empty(2).tolist() == [0, 0]
    assert np.asarray(x).tolist() == [1.0] and np.array(x, copy=True).tolist() == [1.0]
    with pytest.raises(TypeError, match="from_numpy: expected an array, but got list"):
        dlcore.from_numpy([1.0])


def test_the_class_itself_makes_floats():
    assert dlcore.Tensor([1, 2]).dtype == np.float32 and dlcore.Tensor(np.arange(2)).dtype == np.float32
    assert dlcore.Tensor(np.ones(1)).dtype == np.float64 and dlcore.Tensor([1.0], dtype=np.float64).dtype == np.float64


def test_arrays_on_the_left_and_numpy_functions():
    x = dlcore.tensor([1.0, 2.0], requires_grad=True)
    for y in (
        np.ones(2) + x,
        np.ones(2) - x,
        np.ones(2) * x,
        np.ones(2) / x,
        np.ones((3, 2)) @ x,
        np.float64(2) ** x,
        [1, 2] + x,
    ):
        assert isinstance(y, dlcore.Tensor) and y.requires_grad and y.dtype == np.float32
    c = x.detach()
    assert (np.ones(2) < c).tolist() == [False, True] and (np.ones(2) == c).tolist() == [True, False]
    assert (np.ones(2) >= c).tolist() == [True, False] and isinstance(np.exp(c), np.ndarray)
    i = dlcore.arange(2)
    assert (i + np.array([0.5, 0.5])).dtype == np.float32 and (i + np.array([1, 2])).dtype == np.int64
    assert dlcore.where(np.array([True, False]), 1.0, 0.0).tolist() == [1.0, 0.0]
    x.array -= 0.5 * c  # an array takes a tensor in place
    assert isinstance(x.array, np.ndarray) and x.tolist() == [0.5, 1.0]
    with pytest.raises(RuntimeError, match=re.escape("use x.detach().numpy()")):
        np.exp(x)


def test_numbers_and_truth():
    x = dlcore.tensor([3])
    assert float(x) == 3.0 and int(x) == 3 and bool(x) and list(range(5))[dlcore.tensor(2)] == 2
    assert (
        x.equal(dlcore.tensor([3]))
        and x.allclose(dlcore.tensor([3]))
        and dlcore.is_tensor(x)
        and not dlcore.is_tensor(3)
    )
    assert x.size() == (1,) and x.size(0) == 1 and x.dim() == 1 and x.numel() == 1 and not x.is_floating_point()
    assert len({x, x}) == 1 and len(dlcore.ones(3, 2)) == 3


def test_random_numbers():
    g = dlcore.Generator(5)
    u, n = dlcore.rand(4000, generator=g), dlcore.randn(4000, generator=g)
    assert u.dtype == n.dtype == np.float32 and 0 <= u.min() and u.max() < 1
    assert abs(u.mean() - 0.5) < 0.02 and abs(n.mean()) < 0.06 and abs(n.std() - 1) < 0.04
    assert dlcore.randn(2, 3, dtype=np.float64).dtype == np.float64 and dlcore.rand((2, 3)).shape == (2, 3)
    i = dlcore.randint(2, 5, (1000,), generator=g)
    assert set(i.tolist()) == {2, 3, 4} and i.dtype == np.int64 and dlcore.randint(3, (4,)).max() < 3
    assert sorted(dlcore.randperm(9).tolist()) == list(range(9))
    assert dlcore.rand_like(u).shape == dlcore.randn_like(u).shape == u.shape
    assert abs(dlcore.normal(3.0, 0.5, (4000,), generator=g).mean() - 3) < 0.05
    assert abs(dlcore.bernoulli(dlcore.full((4000,), 0.25), generator=g).mean() - 0.25) < 0.03


def test_multinomial():
    p = dlcore.tensor([[0.0, 1.0, 3.0], [1.0, 0.0, 0.0]])
    draws = dlcore.multinomial(p, 2000, replacement=True, generator=dlcore.Generator(0))
    assert draws.shape == (2, 2000) and abs((draws[0] == 2).float().mean() - 0.75) < 0.04 and (draws[1] == 0).all()
    assert sorted(dlcore.multinomial(p[0], 2).tolist()) == [1, 2]
    for bad in ([-1.0, 2.0], [0.0, 0.0], [np.nan, 1.0]):
        with pytest.raises(RuntimeError, match="weights must be finite, not negative, and not all zero in a row"):
            dlcore.multinomial(dlcore.tensor(bad), 1)


def test_generators():
    a, b = dlcore.Generator(1), dlcore.Generator(1)
    assert a.initial_seed() == 1 and dlcore.rand(3, generator=a).equal(dlcore.rand(3, generator=b))
    state = a.get_state()
    first = dlcore.rand(3, generator=a)
    a.set_state(state)
    assert first.equal(dlcore.rand(3, generator=a))
    assert dlcore.manual_seed(2) is dlcore.rng.default_generator
    assert dlcore.rand(3, generator=np.random.default_rng(1)).shape == (3,)
    with pytest.raises(TypeError, match="generator: expected a dlcore.Generator or None, but got int"):
        dlcore.rand(3, generator=5)


def test_shape_errors_of_joins():
    with pytest.raises(RuntimeError, match="cat or stack: expected at least one tensor"):
        dlcore.cat([])
    with pytest.raises(
        dlcore.ShapeError,
        match=re.escape("stack: each tensor should have shape (2, 3), but got (2, 4): axis 1 (3) is 4, expected 3."),
    ):
        dlcore.stack([dlcore.ones(2, 3), dlcore.ones(2, 4)])


def test_submodules_come_when_asked_for():
    assert dlcore.nn.functional.relu(dlcore.ones(1)).item() == 1.0
    assert dlcore.__getattr__("optim") is dlcore.optim
    with pytest.raises(AttributeError, match="dlcore has no nothing; if torch.nothing is PyTorch's"):
        dlcore.nothing  # noqa: B018


#: PyTorch's many names for the same: each gives the same with dlcore and with torch.
EXPRESSIONS = """
x.add(y); x.add(y, alpha=2); x.sub(y); x.sub(y, alpha=2); x.mul(y); x.div(2); x.neg(); t.add(x, 1); t.neg(x)
x.mm(y.T); t.mm(x, y.T); t.bmm(z, z.transpose(1, 2)); x.mv(y[0]); t.dot(x[0], y[0]); t.outer(x[0], y[:, 0])
x.eq(y); x.ne(y); x.lt(y); x.le(y); x.gt(0); x.ge(0); t.logical_and(x > 0, y > 0); t.logical_or(x > 0, y > 0); t.logical_not(x > 0)
(x > 0).nonzero(); (x > 0).nonzero(as_tuple=True)[1]; t.where(x > 0)[0]; x.masked_select(x > 0); t.nonzero(x)
x.roll(1); x.roll(1, 0); t.roll(x, shifts=(1, -1), dims=(0, 1)); x.repeat_interleave(2); t.repeat_interleave(x, 2, dim=0); x.repeat_interleave(t.tensor([1, 0, 2, 1]), 0)
x.scatter(1, i, 7.0); x.scatter(1, i, y[:, 1:2]); x.clone().scatter_(0, t.tensor([[1, 0, 2]]), 3.0); x.clone().masked_fill_(x > 0, 0.0)
x.cumprod(0); t.cumprod(x * (x > 0), dim=1); t.max(x, y); t.min(x, y); x.swapaxes(0, 1); t.concat([x, y])
x.new_zeros(2, 3); x.new_zeros((2, 3)); x.new_ones(2); x.new_full((2,), 3.0); x.new_tensor([1, 2]); x.half().float(); x.type_as(i)
x.to("cpu"); x.to(t.device("cpu")); x.to("cpu", t.float64); x.to(i); x.to(device="cpu"); x.to(t.float64); x.to(dtype=t.int64); x.to(x.device); x.flatten().view_as(y)
t.meshgrid(t.arange(2), t.arange(3), indexing="ij")[1]; t.eye(2, device="cpu"); t.zeros_like(x, device="cpu"); t.ones_like(x, device="cpu")
x.round(); x.floor(); x.ceil(); x.sign(); x.std(); x.std(0, unbiased=False); x.std(dim=1, correction=0, keepdim=True); t.prod(x, 1)
x.unsqueeze(1); x.unsqueeze(-1); x.flatten(-1); z.flatten(1, 2); z.squeeze(); z[:1].squeeze(0); z[:1].squeeze((0, 1))
""".replace("\n", ";")
RANDOM = """
t.normal(mean=t.zeros(3), std=t.ones(3)); t.normal(0.0, t.ones(2, 3)); t.normal(0.0, 1.0, size=(2, 3)); t.randint(high=5, size=(3,))
x.clone().normal_(); x.clone().uniform_(2, 3); t.empty(2, 3).normal_(1.0, 0.1)
""".replace("\n", ";")


def split(text):
    return [part.strip() for part in text.split(";") if part.strip()]


def evaluate(library, expression):
    rng = np.random.default_rng(0)
    names = {name: library.tensor(rng.standard_normal(shape), requires_grad=True) for name, shape in
             (("x", (4, 3)), ("y", (4, 3)), ("z", (2, 4, 3)))}  # fmt: skip
    return eval(expression, {"t": library, "i": library.tensor([[0], [1], [2], [0]]), **names}), names


@pytest.mark.parametrize("expression", split(EXPRESSIONS))
def test_name(expression):
    (ours, mine), (theirs, twin) = (evaluate(library, expression) for library in (dlcore, torch))
    assert_close(ours, theirs, 1e-12)
    assert ours.requires_grad == theirs.requires_grad
    if theirs.requires_grad:
        weights = np.cos(np.arange(theirs.numel())).reshape(tuple(theirs.shape))
        for y, library in ((ours, dlcore), (theirs, torch)):
            (y * library.tensor(weights).to(y.dtype)).sum().backward()
        for name in mine:
            assert (mine[name].grad is None) == (twin[name].grad is None)
            if mine[name].grad is not None:
                assert_close(mine[name].grad, twin[name].grad, 1e-10)


@pytest.mark.filterwarnings("ignore:Creating a tensor")
@pytest.mark.parametrize("expression", split(RANDOM))
def test_random_name(expression):
    with dlcore.no_grad(), torch.no_grad():
        (ours, _), (theirs, _) = (evaluate(library, expression) for library in (dlcore, torch))
    assert ours.shape == tuple(theirs.shape) and str(theirs.dtype) == str(ours.dtype)


def test_random_in_place_draws_from_its_law_and_generator():
    a, b = (dlcore.empty(10_000).normal_(3.0, 0.5, generator=dlcore.Generator(1)) for _ in range(2))
    assert a.equal(b) and abs(a.mean() - 3) < 0.03 and abs(a.std() - 0.5) < 0.03
    c = dlcore.empty(10_000).uniform_(2, 3)
    assert 2 <= c.min() < 2.01 and 2.99 < c.max() <= 3


@pytest.mark.parametrize("library", [dlcore, torch])
def test_devices(library):
    device = library.device("cuda" if library.cuda.is_available() else "cpu")
    model = library.nn.Linear(2, 1).to(device)
    assert (
        device.type == "cpu"
        and str(device) == "cpu"
        and model(library.ones(3, 2, device=device).to(device)).device == device
    )
    assert model.to(device, library.float64).weight.dtype == model.cpu().weight.dtype == library.float64
    assert model.to(device="cpu").to(dtype=library.float32).weight.dtype == library.float32
    with library.inference_mode():
        assert not model(library.ones(3, 2)).requires_grad


def test_another_device_is_an_error():
    for ask in (dlcore.device, dlcore.ones(1).to, dlcore.nn.Linear(1, 1).to):
        with pytest.raises(RuntimeError, match="computes on the processor only, so expected 'cpu', but got 'cuda'"):
            ask("cuda")


def test_a_tensor_of_sizes_and_of_nothing():
    assert dlcore.Tensor(2, 3).shape == (2, 3) and dlcore.Tensor().shape == (0,)
