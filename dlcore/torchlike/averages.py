"""torch.optim.swa_utils: weights averaged over steps."""

from collections.abc import Callable
from copy import deepcopy
from typing import Any

from dlcore.nn.module import Module
from dlcore.tensor import no_grad


class AveragedModel(Module):
    """A copy of a model whose parameters are means of those that were shown. Source: Izmailov et al. (2018)."""

    def __init__(self, model: Module, device: Any = None, avg_fn: Any = None, multi_avg_fn: Any = None):
        super().__init__()
        self.module, self.n_averaged = deepcopy(model), 0
        self.avg_fn = multi_avg_fn or avg_fn or (lambda mean, new, n: mean + (new - mean) / (n + 1))

    def forward(self, *args: Any, **named: Any) -> Any:
        return self.module(*args, **named)

    @no_grad()
    def update_parameters(self, model: Module) -> None:
        """Take the parameters of this moment into the means."""
        for mean, new in zip(self.module.parameters(), model.parameters(), strict=True):
            mean.copy_(self.avg_fn(mean, new, self.n_averaged) if self.n_averaged else new)
        self.n_averaged += 1


def get_ema_multi_avg_fn(decay: float = 0.999) -> Callable[..., Any]:
    """Means that forget: decay · mean + (1 - decay) · new."""
    return lambda mean, new, n: decay * mean + (1 - decay) * new


get_ema_avg_fn = get_ema_multi_avg_fn

__all__ = ["AveragedModel", "get_ema_avg_fn", "get_ema_multi_avg_fn"]
