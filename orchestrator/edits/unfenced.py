"""Code that a model wrote without any fence."""

from __future__ import annotations

import re

from orchestrator.edits.reply import Block, ReadReply
from orchestrator.edits.source import read_source

_START = re.compile(r"^\s*(?:@\w|def \w+\s*\(|class \w+\s*[(:]|async def |import \w|from [\w.]+ import )")
_MOST_CUTS = 12


def with_found_code(read: ReadReply) -> ReadReply:
    """The reply itself where it has blocks; else with the code that stands in it as one block."""
    if read.blocks:
        return read
    start = next((i for i, line in enumerate(read.lines) if _START.match(line)), None)
    if start is None:
        return ReadReply(read.lines, (), read.tail, ("no_fence",))
    lines = read.lines[start:]
    for _ in range(_MOST_CUTS):
        error = read_source(lines)
        if not isinstance(error, SyntaxError) or not error.lineno or error.lineno < 2:
            break
        lines = _cut_prose(lines, error.lineno - 1)
    block = Block("", tuple(lines), read.lines[:start], start)
    return ReadReply(read.lines, (block,), read.lines[start + len(lines) :], ("no_fence",))


def _cut_prose(lines: tuple[str, ...], at: int) -> tuple[str, ...]:
    """Prose begins at the margin: cut at the last such line up to the error."""
    for index in range(min(at, len(lines) - 1), 0, -1):
        if lines[index][:1].isalpha() and not _START.match(lines[index]):
            return lines[:index]
    return lines[: max(at, 1)]
