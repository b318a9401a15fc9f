"""Limits of an endpoint: exact in every window, and places that go to one instance after another."""

from __future__ import annotations

import threading
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestrator.clock import ManualClock
from orchestrator.errors import SettingsError
from orchestrator.models.options import RateLimits
from orchestrator.models.rate import RateLimited, Slots, Window
from orchestrator.records import ModelRequest, Reply, Usage
from tests.unit.models.support import PROMPT, PlainModel, a_reply, a_request


def admitted(limits: RateLimits, sizes: list[int], pauses: list[float]) -> list[tuple[float, int]]:
    """When each request of so many tokens was let through."""
    clock, times = ManualClock(), []
    window = Window(limits, clock)
    for size, pause in zip(sizes, pauses, strict=True):
        clock.now_s += pause
        window.admit(size)
        times.append((clock.now_s, size))
    return times


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 900), st.floats(0, 40)), max_size=40), st.integers(1, 8))
def test_no_window_ever_holds_more_than_allowed(calls: list[tuple[int, float]], requests: int) -> None:
    """In no span of 60 seconds, the first one included, are there more requests or tokens than allowed."""
    limits = RateLimits(requests_per_minute=requests, tokens_per_minute=1000)
    times = admitted(limits, [size for size, _ in calls], [pause for _, pause in calls])
    for start, _ in times:
        inside = [size for at, size in times if start <= at < start + 60 - 1e-6]
        assert len(inside) <= requests
        assert sum(inside) <= 1000


def test_the_limit_is_used_in_full() -> None:
    """Forty a minute are let through at once, and the next forty a minute later: not fewer than allowed."""
    times = [at - 1000.0 for at, _ in admitted(RateLimits(requests_per_minute=40), [1] * 81, [0.0] * 81)]
    assert (times[39], times[40], times[80]) == (0.0, 60.0, 120.0)


def test_a_single_request_above_the_limit_is_an_error() -> None:
    """A request that can never fit is for the user, not an endless wait."""
    with pytest.raises(SettingsError, match="tokens_per_minute = 100 is below the 101"):
        Window(RateLimits(tokens_per_minute=100), ManualClock()).admit(101)


def test_what_a_call_really_used_is_counted() -> None:
    """Room that was set aside for a long reply is given back when the reply is short."""
    clock = ManualClock()
    window = Window(RateLimits(tokens_per_minute=1000), clock)
    window.correct(window.admit(900), 100)
    window.admit(900)
    assert clock.slept == []
    window.admit(1)
    assert clock.slept == [60.0]


def test_every_request_through_the_wrapper_counts() -> None:
    """The prompt and the largest output are set aside, then what was used is counted."""
    clock = ManualClock()
    window = Window(RateLimits(tokens_per_minute=2000), clock)
    model = RateLimited(PlainModel(lambda _: a_reply(usage=Usage(900, 100))), Slots(1), window)
    prompt = sum(len(message.content) for message in PROMPT)
    model.complete(a_request(max_output_tokens=1000 - prompt))
    model.complete(a_request(max_output_tokens=1000 - prompt))
    assert clock.slept == []
    model.complete(a_request(max_output_tokens=1000 - prompt))
    assert clock.slept == [60.0]


def test_no_more_calls_at_once_than_places() -> None:
    """With two places and eight callers never more than two calls are under way, and two at times."""
    lock, now, most = threading.Lock(), 0, 0

    def answer(_: ModelRequest) -> Reply:
        nonlocal now, most
        with lock:
            now, most = now + 1, max(most, now + 1)
        time.sleep(0.01)
        with lock:
            now -= 1
        return a_reply()

    model = RateLimited(PlainModel(answer), Slots(2), Window(RateLimits(), ManualClock()))
    threads = [threading.Thread(target=model.complete, args=(a_request(instance=f"i-{n}"),)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == 2


def test_instances_are_finished_one_after_another() -> None:
    """A free place goes to the instance that was served first of those waiting: its prompt is still in the server's cache."""
    slots, order, began = Slots(1), list[str](), threading.Semaphore(0)

    def call(instance: str) -> None:
        began.release()
        with slots.held(instance):
            order.append(instance)

    with slots.held("first"):
        threads = []
        for instance in ("second", "third", "second", "first"):
            threads.append(threading.Thread(target=call, args=(instance,)))
            threads[-1].start()
            began.acquire()
            time.sleep(0.02)
    for thread in threads:
        thread.join()
    assert order == ["first", "second", "second", "third"]


def test_a_failing_call_gives_its_place_back() -> None:
    """An error frees the place."""
    slots = Slots(1)
    with pytest.raises(RuntimeError), slots.held("a"):
        raise RuntimeError
    with slots.held("b"):
        pass
