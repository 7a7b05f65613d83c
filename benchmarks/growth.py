"""How the cost of a step grows with batch, width, depth and sequence length: dlcore beside PyTorch."""

import numpy as np

from benchmarks.harness import BASE, start_all, time_rounds
from benchmarks.workloads import Workload, gpt, lstm, mlp

CLASSIFIER = {"activation": "ReLU", "loss": "CrossEntropyLoss", "optimiser": "SGD", "lr": 1e-3}


def of_mlp(sizes, batch):
    return Workload("", "", "mlp", lambda: mlp(sizes, batch), CLASSIFIER | {"sizes": sizes})


def of_lstm(length):
    options = {"vocabulary": 64, "embedding": 32, "hidden": 64, "lr": 1e-3}
    return Workload("", "", "lstm", lambda: lstm(64, 32, 64, length, 16), options)


def of_gpt(context):
    options = {"vocabulary": 64, "context": context, "d": 64, "heads": 2, "layers": 2, "lr": 1e-3}
    return Workload("", "", "gpt", lambda: gpt(64, context, 64, 2, 4), options)


AXES = {
    "batch of an MLP 64-128-128-10": ((32, 128, 512, 2048), lambda n: of_mlp((64, 128, 128, 10), n)),
    "width W of an MLP 64-W-W-10, batch 128": ((32, 64, 128, 256, 512), lambda w: of_mlp((64, w, w, 10), 128)),
    "depth of an MLP, hidden layers of 64, batch 64": (
        (2, 4, 8, 16, 32),
        lambda n: of_mlp((64,) * (n + 1) + (10,), 64),
    ),
    "length T of an LSTM, hidden 64, batch 16": ((16, 32, 64, 128), of_lstm),
    "context T of a GPT, d 64, 2 layers, batch 4": ((32, 64, 128, 256), of_gpt),
}


def exponent(xs, ys):
    """The p of the power law y ~ x^p that fits best (least squares on logarithms)."""
    return float(np.polyfit(np.log(xs), np.log(ys), 1)[0])


def measure(values, make, peers=("torch", "dlcore"), rounds=15, seconds=1.0):
    """Milliseconds a step for each value and peer, exponent over all values and over the last two."""
    rows = {peer: [] for peer in peers}
    for value in values:
        running, missing = start_all(make(value), peers, steps=3)
        if missing:
            raise RuntimeError(f"growth: {missing}")
        times = time_rounds(running, 3, rounds, seconds)
        for peer in peers:
            rows[peer].append(1e3 * float(np.median(times[peer])))
    fits = {p: {"all": exponent(values, t), "end": exponent(values[-2:], t[-2:])} for p, t in rows.items()}
    return {"values": list(values), "ms": rows, "exponent": fits}


def compare():
    return {axis: measure(values, make) for axis, (values, make) in AXES.items()}


def shown(result):
    """Lines of text: per axis a row of milliseconds for each peer, with its exponents."""
    lines = []
    for axis, r in result.items():
        lines.append(f"  {axis}: " + "  ".join(str(v) for v in r["values"]))
        for peer in sorted(r["ms"], key=lambda p: p != BASE):
            fit = r["exponent"][peer]
            row = "  ".join(f"{t:.3g}" for t in r["ms"][peer])
            lines.append(f"    {peer:8s} ms {row}   ~ x^{fit['all']:.2f}, at the end x^{fit['end']:.2f}")
    return lines
