"""Spectrum-based fault localization: what a failing run executed that passing runs did not."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import numpy as np

from orchestrator.localize.bm25 import FloatArray
from orchestrator.localize.corpus import RepositoryIndex
from orchestrator.records import ExecutedFunction, Location

_MOST_BYTES = 8_000_000
_MOST_FUNCTIONS = 20_000


def read_trace(data: bytes) -> tuple[ExecutedFunction, ...]:
    """Read what the tracer wrote, in order of last entry, symptom last.

    A trace comes out of a sandbox and is not to be trusted: rows that are not as the tracer writes them are dropped, and
    data that is no trace at all, or beyond 8 MB, reads as ().
    """
    if len(data) > _MOST_BYTES:
        return ()
    try:
        body = json.loads(data)
    except (ValueError, RecursionError):
        return ()
    if not isinstance(body, dict) or body.get("format") != 1 or not isinstance(body.get("functions"), list):
        return ()
    rows = (_read_row(row) for row in body["functions"][:_MOST_FUNCTIONS])
    return tuple(row for row in rows if row is not None)


def _read_row(row: Any) -> ExecutedFunction | None:
    if not isinstance(row, list) or len(row) != 6:
        return None
    path, name, start, end, lines, calls = row
    numbers = [start, end, calls, *(lines if isinstance(lines, list) else [None])]
    if not isinstance(path, str) or not isinstance(name, str) or any(type(n) is not int or n < 0 for n in numbers):
        return None
    if path.startswith("/") or ".." in path.split("/"):
        return None
    return ExecutedFunction(Location(path, name, start, end), tuple(lines), calls)


def ochiai(
    failing: Sequence[ExecutedFunction], passing: Sequence[Sequence[ExecutedFunction]]
) -> dict[tuple[str, str], float]:
    """Ochiai suspiciousness (Abreu et al. 2007) by (path, qualified name), for one failing run and any passing runs.

    With one failing run it is 1 / sqrt(1 + p) for a function that p passing runs entered too.
    """
    entered: dict[tuple[str, str], int] = {}
    for run in passing:
        for key in {_key(each) for each in run}:
            entered[key] = entered.get(key, 0) + 1
    return {_key(each): 1.0 / (1.0 + entered.get(_key(each), 0)) ** 0.5 for each in failing}


def spectrum_signals(
    index: RepositoryIndex, executed: Sequence[ExecutedFunction], passing: Sequence[Sequence[ExecutedFunction]]
) -> dict[str, FloatArray]:
    """Scores of source units: `ran` (Ochiai, all 1 without passing runs) and `ran_late` (closeness to the symptom, 0 to 1)."""
    count = len(index.sources.units)
    ran, late = np.zeros(count), np.zeros(count)
    suspicion = ochiai(executed, passing)
    for position, each in enumerate(executed):
        unit = _unit_of(index, each.location)
        if unit is not None:
            ran[unit] = max(ran[unit], suspicion[_key(each)])
            late[unit] = max(late[unit], 1.0 / (1.0 + 0.15 * (len(executed) - 1 - position)))
    return {"ran": ran, "ran_late": late}


def _unit_of(index: RepositoryIndex, location: Location) -> int | None:
    """The unit around an executed function; nested functions belong to the outermost."""
    number = index.file_numbers.get(location.path)
    if number is None:
        return None
    name = location.qualified_name or ""
    for size in range(name.count(".") + 1, 0, -1):
        prefix = ".".join(name.split(".")[:size])
        for unit in index.by_name.get(prefix.rpartition(".")[2], ()):
            found = index.sources.units[unit]
            if found.file == number and found.definition and found.definition.qualified_name == prefix:
                return unit
    return index.unit_at(location.path, location.start_line)


def _key(each: ExecutedFunction) -> tuple[str, str]:
    return each.location.path, each.location.qualified_name or ""
