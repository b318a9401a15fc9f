"""What DECIDING looks at: the attempts and decisions so far, and the readings of them that the policy's rules share."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import takewhile
from typing import Protocol

from orchestrator.feedback.signals import (
    DEFAULT_THRESHOLDS,
    AttemptSummary,
    Signal,
    SignalKind,
    Thresholds,
    attempt_signals,
)
from orchestrator.records import Decision


class Rung(Protocol):
    """What the policy reads of a rung of the ladder (`settings.Rung` is one)."""

    @property
    def model(self) -> str:
        """The model's name."""

    @property
    def attempts(self) -> int:
        """How many attempts it gets at most."""

    @property
    def format(self) -> str:
        """The edit format it is asked for."""

    @property
    def fallback_format(self) -> str | None:
        """The format after two unreadable replies; None: none."""


class Policy(Protocol):
    """What the policy reads of the settings (`settings.PolicySettings` is one)."""

    @property
    def repairs(self) -> int:
        """How many times a line of attempts is repaired before a fresh start; as many as attempts: always."""

    @property
    def story_for_next_rung(self) -> bool:
        """Whether a stronger model is told what the weaker one tried."""

    @property
    def hard_case_escalation(self) -> bool:
        """Whether an instance that looks hard starts on the second rung."""


@dataclass(frozen=True, slots=True)
class AttemptHistory:
    """All that DECIDING looks at.

    `attempts` holds every attempt opened so far; `decisions` every decision made, in order (one after `rung_unavailable`
    has no attempt of its own). `unavailable_rungs` could not be opened; `exhausted_rungs` hold an engine that has no
    further idea; `repeated` attempts proposed only what was proposed before. `strategy` is the first attempt's.
    """

    attempts: tuple[AttemptSummary, ...] = ()
    decisions: tuple[Decision, ...] = ()
    unavailable_rungs: frozenset[int] = frozenset()
    exhausted_rungs: frozenset[int] = frozenset()
    repeated: frozenset[int] = frozenset()
    strategy: str = "functions"
    thresholds: Thresholds = field(default=DEFAULT_THRESHOLDS)


@dataclass(frozen=True)
class Situation:
    """A history read for the rules: "here" is the rung of the last attempt that was answered."""

    history: AttemptHistory
    ladder: tuple[Rung, ...]
    policy: Policy
    max_attempts: int

    @property
    def rung(self) -> int:
        """The rung of the last attempt that was answered (0 before that): one that never answered never held the instance."""
        answered = [attempt.rung for attempt in self.history.attempts if not attempt.unavailable]
        return answered[-1] if answered else 0

    @property
    def here(self) -> tuple[AttemptSummary, ...]:
        """The attempts on this rung."""
        return tuple(attempt for attempt in self.history.attempts if attempt.rung == self.rung)

    @property
    def last(self) -> AttemptSummary | None:
        """The last attempt on this rung."""
        return self.here[-1] if self.here else None

    @property
    def decisions_here(self) -> tuple[Decision, ...]:
        """The decisions that opened attempts on this rung, the one that opened the rung included."""
        return tuple(decision for decision in self.history.decisions if decision.rung == self.rung)

    @property
    def current(self) -> Decision:
        """How the last attempt here was asked for."""
        opened = Decision("escalate", "", self.rung, self.history.strategy)
        return self.decisions_here[-1] if self.decisions_here else opened

    @property
    def line(self) -> tuple[AttemptSummary, ...]:
        """The attempts since the last fresh start on this rung."""
        repairs = takewhile(lambda decision: decision.event == "again", reversed(self.decisions_here))
        return self.here[-(1 + len(list(repairs))) :]

    @property
    def attempts_in_format(self) -> int:
        """How many attempts on this rung, up to the last, were asked for in the format of the last."""
        if self.current.edit_format is None:
            return len(self.here)
        same = takewhile(lambda asked: asked.edit_format == self.current.edit_format, reversed(self.decisions_here))
        return len(list(same))

    @property
    def unused_fallback(self) -> str | None:
        """The rung's fallback format, where no attempt on this rung was asked for in it."""
        rung = self.ladder[self.rung]
        asked = {decision.edit_format for decision in self.decisions_here} | {rung.format}
        return None if rung.fallback_format in asked else rung.fallback_format

    @property
    def signals(self) -> tuple[Signal, ...]:
        """What the last attempt here shows in the light of the earlier ones here."""
        return attempt_signals(self.here, self.history.thresholds)

    def saw(self, *kinds: SignalKind) -> Signal | None:
        """The first signal of one of these kinds."""
        return next((signal for signal in self.signals if signal.kind in kinds), None)

    def closed(self, rung: int) -> str:
        """Why a rung takes no further attempt; empty where it does."""
        tries = [attempt for attempt in self.history.attempts if attempt.rung == rung]
        model = self.ladder[rung].model
        if rung in self.history.unavailable_rungs or any(attempt.unavailable for attempt in tries):
            return f"{model} cannot be reached"
        if rung in self.history.exhausted_rungs:
            return f"{model} has no further idea"
        if len(tries) >= self.ladder[rung].attempts:
            return f"{model} has had its {self.ladder[rung].attempts} attempts"
        return ""

    def next_rung(self) -> int | None:
        """The nearest rung above that takes an attempt."""
        above = range(self.rung + 1, len(self.ladder))
        return next((rung for rung in above if not self.closed(rung)), None)

    def decision(
        self,
        event: str,
        why: str,
        *,
        strategy: str | None = None,
        temperature_shift: float | None = None,
        edit_format: str | None = None,
        story: bool = True,
    ) -> Decision:
        """A decision on this rung that keeps strategy, temperature and format unless they are given."""
        shift = self.current.temperature_shift if temperature_shift is None else temperature_shift
        return Decision(
            event,
            why,
            self.rung,
            strategy or self.current.strategy,
            shift,
            edit_format or self.current.edit_format,
            story,
            tuple(signal.kind.value for signal in self.signals),
        )
