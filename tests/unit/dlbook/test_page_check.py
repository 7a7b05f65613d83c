"""check(...): never raises, names the mistake, tells an untouched skeleton from a wrong answer."""

import numpy as np
import pytest

from dlbook.page.exercises import Exercises, Mistake, NotYet, as_array, call, same


def try_out(checking):
    """A page with this one check; what it says to an answer."""
    check = Exercises()
    check.exercise("9.9z")(checking)
    return lambda answer: check.judge("9.9z", answer)


def double(function):
    for x in (np.array([1.0, 2.0]), np.array([3.0])):
        same(call(function, x), 2 * x, f"For x = {x}", [(x, "Nothing was doubled."), (x * x, "You squared it.")])


def untouched_with_dots(x):
    """Return twice x."""
    ...


def untouched_with_pass(x):
    pass


def untouched_not_implemented(x):
    raise NotImplementedError


def forgot_to_return(x):
    x = 2 * x


def stops(x):
    y = 2 * x
    return y[10]


def changes_its_input(x):
    x *= 2
    return x


def test_a_right_answer_passes_and_praise_is_shown():
    result = try_out(lambda answer: "Well reasoned.")(3)
    assert result.passed and bool(result) and result.message == "Well reasoned."
    assert try_out(double)(lambda x: x + x).passed


@pytest.mark.parametrize(
    "answer", [None, ..., untouched_with_dots, untouched_with_pass, untouched_not_implemented, forgot_to_return]
)
def test_an_untouched_skeleton_is_not_yet_right_and_not_red(answer):
    result = try_out(double)(answer)
    assert result.status == "not yet" and not result.passed
    assert "dl-check-not-yet" in result.bundle()["text/html"]


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (lambda x: x, "Nothing was doubled."),
        (lambda x: x * x, "You squared it."),
        (lambda x: 2 * x + 1, r"For x = [1. 2.]: expected [2., 4.], received [3., 5.]."),
        (lambda x: 2.0, "For x = [1. 2.]: expected an array of shape (2,), received a single number."),
        (lambda x: 2 * x[:, None], "expected an array of shape (2,), received an array of shape (2, 1)."),
        (lambda x: x * np.nan, "there is a division by zero or an overflow on the way"),
        (lambda x: "4", "expected a number, received str ('4')."),
        (lambda x: [[1], [1, 2]], "expected numbers, received a list whose rows differ in length."),
        (lambda x: print, "expected a number, received a function. Call it"),
        (lambda: 2, "I could not call your function: `TypeError"),
        (7, "I expected a function and received a value of type int."),
        (stops, "Your function stopped at its line 3, `return y[10]`,\nwith `IndexError: index 10"),
        (changes_its_input, "Your function changes the array that it is given."),
    ],
)
def test_a_wrong_answer_is_named(answer, said):
    result = try_out(double)(answer)
    assert result.status == "not right"
    assert said in result.message


def test_the_answer_cannot_spoil_the_next_trial():
    seen = []

    def watching(function):
        x = np.ones(2)
        with pytest.raises(Mistake):
            call(function, x)
        seen.append(x.tolist())

    try_out(watching)(changes_its_input)
    assert seen == [[1.0, 1.0]]


def test_leaving_the_program_is_a_mistake_and_an_interrupt_is_not():
    def leaves(x):
        raise SystemExit(3)

    def interrupted(x):
        raise KeyboardInterrupt

    assert "SystemExit: 3" in try_out(double)(leaves).message
    with pytest.raises(KeyboardInterrupt):
        try_out(double)(interrupted)


def test_a_defect_of_the_check_is_not_blamed_on_the_answer():
    def broken(answer):
        return 1 / 0

    result = try_out(broken)(3)
    assert result.status == "broken" and "ZeroDivisionError" in result.message and "in broken, line" in result.message


def test_an_unknown_exercise_names_its_neighbours():
    check = Exercises()
    for name in ("1.2b", "1.2a"):
        check.exercise(name)(double)
    assert check.judge("1.2z", 3).message == "There is no exercise of that name. Did you mean 1.2a or 1.2b?"


def test_two_checks_of_one_name_are_refused():
    check = Exercises()
    check.exercise("9.9z")(double)
    with pytest.raises(ValueError, match=r"exercise\('9.9z'\): already checked by double"):
        check.exercise("9.9z")(stops)


def test_tensors_and_lists_count_as_arrays():
    class TensorLike:
        def detach(self):
            return self

        def numpy(self):
            return np.array([1.0, 2.0], dtype=np.float32)

    assert as_array(TensorLike(), "x").tolist() == as_array([1, 2], "x").tolist() == [1.0, 2.0]


def test_a_value_may_be_kept_secret():
    with pytest.raises(Mistake, match=r"^The bias: received 3\.$"):
        same(3, 4, "The bias", show=False)


def test_not_yet_from_within_a_check():
    def later(answer):
        raise NotYet("Do 9.9a first.")

    assert try_out(later)(3).message == "Do 9.9a first."


def test_check_shows_the_box_once(capsys):
    check = Exercises()
    check.exercise("1.2a")(double)
    result = check("1.2a", ...)
    assert capsys.readouterr().out == f"{result!r}\n"
    assert repr(result).startswith("1.2a: Not yet. Replace the ...")
    assert "status" in result.bundle()["text/html"]
