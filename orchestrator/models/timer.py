"""The four clocks of one request: connect, first token, between tokens, total."""

from __future__ import annotations

from orchestrator.clock import Clock
from orchestrator.models.failures import CallFailure, FailureKind
from orchestrator.models.options import Clocks

NAP_SHARE = 0.1
LONGEST_NAP_S = 2.0
SMALLEST_WAIT_S = 0.001


class CallTimer:
    """Started with the request; readers tell it of each token and ask it how long the next read may take."""

    __slots__ = ("_clock", "_clocks", "_first_token", "_last_token", "_started")

    def __init__(self, clocks: Clocks, clock: Clock) -> None:
        self._clocks, self._clock = clocks, clock
        self._started = clock.monotonic()
        self._first_token: float | None = None
        self._last_token = 0.0

    def token(self) -> None:
        """A token has come. Keep-alive lines and half lines are none, so a drip cannot hold a call open."""
        self._last_token = self._clock.monotonic()
        if self._first_token is None:
            self._first_token = self._last_token

    @property
    def first_token_s(self) -> float | None:
        """Seconds from the request to the first token."""
        return None if self._first_token is None else self._first_token - self._started

    @property
    def elapsed_s(self) -> float:
        """Seconds since the request."""
        return self._clock.monotonic() - self._started

    @property
    def connect_s(self) -> float:
        """Seconds that connecting may take."""
        return min(self._clocks.connect_s, self._clocks.total_s)

    def remaining_s(self) -> float:
        """Seconds until the next clock runs out; raises CallFailure where one has."""
        deadline, _ = self._next_deadline()
        left = deadline - self._clock.monotonic()
        if left <= 0:
            raise self.expired()
        return max(left, SMALLEST_WAIT_S)

    def expired(self) -> CallFailure:
        """The failure that belongs to the clock that runs out next."""
        _, kind = self._next_deadline()
        allowed = {
            FailureKind.FIRST_TOKEN_TIMEOUT: self._clocks.first_token_s,
            FailureKind.STALLED: self._clocks.between_tokens_s,
        }.get(kind, self._clocks.total_s)
        return CallFailure(kind, f"no end after {self.elapsed_s:.1f} s; this clock allows {allowed:g} s")

    def nap_s(self) -> float:
        """How long to let tokens gather before the next read: a tenth of the time the stream has run, at most 2 s.

        A wake-up costs more than reading ten tokens, so a long reply is read in gulps; a short one is hardly held up. No nap
        goes past a deadline, so a clock that runs out is noticed in time; a stall is counted from the last read.
        """
        if self._first_token is None:
            return 0.0
        now = self._clock.monotonic()
        nap = min(LONGEST_NAP_S, NAP_SHARE * (now - self._first_token), self._next_deadline()[0] - now)
        return nap if nap > SMALLEST_WAIT_S else 0.0

    def _next_deadline(self) -> tuple[float, FailureKind]:
        total = (self._started + self._clocks.total_s, FailureKind.TOTAL_TIMEOUT)
        if self._first_token is None:
            return min(total, (self._started + self._clocks.first_token_s, FailureKind.FIRST_TOKEN_TIMEOUT))
        return min(total, (self._last_token + self._clocks.between_tokens_s, FailureKind.STALLED))
