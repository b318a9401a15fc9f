"""Cron expressions."""

from minicron.fields import CronError, parse_field
from minicron.schedule import Schedule
from minicron.table import due_jobs, parse_table

__all__ = ["CronError", "Schedule", "due_jobs", "parse_field", "parse_table"]
