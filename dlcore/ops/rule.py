"""What a rule is: a plain NumPy function that returns its value and one pullback for each differentiable input.

A pullback answers one question: if the loss changes by `g` for each unit of the value, by how much does it change
for each unit of this input? It takes `g`, shaped like the value, and returns an array shaped like the input.
Four conventions make the engine simple:

* an input that is a number or was broadcast may get its gradient in the broadcast shape: the engine sums it back;
* a pullback returns a new array, or `g` itself, or a view; an array that it keeps it returns as a view, `a[...]`,
  so that the engine knows (by `.base`) that the memory is not its own to write into;
* a pullback never writes into `g`, nor into anything that it keeps: it can be called twice.
* division by zero, overflow and NaN are numbers like others, as in PyTorch: the engine silences NumPy's warnings.
"""

from collections.abc import Callable
from typing import Any, TypeVar

Rule = TypeVar("Rule", bound=Callable[..., Any])

#: Every rule of the library by name. The gradient-check test has one case list per entry.
RULES: dict[str, Callable[..., Any]] = {}


def op(rule: Rule) -> Rule:
    """Put `rule` on the list of rules and leave it as it is.

    >>> import numpy as np
    >>> from dlcore.ops import RULES, tanh
    >>> value, (pullback,) = tanh(np.array([0.0, 1.0]))
    >>> pullback(np.ones(2)).round(2)
    array([1.  , 0.42])
    >>> RULES["tanh"] is tanh
    True
    """
    RULES[rule.__name__] = rule
    return rule


def once(pullback: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Let several pullbacks share work: the answer for the last `g` is kept until another `g` comes.

    The engine calls the pullbacks of one rule one after the other with the same `g`, so the shared part
    (in attention: the gradient of the scores) is computed once instead of once per input.
    """
    last: list[Any] = [None, None]

    def shared(g: Any) -> Any:
        if last[0] is not g:
            last[:] = g, pullback(g)
        return last[1]

    return shared
