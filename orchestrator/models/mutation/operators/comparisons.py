"""Comparisons: boundaries, direction, identity, membership."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from orchestrator.models.mutation.operators.base import Operator
from orchestrator.models.mutation.scope import Scope, is_none
from orchestrator.models.mutation.unit import Change

_TEXT: dict[type[ast.cmpop], str] = {
    ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!=",
    ast.Is: "is", ast.IsNot: "is not", ast.In: "in", ast.NotIn: "not in",
}  # fmt: skip
_BOUNDARY = {"<": "<=", "<=": "<", ">": ">=", ">=": ">"}
_REVERSE = {"<": ">", ">": "<", "<=": ">=", ">=": "<="}
_EQUALITY = {"==": "!=", "!=": "=="}
_MEMBERSHIP = {"in": "not in", "not in": "in"}
_RELAX = {"==": ("<=", ">="), "!=": ("<", ">"), "<": ("!=", "=="), ">": ("!=", "=="), "<=": ("==",), ">=": ("==",)}


def _pairs(node: ast.Compare) -> Iterator[tuple[ast.expr, str, ast.expr]]:
    operands = [node.left, *node.comparators]
    for left, operator, right in zip(operands, node.ops, node.comparators, strict=False):
        yield left, _TEXT[type(operator)], right


def _by_table(node: ast.Compare, scope: Scope, table: dict[str, str]) -> Iterator[Change]:
    for left, operator, right in _pairs(node):
        if operator in table:
            yield from scope.unit.between(left, right, operator, table[operator])


def boundary(node: ast.Compare, scope: Scope) -> Iterator[Change]:
    """`<` and `<=`, `>` and `>=`."""
    yield from _by_table(node, scope, _BOUNDARY)


def reverse(node: ast.Compare, scope: Scope) -> Iterator[Change]:
    """The other direction, with and without the boundary."""
    yield from _by_table(node, scope, _REVERSE)
    for change in _by_table(node, scope, {old: _BOUNDARY[new] for old, new in _REVERSE.items()}):
        yield change.times(0.7)


def equality(node: ast.Compare, scope: Scope) -> Iterator[Change]:
    """`==` and `!=`, `is` and `is not`."""
    yield from _by_table(node, scope, _EQUALITY)
    for left, operator, right in _pairs(node):
        if operator.startswith("is"):
            yield from scope.unit.between(left, right, operator, "is" if operator == "is not" else "is not")


def membership(node: ast.Compare, scope: Scope) -> Iterator[Change]:
    """`in` and `not in`; and a substring test that should be an equality, or the other way round."""
    yield from _by_table(node, scope, _MEMBERSHIP)
    for left, operator, right in _pairs(node):
        if operator == "in":
            yield from scope.unit.between(left, right, "in", "==", 0.4)
        elif operator == "==" and isinstance(right, ast.Name | ast.Attribute):
            yield from scope.unit.between(left, right, "==", "in", 0.3)


def relax(node: ast.Compare, scope: Scope) -> Iterator[Change]:
    """An equality that should be an order, and back: a counter may jump over its limit."""
    for left, operator, right in _pairs(node):
        numbers = not isinstance(right, ast.Constant) or isinstance(right.value, int | float)
        for other in _RELAX.get(operator, ()) if numbers and not is_none(right) else ():
            yield from scope.unit.between(left, right, operator, other)


def identity(node: ast.Compare, scope: Scope) -> Iterator[Change]:
    """`is` for values, `==` for None; `type(x) is T` for `isinstance`."""
    for left, operator, right in _pairs(node):
        if operator in ("is", "is not") and not is_none(right):
            yield from scope.unit.between(left, right, operator, "==" if operator == "is" else "!=", 2.0)
        elif operator in ("==", "!=") and is_none(right):
            yield from scope.unit.between(left, right, operator, "is" if operator == "==" else "is not", 0.5)
        if (
            operator in ("is", "==", "in")
            and isinstance(left, ast.Call)
            and getattr(left.func, "id", "") == "type"
            and left.args
        ):
            text = f"isinstance({scope.unit.source(left.args[0])}, {scope.unit.source(right)})"
            yield scope.unit.swap(node, text, 1.5)


def shift(node: ast.Compare, scope: Scope) -> Iterator[Change]:
    """One more or one less on a side that is no constant."""
    for left, operator, right in _pairs(node):
        if operator not in ("<", "<=", ">", ">=", "==", "!="):
            continue
        for side, factor in ((right, 1.0), (left, 0.6)):
            number = isinstance(side, ast.Call) and getattr(side.func, "id", "") == "len"
            if number or (
                isinstance(side, ast.Name | ast.Attribute) and scope.holds(scope.unit.source(side), "number")
            ):
                for sign in "-+":
                    yield scope.unit.swap(side, f"{scope.unit.source(side)} {sign} 1", factor)


OPERATORS = (
    Operator("compare.boundary", (ast.Compare,), boundary),
    Operator("compare.reverse", (ast.Compare,), reverse),
    Operator("compare.equality", (ast.Compare,), equality),
    Operator("compare.membership", (ast.Compare,), membership),
    Operator("compare.relax", (ast.Compare,), relax),
    Operator("compare.identity", (ast.Compare,), identity),
    Operator("compare.shift", (ast.Compare,), shift),
)
