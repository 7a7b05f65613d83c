"""torch.linalg, as far as NumPy answers it: values without slopes, but for norms and products."""

from typing import Any

import numpy as np

from dlcore.tensor import Tensor, wrap
from dlcore.tensor.protocols import plain


def _values(name: str) -> Any:
    function = getattr(np.linalg, name)

    def call(*tensors: Any, **options: Any) -> Any:
        if any(isinstance(x, Tensor) and x.requires_grad for x in tensors):
            raise RuntimeError(
                f"linalg.{name}: dlcore has no slope for it; write x.detach(), or run this with PyTorch."
            )
        found = function(*[plain(x) for x in tensors], **options)
        return tuple([wrap(np.asarray(x)) for x in found]) if isinstance(found, tuple) else wrap(np.asarray(found))

    call.__name__ = name
    return call


NAMES = "cholesky det eigh eigvalsh inv matrix_rank pinv qr slogdet solve svd".split()
globals().update({name: _values(name) for name in NAMES})


def norm(A: Tensor, ord: Any = None, dim: Any = None, keepdim: bool = False) -> Tensor:  # noqa: N803
    """The length of all numbers, or of vectors along axes."""
    return A.norm(2 if ord is None else ord, dim, keepdim)


vector_norm = norm


def matmul(x: Tensor, y: Tensor) -> Tensor:
    """The product of matrices."""
    return x @ y


__all__ = [*NAMES, "matmul", "norm", "vector_norm"]  # noqa: PLE0604
