"""Checkpoints: what was saved comes back, bit by bit, and a file can run no code."""

import os
import pickle

import numpy as np
import pytest

import dlcore
from dlcore import nn, optim


def trained():
    model = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Linear(4, 1))
    optimizer = optim.Adam(model.parameters(), lr=0.1)
    step(model, optimizer)
    return model, optimizer


def step(model, optimizer):
    optimizer.zero_grad()
    model(dlcore.arange(12.0).view(4, 3)).square().mean().backward()
    optimizer.step()


@pytest.mark.parametrize("opened", [True, False])
def test_a_run_goes_on_where_it_was_saved(tmp_path, opened):
    model, optimizer = trained()
    checkpoint = {"model": model.state_dict(), "optimizer": optimizer.state_dict(), "epoch": 3, "best": np.float32(0.5)}
    path = tmp_path / "run.pt"
    if opened:
        with open(path, "wb") as file:
            dlcore.save(checkpoint, file)
    else:
        dlcore.save(checkpoint, path)
    other, its = trained()
    back = dlcore.load(str(path), map_location="cpu")
    other.load_state_dict(back["model"])
    its.load_state_dict(back["optimizer"])
    assert back["epoch"] == 3 and back["best"] == 0.5
    for run in ((model, optimizer), (other, its)):
        step(*run)
    for key, value in model.state_dict().items():
        np.testing.assert_array_equal(value.numpy(), other.state_dict()[key].numpy())


def test_tensors_keep_what_they_are(tmp_path):
    kept = [dlcore.tensor([1, 2]), dlcore.ones(2, 3).T, dlcore.tensor(1.5, requires_grad=True), nn.Parameter([2.0])]
    dlcore.save(kept, tmp_path / "x")
    for a, b in zip(kept, dlcore.load(tmp_path / "x"), strict=True):
        assert type(a) is type(b) and a.dtype == b.dtype and a.tolist() == b.tolist()
        assert a.requires_grad == b.requires_grad


class Evil:
    def __reduce__(self):
        return os.mkdir, ("here",)


def test_a_file_can_run_no_code(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    dlcore.save({"weights": Evil()}, "evil.pt")
    with pytest.raises(pickle.UnpicklingError) as error:
        dlcore.load("evil.pt")
    assert str(error.value).endswith(
        ".mkdir, which is neither a tensor nor a number. If you trust its author, read it with weights_only=False: it "
        "can then run any code."
    )
    assert not (tmp_path / "here").exists()
    dlcore.load("evil.pt", weights_only=False)
    assert (tmp_path / "here").exists()
