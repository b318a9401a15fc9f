"""Hunks of a unified diff, and where they land.

The semantics are those of the official harness's first and last resort: `git apply` (all context must match, anywhere, nearest
to the stated line first) and, where that fails, `patch --fuzz=5` (up to five lines of outer context may differ).
Lines are compared without their ends, so that a diff with LF applies to a CRLF file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from orchestrator.edits.definitions import Placed
from orchestrator.edits.text import Document, Splice
from orchestrator.records import DiffHunks, EditRefusal

_HEAD = re.compile(r"^@@ -(\d{1,9})(?:,(\d{1,9}))? \+(\d{1,9})(?:,(\d{1,9}))? @@")
_MOST_FUZZ = 5
# Comparing lines at every position costs positions times lines: beyond this a hunk is only tried near its stated line.
_MOST_COMPARED = 4_000_000


@dataclass(frozen=True, slots=True)
class Hunk:
    """One hunk: 1-based starts, its lines with their marks, and whether each side lacks the file's last newline."""

    old_start: int
    new_start: int
    body: tuple[str, ...]
    old_unended: bool = False
    new_unended: bool = False

    @property
    def old(self) -> tuple[str, ...]:
        """The lines that must be there."""
        return tuple(line[1:] for line in self.body if line[0] in " -")

    @property
    def new_count(self) -> int:
        """How many lines come instead."""
        return sum(line[0] in " +" for line in self.body)

    @property
    def prefix(self) -> int:
        """Context lines before the first change."""
        return next((i for i, line in enumerate(self.body) if line[0] != " "), len(self.body))

    @property
    def suffix(self) -> int:
        """Context lines behind the last change."""
        return next((i for i, line in enumerate(reversed(self.body)) if line[0] != " "), len(self.body))


def parse_hunks(diff: str, path: str) -> tuple[Hunk, ...] | EditRefusal:
    """Read the hunks of one file's diff; counts that do not fit make it malformed, as for git and patch."""
    lines = diff.split("\n")
    hunks: list[Hunk] = []
    at = 2
    while at < len(lines):
        head = _HEAD.match(lines[at])
        if head is None:
            if lines[at].startswith("@@") or lines[at][:1] in {"+", "-"}:
                return _malformed(path, at, "is outside any hunk, or its @@ line has no counts")
            at += 1
            continue
        old_start, new_start = int(head[1]), int(head[3])
        read = _read_body(lines, at + 1, int(head[2] or 1), int(head[4] or 1))
        if isinstance(read, int):
            return _malformed(path, read, f"does not fit the counts of its hunk, {lines[at][:60]}")
        body, at, unended = read
        hunks.append(Hunk(old_start, new_start, body, *unended))
    if not hunks:
        return EditRefusal("malformed_diff", f"The diff for {path} has no hunk.", path)
    return tuple(hunks)


def _malformed(path: str, line: int, what: str) -> EditRefusal:
    return EditRefusal(
        "malformed_diff", f"Line {line + 1} of the diff for {path} {what}. Count the lines of each hunk.", path
    )


def _read_body(
    lines: Sequence[str], at: int, old: int, new: int
) -> tuple[tuple[str, ...], int, tuple[bool, bool]] | int:
    """The hunk's lines, the index behind them and the missing-newline flags; or the index of the line that does not fit."""
    body: list[str] = []
    old_unended = new_unended = False
    while at < len(lines):
        line = lines[at]
        if line.startswith("\\"):
            mark = body[-1][0] if body else " "
            old_unended, new_unended = old_unended or mark in " -", new_unended or mark in " +"
        elif old == new == 0:
            break
        elif line == "":
            if at == len(lines) - 1:
                return at
            body.append(" ")
            old, new = old - 1, new - 1
        elif line[0] in " +-":
            body.append(line)
            old, new = old - (line[0] in " -"), new - (line[0] in " +")
        else:
            return at
        if old < 0 or new < 0:
            return at
        at += 1
    return (tuple(body), at, (old_unended, new_unended)) if old == new == 0 else at


def place_hunks(document: Document, edit: DiffHunks) -> Placed | EditRefusal:
    """Land every hunk or none: exactly as `git apply` would, or with `patch`'s fuzz."""
    hunks = parse_hunks(edit.diff, edit.path)
    if isinstance(hunks, EditRefusal):
        return hunks
    for tool in (_as_git, _as_patch):
        placed = tool(document.lines, hunks)
        if isinstance(placed, tuple):
            spots, rung = placed
            splices = tuple(_splice(document, h, at) for h, at in zip(hunks, spots, strict=True))
            return Placed(splices, rung, spots[0] + 1)
        failed = placed
    return _refused(document, failed, edit.path)


_Spots = tuple[list[int], str]


def _as_git(lines: Sequence[str], hunks: Sequence[Hunk]) -> _Spots | Hunk:
    spots: list[int] = []
    frozen = delta = moved = 0
    for hunk in hunks:
        old = hunk.old
        expected = max(hunk.new_start - 1 - delta, 0) if old else max(hunk.old_start, 0) if lines else 0
        at = _git_position(lines, hunk, old, expected, frozen)
        if at is None:
            return hunk
        moved += at != expected
        spots.append(at)
        frozen, delta = at + len(old), delta + hunk.new_count - len(old)
    return spots, "git_apply_offset" if moved else "git_apply"


def _git_position(lines: Sequence[str], hunk: Hunk, old: tuple[str, ...], expected: int, frozen: int) -> int | None:
    """At the start where the hunk says line 1, at the end where it ends without context; else anywhere, the nearest first."""
    if not old:
        return expected if frozen <= expected <= len(lines) else None
    anchors = [0] if hunk.old_start <= 1 else []
    anchors += [len(lines) - len(old)] if hunk.suffix == 0 else []
    if anchors:
        fits = (
            len(set(anchors)) == 1 and anchors[0] >= frozen and tuple(lines[anchors[0] : anchors[0] + len(old)]) == old
        )
        return anchors[0] if fits else None
    return next(_nearest(lines, old, expected, frozen), None)


def _nearest(lines: Sequence[str], old: tuple[str, ...], expected: int, frozen: int) -> Iterator[int]:
    """Positions where `old` is, by their distance from `expected`."""
    last = len(lines) - len(old)
    if frozen <= expected <= last and tuple(lines[expected : expected + len(old)]) == old:
        yield expected
    spots = [i for i in _places(tuple(lines)).get(old[0], ()) if frozen <= i <= last and i != expected]
    if len(spots) * len(old) > _MOST_COMPARED:
        reach = max(_MOST_COMPARED // len(old) // 2, 1)
        spots = [i for i in spots if abs(i - expected) <= reach]
    spots.sort(key=lambda i: (abs(i - expected), -i))
    yield from (i for i in spots if tuple(lines[i : i + len(old)]) == old)


@lru_cache(maxsize=4)
def _places(lines: tuple[str, ...]) -> dict[str, list[int]]:
    """Where each line of a file stands: a diff of many hunks looks through it once."""
    found: dict[str, list[int]] = {}
    for index, line in enumerate(lines):
        found.setdefault(line, []).append(index)
    return found


def _as_patch(lines: Sequence[str], hunks: Sequence[Hunk]) -> _Spots | Hunk:
    spots: list[int] = []
    frozen = offset = worst = 0
    for hunk in hunks:
        context = max(hunk.prefix, hunk.suffix)
        for fuzz in range(min(_MOST_FUZZ, context) + 1):
            drop = (fuzz + hunk.prefix - context, fuzz + hunk.suffix - context)
            start = _patch_position(lines, hunk, drop, hunk.old_start - 1 + offset, frozen)
            if start is not None:
                break
        else:
            return hunk
        worst = max(worst, fuzz)
        spots.append(start)
        frozen, offset = start + len(hunk.old), start - (hunk.old_start - 1)
    return spots, f"patch_fuzz_{worst}"


def _patch_position(lines: Sequence[str], hunk: Hunk, drop: tuple[int, int], expected: int, frozen: int) -> int | None:
    """Where the hunk is without `drop` lines at its head and tail; less context on one side (a negative drop) means that end."""
    old, head, tail = hunk.old, max(drop[0], 0), max(drop[1], 0)
    core = old[head : len(old) - tail]
    last = len(lines) - len(old)
    if not core or last < 0:
        return expected if not old and frozen <= expected <= len(lines) else None
    if drop[0] < 0 and hunk.old_start <= 1:
        starts = [0] if drop[1] >= 0 or last == 0 else []
    elif drop[1] < 0:
        starts = [last]
    else:
        found = (at - head for at in _nearest(lines, core, max(expected, 0) + head, frozen + head))
        return next((start for start in found if frozen <= start <= last), None)
    return next((s for s in starts if s >= frozen and tuple(lines[s + head : s + len(old) - tail]) == core), None)


def _splice(document: Document, hunk: Hunk, at: int) -> Splice:
    """The hunk as a splice; context lines stay as the file has them."""
    out: list[str] = []
    line = at
    for marked in hunk.body:
        if marked[0] == "+":
            out.append(marked[1:])
        else:
            if marked[0] == " ":
                out.append(document.lines[line])
            line += 1
    changed = hunk.old_unended != hunk.new_unended
    final = not hunk.new_unended if changed and line == len(document.lines) else None
    return Splice(at, line, tuple(out), final)


def _refused(document: Document, hunk: Hunk, path: str) -> EditRefusal:
    from orchestrator.edits.similarity import nearest

    close = nearest(document.lines, hunk.old) if hunk.old else None
    start, end = close[:2] if close else (hunk.old_start - 1, hunk.old_start + 5)
    message = (
        f"The hunk for line {hunk.old_start} of {path} does not apply: no such context. See lines {start + 1} to {end}."
    )
    return EditRefusal("hunk_failed", message, path, document.numbered(start, min(end, start + 30)))
