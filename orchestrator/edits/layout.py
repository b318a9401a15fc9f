"""Code that is the same but for its layout: other line breaks, blanks, quotes, blank lines or comments."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from functools import lru_cache
from itertools import accumulate

from orchestrator.edits.align import is_blank_or_comment, merge, squeezed, squeezed_lines
from orchestrator.edits.indent import reindent
from orchestrator.edits.places import MOST_PLACES, Lines, Place, ambiguous
from orchestrator.records import EditRefusal

_TRAILING_COMMENT = re.compile(r"\s+#[^'\"]*$")


def by_layout(file: Lines, search: Lines, replace: Lines) -> Place | EditRefusal | None:
    """The same code broken into other lines, with other blanks, quotes or blank lines, or (then) without the file's comments."""
    for code_only in (False, True):
        found = _by_stream(file, search, replace, code_only=code_only)
        if found is not None:
            return found
    return None


def _code_only(line: str) -> str:
    return "" if is_blank_or_comment(line) else squeezed(_TRAILING_COMMENT.sub("", line))


def _by_stream(file: Lines, search: Lines, replace: Lines, *, code_only: bool) -> Place | EditRefusal | None:
    needle = "".join(_parts(search, code_only=code_only))
    if len(needle) < 8:
        return None
    parts, starts, stream = _stream(tuple(file), code_only)
    spans: list[tuple[int, int]] = []
    at = stream.find(needle)
    while at >= 0 and len(spans) < MOST_PLACES:
        spans.extend(_whole_lines(starts, parts, at, at + len(needle)))
        at = stream.find(needle, at + 1)
    if len(spans) > 1:
        return ambiguous(file, [start for start, _ in spans], len(search))
    if not spans:
        return None
    start, end = _with_comments(file, search, *spans[0])
    window = file[start:end]
    merged = merge(search, replace, window)
    if merged is None and code_only:
        return None
    pairs = (
        ((search[0], window[0]), (search[-1], window[-1])) if search[-1:] != search[:1] else ((search[0], window[0]),)
    )
    return Place(start, end, merged if merged is not None else reindent(replace, pairs), "layout", sure=False)


def _parts(lines: Lines, *, code_only: bool) -> list[str]:
    """Every line without blanks and quotes of its own, and (with `code_only`) without comments."""
    parts = squeezed_lines(lines)
    if code_only:
        for index, line in enumerate(lines):
            if "#" in line:
                parts[index] = _code_only(line)
    return parts


@lru_cache(maxsize=4)
def _stream(file: tuple[str, ...], code_only: bool) -> tuple[list[str], list[int], str]:  # noqa: FBT001
    """The file's lines without layout, where each begins in their joined text, and that text."""
    parts = _parts(file, code_only=code_only)
    return parts, [0, *accumulate(len(part) for part in parts)][: len(parts)], "".join(parts)


def _with_comments(file: Lines, search: Lines, start: int, end: int) -> tuple[int, int]:
    """The window with as many comments around it as the search text has at its own ends."""
    above = next((i for i, line in enumerate(search) if not is_blank_or_comment(line)), 0)
    below = next((i for i, line in enumerate(reversed(search)) if not is_blank_or_comment(line)), 0)
    while above and start and is_blank_or_comment(file[start - 1]):
        above, start = above - 1, start - 1
    while below and end < len(file) and is_blank_or_comment(file[end]):
        below, end = below - 1, end + 1
    return start, end


def _whole_lines(starts: list[int], parts: list[str], begin: int, stop: int) -> Iterator[tuple[int, int]]:
    """The run of whole lines between two offsets of the stream, if both are ends of lines."""
    first = bisect_left(starts, begin)
    while first < len(parts) and starts[first] == begin and not parts[first]:
        first += 1
    last = bisect_left(starts, stop) - 1
    if first < len(parts) and starts[first] == begin and starts[last] + len(parts[last]) == stop:
        yield first, last + 1
