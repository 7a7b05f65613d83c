"""The measuring itself: who takes part, do they compute the same, how fast is each beside PyTorch."""

import gc
import importlib
import math
import re
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks import by_hand

BASE = "torch"
REQUIRED = ("torch", "dlcore", "compiled")
OPTIONAL = ("numpy", "mygrad", "autograd", "jax", "tinygrad")
COMPILERS = {"compiled": "dlcore", "torch.compile": "torch"}  # the same texts, model and loss in one word more
TEXTS = Path(__file__).parent / "texts"


class Absent(Exception):  # noqa: N818 - not an error: a peer that takes no part, and why
    """A peer that takes no part in a workload; its text says why."""


class Disagreement(Exception):  # noqa: N818
    """Two peers that should compute the same do not."""


def read_text(name, word):
    """The text `name`, written for dlcore, with that one word changed; returns its namespace."""
    source, changed = re.subn(r"\bdlcore\b", word, (TEXTS / f"{name}.py").read_text())
    if changed != 1:
        raise ValueError(f"texts/{name}.py names dlcore {changed} times; one word is to be changed, so it must be once")
    namespace = {"__name__": f"benchmarks.texts.{name}"}
    exec(compile(source, f"{name}.py for {word}", "exec"), namespace)
    return namespace


def start(peer, workload):
    """The function that makes one training step of `workload` with `peer`; Absent if it takes no part."""
    weights, data = workload.make()
    if peer in COMPILERS:
        word = COMPILERS[peer]
        made = importlib.import_module(word).compile
        return read_text(workload.text, word)["start"](weights, data, **workload.options, compile=made)
    if peer in REQUIRED:
        return read_text(workload.text, peer)["start"](weights, data, **workload.options)
    if peer == "numpy":
        module = by_hand
    else:
        try:
            module = importlib.import_module(f"benchmarks.peers.with_{peer}")
        except ModuleNotFoundError as e:
            raise Absent("not installed" if e.name.split(".")[0] == peer else str(e)) from e
    if workload.text not in module.STARTS:
        raise Absent("no version of this workload")
    return module.STARTS[workload.text](weights, data, **workload.options)


def start_all(workload, peers, steps=10):
    """Every peer's step function after `steps` agreeing steps, and a sentence for each that is missing."""
    running, missing, losses = {}, {}, {}
    for peer in peers:
        try:
            step = start(peer, workload)
            losses[peer] = [float(step()) for _ in range(steps)]
            running[peer] = step
        except Absent as e:
            missing[peer] = str(e)
        except Exception as e:  # one peer that breaks down must not hide the others
            missing[peer] = f"fails with {type(e).__name__}: {str(e).splitlines()[0] if str(e) else ''}"
    if BASE in running:
        check_losses(losses)
    return running, missing


def check_losses(losses, base=BASE, rtol=2e-4):
    """Raise Disagreement unless every peer's losses equal those of `base`: same weights, same data, same steps."""
    for peer, values in losses.items():
        for i, (theirs, ours) in enumerate(zip(losses[base], values, strict=True)):
            if not math.isclose(theirs, ours, rel_tol=rtol, abs_tol=1e-6):
                raise Disagreement(f"{peer}: loss {ours:.7g} at step {i}, but {base} has {theirs:.7g} (rtol {rtol:g})")


def time_rounds(running, steps, rounds, seconds=None, clock=time.process_time):
    """Seconds a step, one array per peer: in each round every peer runs `steps` steps, starting one further each round.

    Interleaved, so that whatever else the machine does falls on all of them; in seconds of the processor, so that time
    given to other processes does not count, and nobody gains by threads of their own. Stops early after `seconds`.
    """
    names, times, begin = list(running), {name: [] for name in running}, clock()
    gc.collect()
    gc.freeze()  # what lives already need not be looked through before every turn
    for r in range(rounds):
        for name in names[r % len(names) :] + names[: r % len(names)]:
            step = running[name]
            gc.collect()
            step()  # brings its data back into the cache
            t0 = clock()
            for _ in range(steps):
                step()
            times[name].append((clock() - t0) / steps)
        if seconds and r >= 4 and clock() - begin > seconds:
            break
    gc.unfreeze()
    return {name: np.array(t) for name, t in times.items()}


@dataclass(frozen=True)
class Ratio:
    """How many times as fast as the base: median and quartiles over the rounds of base time / peer time."""

    low: float
    middle: float
    high: float

    def __str__(self):
        return f"{self.middle:.2f} ({self.low:.2f}-{self.high:.2f})"


def ratios(times, base=BASE):
    """A Ratio for each peer, from quotients within rounds only."""
    return {name: Ratio(*np.quantile(times[base] / t, [0.25, 0.5, 0.75]).tolist()) for name, t in times.items()}


def missed(ratio, floor):
    """Whether a floor is missed beyond the spread: even the upper quartile lies below it."""
    return floor is not None and ratio.high < floor


def run(workload, peers, rounds, seconds):
    """Measure one workload; returns a plain dictionary, ready for JSON."""
    running, missing = start_all(workload, peers)
    lost = [p for p in REQUIRED if p in peers and p in missing]
    result = {
        "key": workload.key,
        "title": workload.title,
        "floor": workload.floor,
        "compiled": workload.compiled,
        "missing": missing,
        "failed": [],
    }
    result["failed"] += [f"{p} takes no part: {missing[p]}" for p in lost]
    if BASE not in running:
        return result | {"peers": {}}
    times = time_rounds(running, workload.steps, rounds, seconds)
    result["rounds"] = len(times[BASE])
    result["peers"] = {
        name: {"ms": 1e3 * float(np.median(times[name])), "low": r.low, "ratio": r.middle, "high": r.high}
        for name, r in ratios(times).items()
    }
    for name, floor in (("dlcore", workload.floor), ("compiled", workload.compiled)):
        if name in running and missed(ratios(times)[name], floor):
            result["failed"].append(f"{name} runs at {ratios(times)[name]} of PyTorch, the floor is {floor}")
    return result
