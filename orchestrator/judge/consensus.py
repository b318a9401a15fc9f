"""Stage 9: which survivor is it? Cluster by behaviour, then by normalised diff; vote by evidence; smallest diff, then earliest.

evidence(c)   = 1 - (1 - 0.10) * (1 - 0.50 r) * (1 - 0.30 t) * (1 - 0.30 s)
votes(K)      = sum over the members of cluster K of evidence * samples that made this repair
confidence    = votes(best cluster) / votes(all) * evidence(chosen)

with r = 1 where the reproduction passes, t = 1 where known tests still pass, s the reviewer's score (0 without one). The
weights are a judgement, not a measurement: execution counts before opinion, and a lone candidate that nothing was run on
ends at 0.10. `calibration.py` shows what each stage's word was worth.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

from orchestrator.judge.case import Case
from orchestrator.judge.findings import abstained
from orchestrator.records import Candidate, Finding, Judgement, Verdict

STAGE = "consensus"

_PRIOR = 0.10
_WEIGHTS = {"reproduction": 0.50, "regression": 0.30}
_REVIEW_WEIGHT = 0.30

Behaviour = tuple[tuple[str, str], ...]


def stands_with_others(candidate: Candidate, case: Case) -> Finding:  # noqa: ARG001  # every stage has one signature
    """Nothing can be said of one candidate alone: the choice among the survivors is `choose`."""
    return abstained(STAGE, candidate, "consensus looks at all survivors together")


def choose(
    candidates: Sequence[Candidate],
    findings: Iterable[Finding],
    attempt: int,
    said_again: Mapping[str, int] = MappingProxyType({}),
) -> Verdict:
    """The survivor to go on with, in the order of `candidates` (earliest first), and how sure the choice is.

    A candidate with a failed finding is never chosen, whatever else is said of it; one without an answer from a broken
    environment is not chosen either. `said_again` counts further samples of the batch that made the same repair: each votes.
    """
    by_candidate: dict[str, list[Finding]] = defaultdict(list)
    for finding in findings:
        by_candidate[finding.candidate_id].append(finding)
    left = [c for c in candidates if all(_survives(finding) for finding in by_candidate[c.candidate_id])]
    if not left:
        return Verdict(attempt, None, 0.0, "no candidate survived")
    evidence = {c.candidate_id: evidence_for(by_candidate[c.candidate_id]) for c in left}
    votes = {name: weight * (1 + said_again.get(name, 0)) for name, weight in evidence.items()}
    clusters: dict[Behaviour, list[Candidate]] = defaultdict(list)
    for candidate in left:
        clusters[_behaviour(by_candidate[candidate.candidate_id])].append(candidate)
    cluster = _heaviest(clusters.values(), left, votes)
    alike: dict[str, list[Candidate]] = defaultdict(list)
    for candidate in cluster:
        alike[candidate.fingerprint or candidate.candidate_id].append(candidate)
    chosen = _smallest(_heaviest(alike.values(), left, votes), left)
    share = sum(votes[c.candidate_id] for c in cluster) / sum(votes.values())
    confidence = share * evidence[chosen.candidate_id]
    reason = f"{len(cluster)} of {len(left)} survivor(s) behave alike, {len(clusters)} cluster(s)"
    return Verdict(attempt, chosen.candidate_id, confidence, reason, tuple(c.candidate_id for c in left))


def evidence_for(findings: Iterable[Finding]) -> float:
    """How much speaks for a candidate, 0.10 to 1: the formula above."""
    doubt = 1 - _PRIOR
    for finding in findings:
        if finding.stage in _WEIGHTS and finding.judgement is Judgement.PASS:
            doubt *= 1 - _WEIGHTS[finding.stage]
        elif finding.stage == "review" and finding.score is not None:
            doubt *= 1 - _REVIEW_WEIGHT * finding.score
    return 1 - doubt


def _survives(finding: Finding) -> bool:
    return finding.judgement in (Judgement.PASS, Judgement.ABSTAIN)


def _behaviour(findings: Iterable[Finding]) -> Behaviour:
    merged: dict[str, str] = {}
    for finding in findings:
        merged.update(finding.behaviour)
    return tuple(sorted(merged.items()))


def _heaviest(
    groups: Iterable[list[Candidate]], order: Sequence[Candidate], votes: Mapping[str, float]
) -> list[Candidate]:
    """The group with most votes; equal votes go to the one with the smallest diff, then to the earliest."""

    def rank(group: list[Candidate]) -> tuple[float, int, int]:
        smallest = _smallest(group, order)
        total = round(sum(votes[c.candidate_id] for c in group), 9)
        return -total, diff_size(smallest), order.index(smallest)

    return min(groups, key=rank)


def _smallest(group: Sequence[Candidate], order: Sequence[Candidate]) -> Candidate:
    return min(group, key=lambda c: (diff_size(c), order.index(c)))


def diff_size(candidate: Candidate) -> int:
    """Added and removed lines of a candidate's diff."""
    lines = candidate.diff.split(b"\n")
    return sum(line.startswith((b"+", b"-")) and not line.startswith((b"+++ ", b"--- ")) for line in lines)
