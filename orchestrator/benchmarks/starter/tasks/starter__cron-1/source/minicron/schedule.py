"""A whole expression."""

from datetime import timedelta

from minicron import fields
from minicron.fields import CronError, parse_field

SPECS = (fields.MINUTE, fields.HOUR, fields.DAY, fields.MONTH, fields.WEEKDAY)
SHORTCUTS = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@yearly": "0 0 1 1 *",
}
HORIZON = timedelta(days=366 * 8)


class Schedule:
    """Points in time, to the minute."""

    def __init__(self, expression):
        self.expression = expression
        parts = SHORTCUTS.get(expression.strip(), expression).split()
        if len(parts) != len(SPECS):
            raise CronError(f"expected {len(SPECS)} fields: {expression!r}")
        self._values = [parse_field(p, s) for p, s in zip(parts, SPECS)]
        self._any_day = parts[2] == "*"
        self._any_weekday = parts[4] == "*"

    def matches(self, moment):
        """Whether the schedule includes the minute of ``moment``."""
        minutes, hours, _, months, _ = self._values
        return (
            moment.minute in minutes
            and moment.hour in hours
            and moment.month in months
            and self._day_matches(moment)
        )

    def _day_matches(self, moment):
        days, weekdays = self._values[2], self._values[4]
        in_days = moment.day in days
        in_weekdays = moment.isoweekday() % 7 in weekdays
        return in_days and in_weekdays

    def next_after(self, moment):
        """The first scheduled minute after ``moment``; None if there is none for years."""
        end = moment + HORIZON
        candidate = moment.replace(second=0, microsecond=0) + timedelta(minutes=1)
        while candidate <= end:
            if candidate.month not in self._values[3] or not self._day_matches(candidate):
                candidate = candidate.replace(hour=0, minute=0) + timedelta(days=1)
            elif candidate.hour not in self._values[1]:
                candidate = candidate.replace(minute=0) + timedelta(hours=1)
            elif candidate.minute not in self._values[0]:
                candidate += timedelta(minutes=1)
            else:
                return candidate
        return None
