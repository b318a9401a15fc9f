"""Where definitions are, and whether an edited file still parses; a very long file is not parsed whole if that can be helped."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache

from orchestrator.edits.text import Document
from orchestrator.syntax import Definition, definitions, parse_source

# Parsing takes about 10 ms per thousand lines: beyond this a change is checked by the top-level statements that it touches.
LONG_FILE_LINES = 3_000
_TOP = re.compile(r"[A-Za-z_@(\[{]")
_MOST_CHUNKS = 4


@lru_cache(maxsize=64)
def outline(text: str) -> tuple[Definition, ...]:
    """Every definition of a module, in source order; empty where it does not parse."""
    try:
        return definitions(parse_source(text))
    except SyntaxError:
        return ()


def located(document: Document, qualified_name: str) -> tuple[Definition, ...]:
    """The definitions of that qualified name (several where it is overloaded or has a setter)."""
    found = within(document, qualified_name.split(".", maxsplit=1)[0])
    return tuple(d for d in found if d.qualified_name == qualified_name)


def within(document: Document, top_name: str) -> tuple[Definition, ...]:
    """The top-level definitions called `top_name` and everything inside them."""
    if top_name not in document.memo:
        found = _chunk_outline(document, top_name) if len(document.lines) > LONG_FILE_LINES else ()
        document.memo[top_name] = found or tuple(
            d for d in outline(document.text) if d.qualified_name.split(".", 1)[0] == top_name
        )
    return document.memo[top_name]


def _chunk_outline(document: Document, top_name: str) -> tuple[Definition, ...]:
    heads = document.top_level.get(top_name, [])
    if len(heads) != 1:
        return ()
    for start, end in _chunks(document.lines, heads[0], heads[0] + 1):
        found = outline(_joined(document.lines[start:end]))
        if found:
            return tuple(_moved(d, start) for d in found if d.qualified_name.split(".", 1)[0] == top_name)
    return ()


def _moved(found: Definition, by: int) -> Definition:
    return replace(
        found,
        start_line=found.start_line + by,
        header_line=found.header_line + by,
        body_line=found.body_line + by,
        end_line=found.end_line + by,
    )


def _chunks(lines: Sequence[str], start: int, end: int) -> Iterator[tuple[int, int]]:
    """Runs of top-level statements around lines `start` to `end`, each larger than the one before."""
    for _ in range(_MOST_CHUNKS):
        start = next((i for i in range(min(start, len(lines) - 1), -1, -1) if _TOP.match(lines[i])), 0)
        while start > 0 and lines[start - 1].startswith("@"):
            start -= 1
        end = next((i for i in range(end, len(lines)) if _TOP.match(lines[i])), len(lines))
        yield start, end
        start, end = start - 1, end + 1


def syntax_error(document: Document, start: int, end: int) -> SyntaxError | None:
    """The error that keeps a module from parsing, if any. Lines `start` to `end` (0-based) are those that changed.

    A long file is judged by the top-level statements around the change; only where these do not parse is it parsed whole.
    """
    lines = document.lines
    if len(lines) > LONG_FILE_LINES:
        for first, last in _chunks(lines, start, end):
            if _error(lines[first:last]) is None:
                return None
    return _error(lines)


def error_around(document: Document, runs: Sequence[tuple[int, int]]) -> SyntaxError | None:
    """The error that keeps a module from parsing; `runs` are the lines that changed, in order."""
    lines = document.lines
    if len(lines) <= LONG_FILE_LINES:
        return _error(lines)
    parsed = 0
    for start, end in runs:
        if end <= parsed:
            continue
        spans = (span for span in _chunks(lines, start, end) if _error(lines[span[0] : span[1]]) is None)
        found = next(spans, None)
        if found is None:
            return _error(lines)
        parsed = found[1]
    return None


def _error(lines: Sequence[str]) -> SyntaxError | None:
    try:
        parse_source(_joined(lines))
    except SyntaxError as error:
        return error
    return None


def _joined(lines: Sequence[str]) -> str:
    return "".join(line + "\n" for line in lines)
