"""Elided lines: `...` or `# ... rest of the code ...` standing for lines of the file that the model did not repeat."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import islice

_BARE = re.compile(r"^\s*(?:#|//)?\s*[\[(<]?\s*(?:\.{3,}|\u2026)\s*[\])>]?\s*$")
_DOTTED = re.compile(r"^\s*(?:#|//|<!--)\s*[\[(<]?\s*(?:\.{3}|\u2026)")
_COMMENT = re.compile(r"^\s*(?:(?:pass|\.{3})\s+)?(?:#+|//|<!--)\s*(.*)$")
_MOST_WORDS = 9
# A comment that says nothing but that something is left out.
_LEFT_OUT = re.compile(
    r"existing|unchanged|same|omitted|snip(?:ped)?|etc|rest|remainder|remaining|(?:same )?as (?:before|above|is)"
    r"|same as (?:the )?(?:original|before|above)|no (?:further |other |more )?changes?(?: (?:here|below|above|needed))?",
)
_WHICH = re.compile(r"\b(?:rest|remain(?:ing|der|s)?|existing|other|previous|original|same|unchanged)\b")
_WHAT = re.compile(
    r"\b(?:code|methods?|functions?|class(?:es)?|implementation|body|file|logic|lines?|imports?|definitions?|content"
    r"|module|tests?|parts?|statements?|of the|of it|as is)\b"
)
_SAID = re.compile(
    r"\b(?:omitted|brevity|not shown|unchanged|(?:stays?|remains?) (?:the same|as)|no (?:other )?changes|as before)\b"
)
# Each elision costs a pass over the original: a reply made of elisions is none that a person could place.
_FIRST = ("#", "//", "...", "\u2026", "<", "[.", "(.", "[\u2026", "(\u2026", "pass ")
_MOST_ELISIONS = 20
# Likeness (0..100) of a changed line to the line that it replaces, and its lead over the next.
_ALIKE, _APART = 75.0, 12.0


@lru_cache(maxsize=65536)
def is_elision(line: str) -> bool:
    """True for a line that stands for others."""
    if not line.lstrip().startswith(_FIRST):
        return False
    return is_dotted(line) or _says_so(line)


def is_dotted(line: str) -> bool:
    """True for an elision by dots: nothing else could be meant, where a comment in words might be one of the code's own."""
    return bool(_BARE.match(line) or _DOTTED.match(line))


def _says_so(line: str) -> bool:
    found = _COMMENT.match(line)
    if found is None or len(found[1]) > 100:
        return False
    text = found[1].lower().strip("[](){}<>-*#:.! \t")
    words = text.split()
    if not words or len(words) > _MOST_WORDS or "=" in text:
        return False
    named = _WHICH.search(" ".join(words[:4])) and _WHAT.search(text)
    return bool(_LEFT_OUT.fullmatch(text) or named or _SAID.search(text))


def left_out(lines: Sequence[str], known: Sequence[str]) -> bool:
    """True where `lines` hold an elision that `known` lines do not; the `...` that is a new definition's body is none."""
    own = {line.strip() for line in known}
    above = ""
    for line in lines:
        if is_elision(line) and line.strip() not in own and not _is_stub(line, above, own):
            return True
        above = line if line.strip() else above
    return False


def _is_stub(line: str, above: str, own: set[str]) -> bool:
    return line.strip() == "..." and above.rstrip().endswith(":") and above.strip() not in own


def own_elisions(lines: Sequence[str]) -> frozenset[str]:
    """Lines of a file that only look like elisions (a stub's `...`, a comment that begins with dots), stripped."""
    return frozenset(line.strip() for line in lines if is_elision(line))


def pieces(lines: Sequence[str], own: frozenset[str] = frozenset()) -> tuple[tuple[str, ...], ...]:
    """The runs of lines between elisions; n elisions make n + 1 runs, of which the outer ones may be empty."""
    found: list[list[str]] = [[]]
    for line in lines:
        if is_elision(line) and line.strip() not in own:
            found.append([])
        else:
            found[-1].append(line)
    return tuple(tuple(piece) for piece in found)


def restored(lines: Sequence[str], original: Sequence[str]) -> tuple[str, ...] | None:
    """`lines` with each elision filled from `original`; None where the elided lines cannot be told with certainty.

    An elision that the original holds itself (a stub's `...`) is not one.
    """
    own = own_elisions(original)
    marks = (line for line in lines if is_elision(line) and line.strip() not in own)
    if sum(1 for _ in islice(marks, _MOST_ELISIONS + 1)) > _MOST_ELISIONS:
        return None
    out: list[str] = []
    at = 0
    filled = False
    for index, line in enumerate(lines):
        if filled and not line.strip():
            # The file's own blank lines came with what was filled in.
            continue
        filled = False
        if not is_elision(line) or line.strip() in own:
            out.append(line)
            continue
        gap = _gap(*_neighbours(lines, index), original, at)
        if gap is None:
            return None
        if gap[0] == gap[1] and not is_dotted(line):
            # Nothing is left out here: a comment of the model's own.
            out.append(line)
            continue
        while out and not out[-1].strip():
            out.pop()
        out.extend(original[gap[0] : gap[1]])
        at, filled = gap[1], True
    return tuple(out)


def _neighbours(lines: Sequence[str], index: int) -> tuple[list[str], list[str]]:
    """The lines with text before an elision, and those behind it up to the next one."""
    before = [s for s in lines[:index] if s.strip() and not is_elision(s)]
    after: list[str] = []
    for follower in lines[index + 1 :]:
        if is_elision(follower):
            break
        if follower.strip():
            after.append(follower)
    return before, after


def _gap(before: Sequence[str], after: Sequence[str], original: Sequence[str], at: int) -> tuple[int, int] | None:
    """The lines of `original` between the anchors: where `before` ends and `after` begins, each found once."""
    start = _anchor(before[-3:], original, at, last=True) if before else at
    if start is None:
        return None
    if not after:
        return start, len(original)
    end = _anchor(after[:3], original, start, last=False)
    return None if end is None else (start, end)


def _anchor(lines: Sequence[str], original: Sequence[str], at: int, *, last: bool) -> int | None:
    """The index behind (`last`) or at a run of lines; a shorter run is tried where the whole does not occur."""
    stripped = [(i, line.strip()) for i, line in enumerate(original) if i >= at and line.strip()]
    texts = [text for _, text in stripped]
    for size in range(len(lines), 0, -1):
        want = [line.strip() for line in (lines[-size:] if last else lines[:size])]
        found = [k for k in range(len(texts) - size + 1) if texts[k] == want[0] and texts[k : k + size] == want]
        if len(found) == 1:
            return stripped[found[0] + size - 1][0] + 1 if last else stripped[found[0]][0]
        if found:
            return None
    return _changed_anchor(lines[-1] if last else lines[0], stripped, last=last)


def _changed_anchor(line: str, stripped: Sequence[tuple[int, str]], *, last: bool) -> int | None:
    """The anchor itself may be the line that changes: the one line much like it, if no other comes near."""
    from rapidfuzz import fuzz, process

    found = process.extract(line.strip(), [text for _, text in stripped], scorer=fuzz.ratio, limit=2, score_cutoff=55)
    if not found or found[0][1] < _ALIKE or (len(found) > 1 and found[0][1] - found[1][1] < _APART):
        return None
    index = stripped[found[0][2]][0]
    return index + 1 if last else index
