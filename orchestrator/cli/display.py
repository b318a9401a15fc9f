"""Watching a run: a live table on a terminal, one line per event in a pipe."""

from __future__ import annotations

import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Self

from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from orchestrator.journey import Journey, Transition
from orchestrator.records import Finding, Judgement, Reply
from orchestrator.report.statistics import wilson
from orchestrator.settings import Settings

RATE_WINDOW_S = 60.0
BAR = 50
FINALS = ("RESOLVED", "UNRESOLVED", "GAVE_UP", "INFRA_FAILED", "CRASHED", "STOPPED")
_TELLING = {"GENERATING", "DECIDING", "JUDGE_CONSENSUS", "EXPORTING_PATCH"}


def title_of(settings: Settings) -> str:
    """Phase, benchmark, arm and ladder in a line."""
    ladder = " → ".join(rung.model for rung in settings.ladder)
    return f"phase {settings.phase} ({settings.name}) · {settings.benchmark} · {settings.arm} · {ladder}"


class PlainLines:
    """Log lines for a pipe: attempts, decisions and ends, not every step."""

    def __init__(self, console: Console | None = None) -> None:
        self._console = console or Console(highlight=False, soft_wrap=True)

    def expect(self, total: int, settings: Settings, taken_over: int = 0) -> None:
        """Say what is to be run."""
        earlier = f", {taken_over} taken over" if taken_over else ""
        self._console.print(Text(f"{title_of(settings)}: {total} instances to run{earlier}"))

    def moved(self, journey: Journey, transition: Transition) -> None:
        """Print what a reader of a log wants to know."""
        if transition.state in _TELLING or transition.next_state in FINALS:
            note = f"  {transition.note.strip().splitlines()[-1]}" if transition.note.strip() else ""
            arrow = f"{transition.state} {transition.event} → {transition.next_state}"
            self._console.print(Text(f"{journey.instance_id}  attempt {transition.attempt}  {arrow}{note}"))

    def graded(self, instance_id: str, done: int, total: int) -> None:
        """Print each tenth grade of `--grade-all`, and the last."""
        if done % 10 == 0 or done == total:
            self._console.print(Text(f"{instance_id}  graded {done} of {total} candidates"))


class LiveDisplay:
    """What is running, what came of it so far with its interval, the funnel, tokens, money and the time left.

    The picture is made when the terminal is refreshed, not at every step: a fast run has hundreds of steps a second.
    """

    def __init__(self, console: Console | None = None, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._lock = threading.Lock()
        self._monotonic = monotonic
        self._running: dict[str, tuple[str, int, float]] = {}
        self._ends: Counter[str] = Counter()
        self._funnel: Counter[str] = Counter()
        self._tokens: deque[tuple[float, int]] = deque()
        self._cost_usd = 0.0
        self._unpriced = 0
        self._began_s = monotonic()
        self._total = 0
        self._taken_over = 0
        self._title = ""
        self._grading = ""
        self._limit_usd: float | None = None
        # Last: it asks for a first picture at once.
        self._live = Live(
            console=console or Console(), refresh_per_second=4, transient=True, get_renderable=self.picture
        )

    def __enter__(self) -> Self:
        self._live.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._live.__exit__(kind, error, trace)

    def expect(self, total: int, settings: Settings, taken_over: int = 0) -> None:
        """Say how many instances there are to run, how many are done before, of which phase within which budget."""
        self._total = total
        self._taken_over = taken_over
        self._limit_usd = settings.budget.usd_per_phase
        self._title = title_of(settings)

    def moved(self, journey: Journey, transition: Transition) -> None:
        """Take in one step."""
        now_s = self._monotonic()
        with self._lock:
            if transition.next_state in FINALS:
                self._running.pop(journey.instance_id, None)
                self._ends[transition.next_state] += 1
            else:
                self._running[journey.instance_id] = (transition.next_state, transition.attempt, now_s)
            for record in transition.records:
                if isinstance(record, Finding):
                    self._funnel[f"{record.stage} in"] += 1
                    self._funnel[f"{record.stage} through"] += record.judgement is not Judgement.FAIL
                elif isinstance(record, Reply) and not record.from_cache:
                    self._tokens.append((now_s, record.usage.output_tokens))
                    self._cost_usd += record.cost_usd or 0.0
                    self._unpriced += record.cost_usd is None

    def graded(self, instance_id: str, done: int, total: int) -> None:
        """Take in one grade of `--grade-all`."""
        with self._lock:
            self._grading = f"grading all candidates: {done} of {total}, {instance_id}"

    def picture(self) -> Group:
        """The display as it stands now."""
        with self._lock:
            now_s = self._monotonic()
            table = Table(box=None, pad_edge=False)
            for column in ("instance", "state", "attempt", "for"):
                table.add_column(column, no_wrap=True)
            for instance_id, (state, attempt, since_s) in self._running.items():
                table.add_row(instance_id, state.lower(), str(attempt or ""), f"{now_s - since_s:.0f} s")
            lines = [*self._progress(), self._stages(), self._spending(now_s), self._grading]
            done = Text("█" * self._bar(), style="green") + Text("░" * (BAR - self._bar()), style="dim")
        head = Text(self._title, style="bold")
        return Group(*([head] if self._title else []), done, *(Text(line) for line in lines if line), Text(), table)

    def _bar(self) -> int:
        return round(BAR * sum(self._ends.values()) / self._total) if self._total else 0

    def _progress(self) -> Iterator[str]:
        done = sum(self._ends.values())
        resolved = self._ends["RESOLVED"]
        interval = wilson(resolved, done)
        span = f" ({resolved / done:.0%}; {interval.low:.0%} to {interval.high:.0%}, 95% Wilson)" if interval else ""
        earlier = f", {self._taken_over} more taken over from earlier runs" if self._taken_over else ""
        yield f"done {done}{f' of {self._total}' if self._total else ''}{earlier}"
        yield f"resolved {resolved} of {done}{span}"
        others = ", ".join(f"{state.lower()} {self._ends[state]}" for state in FINALS[1:] if self._ends[state])
        yield f"others: {others}" if others else ""

    def _spending(self, now_s: float) -> str:
        while self._tokens and self._tokens[0][0] < now_s - RATE_WINDOW_S:
            self._tokens.popleft()
        window_s = min(RATE_WINDOW_S, max(now_s - self._began_s, 1e-9))
        rate = sum(count for _, count in self._tokens) / window_s
        limit = f" of ${self._limit_usd:.2f}" if self._limit_usd is not None else ""
        unknown = f" and {self._unpriced} replies of unknown price" if self._unpriced else ""
        done, passed_s = sum(self._ends.values()), now_s - self._began_s
        left = f", about {_duration(passed_s / done * (self._total - done))} left" if done and self._total else ""
        return f"{rate:.0f} tokens/s   ${self._cost_usd:.4f}{limit}{unknown} spent   {_duration(passed_s)}{left}"

    def _stages(self) -> str:
        stages = [name.removesuffix(" in") for name in self._funnel if name.endswith(" in")]
        funnel = (f"{stage} {self._funnel[f'{stage} through']}/{self._funnel[f'{stage} in']}" for stage in stages)
        return f"funnel: {' → '.join(funnel)}" if stages else ""


def _duration(seconds: float) -> str:
    """As a person says it: 45 s, 12 min, 3 h 05 min."""
    if seconds < 100:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 100 else f"{minutes // 60} h {minutes % 60:02} min"
