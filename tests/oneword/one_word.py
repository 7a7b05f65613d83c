"""The one word: `torch` replaced by `dlcore` in the imports of a script, and the script run."""

import contextlib
import io
import re
import warnings


def with_dlcore(text):
    """`import torch` becomes `import dlcore as torch`, and `torch` in other imports `dlcore`.

    >>> print(with_dlcore("import torch\\nimport torch.nn as nn\\nfrom torch.optim import Adam"))
    import dlcore as torch
    import dlcore.nn as nn
    from dlcore.optim import Adam
    """
    text = re.sub(r"^(\s*)import torch *$", r"\1import dlcore as torch", text, flags=re.M)
    text = re.sub(r"^(\s*)import torch\.", r"\1import dlcore.", text, flags=re.M)
    return re.sub(r"^(\s*)from torch\b", r"\1from dlcore", text, flags=re.M)


def printed(text):
    """What a script prints, and the error that ended it (or None)."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            exec(compile(text, "script", "exec"), {"__name__": "__main__"})
        except Exception as error:  # (a script may raise anything)
            return out.getvalue(), error
    return out.getvalue(), None
