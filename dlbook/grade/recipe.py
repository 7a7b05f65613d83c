"""Recipes: the texts by which a check tries an answer, and what is there for them."""

import numpy as np


def here(text):
    """The function that a text defines, in a namespace of its own.

    >>> here("def double(x):\\n    return 2 * x")(3)
    6
    """
    space = {"np": np, "__name__": "recipe"}
    exec(text, space)
    return list(space.values())[-1]


def call_of(text, there=here):
    """The function ``call(answer, *inputs)`` of a recipe.

    Beside ``np`` it may use ``there(text)``: a function that lives where the answer lives, for what would take
    thousands of questions to build from afar. It must not judge anything: over there, a student's patches hold.
    """
    space = {"np": np, "there": there, "__name__": "recipe"}
    exec(text, space)
    return space["call"]
