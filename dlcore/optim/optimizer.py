"""What all optimisers share: groups of parameters, their state, and nothing about how a step is made."""

import math
from collections.abc import Callable, Iterable, Iterator
from functools import wraps
from typing import Any

from dlcore.optim.memory import Memory, recall, remember
from dlcore.tensor import Tensor
from dlcore.tensor.tensor import clear_gradients, quiet


def check(name: str, low: float, high: float = math.inf, **settings: Any) -> dict[str, Any]:
    """Return the settings unless one lies outside [low, high).

    >>> check("SGD", 0, lr=-0.1)
    Traceback (most recent call last):
    ValueError: SGD: lr must be a number in [0, inf), got -0.1.
    """
    for key, value in settings.items():
        if not low <= value < high:
            raise ValueError(f"{name}: {key} must be a number in [{low}, {high}), got {value!r}.")
    return settings


def silent(step: Callable[[Any], None]) -> Callable[..., Any]:
    """Let NumPy not warn during a step: overflow and NaN are numbers like others, as in the rules."""

    @wraps(step)
    def run(optimizer: Any, closure: Callable[[], Any] | None = None) -> Any:
        loss = None if closure is None else closure()  # as in PyTorch: clears the gradients, computes loss and new ones
        quiet.run_nested(step, optimizer)
        return loss

    return run


class Optimizer:
    """Base of the optimisers: who is trained, with which settings, and what is remembered of each.

    Args:
        params: an iterable of parameters, usually `model.parameters()`; or of dictionaries
            `{"params": …, "lr": …}`, one for each group that wants settings of its own.
        defaults: settings of every group that does not set them itself.

    Raises:
        TypeError: if something in `params` is no tensor.
        ValueError: if there are no parameters, or one comes twice.

    Twin: torch.optim.Optimizer.

    >>> from dlcore import nn
    >>> [group["lr"] for group in Optimizer(nn.Linear(2, 1).parameters(), {"lr": 0.1}).param_groups]
    [0.1]
    """

    def __init__(self, params: Iterable[Any], defaults: dict[str, Any]):
        self.defaults = defaults
        self.param_groups: list[dict[str, Any]] = []
        self.memories: list[Memory] = []
        for group in _groups(type(self).__name__, params):
            self.add_param_group(group)

    def add_param_group(self, group: dict[str, Any]) -> None:
        """Train these parameters too, with settings of their own: `{"params": […], "lr": 0.01}`."""
        params = [group["params"]] if isinstance(group["params"], Tensor) else list(group["params"])
        _check_new(type(self).__name__, params, [p for memory in self.memories for p in memory.params])
        self.param_groups.append({**self.defaults, **group, "params": params})
        self.memories.append(Memory(params))

    def __repr__(self) -> str:
        text = f"{type(self).__name__} ("
        for i, group in enumerate(self.param_groups):
            text += f"\nParameter Group {i}\n"
            text += "".join(f"    {key}: {group[key]}\n" for key in sorted(group) if key != "params")
        return text + ")"

    def groups(self) -> Iterator[tuple[dict[str, Any], Memory]]:
        """Yield the settings of every group, and what is remembered of its parameters."""
        return zip(self.param_groups, self.memories, strict=True)

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget the gradients: to be called before every `loss.backward()`, for gradients add up."""
        for memory in self.memories:
            clear_gradients(memory.params, set_to_none)

    def step(self) -> None:
        """Update every parameter that has a gradient, in place."""
        raise NotImplementedError(f"{type(self).__name__} has no step(): write it, or use SGD, RMSprop, Adam, AdamW.")

    @property
    def state(self) -> dict[Tensor, dict[str, Any]]:
        """What is remembered of every parameter that was updated: the number of steps, and arrays in its shape."""
        return {p: recall(m, i) for m in self.memories for i, p in enumerate(m.params) if m.steps[i]}

    def state_dict(self) -> dict[str, Any]:
        """Return all that is needed to go on later: settings, and the state by the parameters' numbers."""
        numbers = {p: i for i, p in enumerate(p for memory in self.memories for p in memory.params)}
        groups = [{**group, "params": [numbers[p] for p in group["params"]]} for group in self.param_groups]
        return {"state": {numbers[p]: state for p, state in self.state.items()}, "param_groups": groups}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on from where `state_dict()` was taken; the state is copied.

        Raises:
            ValueError: if the groups have not the same numbers of parameters.
        """
        _load(self, state_dict["state"], state_dict["param_groups"])


def _groups(name: str, params: Any) -> list[dict[str, Any]]:
    """Return the groups of parameters that an optimiser was given."""
    if isinstance(params, Tensor) or not isinstance(params, Iterable):
        raise TypeError(f"{name}: expected parameters such as model.parameters(), got {type(params).__name__}.")
    members = list(params)
    if not members:
        raise ValueError(f"{name}: there are no parameters to train; has the model any layers with weights?")
    return members if isinstance(members[0], dict) else [{"params": members}]


def _check_new(name: str, params: list[Any], old: list[Tensor]) -> None:
    """Raise an error if something is no tensor, or is trained already."""
    known = {id(p) for p in old}
    for p in params:
        if not isinstance(p, Tensor):
            raise TypeError(f"{name}: expected parameters (tensors), got {type(p).__name__}.")
        if id(p) in known:
            raise ValueError(f"{name}: a parameter of shape {p.array.shape} comes twice and would be updated twice.")
        known.add(id(p))
        if not p.is_leaf:
            raise ValueError(
                f"{name}: a tensor of shape {p.array.shape} is the result of {p.grad_fn}, no leaf, and would never "
                "move. Make it one: w = (0.01 * dlcore.randn(3)).requires_grad_()."
            )


def _load(optimizer: Optimizer, state: dict[int, dict[str, Any]], saved: list[dict[str, Any]]) -> None:
    """Take over settings and state; see `Optimizer.load_state_dict`."""
    ours, theirs = ([len(g["params"]) for g in gs] for gs in (optimizer.param_groups, saved))
    if ours != theirs:
        name = type(optimizer).__name__
        raise ValueError(f"{name}: groups of {ours} parameters cannot take the state of groups of {theirs}.")
    optimizer.memories = [Memory(memory.params) for memory in optimizer.memories]
    for (group, memory), settings in zip(optimizer.groups(), saved, strict=True):
        group.update({**settings, "params": memory.params})
        for i, number in enumerate(settings["params"]):
            if number in state:
                remember(memory, i, state[number])
