"""What models wrap code in: line numbers, diff marks, fences; each taken off only where every line carries it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

Lines = tuple[str, ...]
_NUMBER = re.compile(r"^\s*(\d+)\s?(?:[|:\u2502\t]|\s{2})[ ]?(.*)$")
_LOOSE_NUMBER = re.compile(r"^\s*(\d+)(?:[|:.)\u2502\t ] ?|$)(.*)$")
_FENCE = re.compile(r"^\s*(`{3,}|~{3,})[\w.+-]*\s*$")


def without_numbers(lines: Sequence[str]) -> Lines | None:
    """The lines without their line numbers, or None where not every line has one or they do not count up by one."""
    for pattern in (_NUMBER, _LOOSE_NUMBER):
        first = next((line for line in lines if line.strip()), "")
        if not pattern.match(first):
            continue
        found = [pattern.match(line) for line in lines if line.strip()]
        numbers = [int(m[1][:9]) for m in found if m]
        if not numbers or len(numbers) < len(found) or (len(numbers) == 1 and pattern is _LOOSE_NUMBER):
            continue
        if all(b - a == 1 for a, b in pairwise(numbers)):
            stripped = [pattern.match(line) if line.strip() else None for line in lines]
            return tuple(m[2] if m else "" for m in stripped)
    return None


def without_marks(lines: Sequence[str], mark: str) -> Lines | None:
    """The lines without diff marks (`mark` or a blank in column one), or None where a line has neither."""
    full = [line for line in lines if line.strip()]
    if not any(line.startswith(mark) for line in full) or not all(line[0] in (mark, " ") for line in full):
        return None
    return tuple(line[1:] for line in lines)


def without_fences(lines: Sequence[str]) -> Lines:
    """The lines without a fence around them (a first and a last line, blanks aside)."""
    first = next((i for i, line in enumerate(lines) if line.strip()), None)
    if first is None or not _FENCE.match(lines[first]):
        return tuple(lines)
    rest = list(lines[first + 1 :])
    while rest and not rest[-1].strip():
        rest.pop()
    return tuple(rest[:-1] if rest and _FENCE.match(rest[-1]) else rest)


def trimmed(lines: Sequence[str]) -> Lines:
    """The lines without blank ones at either end."""
    start, end = 0, len(lines)
    while start < end and not lines[start].strip():
        start += 1
    while end > start and not lines[end - 1].strip():
        end -= 1
    return tuple(lines[start:end])


def cleaned_pairs(search: Sequence[str], replace: Sequence[str]) -> Iterator[tuple[str, Lines, Lines]]:
    """Other readings of a search and its replacement, each with a name, the likeliest first."""
    plain_search, plain_replace = without_fences(search), without_fences(replace)
    if (plain_search, plain_replace) != (tuple(search), tuple(replace)):
        yield "fences", plain_search, plain_replace
    numbered = without_numbers(plain_search)
    if numbered is not None:
        yield "line_numbers", numbered, without_numbers(plain_replace) or plain_replace
    marked = _unmarked(plain_search, plain_replace)
    if marked is not None:
        yield "diff_marks", *marked
    elif any(line.startswith("+") for line in plain_replace) and not any(line.startswith("+") for line in plain_search):
        yield "diff_marks", plain_search, _applied_marks(plain_search, plain_replace)


def _unmarked(search: Sequence[str], replace: Sequence[str]) -> tuple[Lines, Lines] | None:
    """Both sides without diff marks, where every line has one (a blank for context) and at least one is a mark proper."""
    sides = [line for line in (*search, *replace) if line.strip()]
    proper = any(line.startswith("-") for line in search) or any(line.startswith("+") for line in replace)
    if not proper or not all(line[0] in "+- " for line in sides):
        return None
    old = [line[1:] for line in search if not line.startswith("+")]
    new = [line[1:] for line in replace if not line.startswith("-")]
    return tuple(old), tuple(new)


def _applied_marks(search: Sequence[str], replace: Sequence[str]) -> Lines:
    """A replacement in which only the new lines are marked: the mark may or may not have taken a column of indentation."""
    out: list[str] = []
    known = set(search)
    for line in replace:
        if line.startswith("-") and (line[1:] in known or " " + line[1:] in known):
            continue
        odd = (len(line) - 1 - len(line[1:].lstrip(" "))) % 4 == 3
        out.append((" " if odd else "") + line[1:] if line.startswith("+") else line)
    return tuple(out)
