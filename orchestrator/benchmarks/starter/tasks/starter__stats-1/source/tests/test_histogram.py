import pytest

from runstats import Histogram


def test_bins():
    histogram = Histogram(0, 10, 5)
    for value in (-1, 0, 1.9, 2, 10, 11):
        histogram.add(value)
    assert histogram.counts == [2, 1, 0, 0, 1]
    assert (histogram.below, histogram.above) == (1, 1)


def test_merge():
    a, b = Histogram(0, 2, 2), Histogram(0, 2, 2)
    a.add(0)
    b.add(1)
    assert a.merge(b).counts == [1, 1]


def test_merge_of_different_bins():
    with pytest.raises(ValueError):
        Histogram(0, 2, 2).merge(Histogram(0, 2, 3))
