"""Watching a run: a live table on a terminal, one line per event in a pipe."""

from __future__ import annotations

import threading
import time
from collections import Counter, deque
from collections.abc import Callable
from types import TracebackType
from typing import Self

from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from orchestrator.journey import Journey, Transition
from orchestrator.records import Finding, Judgement, Reply
from orchestrator.report.statistics import wilson
from orchestrator.sandbox.docker_images import PullProgress
from orchestrator.settings import Settings

RATE_WINDOW_S = 60.0
FINALS = ("RESOLVED", "UNRESOLVED", "GAVE_UP", "INFRA_FAILED", "CRASHED", "STOPPED")
_TELLING = {"GENERATING", "DECIDING", "JUDGE_CONSENSUS", "EXPORTING_PATCH"}


class PlainLines:
    """Log lines for a pipe: attempts, decisions and ends, not every step."""

    def __init__(self, console: Console | None = None) -> None:
        self._console = console or Console(highlight=False, soft_wrap=True)
        self._pulled = ""

    def pulling(self, progress: PullProgress) -> None:
        """One line when an image begins to be fetched, and one when that has ended."""
        ended = progress.detail in ("done", "failed")
        if ended or progress.image != self._pulled:
            said = progress.detail if ended else "fetching"
            self._console.print(
                Text(f"image {progress.done + (not ended)} of {progress.total}  {progress.image}  {said}")
            )
            self._pulled = progress.image

    def moved(self, journey: Journey, transition: Transition) -> None:
        """Print what a reader of a log wants to know."""
        if transition.state in _TELLING or transition.next_state in FINALS:
            note = f"  {transition.note.strip().splitlines()[-1]}" if transition.note.strip() else ""
            arrow = f"{transition.state} {transition.event} → {transition.next_state}"
            self._console.print(Text(f"{journey.instance_id}  attempt {transition.attempt}  {arrow}{note}"))


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
        self._title = ""
        self._pull = ""
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

    def expect(self, total: int, settings: Settings) -> None:
        """Say how many instances there are to run, for the time left, and of which phase within which budget."""
        self._total = total
        self._limit_usd = settings.budget.usd_per_phase
        ladder = " → ".join(rung.model for rung in settings.ladder)
        self._title = f"phase {settings.phase} ({settings.name}) · {settings.benchmark} · {settings.arm} · {ladder}"

    def pulling(self, progress: PullProgress) -> None:
        """Show how far the images are."""
        ended = progress.done == progress.total
        with self._lock:
            self._pull = (
                "" if ended else f"image {progress.done + 1} of {progress.total}: {progress.image}  {progress.detail}"
            )

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

    def picture(self) -> Group:
        """The display as it stands now."""
        with self._lock:
            now_s = self._monotonic()
            table = Table("instance", "state", "attempt", "for", box=None)
            for instance_id, (state, attempt, since_s) in self._running.items():
                table.add_row(instance_id, state, str(attempt), f"{now_s - since_s:.0f} s")
            lines = [self._pull, self._title, self._progress(now_s), self._spending(now_s), self._stages()]
        return Group(table, *(Text(line) for line in lines if line))

    def _progress(self, now_s: float) -> str:
        done = sum(self._ends.values())
        resolved = self._ends["RESOLVED"]
        interval = wilson(resolved, done)
        span = f" ({interval.low:.0%} to {interval.high:.0%}, 95% Wilson)" if interval else ""
        broken = self._ends["INFRA_FAILED"] + self._ends["CRASHED"]
        rest_s = (now_s - self._began_s) / done * (self._total - done) if done and self._total else None
        left = f"   {rest_s:.0f} s left" if rest_s is not None else ""
        total = f" of {self._total}" if self._total else ""
        lost = f"   broken {broken}" if broken else ""
        return f"resolved {resolved} of {done} done{span}{total and f', {done}{total}'}{lost}{left}"

    def _spending(self, now_s: float) -> str:
        while self._tokens and self._tokens[0][0] < now_s - RATE_WINDOW_S:
            self._tokens.popleft()
        window_s = min(RATE_WINDOW_S, max(now_s - self._began_s, 1e-9))
        rate = sum(count for _, count in self._tokens) / window_s
        limit = f" of ${self._limit_usd:.2f}" if self._limit_usd is not None else ""
        unknown = f" and {self._unpriced} replies of unknown price" if self._unpriced else ""
        return f"{rate:.0f} tokens/s   ${self._cost_usd:.4f}{limit}{unknown}   {now_s - self._began_s:.0f} s"

    def _stages(self) -> str:
        stages = [name.removesuffix(" in") for name in self._funnel if name.endswith(" in")]
        funnel = (f"{stage} {self._funnel[f'{stage} through']}/{self._funnel[f'{stage} in']}" for stage in stages)
        return f"funnel: {' → '.join(funnel)}" if stages else ""
