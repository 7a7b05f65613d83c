"""The playground: what it runs is what it gives away, its pictures tell the truth, its problems judge rightly."""

import json
from urllib.parse import parse_qsl

import nbformat
import numpy as np
import pytest
import yaml
from nbclient import NotebookClient

import dlcore
from dlbook.browser.kernel import answer
from dlbook.modules import ROOT
from dlbook.playground import code, digits, page
from dlbook.playground.measure import answers, gradients, scaled, scores
from dlbook.playground.picture import view
from dlbook.playground.plane import SIDE, regions
from dlbook.playground.problems import PROBLEMS, judge, separable
from dlbook.playground.run import KEEP, Run
from dlbook.playground.settings import CHOICES, USUAL, read
from dlcore import data

DATA = {"circle": data.circles, "xor": data.xor, "moons": data.moons, "spirals": data.spirals,
        "gaussians": lambda n, noise, generator: data.blobs(n, noise, 2, generator=generator)}  # fmt: skip
#: for each problem, what solves it, and at which step
SOLUTIONS = {
    "line": ("layers=", 200),
    "linear": ("activation=identity", 300),
    "xor": ("layers=2&activation=gelu", 600),
    "moons": ("layers=3&activation=relu&seed=4", 1500),
    "spirals": ("layers=5&optimiser=adam&rate=0.03", 2500),
    "fail": ("start=zero", 200),
    "diverge": ("rate=100", 50),
    "hurry": ("optimiser=adam&rate=0.3&seed=5", 20),
    "twins": ("start=zero", 100),
    "vanish": ("layers=4-4-4-4&activation=sigmoid&start=small", 20),
    "dead": ("rate=10", 60),
    "heart": ("points=20&layers=8-8&rate=0.03", 1500),
    "rein": ("decay=0.01", 1000),
    "digits": ("layers=8-8&activation=relu&optimiser=adam&rate=0.01", 300),
    "own": ("own=-50.0.0_50.0.0_0.50.1_0.-50.1_0.80.1_-80.0.0", 300),
}


def after(steps, told="", more=""):
    """A run of some settings, as it is after so many steps."""
    pairs = parse_qsl(told, keep_blank_values=True) + parse_qsl(more, keep_blank_values=True)
    run = Run(read(dict(pairs)))
    run.go(steps)
    return run


def executed(text):
    """The names that a program has made."""
    names = {}
    exec(compile(text, "<program>", "exec"), names)
    return names


# ── settings ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_every_choice_runs_and_has_a_picture_of_the_right_size():
    for name, choice in CHOICES.items():
        assert choice.usual in choice.options
        for value in choice.options:
            run = after(3, f"{name}={value}")
            seen = view(run)
            assert getattr(run.settings, name) == value
            size, pixels, first = (64, 64, 4) if value == "digits" else (SIDE**2, (SIDE // 2) ** 2, 8)
            assert (seen["map"].shape, seen["map"].dtype) == ((size,), np.uint8)
            assert seen["units"].size == 8 * pixels and seen["weights"].size == first + 16 + 4


@pytest.mark.parametrize("layers", ["", "1", "8-8-8-8", "3-5"])
def test_layers(layers):
    run = after(2, f"layers={layers}")
    assert [one.weight.array.shape[0] for one in run.layers] == [*run.settings.widths, 1]
    assert len(view(run)["gradients"]) == len(run.layers)


@pytest.mark.parametrize(
    "told",
    [
        "rate=fast",
        "layers=9",
        "layers=1-1-1-1-1",
        "layers=4-",
        "own=",
        "own=1.2",
        "own=1.2.3",
        "own=1.2.1_",
        "data=mnist",
        "seed=0",
        "own=import os",
        "unknown=1",
    ],  # fmt: skip
)
def test_nonsense_in_an_address_is_as_usual(told):
    assert read(told) == read("")


def test_points_set_by_hand():
    assert read("own=-50.25.0_7.-100.1").own_points == [(-0.5, 0.25, 0), (0.07, -1.0, 1)]
    assert len(read({"own": "_".join(["1.1.1"] * 300)}).own_points) == 100
    run = after(5, "data=own&own=-50.25.0_7.-100.1")
    assert run.x.tolist() == [pytest.approx([-0.5, 0.25]), pytest.approx([0.07, -1.0])] and run.y.tolist() == [0, 1]


# ── the program ──────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", DATA)
@pytest.mark.parametrize("noise", ["0", "0.2"])
def test_the_data_are_those_of_dlcore(name, noise):
    run = after(0, f"data={name}&noise={noise}&points=50")
    x, y = DATA[name](50 + code.TESTED, float(noise), generator=0)
    assert np.allclose(np.concatenate([run.x, run.x_test]), x, rtol=0, atol=1e-15)
    assert np.array_equal(np.concatenate([run.y, run.y_test]), y)


def test_the_digits_are_those_of_scikit_learn():
    from sklearn.datasets import load_digits

    images, names = load_digits(return_X_y=True)
    run = after(0, "data=digits&noise=0&points=50")
    assert run.x.shape == (50, 64) and run.x_test.shape == (code.TESTED, 64)
    for x, y in zip(run.x_test, run.y_test, strict=True):
        assert y in names[(images == 16 * x).all(axis=1)] % 2


def test_what_runs_is_the_beginning_of_what_is_given():
    settings = read("data=spirals&layers=8-8&decay=0.01&batch=all")
    assert code.whole(settings, 40).startswith(code.program(settings))
    assert all(len(line) < 80 for line in code.whole(settings, 40).splitlines())


@pytest.mark.parametrize("batch", ["4", "all"])
@pytest.mark.parametrize("optimiser", CHOICES["optimiser"].options)
def test_the_code_has_the_losses_of_the_run(optimiser, batch, capsys):
    told = f"data=moons&layers=5-3&rate=0.03&optimiser={optimiser}&batch={batch}&decay=0.003"
    assert executed(code.whole(read(told), 60))["losses"] == after(60, told).losses
    assert "of the test is right" in capsys.readouterr().out


@pytest.mark.parametrize("optimiser", CHOICES["optimiser"].options)
@pytest.mark.parametrize("activation", CHOICES["activation"].options)
def test_pytorch_has_the_same_losses_by_the_one_word(activation, optimiser):
    told = f"data=xor&layers=6-3&rate=0.03&activation={activation}&optimiser={optimiser}&decay=0.001&start=he"
    text = code.whole(read(told), 60, "torch")
    assert "dlcore" not in text
    assert executed(text)["losses"] == pytest.approx(after(60, told).losses, rel=1e-4, abs=1e-6)


def test_pytorch_reads_digits_with_the_same_losses():
    told = "data=digits&layers=8&rate=0.1&noise=0.2"
    assert executed(code.whole(read(told), 60, "torch"))["losses"] == pytest.approx(after(60, told).losses, rel=1e-4)


@pytest.mark.parametrize("start", CHOICES["start"].options)
def test_weights_start_with_their_spread(start):
    spreads = {"zero": 0, "small": 0.01, "xavier": (2 / 16) ** 0.5, "he": (2 / 8) ** 0.5, "large": 3}
    middle = after(0, f"start={start}&layers=8-8").layers[1]
    assert middle.weight.array.std() == pytest.approx(spreads[start], rel=0.25)
    assert not middle.bias.array.any()


def test_the_notebook_is_one_and_prints_what_the_program_prints(capsys, tmp_path):
    settings = read("layers=3")
    executed(code.whole(settings, 30))
    told = nbformat.reads(code.notebook(settings, 30), as_version=4)
    nbformat.validate(told)
    NotebookClient(told, timeout=120, resources={"metadata": {"path": str(tmp_path)}}).execute()
    assert told.cells[-1].outputs[0].text == capsys.readouterr().out


# ── the run ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("optimiser", CHOICES["optimiser"].options)
def test_back_and_forth_is_the_same_way(optimiser):
    told = f"optimiser={optimiser}&rate=0.03"
    run, other = after(3 * KEEP + 7, told), after(KEEP, told)
    for step in (3 * KEEP + 6, KEEP, 5, 0, 3 * KEEP + 7, KEEP):
        run.go(step)
        assert len(run.losses) == step
    assert run.losses == other.losses and gradients(run) == gradients(other)
    assert np.array_equal(view(run)["map"], view(other)["map"])


def test_the_picture_is_what_the_network_answers():
    run = after(80, "data=xor")
    seen = view(run, since=75)
    line = np.linspace(-run.span, run.span, SIDE, dtype=np.float32)
    place = dlcore.tensor([[line[10], -line[20]]])
    p = 1 / (1 + np.exp(-run.model(place).item()))
    assert seen["map"][20 * SIDE + 10] == pytest.approx(255 * p, abs=0.51)
    assert seen["losses"].tolist() == pytest.approx(run.losses[75:])
    units = seen["units"].reshape(8, SIDE // 2, SIDE // 2)
    first = np.tanh(run.layers[0].weight.array @ place.array[0] + run.layers[0].bias.array)
    assert np.array_equal(np.sign(units[:4, 10, 5]), np.sign(first)) and (np.abs(units).max(axis=(1, 2)) == 127).all()
    assert seen["right"] == pytest.approx(((run.model(run.names["x"]).array[:, 0] > 0) == run.y).mean())


def test_a_pixel_of_a_digit_is_coloured_by_what_ink_there_would_do():
    run = after(40, "data=digits&layers=")
    pushes = run.layers[0].weight.array[0]  # of a network without hidden units: its very weights
    output, units, _ = digits.pictures(run)
    assert units == [] and np.abs(output - 128.0 - 127 * pushes / np.abs(pushes).max()).max() < 0.51
    run = after(40, "data=digits&layers=3-2&activation=relu")
    run.paper = digits.brightness([16] * 32 + [0] * 32)
    with_ink = np.where(np.arange(64) == 40, 1, run.paper)
    of = [answers(run.model, dlcore.tensor(x[None], dtype=dlcore.float32))[0] for x in (with_ink, run.paper)]
    for layer, (inked, empty) in enumerate(zip(*of, strict=True)):
        found = digits.pictures(run)[1][layer][:, 40]
        assert np.array_equal(np.sign(found), np.sign(scaled((inked - empty).T)[:, 0]))
    assert view(run)["says"].endswith(
        digits.says(1 / (1 + np.exp(-run.model(dlcore.tensor(run.paper[None]).float()).item())))
    )


def test_what_is_no_number_is_drawn_as_nothing():
    assert scaled(np.array([[1.0, -2.0], [np.nan, 1.0], [0.0, 0.0]])).tolist() == [[64, -127], [0, 0], [0, 0]]
    run = after(60, "data=digits&layers=8&rate=100&activation=identity&batch=all")
    assert view(run)["map"].dtype == np.uint8


def test_sizes_of_gradients():
    run = after(4, "batch=all&layers=2")
    sizes = [float((layer.weight.grad.array.astype(float) ** 2).mean() ** 0.5) for layer in run.layers]
    assert gradients(run) == pytest.approx(sizes) and gradients(after(0)) == [0, 0, 0]


def test_a_run_that_diverges_is_shown_and_said():
    run = after(60, "activation=identity&layers=8-8-8&rate=100&batch=all")
    seen = view(run)
    assert "diverged" in seen["says"]
    assert seen["map"].dtype == np.uint8 and np.isfinite(seen["units"]).all()


def test_a_sentence_says_where_the_colours_lie():
    ring = np.zeros((9, 9), bool)
    ring[3:6, 3:6] = True
    assert regions(ring) == "Orange (11% of the square) lies inside blue."
    assert regions(~ring) == "Blue (11% of the square) lies inside orange."
    assert regions(np.ones((9, 9), bool)) == "The whole square is orange."
    half = np.arange(10)[:, None] < np.full(10, 5)
    assert regions(half) == "Blue holds 50% of the square and orange 50%; their border reaches the edge."


# ── problems ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", PROBLEMS)
def test_a_problem_is_not_solved_as_it_opens_and_is_by_its_solution(name):
    problem, (more, steps) = PROBLEMS[name], SOLUTIONS[name]
    for early in (0, 1, 1000):
        run = after(early, problem.begin)
        assert not judge(problem, run, scores(run))["solved"], early
    run = after(steps, problem.begin, more)
    verdict = judge(problem, run, scores(run))
    assert verdict["solved"], verdict


@pytest.mark.parametrize("name", PROBLEMS)
def test_a_problem_holds_fast_what_it_must(name):
    problem, (more, steps) = PROBLEMS[name], SOLUTIONS[name]
    fixed = problem.fixed[0]
    other = next(v for v in CHOICES[fixed].options if v != getattr(read(problem.begin), fixed))
    run = after(min(steps, 20), problem.begin, f"{more}&{fixed}={other}")
    verdict = judge(problem, run, scores(run))
    assert not verdict["solved"] and fixed in verdict["parts"][0][1]


@pytest.mark.parametrize("problem", PROBLEMS.values(), ids=PROBLEMS)
def test_a_problem_opens_with_settings_that_exist_and_names_a_page(problem):
    told = dict(parse_qsl(problem.begin, keep_blank_values=True))
    assert {name: getattr(read(told), name) for name in told} == told
    assert set(problem.fixed) <= set(USUAL)
    chapters = yaml.safe_load((ROOT / "book" / "_toc.yml").read_text(encoding="utf-8"))["parts"]
    assert problem.page in [chapter["file"] for part in chapters for chapter in part["chapters"]]


def test_exclusive_or_can_be_had_with_three_weights():
    run = after(1500, PROBLEMS["xor"].begin, "layers=1&activation=gelu")
    assert run.weights == 3 and judge(PROBLEMS["xor"], run, scores(run))["solved"]


def test_a_line_that_parts_the_points():
    assert separable(np.array([[-1, 0, 0], [1, 0, 1]])) and separable(np.array([[2, 2, 1], [3, 3, 1]]))
    assert not separable(np.array([[-1, 0, 0], [1, 0, 0], [0, 0, 1]]))


# ── what the page's script calls ─────────────────────────────────────────────────────────────────────────────────────


def ask(name, **told):
    found = answer("dlbook.playground.page", name, told)
    assert found["ok"], found
    return found["value"]


def test_the_script_is_answered():
    first = ask("start", settings={**USUAL, "data": "xor"}, step=10, problem="xor")
    assert first["step"] == 10 and first["points"]["data"].size == 3 * 400 and first["learns"] == 200
    assert first["verdict"]["solved"] is False
    later = ask("go", step=15, since=10)
    assert later["losses"]["data"].size == 5 and later["step"] == 15
    assert ask("go", step=3, since=0)["losses"]["data"].size == 3
    told = {name: value for name, value in later.items() if name != "verdict"}
    json.dumps(told, default=lambda array: array.tolist())


def test_the_digit_on_the_paper_is_the_one_that_is_asked_about():
    told = USUAL | {"data": "digits"}
    first = ask("start", settings=told, step=60)
    papers = first["papers"]["data"].reshape(-1, 64)
    assert papers.dtype == np.uint8 and papers.max() == digits.LEVELS and "points" not in first
    again = ask("look", paper=papers[0].tolist())
    assert again["says"] == first["says"] and again["step"] == 60 and again["losses"]["data"].size == 0
    seen = {ask("look", paper=one.tolist())["says"].rpartition("for ")[2] for one in papers}
    assert {said.split(",")[0] for said in seen} == {"odd", "even"}
    other = ask("start", settings=told, step=60, paper=papers[5].tolist())
    assert other["says"] == ask("look", paper=papers[5].tolist())["says"]


def test_exports():
    found = page.export(USUAL, 0, "torch")
    assert "range(1)" in found["text"] and json.loads(found["notebook"])["nbformat"] == 4
