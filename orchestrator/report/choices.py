"""What every candidate's official verdict tells: what the choice among them was worth, pass@k, and what each stage's word was.

Made only of runs under `--grade-all`; a run without it has none of this, since a verdict on the chosen patch alone says
nothing of what was refused.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from math import comb
from typing import Any

from orchestrator.journey import Attempt, Journey
from orchestrator.judge.calibration import StageCalibration, add_up, calibrate
from orchestrator.memory.grades import Grade
from orchestrator.records import Candidate, Finding, Judgement
from orchestrator.report.rows import STAGES
from orchestrator.report.statistics import wilson

WHOLE_JUDGE = "judge as a whole"
CHOICES = ("first sample", "random candidate", "chosen", "best possible")
PASS_AT_K_SOURCE = "1 - C(n-c, k) / C(n, k), unbiased: Chen et al. 2021, arXiv:2107.03374, section 2.1"

_OVER = frozenset({"RESOLVED", "UNRESOLVED", "GAVE_UP"})


def pass_at_k(n: int, c: int, k: int) -> float:
    """The chance that k of n samples, drawn without replacement, hold one of the c right ones. Needs k <= n."""
    return 1.0 - comb(n - c, k) / comb(n, k)


@dataclass(slots=True)
class GradedCandidates:
    """Takes in instances one by one, each with its grades by patch hash, and keeps counts only."""

    patches: int = 0
    infra: int = 0
    left_out: list[str] = field(default_factory=list)
    _choices: list[tuple[float, float, float, float]] = field(default_factory=list)
    _first: list[tuple[int, int]] = field(default_factory=list)
    _all: list[tuple[int, int]] = field(default_factory=list)
    _stages: dict[str, StageCalibration] = field(default_factory=dict)

    def add(self, journey: Journey, grades: Mapping[str, Grade]) -> None:
        """Take in one instance. One with a candidate that has no verdict enters no rate and is named in `left_out`."""
        if journey.state not in _OVER:
            return
        self.patches += len(grades)
        self.infra += sum(grade.resolved is None for grade in grades.values())
        verdicts = {
            f"{journey.instance_id}/{candidate.candidate_id}": _verdict(candidate, grades)
            for attempt in journey.attempts
            for candidate in attempt.candidates
        }
        found = calibrate(_words(journey), verdicts, (*STAGES, WHOLE_JUDGE))
        self._stages = {m.stage: add_up(self._stages.get(m.stage), m) for m in found}
        if None in verdicts.values():
            self.left_out.append(journey.instance_id)
            return
        right = {name for name, verdict in verdicts.items() if verdict}
        samples = [_samples(journey, attempt, right) for attempt in journey.attempts]
        first = samples[0] if samples else []
        self._first.append((len(first), sum(first)))
        self._all.append((sum(map(len, samples)), sum(map(sum, samples))))
        with_patch = [grades[_sha256(c)].resolved for a in journey.attempts for c in a.candidates if c.diff]
        self._choices.append(
            (
                float(bool(first) and first[0]),
                sum(map(bool, with_patch)) / len(with_patch) if with_patch else 0.0,
                float(bool(journey.evaluation and journey.evaluation.resolved)),
                float(bool(right)),
            )
        )

    def results(self) -> dict[str, Any] | None:
        """The numbers, or None where nothing was graded but what the run chose."""
        if not self.patches:
            return None
        return {
            "patches": self.patches,
            "infra": self.infra,
            "left_out": self.left_out,
            "choices": self._choice_rates(),
            "pass_at_k": {
                "source": PASS_AT_K_SOURCE,
                "first_attempt": _curve(self._first),
                "all_attempts": _curve(self._all),
                "note": (
                    "first_attempt: samples of one prompt. all_attempts: later samples saw feedback and stop at the first"
                    " accepted one, so they are no independent draws. A reply without a patch is a sample that failed."
                ),
            },
            "calibration": [_as_dict(matrix) for matrix in self._stages.values()],
        }

    def _choice_rates(self) -> dict[str, Any]:
        n = len(self._choices)
        rates: dict[str, Any] = {"instances": n}
        for place, name in enumerate(CHOICES):
            resolved = sum(row[place] for row in self._choices)
            interval = wilson(round(resolved), n) if name != "random candidate" else None
            rates[name] = {
                "resolved": resolved,
                "rate": resolved / n if n else None,
                "interval": interval.as_dict() if interval else None,
            }
        return rates


def grade_lines(found: Mapping[str, Any]) -> Iterator[str]:
    """The numbers of `GradedCandidates.results` in words, for a terminal."""
    choices, n = found["choices"], found["choices"]["instances"]
    words = ", ".join(f"{name} {choices[name]['resolved']:.3g}" for name in CHOICES)
    yield f"all {found['patches']} different patches graded; of {n} instances resolved by: {words}"
    if found["left_out"]:
        yield f"  without a verdict on some patch, and in no rate: {', '.join(found['left_out'])}"
    for name, curve in (("first attempt's samples", "first_attempt"), ("all samples", "all_attempts")):
        points = [f"pass@{p['k']} {p['value']:.2f} (n = {p['instances']})" for p in found["pass_at_k"][curve]]
        yield f"{name}: {', '.join(_some(points)) or 'none'}"
    yield (
        f"{'stage':16} {'precision':>12} {'recall':>12} {'false accepts':>14} {'false rejects':>14}"
        f" {'abstained':>10} {'seconds':>9}  cost"
    )
    for m in found["calibration"]:
        accepted, right = m["true_accepts"] + m["false_accepts"], m["true_accepts"] + m["false_rejects"]
        cost = "unknown" if m["cost_usd"] is None else f"${m['cost_usd']:.4f}"
        idle = "   refused nothing" if m["adds_nothing"] else ""
        yield (
            f"{m['stage']:16} {_of(m['true_accepts'], accepted):>12} {_of(m['true_accepts'], right):>12}"
            f" {m['false_accepts']:14} {m['false_rejects']:14} {m['abstained']:10} {m['duration_s']:9.2f}  {cost}{idle}"
        )


def _some(points: Sequence[str]) -> Iterator[str]:
    """The points of a curve that a line has room for: powers of two and the last."""
    for place, point in enumerate(points, 1):
        if place & (place - 1) == 0 or place == len(points):
            yield point


def _of(part: int, whole: int) -> str:
    return f"{part} of {whole}" if whole else "-"


def _sha256(candidate: Candidate) -> str:
    return hashlib.sha256(candidate.diff).hexdigest()


def _verdict(candidate: Candidate, grades: Mapping[str, Grade]) -> bool | None:
    """Official verdict; a candidate without a patch is unresolved by the harness's rule for empty patches."""
    if not candidate.diff:
        return False
    grade = grades.get(_sha256(candidate))
    return grade.resolved if grade else None


def _samples(journey: Journey, attempt: Attempt, right: set[str]) -> list[bool]:
    """Whether each sample of an attempt is right; a reply that made no candidate is a sample that failed."""
    names = {c.sample: c.candidate_id for c in attempt.candidates}
    names |= {refusal.sample: refusal.same_as for refusal in attempt.refusals if refusal.same_as}
    made = {sample: f"{journey.instance_id}/{name}" in right for sample, name in names.items()}
    return [made.get(reply.sample, False) for reply in sorted(attempt.replies, key=lambda r: r.sample)]


def _words(journey: Journey) -> Iterator[Finding]:
    """Every stage's findings, the choice among survivors as consensus's, and the exported choice as the whole judge's."""
    chosen = journey.patch.candidate_id if journey.patch and journey.patch.judge_accepted else None
    for attempt in journey.attempts:
        for finding in attempt.findings:
            name = f"{journey.instance_id}/{finding.candidate_id}"
            yield Finding(
                finding.stage, name, finding.judgement, "", duration_s=finding.duration_s, cost_usd=finding.cost_usd
            )
        verdict = attempt.verdict
        for candidate in attempt.candidates:
            name = f"{journey.instance_id}/{candidate.candidate_id}"
            if verdict is not None and candidate.candidate_id in verdict.survivors:
                yield _word("consensus", name, accepted=candidate.candidate_id == verdict.candidate_id)
            yield _word(WHOLE_JUDGE, name, accepted=candidate.candidate_id == chosen)


def _word(stage: str, name: str, *, accepted: bool) -> Finding:
    return Finding(stage, name, Judgement.PASS if accepted else Judgement.FAIL, "")


def _curve(samples: Sequence[tuple[int, int]]) -> list[dict[str, Any]]:
    """Mean pass@k over the instances that have at least k samples, for each k."""
    most = max((n for n, _ in samples), default=0)
    points = []
    for k in range(1, most + 1):
        values = [pass_at_k(n, c, k) for n, c in samples if n >= k]
        points.append({"k": k, "value": sum(values) / len(values), "instances": len(values)})
    return points


def _as_dict(matrix: StageCalibration) -> dict[str, Any]:
    rates = ("precision", "recall", "reject_precision", "adds_nothing")
    return {**asdict(matrix), **{name: getattr(matrix, name) for name in rates}}
