"""The methods of a tensor as functions: torch.exp(x) beside x.exp()."""

from typing import Any

from dlcore import ops as _rules
from dlcore.tensor.tensor import Tensor

_METHODS = """
abs all allclose amax amin any argmax argmin argsort ceil chunk clamp clip clone cos cumprod cumsum equal exp flatten
flip floor gather index_select isfinite isinf isnan log log1p log_softmax logsumexp masked_fill masked_select matmul
max mean min nonzero norm numel permute pow prod reciprocal relu repeat_interleave reshape roll round rsqrt scatter
sigmoid sign sin softmax sort split sqrt square squeeze std sum swapaxes t tanh topk transpose tril triu unbind
unsqueeze var
""".split()


def _function(name: str) -> Any:
    method = getattr(Tensor, name)

    def function(input: Tensor, *args: Any, out: Tensor | None = None, **kwargs: Any) -> Any:
        if not isinstance(input, Tensor):
            raise TypeError(f"{name}: expected a tensor, but got {type(input).__name__}. Write dlcore.tensor(…)")
        y = getattr(input, name)(*args, **kwargs)
        return y if out is None else out.copy_(y)

    function.__name__ = function.__qualname__ = name
    function.__doc__ = method.__doc__ or f"The same as x.{name}(…)."
    return function


globals().update({name: _function(name) for name in _METHODS})


def maximum(x: Tensor, y: Tensor) -> Tensor:
    """The larger of two numbers, place by place."""
    return x.binary(_rules.maximum, x, y)


def minimum(x: Tensor, y: Tensor) -> Tensor:
    """The smaller of two numbers, place by place."""
    return x.binary(_rules.minimum, x, y)


def is_tensor(x: object) -> bool:
    """Whether x is a tensor."""
    return isinstance(x, Tensor)


__all__ = [*_METHODS, "maximum", "minimum", "is_tensor"]  # noqa: PLE0604
