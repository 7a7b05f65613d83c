# ruff: noqa: E501 (tables)
"""What a tensor says when shapes do not fit: the rule, the axis, expected and received, what to do."""

import numpy as np
import pytest

import dlcore
from dlcore import ShapeError, ones

FIT = (
    "Sizes must be equal, or one of them 1: x.unsqueeze(dim) adds an axis of size 1, x.reshape(…) and x.transpose(…) "
    "change the order."
)
WRONG = [
    (lambda: ones(2, 3) @ ones(2, 3), ShapeError, "matmul: (2, 3) @ (2, 3): the last axis of the first is 3, axis -2 of the second is 2; they must be equal. Transpose one of them: x.transpose(-1, -2)."),
    (lambda: ones(2, 3) @ ones(2), ShapeError, "matmul: (2, 3) @ (2,): the last axis of the first is 3, axis -1 of the second is 2; they must be equal. Transpose one of them: x.transpose(-1, -2)."),
    (lambda: ones(2, 3) @ dlcore.tensor(1.0), ShapeError, "matmul: (2, 3) @ (): a product needs at least one axis on each side; use * for numbers."),
    (lambda: ones(4, 2, 3) @ ones(5, 3, 2), ShapeError, f"matmul: (4, 2, 3) @ (5, 3, 2): shapes (4,) and (5,) do not fit: axis -1 is 4 in one, 5 in the other. {FIT}"),
    (lambda: ones(2, 3) + ones(2, 4), ShapeError, f"add: shapes (2, 3) and (2, 4) do not fit: axis -1 is 3 in one, 4 in the other. {FIT}"),
    (lambda: ones(5, 3) * np.ones((4, 3)), ShapeError, f"mul: shapes (5, 3) and (4, 3) do not fit: axis -2 is 5 in one, 4 in the other. {FIT}"),
    (lambda: dlcore.where(dlcore.tensor([True, False]), ones(3), ones(3)), ShapeError, f"where: shapes (3,) and (2,) do not fit: axis -1 is 3 in one, 2 in the other. {FIT}"),
    (lambda: dlcore.cat([ones(2, 3), ones(2, 4)]), ShapeError, "cat: along dim=0 all other axes must agree, but the shapes are (2, 3), (2, 4). Reshape or cut the odd one."),
    (lambda: ones(2, 3).view(4, 2), ShapeError, "reshape: (2, 3) has 6 numbers and cannot become (4, 2), which has 8. Give one size as -1 to have it computed."),
    (lambda: ones(2, 3).reshape(4, -1), ShapeError, "reshape: (2, 3) has 6 numbers and cannot become (4, -1), which leaves no whole size for -1. Give one size as -1 to have it computed."),
    (lambda: ones(2, 3).expand(3, 3), ShapeError, "broadcast_to: (2, 3) cannot be stretched to (3, 3): only axes of size 1 can."),
    (lambda: ones(2, 3).permute(0), ShapeError, "transpose: axes don't match array; the shape is (2, 3)."),
    (lambda: dlcore.einsum("ij,jk->ik", ones(2, 3), ones(2, 3)), ShapeError, "einsum: 'ij,jk->ik': the axis j is 3 in one tensor and 2 in another."),
    (lambda: dlcore.einsum("ij->i", ones(2)), ShapeError, "einsum: 'ij->i': 'ij' names 2 axes, but the shape is (2,)."),
    (lambda: dlcore.einsum("ij->k", ones(2, 2)), ShapeError, "einsum: einstein sum subscripts string included output subscript 'k' which never appeared in an input; the shape is (2, 2)."),
    (lambda: ones(3).sum(dim=2), IndexError, "sum: dim=2 is no axis of shape (3,): expected -1 … 0"),
    (lambda: ones(2, 3).mean(-3), IndexError, "mean: dim=-3 is no axis of shape (2, 3): expected -2 … 1"),
    (lambda: dlcore.stack([ones(3)], 2), IndexError, "stack: dim=2 is no axis of shape (3,): expected -2 … 1"),
    (lambda: dlcore.stack([]), RuntimeError, "cat or stack: expected at least one tensor, but got an empty list."),
    (lambda: ones(3)[5], IndexError, "getitem: index 5 is out of bounds for axis 0 with size 3; the shape is (3,)."),
    (lambda: ones(2, 3).squeeze(5), IndexError, "squeeze: dim=5 is no axis of shape (2, 3): expected -2 … 1"),
    (lambda: ones(2, 3).unsqueeze(4), IndexError, "unsqueeze: dim=4 is no axis of shape (2, 3): expected -3 … 2"),
    (lambda: ones(2, 3).flatten(2), IndexError, "flatten: dim=2 is no axis of shape (2, 3): expected -2 … 1"),
    (lambda: ones(3).triu(), ValueError, "triu: x should have at least 2 axes, rows and columns, but got shape (3,)"),
    (lambda: ones(3).tril(), ValueError, "tril: x should have at least 2 axes, rows and columns, but got shape (3,)"),
    *[
        (lambda name=name: getattr(dlcore.tensor(1.0), name)(0), IndexError, f"{said}: dim=0 is no axis of a single number, shape (); x.unsqueeze(0) gives it one")
        for name, said in [("softmax", "softmax"), ("log_softmax", "log_softmax"), ("cumsum", "cumsum"), ("cumprod", "cumprod"), ("max", "max or min"), ("sort", "argsort")]
    ],
    (lambda: ones(3).clamp(), ValueError, "clamp: give at least one of min and max"),
]  # fmt: skip


@pytest.mark.parametrize(("make", "kind", "message"), WRONG, ids=[message[:40] for _, _, message in WRONG])
def test_what_is_said(make, kind, message):
    with pytest.raises(kind) as error:
        make()
    assert str(error.value) == message


def test_numpy_s_own_words_stay_behind_the_error():
    with pytest.raises(ShapeError) as error:
        ones(2, 3) @ ones(2, 3)
    assert "core dimension" in str(error.value.__cause__)
    with pytest.raises(ValueError) as error:
        ones(3).clamp()
    assert error.value.__cause__ is None and error.value.__context__ is None


def test_numbers_have_one_axis_as_in_torch():
    x = dlcore.tensor(2.0)
    for name in ("sum", "prod", "amax", "logsumexp", "std", "var", "mean", "norm"):
        y = dlcore.tensor(2.0, requires_grad=True)
        z = y.norm(dim=0) if name == "norm" else getattr(y, name)(-1)
        z.backward()
        assert z.shape == y.grad.shape == ()
    assert x.squeeze(0).shape == () and x.unsqueeze(-1).shape == x.unsqueeze(0).shape == x.flatten().shape == (1,)
