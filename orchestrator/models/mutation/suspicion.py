"""How suspicious a function and a line of it are: rank of the context's targets, lines of the failing run, words of the issue."""

from __future__ import annotations

import ast
import builtins
import keyword
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from orchestrator.models.mutation.hints import Hints
from orchestrator.models.mutation.unit import Unit
from orchestrator.records import ExecutedFunction, RankedLocation

_BY_RANK = 0.88
_LEAST = 0.12
# The failing run cannot be repaired where it did not pass, but for what ran when the module was imported.
_NOT_RUN, _NOT_RUN_CLASS, _LINE_NOT_RUN = 0.03, 0.15, 0.08
_IN_TRACEBACK, _LINE_IN_TRACEBACK, _NAMED = 1.3, 2.5, 1.2
_PER_WORD, _MOST_WORDS = 0.15, 4
_WORD = re.compile(r"[A-Za-z_][A-Za-z_0-9]{2,}")
_COMMON = frozenset(keyword.kwlist) | frozenset(dir(builtins)) | {"self", "the", "and", "that", "this"}


@dataclass
class Suspicion:
    """Weights of one unit: of itself in 0..2, and of each of its lines (1-based within the unit)."""

    unit: float
    lines: dict[int, float] = field(default_factory=dict)

    def of(self, line: int) -> float:
        """The weight of a change at a line."""
        return self.unit * self.lines.get(line, 1.0)


def suspect(
    units: Sequence[Unit], targets: Sequence[RankedLocation], executed: Sequence[ExecutedFunction], hints: Hints
) -> list[Suspicion]:
    """One Suspicion for each unit, whatever the order of the targets: their scores count, so that a rotated context ranks alike."""
    ran: dict[str, set[int]] = defaultdict(set)
    for function in executed:
        ran[function.location.path].update(function.lines)
    raw = [_score(unit, targets) * (_run_factor(unit, ran) if ran else 1.0) for unit in units]
    order = sorted(range(len(units)), key=lambda i: (-raw[i], units[i].path, units[i].first_line))
    found: list[Suspicion] = [Suspicion(0.0)] * len(units)
    for rank, index in enumerate(order):
        unit = units[index]
        weight = max(_LEAST, _BY_RANK**rank) * (_run_factor(unit, ran) if ran else 1.0)
        weight *= _NAMED if unit.name.rpartition(".")[2] in hints.words else 1.0
        weight *= _IN_TRACEBACK if _frame_lines(unit, hints) else 1.0
        found[index] = Suspicion(weight, _line_weights(unit, ran or None, hints))
    return found


def _score(unit: Unit, targets: Sequence[RankedLocation]) -> float:
    """The unit's own score among the targets; that of its class, or of a method for a class, counts half."""
    best = 0.0
    for target in targets:
        name = target.location.qualified_name or ""
        if target.location.path == unit.path:
            if name == unit.name:
                best = max(best, target.score)
            elif unit.name.startswith(f"{name}.") or name.startswith(f"{unit.name}."):
                best = max(best, target.score / 2)
    return best


def _own_lines(unit: Unit) -> range:
    return range(unit.first_line, unit.first_line + len(unit.lines))


def _run_factor(unit: Unit, ran: dict[str, set[int]]) -> float:
    lines = ran.get(unit.path, set())
    if not unit.is_class and any(line in lines for line in _own_lines(unit)):
        return 1.0
    return _NOT_RUN_CLASS if unit.is_class else _NOT_RUN


def _frame_lines(unit: Unit, hints: Hints) -> list[int]:
    """The unit's lines that a traceback names."""
    here = _own_lines(unit)
    return [
        line - unit.first_line + 1
        for path, line in hints.frames
        if line in here and (path.endswith(f"/{unit.path}") or path == unit.path)
    ]


def headers(unit: Unit) -> dict[int, tuple[int, int]]:
    """For each line the first and last line of its statement, of a compound one only up to its body."""
    found: dict[int, tuple[int, int]] = {}
    for node in unit.nodes:
        if isinstance(node, ast.stmt):
            first, last = unit.line_of(node), (node.end_lineno or node.lineno) - unit.shift
            body = getattr(node, "body", None)
            if isinstance(body, list) and body:
                last = max(first, body[0].lineno - unit.shift - 1)
            found.update(dict.fromkeys(range(first, last + 1), (first, last)))
    return found


def _line_weights(unit: Unit, ran: dict[str, set[int]] | None, hints: Hints) -> dict[int, float]:
    spans, hit = headers(unit), (ran or {}).get(unit.path, set())
    traced = _frame_lines(unit, hints)
    weights: dict[int, float] = {}
    for number, line in enumerate(unit.lines, start=1):
        first, last = spans.get(number, (number, number))
        span: Iterable[int] = range(first, last + 1)
        words = {w for w in _WORD.findall(line) if w in hints.words and w not in _COMMON}
        weight = 1.0 + _PER_WORD * min(_MOST_WORDS, len(words))
        if ran is not None and not unit.is_class and not any(unit.first_line + n - 1 in hit for n in span):
            weight *= _LINE_NOT_RUN
        if any(n in traced for n in span):
            weight *= _LINE_IN_TRACEBACK
        weights[number] = weight
    return weights
