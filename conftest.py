"""Settings for every test run, made before NumPy is loaded."""

import os

# With BLAS's own threads small training steps stall at random; notebook kernels inherit this too.
for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"
# Kernels started by nbval warn about frozen modules otherwise.
os.environ["PYDEVD_DISABLE_FILE_VALIDATION"] = "1"
