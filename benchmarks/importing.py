"""How long `import dlcore` takes, in fresh processes, and what it drags in."""

import json
import statistics
import subprocess
import sys

LIMIT = 0.15
HEAVY = ("torch", "matplotlib", "sklearn", "scipy", "altair", "ipywidgets", "IPython", "pandas", "dlbook")
SCRIPT = """
import json, sys, time
begin = time.perf_counter()
import {name}
print(json.dumps([time.perf_counter() - begin, [m for m in {heavy} if m in sys.modules]]))
"""


def once(name):
    out = subprocess.run(
        [sys.executable, "-c", SCRIPT.format(name=name, heavy=HEAVY)], capture_output=True, text=True, check=True
    )
    return json.loads(out.stdout)


def compare(repeats=9):
    """Seconds of `import dlcore` and of NumPy alone (quartiles), and the heavy packages found loaded."""
    result = {}
    once("dlcore")  # brings the files into the disk's cache
    runs = {name: [once(name) for _ in range(repeats)] for name in ("numpy", "dlcore")}
    for name, pairs in runs.items():
        result[name] = statistics.quantiles([seconds for seconds, _ in pairs], n=4)
    result["heavy"] = runs["dlcore"][0][1]
    result["failed"] = bool(result["heavy"]) or result["dlcore"][0] > LIMIT
    return result
