"""What an operator is: a name in the table of priors, the nodes it looks at, and the changes it proposes there."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from orchestrator.models.mutation.scope import Scope
from orchestrator.models.mutation.unit import Change


@dataclass(frozen=True, slots=True)
class Operator:
    """A template of repair. `propose` gets a node of one of the types in `nodes` and the scope around it."""

    name: str
    nodes: tuple[type[ast.AST], ...]
    propose: Callable[[Any, Scope], Iterator[Change]]


def is_condition(node: ast.expr, scope: Scope) -> bool:
    """Whether an expression decides something: the test of an if, a while, a conditional expression or a comprehension."""
    parent = scope.unit.parents.get(node)
    if isinstance(parent, ast.If | ast.While | ast.IfExp):
        return parent.test is node
    return isinstance(parent, ast.comprehension) and node in parent.ifs


def is_loaded(node: ast.AST) -> bool:
    """Whether a name, attribute or subscript is read."""
    return isinstance(getattr(node, "ctx", None), ast.Load)


def negated(text: str) -> str:
    """The condition that holds where this one, already in parentheses if it needs them, does not."""
    return text.removeprefix("not ") if text.startswith("not ") else f"not {text}"


def arguments_of(node: ast.Call) -> list[ast.expr | ast.keyword]:
    """What a call is given, in the order in which it is written as a rule."""
    return [*node.args, *node.keywords]
