"""Lines for a terminal or a pipe: plain text, or text with the kind of line that it is, so that a terminal can colour it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from orchestrator.text import visible

_DIFF_MARKS = (
    ("+++", "head"), ("---", "head"), ("diff ", "head"), ("@@", "hunk"), ("+", "added"), ("-", "removed"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Marked:
    """A line with its kind: heading, or of a diff head, hunk, added, removed or same."""

    text: str
    kind: str

    def __str__(self) -> str:
        return self.text


Line = str | Marked


def diff_lines(diff: str) -> Iterator[tuple[str, str]]:
    """Each line of a diff with its kind: added, removed, hunk, head or same."""
    for line in diff.split("\n"):
        yield next((kind for mark, kind in _DIFF_MARKS if line.startswith(mark)), "same"), line


def marked_diff(diff: str) -> Iterator[Line]:
    """A diff for reading, control characters shown; nothing for an empty one."""
    if diff:
        yield from (Marked(line, kind) for kind, line in diff_lines(visible(diff).rstrip("\n")))


def heading(text: str) -> Marked:
    """A line that opens a part."""
    return Marked(f"--- {text} ---", "heading")


def as_texts(lines: Iterable[Line]) -> Iterator[str]:
    """The lines without their kinds."""
    return map(str, lines)
