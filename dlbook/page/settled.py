"""Where the notebooks settle the claims, and whether that is in good order.

`python -m dlbook.page` lists which claim is settled where, by what kind of finding, and which are still open.
"""

import ast
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from dlbook.page.claims import CLAIMS_FILE, claims
from dlbook.page.guesses import reading_order


@dataclass(frozen=True)
class Settled:
    """A claim that a notebook's cell settles: which, where, and whether call, metadata and outcome are in order."""

    id: str
    page: str
    cell: str
    called: bool = True
    declared: bool = True
    typed: bool = False
    rivals: bool = False

    @property
    def place(self):
        """Where it is, in words."""
        return f"{self.page}, cell {self.cell!r}"


class Call(NamedTuple):
    """A call that settles a claim: of which, whether its outcome is typed as a constant, whether it names rivals."""

    id: str
    typed: bool
    rivals: bool


def verdict_calls(source):
    """Return one Call for each `verdict(...)` and `definition(...)` in a cell's source.

    >>> verdict_calls("x = 1\\nverdict('N5', x > 0, f'{x}', rivals='chance')")
    [Call(id='N5', typed=False, rivals=True)]
    """
    python = re.sub(r"^(\s*)[%!].*$", r"\1pass", source, flags=re.MULTILINE)
    calls = [node for node in ast.walk(ast.parse(python)) if isinstance(node, ast.Call) and node.args]
    named = [(getattr(c.func, "id", getattr(c.func, "attr", "")), c) for c in calls]
    named = [(name, c) for name, c in named if name in ("verdict", "definition")]
    return [_call(name, c) for name, c in sorted(named, key=lambda pair: (pair[1].lineno, pair[1].col_offset))]


def _call(name, node):
    """Return the Call that a node of the syntax tree is."""
    constant = [isinstance(argument, ast.Constant) for argument in node.args]
    typed = name == "verdict" and any(constant[1:2])
    return Call(node.args[0].value if constant[0] else "?", typed, any(k.arg == "rivals" for k in node.keywords))


def settled_in(chapters):
    """Return one Settled per verdict call, and per declared id without a call, in the notebooks under a folder."""
    found = []
    for path in sorted(Path(chapters).rglob("*.ipynb"), key=reading_order):
        if ".ipynb_checkpoints" not in path.parts:
            page = path.relative_to(chapters).as_posix()
            for number, cell in enumerate(json.loads(path.read_text(encoding="utf-8"))["cells"]):
                found += _settled_by(cell, page, cell.get("id", str(number)))
    return found


def _settled_by(cell, page, name):
    """Return the Settled of one cell."""
    declared = cell.get("metadata", {}).get("claims", [])
    calls = verdict_calls("".join(cell["source"])) if cell["cell_type"] == "code" else []
    found = [Settled(c.id, page, name, declared=c.id in declared, typed=c.typed, rivals=c.rivals) for c in calls]
    return found + [Settled(i, page, name, called=False) for i in declared if i not in {c.id for c in calls}]


def problems(found):
    """Return what is wrong with the settled claims of a book, one sentence each, with the place."""
    first, wrong = {}, []
    for one in found:
        wrong += [f"{one.place}: {what}" for what in _faults(one)]
        if one.id in first:
            wrong.append(f"{one.place}: {one.id} is already settled in {first[one.id]}; a claim is settled once.")
        first.setdefault(one.id, one.place)
    open_ones = [c for c in claims().values() if c.recorded and c.id not in first]
    return wrong + [
        f"{CLAIMS_FILE.name}: {c.id} is recorded as {c.recorded!r}, but no page settles it." for c in open_ones
    ]


def _faults(one):
    """Return what is wrong with a single Settled."""
    known = claims().get(one.id)
    if known is None:
        yield f"settles {one.id!r}, which is not in {CLAIMS_FILE.name}."
    elif not known.recorded:
        yield f"settles {one.id}, but {CLAIMS_FILE.name} has no `recorded` for it; add it."
    elif not known.finding:
        yield f"settles {one.id}, but {CLAIMS_FILE.name} has no `finding` for it: its kind; add it."
    elif known.finding == "measurement" and not one.rivals and not known.rivals:
        yield f'{one.id} is a measurement without rivals; run some, and name them: verdict("{one.id}", …, rivals="…").'
    if not one.declared:
        yield f'calls verdict("{one.id}"); its metadata needs {{"claims": ["{one.id}"]}}.'
    if not one.called:
        yield f'its metadata names {one.id}, but it does not call verdict("{one.id}", …).'
    if one.typed:
        yield f"the outcome of {one.id} is typed; let the cell compute it."


def report(chapters):
    """Return a table in plain text: each claim, where it is settled, by what kind of finding, the open ones last."""
    where = {one.id: one for one in settled_in(chapters) if one.id in claims()}
    open_ids = [i for i in claims() if i not in where]
    lines = [f"{len(where)} of {len(claims())} claims are settled."]
    for i, one in where.items():
        known = claims()[i]
        lines.append(f"  {i:4} {known.finding or '?':14}{known.recorded or '(no outcome recorded)':62}{one.page}")
        lines += [f"       rivals: {known.rivals}"] if known.rivals else []
    return "\n".join([*lines, f"Open ({len(open_ids)}): {', '.join(open_ids)}"])
