"""Ends a blocked read from outside, where a library owns the socket and its time-outs cannot follow the four clocks."""

from __future__ import annotations

import threading
from collections.abc import Callable
from types import TracebackType
from typing import Self

from orchestrator.models.failures import CallFailure
from orchestrator.models.timer import CallTimer


class Watchdog:
    """A context manager with a thread of its own that calls `abort` when a clock of `timer` runs out."""

    def __init__(self, timer: CallTimer, abort: Callable[[], None]) -> None:
        self._timer, self._abort = timer, abort
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="model-call-watchdog", daemon=True)
        self.failure: CallFailure | None = None

    def _watch(self) -> None:
        while True:
            try:
                left_s = self._timer.remaining_s()
            except CallFailure as failure:
                self.failure = failure
                self._abort()
                return
            if self._done.wait(left_s):
                return

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._done.set()
        self._thread.join()
