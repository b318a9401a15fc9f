"""Why instances failed: each failure in one class, with the tier of tuning that the class calls for.

A class is that of the attempt that got furthest, so that a run's classes say where the next gain is to be had. Whether
localization missed is known from the gold patch alone, and so only once a run is complete; it is marked wherever shown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from orchestrator.journey import Attempt, Journey
from orchestrator.records import Candidate, Finding, FinishReason, Judgement


@dataclass(frozen=True, slots=True)
class FailureClass:
    """A class of failures: what it means, which tier of tuning it calls for (`tuning.TIERS`), how, and what to type.

    In `command`, `{run}` stands for the run and `{set}` for a prompt set to try on it.
    """

    name: str
    meaning: str
    tier: str
    advice: str
    command: str = ""


_TRY = "ramp prompts try {set} --on {run} --only-failed"
_AGAIN = "ramp resume {run} --retry-errors"

CLASSES: Mapping[str, FailureClass] = {
    made.name: made
    for made in (
        FailureClass("localization missed", "no file of the gold patch was shown to the model", "context strategy",
                     "widen it: context.strategy whole-file or keyword-files, a larger context.budget_tokens"),
        FailureClass("format", "no reply could be read as edits", "prompt set",
                     "change the format's section and reminder, or the rung's format", _TRY + " --until JUDGE_APPLIES"),
        FailureClass("apply", "the edits found no place in the files", "prompt set",
                     "change the format's section, or the rung's format", _TRY + " --until JUDGE_APPLIES"),
        FailureClass("scope", "the edits touched what a repair must not touch", "prompt set",
                     "say in edit-system.md what may be changed", _TRY + " --until JUDGE_SCOPE"),
        FailureClass("syntax", "the result did not parse, or used undefined names", "error feedback detail",
                     "feedback.detail diagnosed; show imports: context.strategy with-imports"),
        FailureClass("import", "a touched module did not import any more", "context strategy",
                     "show imports and signatures: context.strategy with-imports"),
        FailureClass("reproduction", "the issue's own example still failed", "attempt policy",
                     "policy.repairs, samples per attempt; then a stronger rung"),
        FailureClass("regression", "tests that passed before failed", "context strategy",
                     "show the tests: context.strategy with-tests; feedback.detail diagnosed"),
        FailureClass("review", "the reviewer refused it", "prompt set", "read the reviews; judge.veto, review.md"),
        FailureClass("wrong repair", "the judge accepted it, the graded tests did not", "ladder",
                     "more samples, a stronger rung, or a reviewer: nothing the loop saw was wrong"),
        FailureClass("repeated", "nothing new was tried", "attempt policy", "policy.repairs, temperature, a next rung"),
        FailureClass("budget", "time or money ran out", "ladder", "budget.*; fewer attempts on the dearer rung"),
        FailureClass("infra", "the environment broke; says nothing of the model", "none",
                     "find what is missing, then run these again", "ramp doctor; " + _AGAIN),
        FailureClass("crash", "a bug of ours", "none", "read the note and report it, then run these again", _AGAIN),
    )
}  # fmt: skip
"""In the order in which an attempt can fail."""

_STAGE_CLASS = {
    "applies": "apply",
    "scope": "scope",
    "parses": "syntax",
    "lints": "syntax",
    "imports": "import",
    "reproduction": "reproduction",
    "regression": "regression",
    "review": "review",
}
_NOT_READ = {"repeated"}

GoldPaths = Callable[[str], frozenset[str]]
"""The files that an instance's gold patch touches; only ever asked for a run that is complete."""


@dataclass(frozen=True, slots=True)
class Failure:
    """One instance that was not resolved: its class, what it was last told, and whether the gold patch was looked at."""

    instance_id: str
    kind: str
    reason: str
    attempt: int = 0
    looked_at_gold: bool = False


def classify(journey: Journey, gold_paths: GoldPaths | None = None) -> Failure | None:
    """The failure of a journey, or None where it was resolved or is not over. `gold_paths` only for a run that is complete."""
    if journey.state == "RESOLVED":
        return None
    ended = _ended_otherwise(journey)
    if ended is not None:
        return ended
    if gold_paths is not None and (missed := _missed(journey, gold_paths(journey.instance_id))):
        return missed
    attempt, candidate = _furthest(journey)
    if candidate is None or attempt is None:
        return _nothing_read(journey)
    accepted = journey.patch is not None and journey.patch.judge_accepted
    if accepted:
        return Failure(journey.instance_id, "wrong repair", "the graded tests do not pass", len(journey.attempts))
    finding = _refusal(attempt, candidate)
    if finding is None:
        return Failure(journey.instance_id, "wrong repair", "consensus was not sure of it", attempt.number)
    return Failure(journey.instance_id, _STAGE_CLASS[finding.stage], finding.reason, attempt.number)


def group(failures: Iterable[Failure]) -> dict[str, list[Failure]]:
    """Failures by class, in the order of CLASSES; classes without any are left out."""
    found: dict[str, list[Failure]] = {name: [] for name in CLASSES}
    for failure in failures:
        found[failure.kind].append(failure)
    return {name: failures for name, failures in found.items() if failures}


def _ended_otherwise(journey: Journey) -> Failure | None:
    note = journey.note.strip().splitlines()[-1] if journey.note.strip() else journey.state
    match journey.state:
        case "INFRA_FAILED":
            return Failure(journey.instance_id, "infra", note)
        case "CRASHED":
            return Failure(journey.instance_id, "crash", note)
        case "STOPPED":
            return Failure(journey.instance_id, "budget", note)
        case _:
            return None


def _missed(journey: Journey, gold: frozenset[str]) -> Failure | None:
    shown = {excerpt.location.path for attempt in journey.attempts for excerpt in attempt.context.excerpts}
    if gold & shown or not gold:
        return None
    reason = f"shown were {', '.join(sorted(shown)[:3]) or 'no files'}; none of them is in the gold patch"
    return Failure(journey.instance_id, "localization missed", reason, len(journey.attempts), looked_at_gold=True)


def _furthest(journey: Journey) -> tuple[Attempt | None, Candidate | None]:
    best: tuple[int, int, Attempt, Candidate] | None = None
    for attempt in journey.attempts:
        candidate = attempt.furthest()
        if candidate is None:
            continue
        row = (attempt.stages_passed(candidate), attempt.number, attempt, candidate)
        if best is None or row[:2] > best[:2]:
            best = row
    return (best[2], best[3]) if best else (None, None)


def _refusal(attempt: Attempt, candidate: Candidate) -> Finding | None:
    refusals = [f for f in attempt.findings_of(candidate.candidate_id) if f.judgement is Judgement.FAIL]
    return refusals[-1] if refusals else None


def _nothing_read(journey: Journey) -> Failure:
    refusals = [(attempt.number, refusal) for attempt in journey.attempts for refusal in attempt.refusals]
    unread = [(number, refusal) for number, refusal in refusals if refusal.code not in _NOT_READ]
    if unread:
        number, refusal = unread[-1]
        return Failure(journey.instance_id, "format", f"{refusal.code}: {refusal.message}", number)
    exhausted = any(r.finish is FinishReason.EXHAUSTED for a in journey.attempts for r in a.replies)
    reason = "the engine had no idea" if exhausted else "no model answered" if not refusals else "only repetitions"
    return Failure(journey.instance_id, "repeated", reason, len(journey.attempts))
