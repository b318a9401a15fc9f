"""Repeating dates for invoices and reminders."""

from recurrence.agenda import Agenda, Entry
from recurrence.calendar_math import add_months, days_in_month
from recurrence.rules import Rule, occurrences, parse_rule
from recurrence.workdays import Holidays, shift

__all__ = [
    "Agenda",
    "Entry",
    "Holidays",
    "Rule",
    "add_months",
    "days_in_month",
    "occurrences",
    "parse_rule",
    "shift",
]
