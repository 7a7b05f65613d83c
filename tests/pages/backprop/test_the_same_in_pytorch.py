"""The page "The same in PyTorch": its scripts and exercises, its figure and drawings, and what its checks found."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from exercise_tests import held

import dlcore
from dlbook.pages.backprop.the_same_in_pytorch import experiment as lab
from dlbook.pages.backprop.the_same_in_pytorch.drawings import RATIO
from dlbook.pages.backprop.the_same_in_pytorch.exercises import (
    FOUND,
    HALF,
    RATIO_MISTAKES,
    STILL,
    check,
    ratios,
)
from dlbook.pages.backprop.the_same_in_pytorch.figures import LETTERS, LOOK, NAMED, SIGNS, name_the_bug
from dlbook.pages.backprop.the_same_in_pytorch.scripts import (
    BUGS,
    EVAL,
    EXERCISES,
    LOOP,
    LOSS,
    NOTHING,
    PAIRS,
    PREPARED,
    SCRIPTS,
    SOUND,
    TRAIN,
    changed,
    compiled,
    source,
)
from dlbook.pages.backprop.the_same_in_pytorch.tables import found
from dlbook.pages.backprop.the_same_in_pytorch.traces import chances, traced

PAGE = Path(__file__).parents[3] / "chapters/3_backprop/7_the_same_in_pytorch.ipynb"
DROPOUT = "nn.Dropout(0.5),\n        nn.Linear(64, 10)"


def with_changes(*changes, bug=NOTHING):
    text = source(bug)
    for before, after in changes:
        text = changed(text, before, after)
    return compiled(text)


def preparing(*changes, bug=NOTHING):
    """The `prepared` of a changed script, which is what exercise C asks for."""
    text = source(bug).replace(LOOP, "")
    for before, after in changes:
        text = changed(text, before, after)
    names = {}
    exec(text, names)
    return names["prepared"]


def of(letter, *changes, bug=NOTHING):
    """What the exercise of a letter asks for, with changes."""
    return preparing(*changes, bug=bug) if letter == "C" else with_changes(*changes, bug=bug)


def name(letter):
    return f"3.7{letter.lower()}"


LOG_SOFTMAX = with_changes((LOSS, "loss = torch.nn.functional.nll_loss(scores.log_softmax(1), labels)"))
OWN_ORDER = preparing((PAIRS, "    order = torch.randperm(len(x))\n    x, y = x[order], y[order]\n" + PAIRS))
AFTER_STEP = with_changes(
    ("            optimizer.zero_grad()\n", ""),
    ("            optimizer.step()\n", "            optimizer.step()\n            optimizer.zero_grad()\n"),
)
OF_MODEL = with_changes(("            optimizer.zero_grad()\n", "            model.zero_grad()\n"))
ADAM = with_changes(("torch.optim.SGD(model.parameters(), lr=0.3)", "torch.optim.Adam(model.parameters(), lr=0.003)"))

RIGHT = [
    *((name(letter), of(letter)) for letter in EXERCISES),
    ("3.7a", OF_MODEL),
    ("3.7b", LOG_SOFTMAX),
    ("3.7c", OWN_ORDER),
    ("3.7d", LOG_SOFTMAX),
    ("3.7e", with_changes(("    model.eval()  # dropout off\n", "    model.train(False)\n"))),
    ("3.7f", ADAM),
    ("3.7g", ratios),
    ("3.7g", lambda before, after: np.array(ratios(before, after))),
]


def ends_otherwise(torch, x, y, epochs=10):
    return compiled(SOUND)(torch, x, y, epochs)[0]


def of_the_first_layer(before, after):
    return ratios(before[:1], after[:1])


def one_number(before, after):
    flat = [np.concatenate([w.ravel() for w in ws]) for ws in (before, after)]
    return ratios([flat[0]], [flat[1]])[0]


WRONG = [
    *((name(letter), of(letter, *changes), words) for letter, half in HALF.items() for changes, words in half),
    ("3.7a", with_changes(bug="softmax before the loss"), "is not learned by heart"),
    ("3.7a", with_changes(("lr=0.3", "lr=3.0")), "times its weights"),
    ("3.7a", ends_otherwise, "The script should end as it did"),
    ("3.7a", lambda torch, x, y: None, "I could not call your function"),
    ("3.7a", 7, "I expected a function"),
    ("3.7b", with_changes(("scores = model(images)", "scores = model(images) / 100")), "it hardly moves"),
    ("3.7b", with_changes((LOSS, "loss = torch.nn.functional.mse_loss(scores, labels)")), "Your function stopped"),
    ("3.7b", with_changes((DROPOUT, DROPOUT + ", nn.Softmax(1)")), "is not learned by heart"),
    ("3.7c", preparing(("x = x / 16", "x = x * 16")), "The first loss is"),
    ("3.7c", preparing(("data.TensorDataset(x, y)", "data.TensorDataset(x, y.flip(0))")), "fit their images"),
    (
        "3.7d",
        with_changes((LOSS, "loss = torch.nn.functional.nll_loss(scores.log_softmax(1) / 2, labels)")),
        "less than ln 10",
    ),
    ("3.7e", with_changes(bug="softmax over the batch"), "The first loss is 3.44"),
    ("3.7f", with_changes(bug="all weights 0 at the start"), "A layer gets no gradient"),
    ("3.7f", with_changes(("lr=0.3", "lr=1e-5")), "it hardly moves"),
    *(("3.7g", lambda a, b, kind=kind: ratios(a, b, **kind), words) for kind, words in RATIO_MISTAKES),
    ("3.7g", one_number, "received a single number"),
    ("3.7g", of_the_first_layer, "2 in all; received an array of shape (1,)"),
    ("3.7g", lambda before, after: [0.01 for _ in before], "For two layers: expected"),
]

test_right_answers_pass, test_usual_mistakes_are_named, test_nothing_written_is_not_wrong = held(check, RIGHT, WRONG)


@pytest.mark.parametrize("letter", EXERCISES)
def test_a_script_that_is_as_broken_as_before_is_not_yet_mended(letter):
    result = check.judge(name(letter), of(letter, bug=EXERCISES[letter]))
    assert result.status == "not yet" and STILL[letter] in result.message


def test_mends_that_change_nothing_are_told_so():
    early = with_changes((EVAL, ""), ("    losses = []\n", EVAL + "    losses = []\n"))
    once = with_changes(
        ("            optimizer.zero_grad()\n", ""),
        ("    losses = []\n", "    optimizer.zero_grad()\n    losses = []\n"),
    )
    without_brackets = with_changes((EVAL, "    model.eval\n"))
    half = with_changes(bug="optimiser given one layer")
    for exercise, function in (("3.7e", early), ("3.7e", without_brackets), ("3.7a", once), ("3.7f", half)):
        assert check.judge(exercise, function).status == "not yet"
    assert not check.judge("3.7e", with_changes((TRAIN, "        model.eval()\n"))).passed


def test_clearing_after_the_step_is_as_good():
    assert check.judge("3.7a", AFTER_STEP).passed


def test_every_alarm_has_words():
    for bug in BUGS:
        numbers, alarms, _, _ = lab.examined(bug)
        for one, side in zip(numbers, alarms, strict=True):
            assert not side or FOUND[one, int(side)].format(numbers[one])


def cells():
    return {c["id"]: "".join(c["source"]) for c in json.loads(PAGE.read_text(encoding="utf-8"))["cells"]}


def test_the_page_shows_these_scripts():
    shown = cells()
    assert shown["prepared"].strip() == PREPARED.strip() and shown["script"].strip() == LOOP.strip()
    for letter, bug in EXERCISES.items():
        part = source(bug).replace(LOOP, "") if letter == "C" else source(bug).replace(PREPARED, "")
        named = part.replace("def prepared(", "def prepared_c(").replace("def script(", f"def script_{letter.lower()}(")
        assert named.strip() in shown[f"exercise-{letter.lower()}"]


@pytest.mark.parametrize("bug", SCRIPTS)
def test_pytorch_refuses_none_of_the_scripts_and_starts_where_dlcore_does(bug):
    """The bugs are the same ones there: the first loss lies where it lies in dlcore, give or take the first weights."""
    (x, y), _ = lab.digits()
    ours = lab.run(lab.script(bug), x, y, 1, 0)[1]
    torch.manual_seed(0)
    theirs = lab.script(bug)(torch, torch.tensor(x), torch.tensor(y), 1)[1]
    assert len(theirs) == len(ours) == 34
    if bug != "pixels not scaled":
        assert theirs[0] == pytest.approx(ours[0], abs=0.3)


def test_each_bug_changes_the_script():
    assert len({source(bug) for bug in SCRIPTS}) == 12
    with pytest.raises(ValueError, match="once in the script, found it 0 times"):
        changed(SOUND, "no such line", "")


def test_the_hand_calculation():
    assert RATIO == pytest.approx(0.01)
    assert np.exp(3.47) == pytest.approx(32, abs=0.2)
    assert -np.log(np.e / (np.e + 9)) == pytest.approx(1.461, abs=5e-4)
    assert sum(p.numel() for p in lab.run(lab.script(NOTHING), *lab.digits()[0], 1, 0)[0].parameters()) == 4810


@pytest.mark.parametrize("setting", lab.SETTINGS)
def test_no_alarm_sounds_for_sound_scripts(setting):
    for seed in (20, 21, 22):
        assert not lab.examined(NOTHING, setting, seed)[1].any()


def test_the_checks_find_what_the_page_says():
    signs = np.array([[lab.examined(bug, seed=seed)[1] for seed in (0, 1, 2)] for bug in BUGS])
    always = dict(zip(lab.CHECKS, (signs != 0).all(axis=1).T, strict=True))
    which = {one: {bug for bug, yes in zip(BUGS, found, strict=True) if yes} for one, found in always.items()}
    assert set.union(*which.values()) == set(BUGS)
    assert max(which, key=lambda one: len(which[one])) == "baseline"
    assert which["start"] == {"softmax over the batch", "pixels not scaled"}
    assert which["twice"] == {"dropout left on"} and which["inputs"] == {"pixels not scaled"}
    assert which["kinds"] == {"digits in order"} and which["labels"] == {"labels shuffled apart"}
    assert "softmax over the batch" not in which["baseline"]
    assert {"gradients never zeroed", "hidden layer cut off"} <= which["gradients"]
    assert {"optimiser given one layer", "rate too high", "all weights 0 at the start"} <= which["update"]
    assert "softmax before the loss" in which["one batch"]
    assert not which["one batch"] & {"labels shuffled apart", "dropout left on", "digits in order"}
    alike = [bug for bug in BUGS if (signs[list(BUGS).index(bug)] == signs[list(BUGS).index(NAMESAKE[0])]).all()]
    assert alike == NAMESAKE


NAMESAKE = ["hidden layer cut off", "all weights 0 at the start"]


def test_alarms_name_scripts_also_where_no_known_curve_helps():
    for seed in (3, 4):
        for setting in list(lab.SETTINGS)[1:]:
            by = {sign: lab.naming(sign, setting, seed) for sign in ("alarms", "curve", "new digits")}
            assert by["alarms"] > 0.55 and by["alarms"] > max(by["curve"], by["new digits"])
    assert lab.naming("alarms", "as it is", 3) > 0.8


def test_ranges_set_by_sound_runs_alone_find_every_bug_too():
    ranges = lab.from_sound([lab.examined(NOTHING, seed=seed) for seed in (0, 1, 2)])
    for bug in BUGS:
        signs = [lab.alarms(lab.examined(bug, seed=seed)[0], ranges) for seed in (0, 1, 2)]
        assert (np.array(signs) != 0).all(axis=0).any(), bug
    for seed in (20, 21, 22):
        assert not lab.alarms(lab.examined(NOTHING, seed=seed)[0], ranges).any()


def test_a_look_at_the_loss_finds_as_many_bugs_as_the_baseline():
    runs = {bug: [lab.examined(bug, seed=seed) for seed in (0, 1, 2)] for bug in BUGS}
    by_loss = {bug for bug in BUGS if not any(lab.looks_sound(run[2]) for run in runs[bug])}
    by_baseline = {bug for bug in BUGS if all(run[1][-1] for run in runs[bug])}
    assert set(BUGS) - by_loss == {"dropout left on", "digits in order"}
    assert len(by_loss) == 9 and abs(len(by_baseline) - 9) <= 1 and by_loss != by_baseline


def test_an_examination_hangs_on_nothing_that_ran_before():
    dlcore.manual_seed(1)
    one = lab.measured(lab.script("dropout left on"), seed=0)
    dlcore.manual_seed(2)
    other = lab.measured(lab.script("dropout left on"), seed=0)
    assert one[0] == other[0] and one[2] == other[2]


def test_a_falling_loss_is_not_yet_a_sound_one():
    curves = {bug: lab.examined(bug)[2] for bug in SCRIPTS}
    assert lab.looks_sound(curves[NOTHING]) and lab.looks_sound(curves["dropout left on"])
    np.testing.assert_array_equal(curves[NOTHING], curves["dropout left on"])
    assert not lab.looks_sound(curves["rate too high"])


def test_longer_training_mends_hardly_anything():
    assert lab.later("digits in order") < 0.9 and lab.later("gradients never zeroed") < 0.3


def test_an_autoencoder_draws_better_than_pca_and_groups_form_without_a_target():
    (x, y), (x_new, y_new) = lab.digits()
    x, x_new = x.reshape(-1, 64) / 16, x_new.reshape(-1, 64) / 16
    model = lab.unlabelled(lambda: lab.autoencoder(4), lab.redrawn, x, 30, 5)
    pca = {k: np.mean((lab.principal(x, x_new, k) - x_new) ** 2) for k in (4, 8)}
    assert np.mean((lab.ask(model, x_new) - x_new) ** 2) < 0.8 * pca[4] and pca[8] < pca[4]
    share = []
    for epochs in (0, 40):
        model = lab.unlabelled(lab.grouper, lab.spread_out, x, epochs, 5, 128, 1e-3)
        share.append(lab.grouped(lab.ask(model, x).argmax(1), y, lab.ask(model, x_new).argmax(1), y_new))
    assert share[1] > 0.4 > share[0]


def test_classical_rivals_of_learning_without_labels():
    """Four principal components and ten neighbours draw as well; ten random images group nearly as well."""
    (x, y), (x_new, y_new) = lab.digits()
    x, x_new = x.reshape(-1, 64) / 16, x_new.reshape(-1, 64) / 16
    error = np.mean((lab.by_neighbours(x, x_new, 4) - x_new) ** 2)
    assert error < 0.75 * np.mean((lab.principal(x, x_new, 4) - x_new) ** 2)
    np.testing.assert_allclose(lab.by_neighbours(x, x[:3], 64, near=1), x[:3])
    line = lab.unlabelled(lambda: lab.straight(4), lab.redrawn, x, 30, 5)
    assert np.mean((lab.ask(line, x_new) - x_new) ** 2) > np.mean((lab.principal(x, x_new, 4) - x_new) ** 2)
    centres = x[np.random.default_rng(5).permutation(len(x))[:10]]
    assert (lab.nearest_of(centres, centres) == np.arange(10)).all()
    assert lab.grouped(lab.nearest_of(centres, x), y, lab.nearest_of(centres, x_new), y_new) > 0.4


def test_principal_is_the_best_linear_drawing():
    x = lab.digits()[0][0].reshape(-1, 64)[::9]
    values = np.linalg.svd(x - x.mean(0), compute_uv=False)
    assert ((lab.principal(x, x, 5) - x) ** 2).sum() == pytest.approx((values[5:] ** 2).sum(), rel=1e-3)


def test_watching_a_script_does_not_change_it():
    """The figure's curves are those of the scripts that the reader mends."""
    (x, y), _ = lab.digits()
    for bug in ("dropout left on", NOTHING):
        losses = np.array(lab.run(lab.script(bug), x, y, lab.EPOCHS, 0)[1])
        train, where, valid, networks = traced(bug)
        parts = np.array_split(losses, len(train))
        np.testing.assert_allclose(train, [part.mean() for part in parts], rtol=1e-6)
        assert len(valid) == len(networks) == lab.EPOCHS + 1 and 0 < where[0] < where[-1] < lab.EPOCHS


def test_what_the_figure_says_of_the_digit_is_what_the_network_says():
    (x, y), (x_new, _) = lab.digits()
    model = lab.run(lab.script("hidden layer cut off"), x, y, lab.EPOCHS, 0)[0]
    scores = dlcore.tensor(lab.ask(model, x_new[:1] / 16))
    p = chances("hidden layer cut off", x_new[0, 0] / 16)[-1]
    np.testing.assert_allclose(p, scores.softmax(1).numpy()[0], atol=1e-4)


def test_the_figure_answers_every_diagnosis():
    for letter, bug in LETTERS.items():
        for diagnosis, named in list(NAMED.items())[1:]:
            says = name_the_bug(script=letter, diagnosis=diagnosis).says
            right = f"Script {letter}: Right." in says
            assert right == (named == bug)
            near = "no curve can tell" in says or "So it looks" in says
            assert right or near or SIGNS[named] in says
        assert "What is wrong, if anything?" in name_the_bug(script=letter, diagnosis=LOOK).says


def test_the_signs_are_seen_in_the_curves():
    train = {bug: traced(bug)[0] for bug in SCRIPTS}
    valid = {bug: traced(bug)[2] for bug in SCRIPTS}
    assert train["softmax before the loss"].min() > 1.46
    assert train["softmax over the batch"][0] == pytest.approx(np.log(32), abs=0.2)
    assert abs(train["labels shuffled apart"] - np.log(10)).max() < 0.1
    assert abs(train["all weights 0 at the start"] - np.log(10)).max() < 0.05
    assert train["pixels not scaled"][0] > 3 and train["rate too high"].max() > 4
    assert train["gradients never zeroed"].min() < 2 and train["gradients never zeroed"][-1] > 2.3
    assert valid["digits in order"][-1] > train["digits in order"][-5:].mean()
    assert (valid[NOTHING][6:] < 0.8 * valid["dropout left on"][6:]).all()
    assert valid[NOTHING][-3:].mean() < 0.8 * train[NOTHING][-12:].mean() < valid["dropout left on"][-3:].mean()
    np.testing.assert_allclose(train["hidden layer cut off"], train["optimiser given one layer"], rtol=1e-4)


def test_the_table_marks_alarms_that_are_not_in_every_start():
    signs = np.array([[[1, 1, 1], [0, 0, 0]], [[-1, 0, -1], [-1, -1, -1]]])
    marks = found(["a", "b"], ["x", "y"], signs).axes[0].lines
    assert [(line.get_marker(), line.get_mfc() == "none") for line in marks] == [
        ("^", False),
        ("v", True),
        ("v", False),
    ]
