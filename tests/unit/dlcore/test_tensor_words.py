# ruff: noqa: E501 (tables)
"""PyTorch's many names: each expression gives the same with dlcore and with torch, values, dtypes and gradients."""

import numpy as np
import pytest
import torch
from nn_twins import assert_close

import dlcore

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
def test_like_torch(expression):
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
def test_random_like_torch(expression):
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


def test_a_tensor_is_not_made_from_sizes():
    with pytest.raises(TypeError, match="positional"):
        dlcore.Tensor(2, 3)
