import pytest

from cash import Money, allocate, split


def test_proportions():
    assert allocate(Money(1000), [7, 2, 1]) == [Money(700), Money(200), Money(100)]


def test_even_split():
    assert split(Money(900), 3) == [Money(300)] * 3


def test_zero_weight():
    assert allocate(Money(500), [0, 5]) == [Money(0), Money(500)]


def test_bad_arguments():
    with pytest.raises(ValueError):
        allocate(Money(1), [0, 0])
    with pytest.raises(ValueError):
        allocate(Money(1), [2, -1])
    with pytest.raises(ValueError):
        split(Money(1), 0)
