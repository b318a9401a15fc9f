"""A search text that is a part of one line."""

from __future__ import annotations

from collections.abc import Sequence

_LEAST_CHARS = 8
_CLOSES = set(",):]};#")


def find_fragment(file: Sequence[str], search: str, replace: str) -> list[tuple[int, str]]:
    """Lines that hold `search` as whole words, each with its replacement; at most eight, one entry for each occurrence.

    A fragment from the start of a line must end where an expression can end: `return x` is not a part of `return x + 1`.
    """
    if len(search) < _LEAST_CHARS:
        return []
    found: list[tuple[int, str]] = []
    for number, line in enumerate(file):
        at = line.find(search)
        while at >= 0 and len(found) < 8:
            if _stands_alone(line, at, at + len(search)):
                found.append((number, line[:at] + replace + line[at + len(search) :]))
            at = line.find(search, at + 1)
    return found


def _stands_alone(line: str, start: int, end: int) -> bool:
    before, after = line[:start], line[end:]
    if before and _wordlike(before[-1]) and _wordlike(line[start]):
        return False
    if after and _wordlike(after[0]) and _wordlike(line[end - 1]):
        return False
    rest = after.strip()
    return not rest or rest[0] in _CLOSES or bool(before.strip())


def _wordlike(character: str) -> bool:
    return character.isalnum() or character == "_"
