"""One word changes: four scripts written for dlcore run with PyTorch after that word is replaced, and do the same."""

import re
from pathlib import Path

import numpy as np
import pytest
import torch
from nn_twins import (
    FACTOR,
    array,
    assert_close,
    assert_close_to_truth,
    assert_same_as_truth,
    assert_same_gradients,
    assert_same_state,
    flat,
)

import dlcore

SCRIPTS = Path(__file__).parent / "scripts"
NAMES = ["mlp", "cnn", "lstm", "gpt"]


def run(name, library, as_main=False):
    """Run a script with the word dlcore or the word torch; return all that it defines."""
    source = (SCRIPTS / f"{name}.py").read_text(encoding="utf-8").replace("dlcore", library)
    names = {"__name__": "__main__" if as_main else name}
    exec(compile(source, f"{name} with {library}", "exec"), names)
    return names


@pytest.mark.parametrize("name", NAMES)
def test_nothing_but_the_word_names_a_library(name):
    source = (SCRIPTS / f"{name}.py").read_text(encoding="utf-8")
    assert "torch" not in source
    imports = set(re.findall(r"^(?:import|from) (\w+)", source, re.MULTILINE))
    assert imports <= {"dlcore", "numpy", "math"}


def built(name, *runs):
    """For each (library, dtype) what the script defines, the model that it builds, and a batch; all start alike."""
    dlcore.manual_seed(0)
    start, out = run(name, "dlcore")["build"]().state_dict(), []
    for library, dtype in runs:
        script, dtype = run(name, library.__name__), getattr(library, dtype)
        model = script["build"]().to(dtype)
        model.load_state_dict(start)
        out.append((script, model, dtype, script["batch"](0, dtype)))
    return out


@pytest.mark.parametrize("name", NAMES)
def test_outputs_gradients_and_ten_steps(name):
    both = (mine, ours, _, (x, y)), (twin, theirs, _, (u, v)) = built(name, (dlcore, "float64"), (torch, "float64"))
    assert_close(ours(x), theirs(u), 1e-10, "output")
    loss, loss_twin = mine["loss_of"](ours, x, y), twin["loss_of"](theirs, u, v)
    assert_close(loss, loss_twin, 1e-10, "loss")
    loss.backward(), loss_twin.backward()
    assert_same_gradients(ours, theirs, 1e-10)

    losses, twin_losses = (script["train"](model, 10, dtype) for script, model, dtype, _ in both)
    np.testing.assert_allclose(losses, twin_losses, rtol=1e-9)
    assert_same_state(ours, theirs, 1e-9)
    assert str(ours.load_state_dict(theirs.state_dict())) == "<All keys matched successfully>"
    assert_same_state(ours, theirs, 0)


@pytest.mark.parametrize("name", NAMES)
def test_outputs_and_gradients_in_float32(name):
    three = built(name, (dlcore, "float32"), (torch, "float32"), (torch, "float64"))
    for outputs in zip(*(flat(model(x)) for _, model, _, (x, _) in three), strict=True):
        assert_close_to_truth(*outputs, "output")
    losses = [script["loss_of"](model, *batch) for script, model, _, batch in three]
    assert_close_to_truth(*losses, "loss")
    for loss in losses:
        loss.backward()
    assert_same_as_truth(*(model for _, model, _, _ in three))


@pytest.mark.parametrize("name", NAMES)
def test_ten_steps_in_float32(name):
    """Adam divides by gradients of which rounding left few digits: we stray no further from the truth than PyTorch."""
    three = built(name, (dlcore, "float32"), (torch, "float32"), (torch, "float64"))
    losses, _, true_losses = (script["train"](model, 10, dtype) for script, model, dtype, _ in three)
    np.testing.assert_allclose(losses, true_losses, rtol=1e-6)
    ours, theirs, truth = (model.state_dict() for _, model, _, _ in three)

    def strayed(state):
        """How far the worst parameter is from the truth, relative to its largest value."""
        return max(
            np.abs(array(state[key]) - array(true)).max() / max(np.abs(array(true)).max(), 1e-30)
            for key, true in truth.items()
        )

    assert strayed(ours) <= max(FACTOR * strayed(theirs), 1e-6)
    assert strayed(ours) < 2e-5


@pytest.mark.parametrize("library", ["dlcore", "torch"])
@pytest.mark.parametrize("name", NAMES)
def test_the_whole_script_learns(name, library, capsys):
    run(name, library, as_main=True)
    first, last, accuracy = map(float, re.findall(r"\d+\.\d+", capsys.readouterr().out))
    assert last < first / 2 and accuracy > 0.85
