"""A progress bar that is there when somebody waits, and silent otherwise."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Iterator, Sized
from typing import Any, TypeVar

Item = TypeVar("Item")

#: Nothing is shown before this many seconds have passed.
QUIET = 2.0
#: Seconds between two drawings.
PAUSE = 0.2


def progress(items: Iterable[Item], total: int | None = None, label: str = "", quiet: float = QUIET) -> Iterator[Item]:
    """Pass items through and show how far along they are, once `quiet` seconds have passed.

    In a terminal the bar is one line of text on the error stream; in a notebook one line that rewrites itself. Where
    nobody watches (a pipe, a test, a notebook run by a program) there is no output at all.

    Args:
        items: what is gone through, such as `steps(…)`.
        total: how many there will be; by default `len(items)`, or what the items say themselves (`Step.total`). Where
            that is unknown there is a count, no bar.
        label: a word before the bar.
        quiet: seconds before the bar appears; shorter runs show nothing.

    Yields:
        The items. If an item has a number `loss`, the bar names it.

    >>> list(progress(range(3), label="training"))
    [0, 1, 2]
    """
    if total is None:
        total = len(items) if isinstance(items, Sized) else None
    show = screen()
    start = time.monotonic()
    due = start + quiet
    count, item = 0, None
    try:
        for item in items:
            yield item
            count, total = count + 1, total or getattr(item, "total", None)
            if show is not None and (now := time.monotonic()) >= due:
                due = now + PAUSE
                show.draw(line(count, total, now - start, label, item))
    finally:
        if show is not None and count:
            show.close(line(count, total, time.monotonic() - start, label, item, done=True))


def line(count: int, total: int | None, seconds: float, label: str, item: Any = None, done: bool = False) -> str:
    """The bar as one line of text.

    >>> line(30, 40, 3.0, "training")
    'training ███████████████░░░░░ 30 of 40, 3 s, 1 s left'
    >>> line(40, 40, 4.0, "training", done=True)
    'training: 40 in 4.0 s'
    """
    loss = getattr(item, "loss", None)
    tail = f", loss {loss:.4g}" if isinstance(loss, (int, float)) else ""
    if done:
        return f"{label}{': ' if label else ''}{count:,} in {seconds:.1f} s{tail}"
    head = f"{label} " if label else ""
    if not total:
        return f"{head}{count:,}, {seconds:.0f} s{tail}"
    full = min(20, 20 * count // total)
    left = seconds * max(total - count, 0) / count
    return f"{head}{'█' * full}{'░' * (20 - full)} {count:,} of {total:,}, {seconds:.0f} s, {left:.0f} s left{tail}"


class Terminal:
    """Draws on one line of the error stream."""

    def __init__(self) -> None:
        self.width = 0

    def draw(self, text: str) -> None:
        """Write over what was there."""
        sys.stderr.write("\r" + text.ljust(self.width))
        sys.stderr.flush()
        self.width = max(self.width, len(text))

    def close(self, text: str) -> None:
        """Leave a summary if anything was ever drawn."""
        if self.width:
            self.draw(text)
            sys.stderr.write("\n")


class Notebook:
    """Draws in a cell's output, as one display that is updated in place."""

    def __init__(self) -> None:
        self.handle: Any = None

    def draw(self, text: str) -> None:
        """Create the display the first time, update it after."""
        from IPython.display import display

        bundle = {"text/plain": text}
        if self.handle is None:
            self.handle = display(bundle, raw=True, display_id=True)
        else:
            self.handle.update(bundle, raw=True)

    def close(self, text: str) -> None:
        """Leave a summary if anything was ever drawn."""
        if self.handle is not None:
            self.draw(text)


def screen() -> Terminal | Notebook | None:
    """Where to draw, or None if nobody watches.

    A program that runs notebooks (nbclient, nbval, a book build) tells the kernel that it cannot ask for input; a
    person's front end can be asked. That is how the two are told apart.
    """
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    kernel = getattr(shell, "kernel", None)
    if kernel is not None:
        content = kernel.get_parent().get("content", {})
        return Notebook() if content.get("allow_stdin", True) else None
    return Terminal() if sys.stderr.isatty() else None
