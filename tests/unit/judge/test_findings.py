"""How stages say what they found."""

from __future__ import annotations

from orchestrator.judge.findings import Violation, refused
from orchestrator.masking import signature_of
from tests.unit.judge.fakes import candidate


def test_signatures_mask_what_differs_between_two_runs() -> None:
    """Numbers, addresses, temporary paths and white space do not count; rules and words do."""
    first = signature_of("r", "at 0x7f3a failed in 3.2s,\n see /tmp/abc")
    assert first == signature_of("r", "at 0x9b failed in 14.75s, see /tmp/xyz/1")
    assert first != signature_of("q", "at 0x7f3a failed in 3.2s,\n see /tmp/abc")
    assert signature_of("r", "lone \ud800")


def test_a_refusal_carries_rule_reason_advice_and_signature() -> None:
    """All four, and the candidate's name."""
    finding = refused("scope", candidate(name="c7"), Violation("scope.x", "wrong", "do y"), detail="z")
    assert (finding.rule, finding.reason, finding.advice, finding.candidate_id) == ("scope.x", "wrong", "do y", "c7")
    assert finding.signature == signature_of("scope.x", "z")
