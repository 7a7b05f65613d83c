"""Runs the notebooks of the book and hands their outputs to Sphinx.

A notebook runs again when its code, anything of dlcore or dlbook that it can load, or the locked versions change;
editing its prose does not run it. Each result is written whole or not at all. Sphinx never sees an output that came
from other code than the page shows: outputs are put into the stripped source as it is read.
"""

import asyncio
import json
import math
import os
import platform
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import asdict, dataclass, field
from datetime import date
from importlib import metadata
from pathlib import Path

import matplotlib
import nbformat
from IPython.core.inputtransformer2 import TransformerManager
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from sphinx.errors import ExtensionError

from dlbook.page.claims import claims
from dlbook.sphinx.sources import ROOT, fingerprint
from dlbook.whole import write_whole

CELL_TIMEOUT = 120  # seconds
KERNEL_ENV = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MPLBACKEND": "agg"}
SHOWN_VERSIONS = ("numpy", "torch", "scikit-learn", "matplotlib")

# Peak resident memory of the kernel in MB. Linux carries ru_maxrss over from the parent process, so its own record
# (VmHWM) comes first; macOS counts ru_maxrss in bytes; Windows has neither and tells psutil.
PEAK_MEMORY = """
import sys
if sys.platform == "linux":
    _peak = next(int(line.split()[1]) / 1024 for line in open("/proc/self/status") if line.startswith("VmHWM"))
elif sys.platform == "win32":
    import psutil
    _peak = psutil.Process().memory_info().peak_wset / 2**20
else:
    import resource
    _peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
print(_peak)
"""


@dataclass
class Execution:
    """What one run of a notebook left behind: outputs per code cell, and what it cost."""

    key: str
    seconds: float = 0.0
    peak_mb: float = 0.0
    verified: str = ""
    versions: dict = field(default_factory=dict)
    outputs: list = field(default_factory=list)
    took: list = field(default_factory=list)  # seconds of each code cell

    @classmethod
    def load(cls, path):
        """The stored execution, or None where there is none that can be read."""
        try:
            return cls(**json.loads(path.read_text(encoding="utf-8")))
        except (FileNotFoundError, json.JSONDecodeError, TypeError):
            return None

    def save(self, path):
        """Keep it for later builds."""
        write_whole(path, json.dumps(asdict(self)))


class BuildKernel(AsyncKernelManager):
    """This very Python, whatever kernels the reader's own Jupyter names."""

    kernel_spec = KernelSpec(
        argv=[sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"], language="python"
    )


def kernel_environment(folder):
    """The environment of a page's kernel: the reader's own settings of IPython and matplotlib stay out of it."""
    own = {"IPYTHONDIR": str(folder), "MATPLOTLIBRC": str(Path(matplotlib.get_data_path()) / "matplotlibrc")}
    return {**os.environ, **KERNEL_ENV, **own}


class PageError(ExtensionError):
    """A cell of a page failed; the message names page, cell and error."""


def store(outdir, docname):
    """Where the execution of a page is kept, beside the built HTML."""
    return Path(outdir).parent / "executed" / f"{docname}.json"


def code_cells(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def page_key(notebook):
    """What the outputs of a notebook depend on, as one hash."""
    plain = TransformerManager().transform_cell  # magics become plain Python
    cells = [cell.source for cell in code_cells(notebook)]
    lock = ROOT / "requirements.txt"
    locked = lock.read_text(encoding="utf-8") if lock.exists() else ""
    settled = [claims().get(name) for cell in code_cells(notebook) for name in cell.metadata.get("claims", ())]
    extra = [platform.python_version(), locked, json.dumps(cells), settled]
    return fingerprint("\n".join(map(plain, cells)), extra=extra)


def run(path):
    """Execute one notebook file in a fresh kernel and return its Execution.

    Raises:
        PageError: when a cell fails, runs over the time limit, or the kernel dies; it names page, cell and error.
    """
    notebook = nbformat.read(path, as_version=4)
    key = page_key(notebook)
    notebook.cells.append(nbformat.v4.new_code_cell(PEAK_MEMORY))
    seen, took = {"cell": 0}, []
    client = NotebookClient(
        notebook,
        timeout=CELL_TIMEOUT,
        kernel_manager_class=BuildKernel,
        extra_arguments=["--log-level=ERROR"],
        resources={"metadata": {"path": str(path.parent)}},
        on_cell_start=lambda cell, cell_index: seen.update(cell=cell_index, start=time.perf_counter()),
        on_cell_executed=lambda **_: took.append(round(time.perf_counter() - seen["start"], 2)),
    )
    start = time.perf_counter()
    try:
        with tempfile.TemporaryDirectory() as empty:
            asyncio.run(client.async_execute(env=kernel_environment(empty)))
    except (CellExecutionError, CellTimeoutError, DeadKernelError) as error:
        raise PageError(_failure(path, notebook, seen["cell"], error)) from None
    seconds = time.perf_counter() - start
    probe = notebook.cells.pop()
    return Execution(
        key=key,
        seconds=round(seconds, 2),
        peak_mb=round(float(probe.outputs[0]["text"]), 1),
        verified=date.today().isoformat(),
        versions={"Python": platform.python_version()} | {name: metadata.version(name) for name in SHOWN_VERSIONS},
        outputs=[cell.outputs for cell in code_cells(notebook)],
        took=took[: len(code_cells(notebook))],
    )


def _failure(path, notebook, index, error):
    cell = notebook.cells[index]
    number = sum(c.cell_type == "code" for c in notebook.cells[: index + 1])
    if isinstance(error, CellExecutionError):
        what = f"{error.ename}: {error.evalue}"
    elif isinstance(error, CellTimeoutError):
        what = f"ran longer than {CELL_TIMEOUT} s"
    else:
        what = "the kernel died"
    source = "\n".join(f"    {line}" for line in cell.source.splitlines())
    return f"{_short(path)}, code cell {number} ({cell.get('id', 'no id')}): {what}\n{source}\n"


def _short(path):
    return path.relative_to(ROOT).as_posix() if path.is_relative_to(ROOT) else str(path)


def cores():
    """How many processor cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def stale_pages(app):
    """docname → path of every notebook whose stored outputs are missing or out of date, the longest first.

    Otherwise a long page that begins last runs alone while the other cores rest. A page that has never run may be the
    longest; among those the one with the most code comes first.
    """
    length = {}
    for doc in sorted(app.env.found_docs):
        path = Path(app.env.doc2path(doc))
        if path.suffix == ".ipynb":
            notebook, known = nbformat.read(path, as_version=4), Execution.load(store(app.outdir, doc))
            if known is None or known.key != page_key(notebook):
                code = sum(len(cell.source) for cell in code_cells(notebook))
                length[doc, path] = (known.seconds if known else math.inf, code)
    return dict(sorted(length, key=length.get, reverse=True))


def execute_stale(app):
    """Run every notebook of the book whose stored outputs are missing or out of date, with progress."""
    stale = stale_pages(app)
    if not stale:
        return
    print(f"running {len(stale)} notebook(s), {app.config.dlbook_jobs} at a time", flush=True)
    failures = []
    with ThreadPoolExecutor(app.config.dlbook_jobs) as pool:
        waiting = {pool.submit(run, path): doc for doc, path in stale.items()}
        for done, future in enumerate(as_completed(waiting), 1):
            doc = waiting[future]
            try:
                result = future.result()
            except PageError as error:
                failures.append(str(error))
                print(f"  [{done}/{len(stale)}] {doc}  FAILED", flush=True)
                continue
            result.save(store(app.outdir, doc))
            print(f"  [{done}/{len(stale)}] {doc}  {result.seconds:.1f} s  {result.peak_mb:.0f} MB", flush=True)
    if failures:
        raise PageError("the book was not built, because a cell failed:\n\n" + "\n".join(failures))


def on_outdated(app, env, added, changed, removed):
    """Before reading: run what is stale; re-read every page whose outputs are newer than Sphinx's copy of it."""
    execute_stale(app)
    again = []
    for doc in env.found_docs - added - changed:
        path = store(app.outdir, doc)
        read_at = env.all_docs.get(doc, 0) / 1e6
        if path.exists() and path.stat().st_mtime > read_at:
            again.append(doc)
    return again


def on_source_read(app, docname, source):
    """Put the stored outputs into the stripped notebook that Sphinx has just read."""
    if not str(app.env.doc2path(docname)).endswith(".ipynb"):
        return
    execution = Execution.load(store(app.outdir, docname))
    notebook = nbformat.reads(source[0], as_version=4)
    if execution.key != page_key(notebook):
        raise PageError(f"{docname}: the notebook, or code that it uses, changed while the book was built; build again")
    source[0] = nbformat.writes(filled(notebook, execution))


def filled(notebook, execution):
    """The notebook with the outputs of an execution put in."""
    for count, (cell, outputs) in enumerate(zip(code_cells(notebook), execution.outputs, strict=True), 1):
        cell.outputs = [nbformat.from_dict(_shown(output)) for output in outputs]
        cell.execution_count = count
        cell.metadata["seconds"] = execution.took[count - 1] if execution.took else 0
    return notebook


def _shown(output):
    """An output without the records that travel beside what is shown."""
    if "data" not in output:
        return output
    return output | {"data": {kind: value for kind, value in output["data"].items() if "vnd.dlbook" not in kind}}


def setup(app):
    app.add_config_value("dlbook_jobs", cores(), "")
    app.connect("env-get-outdated", on_outdated)
    app.connect("source-read", on_source_read)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
