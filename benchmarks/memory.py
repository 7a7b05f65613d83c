"""Memory of a training step, in fresh processes.

What is counted: the peak of what a process holds while it makes three steps of a workload (weights, gradients, state of
the optimiser, activations, what the tape keeps), less what it held before it built it. Two steps before them are not
counted: in those a compiled one is recorded, for which all that is computed has to be kept for a while. It is the
high-water mark of resident memory, which means the same for every library; the books of the allocators do not
(PyTorch's leaves out the scratch memory of oneDNN, Python's that of OpenBLAS). Before the count the same steps are made
on a batch of two, so that pages of code and what the libraries set up for themselves are not counted; what they freed
is given back to the system (malloc_trim), and from then on blocks of 64 KB and more go back at once (mallopt, whatever
the library had chosen), so that the mark follows what is alive. Small workloads hold less than the noise of this method
and are not judged: `SENSIBLE` MB is the least that is.
"""

import ctypes
import json
import os
import subprocess
import sys
from dataclasses import replace

LIMIT, SENSIBLE = 1.5, 4.0
M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3  # of mallopt


def status(field):
    """A field of /proc/self/status in MB."""
    with open("/proc/self/status") as lines:
        return next(int(line.split()[1]) / 1024 for line in lines if line.startswith(field + ":"))


def measure(peer, key):
    """Peak MB of three steps of workload `key`; call in a fresh process only."""
    import gc

    from benchmarks.harness import start
    from benchmarks.workloads import WORKLOADS

    workload = next(w for w in WORKLOADS if w.key == key)
    weights, data = workload.make()
    warm = start(peer, replace(workload, make=lambda: (weights, tuple(a[:2] for a in data))))
    for _ in range(3):
        warm()
    del warm
    gc.collect()
    libc = ctypes.CDLL(None)
    libc.malloc_trim(0)
    libc.mallopt(M_MMAP_THRESHOLD, 65536)
    libc.mallopt(M_TRIM_THRESHOLD, 65536)
    before = status("VmRSS")
    step = start(peer, replace(workload, make=lambda: (weights, data)))
    for _ in range(2):
        step()
    gc.collect()
    with open("/proc/self/clear_refs", "w") as f:
        f.write("5")  # the high-water mark starts again from here
    for _ in range(3):
        step()
    return status("VmHWM") - before


def measure_apart(peer, key):
    """`measure` in a process of its own."""
    out = subprocess.run(
        [sys.executable, "-m", "benchmarks", "--one-memory", peer, key],
        env=os.environ | {"MALLOC_ARENA_MAX": "1"},
        capture_output=True,
        text=True,
    )
    if out.returncode:
        raise RuntimeError(f"memory of {key} with {peer}: {out.stderr.strip().splitlines()[-1]}")
    return json.loads(out.stdout)


def compare(workloads, peers=("torch", "dlcore", "compiled"), repeats=3):
    """Rows of {key, peer: MB, ratio, failed}; medians over `repeats` processes each."""
    rows = []
    for w in workloads:
        row = {"key": w.key}
        for peer in peers:
            row[peer] = sorted(measure_apart(peer, w.key) for _ in range(repeats))[repeats // 2]
        row["ratio"] = row["dlcore"] / row["torch"] if row["torch"] > 0 else None
        row["judged"] = row["torch"] >= SENSIBLE
        row["failed"] = row["judged"] and row["ratio"] > LIMIT
        rows.append(row)
    return rows
