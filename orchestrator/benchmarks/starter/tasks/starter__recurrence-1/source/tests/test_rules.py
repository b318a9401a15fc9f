from datetime import date

import pytest

from recurrence import Rule, occurrences, parse_rule


def test_parse():
    assert parse_rule("every 2 weeks") == Rule("week", 2)
    assert parse_rule("Every month") == Rule("month")


def test_parse_error():
    with pytest.raises(ValueError):
        parse_rule("now and then")


def test_daily_with_count():
    days = occurrences(date(2023, 2, 27), Rule("day"), count=3)
    assert days == [date(2023, 2, 27), date(2023, 2, 28), date(2023, 3, 1)]


def test_weekly_until_is_inclusive():
    days = occurrences(date(2023, 1, 2), Rule("week"), until=date(2023, 1, 16))
    assert days == [date(2023, 1, 2), date(2023, 1, 9), date(2023, 1, 16)]


def test_monthly():
    days = occurrences(date(2023, 11, 15), Rule("month"), count=3)
    assert days == [date(2023, 11, 15), date(2023, 12, 15), date(2024, 1, 15)]


def test_endless_series_is_refused():
    with pytest.raises(ValueError):
        occurrences(date(2023, 1, 1), Rule("day"))
