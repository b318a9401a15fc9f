"""Watching a run: a live table on a terminal, one line per event in a pipe."""

from __future__ import annotations

import threading
import time
from collections import Counter
from types import TracebackType
from typing import Self

from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from orchestrator.journey import Journey, Transition
from orchestrator.records import Finding, Judgement

FINALS = ("RESOLVED", "UNRESOLVED", "GAVE_UP", "INFRA_FAILED", "CRASHED", "STOPPED")
_TELLING = {"GENERATING", "DECIDING", "JUDGE_CONSENSUS", "EXPORTING_PATCH"}


class PlainLines:
    """Log lines for a pipe: attempts, decisions and ends, not every step."""

    def __init__(self, console: Console | None = None) -> None:
        self._console = console or Console(highlight=False, soft_wrap=True)

    def moved(self, journey: Journey, transition: Transition) -> None:
        """Print what a reader of a log wants to know."""
        if transition.state in _TELLING or transition.next_state in FINALS:
            note = f"  {transition.note.strip().splitlines()[-1]}" if transition.note.strip() else ""
            arrow = f"{transition.state} {transition.event} → {transition.next_state}"
            self._console.print(Text(f"{journey.instance_id}  attempt {transition.attempt}  {arrow}{note}"))


class LiveDisplay:
    """A table of what is running, with totals, the funnel and an estimate of the time left."""

    def __init__(self, console: Console | None = None) -> None:
        self._live = Live(console=console or Console(), refresh_per_second=8, transient=True)
        self._lock = threading.Lock()
        self._running: dict[str, tuple[str, int, float]] = {}
        self._ends: Counter[str] = Counter()
        self._funnel: Counter[str] = Counter()
        self._began_s = time.monotonic()
        self.total = 0

    def __enter__(self) -> Self:
        self._live.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._live.__exit__(kind, error, trace)

    def expect(self, total: int) -> None:
        """Say how many instances there are, for the estimate of the time left."""
        self.total = total

    def moved(self, journey: Journey, transition: Transition) -> None:
        """Take in one step and draw."""
        with self._lock:
            if transition.next_state in FINALS:
                self._running.pop(journey.instance_id, None)
                self._ends[transition.next_state] += 1
            else:
                self._running[journey.instance_id] = (transition.next_state, transition.attempt, time.monotonic())
            for record in transition.records:
                if isinstance(record, Finding):
                    self._funnel[f"{record.stage} in"] += 1
                    self._funnel[f"{record.stage} through"] += record.judgement is not Judgement.FAIL
            self._live.update(self._picture())

    def _picture(self) -> Group:
        table = Table("instance", "state", "attempt", box=None)
        for instance_id, (state, attempt, _) in self._running.items():
            table.add_row(instance_id, state, str(attempt))
        done = sum(self._ends.values())
        elapsed_s = time.monotonic() - self._began_s
        left = f"{elapsed_s / done * (self.total - done):.0f} s left" if done and self.total else "…"
        resolved = f"resolved {self._ends['RESOLVED']} of {done} done"
        total = f" of {self.total}" if self.total else ""
        stages = [name.removesuffix(" in") for name in self._funnel if name.endswith(" in")]
        funnel = " → ".join(f"{s} {self._funnel[f'{s} through']}/{self._funnel[f'{s} in']}" for s in stages)
        return Group(table, Text(f"{resolved}{total}   {elapsed_s:.0f} s   {left}"), Text(f"funnel: {funnel}"))
