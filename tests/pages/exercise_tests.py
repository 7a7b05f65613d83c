"""What the exercises of every page are held to. A page's test file has its answers, and one line:

test_right_answers_pass, test_usual_mistakes_are_named, test_nothing_written_is_not_wrong = held(check, RIGHT, WRONG)
"""

from collections.abc import Callable
from typing import NamedTuple

import pytest


class Made(NamedTuple):
    """An answer that is made when it is judged: where the page has no PyTorch, only this one answer is passed over."""

    make: Callable


def untouched(*inputs, **options): ...


def given(answer):
    return answer.make() if isinstance(answer, Made) else answer


def held(check, right, wrong):
    """Make the three tests of a page's exercises.

    Args:
        check: the exercises of the page.
        right: pairs (exercise, an answer that must pass), at least one for each exercise. An answer that is a tensor or
            a module of PyTorch is `Made(lambda: torch.tensor(2.5))`: these tables are read inside the page too.
        wrong: triples (exercise, an answer that must not, words that the message about it must hold).
    """
    exercises = sorted({exercise for exercise, _ in right})
    functions = sorted({exercise for exercise, answer in right if callable(answer)})
    empty = [(exercise, ...) for exercise in exercises] + [(exercise, untouched) for exercise in functions]

    @pytest.mark.parametrize(("exercise", "answer"), right)
    def test_right_answers_pass(exercise, answer):
        result = check.judge(exercise, given(answer))
        assert result.passed, result.message

    @pytest.mark.parametrize(("exercise", "answer", "words"), wrong)
    def test_usual_mistakes_are_named(exercise, answer, words):
        result = check.judge(exercise, given(answer))
        assert result.status == "not right", result
        assert words in result.message, result.message

    @pytest.mark.parametrize(("exercise", "nothing"), empty)
    def test_nothing_written_is_not_wrong(exercise, nothing):
        assert check.judge(exercise, nothing).status == "not yet", check.judge(exercise, nothing)

    return test_right_answers_pass, test_usual_mistakes_are_named, test_nothing_written_is_not_wrong
