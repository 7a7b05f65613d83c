"""One word changes: four scripts written for dlcore run with PyTorch after that word is replaced, and do the same."""

import re
from pathlib import Path

import numpy as np
import pytest
import torch
from nn_twins import assert_close, assert_same_gradients, assert_same_state

import dlcore

SCRIPTS = Path(__file__).parent / "scripts"
NAMES = ["mlp", "cnn", "lstm", "gpt"]
# How far apart outputs and gradients may lie, and all after ten steps. In float32 a gradient that is a sum of terms
# which nearly cancel is known to few digits, and Adam divides by it: the proof is the column of float64.
DTYPES = {"float32": (3e-6, 1e-4), "float64": (1e-10, 1e-9)}


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


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", NAMES)
def test_outputs_gradients_and_ten_steps(name, dtype):
    tolerance, after_ten = DTYPES[dtype]
    mine, twin = run(name, "dlcore"), run(name, "torch")
    dlcore.manual_seed(0)
    ours, theirs = mine["build"](), twin["build"]()
    ours.to(getattr(dlcore, dtype)), theirs.to(getattr(torch, dtype))
    theirs.load_state_dict(ours.state_dict())

    x, y = mine["batch"](0, getattr(dlcore, dtype))
    u, v = twin["batch"](0, getattr(torch, dtype))
    assert_close(ours(x), theirs(u), tolerance, "output")
    loss, loss_twin = mine["loss_of"](ours, x, y), twin["loss_of"](theirs, u, v)
    assert_close(loss, loss_twin, tolerance, "loss")
    loss.backward(), loss_twin.backward()
    assert_same_gradients(ours, theirs, tolerance)

    losses = mine["train"](ours, 10, getattr(dlcore, dtype))
    twin_losses = twin["train"](theirs, 10, getattr(torch, dtype))
    np.testing.assert_allclose(losses, twin_losses, rtol=after_ten)
    assert_same_state(ours, theirs, after_ten)
    assert str(ours.load_state_dict(theirs.state_dict())) == "<All keys matched successfully>"
    assert_same_state(ours, theirs, 0)


@pytest.mark.parametrize("library", ["dlcore", "torch"])
@pytest.mark.parametrize("name", NAMES)
def test_the_whole_script_learns(name, library, capsys):
    run(name, library, as_main=True)
    first, last, accuracy = map(float, re.findall(r"\d+\.\d+", capsys.readouterr().out))
    assert last < first / 2 and accuracy > 0.85
