"""Rules such as "every 2 weeks" and the dates they produce."""

import re
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice

from recurrence.calendar_math import add_months

UNITS = ("day", "week", "month", "year")
_RULE = re.compile(r"every (?:(\d+) )?(day|week|month|year)s?")


@dataclass(frozen=True)
class Rule:
    """Repeat every ``interval`` units."""

    unit: str
    interval: int = 1

    def __post_init__(self):
        if self.unit not in UNITS:
            raise ValueError(f"unknown unit: {self.unit}")
        if self.interval < 1:
            raise ValueError("interval must be at least 1")

    def following(self, day):
        """The date one interval after ``day``."""
        if self.unit == "day":
            return day + timedelta(days=self.interval)
        if self.unit == "week":
            return day + timedelta(weeks=self.interval)
        months = self.interval if self.unit == "month" else 12 * self.interval
        return add_months(day, months)


def parse_rule(text):
    """A Rule from text such as ``every 2 weeks`` or ``every month``."""
    match = _RULE.fullmatch(text.strip().lower())
    if match is None:
        raise ValueError(f"not a rule: {text!r}")
    return Rule(match.group(2), int(match.group(1) or 1))


def _series(start, rule):
    day = start
    while True:
        yield day
        day = rule.following(day)


def occurrences(start, rule, count=None, until=None):
    """Dates from ``start`` on, limited by ``count``, ``until`` (inclusive) or both."""
    if count is None and until is None:
        raise ValueError("an endless series needs count or until")
    days = []
    for day in islice(_series(start, rule), count):
        if until is not None and day > until:
            break
        days.append(day)
    return days
