"""Retries, in one place: what is transient, how long to wait, when to stop, and a circuit breaker per endpoint.

The only module that imports tenacity. Retries are below the attempts of the loop and never consume one.
"""

from __future__ import annotations

import dataclasses
import random
import threading
from collections.abc import Callable

from tenacity import RetryCallState, Retrying, retry_if_exception

from orchestrator.clock import Clock
from orchestrator.errors import ModelUnavailable
from orchestrator.models.failures import CallFailure, FailureKind
from orchestrator.models.options import RetryPolicy
from orchestrator.protocols import Model, ModelIdentity
from orchestrator.records import ModelRequest, Reply

NOT_AGAINST_THE_ENDPOINT = frozenset({FailureKind.CIRCUIT_OPEN, FailureKind.RATE_LIMITED})


class Breaker:
    """Opens after so many failures in a row on one endpoint, and lets one call through after each pause."""

    def __init__(self, policy: RetryPolicy, clock: Clock) -> None:
        self._policy, self._clock = policy, clock
        self._failures = 0
        self._opens_again_at = 0.0
        self.last_failure = ""
        self._lock = threading.Lock()

    def wait_s(self) -> float:
        """Seconds until a call may go out, 0 for now. The caller that is told 0 by an open circuit is its one probe."""
        with self._lock:
            if self._failures < self._policy.breaker_failures:
                return 0.0
            left = self._opens_again_at - self._clock.monotonic()
            if left > 0:
                return left
            self._opens_again_at = self._clock.monotonic() + self._policy.breaker_pause_s
            return 0.0

    def failed(self, failure: CallFailure) -> None:
        """A call failed for a reason that lies with the endpoint."""
        with self._lock:
            self.last_failure = str(failure)
            self._failures += 1
            self._opens_again_at = self._clock.monotonic() + self._policy.breaker_pause_s

    def answered(self) -> None:
        """The endpoint answered: the row of failures is over."""
        with self._lock:
            self._failures = 0


class Retried:
    """A model whose transient failures are tried again. What is left after that is ModelUnavailable."""

    def __init__(
        self,
        inner: Model,
        policy: RetryPolicy,
        breaker: Breaker,
        clock: Clock,
        *,
        on_retry: Callable[[CallFailure, float], None] | None = None,
        seed: int | None = None,
    ) -> None:
        self._inner, self._policy, self._breaker, self._clock = inner, policy, breaker, clock
        self._on_retry = on_retry
        self._random = random.Random(seed)

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
        """Ask until there is an answer. The reply counts the retries and carries the cost of the failed ones."""
        started, failures = self._clock.monotonic(), list[CallFailure]()

        def remember(state: RetryCallState) -> None:
            wait_s = state.next_action.sleep if state.next_action else 0.0
            if self._on_retry is not None:
                self._on_retry(failures[-1], wait_s)

        retrying = Retrying(
            retry=retry_if_exception(lambda error: isinstance(error, CallFailure) and error.transient),
            stop=lambda state: self._should_stop(state, started, failures[-1]),
            wait=lambda state: self._wait_s(state, failures[-1]),
            sleep=self._clock.sleep,
            before_sleep=remember,
            reraise=True,
        )
        try:
            reply = retrying(self._ask, request, failures, started)
        except CallFailure as failure:
            raise self._unavailable(failure, failures) from failure
        cost_usd = _total([reply.cost_usd, *(failure.cost_usd for failure in failures)])
        return dataclasses.replace(reply, retries=len(failures), cost_usd=cost_usd)

    def _ask(self, request: ModelRequest, failures: list[CallFailure], started: float) -> Reply:
        try:
            self._pass_breaker(started)
            reply = self._inner.complete(request)
        except CallFailure as failure:
            if failure.kind not in NOT_AGAINST_THE_ENDPOINT:
                self._breaker.failed(failure)
            failures.append(failure)
            raise
        self._breaker.answered()
        return reply

    def _pass_breaker(self, started: float) -> None:
        """Wait while the circuit is open, as long as this call may wait for its server."""
        patience_s = max(self._policy.wait_for_server_s, self._policy.longest_retry_after_s)
        while (wait_s := self._breaker.wait_s()) > 0:
            if self._clock.monotonic() + wait_s - started > patience_s:
                why = f"the endpoint keeps failing ({self._breaker.last_failure}); next probe in {wait_s:.0f} s"
                raise CallFailure(FailureKind.CIRCUIT_OPEN, why)
            self._clock.sleep(wait_s)

    def _should_stop(self, state: RetryCallState, started: float, failure: CallFailure) -> bool:
        if failure.retry_after_s is not None and failure.retry_after_s > self._policy.longest_retry_after_s:
            return True
        if failure.kind is FailureKind.REFUSED and self._policy.wait_for_server_s:
            return self._clock.monotonic() - started >= self._policy.wait_for_server_s
        return state.attempt_number >= self._policy.attempts

    def _wait_s(self, state: RetryCallState, failure: CallFailure) -> float:
        """Retry-After where the server gave one; else full jitter under a doubling ceiling, never under a tenth of it."""
        if failure.retry_after_s is not None:
            return failure.retry_after_s
        ceiling = min(self._policy.longest_wait_s, self._policy.first_wait_s * 2.0 ** min(30, state.attempt_number - 1))
        return self._random.uniform(0.1 * ceiling, ceiling)

    def _unavailable(self, last: CallFailure, failures: list[CallFailure]) -> ModelUnavailable:
        """The last failure with what was tried; `cost_usd` is what all tries cost."""
        tries = f"after {len(failures)} tries" if len(failures) > 1 else "at the first try"
        waiting = f"; it asks to wait {last.retry_after_s:.0f} s" if last.retry_after_s else ""
        error = CallFailure(last.kind, f"{self.name} {tries}: {last.detail}{waiting}", retry_after_s=last.retry_after_s)
        error.cost_usd = _total([failure.cost_usd for failure in failures])
        error.retries = len(failures) - 1
        return error


def _total(costs: list[float | None]) -> float | None:
    """The sum, None as soon as one part is unknown."""
    known = [cost for cost in costs if cost is not None]
    return sum(known) if len(known) == len(costs) else None
