"""Page "The perceptron": its exercises, its drawing and hand calculations, what its figures claim, what it measures."""

import itertools

import numpy as np
import pytest
from exercise_tests import held
from notebooks import cells_of, text_of

from dlbook.pages.neurons.the_perceptron import drawings, experiment, figures, rule
from dlbook.pages.neurons.the_perceptron.exercises import (
    BOUND_MISTAKES,
    POCKET_MISTAKES,
    _sets,
    check,
    course,
    guaranteed,
    learned_mean,
)

PAGE = "1_neurons/3_the_perceptron"


def cells():
    return cells_of(PAGE)


def page():
    return text_of(PAGE)


def of_the_page(name):
    """A function that a cell of the page defines."""
    [source] = ["".join(cell["source"]) for cell in cells() if f"\ndef {name}(" in "".join(cell["source"])]
    space = {}
    exec(source, space)
    return space[name]


# Answers -----------------------------------------------------------------------------------------------------------


def bound(x, y, w, b):
    longest = ((x**2).sum(axis=1) + 1).max()
    return longest / (np.abs(x @ w + b).min() / np.sqrt(w @ w + b**2)) ** 2


def with_signs(x, y, w, b):
    one, u = np.c_[x, np.ones(len(x))], np.append(w, b) / np.linalg.norm(np.append(w, b))
    return max(row @ row for row in one) / min((2 * y - 1) * (one @ u)) ** 2


def pocket(x, y, passes, better=lambda few, fewest: few < fewest, start=True):
    w, b = np.zeros(x.shape[1]), 0.0
    best, fewest = (w, b), ((x @ w + b >= 0) != y).sum() if start else len(x)
    for _ in range(passes):
        for row, label in zip(x, y, strict=True):
            error = label - float(row @ w + b >= 0)
            if error != 0:
                w, b = w + error * row, b + error
                misread = ((x @ w + b >= 0) != y).sum()
                if better(misread, fewest):
                    best, fewest = (w, b), misread
    return best


def last(x, y, passes):
    return course(x, y, passes)[-1][:-1], course(x, y, passes)[-1][-1]


def once_a_pass(x, y, passes):
    ends = course(x, y, passes)[:: len(x)]
    best = min(ends, key=lambda w: rule.misread(w, rule.with_one(x), y == 1))
    return best[:-1], best[-1]


def longest_run(x, y, passes):
    """Gallant's own pocket: the weights that were right most often in a row."""
    best, longest, run = None, -1, 0
    for before, after in itertools.pairwise(course(x, y, passes, rests=False)):
        run = run + 1 if (before == after).all() else 0
        if run > longest:
            best, longest = after, run
    return split(best)


def without_copies(x, y, passes):
    w, b = np.zeros(x.shape[1]), 0.0
    best, fewest = (w, b), len(x) + 1
    for _ in range(passes):
        for row, label in zip(x, y, strict=True):
            error = label - float(row @ w + b >= 0)
            w += error * row
            b += error
            misread = ((x @ w + b >= 0) != y).sum()
            if misread < fewest:
                best, fewest = (w, b), misread
    return best


def averaged(x, y, passes, over=1.0, after=True):
    w, b = np.zeros(x.shape[1]), 0.0
    sums = [np.zeros(x.shape[1]), 0.0]
    for _ in range(passes):
        for row, label in zip(x, y, strict=True):
            error = label - float(row @ w + b >= 0)
            before = w, b
            w, b = w + error * row, b + error
            sums = [part + add for part, add in zip(sums, (w, b) if after else before, strict=True)]
    return sums[0] / (over * len(x)), sums[1] / (over * len(x))


def split(w):
    return w[:-1], w[-1]


def mean_of_mistakes(x, y, passes):
    every = course(x, y, passes)
    return split(every[1:][(np.diff(every, axis=0) != 0).any(1)].mean(0))


def after_the_first_pass(x, y, passes):
    """Four passes over exclusive or end as the second: there it looks like the last pass alone."""
    return split(course(x, y, passes, rests=False)[len(x) + 1 :].mean(0))


def where_it_was_right(x, y, passes):
    every = course(x, y, passes, rests=False)
    stayed = (every[1:] == every[:-1]).all(1)
    return split(every[1:][stayed].mean(0)) if stayed.any() else split(0 * every[0])


def learns_from_its_mean(x, y, passes):
    one, w, total = rule.with_one(x), np.zeros(x.shape[1] + 1), np.zeros(x.shape[1] + 1)
    for _ in range(passes):
        for row, label in zip(one, y, strict=True):
            w = w + (label - float(row @ total >= 0)) * row
            total = total + w
    return split(total)


RIGHT = [
    ("1.3a", (3, 1, 1)),
    ("1.3a", [3.0, 1.0, 1.0]),
    ("1.3a", np.array([3, 1, 1])),
    ("1.3b", bound),
    ("1.3b", with_signs),
    ("1.3b", guaranteed),
    ("1.3c", pocket),
    ("1.3c", lambda x, y, passes: pocket(x, y, passes, lambda few, fewest: few <= fewest)),
    ("1.3c", lambda x, y, passes: pocket(x, y, passes, start=False)),
    ("1.3c", lambda x, y, passes: list(pocket(x, y, passes))),
    ("1.3d", averaged),
    ("1.3d", lambda x, y, passes: averaged(x, y, passes, over=passes)),
    ("1.3d", lambda x, y, passes: split(learned_mean(course(x, y, passes)))),
]
WRONG = [
    ("1.3a", (1, -2, 0), "nothing would have changed"),
    ("1.3a", (-1, -5, -1), "You subtracted the inputs."),
    ("1.3a", (3, 1, 0), "The bias learns as well"),
    ("1.3a", (3, 1, -1), "moves the same way"),
    ("1.3a", (2, -6, 1), "You multiplied each weight"),
    ("1.3a", (2, -6, 0), "the products of the weighted sum"),
    ("1.3a", (2, -1, 1), "You added the error alone."),
    ("1.3a", (11, 13, 5), "You took the sum, −4, for the answer."),
    ("1.3a", (-7, -14, -4), "multiplied the inputs by the sum"),
    ("1.3a", (2, 3, 1), "the inputs alone"),
    ("1.3a", (5, 4, 2), "One mistake, one step."),
    ("1.3a", (1, -2, 1), "The bias has learned, the weights have not"),
    ("1.3a", (-2, -3, -1), "the inputs alone, subtracted"),
    ("1.3a", (3, -5, 1), "The second gains its input as well"),
    ("1.3a", (3, 1, -4), "not the sum"),
    ("1.3a", (3, 1, 10), "the sum of this example afterwards"),
    ("1.3a", (2, 3, 0), "the inputs alone"),
    ("1.3a", (-1, -5, 1), "The bias is right."),
    ("1.3a", (3, 1), "Three numbers are asked for"),
    ("1.3a", ((3, 1), 1), "number"),
    ("1.3a", "3, 1, 1", "expected a number"),
    *(("1.3b", wrong, words) for wrong, words in BOUND_MISTAKES),
    ("1.3b", 12, "I expected a function"),
    *(("1.3c", lambda *case, wrong=wrong: split(wrong(*case)), words) for wrong, words in POCKET_MISTAKES),
    ("1.3c", last, "Those are the weights at the end"),
    ("1.3c", once_a_pass, "You looked into the pocket once a pass"),
    ("1.3c", without_copies, "On"),
    ("1.3c", longest_run, "the longest run of right answers"),
    ("1.3c", lambda x, y, passes: (np.zeros(x.shape[1]), 0.0), "still holds the zeros"),
    ("1.3c", lambda x, y, passes: pocket(x, y, passes, lambda few, fewest: few > fewest), "the most of all"),
    ("1.3c", lambda x, y, passes: split(learned_mean(course(x, y, passes))), "That is the mean of the weights."),
    ("1.3c", lambda x, y, passes: pocket(x, y, 1), "Compare after every change"),
    ("1.3c", lambda x, y, passes: pocket(x, 1 - y, passes), "The perceptron never has these weights"),
    ("1.3c", lambda x, y, passes: pocket(x[::-1], y[::-1], passes), "On"),
    ("1.3c", lambda x, y, passes: pocket(x, y, passes)[0], "Return two things"),
    ("1.3c", lambda x, y, passes: pocket(x, y, passes)[::-1], "in this order"),
    ("1.3c", lambda x, y, passes: (*pocket(x, y, passes), 3), "Return two things"),
    ("1.3c", np.zeros(3), "I expected a function"),
    ("1.3d", after_the_first_pass, "You left out the first pass."),
    ("1.3d", where_it_was_right, "only where they were right"),
    ("1.3d", lambda x, y, p: (averaged(x, y, p, p)[0], averaged(x, y, p)[1] * len(x)), "the bias is not"),
    ("1.3d", lambda x, y, p: averaged(x[::-1], y[::-1], p), "You began with the last example."),
    ("1.3d", learns_from_its_mean, "Start from 0, take the examples in their order"),
    ("1.3d", last, "the weights at the end"),
    ("1.3d", mean_of_mistakes, "You averaged over the *mistakes*."),
    ("1.3d", lambda x, y, p: split(course(x, y, p)[len(x) :: len(x)].mean(0)), "You averaged once a pass."),
    ("1.3d", lambda x, y, p: (averaged(x, y, p, p)[0], last(x, y, p)[1]), "the bias is not"),
    ("1.3d", lambda x, y, p: (last(x, y, p)[0], averaged(x, y, p, p)[1]), "the weights are not"),
    ("1.3d", lambda x, y, p: split(course(x, y, p)[-len(x) :].mean(0)), "over the last pass only"),
    ("1.3d", lambda x, y, p: averaged(x, y, 1), "over the first pass only"),
    ("1.3d", lambda x, y, p: averaged(x, y, p, after=False), "*before* each example had its say"),
    ("1.3d", lambda x, y, p: averaged(x, y, p, over=-1), "The sign is turned round"),
    ("1.3d", lambda x, y, p: averaged(x, 1 - y, p), "I expected weights and bias in the proportion"),
    ("1.3d", pocket, "On"),
    ("1.3d", lambda x, y, p: np.append(*averaged(x, y, p)), "Return two things"),
    ("1.3d", lambda x, y, p: averaged(x, y, p)[0][:1], "Return two things"),
    ("1.3d", 0.5, "I expected a function"),
]

test_right_answers_pass, test_usual_mistakes_are_named, test_nothing_written_is_not_wrong = held(check, RIGHT, WRONG)


def test_no_border_parts_the_examples_of_the_checks_and_their_pocket_is_not_where_they_end():
    for name, x, y, passes in _sets():
        assert np.isinf(experiment.most_mistakes(x, y))
        every = course(x, y, passes)
        count = [rule.misread(w, rule.with_one(x), y == 1) for w in every]
        assert min(count) < min(count[0], count[-1]) or name == "the corners of exclusive or"


# By hand -----------------------------------------------------------------------------------------------------------


def test_the_table_by_hand():
    rows = [line for line in page().splitlines() if line[:4] in {f"| {name} " for name in "ABCD"}]
    every = course(rule.MORNINGS, rule.CYCLED, 2)
    assert len(rows) == 8 == len(every) - 1
    for n, line in enumerate(rows):
        k, w = n % 4, every[n]
        x, y = rule.MORNINGS[k], rule.CYCLED[k]
        z = x @ w[:2] + w[2]
        said = line.replace("−", "-").replace("*", "").strip("| ").split(" | ")
        numbers = [float(part) for part in (*said[1:7], said[8])]
        assert numbers == [*x, y, z, float(z >= 0), y - float(z >= 0), every[n + 1][2]]
        assert said[7] == f"({every[n + 1][0]:g}, {every[n + 1][1]:g})".replace("-0,", "0,")


def test_the_page_s_perceptron_makes_the_same_mistakes_as_the_fast_one():
    perceptron = of_the_page("perceptron")
    w, b, mistakes = perceptron(rule.MORNINGS, rule.CYCLED, 10)
    assert (w.tolist(), b, mistakes) == ([2, -1], -1, [1, 2, 0])
    w, b, mistakes = perceptron(rule.MORNINGS[::-1], rule.CYCLED[::-1], 10)
    assert (w.tolist(), b, sum(mistakes)) == ([2, -4], 0, 6)
    for lesson in ("3 or 8", "one label in ten is wrong"):
        x, y, _, _ = experiment.digits(lesson)
        w, b, mistakes = perceptron(x, y, 12)
        run = rule.learn(x, y, 12)
        assert mistakes == run.mistakes
        np.testing.assert_allclose(np.append(w, b), run.last, atol=1e-9)


def test_the_fast_one_averages_and_keeps_a_pocket_as_the_exercises_do():
    for _, x, y, passes in _sets():
        run = rule.learn(x, y, passes)
        w, b = averaged(x, y, passes)
        np.testing.assert_allclose(run.averaged / len(x), np.append(w, b), atol=1e-9)
        np.testing.assert_array_equal(run.pocket, np.append(*pocket(x, y, passes)))


def test_no_order_of_the_mornings_makes_more_than_twelve_mistakes():
    x, y = rule.MORNINGS, rule.CYCLED
    margin, border = experiment.widest(x, y)
    assert margin**2 == pytest.approx(1 / 2)
    np.testing.assert_allclose(border, np.array([1, -1, 0]) / np.sqrt(2), atol=1e-9)
    assert experiment.most_mistakes(x, y) == pytest.approx(12) == guaranteed(x, y, np.array([1, -1]), 0)
    for order in map(list, itertools.permutations(range(4))):
        assert sum(rule.learn(x[order], y[order]).mistakes) <= 12


def test_progress_and_length_are_as_the_proof_says():
    _, w = figures.path(rule.MORNINGS, rule.CYCLED)
    u = np.array([1, -1, 0]) / np.sqrt(2)
    for k in range(len(w)):
        assert k * np.sqrt(1 / 2) - 1e-9 <= w[k] @ u <= np.linalg.norm(w[k]) + 1e-9 <= np.sqrt(6 * k) + 2e-9


def test_the_drawing_tells_the_table_s_mistakes():
    says = drawings.four_mornings.says
    assert len(says) == 4
    for words, told in zip(says[1:], ("about C: 0 + 0 + 0 = 0", "about A: 0 − 1 − 1 = −2", "about C:"), strict=True):
        assert told in words
    assert "the weights become (2, −1), the bias −1. Now all four" in says[-1]


# The bound ---------------------------------------------------------------------------------------------------------


def test_the_widest_margin_is_that_of_a_support_vector_machine():
    from sklearn.svm import LinearSVC

    x, y, _, _ = experiment.digits("3 or 8")
    one = rule.with_one(x)
    border = LinearSVC(C=1e6, loss="hinge", fit_intercept=False, max_iter=10**6, tol=1e-8).fit(one, y).coef_[0]
    theirs = (one @ border * np.where(y, 1, -1)).min() / np.linalg.norm(border)
    assert experiment.widest(x, y)[0] == pytest.approx(theirs, rel=1e-3)


def test_ten_times_as_many_points_make_about_as_many_mistakes():
    few, many = (experiment.counted(n, 0.1, clouds=10)[0].mean() for n in (1000, 10_000))
    assert many < 1.5 * few


def test_a_narrower_margin_makes_more_mistakes_and_never_more_than_the_bound():
    means = []
    for margin in (0.3, 0.1, 0.03, 0.01):
        made, most = experiment.counted(1000, margin, clouds=10)
        assert (made <= most).all()
        means.append(made.mean())
    assert (np.diff(means) > 0).all()


def test_more_points_cost_more_where_a_few_leave_a_wider_gap_than_they_must():
    (few, wide), (many, narrow) = (experiment.counted(n, 0.01, clouds=10) for n in (100, 1000))
    assert many.mean() > 2 * few.mean() and narrow.mean() > 2 * wide.mean()


def test_weights_nudged_at_random_do_worse_than_a_perceptron_on_pixels_and_better_than_where_it_ends_on_two_features():
    assert experiment.nudged("3 or 8").mean() < 95 < experiment.RIVALS["perceptron, as it ends"]("3 or 8").mean()
    assert experiment.nudged("two features").mean() > experiment.RIVALS["perceptron, as it ends"]("two features").mean()


def test_on_exclusive_or_it_goes_round():
    ends = [rule.learn(rule.CORNERS, rule.EITHER, n).last for n in (2, 3, 4, 50)]
    assert all((each == ends[0]).all() for each in ends)
    assert experiment.widest(rule.CORNERS, rule.EITHER)[0] == 0


# What the figures claim --------------------------------------------------------------------------------------------


def test_where_a_line_parts_the_points_it_comes_to_rest_and_elsewhere_not():
    parted = figures.mistake_by_mistake()
    assert "It makes 10 mistakes in all, and no order of the points makes it more than 32." in parted.says
    assert parted.tables["course"]["misread"][-1] == 0
    mixed = figures.mistake_by_mistake(place_1=-0.8, place_2=0.4)
    assert "No line parts these points" in mixed.says and mixed.tables["course"]["misread"][-1] > 0


def test_exclusive_or_repeats_in_the_figure_and_rests_when_its_corner_is_moved():
    sizes = np.reshape(figures.mistake_by_mistake(points="exclusive or").tables["weights"]["size"], (-1, 3))
    np.testing.assert_allclose(sizes[4:], sizes[:-4], atol=1e-9)
    assert "No line" not in figures.mistake_by_mistake(points="exclusive or", place_1=-1.2, place_2=0.4).says


def test_the_picture_of_the_weights_is_made_of_misread_digits():
    x, y, _, _ = experiment.digits("3 or 8")
    for seed in figures.ORDERS.values():
        wrong, w, _ = figures.misread_digits(seed)
        made = (np.where(y, 1, -1)[wrong, None] * rule.with_one(x)[wrong]).sum(0)
        np.testing.assert_allclose(w[-1], made, atol=1e-9)
        assert len(wrong) <= figures.SHOWN
        assert sum(rule.learn(x, y, 50, seed).mistakes) == len(wrong)


def test_at_first_every_mistake_turns_the_score_over_and_the_mean_soon_does_not():
    _, _, new, _ = experiment.digits("3 or 8")
    for order, seed in figures.ORDERS.items():
        _, w, _ = figures.misread_digits(seed)
        eight = [(rule.with_one(new) @ each >= 0).mean() for each in w]
        assert max(np.array(eight[1:9:2]).min(), 0) < 0.1  # after a 3 was taken away nearly nothing is an 8
        score = figures.made_of_mistakes(order=order).tables["score"]
        assert np.ptp(score["right"][5:20]) > 30
        assert score["mean"][14:].min() > 90


# What the page measures, in other orders than the page's ------------------------------------------------------------


@pytest.mark.parametrize("lesson", experiment.LESSONS)
def test_it_rests_where_a_line_parts_the_digits_and_its_mean_is_as_good_as_logistic_regression(lesson):
    x, y, new, answer = experiment.digits(lesson)
    assert len(experiment.draws(lesson)) == (5 if lesson == experiment.WRONG else 1)
    others = [rule.learn(x, y, 30, order) for order in (11, 12, 13)]
    parted = np.isfinite(experiment.most_mistakes(x, y))
    assert parted == (lesson == "3 or 8")
    assert all((run.mistakes[-1] == 0) == parted for run in others)
    assert all(sum(run.mistakes) <= experiment.most_mistakes(x, y) for run in others)
    mean = np.array([rule.right(run.averaged, new, answer) for run in others])
    assert abs(mean.mean() - experiment.logistic(lesson)[0]) < 2.5
    end = np.array([rule.right(run.last, new, answer) for run in others])
    assert np.ptp(mean) <= np.ptp(end) + 1


def test_every_pair_of_digits_is_parted_by_a_line():
    made, most = experiment.every_pair()
    assert len(made) == 45 and np.isfinite(made).all() and (made <= most).all()
