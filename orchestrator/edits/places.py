"""A place in a file, and the two things that can be wrong with a text that names one: it occurs nowhere, or more than once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial

from orchestrator.records import EditRefusal

MOST_PLACES = 8
Lines = Sequence[str]


@dataclass(frozen=True, slots=True)
class Place:
    """Lines `start` to `end` of the file (0-based, half open) become `lines`; `rung` is how they were found.

    `sure` is False where the result must parse to be believed.
    """

    start: int
    end: int
    lines: tuple[str, ...]
    rung: str
    sure: bool = True


def occurrences(file: Lines, search: Lines, normal: Callable[[str], str]) -> list[int]:
    """Starts (at most eight) of the runs of lines equal to `search` after `normal`; linear, by the interpreter's own search."""
    text, needle = joined(tuple(file), normal), "\n" + "\n".join(normal(line) for line in search) + "\n"
    found: list[int] = []
    counted = line = 0
    at = text.find(needle)
    while at >= 0 and len(found) < MOST_PLACES:
        line += text.count("\n", counted, at)
        counted = at
        found.append(line)
        at = text.find(needle, at + 1)
    return found


@lru_cache(maxsize=12)
def joined(lines: tuple[str, ...], normal: Callable[[str], str]) -> str:
    """A file as one text after `normal`: a reply of many blocks looks into the same file again and again."""
    return "\n" + "\n".join(map(normal, lines)) + "\n"


def without_tabs(line: str, tab: int) -> str:
    """A line with its tabs expanded and no blanks at its end."""
    return line.expandtabs(tab).rstrip()


short_tabs, long_tabs = partial(without_tabs, tab=4), partial(without_tabs, tab=8)


def ambiguous(file: Lines, places: Sequence[int], length: int) -> EditRefusal:
    """The refusal that lists every place (at most eight) with its line numbers."""
    listed = ", ".join(str(place + 1) for place in places)
    more = " (and more)" if len(places) >= MOST_PLACES else ""
    message = f"The search text matches at lines {listed}{more}; add lines around it until it is unique."
    shown = "\n...\n".join(
        "\n".join(f"{i + 1:>5} | {file[i]}" for i in range(max(p - 2, 0), min(p + min(length, 3) + 1, len(file))))
        for p in places[:3]
    )
    return EditRefusal("ambiguous", message, nearest=shown)
