from datetime import datetime

import pytest

from minicron import CronError, Schedule


def test_matches():
    schedule = Schedule("30 7 * * mon-fri")
    assert schedule.matches(datetime(2024, 3, 1, 7, 30))
    assert not schedule.matches(datetime(2024, 3, 2, 7, 30))
    assert not schedule.matches(datetime(2024, 3, 1, 7, 31))


def test_day_of_month():
    schedule = Schedule("0 0 13 * *")
    assert schedule.matches(datetime(2024, 3, 13))
    assert not schedule.matches(datetime(2024, 3, 14))


def test_next_after():
    schedule = Schedule("0 9 1 jan *")
    assert schedule.next_after(datetime(2024, 1, 1, 9)) == datetime(2025, 1, 1, 9)
    assert Schedule("*/20 * * * *").next_after(datetime(2024, 1, 1, 9, 50, 30)) == (
        datetime(2024, 1, 1, 10)
    )


def test_never():
    assert Schedule("0 0 31 2 *").next_after(datetime(2024, 1, 1)) is None


def test_shortcut():
    assert Schedule("@weekly").next_after(datetime(2024, 3, 1)) == datetime(2024, 3, 3)


def test_number_of_fields():
    with pytest.raises(CronError):
        Schedule("* * * *")
