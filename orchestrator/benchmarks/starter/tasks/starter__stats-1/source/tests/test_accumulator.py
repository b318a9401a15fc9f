import pytest

from runstats import Accumulator


def test_mean_and_variance():
    acc = Accumulator([2, 4, 4, 4, 5, 5, 7, 9])
    assert acc.mean == pytest.approx(5)
    assert acc.variance == pytest.approx(4)
    assert acc.deviation == pytest.approx(2)


def test_sample_variance():
    assert Accumulator([1, 2, 3]).sample_variance == pytest.approx(1)


def test_nothing_added():
    assert Accumulator().variance == 0.0
    assert Accumulator([4]).sample_variance == 0.0


def test_merge_counts_and_mean():
    merged = Accumulator([1, 2, 3]).merge(Accumulator([10]))
    assert merged.count == 4
    assert merged.mean == pytest.approx(4)
    assert (merged.minimum, merged.maximum) == (1, 10)


def test_merge_with_equal_means():
    merged = Accumulator([1, 3]).merge(Accumulator([0, 4]))
    assert merged.variance == pytest.approx(2.5)


def test_merge_of_nothing():
    assert Accumulator().merge(Accumulator()).count == 0
