"""From a context's excerpts to units with their scopes."""

from __future__ import annotations

import ast
import re

from orchestrator.models.mutation.hints import Hints
from orchestrator.models.mutation.scope import Scope, Surroundings
from orchestrator.models.mutation.unit import Unit, read_units
from orchestrator.records import Context
from orchestrator.syntax import parse_source

_DEFINED = re.compile(r"^\s*(?:async\s+)?(?:def|class)\s+(\w+)", re.MULTILINE)
_ATTRIBUTE = re.compile(r"\bself\.(\w+)\b(?!\s*\()")
_CLASS_LINE = re.compile(r"^\s+(\w+)\s*(?::[^=\n]+)?=", re.MULTILINE)


def read_scopes(context: Context, hints: Hints) -> list[Scope]:
    """Every function and class that is shown in full, in the order of path and line, with what is known around it."""
    units: dict[tuple[str, str, int], Unit] = {}
    for excerpt in context.excerpts:
        if excerpt.role in ("target", "file"):
            where = excerpt.location
            name = where.qualified_name if excerpt.role == "target" else None
            for unit in read_units(where.path, excerpt.text, where.start_line or 1, name):
                units.setdefault((unit.path, unit.name, unit.first_line), unit)
    ordered = sorted(units.values(), key=lambda u: (u.path, u.first_line, u.name))
    return [Scope(unit, _around(unit, ordered, context), hints) for unit in ordered]


def _around(unit: Unit, units: list[Unit], context: Context) -> Surroundings:
    owner = unit.name.rpartition(".")[0]
    attributes: dict[str, None] = {}
    methods: dict[str, None] = {}
    module: set[str] = set()
    for other in units:
        if owner and other.path == unit.path and other is not unit and other.name.startswith(f"{owner}."):
            methods[other.name.rpartition(".")[2]] = None
            attributes.update(dict.fromkeys(_ATTRIBUTE.findall(other.text)))
        if other.path == unit.path and "." not in other.name:
            module.add(other.name)
    for excerpt in context.excerpts:
        if excerpt.location.path != unit.path:
            continue
        if excerpt.role == "class_header" and excerpt.location.qualified_name == owner:
            attributes.update(dict.fromkeys([*_ATTRIBUTE.findall(excerpt.text), *_CLASS_LINE.findall(excerpt.text)]))
            methods.update(dict.fromkeys(_DEFINED.findall(excerpt.text)[1:]))
        elif excerpt.role in ("imports", "file"):
            module |= _imported(excerpt.text)
        elif excerpt.role == "callee" and "." not in (excerpt.location.qualified_name or "."):
            module.add(excerpt.location.qualified_name or "")
    kept = tuple(a for a in attributes if a not in methods)
    return Surroundings(frozenset(module), kept, tuple(methods))


def _imported(text: str) -> set[str]:
    try:
        tree = parse_source(text)
    except SyntaxError:
        return set()
    imports = (n for n in ast.walk(tree) if isinstance(n, ast.Import | ast.ImportFrom))
    return {(alias.asname or alias.name).partition(".")[0] for node in imports for alias in node.names}
