"""Files that others lean on are written whole or not at all."""

import os
import secrets
from pathlib import Path


def write_whole(path, data):
    """Write text or bytes to a file, in place of what was there; where there is no room, what was there stays."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f".{secrets.token_hex(6)}.new")
    try:
        new.write_bytes(data if isinstance(data, bytes) else data.encode("utf-8"))
        os.replace(new, path)
    finally:
        new.unlink(missing_ok=True)
