from datetime import date

from recurrence import add_months, days_in_month


def test_days_in_month():
    assert days_in_month(2024, 2) == 29
    assert days_in_month(2023, 2) == 28


def test_add_months_over_new_year():
    assert add_months(date(2023, 11, 15), 3) == date(2024, 2, 15)


def test_add_months_clips():
    assert add_months(date(2023, 1, 31), 1) == date(2023, 2, 28)


def test_subtract_months():
    assert add_months(date(2024, 3, 31), -1) == date(2024, 2, 29)
