import random

import pytest

from again import Backoff


def test_delays_grow():
    assert Backoff(first_s=1, factor=2).delays(5) == [1, 2, 4, 8]


def test_delays_are_capped():
    assert Backoff(first_s=1, factor=10, max_s=50).delays(4) == [1, 10, 50]


def test_jitter_only_shortens():
    rng = random.Random(7)
    backoff = Backoff(first_s=10, jitter=0.5)
    delays = [backoff.delay(1, rng) for _ in range(100)]
    assert all(5 <= delay <= 10 for delay in delays)
    assert len(set(delays)) > 50


def test_impossible_values():
    with pytest.raises(ValueError):
        Backoff(factor=0.5)
