"""One check, as a judge gets it, for tests that are not about checks."""

import numpy as np

CHECK = {
    "question": "q1", "check": "doubles", "hidden": False, "points": 2, "name": "double", "says": "",
    "recipe": "def call(answer, *inputs):\n    return answer(*inputs)", "inputs": [np.arange(3.0)],
    "expected": np.array([0.0, 2.0, 4.0]), "rtol": 1e-5, "atol": 1e-7, "mistakes": [], "rules": [],
}  # fmt: skip
