import pytest

from throttle import Rate, parse_rate


def test_parse():
    assert parse_rate("10/second") == Rate(10, 1)
    assert parse_rate("100/15 minutes") == Rate(100, 900)


def test_bad_rates():
    for text in ("10", "x/second", "10/fortnight", "0/second", "1/0 hours"):
        with pytest.raises(ValueError):
            parse_rate(text)
