"""What each stage's word was worth: its judgements against the official verdicts of the same candidates.

Refused candidates have an official verdict only where they were graded after freezing (`--grade-all`); without one they
are counted as ungraded and enter no rate.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields

from orchestrator.records import Finding, Judgement


@dataclass(frozen=True, slots=True)
class StageCalibration:
    """The confusion matrix of one stage. "Accepted" is PASS or ABSTAIN (the candidate goes on), "refused" is FAIL.

    `true_accepts` went on and are resolved, `false_accepts` went on and are not, `true_rejects` were refused and are not
    resolved, `false_rejects` were refused though they resolve. `abstained` is the part of the accepted that it said nothing
    about, graded or not. `cost_usd` is None where the price of a call is unknown.
    """

    stage: str
    true_accepts: int = 0
    false_accepts: int = 0
    true_rejects: int = 0
    false_rejects: int = 0
    abstained: int = 0
    infra: int = 0
    ungraded: int = 0
    duration_s: float = 0.0
    cost_usd: float | None = 0.0

    @property
    def precision(self) -> float | None:
        """Of the accepted, the share that resolves; None without any."""
        return _share(self.true_accepts, self.true_accepts + self.false_accepts)

    @property
    def recall(self) -> float | None:
        """Of those that resolve, the share that was accepted; None without any."""
        return _share(self.true_accepts, self.true_accepts + self.false_rejects)

    @property
    def reject_precision(self) -> float | None:
        """Of the refused, the share that indeed does not resolve; None without any."""
        return _share(self.true_rejects, self.true_rejects + self.false_rejects)

    @property
    def adds_nothing(self) -> bool:
        """Whether the stage refused no candidate at all, so that leaving it out would change no choice."""
        return self.true_rejects + self.false_rejects == 0


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def calibrate(
    findings: Iterable[Finding], resolved: Mapping[str, bool | None], stages: Iterable[str]
) -> tuple[StageCalibration, ...]:
    """One matrix per stage, in the order of `stages`. `resolved` holds official verdicts by candidate id; None is no verdict.

    Candidate ids must be unique over everything that is put in. A repeated finding of a stage on a candidate counts once,
    the last one, so that an environment failure that was retried leaves no trace.
    """
    last = {(finding.stage, finding.candidate_id): finding for finding in findings}
    return tuple(_matrix(stage, [f for (s, _), f in last.items() if s == stage], resolved) for stage in stages)


def _matrix(stage: str, findings: list[Finding], resolved: Mapping[str, bool | None]) -> StageCalibration:
    counts = dict.fromkeys(
        ("true_accepts", "false_accepts", "true_rejects", "false_rejects", "abstained", "infra", "ungraded"), 0
    )
    for finding in findings:
        if finding.judgement is Judgement.INFRA:
            counts["infra"] += 1
            continue
        counts["abstained"] += finding.judgement is Judgement.ABSTAIN
        verdict = resolved.get(finding.candidate_id)
        if verdict is None:
            counts["ungraded"] += 1
        elif finding.judgement is Judgement.FAIL:
            counts["false_rejects" if verdict else "true_rejects"] += 1
        else:
            counts["true_accepts" if verdict else "false_accepts"] += 1
    costs = [finding.cost_usd for finding in findings if finding.cost_usd is not None]
    priced = len(costs) == len(findings) or stage != "review"
    duration_s = sum(finding.duration_s for finding in findings)
    return StageCalibration(stage, **counts, duration_s=duration_s, cost_usd=sum(costs) if priced else None)


def add_up(a: StageCalibration | None, b: StageCalibration) -> StageCalibration:
    """Two matrices of one stage as one, so that instances can be taken in one by one."""
    if a is None:
        return b
    counts = {f.name: getattr(a, f.name) + getattr(b, f.name) for f in fields(a) if f.name not in ("stage", "cost_usd")}
    unknown = a.cost_usd is None or b.cost_usd is None
    return StageCalibration(b.stage, **counts, cost_usd=None if unknown else (a.cost_usd or 0.0) + (b.cost_usd or 0.0))
