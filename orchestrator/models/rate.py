"""Limits of one endpoint: calls at once, requests and tokens in any 60 seconds. Exact from the first window on."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from orchestrator.clock import Clock
from orchestrator.errors import SettingsError
from orchestrator.models.options import RateLimits
from orchestrator.protocols import Model, ModelIdentity
from orchestrator.records import ModelRequest, Reply

WINDOW_S = 60.0
SMALLEST_WAIT_S = 0.001


class Slots:
    """At most `concurrency` calls at once, handed on so that instances are finished one after another.

    A free place goes to the instance that was served first of those waiting, so that a local server's prompt cache stays
    with one instance as long as it has work; within an instance, first come first served.
    """

    def __init__(self, concurrency: int | None) -> None:
        self._free = concurrency
        self._changed = threading.Condition()
        self._seen: dict[str, int] = {}
        self._waiting: list[tuple[int, int]] = []
        self._tickets = 0

    @contextmanager
    def held(self, instance_id: str) -> Iterator[None]:
        """Hold a place for one call."""
        if self._free is None:
            yield
            return
        with self._changed:
            self._take(instance_id)
        try:
            yield
        finally:
            with self._changed:
                self._free += 1
                self._changed.notify_all()

    def _take(self, instance_id: str) -> None:
        self._tickets += 1
        place = (self._seen.setdefault(instance_id, len(self._seen)), self._tickets)
        self._waiting.append(place)
        try:
            while not self._free or min(self._waiting) != place:
                self._changed.wait()
            self._free -= 1
        finally:
            self._waiting.remove(place)
            self._changed.notify_all()


@dataclass(slots=True)
class _Admission:
    time_s: float
    tokens: int


class Window:
    """A sliding log: in no span of 60 seconds are more requests or tokens admitted than allowed."""

    def __init__(self, limits: RateLimits, clock: Clock) -> None:
        self._limits, self._clock = limits, clock
        self._log: deque[_Admission] = deque()
        self._lock = threading.Lock()

    def admit(self, tokens: int) -> _Admission:
        """Wait until a request of `tokens` (input and largest output) fits; returns what `correct` needs."""
        most = self._limits.tokens_per_minute
        if most is not None and tokens > most:
            raise SettingsError(f"rate.tokens_per_minute = {most} is below the {tokens} tokens of a single request")
        while True:
            with self._lock:
                wait_s = self._wait_s(tokens)
                if wait_s <= 0:
                    admission = _Admission(self._clock.monotonic(), tokens)
                    self._log.append(admission)
                    return admission
            self._clock.sleep(wait_s)

    def correct(self, admission: _Admission, tokens: int) -> None:
        """Count what a call really used instead of what was set aside."""
        with self._lock:
            admission.tokens = tokens

    def _wait_s(self, tokens: int) -> float:
        now = self._clock.monotonic()
        while self._log and now - self._log[0].time_s >= WINDOW_S:
            self._log.popleft()
        count, used = len(self._log) + 1, sum(each.tokens for each in self._log) + tokens
        if self._fits(count, used):
            return 0.0
        for each in self._log:
            count, used = count - 1, used - each.tokens
            if self._fits(count, used):
                return max(each.time_s + WINDOW_S - now, SMALLEST_WAIT_S)
        return SMALLEST_WAIT_S

    def _fits(self, requests: int, tokens: int) -> bool:
        most_requests, most_tokens = self._limits.requests_per_minute, self._limits.tokens_per_minute
        return (most_requests is None or requests <= most_requests) and (most_tokens is None or tokens <= most_tokens)


class RateLimited:
    """A model behind the limits of its endpoint; every request counts, a retry too."""

    def __init__(self, inner: Model, slots: Slots, window: Window) -> None:
        self._inner, self._slots, self._window = inner, slots, window

    @property
    def name(self) -> str:
        """See Model."""
        return self._inner.name

    def identify(self) -> ModelIdentity:
        """See Model."""
        return self._inner.identify()

    def count_tokens(self, text: str) -> int:
        """See Model."""
        return self._inner.count_tokens(text)

    def complete(self, request: ModelRequest) -> Reply:
        """Wait for a place and for room in the window, then ask."""
        expected = sum(self.count_tokens(message.content) for message in request.messages)
        with self._slots.held(request.instance_id):
            admission = self._window.admit(expected + request.sampling.max_output_tokens)
            reply = self._inner.complete(request)
        if reply.usage.input_tokens or reply.usage.output_tokens:
            self._window.correct(admission, reply.usage.input_tokens + reply.usage.output_tokens)
        return reply
