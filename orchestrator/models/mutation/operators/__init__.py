"""The templates of repair, by family. OPERATORS is all of them; `operators_for` finds those that look at a kind of node."""

from __future__ import annotations

import ast
from functools import cache

from orchestrator.models.mutation.operators import (
    calls,
    comparisons,
    conditions,
    flow,
    guards,
    indexes,
    mappings,
    names,
    numbers,
    statements,
    strings,
)
from orchestrator.models.mutation.operators.base import Operator

OPERATORS: tuple[Operator, ...] = (
    *comparisons.OPERATORS,
    *conditions.OPERATORS,
    *numbers.OPERATORS,
    *strings.OPERATORS,
    *calls.OPERATORS,
    *mappings.OPERATORS,
    *names.OPERATORS,
    *indexes.OPERATORS,
    *guards.OPERATORS,
    *statements.OPERATORS,
    *flow.OPERATORS,
)


def operators_for(kind: type[ast.AST]) -> tuple[Operator, ...]:
    """The operators for one type of node, in the order of OPERATORS."""
    return _by_name().get(kind.__name__, ())


@cache
def _by_name() -> dict[str, tuple[Operator, ...]]:
    kinds = dict.fromkeys(kind for operator in OPERATORS for kind in operator.nodes)
    return {kind.__name__: tuple(o for o in OPERATORS if kind in o.nodes) for kind in kinds}


__all__ = ["OPERATORS", "Operator", "operators_for"]
