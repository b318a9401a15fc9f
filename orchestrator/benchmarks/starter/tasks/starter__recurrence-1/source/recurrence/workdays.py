"""Moving dates away from weekends and holidays."""

from datetime import date, timedelta

SATURDAY = 5


class Holidays:
    """Fixed days of every year, as ``(month, day)``, and single dates."""

    def __init__(self, yearly=(), dates=()):
        self._yearly = frozenset(yearly)
        self._dates = frozenset(dates)

    def __contains__(self, day):
        return (day.month, day.day) in self._yearly or day in self._dates


NONE = Holidays()


def is_workday(day, holidays=NONE):
    """Whether ``day`` is neither on a weekend nor a holiday."""
    return day.weekday() < SATURDAY and day not in holidays


def shift(day, holidays=NONE, backwards=False):
    """The nearest workday on or after ``day``, or on or before it."""
    step = timedelta(days=-1 if backwards else 1)
    while not is_workday(day, holidays):
        day += step
    return day


def workdays_between(first, last, holidays=NONE):
    """Number of workdays from ``first`` to ``last``, both included."""
    days = (date.fromordinal(n) for n in range(first.toordinal(), last.toordinal() + 1))
    return sum(is_workday(day, holidays) for day in days)
