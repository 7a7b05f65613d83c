"""The claims that the popular articles make, as the book numbers them, and what has been recorded about each."""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

CLAIMS_FILE = Path(__file__).parent.parent / "claims.toml"


class VerdictError(Exception):
    """A verdict names an unknown claim, has no known form, or contradicts what is recorded."""


@dataclass(frozen=True)
class Claim:
    """One claim: its id, part, wording, kind ("explain" or "test"), what we expected and what is recorded of it.

    Recorded are the outcome, the kind of finding (dlbook.page.verdicts) and what a measurement was tried against.
    """

    id: str
    part: str
    claim: str
    kind: str
    experiment: str = ""
    expected: str = ""
    recorded: str = ""
    finding: str = ""
    rivals: str = ""


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
