"""Settings for every test run, made before NumPy is loaded."""

import json
import os
from pathlib import Path

# With BLAS's own threads small training steps stall at random; notebook kernels inherit this too.
for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"
# Kernels started by nbval warn about frozen modules otherwise.
os.environ["PYDEVD_DISABLE_FILE_VALIDATION"] = "1"

# A kernel of nbval is as it comes, whatever profile of IPython its user has.
os.environ["IPYTHONDIR"] = str(Path(__file__).parent / "book" / "_build" / "ipython")

RAN = Path(__file__).parent / "book" / "_build" / "executed"


def seconds(item):
    """What a notebook took when the book was built; other tests, and notebooks that were not built, come first."""
    ran = RAN / item.path.relative_to(item.config.rootpath).with_suffix(".json")
    return json.loads(ran.read_text(encoding="utf-8"))["seconds"] if ran.exists() else float("inf")


def pytest_collection_modifyitems(items):
    """The longest notebook first, so that no core rests while it runs last; within a notebook the order stays."""
    if any(item.path.suffix == ".ipynb" for item in items):
        items.sort(key=seconds, reverse=True)
