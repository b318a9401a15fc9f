"""Repeating dates for invoices and reminders."""

from recurrence.calendar_math import add_months, days_in_month
from recurrence.rules import Rule, occurrences, parse_rule

__all__ = ["Rule", "add_months", "days_in_month", "occurrences", "parse_rule"]
