"""What PyTorch shows of torch.linalg at its front door too, under older names."""

from typing import Any

from dlcore.tensor import Tensor
from dlcore.torchlike.linalg import (  # type: ignore[attr-defined]
    cholesky,
    det,
    inv,
    matrix_power,
    pinv,
    qr,
    slogdet,
)
from dlcore.torchlike.linalg import svd as _svd  # type: ignore[attr-defined]
from dlcore.torchlike.several import answers

inverse, pinverse = inv, pinv
_Svd = answers("svd", "U", "S", "V")


def svd(input: Tensor, some: bool = True) -> Any:
    """U, S and V of U diag(S) Vᵀ; linalg.svd gives Vᵀ."""
    u, s, v = _svd(input, full_matrices=not some)
    return _Svd(u, s, v.mT)


def logdet(input: Tensor) -> Tensor:
    """The logarithm of the determinant."""
    found: Tensor = slogdet(input).logabsdet
    return found


__all__ = [
    "cholesky", "det", "inverse", "logdet", "matrix_power", "pinverse", "qr", "slogdet", "svd",
]  # fmt: skip
