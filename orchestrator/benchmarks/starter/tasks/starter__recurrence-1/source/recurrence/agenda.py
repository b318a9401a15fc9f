"""What is due when."""

from dataclasses import dataclass
from datetime import date

from recurrence.rules import Rule, occurrences
from recurrence.workdays import NONE, shift


@dataclass(frozen=True)
class Entry:
    """Something that is due again and again; on workdays only if asked for."""

    title: str
    start: date
    rule: Rule
    workdays_only: bool = False


class Agenda:
    """A collection of entries."""

    def __init__(self, entries=(), holidays=NONE):
        self.entries = list(entries)
        self.holidays = holidays

    def due(self, first, last):
        """Pairs of date and title from ``first`` to ``last``, in order of date."""
        found = []
        for entry in self.entries:
            for day in occurrences(entry.start, entry.rule, until=last):
                if entry.workdays_only:
                    day = shift(day, self.holidays)
                if first <= day <= last:
                    found.append((day, entry.title))
        return sorted(found)

    def render(self, first, last):
        """The due entries as text, one line per day."""
        by_day = {}
        for day, title in self.due(first, last):
            by_day.setdefault(day, []).append(title)
        return "\n".join(f"{day}: {', '.join(titles)}" for day, titles in by_day.items())
