"""What an author writes under a Predict box, and what she is told when it is not whole."""

import pytest

from dlbook.page.guesses import guesses, page_name, reading_order


def fold(title, text, said=""):
    return f"<details{said}><summary>{title}</summary>\n\n{text}\n\n</details>"


def box(*folds, question="What comes?"):
    return f"Before.\n\n> **Predict.** {question}\n\n" + "\n".join(folds) + "\n\nAfter."


A, B = fold("A. Rain", "It is dry."), fold("B. Sun", "Right. See for yourself.")
NUMBER = ' data-guess="number" data-answer="-2.5" data-within="1.1"'


def test_a_choice():
    [guess] = guesses(box(A, B, question="What\n> comes?"))
    assert (guess.question, guess.kind, guess.answer) == ("What\n comes?", "choice", "B")
    assert [fold.title for fold in guess.folds] == ["A. Rain", "B. Sun"] and guess.faults() == []


def test_a_number_and_what_to_say_to_less_and_more():
    answers = fold("Answer", "Because.", NUMBER), fold("If you said less", "No."), fold("If you said more", "No.")
    [guess] = guesses(box(*answers))
    assert (guess.kind, guess.answer, guess.within, guess.faults()) == ("number", "-2.5", "1.1", [])


def test_a_number_that_the_page_computes_and_free_text():
    for kind in ("number", "text"):
        [guess] = guesses(box(fold("Answer", "See below.", f' data-guess="{kind}"')))
        assert (guess.kind, guess.answer, guess.within, guess.faults()) == (kind, None, "1.25", [])


def test_folds_further_down_are_not_the_box_s():
    first, second = guesses(box(A, B) + "\n\n" + fold("Hint", "Look.") + "\n\n" + box(B, A.replace("A.", "B.")))
    assert len(first.folds) == len(second.folds) == 2


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (box(A, B, question=""), "the box asks nothing"),
        (box(), "expected two options or more, or one answer with data-guess; got 0"),
        (box(B), "expected two options or more, or one answer with data-guess; got 1"),
        (box(A, B.replace("Right.", "Left.")), "one explanation begins with 'Right.', not 0"),
        (box(A.replace("It", "Right. It"), B), "one explanation begins with 'Right.', not 2"),
        (box(B, A), "options are titled 'A. …', 'B. …', not ['B. Sun', 'A. Rain']"),
        (box(A.replace("Rain", "$w_1$"), B), "the title 'A. $w_1$' has a formula or stars"),
        (box(fold("A. Rain", ""), B), "under the fold 'A. Rain' stands no text between empty lines"),
        (box("<details><summary>A. Rain</summary>No.</details>", B), "under the fold 'A. Rain' stands no text"),
        (box(fold("Answer", "So.", ' data-guess="colour"')), 'data-guess is "number" or "text", not \'colour\''),
        (box(fold("Answer", "So.", ' data-guess="number" data-answer="much"')), "data-answer is a number, not 'much'"),
        (box(fold("Answer", "So.", NUMBER.replace("1.1", "0.9"))), "data-within is a factor above 1, not '0.9'"),
        (box(fold("Answer", "So.", NUMBER), B), "expected one fold with the answer, got 2"),
        (box(fold("Answer", "So.", ' data-guess="number"'), fold("If you said less", "No.")), "Say data-answer"),
        (box(fold("Answer", "So.", ' data-guess="text"'), A), "expected one fold with the answer, got 2"),
    ],
)
def test_what_an_author_is_told(text, fault):
    [guess] = guesses(text)
    assert any(fault in found for found in guess.faults()), guess.faults()


def test_a_page_keeps_its_name_when_its_number_changes():
    assert page_name("chapters/3_backprop/1_loss") == page_name("chapters/2_backprop/4_loss") == "backprop/loss"


def test_pages_of_two_digits_stand_behind_those_of_one():
    names = [
        "chapters/4_a/10_last.ipynb",
        "chapters/4_a/9_first.ipynb",
        "chapters/10_z/1_x.ipynb",
        "chapters/4_a/1_a.ipynb",
    ]
    assert [name.split("/", 1)[1] for name in sorted(names, key=reading_order)] == [
        "4_a/1_a.ipynb", "4_a/9_first.ipynb", "4_a/10_last.ipynb", "10_z/1_x.ipynb"]  # fmt: skip
