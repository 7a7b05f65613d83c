"""The claims that the popular articles make, as the book numbers them, and what has been recorded about each.

`python -m dlbook.page` lists which claim is settled where, and which are still open.
"""

import ast
import json
import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

CLAIMS_FILE = Path(__file__).parent.parent / "claims.toml"


class VerdictError(Exception):
    """A verdict names an unknown claim, has no known form, or contradicts what is recorded."""


@dataclass(frozen=True)
class Claim:
    """One claim: its id, part, wording, kind ("explain" or "test"), what we expected and what is recorded."""

    id: str
    part: str
    claim: str
    kind: str
    experiment: str = ""
    expected: str = ""
    recorded: str = ""


@cache
def claims():
    """Return every claim of the book by its id, in the order of the file."""
    rows = tomllib.loads(CLAIMS_FILE.read_text(encoding="utf-8"))["claim"]
    found = [Claim(**row) for row in rows]
    doubled = {c.id for c in found if sum(c.id == other.id for other in found) > 1}
    if doubled:
        raise VerdictError(f"{CLAIMS_FILE.name}: claim ids must be unique, but these come twice: {sorted(doubled)}")
    return {c.id: c for c in found}


def claim(claim_id):
    """Return the claim of that id; raise VerdictError, naming its neighbours, if there is none."""
    known = claims()
    if claim_id not in known:
        near = [c for c in known if c[:1] == str(claim_id)[:1]] or list(known)
        raise VerdictError(
            f"verdict({claim_id!r}, …): there is no such claim in dlbook/{CLAIMS_FILE.name}. "
            f"Expected one of {', '.join(near)}."
        )
    return known[claim_id]


@dataclass(frozen=True)
class Settled:
    """A claim that a notebook's cell settles: which, where, and whether call, metadata and outcome are in order."""

    id: str
    page: str
    cell: str
    called: bool = True
    declared: bool = True
    typed: bool = False

    @property
    def place(self):
        """Where it is, in words."""
        return f"{self.page}, cell {self.cell!r}"


def verdict_calls(source):
    """Return (claim id, whether the outcome is typed as a constant) of each `verdict(...)` in a cell's source.

    >>> verdict_calls("x = 1\\nverdict('N5', x > 0, f'{x}')")
    [('N5', False)]
    """
    python = re.sub(r"^(\s*)[%!].*$", r"\1pass", source, flags=re.MULTILINE)
    calls = [node for node in ast.walk(ast.parse(python)) if isinstance(node, ast.Call) and node.args]
    named = [c for c in calls if getattr(c.func, "id", getattr(c.func, "attr", "")) == "verdict"]
    named.sort(key=lambda c: (c.lineno, c.col_offset))
    constant = [[isinstance(a, ast.Constant) for a in c.args] for c in named]
    return [(c.args[0].value if k[0] else "?", any(k[1:2])) for c, k in zip(named, constant, strict=True)]


def settled_in(chapters):
    """Return one Settled per verdict call, and per declared id without a call, in the notebooks under a folder."""
    found = []
    for path in sorted(Path(chapters).rglob("*.ipynb")):
        if ".ipynb_checkpoints" not in path.parts:
            page = path.relative_to(chapters).as_posix()
            for number, cell in enumerate(json.loads(path.read_text(encoding="utf-8"))["cells"]):
                found += _settled_by(cell, page, cell.get("id", str(number)))
    return found


def _settled_by(cell, page, name):
    """Return the Settled of one cell."""
    declared = cell.get("metadata", {}).get("claims", [])
    calls = verdict_calls("".join(cell["source"])) if cell["cell_type"] == "code" else []
    found = [Settled(i, page, name, declared=i in declared, typed=typed) for i, typed in calls]
    return found + [Settled(i, page, name, called=False) for i in declared if i not in dict(calls)]


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
    if not one.declared:
        yield f'calls verdict("{one.id}"); its metadata needs {{"claims": ["{one.id}"]}}.'
    if not one.called:
        yield f'its metadata names {one.id}, but it does not call verdict("{one.id}", …).'
    if one.typed:
        yield f"the outcome of {one.id} is typed; let the cell compute it."


def report(chapters):
    """Return a table in plain text: each claim, where it is settled and how, the open ones last."""
    where = {one.id: one for one in settled_in(chapters) if one.id in claims()}
    open_ids = [i for i in claims() if i not in where]
    lines = [f"{len(where)} of {len(claims())} claims are settled."]
    lines += [f"  {i:4} {claims()[i].recorded or '(no outcome recorded)':30} {one.page}" for i, one in where.items()]
    return "\n".join([*lines, f"Open ({len(open_ids)}): {', '.join(open_ids)}"])
