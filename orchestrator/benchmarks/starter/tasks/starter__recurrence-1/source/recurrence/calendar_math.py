"""Arithmetic with months."""

import calendar
from datetime import date


def days_in_month(year, month):
    """Number of days of a month."""
    return calendar.monthrange(year, month)[1]


def add_months(day, months):
    """``day`` moved by a number of months, clipped to the month's last day."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    month += 1
    return date(year, month, min(day.day, days_in_month(year, month)))
