"""The signals that escalation is decided on: pure functions of what happened so far on one rung of the ladder.

A signal says what was seen and never what to do about it: the attempt policy decides. No function here has a parameter
that could carry the official verdict.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum


class SignalKind(StrEnum):
    """Every signal by its stable name, as the ledger and the reports show it."""

    SAME_RESULT = "same_result"
    SAME_FAILURE = "same_failure"
    FORMAT_FAILURES = "format_failures"
    NO_STAGE_PROGRESS = "no_stage_progress"
    LOW_CONSENSUS = "low_consensus"
    CONTEXT_TOO_SMALL = "context_too_small"
    MODEL_UNAVAILABLE = "model_unavailable"
    UNSURE_LOCALIZATION = "unsure_localization"
    LARGE_CONTEXT = "large_context"
    NO_REPRODUCTION = "no_reproduction"


@dataclass(frozen=True, slots=True)
class Signal:
    """One thing that was seen; `why` is a sentence with the figures behind it."""

    kind: SignalKind
    why: str


@dataclass(frozen=True, slots=True)
class AttemptSummary:
    """What one attempt came to. `attempt` counts from 1, `rung` is the index in the ladder.

    `fingerprints` are those of the normalised results, one per candidate; `stage_reached` is the position (1..9) of the
    furthest judge stage that a candidate entered, 0 where there was none. `refusal_code` is set where no reply could be
    read as edits. `confidence` is that of the verdict, None where there was no survivor to be confident about.
    """

    attempt: int
    rung: int
    fingerprints: tuple[str, ...] = ()
    stage_reached: int = 0
    failure_signature: str = ""
    refusal_code: str = ""
    confidence: float | None = None
    unavailable: bool = False
    context_too_small: bool = False


@dataclass(frozen=True, slots=True)
class InstanceOutlook:
    """What is known before the first attempt.

    `localization_confidence` is 0..1; `context_tokens` is the size of what would be shown, of `budget_tokens`.
    """

    localization_confidence: float
    context_tokens: int
    budget_tokens: int
    reproduced: bool


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Where a signal begins; a phase may set them.

    A context above `large_context_share` of its budget is large. `stalled_attempts` is how many attempts in a row must get
    no further than the best before them.
    """

    low_consensus: float = 0.5
    stalled_attempts: int = 2
    unsure_localization: float = 0.2
    large_context_share: float = 0.9


DEFAULT_THRESHOLDS = Thresholds()


def attempt_signals(
    attempts: Sequence[AttemptSummary], thresholds: Thresholds = DEFAULT_THRESHOLDS
) -> tuple[Signal, ...]:
    """What the last attempt shows in the light of the earlier ones on the same rung, in the order of SIGNALS.

    Attempts on other rungs do not count: that the small model stalled says nothing of the stronger one. Attempts that the
    endpoint never answered are left out of every comparison.
    """
    if not attempts:
        return ()
    rung = [attempt for attempt in attempts if attempt.rung == attempts[-1].rung]
    if rung[-1].unavailable:
        return (Signal(SignalKind.MODEL_UNAVAILABLE, "the model's endpoint did not answer"),)
    answered = [attempt for attempt in rung if not attempt.unavailable]
    found = (signal(answered, thresholds) for signal in SIGNALS)
    return tuple(signal for signal in found if signal is not None)


def outlook_signals(outlook: InstanceOutlook, thresholds: Thresholds = DEFAULT_THRESHOLDS) -> tuple[Signal, ...]:
    """The hard-case signals, known before the first attempt; none means that nothing speaks against the small model."""
    found: list[Signal] = []
    if outlook.localization_confidence < thresholds.unsure_localization:
        why = f"localization confidence {outlook.localization_confidence:.2f} is below {thresholds.unsure_localization:.2f}"
        found.append(Signal(SignalKind.UNSURE_LOCALIZATION, why))
    if outlook.context_tokens > thresholds.large_context_share * outlook.budget_tokens:
        why = f"the context takes {outlook.context_tokens} of {outlook.budget_tokens} tokens"
        found.append(Signal(SignalKind.LARGE_CONTEXT, why))
    if not outlook.reproduced:
        found.append(Signal(SignalKind.NO_REPRODUCTION, "the issue's failure could not be reproduced"))
    return tuple(found)


def same_result(attempts: Sequence[AttemptSummary], _: Thresholds) -> Signal | None:
    """Every result of the last attempt was made before: more of the same prompt will not bring a new idea."""
    last, seen = attempts[-1], {print_ for attempt in attempts[:-1] for print_ in attempt.fingerprints}
    if not last.fingerprints or not seen.issuperset(last.fingerprints):
        return None
    return Signal(SignalKind.SAME_RESULT, f"attempt {last.attempt} made nothing that was not tried before")


def same_failure(attempts: Sequence[AttemptSummary], _: Thresholds) -> Signal | None:
    """The last attempt fails exactly like an earlier one though its result is another."""
    last = attempts[-1]
    if not last.failure_signature or not last.fingerprints:
        return None
    for earlier in attempts[:-1]:
        different = earlier.fingerprints and set(earlier.fingerprints) != set(last.fingerprints)
        if different and earlier.failure_signature == last.failure_signature:
            why = f"attempts {earlier.attempt} and {last.attempt} differ and fail alike"
            return Signal(SignalKind.SAME_FAILURE, why)
    return None


def format_failures(attempts: Sequence[AttemptSummary], _: Thresholds) -> Signal | None:
    """Two attempts in a row whose replies could not be read as edits."""
    last_two = attempts[-2:]
    if len(last_two) < 2 or not all(attempt.refusal_code for attempt in last_two):
        return None
    codes = " and ".join(attempt.refusal_code for attempt in last_two)
    return Signal(SignalKind.FORMAT_FAILURES, f"two unreadable replies in a row ({codes})")


def no_stage_progress(attempts: Sequence[AttemptSummary], thresholds: Thresholds) -> Signal | None:
    """The last attempts got no further in the judge than the best one before them."""
    before, recent = attempts[: -thresholds.stalled_attempts], attempts[-thresholds.stalled_attempts :]
    if not before or max(a.stage_reached for a in recent) > max(a.stage_reached for a in before):
        return None
    best = max(attempt.stage_reached for attempt in before)
    return Signal(SignalKind.NO_STAGE_PROGRESS, f"{len(recent)} attempts got no further than stage {best}")


def low_consensus(attempts: Sequence[AttemptSummary], thresholds: Thresholds) -> Signal | None:
    """The surviving candidates of the last attempt disagree."""
    confidence = attempts[-1].confidence
    if confidence is None or confidence >= thresholds.low_consensus:
        return None
    return Signal(SignalKind.LOW_CONSENSUS, f"confidence {confidence:.2f} is below {thresholds.low_consensus:.2f}")


def context_too_small(attempts: Sequence[AttemptSummary], _: Thresholds) -> Signal | None:
    """The prompt did not fit the model's context."""
    if not attempts[-1].context_too_small:
        return None
    return Signal(SignalKind.CONTEXT_TOO_SMALL, "the prompt does not fit the model's context")


SIGNALS: tuple[Callable[[Sequence[AttemptSummary], Thresholds], Signal | None], ...] = (
    context_too_small,
    same_result,
    same_failure,
    format_failures,
    no_stage_progress,
    low_consensus,
)
