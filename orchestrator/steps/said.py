"""What a step says, and what it works with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from orchestrator.records import Record

if TYPE_CHECKING:
    from orchestrator.journey import Journey
    from orchestrator.steps.workbench import Workbench


@dataclass(frozen=True, slots=True)
class Said:
    """An event of the machine's table, with the records that the step made. A step never names a state.

    `has_effects` is whether the step did something outside of this process (a call, a run, a grading): then its commit
    is waited for. A step without effects is simply done again after a crash.
    """

    event: str
    records: tuple[Record, ...] = ()
    note: str = ""
    has_effects: bool = True


def thought(event: str, *records: Record, note: str = "") -> Said:
    """A step that only computed: nothing outside of this process changed."""
    return Said(event, records, note, has_effects=False)


Step = Callable[["Journey", "Workbench"], Said]
