"""Helpers of the twin tests: the same layer in dlcore and in PyTorch, held together."""

import numpy as np
import torch

import dlcore

#: How far two results may lie apart, relative to the largest value: the promise of the project.
TOLERANCE = {"float32": 1e-6, "float64": 1e-10}
TORCH = {"float32": torch.float32, "float64": torch.float64}


def array(x):
    """Return the values of a tensor of either library."""
    return np.asarray(x.detach().numpy())


def assert_close(ours, theirs, tolerance, what=""):
    """Compare two tensors (or tuples of tensors), relative to the largest value; NaN and infinities must agree."""
    if isinstance(theirs, (tuple, list)):
        assert len(ours) == len(theirs), what
        for i, (a, b) in enumerate(zip(ours, theirs, strict=True)):
            assert_close(a, b, tolerance, f"{what}[{i}]")
        return
    if theirs is None:
        assert ours is None, what
        return
    a, b = array(ours), array(theirs)
    assert a.shape == b.shape, f"{what}: shape {a.shape}, twin {b.shape}"
    assert a.dtype == b.dtype, f"{what}: dtype {a.dtype}, twin {b.dtype}"
    if b.dtype.kind != "f":
        np.testing.assert_array_equal(a, b, err_msg=what)
        return
    scale = np.abs(b[np.isfinite(b)]).max(initial=1e-30)
    np.testing.assert_allclose(a / scale, b / scale, rtol=0, atol=tolerance, err_msg=what)


#: In float32 PyTorch's own rounding can be larger than the tolerance. Then float64 is asked for the truth: we must lie
#: within the tolerance of it, and no further from it than PyTorch by more than this factor (six roundings are free).
FACTOR, ROUNDINGS = 4, 6


def assert_close_to_truth(ours, theirs, truth, what="", scale=0.0):
    """Compare float32 results with PyTorch's, and with PyTorch's in float64, relative to the largest true value."""
    a, b, t = array(ours), array(theirs), array(truth)
    assert a.shape == b.shape == t.shape, f"{what}: shape {a.shape}, twin {b.shape}"
    assert a.dtype == b.dtype == np.float32 and t.dtype == np.float64, what
    scale = max(np.abs(t).max(initial=0.0), scale, 1e-30)
    mine, twin = (np.abs(x.astype(np.float64) - t).max(initial=0.0) / scale for x in (a, b))
    assert mine <= TOLERANCE["float32"], f"{what}: {mine:.1e} from the truth, PyTorch {twin:.1e}"
    allowed = max(FACTOR * twin, ROUNDINGS * np.finfo(np.float32).eps)
    assert mine <= allowed, f"{what}: {mine:.1e} from the truth, PyTorch only {twin:.1e}"


def assert_same_as_truth(ours, theirs, truth):
    """assert_close_to_truth for the gradients of all parameters and all buffers, by name."""
    mine, twin, true = (dict(model.named_parameters()) for model in (ours, theirs, truth))
    assert list(mine) == list(twin) == list(true)
    layers: dict[str, float] = {}  # a bias is the weight of an input of 1: its gradient may nearly cancel beside theirs
    for name, p in true.items():
        layer = name.rpartition(".")[0]
        layers[layer] = max(layers.get(layer, 0.0), np.abs(array(p.grad)).max(initial=0.0))
    for name in mine:
        scale = layers[name.rpartition(".")[0]]
        assert_close_to_truth(mine[name].grad, twin[name].grad, true[name].grad, f"gradient of {name}", scale)
    mine, twin, true = (dict(model.named_buffers()) for model in (ours, theirs, truth))
    for name in mine:
        if not name.endswith("num_batches_tracked"):
            # a mean that nearly cancels is known relative to the spread of what was averaged; momentum is 0.1
            spread = name.replace("running_mean", "running_var")
            scale = 0.1 * array(true[spread]).max() ** 0.5 if spread != name else 0.0
            assert_close_to_truth(mine[name], twin[name], true[name], name, scale)


def pair(values, dtype="float32", grad=True):
    """Return the same values as a tensor of dlcore and one of PyTorch."""
    values = np.asarray(values)
    if values.dtype.kind == "f":
        values = values.astype(dtype)
    ours, theirs = dlcore.tensor(values.copy()), torch.tensor(values.copy())
    if grad and values.dtype.kind == "f":
        ours.requires_grad_(True)
        theirs.requires_grad_(True)
    return ours, theirs


def flat(outputs):
    """Return the floating-point tensors in an output, which may be a tensor or tuples of them."""
    if isinstance(outputs, (tuple, list)):
        return [x for part in outputs for x in flat(part)]
    return [] if outputs is None else [outputs]


def backward_of(outputs, seed=1):
    """Back-propagate a random gradient through all outputs of either library."""
    rng = np.random.default_rng(seed)
    total = None
    for y in flat(outputs):
        weight = rng.standard_normal(tuple(y.shape)).astype(str(y.dtype).replace("torch.", ""))
        term = (y * (torch.tensor(weight) if isinstance(y, torch.Tensor) else dlcore.tensor(weight))).sum()
        total = term if total is None else total + term
    total.backward()
    return total


def same_modules(ours, theirs, dtype="float32"):
    """Give the twin our values, through state_dict, and both the dtype."""
    ours.to(np.dtype(dtype))
    theirs.to(TORCH[dtype])
    theirs.load_state_dict(ours.state_dict())
    return ours, theirs


def assert_same_gradients(ours, theirs, tolerance):
    """Compare the gradients of all parameters, by name."""
    mine, twin = dict(ours.named_parameters()), dict(theirs.named_parameters())
    assert list(mine) == list(twin)
    for name, p in mine.items():
        assert_close(p.grad, twin[name].grad, tolerance, f"gradient of {name}")


def assert_same_state(ours, theirs, tolerance):
    """Compare all parameters and buffers, by name."""
    mine, twin = ours.state_dict(), theirs.state_dict()
    assert list(mine) == list(twin)
    for name, value in mine.items():
        assert_close(value, twin[name], tolerance, f"state {name}")


def check_twins(ours, theirs, inputs, dtype="float32", tolerance=None, **options):
    """Compare printing, outputs, gradients of inputs and parameters, and the state afterwards."""
    tolerance = tolerance or TOLERANCE[dtype]
    same_modules(ours, theirs, dtype)
    xs, ts = zip(*[pair(x, dtype) for x in inputs], strict=True)
    y, t = ours(*xs, **options), theirs(*ts, **options)
    assert_close(y, t, tolerance, "output")
    backward_of(y)
    backward_of(t)
    for i, (x, u) in enumerate(zip(xs, ts, strict=True)):
        assert_close(x.grad, u.grad, tolerance, f"gradient of input {i}")
    assert_same_gradients(ours, theirs, tolerance)
    assert_same_state(ours, theirs, tolerance)


def train_twins(ours, theirs, inputs, dtype="float64", steps=10, tolerance=None):
    """Compare the state after ten steps of gradient descent on a square of the output."""
    same_modules(ours, theirs, dtype)
    xs, ts = zip(*[pair(x, dtype, grad=False) for x in inputs], strict=True)
    mine = dlcore.optim.SGD(ours.parameters(), lr=0.05)
    twin = torch.optim.SGD(theirs.parameters(), lr=0.05)
    for _ in range(steps):
        for optimizer, module, arguments in ((mine, ours, xs), (twin, theirs, ts)):
            optimizer.zero_grad()
            sum(((y - 1) ** 2).mean() for y in flat(module(*arguments))).backward()
            optimizer.step()
    assert_same_state(ours, theirs, tolerance or 10 * TOLERANCE[dtype])
