import pytest

from throttle import TokenBucket


def test_starts_full():
    bucket = TokenBucket(3, 1, now=0)
    assert [bucket.take(0) for _ in range(4)] == [True, True, True, False]


def test_refills_over_time():
    bucket = TokenBucket(2, 0.5, now=0)
    assert bucket.take(0, 2)
    assert not bucket.take(1)
    assert bucket.take(2)


def test_wait_time():
    bucket = TokenBucket(2, 0.5, now=0)
    bucket.take(0, 2)
    assert bucket.wait_time(0) == 2
    assert bucket.wait_time(1) == 1
    with pytest.raises(ValueError):
        bucket.wait_time(0, 3)


def test_clock_that_goes_back():
    bucket = TokenBucket(2, 1, now=10)
    bucket.take(10, 2)
    assert not bucket.take(5)
    assert bucket.available(11) == 1


def test_bad_arguments():
    with pytest.raises(ValueError):
        TokenBucket(0, 1, now=0)
