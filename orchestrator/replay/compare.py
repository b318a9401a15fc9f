"""Recorded and recomputed, compared field by field. Durations are the clock's and are left out."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from enum import Enum
from typing import Any

from orchestrator.records import Record
from orchestrator.text import clip_columns, clip_lines, visible

_CLOCKS = frozenset({"duration_s", "first_token_s"})
_SHOWN_LINES = 40
_ABSENT = "(nothing)"


@dataclass(frozen=True, slots=True)
class Difference:
    """The first thing that came out otherwise: where (`ModelRequest.messages[1].content`), what was recorded, what came now."""

    where: str
    recorded: str
    now: str


def plain(value: Any) -> Any:
    """A record as dicts, lists and scalars without durations, whatever its containers are; bytes become readable text."""
    if is_dataclass(value):
        return {f.name: plain(getattr(value, f.name)) for f in fields(value) if f.name not in _CLOCKS}
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [plain(item) for item in value]
    if isinstance(value, frozenset | set):
        return sorted(map(str, value))
    if isinstance(value, bytes):
        # One byte, one character: unlike a lenient decoding, no two contents look the same.
        return value.decode("latin-1")
    return value.value if isinstance(value, Enum) else value


def compare_records(recorded: tuple[Record, ...], now: tuple[Record, ...]) -> Difference | None:
    """The first difference between two steps' records, in their order; None where there is none."""
    for position in range(max(len(recorded), len(now))):
        before = recorded[position] if position < len(recorded) else None
        after = now[position] if position < len(now) else None
        name = type(before if before is not None else after).__name__
        if type(before) is not type(after):
            return Difference(f"record {position + 1}", _named(before), _named(after))
        if before != after and (found := first_difference(plain(before), plain(after), name)):
            return found
    return None


def first_difference(recorded: Any, now: Any, where: str) -> Difference | None:
    """The first place, depth first, where two plain values part."""
    if isinstance(recorded, dict) and isinstance(now, dict):
        keys = [*recorded, *(key for key in now if key not in recorded)]
        pairs = ((f"{where}.{key}", recorded.get(key, _ABSENT), now.get(key, _ABSENT)) for key in keys)
    elif isinstance(recorded, list) and isinstance(now, list):
        length = max(len(recorded), len(now))
        pairs = ((f"{where}[{i}]", _at(recorded, i), _at(now, i)) for i in range(length))
    else:
        return None if recorded == now else Difference(where, str(recorded), str(now))
    return next((found for path, a, b in pairs if (found := first_difference(a, b, path))), None)


def difference_lines(difference: Difference) -> Iterator[str]:
    """A difference for reading: short values side by side, long ones as a diff."""
    yield f"in {difference.where}"
    if "\n" in difference.recorded + difference.now:
        lines = difflib.unified_diff(
            difference.recorded.splitlines(), difference.now.splitlines(), "recorded", "now", lineterm="", n=2
        )
        yield visible(clip_columns(clip_lines("\n".join(lines), _SHOWN_LINES)))
    else:
        yield f"  recorded: {visible(clip_columns(difference.recorded, 600))}"
        yield f"  now:      {visible(clip_columns(difference.now, 600))}"


def _at(values: list[Any], position: int) -> Any:
    return values[position] if position < len(values) else _ABSENT


def _named(record: Record | None) -> str:
    return "no record" if record is None else f"a {type(record).__name__}"
