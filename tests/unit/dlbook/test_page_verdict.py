"""verdict(...): forms, the record, the bundle that the build collects."""

import re

import numpy as np
import pytest

from dlbook.page import claims as registry
from dlbook.page import verdicts
from dlbook.page.claims import Claim, Settled, VerdictError, problems, report, settled_in, verdict_calls
from dlbook.page.verdicts import MIME, verdict

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

    def record(outcome=""):
        known = {"Z1": Claim("Z1", "Tests", "Water is wet", "test", recorded=outcome)}
        for module in (registry, verdicts):
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
    assert bundle[MIME] == {"id": "Z1", "outcome": outcome, "text": "We looked."}
    assert bundle["text/plain"] == f"Claim Z1: Water is wet.\n{outcome.capitalize()}. We looked."


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
    with pytest.raises(VerdictError, match="text is empty"):
        verdict("Z1", True, "  ")


def test_html_escapes_and_carries_the_look(one_claim, shown):
    verdict("Z1", "holds when wet & cold", "a < b, `w * x`, *often*")
    html = shown[0]["text/html"]
    assert 'class="dl-box dl-verdict dl-verdict-holds-when"' in html
    assert "Holds when wet &amp; cold." in html
    assert "a &lt; b, <code>w * x</code>, <em>often</em>" in html
    assert shown[0]["text/plain"].endswith("a < b, w * x, often")


def test_every_recorded_outcome_has_a_legal_form():
    for claim in registry.claims().values():
        if claim.recorded:
            verdicts._form_of(claim.recorded)
        assert claim.kind in ("explain", "test"), claim.id


def test_claims_are_numbered_without_gaps():
    numbers = {}
    for claim_id in registry.claims():
        numbers.setdefault(claim_id[0], []).append(int(claim_id[1:]))
    assert numbers == {letter: list(range(1, len(found) + 1)) for letter, found in numbers.items()}
    assert {letter: len(found) for letter, found in numbers.items()} == dict(N=16, A=9, B=18, C=15, P=9, H=12, S=3)


def test_calls_are_found_whatever_surrounds_them():
    source = "%pylab\n!ls\nfor i in range(2):\n    page.verdict('N5',\n        x, 't')\nverdict('N6', 'wrong', t)"
    assert verdict_calls(source) == [("N5", False), ("N6", True)]


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


def test_a_claim_settled_twice_names_both_places():
    said = problems([Settled("N1", "one", "a"), Settled("N1", "two", "b")])
    assert "two, cell 'b': N1 is already settled in one, cell 'a'; a claim is settled once." in said


def test_the_book_settles_its_claims_in_good_order():
    assert problems(settled_in(CHAPTERS)) == []


def test_the_report_lists_every_claim_once():
    listed = re.findall(r"\b[NABCPHS]\d+\b", report(CHAPTERS))
    assert sorted(listed) == sorted(registry.claims())
