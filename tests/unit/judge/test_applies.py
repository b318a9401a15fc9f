"""Stage 1: the edits landed and changed the program."""

from __future__ import annotations

from orchestrator.judge.applies import edits_apply
from orchestrator.records import EditRefusal, Judgement
from tests.unit.judge.fakes import BASE, candidate, case, change, rewrite


def test_a_refused_edit_fails_with_the_refusals_own_words() -> None:
    """The reason repeats the refusal and shows the nearest place; the rule carries its code."""
    refusal = EditRefusal(
        "not_found", "the search text is nowhere in demo/core.py", "demo/core.py", "4: def add(a, b):"
    )
    finding = edits_apply(candidate(refusal=refusal), case())
    assert finding.judgement is Judgement.FAIL
    assert finding.rule == "applies.not_found"
    assert "nowhere in demo/core.py" in finding.reason
    assert "4: def add(a, b):" in finding.reason
    assert "demo/core.py" in finding.advice


def test_an_unchanged_file_is_no_repair() -> None:
    """Edits that write what was there fail as no change."""
    assert edits_apply(rewrite(str(BASE["demo/core.py"])), case()).rule == "applies.no_change"


def test_a_candidate_without_changes_is_no_repair() -> None:
    """No changes at all fail as no change."""
    assert edits_apply(candidate(), case()).rule == "applies.no_change"


def test_comments_and_formatting_are_no_repair() -> None:
    """A change that leaves the meaning as it was fails as without effect."""
    text = 'import os\n\n\ndef add(a, b):\n    """Add."""\n    # sum\n    return a-b\n'
    assert edits_apply(rewrite(text), case()).rule == "applies.no_effect"


def test_a_change_of_meaning_passes() -> None:
    """One changed operator is enough."""
    assert edits_apply(rewrite("import os\n\n\ndef add(a, b):\n    return a + b\n"), case()).judgement is Judgement.PASS


def test_a_new_and_a_deleted_file_count_as_changes() -> None:
    """Files that come or go are never without effect."""
    assert edits_apply(candidate(change("demo/new.py", "")), case()).judgement is Judgement.PASS
    assert edits_apply(candidate(change("demo/net.py", None)), case()).judgement is Judgement.PASS
