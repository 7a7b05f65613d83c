"""Exercises of the page "Why bend the line": right answers pass, each usual mistake is named in its own words."""

import numpy as np
from exercise_tests import held

from dlbook.pages.activations.why_bend_the_line.exercises import COLLAPSE_MISTAKES, check, local
from dlbook.pages.activations.why_bend_the_line.figures import depth_and_bend, trained
from dlcore import manual_seed
from dlcore.rng import default_generator


def two(w1, b1, w2, b2):
    return w2 @ w1, w2 @ b1 + b2


def by_probing(layers, x):
    """The piece measured from outside: slopes by small steps, then what is left over."""

    def network(x):
        for w, b in layers[:-1]:
            x = np.maximum(w @ x + b, 0)
        return layers[-1][0] @ x + layers[-1][1]

    eye = np.eye(len(x)) * 1e-6
    w = np.stack([(network(x + e) - network(x - e)) / 2e-6 for e in eye], axis=1)
    return w.round(7), (network(x) - w @ x).round(7)


def bias_kept(layers, x):
    w = local(layers, x)[0]
    return w, sum(b.sum() for _, b in layers) + np.zeros(len(w))


RIGHT = [
    ("2.1a", -2),
    ("2.1a", np.float32(-2)),
    ("2.1b", two),
    ("2.1b", lambda w1, b1, w2, b2: [w2 @ w1, w2 @ b1 + b2]),
    ("2.1c", ([0, -1, -2], [1, -2, 1])),
    ("2.1c", (np.array([-2, -1, 0]), np.array([1, -2, 1]))),
    ("2.1d", local),
    ("2.1d", by_probing),
]
WRONG = [
    ("2.1a", 2, "For (1, 1) that gives 4, more than without the second unit."),
    ("2.1a", -1, "For (1, 1) that gives 1, and 0 is wanted."),
    ("2.1a", [-2], "One number is asked for."),
    *(("2.1b", wrong, words) for wrong, words in COLLAPSE_MISTAKES),
    ("2.1b", lambda w1, b1, w2, b2: w2 @ w1, "I expected two things, (w, b), and received ndarray."),
    ("2.1b", lambda w1, b1, w2, b2: (w2 @ w1, 0 * b2), "For layers from 3 to 3 to 3, b: expected"),
    ("2.1c", ([0, 1, 2], [1, -2, 1]), "The bias is such a place with its sign turned round."),
    ("2.1c", ([0, -1, -2], [1, -1, 0]), "on the way down, near x = 1.00. Your line's slopes: from 0 on 1, from 1 on 0"),
    ("2.1c", ([0, -1, -2], [1, -2, 0]), "after x = 2 the line does not stay at 0"),
    ("2.1c", ([1, -1, -2], [1, -2, 1]), "before the tent begins"),
    ("2.1c", ([0, -1, -2], [2, -2, 1]), "on the way up"),
    ("2.1c", (0, -1, -2), "I expected two lists"),
    ("2.1c", ([0, -1], [1, -2]), "Three biases and three outer weights"),
    ("2.1d", lambda layers, x: local(layers, x, lambda z: z > -np.inf), "without any bend"),
    ("2.1d", lambda layers, x: local(layers, x, lambda z: z < 0), "You keep the units that are off"),
    ("2.1d", bias_kept, "w is right, but not b: a unit that is off loses its bias too."),
    ("2.1d", lambda layers, x: layers[-1], "For a network with sizes [2, 4, 1], w: expected an array of shape (1, 2)"),
]

test_right_answers_pass, test_usual_mistakes_are_named, test_nothing_written_is_not_wrong = held(check, RIGHT, WRONG)


def test_depth_without_a_bend_is_one_line():
    """Linear layers multiply out: the field of a trained deep linear network is a function of one direction."""
    figure = depth_and_bend
    answer = figure(depth=4, activation="none").tables["answer"].values
    logits = np.log(answer / (1 - answer))
    np.testing.assert_allclose(np.diff(logits, n=2, axis=0), 0, atol=1e-4)
    np.testing.assert_allclose(np.diff(logits, n=2, axis=1), 0, atol=1e-4)
    bent = figure(depth=2, activation="ReLU").tables["answer"].values
    assert np.abs(np.diff(bent, n=2, axis=0)).max() > 0.1


def test_training_for_a_figure_leaves_the_readers_random_numbers_alone():
    manual_seed(7)
    before = default_generator.get_state()
    trained.__wrapped__(1, "tanh", 2)
    assert default_generator.get_state() == before
