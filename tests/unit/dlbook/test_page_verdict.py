"""verdict(...): forms, the record, the bundle that the build collects."""

import re

import numpy as np
import pytest

from dlbook.page import claims as registry
from dlbook.page import settled, verdicts
from dlbook.page.claims import Claim, VerdictError
from dlbook.page.settled import Settled, problems, report, settled_in, verdict_calls
from dlbook.page.verdicts import MIME, definition, verdict

CHAPTERS = registry.CLAIMS_FILE.parents[1] / "chapters"


@pytest.fixture
def shown(monkeypatch):
    """Collect what would be displayed."""
    bundles = []
    monkeypatch.setattr(verdicts, "publish", bundles.append)
    return bundles


@pytest.fixture
def one_claim(monkeypatch):
    """Replace the registry by a single claim; return a function that sets its record."""

    def record(outcome="", finding="", rivals="dry sand"):
        known = {"Z1": Claim("Z1", "Tests", "Water is wet", "test", recorded=outcome, finding=finding, rivals=rivals)}
        for module in (registry, settled, verdicts):
            monkeypatch.setattr(module, "claims", lambda: known, raising=False)

    record()
    return record


@pytest.mark.parametrize(
    ("holds", "outcome"),
    [
        (True, "holds"),
        (np.bool_(True), "holds"),
        (False, "wrong"),
        ("holds when  separable", "holds when separable"),
        ("holds in part", "holds in part"),
        ("holds, at a price", "holds, at a price"),
        ("misleading", "misleading"),
        ("wrong, step by step", "wrong, step by step"),
    ],
)
def test_each_form_reaches_the_bundle(one_claim, shown, holds, outcome):
    verdict("Z1", holds, "We looked.")
    [bundle] = shown
    found = {"outcome": outcome, "text": "We looked.", "kind": "measurement", "rivals": "dry sand"}
    assert bundle[MIME] == {"id": "Z1", **found}
    assert bundle["text/plain"] == (
        f"Claim Z1 (measurement): Water is wet.\n{outcome.capitalize()}. We looked.\nRivals: dry sand."
    )


@pytest.mark.parametrize("kind", ["derivation", "demonstration"])
@pytest.mark.parametrize(
    ("holds", "outcome"),
    [
        (True, "shown"),
        (False, "refuted"),
        ("holds when wet", "shown when wet"),
        ("holds in part", "shown in part"),
        ("holds, at a price", "shown, at a price"),
        ("misleading", "refuted"),
    ],
)
def test_what_could_not_have_come_out_otherwise_is_shown(one_claim, shown, kind, holds, outcome):
    one_claim(outcome, kind, rivals="")
    verdict("Z1", holds, "We looked.", kind=kind)
    verdict("Z1", holds, "We looked.")
    for bundle in shown:
        assert bundle[MIME] == {"id": "Z1", "outcome": outcome, "text": "We looked.", "kind": kind, "rivals": ""}
        assert bundle["text/plain"] == f"Claim Z1 ({kind}): Water is wet.\n{outcome.capitalize()}. We looked."


def test_a_demonstration_that_fails_does_not_pass(one_claim, shown):
    one_claim("shown", "demonstration", rivals="")
    with pytest.raises(VerdictError, match="this run says 'refuted', but dlbook/claims.toml records 'shown'"):
        verdict("Z1", False, "We looked.")


def test_a_definition_says_and_does_not_judge(one_claim, shown):
    one_claim("defined", "definition", rivals="")
    definition("Z1", "Wet is what *water* is.")
    verdict("Z1", True, "Wet is what *water* is.")
    assert shown[0] == shown[1]
    html = shown[0]["text/html"]
    assert "Claim Z1 · definition" in html and "dl-verdict-definition" in html and "<strong>" not in html
    assert shown[0]["text/plain"] == "Claim Z1 (definition): Water is wet.\nWet is what water is."
    for holds, form in ((False, "wrong"), ("holds when wet", "holds when")):
        with pytest.raises(VerdictError, match=f"a definition is not judged, but the cell found '{form}'"):
            verdict("Z1", holds, "We looked.")


def test_a_measurement_names_its_rivals(one_claim, shown):
    one_claim(rivals="")
    with pytest.raises(VerdictError, match=r"verdict\('Z1', …\): a measurement names its rivals"):
        verdict("Z1", True, "We looked.")
    verdict("Z1", True, "We looked.", rivals="a *dry* towel & sand")
    assert '<p class="dl-verdict-rivals">Rivals: a <em>dry</em> towel &amp; sand.</p>' in shown[0]["text/html"]
    assert shown[0]["text/plain"].endswith("\nRivals: a dry towel & sand.")
    with pytest.raises(VerdictError, match="a derivation has no rivals; received 'sand'"):
        verdict("Z1", True, "We looked.", kind="derivation", rivals="sand")


def test_an_unknown_kind_and_another_than_recorded_are_refused(one_claim, shown):
    with pytest.raises(VerdictError, match="expected a kind of definition, derivation, .*; received 'proof'"):
        verdict("Z1", True, "We looked.", kind="proof")
    one_claim("holds", "measurement")
    with pytest.raises(VerdictError, match="Claim Z1 is called a derivation; dlbook/claims.toml records a measurement"):
        verdict("Z1", True, "We looked.", kind="derivation")


@pytest.mark.parametrize("holds", ["true", "holds when", "holds whenever", "mostly", "", 1, None, 0.5, "holdsinpart"])
def test_other_forms_are_refused_with_the_list(one_claim, shown, holds):
    with pytest.raises(VerdictError, match='"holds when …", "holds in part", "misleading" or "wrong"'):
        verdict("Z1", holds, "We looked.")
    assert shown == []


def test_a_contradiction_names_both_sides_and_the_mend(one_claim, shown):
    one_claim("holds")
    with pytest.raises(VerdictError, match=r"Z1 \(Water is wet\): this run says 'misleading'.*records 'holds'.*change"):
        verdict("Z1", "misleading", "We looked.")
    verdict("Z1", True, "We looked.")
    assert len(shown) == 1


def test_an_unknown_id_names_its_neighbours(shown):
    with pytest.raises(VerdictError, match=r"verdict\('N99', …\).*Expected one of N1, N2, .*N16\.$"):
        verdict("N99", True, "We looked.")


def test_a_verdict_says_what_was_measured(one_claim, shown):
    with pytest.raises(VerdictError, match="the text is empty"):
        verdict("Z1", True, "  ")


def test_html_escapes_and_carries_the_look(one_claim, shown):
    verdict("Z1", "holds when wet & cold", "a < b, `w * x`, *often*")
    html = shown[0]["text/html"]
    assert 'class="dl-box dl-verdict dl-verdict-holds-when"' in html
    assert "Holds when wet &amp; cold." in html
    assert "a &lt; b, <code>w * x</code>, <em>often</em>" in html
    assert "\nHolds when wet & cold. a < b, w * x, often\n" in shown[0]["text/plain"]


def test_every_record_says_its_kind_in_the_words_of_that_kind():
    for claim in registry.claims().values():
        assert claim.kind in ("explain", "test"), claim.id
        assert bool(claim.recorded) == bool(claim.finding), claim.id
        assert bool(claim.rivals) <= (claim.finding == "measurement"), claim.id
        if claim.recorded:
            words = sorted(verdicts.KINDS[claim.finding].values(), key=len, reverse=True)
            form = next(word for word in words if claim.recorded.startswith(word))
            rest = claim.recorded.removeprefix(form)
            assert re.fullmatch(r" \S.*" if form.endswith("when") else r"(, \S.*)?", rest), claim.id


def test_claims_are_numbered_without_gaps():
    numbers = {}
    for claim_id in registry.claims():
        numbers.setdefault(claim_id[0], []).append(int(claim_id[1:]))
    assert numbers == {letter: list(range(1, len(found) + 1)) for letter, found in numbers.items()}
    assert {letter: len(found) for letter, found in numbers.items()} == dict(N=16, A=9, B=18, C=15, P=9, H=12, S=3)


def test_calls_are_found_whatever_surrounds_them():
    source = "%pylab\n!ls\nfor i in range(2):\n    page.verdict('N5',\n        x, 't')\nverdict('N6', 'wrong', t)"
    assert verdict_calls(source) == [("N5", False, False), ("N6", True, False)]
    assert verdict_calls("definition('N3', 'text')\nverdict('N5', x, t, rivals='r')") == [
        ("N3", False, False),
        ("N5", False, True),
    ]


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (Settled("Z9", "p", "c"), "settles 'Z9', which is not in claims.toml"),
        (Settled("N1", "p", "c", declared=False), r'calls verdict\("N1"\); its metadata needs {"claims": \["N1"\]}'),
        (Settled("N1", "p", "c", called=False), "metadata names N1, but it does not call"),
        (Settled("N1", "p", "c", typed=True), "the outcome of N1 is typed"),
    ],
)
def test_a_problem_names_its_place(found, said):
    assert any(re.match(rf"p, cell 'c': .*{said}", problem) for problem in problems([found]))


def test_a_measurement_names_rivals(one_claim):
    one_claim("holds", "measurement", rivals="")
    said = "new.ipynb, cell 'c': Z1 is a measurement without rivals; run some, and name them: verdict(\"Z1\", …, rivals"
    assert any(problem.startswith(said) for problem in problems([Settled("Z1", "new.ipynb", "c")]))
    assert problems([Settled("Z1", "new.ipynb", "c", rivals=True)]) == []
    one_claim("holds", "measurement", rivals="dry sand")
    assert problems([Settled("Z1", "new.ipynb", "c")]) == []
    one_claim("holds")
    assert "claims.toml has no `finding` for it: its kind; add it" in problems([Settled("Z1", "new.ipynb", "c")])[0]


def test_a_claim_settled_twice_names_both_places():
    said = problems([Settled("N1", "one", "a"), Settled("N1", "two", "b")])
    assert "two, cell 'b': N1 is already settled in one, cell 'a'; a claim is settled once." in said


def test_the_book_settles_its_claims_in_good_order():
    assert problems(settled_in(CHAPTERS)) == []


def test_the_report_lists_every_claim_once():
    listed = re.findall(r"\b[NABCPHS]\d+\b", report(CHAPTERS))
    assert sorted(listed) == sorted(registry.claims())
    assert re.search(r"B16 +demonstration +refuted +3_backprop", report(CHAPTERS))
    assert re.search(r"C4 +measurement .*\n +rivals: the same network without sharing, an SVM", report(CHAPTERS))
