import pytest

from roman import InvalidNumeral, from_roman, to_roman


def test_to_roman():
    assert to_roman(1) == "I"
    assert to_roman(1994) == "MCMXCIV"
    assert to_roman(3999) == "MMMCMXCIX"


def test_out_of_range():
    for number in (0, -4, 4000):
        with pytest.raises(ValueError):
            to_roman(number)


def test_from_roman():
    assert from_roman("XIV") == 14
    assert from_roman(" mdccclxxxviii ") == 1888


def test_round_trip():
    for number in range(1, 4000):
        assert from_roman(to_roman(number)) == number


def test_other_characters():
    for text in ("", "ABC", "X1", "I V"):
        with pytest.raises(InvalidNumeral):
            from_roman(text)
