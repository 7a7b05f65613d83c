"""torch.linalg, as far as NumPy answers it: values without slopes, but for norms and products."""

from typing import Any

import numpy as np

from dlcore.tensor import Tensor, wrap
from dlcore.tensor.protocols import plain
from dlcore.torchlike.several import answers


def _values(name: str) -> Any:
    function = getattr(np.linalg, name)

    def call(*tensors: Any, **options: Any) -> Any:
        if any(isinstance(x, Tensor) and x.requires_grad for x in tensors):
            raise RuntimeError(
                f"linalg.{name}: dlcore has no slope for it; write x.detach(), or run this with PyTorch."
            )
        found = function(*[plain(x) for x in tensors], **options)
        if not isinstance(found, tuple | list):
            return wrap(np.asarray(found))
        kind = answers(f"linalg_{name}", *NAMED[name])
        return kind(*[wrap(np.asarray(x)) for x in found])

    call.__name__ = name
    return call


#: What the answers are called, where there are several.
NAMED = {
    "eigh": ("eigenvalues", "eigenvectors"), "qr": ("Q", "R"), "slogdet": ("sign", "logabsdet"),
    "svd": ("U", "S", "Vh"), "lstsq": ("solution", "residuals", "rank", "singular_values"),
}  # fmt: skip
NAMES = "cholesky det eigh eigvalsh inv lstsq matrix_power matrix_rank pinv qr slogdet solve svd".split()
globals().update({name: _values(name) for name in NAMES})


def norm(A: Tensor, ord: Any = None, dim: Any = None, keepdim: bool = False) -> Tensor:  # noqa: N803
    """The length of all numbers, or of vectors along axes."""
    return A.norm(2 if ord is None else ord, dim, keepdim)


vector_norm = norm


def matrix_norm(A: Tensor, ord: Any = "fro", dim: Any = (-2, -1), keepdim: bool = False) -> Tensor:  # noqa: N803
    """The length of all numbers of each matrix."""
    if ord != "fro":
        raise ValueError(f'matrix_norm: ord should be "fro" here, but got {ord!r}; write linalg.svd(A).S.max().')
    return A.norm(2, dim, keepdim)


def matmul(x: Tensor, y: Tensor) -> Tensor:
    """The product of matrices."""
    return x @ y


__all__ = [*NAMES, "matmul", "matrix_norm", "norm", "vector_norm"]  # noqa: PLE0604
