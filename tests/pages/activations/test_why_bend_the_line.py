"""The page "Why bend the line": its exercises, its figure, its drawing, and what its table says."""

import functools

import numpy as np
from exercise_tests import held

from dlbook.pages.activations.why_bend_the_line.drawings import CLASS, CUT, HIDDEN, SUMS
from dlbook.pages.activations.why_bend_the_line.exercises import COLLAPSE_MISTAKES, LOCAL_MISTAKES, check, local
from dlbook.pages.activations.why_bend_the_line.experiment import rivals, tasks
from dlbook.pages.activations.why_bend_the_line.figures import TILE, depth_and_bend, once
from dlcore import Tensor, data, manual_seed, nn, no_grad, optim
from dlcore.models import MLP
from dlcore.rng import default_generator, fork_rng
from dlcore.train import accuracy, fit, steps


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


def next_bias_forgotten(layers, x):
    w, b = local(layers, x)
    return w, b - layers[-1][1]


RIGHT = [
    ("2.1a", -2),
    ("2.1a", np.float32(-2)),
    ("2.1b", two),
    ("2.1b", lambda w1, b1, w2, b2: [w2 @ w1, w2 @ b1 + b2]),
    ("2.1c", ([0, -1, -2], [1, -2, 1])),
    ("2.1c", (np.array([-2, -1, 0]), np.array([1, -2, 1]))),
    ("2.1c", np.array([[0, -1, -2], [1, -2, 1]])),
    ("2.1d", local),
    ("2.1d", by_probing),
]
WRONG = [
    ("2.1a", 2, "For (1, 1) that gives 4, more than without the second unit."),
    ("2.1a", -1, "For (1, 1) that gives 1, and 0 is wanted."),
    ("2.1a", [-2], "One number is asked for."),
    ("2.1a", -4, "For (1, 1) that gives −2, and 0 is wanted."),
    ("2.1a", "-2", "expected a number"),
    ("2.1a", np.nan, "a finite number"),
    ("2.1a", -1.999, "0 is wanted"),
    *(("2.1b", wrong, words) for wrong, words in COLLAPSE_MISTAKES),
    ("2.1b", lambda w1, b1, w2, b2: w2 @ w1, "I expected two things, (w, b), and received ndarray."),
    ("2.1b", lambda w1, b1, w2, b2: (w2 @ w1, 0 * b2), "For layers from 3 to 3 to 3, b: expected"),
    ("2.1c", ([0, 1, 2], [1, -2, 1]), "The bias is such a place with its sign turned round."),
    ("2.1c", ([0, -1, -2], [1, -1, 1]), "on the way down, near x = 1.00. Your line's slopes: from 0 on 1, from 1 on 0"),
    ("2.1c", ([0, -1, -2], [1, -1, 0]), "Those are the slopes themselves"),
    ("2.1c", ([0, -1, -2], [1, -2, 0]), "after x = 2 the line does not stay at 0"),
    ("2.1c", ([1, -1, -2], [1, -2, 1]), "before the tent begins"),
    ("2.1c", ([0, -1, -2], [2, -2, 1]), "on the way up"),
    ("2.1c", (0, -1, -2), "I expected two lists"),
    ("2.1c", ([0, -1], [1, -2]), "Three biases and three outer weights"),
    ("2.1c", ([1, -2, 1], [0, -1, -2]), "The two lists are the other way round"),
    ("2.1c", ([0, -1, np.nan], [1, -2, 1]), "not a finite number"),
    ("2.1c", ([0, -3], [1, -2, 1]), "I received shapes (2,) and (3,)"),  # a forgotten comma
    ("2.1c", [(0, 1), (-1, -2), (-2, 1)], "I expected two lists"),
    *(("2.1d", wrong, words) for wrong, words in LOCAL_MISTAKES),
    ("2.1d", next_bias_forgotten, "For a network with sizes [2, 4, 2], b: expected"),
    ("2.1d", lambda layers, x: (local(layers, x)[0].T, local(layers, x)[1]), "w: expected"),
    ("2.1d", lambda layers, x: local(layers, x)[0], "I expected two things, (w, b)"),
    ("2.1d", lambda layers, x: layers[-1], "For a network with sizes [2, 4, 2], w: expected an array of shape (2, 2)"),
]

test_right_answers_pass, test_usual_mistakes_are_named, test_nothing_written_is_not_wrong = held(check, RIGHT, WRONG)


def test_depth_without_a_bend_is_one_line():
    """Linear layers multiply out: the field of a trained deep linear network is a function of one direction."""
    figure = depth_and_bend
    answer = figure(depth=3, activation="none").tables["answer"].values
    logits = np.log(answer / (1 - answer))
    np.testing.assert_allclose(np.diff(logits, n=2, axis=0), 0, atol=1e-4)
    np.testing.assert_allclose(np.diff(logits, n=2, axis=1), 0, atol=1e-4)
    bent = figure(depth=2, activation="ReLU").tables["answer"].values
    assert np.abs(np.diff(bent, n=2, axis=0)).max() > 0.1


def test_without_a_bend_no_unit_has_a_crease():
    """In the pictures of the units: straight slopes without an activation, creases with one."""
    side = TILE.cells
    for activation, bent in (("none", False), ("ReLU", True)):
        tiles = depth_and_bend(depth=3, activation=activation, units=8).tables["units"].values
        rows = tiles.reshape(3 * side, 8, side)  # each stays inside one tile
        assert (np.abs(np.diff(rows, n=2, axis=2)).max() > 0.01) == bent


def test_an_empty_picture_is_explained_where_there_is_one():
    """The figure opens with a unit that is off everywhere."""
    assert "(1 here)" in depth_and_bend().says
    assert "Deeper creases" not in depth_and_bend().says
    assert "empty" not in depth_and_bend(activation="tanh").says


def test_the_pictures_of_the_units_stand_where_their_frames_are():
    frame = depth_and_bend(depth=2, activation="tanh", units=4)
    tiles, side = frame.tables["units"].values, TILE.cells
    drawn = tiles.reshape(3, side, 8, side).max(axis=(1, 3)) > 0  # (layers from below, units)
    framed = np.zeros((3, 8), bool)
    framed[frame.tables["tiles"]["y"].astype(int), frame.tables["tiles"]["x"].astype(int)] = True
    np.testing.assert_array_equal(drawn, framed)


def test_training_for_a_figure_leaves_the_readers_random_numbers_alone():
    manual_seed(7)
    before = default_generator.get_state()
    once("spirals", 1, "tanh", 2, seed=0)
    assert default_generator.get_state() == before


def test_the_drawing_walks_through_the_table_of_the_page():
    np.testing.assert_array_equal(HIDDEN.sum(axis=1), CLASS)  # h₁ + h₂ is exclusive or
    np.testing.assert_array_equal(SUMS.sum(axis=1), 0)  # all on one line
    np.testing.assert_array_equal(HIDDEN.sum(axis=1) > CUT, CLASS == 1)


class Square(nn.Module):
    def forward(self, z):
        return z * z


@functools.cache
def right(task, bend, rate):
    """Share of new examples that a hidden layer of 32 gets right."""
    (x, y), _, (new, new_y) = tasks()[task]
    with fork_rng():
        manual_seed(0)
        model = MLP([x.shape[1], 32, y.max() + 1], activation=bend)
    batches = data.batches(x, y, batch_size=64, generator=0)
    adam = optim.Adam(model.parameters(), lr=rate)
    fit(steps(model, nn.CrossEntropyLoss(), adam, batches, epochs=100 if task == "spirals" else 30))
    with no_grad():
        return accuracy(model(Tensor(new)), new_y)


def test_which_bend_helps_where():
    """What the page says of its table: for whom a straight border will do, whom the square fails, who needs no bend."""
    assert right("spirals", nn.Identity, 0.02) < 0.65 and right("spirals", Square, 0.02) < 0.65
    assert right("spirals", nn.ReLU, 0.02) > 0.95
    assert right("digits", nn.Identity, 0.02) < 0.4 < 0.6 < min(right("digits", b, 0.02) for b in (Square, nn.ReLU))
    assert abs(right("tumours", nn.Identity, 0.02) - right("tumours", nn.ReLU, 0.02)) < 0.03
    for task in ("spirals", "digits"):  # and the methods without layers are not beaten there
        assert min(rivals(task).values()) >= max(right(task, b, 0.02) for b in (Square, nn.ReLU))


def test_a_square_draws_a_border_of_second_degree():
    """Six monomials of the inputs fit whatever a layer of squares answers: no training can make it a spiral."""
    rng = np.random.default_rng(0)
    x, w, b, v = rng.normal(size=(50, 2)), rng.normal(size=(32, 2)), rng.normal(size=32), rng.normal(size=32)
    answer = (x @ w.T + b) ** 2 @ v
    monomials = np.stack([np.ones(50), *x.T, *(x**2).T, x[:, 0] * x[:, 1]], axis=1)
    left = answer - monomials @ np.linalg.lstsq(monomials, answer, rcond=None)[0]
    assert np.abs(left).max() < 1e-9 * np.abs(answer).max()
