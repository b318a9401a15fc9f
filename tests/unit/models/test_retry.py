"""Retries: what is tried again, how long is waited, when it stops, and the circuit breaker. No wait takes real time."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from orchestrator.clock import ManualClock
from orchestrator.errors import BudgetExhausted, ModelUnavailable
from orchestrator.models.failures import TRANSIENT, CallFailure, FailureKind
from orchestrator.models.headers import retry_after_s
from orchestrator.models.options import RetryPolicy
from orchestrator.models.retry import Breaker, Retried
from orchestrator.records import ModelRequest, Reply
from tests.unit.models.support import PlainModel, a_reply, a_request


def failing(*failures: Exception) -> Callable[[ModelRequest], Reply]:
    """An answer that raises each failure once and is then fine."""
    left = list(failures)

    def answer(_: ModelRequest) -> Reply:
        if left:
            raise left.pop(0)
        return a_reply()

    return answer


def retried(clock: ManualClock, *failures: Exception, breaker: Breaker | None = None, **policy: float) -> Retried:
    """A model that fails so, behind a policy with a fixed seed."""
    chosen = RetryPolicy(**policy)  # type: ignore[arg-type]
    return Retried(PlainModel(failing(*failures)), chosen, breaker or Breaker(chosen, clock), clock, seed=1)


def refused(count: int) -> list[CallFailure]:
    """So many refused connections."""
    return [CallFailure(FailureKind.REFUSED, "nobody there") for _ in range(count)]


@pytest.mark.parametrize("kind", sorted(TRANSIENT))
def test_every_transient_failure_is_tried_again(kind: FailureKind) -> None:
    """One failure of each transient kind costs one retry."""
    assert retried(ManualClock(), CallFailure(kind, "x")).complete(a_request()).retries == 1


@pytest.mark.parametrize("error", [CallFailure(FailureKind.TOTAL_TIMEOUT, "x"), BudgetExhausted("x")])
def test_nothing_else_is_tried_again(error: Exception) -> None:
    """A total time-out and a spent budget go straight up."""
    clock = ManualClock()
    with pytest.raises(type(error)):
        retried(clock, error).complete(a_request())
    assert clock.slept == []


def test_waits_double_with_jitter_up_to_the_longest() -> None:
    """Each wait lies between a tenth of its ceiling and the ceiling; ceilings double to the cap."""
    clock = ManualClock()
    with pytest.raises(ModelUnavailable, match="after 7 tries"):
        retried(clock, *refused(7), attempts=7, longest_wait_s=8.0, breaker_failures=99).complete(a_request())
    ceilings = [1.0, 2.0, 4.0, 8.0, 8.0, 8.0]
    assert len(clock.slept) == 6
    assert all(0.1 * top <= wait <= top for wait, top in zip(clock.slept, ceilings, strict=True))
    assert len(set(clock.slept)) == 6


def test_retries_are_told_as_they_happen() -> None:
    """Whoever listens hears the failure and the wait."""
    heard: list[tuple[str, float]] = []
    clock = ManualClock()
    policy = RetryPolicy()
    inner = PlainModel(failing(CallFailure(FailureKind.OVERLOADED, "busy", retry_after_s=3.0)))
    listener = Retried(inner, policy, Breaker(policy, clock), clock, on_retry=lambda f, s: heard.append((f.kind, s)))
    listener.complete(a_request())
    assert heard == [("overloaded", 3.0)]


def test_a_local_server_is_waited_for_beyond_the_attempts() -> None:
    """With a wait for the server a refused connection is tried until the time is over, not until the tries are."""
    clock = ManualClock()
    model = retried(clock, *refused(20), attempts=2, wait_for_server_s=600.0)
    assert model.complete(a_request()).retries == 20


def test_the_circuit_opens_and_lets_one_probe_through() -> None:
    """After so many failures in a row calls wait for the pause; an answer closes the circuit."""
    clock = ManualClock()
    breaker = Breaker(RetryPolicy(breaker_failures=2, breaker_pause_s=30.0), clock)
    breaker.failed(refused(1)[0])
    assert breaker.wait_s() == 0.0
    breaker.failed(refused(1)[0])
    assert breaker.wait_s() == 30.0
    clock.sleep(30.0)
    assert (breaker.wait_s(), breaker.wait_s()) == (0.0, 30.0)
    breaker.answered()
    assert breaker.wait_s() == 0.0


def test_a_call_waits_through_an_open_circuit() -> None:
    """A call that meets an open circuit is held back for the pause and then made."""
    clock = ManualClock()
    breaker = Breaker(RetryPolicy(breaker_failures=1), clock)
    breaker.failed(refused(1)[0])
    assert retried(clock, breaker=breaker, breaker_failures=1).complete(a_request()).retries == 0
    assert clock.slept == [30.0]


def test_a_circuit_that_stays_open_is_unavailable_and_says_why() -> None:
    """Beyond its patience a call fails with the endpoint's own last failure in the message."""
    clock = ManualClock()
    policy = {"breaker_failures": 1, "breaker_pause_s": 500.0}
    breaker = Breaker(RetryPolicy(**policy), clock)  # type: ignore[arg-type]
    breaker.failed(refused(1)[0])
    with pytest.raises(ModelUnavailable, match="nobody there"):
        retried(clock, breaker=breaker, **policy).complete(a_request())


def test_rate_limits_do_not_open_the_circuit() -> None:
    """A 429 says that the endpoint is alive."""
    clock = ManualClock()
    policy = RetryPolicy(breaker_failures=1, breaker_pause_s=999.0)
    breaker = Breaker(policy, clock)
    limited = CallFailure(FailureKind.RATE_LIMITED, "slow", retry_after_s=2.0)
    model = Retried(PlainModel(failing(limited)), policy, breaker, clock)
    assert model.complete(a_request()).retries == 1
    assert clock.slept == [2.0]


def test_the_cost_of_failed_tries_is_part_of_the_reply() -> None:
    """Known costs add up; one unknown makes the sum unknown."""
    paid, unknown = CallFailure(FailureKind.CUT, "x"), CallFailure(FailureKind.CUT, "x")
    paid.cost_usd, unknown.cost_usd = 0.25, None

    def answer_after(*failures: CallFailure) -> float | None:
        inner = failing(*failures)
        clock, policy = ManualClock(), RetryPolicy()
        priced = PlainModel(lambda request: Reply("x", inner(request).finish, "plain", cost_usd=0.5))
        return Retried(priced, policy, Breaker(policy, clock), clock).complete(a_request()).cost_usd

    assert answer_after(paid) == 0.75
    assert answer_after(paid, unknown) is None


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("3", 3.0), (" 1.5 ", 1.5), ("-4", 0.0), ("soon", None), ("", None), ("inf", None), ("nan", None)],
)
def test_retry_after_is_read_in_all_forms(header: str, seconds: float | None) -> None:
    """Numbers are seconds, nonsense is nothing."""
    assert retry_after_s({"retry-after": header}, ManualClock()) == seconds


def test_a_retry_after_date_is_seconds_from_now() -> None:
    """A date in the past asks for no wait."""
    clock = ManualClock(now_s=0.0, epoch_s=1_000_000_000.0)
    assert retry_after_s({"retry-after": "Sun, 09 Sep 2001 01:47:40 GMT"}, clock) == 60.0
    assert retry_after_s({"retry-after": "Sun, 09 Sep 2001 01:40:00 GMT"}, clock) == 0.0
