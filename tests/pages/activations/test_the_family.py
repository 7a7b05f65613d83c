"""Page "The family": its exercises, its drawings, what its figures claim, and what its networks do."""

import json
import math
from pathlib import Path

import numpy as np
import pytest
from exercise_tests import held

from dlbook.pages.activations.the_family import drawings, experiment, figures
from dlbook.pages.activations.the_family.exercises import (
    DEAD_MISTAKES,
    GATED_MISTAKES,
    LEAKY_MISTAKES,
    STEEP_MISTAKES,
    check,
    dead,
    gated,
    leaky,
    steep,
)

PAGE = Path(__file__).parents[3] / "chapters/2_activations/2_the_family.ipynb"


def page():
    return " ".join("".join(cell["source"]) for cell in json.loads(PAGE.read_text("utf-8"))["cells"])


# Answers -----------------------------------------------------------------------------------------------------------


def leaky_by_maximum(z, leak):
    return np.maximum(z, leak * z), (z > 0) + leak * (z <= 0)


def leaky_one_by_one(z, leak):
    answer = np.array([one if one > 0 else leak * one for one in z.ravel()]).reshape(z.shape)
    return answer, np.array([1.0 if one > 0 else leak for one in z.ravel()]).reshape(z.shape)


def leaky_with_if(z, leak):
    return (z, 1.0) if z > 0 else (leak * z, leak)


def leaky_in_place(z, leak):
    z[z < 0] *= leak
    return z, np.where(z > 0, 1.0, leak)


def steep_as_on_the_page(z, k):
    a = 1 / (1 + np.exp(-k * z))
    return a, k * a * (1 - a)


def steep_that_overflows(z, k):
    a = np.exp(k * z) / (1 + np.exp(k * z))
    return a, k * a * (1 - a)


def gated_as_on_the_page(z, gate, slope):
    return z * gate(z), gate(z) + z * slope(z)


def dead_after_bending(z):
    a = np.maximum(z, 0)
    return (a.max(0) == 0).mean()


def dead_one_by_one(z):
    return sum(all(v <= 0 for v in column) for column in z.T) / z.shape[1]


RIGHT = [
    ("2.2a", 0.25**10),
    ("2.2a", 9.5e-7),
    ("2.2a", 1e-6),
    ("2.2a", 1 / 4**10),
    ("2.2b", leaky),
    ("2.2b", leaky_by_maximum),
    ("2.2b", leaky_one_by_one),
    ("2.2b", lambda z, leak: list(leaky(z, leak))),
    ("2.2c", steep),
    ("2.2c", steep_as_on_the_page),
    ("2.2d", gated),
    ("2.2d", gated_as_on_the_page),
    ("2.2e", dead),
    ("2.2e", dead_after_bending),
    ("2.2e", dead_one_by_one),
    ("2.2e", lambda z: 1 - (z > 0).any(0).mean()),
]
WRONG = [
    ("2.2a", 0.25, "a single sigmoid"),
    ("2.2a", 2.5, "multiply"),
    ("2.2a", 0.025, "multiply"),
    ("2.2a", 0.25**9, "nine in a row"),
    ("2.2a", 0.25**11, "eleven in a row"),
    ("2.2a", 0.5**10, "with a half each time"),
    ("2.2a", 0.1**10, "of the largest slope"),
    ("2.2a", 10**0.25, "the other way round"),
    ("2.2a", 10**-0.25, "the other way round"),
    ("2.2a", 4**10, "*shrinks*"),
    ("2.2a", 1, "a ReLU that is on"),
    ("2.2a", 0, "not 0"),
    ("2.2a", 0.1966**10, "slope at the sum 1"),
    ("2.2a", [0.25] * 10, "One number is asked for."),
    ("2.2a", "1/4", "expected a number"),
    *(("2.2b", wrong, words) for wrong, words in LEAKY_MISTAKES),
    ("2.2b", leaky_with_if, "`np.where(z > 0, …, …)`"),
    ("2.2b", leaky_in_place, "changes the array"),
    ("2.2b", lambda z, leak: leaky(z, leak)[0], "Return two things"),
    ("2.2b", lambda z, leak: leaky(z, leak)[::-1], "the other way round"),
    ("2.2b", lambda z, leak: (leaky(z, leak)[0], 1.0), "The slope has shape ()"),
    ("2.2b", lambda z, leak: (max(0.0, z.max()), leaky(z, leak)[1]), "`max`"),
    ("2.2b", 0.1, "I expected a function"),
    *(("2.2c", wrong, words) for wrong, words in STEEP_MISTAKES),
    ("2.2c", steep_that_overflows, "infinity divided by itself"),
    ("2.2c", lambda z, k: steep(z, k)[0], "Return two things"),
    ("2.2c", lambda z, k: steep(z, k)[::-1], "the other way round"),
    ("2.2c", lambda z: steep(z, 1.0), "I could not call your function"),
    ("2.2c", 0.731, "I expected a function"),
    *(("2.2d", wrong, words) for wrong, words in GATED_MISTAKES),
    ("2.2d", lambda z, f, d: z * f, "Your function stopped"),
    ("2.2d", lambda z, f, d: z * f(z), "Return two things"),
    ("2.2d", lambda z, f, d: gated(z, f, d)[::-1], "the other way round"),
    ("2.2d", "SiLU", "I expected a function"),
    *(("2.2e", wrong, words) for wrong, words in DEAD_MISTAKES),
    ("2.2e", lambda z: (z <= 0).all(0), "a list, one entry a unit"),
    ("2.2e", lambda z: (z == 0).all(0).mean(), "*before* the ReLU"),
    ("2.2e", lambda z: float((z <= 0).all()), "each column is asked by itself"),
    ("2.2e", lambda z: (z > 0).all(0).mean(), "I received 0"),
    ("2.2e", lambda z: 0.25 + 0.5 * dead(z), "expected"),
    ("2.2e", 0.1, "I expected a function"),
]

test_right_answers_pass, test_usual_mistakes_are_named, test_nothing_written_is_not_wrong = held(check, RIGHT, WRONG)
