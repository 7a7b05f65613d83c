"""Page "What depth buys": its exercises, its folds and prices, what its networks and its figures claim."""

import numpy as np
import pytest
from exercise_tests import held
from notebooks import cells_of, text_of

from dlbook.pages.neurons.what_depth_buys import drawings, experiment, figures, folds, seen
from dlbook.pages.neurons.what_depth_buys.exercises import (
    PIECES_MISTAKES,
    RESIDUAL_MISTAKES,
    check,
    counted,
    shortcut,
)
from dlcore import Tensor, no_grad

PAGE = "1_neurons/5_what_depth_buys"


# Answers -----------------------------------------------------------------------------------------------------------


def in_one_pass(layers, line):
    """Counts while it goes along, without NumPy's any."""
    on = folds.switches(layers, line).tolist()
    return sum(a != b for a, b in zip(on, on[1:], strict=False)) + 1


def adds(layers, x):
    h = x @ layers[0][0].T + layers[0][1]
    for weight, bias in layers[1:-1]:
        h += h.clip(0) @ weight.T + bias
    return h.clip(0) @ layers[-1][0].T + layers[-1][1]


THIRDS = ([0, -1 / 3, -2 / 3], [3, -6, 6])

RIGHT = [
    ("1.5a", 37),
    ("1.5a", 6 * 6 + 1),
    ("1.5a", np.array(37.0)),
    ("1.5b", THIRDS),
    ("1.5b", [list(part) for part in THIRDS]),
    ("1.5b", np.array(THIRDS)),
    ("1.5b", ([-2 / 3, 0, -1 / 3], [6, 3, -6])),
    ("1.5b", ([0, -0.333, -0.667], [3, -6, 6])),
    ("1.5b", (np.array(THIRDS[0]), THIRDS[1])),
    ("1.5c", counted),
    ("1.5c", in_one_pass),
    ("1.5c", lambda layers, line: len(np.unique(folds.switches(layers, line), axis=0))),  # no pattern comes again
    ("1.5c", lambda layers, line: np.int64(counted(layers, line))),
    ("1.5d", shortcut),
    ("1.5d", adds),
    ("1.5d", lambda layers, x: shortcut(layers, x).tolist()),
]
WRONG = [
    ("1.5a", 385, "64 layers"),
    ("1.5a", 190, "a single layer, with 63 units"),
    ("1.5a", 193, "a single layer with 64 units"),
    ("1.5a", 31, "one layer is missing"),
    ("1.5a", 43, "one layer too many"),
    ("1.5a", 36, "the first layer costs 4"),
    ("1.5a", 6, "how many layers it takes"),
    ("1.5a", 12, "Those are the hidden units."),
    ("1.5a", 24, "Those are the weights."),
    ("1.5a", 64, "the number of pieces"),
    ("1.5a", 61, "the price of ten layers"),
    ("1.5a", 19, "three layers"),
    ("1.5a", 34, "the last one, which reads them, costs 3"),
    ("1.5a", 63, "how many units a single layer takes"),
    ("1.5a", 25, "the price of four layers"),
    ("1.5a", 42, "Not every layer costs 6"),
    ("1.5a", 40, "the *five* between"),
    ("1.5a", 30, "the five layers between"),
    ("1.5a", 13, "two layers"),
    ("1.5a", 126, "the weights of a single layer"),
    ("1.5a", 49, "eight layers"),
    ("1.5a", "37", "expected a number"),
    ("1.5a", (37, 190), "expected a single number"),
    ("1.5b", 3, "I expected two lists"),
    ("1.5b", ([0, -1 / 3], [3, -6]), "Three biases and three outer weights"),
    ("1.5b", ([0, 1 / 3, 2 / 3], [3, -6, 6]), "the places of the kinks"),
    ("1.5b", THIRDS[::-1], "the other way round: first the biases"),
    ("1.5b", ([0, -1 / 3, -2 / 3], [1, -2, 2]), "climbs only to ⅓"),
    ("1.5b", ([0, -1 / 3, -2 / 3], [6, -12, 12]), "the height is not"),
    ("1.5b", ([0, -1 / 3, -2 / 3], [2, -4, 4]), "the height is not"),
    ("1.5b", ([0, -1 / 3, -2 / 3], [3, -3, 3]), "Those are the slopes themselves."),
    ("1.5b", ([0, -1 / 3, -2 / 3], [-3, 6, -6]), "runs the other way round"),
    ("1.5b", ([0, -0.5, -1], [2, -4, 4]), "folded at ½"),
    ("1.5b", ([0, -1 / 3, -2 / 3], [3, -6, 3]), "on the last third"),
    ("1.5b", ([0, -1 / 3, -2 / 3], [3, -5, 6]), "on the second third"),
    ("1.5b", ([0, -1 / 3, -2 / 3], [2, -6, 6]), "on the first third"),
    ("1.5b", ([0, -1 / 3, np.nan], [3, -6, 6]), "not a finite number"),
    ("1.5b", ([0, 1 / 3, 2 / 3], [3, -3, 3]), "Your biases are the places of the kinks."),
    ("1.5b", ([0, -1, -2], [1, -2, 2]), "Your strip runs from 0 to 3."),
    ("1.5b", ([0, -1 / 3, -2 / 3], [1, 0, 1]), "the heights that the line is to reach"),
    ("1.5b", ([-1 / 3, -2 / 3, -1], [3, -6, 6]), "on the first third"),
    *(("1.5c", wrong, words) for wrong, words in PIECES_MISTAKES),
    ("1.5c", lambda layers, line: [counted(layers, line)], "expected a single number"),
    ("1.5c", lambda line, layers: counted(layers, line), "Your function stopped"),
    ("1.5c", 8, "I expected a function"),
    *(("1.5d", wrong, words) for wrong, words in RESIDUAL_MISTAKES),
    ("1.5d", lambda layers, x: x @ layers[0][0], "Your function stopped"),
    ("1.5d", np.zeros(3), "I expected a function"),
]

test_right_answers_pass, test_usual_mistakes_are_named, test_nothing_written_is_not_wrong = held(check, RIGHT, WRONG)


# Folds by hand and their price ----------------------------------------------------------------------------------------


def test_the_table_has_the_numbers_of_the_drawing():
    text = text_of(PAGE)
    names = ("$x$", "1 fold", "2 folds", "3 folds")
    for name, row in zip(names, drawings.MARKS, strict=True):
        assert f"| {name} | {' | '.join(drawings._fraction(value) for value in row)} |" in text


@pytest.mark.parametrize("times", [1, 2, 3, 6, 10])
def test_so_many_folds_make_so_many_pieces_at_the_price_said(times):
    layers = folds.folded(times)
    line = np.linspace(0.0001, 0.9999, 20_000)[:, None]
    assert folds.pieces(layers, line) == 2**times
    assert sum(weight.size + bias.size for weight, bias in layers) == 6 * times + 1


def test_folds_off_the_middle_make_fewer_pieces():
    (begin, again, *_), (*_, end) = folds.folded(3), folds.folded(3)
    off, line = (again[0], np.array([0, -0.6])), np.linspace(1e-4, 1 - 1e-4, 10_000)[:, None]
    counts = [folds.pieces([begin, *[off] * (times - 1), end], line) for times in (2, 3, 10)]
    assert counts == [4, 8, 854] and "4, and 8. But ten layers make 854" in text_of(PAGE)


def placed_side_by_side(teeth):
    """The same saw-tooth from a single hidden layer: a unit for each of its 2 · teeth pieces."""
    n = 2 * teeth
    slope = np.where(np.arange(n) % 2 == 0, n, -n)
    return [(np.ones((n, 1)), -np.arange(n) / n), (np.diff(slope, prepend=0)[None].astype(float), np.zeros(1))]


def test_a_single_layer_draws_the_same_with_many_more_units():
    x = np.linspace(0, 1, 1001)[:, None]
    wide = placed_side_by_side(4)
    np.testing.assert_allclose(folds.answers(wide, x), folds.answers(folds.folded(3), x), atol=1e-9)


def test_the_page_s_code_counts_as_the_experiment_does():
    space = {}
    cells = {cell["id"]: "".join(cell["source"]) for cell in cells_of(PAGE)}
    exec(cells["forward"], space)
    layers, line = folds.folded(4), np.linspace(0.001, 0.999, 10_000)[:, None]
    answer, on = space["forward"](layers, line)
    np.testing.assert_array_equal(on, folds.switches(layers, line))
    np.testing.assert_array_equal(answer, folds.answers(layers, line))


def test_stripes_are_read_by_four_folds_and_by_no_weighted_sum():
    found = experiment.other_methods("stripes")
    assert found["four folds by hand"] > 99.9 and found["logistic regression"] < 60
    assert sum(weight.size + bias.size for weight, bias in folds.folded(4)) == 25


@pytest.mark.parametrize(("n_in", "depth", "n_out", "budget"), [(64, 1, 10, 3000), (64, 8, 10, 3000), (1, 6, 2, 250)])
def test_a_network_is_as_wide_as_its_price_allows(n_in, depth, n_out, budget):
    sizes = experiment.priced(n_in, depth, n_out, budget)
    wider = [n_in, *[sizes[1] + 1] * depth, n_out]
    assert experiment.parameters(sizes) <= budget < experiment.parameters(wider)


# Networks side by side -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("depth", [1, 4])
def test_a_stack_answers_as_its_networks_do_alone(depth):
    model = experiment.Deep((3, *[5] * depth, 2), runs=2, seed=1)
    x = np.random.default_rng(0).normal(size=(7, 3)).astype(np.float32)
    with no_grad():
        together = model(Tensor(x)).numpy()
    for run in range(2):
        np.testing.assert_allclose(folds.answers(model.one(run), x), together[run], atol=1e-5)


def test_a_residual_network_from_nothing_begins_as_one_layer():
    model = experiment.Deep((3, *[4] * 6, 2), runs=1, start=experiment.nothing, residual=True)
    x = np.random.default_rng(0).normal(size=(5, 3)).astype(np.float32)
    first, *_, last = model.one(0)
    with no_grad():
        np.testing.assert_allclose(model(Tensor(x)).numpy()[0], folds.answers([first, last], x), atol=1e-5)


def test_a_mirrored_start_keeps_lengths_through_every_layer():
    """Units come in pairs, so that half of the layer's sums say all: their length stays."""
    h = np.random.default_rng(0).normal(size=(6, 8))
    h = np.concatenate([h, -h], axis=1)
    before = np.linalg.norm(h, axis=1)
    for weight, _ in experiment.Deep((8, *[16] * 20, 2), runs=1, start=experiment.mirrored).one(0)[1:-1]:
        h = np.maximum(h, 0) @ weight.T
        np.testing.assert_allclose(h[:, :8], -h[:, 8:], atol=1e-5)
    np.testing.assert_allclose(np.linalg.norm(h, axis=1), before, rtol=1e-4)


def test_each_network_of_a_stack_learns_at_its_own_rate():
    (x, y), _, _ = experiment.lesson("digits")
    rates = (1e-9, 0.01)
    model = experiment.train(experiment.Deep((64, 16, 10), runs=2), x, y, rates, steps=60)
    slow, quick = experiment.right(model, x, y)
    assert slow < 40 and quick > 85


# What the page measures ---------------------------------------------------------------------------------------------


def test_one_layer_reads_digits_better_than_eight_of_the_same_price():
    one, eight = (experiment.tuned("digits", experiment.priced(64, depth, 10, 3000), 200, rates=(0.01,))
                  for depth in (1, 8))  # fmt: skip
    assert one.right[1].min() > eight.right[1].max()


def test_more_layers_lead_on_stripes_from_other_starts_too_and_not_once_the_first_units_begin_steep():
    found = experiment.begun(seed=11)
    means = {name: [run.right[1].mean() for run in depths.values()] for name, depths in found.items()}
    lead = {name: max(more) - one for name, (one, *more) in means.items()}
    assert min(lead["usual"], lead["spread"]) > 4 > 2 > lead["4 × steeper"] and lead["16 × steeper"] < 2


def test_how_the_first_units_begin_changes_either_their_bends_or_how_steep_they_are():
    def first(begin):
        model = experiment.Deep((1, 5, 2), runs=2)
        if begin:
            begin(model)
        return model.first.array.copy(), -model.first_bias.array / model.first.array

    (weight, bends), (kept, spread), (steep, same) = map(first, (None, experiment.spread, experiment.steeper))
    np.testing.assert_allclose(kept, weight)
    assert np.abs(spread - bends).max() > 0.1 and np.abs(spread).max() < 1.751
    np.testing.assert_allclose(steep, 4 * weight)
    np.testing.assert_allclose(same, bends, rtol=1e-5)


def test_sixty_four_layers_learn_if_they_add_and_not_if_they_replace():
    plain = experiment.tuned("digits", (64, *[16] * 64, 10), 60, seeds=1, rates=(0.003,))
    adds = experiment.tuned("digits", (64, *[16] * 64, 10), 60, seeds=1, rates=(0.003,), residual=True,
                            start=experiment.nothing)  # fmt: skip
    assert plain.right[1] < 20 and adds.right[1] > 80


def test_normalised_layers_keep_sizes_and_lose_what_told_two_inputs_apart():
    h, rng = np.random.default_rng(0).normal(size=(2, 16)), np.random.default_rng(1)
    for _ in range(64):
        h = np.maximum(h, 0) @ experiment.he(rng, (16, 16))
        h = (h - h.mean(1, keepdims=True)) / h.std(1, keepdims=True)
    assert np.abs(h).mean() > 0.5 and np.abs(h[0] - h[1]).mean() < 0.05


def test_windows_are_as_wide_as_the_page_says():
    """What a unit does not see does not change its answer."""
    rng, model = np.random.default_rng(0), seen.trained(0, steps=0)
    x = rng.uniform(size=(1, 1, 12, 12)).astype(np.float32)
    for layer, (width, step) in enumerate(zip(seen.SEEN, seen.STEP, strict=True)):
        place = 6 // step
        centre, half = place * step, width // 2
        other = rng.uniform(size=x.shape).astype(np.float32)
        same = other.copy()
        box = slice(centre - half, centre + half + 1)
        same[..., box, box] = x[..., box, box]
        first, kept, changed = (seen.layers(model, image)[0][layer][0, :, place, place] for image in (x, same, other))
        np.testing.assert_allclose(first, kept, atol=1e-6)
        assert np.abs(first - changed).max() > 1e-4


def test_scores_stand_for_a_kind_once_they_have_learned_to_and_units_of_the_last_layer_hardly():
    assert seen.scores_alike(True) > 80 > 60 > seen.alike(3, True) and seen.scores_alike(False) < 40


def test_an_edge_explains_a_slope_and_nothing_of_a_spot():
    slope = np.tile([-1.0, 0, 1], (3, 1))
    spot = np.zeros((3, 3))
    spot[1, 1] = 1
    np.testing.assert_allclose(seen.edges_in(np.stack([slope, spot])), [100, 0], atol=1e-9)


def test_a_far_deeper_network_has_fewer_pieces_as_the_figure_says():
    one, six = (figures.pieces_of(figures.trained("spirals", depth, 250)[0])[1] for depth in (1, 6))
    assert six < 0.6 * one
    assert experiment.priced(2, 1, 2, 250)[1] == 49 and experiment.priced(2, 6, 2, 250)[1] == 6


def test_best_patches_are_framed_where_the_unit_looked():
    frame = figures.best_patches(layer=1, unit=1)
    box = frame.tables["frames"]
    assert (box["x2"] - box["x"]).max() == 3 and frame.tables["kinds"]["count"].sum() == 20
