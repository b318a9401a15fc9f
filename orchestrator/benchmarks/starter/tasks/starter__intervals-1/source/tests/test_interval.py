import pytest

from intervals import Interval


def test_length():
    assert Interval(2, 7).length == 5


def test_empty_is_refused():
    with pytest.raises(ValueError):
        Interval(3, 3)


def test_overlap_is_half_open():
    assert not Interval(0, 5).overlaps(Interval(5, 9))
    assert Interval(0, 5).touches(Interval(5, 9))


def test_join():
    assert Interval(0, 2).join(Interval(5, 9)) == Interval(0, 9)
