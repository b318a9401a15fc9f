"""The markers of a SEARCH block: where it begins, divides and ends, and what of a damaged one can be told."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from orchestrator.edits.reply import ReadReply
from orchestrator.records import EditRefusal

_SEARCH = re.compile(r"^\s*<{5,9}\s*(?:SEARCH|ORIGINAL|FIND|OLD|HEAD|BEFORE)?\b[:\s]*(.*)$", re.IGNORECASE)
_DIVIDER = re.compile(r"^\s*={5,9}\s*$")
_END = re.compile(r"^\s*>{5,9}\s*\w*.*$")
_HINT = re.compile(r"^\s*:(?:start|end)_line:\s*\d+\s*$")
_RULE = re.compile(r"^\s*-{5,}\s*$")
FENCE = re.compile(r"^[ \t>]*(?:`{3,}|~{3,})[ \t]*(.*)$")


@dataclass(frozen=True, slots=True)
class Marked:
    """One SEARCH block: lines of both halves, where it begins and ends in the reply, what follows the SEARCH marker."""

    search: tuple[str, ...]
    replace: tuple[str, ...]
    start: int
    end: int
    label: str
    dividers: tuple[int, ...] = ()
    salvage: tuple[str, ...] = ()


def has_markers(read: ReadReply) -> bool:
    """True where a reply holds a SEARCH marker."""
    return any(is_search_marker(line) for line in read.lines)


def read_marked(lines: Sequence[str], start: int, label: str) -> Marked | EditRefusal:
    """The block whose SEARCH marker stands at `start`, or why it cannot be told where its halves end."""
    end = next(
        (i for i in range(start + 1, len(lines)) if _END.match(lines[i]) or is_search_marker(lines[i])), len(lines)
    )
    body = lines[start + 1 : end]
    dividers = [i for i, line in enumerate(body) if _DIVIDER.match(line)]
    salvage: tuple[str, ...] = ()
    if not dividers:
        message = (
            f"The SEARCH block at line {start + 1} of the reply has no ======= line between the old text and the new."
        )
        return EditRefusal("no_divider", message)
    if end == len(lines) or not _END.match(lines[end]):
        stop = next((i for i in range(dividers[0] + 1, len(body)) if FENCE.match(body[i])), None)
        if stop is None and len(dividers) > 1 and not any(line.strip() for line in body[dividers[-1] + 1 :]):
            stop = dividers.pop()
        if stop is None:
            message = f"The SEARCH block at line {start + 1} of the reply is not closed; end it with >>>>>>> REPLACE."
            return EditRefusal("unclosed_block", message)
        body, end, salvage = body[:stop], start + 1 + stop, ("missing_end_marker",)
    while len(dividers) > 1 and not any(line.strip() for line in body[dividers[-2] + 1 :] if not _DIVIDER.match(line)):
        # A divider said twice above an empty replacement.
        body = body[: dividers.pop()]
        salvage = (*salvage, "double_divider")
    middle = dividers[0]
    return Marked(_without_hint(body[:middle]), tuple(body[middle + 1 :]), start, end, label, tuple(dividers), salvage)


def _without_hint(search: Sequence[str]) -> tuple[str, ...]:
    """Without `:start_line:12` and the rule below it: another tool's way to say where the text is."""
    if not search or not _HINT.match(search[0]):
        return tuple(search)
    rest = list(search)
    while rest and (_HINT.match(rest[0]) or _RULE.match(rest[0])):
        rest.pop(0)
    return tuple(rest)


def is_search_marker(line: str) -> bool:
    """True for a line that opens a SEARCH block."""
    return line.lstrip().startswith("<<<<<") and _SEARCH.match(line) is not None


def read_label(line: str) -> str | None:
    """What follows a SEARCH marker on its line, or None where the line is none."""
    found = _SEARCH.match(line) if line.lstrip().startswith("<<<<<") else None
    return found[1].strip() if found else None
