"""Page "Layers": its exercises, its drawing and hand calculations, PyTorch's messages, what its figures claim."""

import numpy as np
import pytest
from exercise_tests import held
from notebooks import cells_of, text_of

from dlbook.pages.neurons.layers import drawings, experiment, figures
from dlbook.pages.neurons.layers.exercises import MLP_MISTAKES, check, forward
from dlcore import nn

PAGE = "1_neurons/4_layers"


def page():
    return text_of(PAGE)


# Answers -----------------------------------------------------------------------------------------------------------


def one(rows):
    return nn.Linear(64, 16)(rows)


def two(rows):
    return nn.Linear(16, 10)(nn.Linear(64, 16)(rows).relu())


def three(images):
    return nn.Linear(64, 10)(images.flatten(1))


def four(rows, weight, bias):
    return rows @ weight.T + bias


def five(rows, weight, shift):
    return rows @ weight.T + shift[:, None]


def six(columns, weight, bias):
    return columns.T @ weight.T + bias


def joins(**other):
    """The three repairs, one of them replaced."""
    return tuple(({"one": one, "two": two, "three": three} | other).values())


def sums(**other):
    return tuple(({"four": four, "five": five, "six": six} | other).values())


def in_a_loop(layers, x):
    for k, (weight, bias) in enumerate(layers):
        if k:
            x = np.maximum(x, 0)
        x = x @ weight.T + bias
    return x


RIGHT = [
    ("1.4a", 2410),
    ("1.4a", 64 * 32 + 32 + 32 * 10 + 10),
    ("1.4a", np.array(2410)),
    ("1.4b", joins()),
    ("1.4b", list(joins())),
    ("1.4b", joins(two=lambda rows: nn.Linear(32, 10)(nn.Linear(64, 32)(rows).relu()))),
    ("1.4b", joins(three=lambda images: nn.Linear(64, 10)(images.reshape(5, 64)))),
    ("1.4b", joins(three=lambda images: nn.Linear(64, 10)(images.reshape(-1, 64)))),
    ("1.4c", sums()),
    ("1.4c", sums(four=lambda rows, weight, bias: (weight @ rows.T).T + bias)),
    ("1.4c", sums(five=lambda rows, weight, shift: rows @ weight.T + shift.reshape(5, 1))),
    ("1.4c", sums(five=lambda rows, weight, shift: (weight @ rows.T + shift).T)),
    ("1.4c", sums(six=lambda columns, weight, bias: (weight @ columns).T + bias)),
    ("1.4d", forward),
    ("1.4d", in_a_loop),
    ("1.4d", lambda layers, x: forward(layers, x).tolist()),
]
WRONG = [
    ("1.4a", 2368, "Those are the weights."),
    ("1.4a", 2080, "the first layer alone"),
    ("1.4a", 330, "the second layer alone"),
    ("1.4a", 2048, "the weights of the first layer"),
    ("1.4a", 42, "Those are the biases."),
    ("1.4a", 64 * 32 * 10, "added, not multiplied"),
    ("1.4a", 2464, "one for each output of a layer"),
    ("1.4a", 2474, "The 64 inputs compute nothing"),
    ("1.4a", 2400, "The biases of the ten outputs are missing."),
    ("1.4a", 2378, "The biases of the 32 hidden units are missing."),
    ("1.4a", 2370, "Each *unit* has a bias"),
    ("1.4a", 650, "a single layer from 64 to 10"),
    ("1.4a", 1210, "with 16 hidden units"),
    ("1.4a", 106, "Those are the sizes, added up."),
    ("1.4a", "2410", "expected a number"),
    ("1.4a", (2080, 330), "expected a single number"),
    ("1.4b", one, "Hand over all three functions"),
    ("1.4b", (one, two), "I expected three functions"),
    ("1.4b", 10, "I expected three functions"),
    ("1.4b", joins(one=3), "`one`: I expected a function"),
    ("1.4b", joins(one=lambda rows: nn.Linear(64, 32)(rows)), "`one`: it runs, but gives 32 numbers"),
    ("1.4b", joins(one=lambda rows: nn.Linear(32, 16)(rows.reshape(10, 32))), "you cut each in two"),
    ("1.4b", joins(one=lambda rows: nn.Linear(5, 16)(rows.T)), "no message, but the shape is (64, 16)"),
    ("1.4b", joins(one=lambda rows: nn.Linear(32, 16)(rows[:, :32] * 0)), "does not depend on what comes in"),
    ("1.4b", joins(two=lambda rows: nn.Linear(64, 16)(rows).relu()), "`two`: these are the hidden answers."),
    ("1.4b", joins(three=lambda images: nn.Linear(8, 10)(images)), "ten scores for each *row of pixels*"),
    ("1.4b", joins(three=lambda images: nn.Linear(8, 10)(images.reshape(40, 8))), "the 5 · 8 rows of pixels became"),
    ("1.4b", joins(three=lambda images: nn.Linear(320, 10)(images.flatten())), "Keep the axis of the batch."),
    ("1.4b", joins(three=lambda images: nn.Linear(320, 10)(images.reshape(1, 320))), "all five images became one"),
    ("1.4b", joins(three=lambda images: nn.Linear(64, 10)(images.reshape(64, 5).T)), "the examples are mixed"),
    ("1.4c", four, "Hand over all three functions"),
    ("1.4c", sums()[:2], "I expected three functions"),
    ("1.4c", sums(four=lambda rows, weight, bias: rows @ weight.reshape(64, 16) + bias), "`four`: the shape fits, the"),
    ("1.4c", sums(four=lambda rows, weight, bias: rows @ weight.T), "`four`: the bias is missing."),
    ("1.4c", sums(four=lambda rows, weight, bias: (rows @ weight.T + bias).T), "`four`: that is (16, 5)"),
    ("1.4c", sums(four=lambda rows, weight, bias: np.maximum(rows @ weight.T + bias, 0)), "without a bend"),
    ("1.4c", sums(five=lambda rows, weight, shift: (rows @ weight.T).T + shift), "The numbers are right"),
    ("1.4c", sums(five=lambda rows, weight, shift: rows @ weight.T), "the shift is missing"),
    ("1.4c", sums(five=lambda rows, weight, shift: rows @ weight.T + shift[0]), "the first one's shift"),
    ("1.4c", sums(five=lambda rows, weight, shift: rows @ weight.T + shift.sum()), "the sum of all shifts"),
    ("1.4c", sums(six=lambda columns, weight, bias: columns.reshape(5, 64) @ weight.T + bias), "are mixed"),
    ("1.4c", sums(six=lambda columns, weight, bias: weight @ columns + bias[:, None]), "`six`: that is (16, 5)"),
    ("1.4c", sums(six=lambda columns, weight, bias: columns.T @ weight.T), "`six`: the bias is missing."),
    ("1.4c", sums(six=lambda columns, weight, bias: columns.T @ weight.reshape(64, 16) + bias), "write `weight.T`"),
    *(("1.4d", wrong, words) for wrong, words in MLP_MISTAKES),
    ("1.4d", lambda layers, x: [forward(layers, x)], "expected an array of shape"),
    ("1.4d", lambda layers, x: x @ layers[0][0] + layers[0][1], "Your function stopped"),
    ("1.4d", lambda layers, x: forward(layers[::-1], x), "Your function stopped"),
    ("1.4d", lambda x, layers: forward(layers, x), "Your function stopped"),
    ("1.4d", np.zeros(3), "I expected a function"),
]

AS_GIVEN = [
    ("1.4b", joins(one=lambda rows: nn.Linear(32, 16)(rows)), "`one`: Your function stopped"),
    ("1.4b", joins(two=lambda rows: nn.Linear(32, 10)(nn.Linear(64, 16)(rows))), "`two`: Your function stopped"),
    ("1.4b", joins(three=lambda images: nn.Linear(64, 10)(images)), "`three`: Your function stopped"),
    ("1.4c", sums(four=lambda rows, weight, bias: rows @ weight + bias), "`four`: Your function stopped"),
    ("1.4c", sums(five=lambda rows, weight, shift: rows @ weight.T + shift), "`five`: Your function stopped"),
    ("1.4c", sums(five=lambda rows, weight, shift: rows @ weight.T + shift.T), "`five`: Your function stopped"),
    ("1.4c", sums(six=lambda columns, weight, bias: columns @ weight.T + bias), "`six`: Your function stopped"),
]

test_right_answers_pass, test_usual_mistakes_are_named, test_nothing_written_is_not_wrong = held(check, RIGHT, WRONG)


@pytest.mark.parametrize(("exercise", "answer", "words"), AS_GIVEN)
def test_a_line_that_is_still_broken_is_shown_its_error(exercise, answer, words):
    result = check.judge(exercise, answer)
    assert result.status == "not yet" and words in result.message, result


# By hand -----------------------------------------------------------------------------------------------------------


def test_the_drawing_has_the_numbers_of_the_page_s_code():
    space = {}
    cells = {cell["id"]: "".join(cell["source"]) for cell in cells_of(PAGE)}
    exec(cells["linear"] + "\n" + cells["forward"], space)
    drawn = {"w1": experiment.W1, "b1": experiment.B1, "w2": experiment.W2, "b2": experiment.B2}
    drawn |= {"mornings": experiment.MORNINGS, "hidden": drawings.H, "scores": drawings.SCORES}
    for name, numbers in drawn.items():
        np.testing.assert_array_equal(space[name], numbers)
    without = space["linear"](drawings.Z, experiment.W2, experiment.B2)
    assert without[0].tolist() == [2, -0.5] and "2 to −0.5 instead of 1.5 to 0.5" in page()
    assert "= 1.5 for the bicycle" in drawings.two_layers.says[3]


def test_parameters_by_hand_and_by_code():
    torch = pytest.importorskip("torch")
    for sizes, said in (((2, 3, 2), 17), ((64, 16, 10), 1210), ((64, 32, 10), 2410)):
        layers = [torch.nn.Linear(*pair) for pair in zip(sizes, sizes[1:], strict=False)]
        assert sum(place.numel() for layer in layers for place in layer.parameters()) == said


def test_a_softmax_of_two_is_a_sigmoid_of_their_difference_and_so_is_its_gradient():
    torch = pytest.importorskip("torch")
    torch.manual_seed(0)
    x, y = torch.randn(20, 5, dtype=torch.float64), torch.randint(0, 2, (20,))
    pair = torch.randn(2, 5, dtype=torch.float64, requires_grad=True)
    one = (pair[1] - pair[0]).detach().requires_grad_()
    np.testing.assert_allclose((x @ pair.T).softmax(1)[:, 1].detach(), torch.sigmoid(x @ one).detach())
    torch.nn.functional.cross_entropy(x @ pair.T, y).backward()
    torch.nn.functional.binary_cross_entropy_with_logits(x @ one, y.double()).backward()
    np.testing.assert_allclose(pair.grad, torch.stack([-one.grad, one.grad]))


# What the figures claim --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("comes", [figures.ROWS, figures.PICTURES])
@pytest.mark.parametrize("n", [1, 5, 32])
def test_a_wrong_join_shows_the_very_message_of_pytorch(comes, n):
    torch = pytest.importorskip("torch")
    batch = torch.zeros(n, 64) if comes == figures.ROWS else torch.zeros(n, 8, 8)
    for n_in in (8, 16, 32, 64):
        for n_out, takes in ((2, 2), (16, 32), (32, 16)):
            model = torch.nn.Sequential(torch.nn.Linear(n_in, n_out), torch.nn.ReLU(), torch.nn.Linear(takes, 10))
            says = figures.join_layers(comes=comes, n=n, in_1=n_in, out_1=n_out, in_2=takes).says
            assert f"{sum(place.numel() for place in model.parameters()):,} parameters" in says
            try:
                shape = tuple(model(batch).shape)
            except RuntimeError as error:
                assert f": {error}." in says
            else:
                assert figures.shape_text(shape) in says
                assert says.startswith("It fits" if comes == figures.ROWS else "No message, and wrong")


def test_the_digit_is_read_where_the_layers_fit():
    assert "The highest says 8." in figures.join_layers(in_2=16).says


def test_a_unit_answers_to_several_kinds_of_digit():
    x, w, b = figures.IMAGES.reshape(-1, 64), *experiment.reader()[:2]
    h = np.maximum(x @ w.T + b, 0)
    mean = np.array([h[figures.KINDS == kind].mean(0) for kind in range(10)])  # (10, 16)
    several = (mean > mean.max(0) / 2).sum(0)
    assert several.min() >= 3 and several.max() <= 8
    frame = figures.one_unit(unit=9)
    assert frame.tables["products"]["value"].shape == (64,)
    z = figures.STORED["an 8"].ravel() @ w[8] + b[8]
    assert f"= {figures.number_text(z)}, and" in frame.says


def test_twice_as_many_steps_miss_half_as_much_and_relus_a_quarter():
    for middle in figures.MIDDLES:
        for peak in figures.HEIGHTS:
            for bend, low, high in (("step", 1.6, 2.2), ("ReLU", 3.3, 4.6)):
                few, many = (gap(bend, n, middle, peak) for n in (16, 32))
                assert low < few / many < high


def gap(bend, n, middle, peak):
    x = np.linspace(0, 1, 4001)
    b, v, c = experiment.placed(lambda at: figures.curve(at, middle, peak), n, bend.lower())
    return np.abs(experiment.hidden(x, b, bend.lower()) @ v + c - figures.curve(x, middle, peak)).max()


def test_a_staircase_misses_no_more_than_the_page_says():
    x = np.linspace(0, 1, 5001)
    for n in (1, 4, 16):
        b, v, c = experiment.placed(np.sin, n, "step")
        assert np.abs(experiment.hidden(x, b, "step") @ v + c - np.sin(x)).max() <= 1 / (2 * (n + 1)) + 1e-9


# What the page measures ---------------------------------------------------------------------------------------------


def test_sixteen_bent_units_draw_what_none_does_alone():
    for name, f in experiment.CURVES.items():
        found, alone = experiment.drawing(name), experiment.best_alone(f)
        assert alone > 80
        assert found["trained 3 times as long"][-1].max() < alone / 2
        assert found["no bend"][-1] > alone


def test_a_polynomial_of_as_many_numbers_swings_between_the_points_and_of_half_as_many_does_not():
    for name, far in (("wave", 0), ("zigzag", 100), ("jump", 1000)):
        found = experiment.drawing(name)
        assert found["polynomial"][-1] >= far
        assert found["polynomial, half as many"][-1] < found["trained 3 times as long"][-1].mean() + 3


@pytest.mark.parametrize("bend", experiment.BENDS)
def test_many_squares_are_one_and_many_of_another_bend_are_more(bend):
    for f in experiment.CURVES.values():
        alone, many = experiment.bends(bend, f, tries=300)
        assert (many.max() < alone - 1) == (bend != "square")
        assert bend != "square" or np.allclose(many, alone, atol=1)


def test_two_steps_in_the_right_places_draw_the_jump():
    x = experiment.POINTS
    drawn = experiment.hidden(x, np.array([-0.311, -0.719]), "step") @ np.array([2, -2]) - 1
    np.testing.assert_array_equal(drawn, experiment.CURVES["jump"](x))


def test_no_training_is_better_than_the_best_of_a_single_unit_when_there_is_one_unit():
    for name, f in experiment.CURVES.items():
        alone = experiment.best_alone(f)
        assert experiment.drawing(name)["trained 3 times as long"][0].min() > alone - 1


def test_one_output_per_class_is_not_beaten_and_a_single_number_fails():
    ten = experiment.outputs("ten digits", epochs=20, longer=False, seeds=2)
    assert ten["1 output, the number"].mean() < 60
    own = ten["10 outputs, softmax"].mean()
    assert all(runs.mean() < own + 1.5 for runs in ten.values())
    assert experiment.nearest("ten digits") > own


def test_two_outputs_do_as_one():
    two = experiment.outputs("odd or even", epochs=20, longer=False, seeds=2)
    assert abs(two["1 output, sigmoid"].mean() - two["2 outputs, softmax"].mean()) < 1.5
