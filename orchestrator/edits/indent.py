"""Indentation: how a search text is indented against the file, and the same change for its replacement."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

TAB_WIDTH = 8
Pair = tuple[str, str]


def indent_of(line: str) -> str:
    """The blanks and tabs that a line begins with."""
    return line[: len(line) - len(line.lstrip(" \t"))]


def width(indent: str, tab: int = TAB_WIDTH) -> int:
    """Columns of an indentation."""
    return len(indent.expandtabs(tab))


def common_indent(lines: Sequence[str]) -> str:
    """The indentation that all lines with text share."""
    indents = [indent_of(line) for line in lines if line.strip()]
    if not indents:
        return ""
    low, high = min(indents), max(indents)
    size = 0
    while size < min(len(low), len(high)) and low[size] == high[size]:
        size += 1
    return low[:size]


def is_uniform(pairs: Sequence[Pair]) -> bool:
    """True where every (search line, file line) differs by the same number of columns, tabs counting one level."""
    shifts = {width(indent_of(there), 4) - width(indent_of(here), 4) for here, there in pairs if here.strip()}
    return len(shifts) <= 1


def reindent(lines: Sequence[str], pairs: Sequence[Pair]) -> tuple[str, ...]:
    """Indent `lines` as the file is, given pairs of (search line, file line) that say how the search text was indented."""
    pairs = [(here, there) for here, there in pairs if here.strip() and there.strip()]
    if all(indent_of(here) == indent_of(there) for here, there in pairs):
        return tuple(lines)
    mapping = _mapping(pairs)
    if mapping is not None:
        return tuple(_shifted(line, mapping) for line in lines)
    rest = _mapping(pairs[1:])
    if rest is not None:
        return _first_apart(lines, pairs, rest)
    return _line_by_line(lines, pairs)


def _mapping(pairs: Sequence[Pair]) -> dict[str, str] | None:
    """Search indentation to file indentation, or None where one of the first has two of the second."""
    mapping: dict[str, str] = {}
    for here, there in pairs:
        if mapping.setdefault(indent_of(here), indent_of(there)) != indent_of(there):
            return None
    return mapping


def _shifted(line: str, mapping: dict[str, str]) -> str:
    indent, code = indent_of(line), line.lstrip(" \t")
    if not code:
        return ""
    if indent in mapping:
        return mapping[indent] + code
    known = sorted(mapping, key=width)
    below = [k for k in known if width(k, 4) <= width(indent, 4)]
    base = below[-1] if below else known[0] if known else ""
    target = mapping.get(base, "")
    extra = width(indent, 4) - width(base, 4)
    here, there = _units(known, mapping)
    if there == "\t" or ("\t" in target):
        levels = round(extra / here)
        return (target + "\t" * levels if levels >= 0 else target[:levels]) + code
    columns = round(extra * len(there) / here)
    return " " * max(width(target) + columns, 0) + code


def _units(known: Sequence[str], mapping: dict[str, str]) -> tuple[int, str]:
    """Columns of one level in the search text, and the file's own level (a string), from two levels that are known."""
    for low, high in pairwise(known):
        step, file_step = width(high, 4) - width(low, 4), mapping[high][len(mapping[low]) :]
        if step > 0 and file_step and mapping[high].startswith(mapping[low]):
            tabs = file_step.count("\t")
            return (max(step // tabs, 1), "\t") if tabs else (step, file_step)
    if any("\t" in there for there in mapping.values()):
        return 4, "\t"
    return 4, "    "


def _first_apart(lines: Sequence[str], pairs: Sequence[Pair], rest: dict[str, str]) -> tuple[str, ...]:
    """Models often lose the indentation of the first line only."""
    first_here, first_there = pairs[0]
    out: list[str] = []
    seen_first = False
    for line in lines:
        if not seen_first and line.strip():
            seen_first = True
            if indent_of(line) == indent_of(first_here):
                out.append(indent_of(first_there) + line.lstrip(" \t"))
                continue
        out.append(_shifted(line, rest))
    return tuple(out)


def _line_by_line(lines: Sequence[str], pairs: Sequence[Pair]) -> tuple[str, ...]:
    """No rule: known lines go where the file has them, others keep their distance from the line above."""
    known = {here.strip(): indent_of(there) for here, there in pairs}
    out: list[str] = []
    above_here, above_there = indent_of(pairs[0][0]), indent_of(pairs[0][1])
    for line in lines:
        if not line.strip():
            out.append("")
            continue
        step = width(indent_of(line)) - width(above_here)
        guess = above_there + " " * step if step >= 0 else above_there[: width(above_there) + step]
        indent = known.get(line.strip(), guess)
        out.append(indent + line.strip())
        above_here, above_there = indent_of(line), indent
    return tuple(out)


def shift(lines: Sequence[str], source: str, target: str) -> tuple[str, ...]:
    """Move lines whose common indentation is `source` to `target`; lines that lack it stay where they are."""
    if source == target:
        return tuple(lines)
    return tuple(target + line[len(source) :] if line.startswith(source) and line.strip() else line for line in lines)
