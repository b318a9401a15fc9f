import pytest

from again import Backoff, GaveUp, RetryPolicy, retry


class Flaky:
    """Fails with the given exceptions, one per call, and then succeeds."""

    def __init__(self, *errors):
        self.errors = list(errors)
        self.calls = 0

    def __call__(self):
        self.calls += 1
        if self.errors:
            raise self.errors.pop(0)
        return "ok"


def policy(**options):
    return RetryPolicy(sleep=lambda seconds: None, **options)


def test_success_after_failures():
    flaky = Flaky(OSError(), OSError())
    assert policy(attempts=3).call(flaky) == "ok"
    assert flaky.calls == 3


def test_gives_up():
    flaky = Flaky(OSError("a"), OSError("b"))
    with pytest.raises(GaveUp) as info:
        policy(attempts=2).call(flaky)
    assert info.value.attempts == 2
    assert str(info.value.__cause__) == "b"


def test_other_exceptions_pass():
    flaky = Flaky(KeyError("x"))
    with pytest.raises(KeyError):
        policy(on=OSError).call(flaky)
    assert flaky.calls == 1


def test_tuple_of_classes():
    flaky = Flaky(KeyError("x"), OSError())
    assert policy(on=(OSError, KeyError)).call(flaky) == "ok"


def test_without():
    smaller = policy(on=(OSError, KeyError)).without(KeyError)
    assert not smaller.should_retry(KeyError())
    assert smaller.should_retry(OSError())


def test_sleeps_between_attempts():
    slept = []
    waiting = RetryPolicy(3, backoff=Backoff(first_s=1), sleep=slept.append)
    waiting.call(Flaky(OSError(), OSError()))
    assert slept == [1, 2]


def test_decorator():
    calls = []

    @retry(attempts=2, sleep=lambda seconds: None)
    def shaky(value):
        """Docs."""
        calls.append(value)
        if len(calls) < 2:
            raise OSError
        return value

    assert shaky(5) == 5
    assert shaky.__doc__ == "Docs."
