"""The benchmark's own arithmetic: ratios, floors, checked losses, peers that are missing."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from benchmarks import growth, harness, sweep
from benchmarks.harness import Disagreement, Ratio, check_losses, missed, ratios, read_text, start_all, time_rounds
from benchmarks.workloads import WORKLOADS, cnn, gpt, lstm, mlp

SMALL = {  # the workloads with other sizes: the same texts, quick to run
    "mlp-tiny": {},
    "mlp-small": {},
    "moons": {},
    "mlp-large": {
        "make": lambda: mlp((9, 8, 7, 3), 6),
        "options": {
            "sizes": (9, 8, 7, 3),
            "activation": "ReLU",
            "loss": "CrossEntropyLoss",
            "optimiser": "Adam",
            "lr": 1e-3,
        },
    },
    "cnn": {
        "make": lambda: cnn(8, (1, 2, 3), 4, 5),
        "options": {"side": 8, "channels": (1, 2, 3), "classes": 4, "lr": 0.05},
    },
    "lstm": {
        "make": lambda: lstm(5, 3, 4, 6, 2),
        "options": {"vocabulary": 5, "embedding": 3, "hidden": 4, "lr": 1e-3},
    },
    "gpt": {
        "make": lambda: gpt(5, 6, 4, 1, 2),
        "options": {"vocabulary": 5, "context": 6, "d": 4, "heads": 2, "layers": 1, "lr": 1e-3},
    },
}


@pytest.mark.parametrize("workload", WORKLOADS, ids=lambda w: w.key)
def test_all_peers_train_alike_and_none_is_lost(workload):
    pytest.importorskip("torch")
    peers = ["torch", "dlcore", "compiled", "numpy"]  # the others need not be installed
    running, missing = start_all(replace(workload, **SMALL[workload.key]), peers, steps=5)
    assert set(running) | set(missing) == set(peers)
    assert missing == ({"numpy": "no version of this workload"} if workload.key in ("gpt", "moons") else {})


def test_every_row_of_the_table_is_there_with_its_floor():
    floors = {w.key: w.floor for w in WORKLOADS}
    assert floors == {
        **{"mlp-tiny": 2.3, "mlp-small": 2.2, "mlp-large": 0.9, "moons": 1.5, "cnn": 1.0, "lstm": 0.6, "gpt": 0.6}
    }
    assert all(w.compiled >= w.floor for w in WORKLOADS)
    assert floors.keys() == SMALL.keys()


def test_a_disagreement_names_peer_step_and_losses():
    check_losses({"torch": [1.0, 0.5], "dlcore": [1.0, 0.50005]})
    with pytest.raises(Disagreement, match=r"dlcore: loss 0\.51 at step 1, but torch has 0\.5 "):
        check_losses({"torch": [1.0, 0.5], "dlcore": [1.0, 0.51]})
    with pytest.raises(Disagreement, match="loss nan"):
        check_losses({"torch": [1.0], "dlcore": [float("nan")]})
    with pytest.raises(ValueError):  # a loss too few
        check_losses({"torch": [1.0, 0.5], "dlcore": [1.0]})


def test_other_weights_are_a_disagreement(monkeypatch):
    pytest.importorskip("torch")
    seeds = iter([0, 1])
    workload = replace(WORKLOADS[0], make=lambda: mlp((2, 16, 16, 1), 64, binary=True, seed=next(seeds)))
    with pytest.raises(Disagreement):
        start_all(workload, ["torch", "dlcore"])


def test_missing_peers_are_named_with_the_reason(monkeypatch):
    pytest.importorskip("torch")
    monkeypatch.setitem(sys.modules, "mygrad", None)  # as if not installed
    sys.modules.pop("benchmarks.peers.with_mygrad", None)

    def broken(*args, **options):
        raise TypeError("does not work\nsecond line")

    monkeypatch.setitem(harness.by_hand.STARTS, "mlp", broken)
    running, missing = start_all(WORKLOADS[0], ["torch", "numpy", "mygrad"], steps=2)
    assert list(running) == ["torch"]
    assert missing == {"numpy": "fails with TypeError: does not work", "mygrad": "not installed"}


def test_a_missing_dlcore_is_a_failure(monkeypatch):
    pytest.importorskip("torch")

    def start(peer, workload):
        if peer == "dlcore":
            raise ImportError("no module")
        return lambda: 1.0

    monkeypatch.setattr(harness, "start", start)
    result = harness.run(WORKLOADS[0], ["torch", "dlcore"], 5, 1)
    assert result["failed"] == ["dlcore takes no part: fails with ImportError: no module"]
    assert list(result["peers"]) == ["torch"]


def test_ratios_are_taken_within_rounds():
    times = {"torch": np.array([1.0, 10.0, 100.0]), "dlcore": np.array([0.5, 5.0, 50.0])}
    assert ratios(times)["dlcore"] == Ratio(2.0, 2.0, 2.0)  # of the medians alone one could not tell
    times["dlcore"] = np.array([1.0, 5.0, 25.0])
    assert ratios(times)["dlcore"] == Ratio(1.5, 2.0, 3.0)
    assert str(Ratio(1.5, 2.0, 3.0)) == "2.00 (1.50-3.00)"


@pytest.mark.parametrize(("high", "expected"), [(2.49, True), (2.5, False), (2.6, False)])
def test_a_floor_is_missed_only_beyond_the_spread(high, expected):
    assert missed(Ratio(2.0, 2.2, high), 2.5) is expected
    assert missed(Ratio(2.0, 2.2, high), None) is False


def test_rounds_are_interleaved_and_start_one_further_each_time():
    order, now = [], [0.0]

    def peer(name, seconds):
        def step():
            order.append(name)
            now[0] += seconds

        return step

    times = time_rounds({"a": peer("a", 1.0), "b": peer("b", 3.0)}, 2, 3, clock=lambda: now[0])
    assert times["a"].tolist() == [1.0] * 3 and times["b"].tolist() == [3.0] * 3
    assert "".join(order[::3]) == "abbaab"  # each turn: one step to warm up, two that count


def test_rounds_stop_early_after_the_given_seconds():
    now = [0.0]

    def step():
        now[0] += 1.0

    assert len(time_rounds({"a": step}, 1, 1000, seconds=10.0, clock=lambda: now[0])["a"]) == 6


def test_a_text_names_dlcore_once(tmp_path, monkeypatch):
    monkeypatch.setattr(harness, "TEXTS", tmp_path)
    (tmp_path / "two.py").write_text("import dlcore\nimport dlcore.nn\n")
    with pytest.raises(ValueError, match="names dlcore 2 times"):
        read_text("two", "torch")
    (tmp_path / "one.py").write_text("import dlcore as it\n")
    assert read_text("one", "math")["it"] is sys.modules["math"]


def test_the_sweep_times_single_rules(monkeypatch):
    pytest.importorskip("torch")
    monkeypatch.setattr(sweep, "ROUNDS", 2)
    names = [name for name, *_ in sweep.cases()]
    assert len(set(names)) == len(names) and "x**3 (128, 64)" in names
    assert all(number > 0 for number in sweep.compare(lambda t, f, x: f.relu(x), ((4, 3),)))


def test_exponent_of_a_power_law():
    assert growth.exponent([1, 2, 4, 8], [3, 12, 48, 192]) == pytest.approx(2)


def test_command_writes_json_and_says_what_is_unknown(tmp_path):
    pytest.importorskip("torch")
    out, root = tmp_path / "bench.json", Path(harness.__file__).parents[1]
    command = [sys.executable, "-m", "benchmarks", "speed", "--rounds", "2", "--workload", "mlp-tiny"]
    run = subprocess.run([*command, "--peers", "dlcore,numpy", "--json", out], capture_output=True, text=True, cwd=root)
    report = json.loads(out.read_text())
    assert run.returncode == bool(report["failed"]), run.stderr
    assert list(report["speed"][0]["peers"]) == ["torch", "dlcore", "numpy"]
    assert "floor 2.3" in run.stdout
    wrong = subprocess.run([*command[:-1], "nonsense"], capture_output=True, text=True, cwd=root)
    assert wrong.returncode == 1 and "no workload nonsense; there are mlp-tiny" in wrong.stderr
