"""The training script: what it learns, and that two processes do what one does."""

import os
import runpy
import socket
import subprocess
import sys

import pytest
import torch

from dlcore.reference import train as script

SHORT = ["--model", "mlp", "--epochs", "2", "--batch-size", "61"]  # 61: shares of 31 and 30, and a last batch of 41


def one_process(monkeypatch):
    for name in ("WORLD_SIZE", "RANK"):
        monkeypatch.delenv(name, raising=False)


def together_alone(monkeypatch):
    """A group of one process, in this process."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = {"WORLD_SIZE": 1, "RANK": 0, "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": port, "GLOO_SOCKET_IFNAME": "lo"}
    for name, value in settings.items():
        monkeypatch.setenv(name, str(value))


def difference(a, b):
    return max((a["weights"][k] - b["weights"][k]).abs().max().item() for k in a["weights"])


def test_two_processes_give_the_result_of_one(tmp_path, monkeypatch):
    one_process(monkeypatch)
    script.main([*SHORT, "--save", str(tmp_path / "one.pt")])
    environment = {**os.environ, "GLOO_SOCKET_IFNAME": "lo", "OMP_NUM_THREADS": "1"}
    run = subprocess.run(
        [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2",
         "-m", "dlcore.reference.train", *SHORT, "--save", str(tmp_path / "two.pt")],
        capture_output=True, text=True, timeout=120, env=environment,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    assert "mlp on 2 processes" in run.stdout and run.stdout.count("epoch   1") == 1  # only the first one speaks
    one, two = torch.load(tmp_path / "one.pt"), torch.load(tmp_path / "two.pt")
    assert one["losses"] == pytest.approx(two["losses"], abs=1e-6)
    assert difference(one, two) < 2e-6


def test_a_group_of_one_gives_the_same_bits(tmp_path, monkeypatch, capsys):
    one_process(monkeypatch)
    alone = script.main([*SHORT, "--save", str(tmp_path / "a.pt")])
    together_alone(monkeypatch)
    assert script.main([*SHORT, "--save", str(tmp_path / "b.pt")]) == alone
    assert difference(torch.load(tmp_path / "a.pt"), torch.load(tmp_path / "b.pt")) == 0
    assert not torch.distributed.is_initialized()
    out = capsys.readouterr().out
    assert out.count("epoch   2   loss ") == 2 and out.count("accuracy on unseen examples: 0.") == 2


def test_the_group_is_left_even_if_training_fails(monkeypatch):
    together_alone(monkeypatch)
    monkeypatch.setattr(script, "train", lambda *a, **k: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        script.main(SHORT)
    assert not torch.distributed.is_initialized()


def test_it_learns_digits(monkeypatch, capsys):
    one_process(monkeypatch)
    losses = script.main(["--epochs", "4"])
    assert losses[-1] < 0.5 * losses[0]
    assert float(capsys.readouterr().out.rsplit(" ", 1)[1]) > 0.85


@pytest.mark.parametrize("model", ["lenet", "gpt"])
def test_the_other_tasks_learn_too(model, monkeypatch):
    torch.manual_seed(0)
    task = script.TASKS[model]()
    x, y = (part[:160] for part in task.train)
    losses = script.train(task.model, x, y, epochs=3, batch_size=32, lr=3e-3)
    assert losses[-1] < losses[0] and losses[0] < 4
    assert 0 <= script.accuracy(task.model, task.test[0][:20], task.test[1][:20]) <= 1


def test_double_precision(monkeypatch, tmp_path):
    one_process(monkeypatch)
    script.main(["--epochs", "1", "--double", "--save", str(tmp_path / "d.pt")])
    assert torch.load(tmp_path / "d.pt")["weights"]["0.weight"].dtype == torch.float64


def test_an_empty_share_adds_nothing():
    logits = torch.zeros(0, 5, 7, requires_grad=True)
    assert script.total_loss(logits, torch.zeros(0, 5, dtype=torch.long)).item() == 0


def test_the_loss_of_a_text_is_per_step():
    logits, target = torch.zeros(3, 5, 7), torch.zeros(3, 5, dtype=torch.long)
    assert script.total_loss(logits, target).item() == pytest.approx(3 * torch.tensor(7.0).log().item())


@pytest.mark.parametrize("wrong", [["--epochs", "0"], ["--batch-size", "0"], ["--lr", "0"], ["--model", "svm"]])
def test_wrong_arguments_are_refused(wrong, capsys):
    with pytest.raises(SystemExit):
        script.main(wrong)
    message = capsys.readouterr().err
    assert "must be at least 1, --lr above 0" in message or "invalid choice: 'svm'" in message


def test_the_module_is_a_script(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["train", "--help"])
    with pytest.raises(SystemExit):
        runpy.run_path(script.__file__, run_name="__main__")
    assert "Train a reference model on one process or on several" in capsys.readouterr().out
