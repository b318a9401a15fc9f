"""Stage 9: clusters, votes, ties and confidence."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from orchestrator.judge.consensus import choose, diff_size, evidence_for
from orchestrator.records import Candidate, Finding, Judgement
from tests.unit.judge.fakes import rewrite


def make(name: str, code: str, lines: int = 1) -> Candidate:
    """A candidate whose diff adds and removes about `lines` lines."""
    return replace(rewrite(f"{code}\n" * lines, name=name), fingerprint=code)


def ran(one: Candidate, behaviour: str, judgement: Judgement = Judgement.PASS, stage: str = "regression") -> Finding:
    """A finding of a stage that ran code."""
    return Finding(stage, one.candidate_id, judgement, "", behaviour={"test": behaviour})


def test_the_larger_cluster_by_behaviour_wins() -> None:
    """Two that behave alike outvote one that does not, though their code differs."""
    a, b, c = make("a", "x = 1"), make("b", "x = 2"), make("c", "x = 3")
    verdict = choose([a, b, c], [ran(a, "fails"), ran(b, "passes"), ran(c, "passes")], 1)
    assert verdict.candidate_id == "b"
    assert verdict.survivors == ("a", "b", "c")


def test_within_a_cluster_equal_code_outvotes() -> None:
    """Behaviour first, then the normalised change."""
    a, b, c = make("a", "x = 1"), make("b", "x = 2"), make("c", "x = 2")
    assert choose([a, b, c], [ran(one, "same") for one in (a, b, c)], 1).candidate_id == "b"


def test_the_smallest_diff_breaks_ties_then_the_earliest() -> None:
    """Equal votes: fewer lines; equal lines: first come."""
    large, small = make("large", "x = 1", 3), make("small", "x = 2", 1)
    assert choose([large, small], [], 1).candidate_id == "small"
    first, second = make("first", "x = 1"), make("second", "x = 2")
    assert choose([first, second], [], 1).candidate_id == "first"


def test_evidence_outweighs_numbers() -> None:
    """One whose reproduction passes beats two of whom nothing is known."""
    a, b, c = make("a", "x = 1"), make("b", "x = 2"), make("c", "x = 2")
    findings = [ran(a, "good", stage="reproduction"), ran(b, "?", Judgement.ABSTAIN), ran(c, "?", Judgement.ABSTAIN)]
    assert choose([a, b, c], findings, 1).candidate_id == "a"


def test_a_failed_or_unanswered_candidate_is_never_chosen() -> None:
    """Not even as the only one, and whatever a reviewer says."""
    a = make("a", "x = 1")
    praise = Finding("review", "a", Judgement.PASS, "", score=1.0)
    for judgement in (Judgement.FAIL, Judgement.INFRA):
        verdict = choose([a], [praise, Finding("scope", "a", judgement, "")], 2)
        assert (verdict.candidate_id, verdict.confidence, verdict.attempt) == (None, 0.0, 2)


def test_confidence_follows_the_documented_formula() -> None:
    """Share of the votes times evidence, by hand for two candidates."""
    a, b = make("a", "x = 1"), make("b", "x = 2")
    strong = [ran(a, "good", stage="reproduction"), Finding("regression", "a", Judgement.PASS, "")]
    evidence = 1 - 0.9 * 0.5 * 0.7
    assert abs(evidence_for(strong) - evidence) < 1e-9
    assert abs(choose([a, b], strong, 1).confidence - evidence / (evidence + 0.1) * evidence) < 1e-9
    assert abs(choose([b], [], 1).confidence - 0.1) < 1e-9


def test_the_size_of_a_diff_counts_changed_lines() -> None:
    """Headers are not lines of code."""
    assert diff_size(replace(make("a", "x"), diff=b"--- a/x\n+++ b/x\n@@ -1 +1 @@\n-old\n+new\n same\n")) == 2


@given(
    st.lists(
        st.tuples(st.sampled_from("xyz"), st.sampled_from("pq"), st.sampled_from(list(Judgement)), st.floats(0, 1)),
        max_size=6,
    )
)
def test_any_batch_gives_a_survivor_or_none(rows: list[tuple[str, str, Judgement, float]]) -> None:
    """The choice survived every stage, confidence lies in 0..1, and nobody is chosen only if nobody survived."""
    candidates = [make(f"c{n}", code) for n, (code, *_) in enumerate(rows)]
    findings = [ran(one, how, judgement) for one, (_, how, judgement, _) in zip(candidates, rows, strict=True)]
    findings += [
        Finding("review", one.candidate_id, Judgement.PASS, "", score=score)
        for one, (*_, score) in zip(candidates, rows, strict=True)
    ]
    verdict = choose(candidates, findings, 1)
    alive = {
        one.candidate_id
        for one, (_, _, j, _) in zip(candidates, rows, strict=True)
        if j in (Judgement.PASS, Judgement.ABSTAIN)
    }
    assert set(verdict.survivors) == alive
    assert (verdict.candidate_id is None) == (not alive)
    assert verdict.candidate_id is None or verdict.candidate_id in alive
    assert 0 <= verdict.confidence <= 1
