"""Code that is the same but for its layout: other line breaks, blanks, quotes, blank lines or comments."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterator
from itertools import accumulate

from orchestrator.edits.align import is_blank_or_comment, merge, squeezed
from orchestrator.edits.indent import reindent
from orchestrator.edits.places import MOST_PLACES, Lines, Place, ambiguous
from orchestrator.records import EditRefusal

_TRAILING_COMMENT = re.compile(r"\s+#[^'\"]*$")


def by_layout(file: Lines, search: Lines, replace: Lines) -> Place | EditRefusal | None:
    """The same code broken into other lines, with other blanks, quotes or blank lines, or (then) without the file's comments."""
    for normal in (squeezed, _code_only):
        found = _by_stream(file, search, replace, normal)
        if found is not None:
            return found
    return None


def _code_only(line: str) -> str:
    return "" if is_blank_or_comment(line) else squeezed(_TRAILING_COMMENT.sub("", line))


def _by_stream(file: Lines, search: Lines, replace: Lines, normal: Callable[[str], str]) -> Place | EditRefusal | None:
    needle = "".join(normal(line) for line in search)
    if len(needle) < 8:
        return None
    parts = [normal(line) for line in file]
    starts = [0, *accumulate(len(part) for part in parts)][: len(parts)]
    stream = "".join(parts)
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
    if merged is None and normal is _code_only:
        return None
    pairs = (
        ((search[0], window[0]), (search[-1], window[-1])) if search[-1:] != search[:1] else ((search[0], window[0]),)
    )
    return Place(start, end, merged if merged is not None else reindent(replace, pairs), "layout", sure=False)


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
