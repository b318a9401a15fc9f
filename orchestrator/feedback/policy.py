"""What DECIDING decides: repair again, start afresh, go up the ladder, or give up. A pure function of records.

The order of reasons is the tuple RULES; the first that applies decides. Two repairs, then a fresh sample with another
context or temperature, then the next rung: published six-attempt runs resolve 61, 10, 3, 2, 2, 1 by attempt, and after the
second repair a fresh sample beats another one. Going in circles cuts that short: other function, other file, other
format, other model. Nothing here has a parameter that could carry the official verdict.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from orchestrator.feedback.history import AttemptHistory, Policy, Rung, Situation
from orchestrator.feedback.signals import InstanceOutlook, SignalKind, no_stage_progress, outlook_signals
from orchestrator.records import Decision

WIDER: tuple[str, ...] = ("functions", "next-function", "next-file")
"""Context strategies from the first place to the next ones; a strategy that is not among them is kept as it is."""

TEMPERATURE_STEP = 0.2  # added with each fresh start on a rung
_MOST_TEMPERATURE_SHIFT = 0.6


def decide(history: AttemptHistory, ladder: Sequence[Rung], policy: Policy, max_attempts: int = 6) -> Decision:
    """The event, the rung and how the next attempt differs.

    Never asks for more than `max_attempts` in all or a rung's own `attempts`, and never for a lower rung than one that
    has answered. The event is `broke` where no model has answered and none is left: that is not the model's failure.
    """
    situation = Situation(history, tuple(ladder), policy, max_attempts)
    found = (rule(situation) for rule in RULES)
    return next(decision for decision in found if decision is not None)


def opening(outlook: InstanceOutlook, ladder: Sequence[Rung], policy: Policy, strategy: str = "functions") -> Decision:
    """The rung of the first attempt: the second one for an instance that looks hard, where the policy says so."""
    signals = outlook_signals(outlook)
    names = tuple(signal.kind.value for signal in signals)
    if policy.hard_case_escalation and len(ladder) > 1 and len(signals) >= 2:
        why = "looks hard: " + "; ".join(signal.why for signal in signals)
        return Decision("escalate", why, 1, strategy, story=False, signals=names)
    return Decision("again", "the first attempt", 0, strategy, story=False, signals=names)


def attempts_are_used_up(now: Situation) -> Decision | None:
    """The limit over all rungs holds before everything else."""
    if len(now.history.attempts) < now.max_attempts:
        return None
    return _stop(now, f"all {now.max_attempts} attempts are used")


def this_rung_is_closed(now: Situation) -> Decision | None:
    """A rung that has had its attempts, has no idea left or cannot be reached leads to the next, or to the end."""
    why = now.closed(now.rung)
    return _other_model(now, why) or _stop(now, f"{why}, and no rung is left") if why else None


def only_repairs_are_asked_for(now: Situation) -> Decision | None:
    """As many repairs as attempts is the naive loop of a baseline arm: tell what failed and ask again, whatever happens."""
    return repair(now) if now.policy.repairs >= now.max_attempts else None


def the_prompt_does_not_fit(now: Situation) -> Decision | None:
    """Another attempt on the same rung would be cut off just so."""
    seen = now.saw(SignalKind.CONTEXT_TOO_SMALL)
    return _other_model(now, seen.why) or _stop(now, f"{seen.why}, and no rung is left") if seen else None


def survivors_disagree(now: Situation) -> Decision | None:
    """One fresh batch may settle it; after the second doubt a stronger model, else the best survivor is what there is."""
    if now.last is None or now.last.confidence is None:
        return None
    why = f"confidence {now.last.confidence:.2f} in the choice is too low"
    if sum(attempt.confidence is not None for attempt in now.here) < 2:
        return _fresh(now, why, now.current.strategy, now.current.edit_format)
    return _other_model(now, why) or _stop(now, f"{why}, twice; the best survivor is kept")


def replies_are_unreadable(now: Situation) -> Decision | None:
    """Two unreadable replies in a row: the other format, and where that fails too, another model."""
    seen = now.saw(SignalKind.FORMAT_FAILURES)
    if seen is None:
        return None
    if fallback := now.unused_fallback:
        return now.decision("again", f"{seen.why}: {fallback} from now on", edit_format=fallback, story=True)
    if now.attempts_in_format < 2:
        return now.decision("again", "the fallback format gets a second reply", story=True)
    return _other_model(now, seen.why) or _different(now, seen.why)


def goes_in_circles(now: Situation) -> Decision | None:
    """The same result again, A/B/A/B, or another result with the same failure: something has to be different."""
    if now.last and now.last.attempt in now.history.repeated:
        return _different(now, f"attempt {now.last.attempt} proposed only what was tried before")
    seen = now.saw(SignalKind.SAME_RESULT, SignalKind.SAME_FAILURE)
    return _different(now, seen.why) if seen else None


def repairs_are_used_up(now: Situation) -> Decision | None:
    """Enough repairs of one line, or repairs that get no further: a fresh sample of another context or temperature."""
    stalled = no_stage_progress(now.line, now.history.thresholds) if now.line else None
    if stalled:
        return _different(now, stalled.why)
    repaired = len(now.line) - 1
    if repaired >= now.policy.repairs:
        return _different(now, f"{repaired} repairs did not help" if repaired > 0 else "no repairs are asked for")
    return None


def repair(now: Situation) -> Decision | None:
    """What is left: tell the model what was wrong, and ask again."""
    return now.decision("again", f"repair {len(now.line)} of {now.policy.repairs}", story=True)


RULES: tuple[Callable[[Situation], Decision | None], ...] = (
    attempts_are_used_up,
    this_rung_is_closed,
    only_repairs_are_asked_for,
    the_prompt_does_not_fit,
    survivors_disagree,
    replies_are_unreadable,
    goes_in_circles,
    repairs_are_used_up,
    repair,
)


def _different(now: Situation, why: str) -> Decision:
    """Other function, other file, other format, other model; with none of them left, the first context, warmer."""
    strategy = now.current.strategy
    if strategy in WIDER[:-1]:
        wider = WIDER[WIDER.index(strategy) + 1]
        return _fresh(now, f"{why}: {wider}", wider, now.current.edit_format)
    if fallback := now.unused_fallback:
        return _fresh(now, f"{why}: {fallback} from now on", now.history.strategy, fallback)
    return _other_model(now, why) or _fresh(now, why, now.history.strategy, now.current.edit_format)


def _fresh(now: Situation, why: str, strategy: str, edit_format: str | None) -> Decision:
    starts = 1 + sum(decision.event == "fresh" for decision in now.decisions_here)
    shift = min(_MOST_TEMPERATURE_SHIFT, TEMPERATURE_STEP * starts)
    return now.decision("fresh", why, strategy=strategy, edit_format=edit_format, temperature_shift=shift, story=False)


def _other_model(now: Situation, why: str) -> Decision | None:
    rung = now.next_rung()
    if rung is None:
        return None
    names = tuple(signal.kind.value for signal in now.signals)
    story = now.policy.story_for_next_rung and bool(now.here)
    return Decision("escalate", why, rung, now.history.strategy, story=story, signals=names)


def _stop(now: Situation, why: str) -> Decision:
    answered = any(not attempt.unavailable for attempt in now.history.attempts)
    event = "give_up" if answered or now.history.exhausted_rungs else "broke"
    return now.decision(event, why)
