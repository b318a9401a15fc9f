"""Line alignment, and the three-way merge that keeps what the model did not touch as the file has it."""

from __future__ import annotations

import re
import string
from collections.abc import Sequence
from dataclasses import dataclass

from orchestrator.edits.indent import Pair, reindent
from orchestrator.edits.text import common_ends

_COMMENT = re.compile(r"^\s*(#.*)?$")
# LCS works on a matrix of bits: this bounds it at a few megabytes; larger middles are taken as one replaced run.
_MAX_CELLS = 60_000_000


@dataclass(frozen=True, slots=True)
class Opcode:
    """One run of an alignment: lines `i1:i2` of the first text against `j1:j2` of the second; equal runs have equal lengths."""

    i1: int
    i2: int
    j1: int
    j2: int
    equal: bool = False


def opcodes(old: Sequence[str], new: Sequence[str]) -> tuple[Opcode, ...]:
    """Longest-common-subsequence alignment of lines; equal and changed runs alternate."""
    from rapidfuzz.distance import LCSseq

    head, tail = common_ends(old, new)
    middle_old, middle_new = old[head : len(old) - tail], new[head : len(new) - tail]
    found = [Opcode(0, head, 0, head, equal=True)] if head else []
    if len(middle_old) * len(middle_new) > _MAX_CELLS:
        found.append(Opcode(head, len(old) - tail, head, len(new) - tail))
    elif middle_old or middle_new:
        for code in LCSseq.opcodes(list(middle_old), list(middle_new)):
            same = code.tag == "equal"
            step = Opcode(
                code.src_start + head, code.src_end + head, code.dest_start + head, code.dest_end + head, equal=same
            )
            found = [*found[:-1], _joined(found[-1], step)] if found and found[-1].equal == same else [*found, step]
    if tail:
        last = Opcode(len(old) - tail, len(old), len(new) - tail, len(new), equal=True)
        found = [*found[:-1], _joined(found[-1], last)] if found and found[-1].equal else [*found, last]
    return tuple(found)


def _joined(first: Opcode, second: Opcode) -> Opcode:
    return Opcode(first.i1, second.i2, first.j1, second.j2, equal=first.equal)


def squeezed(line: str) -> str:
    """A line without blanks and with one kind of quotes: equal for what differs in layout only."""
    return "".join(line.split()).replace("'", '"')


_SQUEEZE = {**dict.fromkeys(map(ord, string.whitespace + "\x1c\x1d\x1e\x1f")), ord("'"): '"', ord("\n"): "\n"}


def squeezed_lines(lines: Sequence[str]) -> list[str]:
    """`squeezed` of every line; a whole file of ASCII in one go."""
    text = "\n".join(lines)
    return text.translate(_SQUEEZE).split("\n") if text.isascii() and lines else [squeezed(line) for line in lines]


def is_blank_or_comment(line: str) -> bool:
    """True for a line that holds no code."""
    return _COMMENT.match(line) is not None


@dataclass(frozen=True, slots=True)
class Alignment:
    """Where each search line is in a window of the file: `starts[i]:ends[i]`, None inside a run of unlike lengths."""

    starts: tuple[int | None, ...]
    ends: tuple[int | None, ...]
    covered: frozenset[int]

    def pairs(self, search: Sequence[str], window: Sequence[str]) -> tuple[Pair, ...]:
        """(search line, file line) for every line that is aligned one to one."""
        return tuple(
            (search[i], window[start])
            for i, (start, end) in enumerate(zip(self.starts, self.ends, strict=True))
            if start is not None and end == start + 1
        )


def align(search: Sequence[str], window: Sequence[str]) -> Alignment:
    """Align by squeezed lines; changed runs of equal length pair up line by line."""
    starts: list[int | None] = [None] * len(search)
    ends: list[int | None] = [None] * len(search)
    covered: set[int] = set()
    for code in opcodes([squeezed(s) for s in search], [squeezed(w) for w in window]):
        if code.i1 == code.i2:
            continue
        covered.update(range(code.j1, code.j2))
        if code.i2 - code.i1 == code.j2 - code.j1:
            for step in range(code.i2 - code.i1):
                starts[code.i1 + step], ends[code.i1 + step] = code.j1 + step, code.j1 + step + 1
        else:
            starts[code.i1], ends[code.i2 - 1] = code.j1, code.j2
    return Alignment(tuple(starts), tuple(ends), frozenset(covered))


def _in_own_words(fresh: Sequence[str], replace: Sequence[str], pairs: Sequence[Pair]) -> tuple[str, ...]:
    """A new line that says what a line of the search text says, indented otherwise, says it in the file's words."""
    own: dict[str, set[str]] = {}
    for here, there in pairs:
        own.setdefault(here.strip(), set()).add(there.strip())
    out = []
    for line, given in zip(fresh, replace, strict=True):
        words = own.get(given.strip(), set())
        same = len(words) == 1 and line.strip() == given.strip()
        out.append(line[: len(line) - len(line.lstrip())] + next(iter(words)) if same and line.strip() else line)
    return tuple(out)


def merge(search: Sequence[str], replace: Sequence[str], window: Sequence[str]) -> tuple[str, ...] | None:
    """What turns `search` into `replace`, done to `window`; None where a change touches lines that the search text lacks.

    Lines that the model did not change stay as the file has them, so an inexact search text never undoes the file's own code.
    """
    aligned = align(search, window)
    pairs = aligned.pairs(search, window)
    fresh = _in_own_words(reindent(replace, pairs), replace, pairs)
    out: list[str] = []
    at = 0
    for code in opcodes([s.rstrip() for s in search], [r.rstrip() for r in replace]):
        if code.i1 == code.i2:
            out.extend(fresh[code.j1 : code.j2])
            continue
        start, end = aligned.starts[code.i1], aligned.ends[code.i2 - 1]
        if start is None or end is None or start < at:
            return None
        if code.equal:
            out.extend(window[at:end])
        else:
            if any(i not in aligned.covered and not is_blank_or_comment(window[i]) for i in range(start, end)):
                return None
            out.extend(window[at:start])
            out.extend(fresh[code.j1 : code.j2])
        at = end
    return (*out, *window[at:])
