import pytest

from eventq import Event, EventQueue


def nothing():
    pass


def test_order_by_time():
    queue = EventQueue()
    for time in (3, 1, 2):
        queue.push(Event(time, nothing))
    assert [queue.pop().time for _ in range(3)] == [1, 2, 3]


def test_priority_at_equal_times():
    queue = EventQueue()
    queue.push(Event(1, nothing, priority=5, label="late"))
    queue.push(Event(1, nothing, priority=1, label="early"))
    assert queue.pop().label == "early"


def test_cancelled_events_are_skipped():
    queue = EventQueue()
    queue.push(Event(1, nothing)).cancel()
    queue.push(Event(2, nothing))
    assert len(queue) == 1
    assert queue.peek_time() == 2
    assert queue.pop().time == 2


def test_pop_from_empty_queue():
    with pytest.raises(IndexError):
        EventQueue().pop()


def test_negative_time():
    with pytest.raises(ValueError):
        Event(-1, nothing)
