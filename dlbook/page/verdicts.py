"""Settle a claim: say how the page found it, and fail when that contradicts what is recorded.

There are four kinds of finding, and only one of them judges:

    definition      what a word means; nothing to judge
    derivation      proved on the page
    demonstration   could not have come out otherwise, and shows how
    measurement     could have come out otherwise; it names the rivals that it was tried against
"""

import re

from dlbook.page.claims import VerdictError, claim
from dlbook.page.show import box_rules, colour, in_a_page, inline, publish, unmarked

__all__ = ["MIME", "VerdictError", "definition", "verdict"]

#: The verdict travels in the executed notebook under this type, so that the build can collect them all.
MIME = "application/vnd.dlbook.verdict+json"

_FORM = re.compile(r"(?P<form>holds when|holds in part|holds|misleading|wrong)(?P<rest>.*)", re.DOTALL)
_FORMS = '"holds", "holds when …", "holds in part", "misleading" or "wrong", after a comma more if needed'
_SHOWN = {"holds": "shown", "holds when": "shown when", "holds in part": "shown in part",
          "misleading": "refuted", "wrong": "refuted"}  # fmt: skip

#: kind -> each form of an outcome, and the words in which a finding of this kind says it
KINDS = {
    "definition": {"holds": "defined"},
    "derivation": _SHOWN,
    "demonstration": _SHOWN,
    "measurement": {form: form for form in _SHOWN},
}
_COLOURS = {"holds": "activation", "holds when": "weight", "holds in part": "weight"}


def verdict(claim_id, holds, text, kind=None, rivals=None):
    """Show in a box what the page found about a claim, and let the build collect it.

    Args:
        claim_id: an id of dlbook/claims.toml, also written in the cell's metadata: {"claims": ["N5"]}.
        holds: True or False, or "holds", "holds when …", "holds in part", "misleading", "wrong" (with, if
            needed, a comma and more words). Computed by the cell, never typed as a constant. The box of a
            derivation or a demonstration says "shown" and "refuted" instead.
        text: what was found, in a sentence or two; its numbers come from an f-string.
        kind: "definition", "derivation", "demonstration" or "measurement"; by default what is recorded, or else
            "measurement".
        rivals: what a measurement was tried against: "nearest neighbour, a tuned SVM". By default what is recorded.

    Raises:
        VerdictError: if the id is unknown, the form is not one of these, a measurement names no rivals, or kind
            or outcome are not the recorded ones.
    """
    about = claim(claim_id)
    kind, rivals = kind or about.finding or "measurement", rivals or about.rivals
    _check(about, kind, rivals, text)
    form, rest = _split(_words(claim_id, holds))
    if form not in KINDS[kind]:
        raise VerdictError(f"verdict({claim_id!r}, …): a definition is not judged, but the cell found {form!r}.")
    outcome = KINDS[kind][form] + rest
    if about.recorded and outcome != about.recorded:
        text = f"{_otherwise(about, outcome)} {text}"
    publish(_bundle(about, form, {"outcome": outcome, "text": " ".join(text.split()), "kind": kind, "rivals": rivals}))


def _otherwise(about, outcome):
    """What to say of an outcome that is not the recorded one: an error where the book is made, a sentence in a page."""
    if in_a_page():
        return f"(When the book was built: {about.recorded}.)"
    raise VerdictError(
        f"Claim {about.id} ({about.claim}): this run says {outcome!r}, but dlbook/claims.toml records "
        f"{about.recorded!r}. If the finding is sound, it stands: change the record, and the prose around it."
    )


def definition(claim_id, text):
    """Show a box that says what a word of the articles means; nothing in it is judged."""
    verdict(claim_id, True, text, kind="definition")


def _check(about, kind, rivals, text):
    """Refuse an unknown kind, a kind other than recorded, rivals that are missing or out of place, and silence."""
    if kind not in KINDS:
        raise VerdictError(f"verdict({about.id!r}, …): expected a kind of {', '.join(KINDS)}; received {kind!r}.")
    if about.finding and kind != about.finding:
        raise VerdictError(f"Claim {about.id} is called a {kind}; dlbook/claims.toml records a {about.finding}.")
    if kind == "measurement" and not rivals:
        raise VerdictError(f'verdict({about.id!r}, …): a measurement names its rivals: rivals="nearest neighbour, …".')
    if kind != "measurement" and rivals:
        raise VerdictError(f"verdict({about.id!r}, …): a {kind} has no rivals; received {rivals!r}.")
    if not text or not text.strip():
        raise VerdictError(f"verdict({about.id!r}, …): say in a sentence what was found; the text is empty.")


def _words(claim_id, holds):
    """Turn True and False (also NumPy's) into words; refuse anything else that is not words."""
    if isinstance(holds, str):
        return " ".join(holds.split())
    if type(holds).__name__ not in ("bool", "bool_"):
        raise VerdictError(f"verdict({claim_id!r}, …): expected True, False, {_FORMS}; received {holds!r}.")
    return "holds" if holds else "wrong"


def _split(words):
    """Split an outcome into its form and the rest, and check that the rest has the right shape."""
    match = _FORM.fullmatch(words)
    rest = match["rest"] if match else ""
    needs_condition = match and match["form"] == "holds when"
    well_formed = match and (re.fullmatch(r" \S.*", rest) if needs_condition else not rest or re.match(r", \S", rest))
    if not well_formed:
        raise VerdictError(f"A verdict is True, False, {_FORMS}; received {words!r}.")
    return match["form"], rest


def _bundle(about, form, found):
    """Return a finding as HTML, as plain text, and as data for the build."""
    kind, outcome, text, rivals = found["kind"], found["outcome"], found["text"], found["rivals"]
    said = "" if kind == "definition" else f"{outcome[:1].upper()}{outcome[1:]}. "
    look, tint = (form, _COLOURS.get(form, "loss")) if said else (kind, "muted")
    tried = f'<p class="dl-verdict-rivals">Rivals: {inline(rivals)}.</p>' if rivals else ""
    html = (
        f"<style>{box_rules()}</style>"
        f'<div class="dl-box dl-verdict dl-verdict-{look.replace(" ", "-")}" style="--dl-box:{colour(tint)}">'
        f'<p class="dl-verdict-claim"><span class="dl-verdict-id">Claim {about.id} · {kind}</span> '
        f"{inline(about.claim)}.</p>"
        f'<p class="dl-verdict-outcome">{f"<strong>{inline(said.strip())}</strong> " if said else ""}{inline(text)}</p>'
        f"{tried}</div>"
    )
    lines = [f"Claim {about.id} ({kind}): {unmarked(about.claim)}.", f"{said}{unmarked(text)}"]
    lines += [f"Rivals: {unmarked(rivals)}."] if rivals else []
    return {"text/html": html, "text/plain": "\n".join(lines), MIME: {"id": about.id, **found}}
