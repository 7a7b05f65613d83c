"""Training as a generator: the loop hands out a record after every step, and whoever consumes it plots, logs or stops.

    for step in steps(model, loss, optimizer, batches(x, y)):
        print(step.loss)

Nothing here knows whether the model is dlcore's or PyTorch's: both answer to the same names.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sized
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(slots=True)
class Step:
    """What one optimisation step did.

    `step` and `epoch` count from 0; `loss` is the batch's, before the update; `size` is the number of examples in the
    batch; `rate` the learning rate that was used; `last` is true at the end of an epoch; `grad_norm` is the length of
    the gradient before clipping, if clipping was asked for; `total` the number of steps there will be, if
    that is known.
    """

    step: int
    epoch: int
    loss: float
    size: int
    rate: float
    last: bool
    grad_norm: float | None = None
    total: int | None = None


def steps(
    model: Any,
    loss: Callable[..., Any],
    optimizer: Any,
    batches: Iterable[Any],
    epochs: int = 1,
    scheduler: Any = None,
    clip: float | None = None,
) -> Iterator[Step]:
    """Train, one batch at a time, and yield a record after each update.

        loss(model(x), y).backward();  optimizer.step();  optimizer.zero_grad()

    Args:
        model: a Module; it is put into training mode at the start of every epoch.
        loss: a function of (output, target) that returns a scalar tensor; it gets all that the model returns.
        optimizer: holds the parameters of the model.
        batches: an iterable of (x, y), gone through once per epoch, such as `data.batches(x, y)`.
        epochs: number of passes; 0 does nothing.
        scheduler: if given, its `step()` is called after every update (not after every epoch).
        clip: if given, gradients are scaled down to this norm where they are longer.

    Yields:
        Step: see there. The model is already updated when the record arrives; stop by leaving the loop.

    Raises:
        ValueError: if `batches` holds no batch, or is used up after the first epoch.
        FloatingPointError: if the loss is not a finite number; the step is not taken, so the model stays as it was.

    Twin: the usual loop of a PyTorch script; works with a torch model, loss and optimiser alike.

    >>> from dlcore import data, nn, optim
    >>> x, y = data.xor(64, generator=0)
    >>> model = nn.Linear(2, 2)
    >>> loop = steps(model, nn.CrossEntropyLoss(), optim.SGD(model.parameters(), lr=0.1), data.batches(x, y), epochs=2)
    >>> [(s.step, s.epoch, s.size, s.last) for s in loop]
    [(0, 0, 32, False), (1, 0, 32, True), (2, 1, 32, False), (3, 1, 32, True)]
    """
    count, total = 0, len(batches) * epochs if isinstance(batches, Sized) else None
    for epoch in range(epochs):
        model.train()
        before = count
        for x, y, last in _flag_last(batches):
            value = loss(model(x), y)
            record = Step(
                count, epoch, _finite(float(value.item()), count), len(x), _rate(optimizer), last, None, total
            )
            record.grad_norm = _update(value, model, optimizer, scheduler, clip)
            count += 1
            yield record
        if count == before:
            raise ValueError(
                f"steps: epoch {epoch} has no batches. A generator can be used only once: pass something that can be "
                "iterated again, such as data.batches(x, y) or a list."
            )


def _update(value: Any, model: Any, optimizer: Any, scheduler: Any, clip: float | None) -> float | None:
    """Backward and one step; returns the length of the gradient if it was asked to clip it."""
    optimizer.zero_grad()
    value.backward()
    norm = None if clip is None else float(clip_gradients(model, clip))
    optimizer.step()
    if scheduler is not None:
        scheduler.step()
    return norm


def evaluate(
    model: Any, batches: Iterable[Any], metrics: Mapping[str, Callable[..., Any]] | Callable[..., Any]
) -> dict[str, float]:
    """Measure a model on data it does not learn from: evaluation mode, no gradients, mode restored afterwards.

    Args:
        model: a Module; of several results, such as those of a recurrent network, the first counts.
        batches: an iterable of (x, y); all outputs are gathered first, so a metric sees the whole set at once.
        metrics: name -> function of (outputs, targets) as NumPy arrays or tensors; one function alone is called "loss".

    Returns:
        name -> float.

    Raises:
        ValueError: if `batches` is empty.

    >>> from dlcore import data, nn
    >>> evaluate(nn.Linear(2, 2), data.batches(*data.xor(8)), {"size": lambda output, target: len(output)})
    {'size': 8.0}
    """
    if callable(metrics):
        metrics = {"loss": metrics}
    was_training = model.training
    model.eval()
    with library(model).no_grad():
        pairs = [(_array(first(model(x))), _array(y)) for x, y in batches]
    model.train(was_training)
    if not pairs:
        raise ValueError("evaluate: there are no batches to measure on.")
    wrap = library(model).tensor
    output, target = (wrap(np.concatenate(part)) for part in zip(*pairs, strict=True))
    return {name: float(metric(output, target)) for name, metric in metrics.items()}


def first(output: Any) -> Any:
    """A model's output; of several results, the first."""
    return output[0] if isinstance(output, tuple) else output


def library(model: Any) -> Any:
    """The package a model is made of, `dlcore` or `torch`, found by where its first parameter comes from."""
    for parameter in model.parameters():
        return sys.modules[type(parameter).__module__.partition(".")[0]]
    return sys.modules[__name__.partition(".")[0]]


def clip_gradients(model: Any, limit: float) -> Any:
    """Scale the gradients down to a total norm of `limit`; returns the norm before."""
    return library(model).nn.utils.clip_grad_norm_(model.parameters(), limit)


def _array(x: Any) -> np.ndarray:
    return np.asarray(x.detach().numpy() if hasattr(x, "detach") else x)


def _rate(optimizer: Any) -> float:
    return float(optimizer.param_groups[0]["lr"])


def _finite(loss: float, step: int) -> float:
    if not np.isfinite(loss):
        raise FloatingPointError(
            f"steps: the loss is {loss} at step {step}. Usual causes: a learning rate that is too large, inputs that "
            "are not standardised or hold NaN, a logarithm of 0. The model is as it was before this step."
        )
    return loss


def _flag_last(batches: Iterable[Any]) -> Iterator[tuple[Any, Any, bool]]:
    """(x, y, is this the last batch?), by looking one batch ahead."""
    waiting = None
    for batch in batches:
        if waiting is not None:
            yield (*waiting, False)
        waiting = batch
    if waiting is not None:
        yield (*waiting, True)
