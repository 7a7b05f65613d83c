"""`python -m benchmarks.page_steps`: how soon Python answers in the page, and what a step of small networks takes.

Seconds from the press on "Run" under an exercise to its answer, loading included; then for each network the
milliseconds of one training step in the page, there compiled, there without the product of matrices of its own, and
natively without and with `compile`.
`--browser firefox` and `--disk` as in benchmarks.page_python.
"""

import argparse
import json
import os
import subprocess
import sys

from benchmarks.page_python import BOOK, MEMORY, ROOT, chromium, firefox

PAGE = "chapters/3_backprop/1_loss.html"
STEPS = '''
import json, time
import numpy as np
import dlcore as torch
from dlcore import nn, optim

def quickest(work, count):
    """Milliseconds of one run: of `count` times of twenty the one at the first fifth (a browser's clock is coarse)."""
    took = []
    for _ in range(count):
        began = time.perf_counter()
        for _ in range(20):
            work()
        took.append(time.perf_counter() - began)
    return 1000 * sorted(took)[count // 5] / 20


def training(model, shape, classes, made):
    x = torch.tensor(np.random.default_rng(0).standard_normal(shape), dtype=torch.float32)
    y = torch.tensor(np.arange(shape[0]) % max(classes, 2))
    loss = made(nn.CrossEntropyLoss() if classes > 1 else nn.BCEWithLogitsLoss())
    target = y if classes > 1 else y.float().reshape(-1, 1)
    optimizer = optim.Adam(model.parameters(), lr=1e-3)
    model = made(model)

    def step():
        optimizer.zero_grad()
        loss(model(x), target).backward()
        optimizer.step()

    return step


def mlp(made):
    sizes = nn.Linear(64, 128), nn.ReLU(), nn.Linear(128, 64), nn.ReLU(), nn.Linear(64, 10)
    return training(nn.Sequential(*sizes), (128, 64), 10, made)


def cnn(made):
    maps = nn.Conv2d(1, 8, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(8, 16, 3, padding=1), nn.ReLU()
    return training(nn.Sequential(*maps, nn.MaxPool2d(2), nn.Flatten(), nn.Linear(64, 10)), (64, 1, 8, 8), 10, made)


def plane(made):
    model = nn.Sequential(nn.Linear(2, 8), nn.Tanh(), nn.Linear(8, 8), nn.Tanh(), nn.Linear(8, 1))
    step, shown, places = training(model, (500, 2), 1, made), made(model), torch.zeros(2500, 2)

    def both():
        step()
        with torch.no_grad():
            shown(places)

    return both


def measured(count):
    """Network -> milliseconds a step, plain and compiled."""
    return {
        network.__name__: [quickest(network(made), count) for made in (lambda made: made, torch.compile)]
        for network in (mlp, cnn, plane)
    }
'''
PLAIN = "from dlbook.browser import product as own; own.LEAST = 10**18\n"
START = """
const { cells } = JSON.parse(document.getElementById("dl-cells").textContent);
const { id } = cells.find(({ kind }) => kind === "exercise");
const bar = document.getElementById(`run-${id}`), began = performance.now();
bar.querySelector(".dl-run-status")?.replaceChildren();
bar.querySelector("button[data-what=run]").click();
const look = () => /Ran in|error|ended/.test(bar.querySelector(".dl-run-status")?.textContent ?? "")
  ? done((performance.now() - began) / 1000) : setTimeout(look, 5);
look();
"""
AGAIN = f"dlPython.stop(); {START}"
RUN = """
let said = "";
dlPython.run(source, { print: (text) => { said += text; } }).then(({ ok, error }) => done(ok ? said : error.text));
"""


def natively(source):
    """What a program prints, run here with one thread."""
    settings = {name: value for name, value in os.environ.items() if name != "OPENBLAS_CORETYPE"}
    one = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    call = [sys.executable, "-c", source]
    return subprocess.run(call, env=settings | one, cwd=ROOT, capture_output=True, encoding="utf-8", check=True).stdout


def main():
    parser = argparse.ArgumentParser(prog="python -m benchmarks.page_steps", description=__doc__)
    parser.add_argument("--browser", choices=("chromium", "firefox"), default="chromium")
    parser.add_argument("--disk", action="store_true", help="from file://, without a server")
    parser.add_argument("--count", type=int, default=20, help="times of twenty steps for each network")
    given = parser.parse_args()
    sys.path.insert(0, str(ROOT / "tests" / "browser"))
    from live_site import serve

    source = f"{STEPS}print(json.dumps(measured({given.count})))\n"
    with {"chromium": chromium, "firefox": firefox}[given.browser]() as opened, serve(BOOK) as site:
        ask, close = opened((BOOK / PAGE).as_uri() if given.disk else f"{site}/{PAGE}")
        print(f"first answer {ask(START):.1f} s, after Stop {ask(AGAIN):.1f} s")
        print(f"memory {ask(MEMORY) / 1e6:.0f} MB")
        fast = json.loads(ask(RUN, source=source))
        plain = json.loads(ask(RUN, source=PLAIN + source))
        close()
    native = json.loads(natively(source))
    heads = "a step of", "in the page, ms", "compiled", "without its own product", "natively", "compiled"
    print(f"| {' | '.join(heads)} |", "|---" * len(heads) + "|", sep="\n")
    for name in fast:
        times = *fast[name], plain[name][0], *native[name]
        print(f"| {name} | {' | '.join(f'{time:.2f}' for time in times)} |")


if __name__ == "__main__":
    main()
