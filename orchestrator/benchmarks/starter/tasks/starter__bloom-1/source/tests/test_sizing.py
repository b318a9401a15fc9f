import pytest

from bloomset import best_parameters


def test_textbook_values():
    bits, hashes = best_parameters(1000, 0.01)
    assert 9585 <= bits <= 9600
    assert hashes == 7


def test_bad_arguments():
    with pytest.raises(ValueError):
        best_parameters(0, 0.1)
    with pytest.raises(ValueError):
        best_parameters(10, 1)
