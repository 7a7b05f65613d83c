"""Settle a claim: say how the experiment came out, and fail when it contradicts what is recorded."""

import re

from dlbook.page.claims import VerdictError, claim
from dlbook.page.show import box_rules, colour, inline, publish, unmarked

__all__ = ["MIME", "VerdictError", "verdict"]

#: The verdict travels in the executed notebook under this type, so that the build can collect them all.
MIME = "application/vnd.dlbook.verdict+json"

_FORM = re.compile(r"(?P<form>holds when|holds in part|holds|misleading|wrong)(?P<rest>.*)", re.DOTALL)
_COLOURS = {"holds": "activation", "holds when": "weight", "holds in part": "weight"}
_FORMS = '"holds", "holds when …", "holds in part", "misleading" or "wrong", after a comma more if needed'


def _form_of(outcome):
    """Split an outcome into its form and check that what follows has the right shape."""
    match = _FORM.fullmatch(outcome)
    rest = match["rest"] if match else ""
    needs_condition = match and match["form"] == "holds when"
    well_formed = match and (re.fullmatch(r" \S.*", rest) if needs_condition else not rest or re.match(r", \S", rest))
    if not well_formed:
        raise VerdictError(f"A verdict is True, False, {_FORMS}; received {outcome!r}.")
    return match["form"]


def _outcome_of(claim_id, holds):
    """Turn True and False (also NumPy's) into words; refuse anything else that is not words."""
    if isinstance(holds, str):
        return " ".join(holds.split())
    if type(holds).__name__ not in ("bool", "bool_"):
        raise VerdictError(f"verdict({claim_id!r}, …): expected True, False, {_FORMS}; received {holds!r}.")
    return "holds" if holds else "wrong"


def verdict(claim_id, holds, text):
    """Show the verdict on a claim in a box, and let the build collect it.

    Args:
        claim_id: an id of dlbook/claims.toml, also written in the cell's metadata: {"claims": ["N5"]}.
        holds: True or False, or "holds", "holds when …", "holds in part", "misleading", "wrong" (with, if
            needed, a comma and more words). Computed by the cell, never typed as a constant.
        text: what was measured, in a sentence or two; its numbers come from an f-string.

    Raises:
        VerdictError: if the id is unknown, the form is not one of these, or the outcome is not the recorded one.
    """
    about, outcome = claim(claim_id), _outcome_of(claim_id, holds)
    form = _form_of(outcome)
    if not text or not text.strip():
        raise VerdictError(f"verdict({claim_id!r}, …): say in a sentence what was measured; the text is empty.")
    if about.recorded and outcome != about.recorded:
        raise VerdictError(
            f"Claim {claim_id} ({about.claim}): this run says {outcome!r}, but dlbook/claims.toml records "
            f"{about.recorded!r}. If the measurement is sound, it stands: change the record, and the prose around it."
        )
    publish(_bundle(about, form, outcome, " ".join(text.split())))


def _bundle(about, form, outcome, text):
    """Return the verdict as HTML, as plain text, and as data for the build."""
    said = outcome[:1].upper() + outcome[1:]
    look, tint = form.replace(" ", "-"), colour(_COLOURS.get(form, "loss"))
    html = (
        f"<style>{box_rules()}</style>"
        f'<div class="dl-box dl-verdict dl-verdict-{look}" style="--dl-box:{tint}">'
        f'<p class="dl-verdict-claim"><span class="dl-verdict-id">Claim {about.id}</span> {inline(about.claim)}.</p>'
        f'<p class="dl-verdict-outcome"><strong>{inline(said)}.</strong> {inline(text)}</p></div>'
    )
    return {
        "text/html": html,
        "text/plain": f"Claim {about.id}: {unmarked(about.claim)}.\n{said}. {unmarked(text)}",
        MIME: {"id": about.id, "outcome": outcome, "text": text},
    }
