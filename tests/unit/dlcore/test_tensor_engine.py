# ruff: noqa: E501 (tables, one case per line)
"""The engine: order, accumulation, what is skipped, what is freed, and every error that replaces silence."""

import copy
import gc
import pickle
import re

import numpy as np
import pytest
import torch

import dlcore
from dlcore import ops
from dlcore.tensor import Node, apply, wrap
from dlcore.tensor.graph import unbroadcast


def leaf(*numbers):
    return dlcore.tensor(list(numbers), requires_grad=True, dtype=np.float64)


def raises(kind, text):
    return pytest.raises(kind, match=re.escape(text))


# ---- the walk backwards


def test_hundred_thousand_operations_deep():
    x = leaf(1.0)
    y = x
    for _ in range(100_000):
        y = y * 1.0
    y.backward()
    assert x.grad.item() == 1.0


def test_a_deep_graph_can_be_thrown_away_unused():
    y = leaf(1.0)
    for _ in range(100_000):
        y = y + 1.0
    del y
    gc.collect()


def test_a_tensor_used_seven_times_gets_seven_gradients():
    x = leaf(3.0)
    sum((x * 1 for _ in range(7)), start=dlcore.tensor(0.0, dtype=np.float64)).backward()
    assert x.grad.item() == 7.0


def test_diamonds_double_at_every_level():
    x = leaf(1.0)
    y = x
    for _ in range(20):
        y = y + y
    y.backward()
    assert x.grad.item() == 2.0**20


def test_the_same_operation_twice_on_one_tensor():
    x = leaf(2.0, 5.0)
    (x * x).sum().backward()
    assert x.grad.tolist() == [4.0, 10.0]


def test_shared_weights_add_up():
    w, x = leaf(2.0), leaf(3.0)
    (w * (w * (w * x))).backward()
    assert w.grad.item() == 3 * 4 * 3 and x.grad.item() == 8


def test_gradients_of_two_losses_accumulate_in_place():
    x = leaf(1.0, 2.0)
    (x * 2).sum().backward()
    first = x.grad
    (x * 3).sum().backward()
    assert x.grad is first and x.grad.tolist() == [5.0, 5.0]


def test_a_gradient_never_shares_memory_with_another_or_with_data():
    x, y = leaf(1.0, 2.0), leaf(3.0, 4.0)
    z = x + y  # add hands the same g to both
    seed = np.ones(2)
    z.backward(seed)
    x.grad.array *= 0
    assert y.grad.tolist() == [1.0, 1.0] and seed.tolist() == [1.0, 1.0]
    w = leaf(1.0, 2.0)
    w.backward(seed)
    w.grad.array += 1
    assert seed.tolist() == [1.0, 1.0]


def test_accumulation_leaves_borrowed_gradients_alone():
    x = leaf(1.0, 2.0)
    a, b = x + 0.0, x + 0.0
    c = a + b
    (c * 1.0 + a * 10.0 + b * 100.0 + x * 1000.0 + x * 10000.0).sum().backward()
    assert x.grad.tolist() == [11112.0, 11112.0]


def test_only_leaves_keep_a_gradient_unless_asked():
    x = leaf(2.0)
    y, z = x * 3, x * 5
    z.retain_grad()
    x.retain_grad()  # a leaf keeps it anyway
    (y + z * 2).backward()
    assert y.grad is None and z.grad.item() == 2.0 and x.grad.item() == 13.0


def test_pullbacks_that_nobody_needs_are_never_called():
    def rule(x, y):
        return x * y, (lambda g: g * y, lambda g: pytest.fail("called for a constant"))

    x = leaf(2.0)
    out = apply(rule, x, dlcore.tensor([3.0]))
    assert len(out.grad_fn.edges) == 1
    out.backward()
    assert x.grad.item() == 3.0


def test_a_node_is_younger_than_its_inputs_and_named_after_its_rule():
    x = leaf(1.0)
    y = x * 2
    z = y.exp()
    assert z.grad_fn.rule == "exp" and z.grad_fn.age > y.grad_fn.age
    assert z.grad_fn.inputs == [y.grad_fn] and y.grad_fn.inputs == [x]
    assert isinstance(z.grad_fn, Node) and x.grad_fn is None and x.is_leaf and not z.is_leaf


def test_gradient_keeps_the_dtype_of_its_tensor():
    narrow, wide = dlcore.ones(2, requires_grad=True), leaf(1.0, 2.0)
    (narrow * wide).sum().backward()
    assert narrow.grad.dtype == np.float32 and wide.grad.dtype == np.float64


def test_unbind_gives_zeros_to_slices_that_were_not_used():
    x = dlcore.tensor(np.arange(6.0).reshape(3, 2), requires_grad=True)
    first, _, last = x.unbind(0)
    (first * 2 + last * last).sum().backward()
    assert x.grad.tolist() == [[2, 2], [0, 0], [8, 10]]


def test_lstm_cell_with_only_one_of_its_two_values_used():
    gates, c = np.linspace(-1, 1, 8).reshape(1, 8), np.ones((1, 2))
    for used in (0, 1):
        ours = [dlcore.tensor(a, requires_grad=True) for a in (gates, c)]
        apply(ops.lstm_cell, *ours)[used].sum().backward()
        g, state = (torch.tensor(a, requires_grad=True) for a in (gates, c))
        i, f, n, o = g.chunk(4, 1)
        cell = f.sigmoid() * state + i.sigmoid() * n.tanh()
        (o.sigmoid() * cell.tanh(), cell)[used].sum().backward()
        np.testing.assert_allclose(ours[0].grad.array, g.grad.numpy(), atol=1e-12)
        np.testing.assert_allclose(ours[1].grad.array, state.grad.numpy(), atol=1e-12)


def test_unbroadcast():
    assert unbroadcast(np.ones((4, 3, 2)), (3, 1)).tolist() == [[8.0], [8.0], [8.0]]
    assert unbroadcast(np.float64(1.0), (2,)).tolist() == [1.0, 1.0]
    assert unbroadcast(np.ones((2, 0)), (2, 1)).tolist() == [[0.0], [0.0]]


def test_same_seed_same_bits():
    def run():
        dlcore.manual_seed(3)
        x, w = dlcore.randn(8, 5), dlcore.randn(3, 5, requires_grad=True)
        (x @ w.T).tanh().sum().backward()
        return w.grad.array.tobytes()

    assert run() == run()


def test_warnings_of_numpy_do_not_leak_out_of_backward():
    x = leaf(0.0)
    x.sqrt().backward()
    assert x.grad.item() == np.inf


# ---- recording


def test_no_grad_as_block_and_as_decorator_also_when_it_recurses():
    x = leaf(1.0)

    @dlcore.no_grad()
    def twice(depth=2):
        inner = twice(depth - 1) if depth else x
        assert not dlcore.is_grad_enabled()
        return inner * 2

    assert not twice().requires_grad and dlcore.is_grad_enabled()
    with dlcore.no_grad():
        assert not (x * 2).requires_grad
        with dlcore.enable_grad():
            assert (x * 2).requires_grad
        assert not (x * 2).requires_grad
    with pytest.raises(KeyError), dlcore.no_grad():
        raise KeyError
    assert (x * 2).requires_grad


def test_set_grad_enabled():
    x = leaf(1.0)
    with dlcore.set_grad_enabled(False):
        assert not (x * 2).requires_grad
    assert (x * 2).requires_grad
    dlcore.set_grad_enabled(False)
    try:
        assert not (x * 2).requires_grad
    finally:
        dlcore.set_grad_enabled(True)


def test_detach_stops_the_gradient_and_shares_the_memory():
    x = leaf(2.0)
    y = x * 3
    (y.detach() * x).backward()
    assert x.grad.item() == 6.0 and y.detach().array is y.array


# ---- hooks


def test_hooks_see_and_replace_gradients():
    x = leaf(1.0)
    seen = []
    y = x * 2
    y.register_hook(lambda g: seen.append(g.item()))
    y.register_hook(lambda g: g * 10)
    handle = x.register_hook(lambda g: g + 0.5)
    (y * 3).backward()
    assert seen == [3.0] and x.grad.item() == 60.5
    handle.remove()
    handle.remove()
    (x * 1).backward()
    assert x.grad.item() == 61.5


def test_a_hook_sees_the_whole_gradient_once():
    x = leaf(1.0)
    seen = []
    x.register_hook(lambda g: seen.append(g.item()))
    (x * 2 + x * 3).backward()
    assert seen == [5.0]


# ---- errors instead of silence


def test_backward_on_many_numbers():
    with raises(
        RuntimeError, "only be left out for one number, but this has shape (2,). Reduce it first, x.sum().backward()"
    ):
        leaf(1.0, 2.0).exp().backward()


def test_backward_without_a_graph():
    with raises(RuntimeError, "does not require grad: nothing that it came from has requires_grad=True"):
        dlcore.ones(1).backward()


def test_backward_with_a_gradient_of_the_wrong_shape():
    with raises(RuntimeError, "gradient should have shape (2,), but got (3,)"):
        leaf(1.0, 2.0).exp().backward(np.ones(3))


def test_backward_twice():
    x = leaf(2.0)
    y = x * x
    y.backward(retain_graph=True)
    y.backward()
    assert x.grad.item() == 8.0
    with raises(
        RuntimeError, "the graph was freed at <mul> by an earlier backward. Compute the loss again, or keep the graph"
    ):
        y.backward()


def test_backward_through_a_part_that_another_backward_freed():
    x = leaf(2.0)
    shared = x.exp()
    (shared * 2).backward()
    with raises(RuntimeError, "the graph was freed at <exp>"):
        (shared * 3).backward()


def test_integers_have_no_gradient():
    with raises(RuntimeError, "only floating tensors have gradients, and this one is int64"):
        dlcore.tensor([1, 2], requires_grad=True)


def test_requires_grad_cannot_be_taken_from_the_middle_of_a_graph():
    with raises(RuntimeError, "always requires grad; use x.detach()"):
        (leaf(1.0) * 2).requires_grad_(False)


def test_hook_where_no_gradient_will_come():
    with raises(RuntimeError, "register_hook: this tensor does not require grad"):
        dlcore.ones(1).register_hook(print)


def test_numpy_and_item_and_len():
    with raises(RuntimeError, "use x.detach().numpy()"):
        leaf(1.0).numpy()
    with raises(RuntimeError, "use x.detach().numpy()"):
        np.asarray(leaf(1.0))
    with raises(RuntimeError, "expected a tensor with one element, but got shape (2,)"):
        leaf(1.0, 2.0).item()
    with raises(TypeError, "len() of a 0-dimensional tensor"):
        len(dlcore.tensor(1.0))
    with raises(TypeError, "mean: expected a floating dtype, but got int64. Convert first: x.float()"):
        dlcore.arange(3).mean()
    for wrong in (None, "one", {}):
        with raises(TypeError, "expected a tensor, an array or a number, but got"):
            dlcore.ones(1) + wrong


# ---- in place


def test_a_leaf_cannot_be_changed_while_recording():
    x = leaf(1.0)
    for change in (lambda: x.add_(1), lambda: x.mul_(2), lambda: x.zero_(), lambda: x.__setitem__(0, 3.0)):
        with raises(RuntimeError, "a leaf that requires grad cannot be changed while operations are recorded"):
            change()
    with dlcore.no_grad():
        x -= 0.5
    assert x.item() == 0.5 and x.requires_grad and x.is_leaf


def test_what_a_pullback_kept_must_not_be_overwritten():
    w, x = leaf(2.0), dlcore.tensor([3.0], dtype=np.float64)
    y = w * x
    x.add_(1)
    with raises(RuntimeError, "<mul> needs an array that was changed in place after it was used. Write y = y + 1"):
        y.backward()


def test_also_not_through_a_view_or_a_shared_pullback():
    w, x = leaf(2.0, 2.0), dlcore.ones(2, dtype=np.float64)
    y = (w * x).sum()
    x[0] = 5.0
    with raises(RuntimeError, "changed in place"):
        y.backward()
    q = dlcore.ones(2, 3, dtype=np.float64)
    out = apply(ops.attention, dlcore.ones(2, 3, dtype=np.float64, requires_grad=True), q, q).sum()
    q.T.zero_()
    with raises(RuntimeError, "<attention> needs an array"):
        out.backward()


def test_what_no_pullback_kept_may_be_overwritten():
    w, x = leaf(2.0), dlcore.tensor([3.0], dtype=np.float64)
    y, unrelated = w + x, dlcore.ones(2)
    x.add_(1)
    unrelated.zero_()
    y.backward()
    assert w.grad.item() == 1.0


def test_a_write_before_the_use_is_no_matter():
    w, x = leaf(2.0), dlcore.tensor([3.0], dtype=np.float64)
    x.add_(1)
    (w * x).backward()
    assert w.grad.item() == 4.0


def test_in_place_inside_a_graph_is_differentiated():
    x, y = leaf(1.0, 2.0), leaf(10.0, 20.0)
    h = x * 2
    same = h
    h += y
    h *= y
    h -= 1.0
    h /= 2.0
    h[0] = y[1] * 3
    assert same is h
    h.sum().backward()
    a, b = (torch.tensor(v.tolist(), dtype=torch.float64, requires_grad=True) for v in (x, y))
    t = a * 2
    t += b
    t *= b
    t -= 1.0
    t /= 2.0
    t[0] = b[1] * 3
    t.sum().backward()
    assert h.tolist() == t.tolist() and x.grad.tolist() == a.grad.tolist() and y.grad.tolist() == b.grad.tolist()


def test_a_constant_joins_the_graph_when_a_gradient_is_written_into_it():
    table, x = dlcore.zeros(2, 2), dlcore.ones(2, requires_grad=True)
    table[1] = x * 3
    table.sum().backward()
    assert x.grad.tolist() == [3.0, 3.0]


def test_some_views_in_a_graph_cannot_be_changed():
    x = leaf(1.0, 2.0)
    v, _ = (x * 2).unbind()
    with raises(RuntimeError, "this is a view into a tensor of the graph; write y = y + x instead of y += x"):
        v += 1


def rows_added(y, w):
    for i in range(3):
        y[i] += i * w


def part_of_a_part(y, w):
    y.t()[1:].reshape(-1).mul_(w.sum())


def column_of_turned(y, w):
    y.permute(1, 0)[0, 1:] = w[1] * 2


def mask_on_a_row(y, w):
    row = y[2]
    row[row > 0] = w[0]


@pytest.mark.parametrize("change", [rows_added, part_of_a_part, column_of_turned, mask_on_a_row])
@pytest.mark.parametrize("of_graph", [True, False])
def test_what_is_written_into_a_view_reaches_the_tensor_that_it_shows(change, of_graph):
    def run(lib):
        x = lib.tensor([[1.0, 2.0], [-3.0, 4.0], [5.0, -6.0]], requires_grad=of_graph)
        w, y = lib.tensor([2.0, 3.0], requires_grad=True), x * 1
        change(y, w)
        (y * y).sum().backward()
        return y.tolist(), w.grad.tolist(), x.grad.tolist() if of_graph else None

    assert run(dlcore) == run(torch)


def test_a_view_of_a_leaf_cannot_be_changed():
    x = leaf(1.0, 2.0)
    with raises(RuntimeError, "a leaf that requires grad cannot be changed"):
        x[0] += 1


def test_a_view_is_saved_and_copied_alone():
    x = dlcore.ones(3, 2)[0]
    x.note = "attributes are kept"
    for twin in (pickle.loads(pickle.dumps(x)), copy.deepcopy(x)):
        assert twin.tolist() == [1.0, 1.0] and twin.note == x.note and not hasattr(twin, "shown")


def test_data_shares_memory_and_can_be_assigned():
    w = leaf(1.0, -2.0)
    w.data.clamp_(min=0)
    w.data -= 0.5
    assert w.tolist() == [0.5, -0.5] and not w.data.requires_grad
    (w * w).sum().backward()
    w.grad.data.zero_()
    w.data = dlcore.tensor([7.0, 8.0])
    assert w.is_leaf and w.grad.tolist() == [0.0, 0.0] and (w * 2).sum().item() == 30.0
    dlcore.nn.init.constant_(w.data, 3.0)
    assert w.tolist() == [3.0, 3.0]


def test_views_of_constants_share_memory():
    x = dlcore.zeros(2, 2)
    x[0] += 1
    x.T[1] = 5.0
    assert x.tolist() == [[1, 5], [0, 5]]


def test_in_place_cannot_change_the_shape_or_the_kind():
    x = dlcore.zeros(1)
    with raises(ValueError, "in-place: shape (1,) cannot take (3,); write y = y + x"):
        x += dlcore.ones(3)
    with pytest.raises(TypeError, match="in-place: float32 does not fit into int64"):
        dlcore.arange(2).add_(0.5)


def test_in_place_methods():
    x = dlcore.tensor([1.0, -4.0])
    assert x.add_(1, alpha=2).tolist() == [3, -2] and x.sub_(1, alpha=2).tolist() == [1, -4]
    assert x.clamp_(-2, 0).tolist() == [0, -2] and x.fill_(3).tolist() == [3, 3]
    assert x.copy_(dlcore.tensor([1, 2])).tolist() == [1, 2] and x.div_(2).tolist() == [0.5, 1]
    assert x.sub_(1).tolist() == [-0.5, 0] and x.zero_().tolist() == [0, 0] and x.dtype == np.float32


# ---- copies and texts


def test_leaves_can_be_copied_and_pickled():
    x = leaf(1.0)
    (x * 2).backward()
    for twin in (copy.deepcopy(x), pickle.loads(pickle.dumps(x))):
        assert (
            twin.tolist() == [1.0] and twin.grad.tolist() == [2.0] and twin.requires_grad and twin.array is not x.array
        )


def test_repr():
    assert repr(dlcore.tensor([1.0, 2.5])) == "tensor([1.0000, 2.5000])"
    assert repr(leaf(1.0)) == "tensor([1.], dtype=torch.float64, requires_grad=True)"
    assert repr(leaf(1.0) * 2) == "tensor([2.], dtype=torch.float64, grad_fn=<MulBackward0>)"
    assert repr(dlcore.tensor([[1], [2]])) == "tensor([[1],\n        [2]])"
    assert f"{dlcore.tensor(1.25):.1f}" == "1.2" and f"{dlcore.tensor([1.0])}" == "tensor([1.])"


def test_apply_accepts_plain_arrays_as_constants():
    out = apply(ops.mul, wrap(np.ones(2)), np.full(2, 3.0))
    assert out.tolist() == [3.0, 3.0] and not out.requires_grad
