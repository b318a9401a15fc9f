"""A table of jobs."""

from minicron.fields import CronError
from minicron.schedule import SHORTCUTS, Schedule


def parse_table(text):
    """Pairs of Schedule and command; blank lines and comments are skipped."""
    jobs = []
    for number, line in enumerate(text.splitlines(), start=1):
        line = line.strip()
        if not line or line.startswith("#"):
            continue
        width = 1 if line.split()[0] in SHORTCUTS else 5
        parts = line.split(None, width)
        if len(parts) <= width:
            raise CronError(f"line {number}: no command")
        jobs.append((Schedule(" ".join(parts[:width])), parts[width]))
    return jobs


def due_jobs(jobs, moment):
    """Commands that are due in the minute of ``moment``, in table order."""
    return [command for schedule, command in jobs if schedule.matches(moment)]
