import pytest

from minicron import CronError, parse_field
from minicron.fields import HOUR, MINUTE, MONTH, WEEKDAY


def test_star_and_steps():
    assert parse_field("*/15", MINUTE) == {0, 15, 30, 45}
    assert parse_field("8-18/5", HOUR) == {8, 13, 18}


def test_lists_and_names():
    assert parse_field("1,15-17", HOUR) == {1, 15, 16, 17}
    assert parse_field("jan,Mar", MONTH) == {1, 3}
    assert parse_field("mon-fri", WEEKDAY) == {1, 2, 3, 4, 5}


def test_bad_fields():
    for text in ("", "60", "5-1", "*/0", "x"):
        with pytest.raises(CronError):
            parse_field(text, MINUTE)
