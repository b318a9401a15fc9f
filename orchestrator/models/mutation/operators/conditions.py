"""Conditions: negated, strengthened, weakened, grouped, and truth where a test for None was meant."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from orchestrator.models.mutation.operators.base import Operator, is_condition, negated
from orchestrator.models.mutation.scope import Scope, is_none, key_of
from orchestrator.models.mutation.unit import Change, Splice


def none_test(node: ast.expr, scope: Scope) -> Iterator[Change]:
    """`if x` and `if x is not None`, `if not x` and `if x is None`."""
    parent = scope.unit.parents.get(node)
    tested = is_condition(node, scope) or isinstance(parent, ast.BoolOp)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        if isinstance(node.operand, ast.Name | ast.Attribute | ast.Subscript | ast.Call):
            yield scope.unit.swap(node, f"{scope.unit.source(node.operand)} is None")
    elif isinstance(node, ast.Compare):
        if len(node.ops) == 1 and is_none(node.comparators[0]) and isinstance(node.ops[0], ast.Is | ast.IsNot):
            text = scope.unit.operand(node.left)
            yield scope.unit.swap(node, text if isinstance(node.ops[0], ast.IsNot) else f"not {text}", 0.7)
    elif (
        tested
        and isinstance(node, ast.Name | ast.Attribute | ast.Subscript | ast.Call)
        and not _is_boolean(node, scope)
    ):
        yield scope.unit.swap(node, f"{scope.unit.source(node)} is not None")


def _is_boolean(node: ast.expr, scope: Scope) -> bool:
    name = key_of(node.func) if isinstance(node, ast.Call) else key_of(node)
    return bool(name) and (scope.holds(name or "", "boolean") or str(name).startswith(("is", "has", "any", "all")))


def negate(node: ast.expr, scope: Scope) -> Iterator[Change]:
    """The opposite condition; comparisons have their own operators for it."""
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield scope.unit.swap(node, scope.unit.source(node.operand))
    elif (is_condition(node, scope) or isinstance(scope.unit.parents.get(node), ast.BoolOp)) and not isinstance(
        node, ast.Compare
    ):
        yield scope.unit.swap(node, negated(scope.unit.operand(node)))


def and_or(node: ast.BoolOp, scope: Scope) -> Iterator[Change]:
    """`and` and `or`, at one place or at all places of the expression."""
    old, new = ("and", "or") if isinstance(node.op, ast.And) else ("or", "and")
    found = [
        change
        for left, right in zip(node.values, node.values[1:], strict=False)
        for change in scope.unit.between(left, right, old, new)
    ]
    yield from found
    if len(found) > 1:
        yield Change(tuple(s for change in found for s in change.splices), found[0].line, 0.8)


def drop_term(node: ast.BoolOp, scope: Scope) -> Iterator[Change]:
    """One term less."""
    for index, value in enumerate(node.values):
        if index:
            start, end = scope.unit.span(node.values[index - 1])[1], scope.unit.span(value)[1]
        else:
            start, end = scope.unit.span(value)[0], scope.unit.span(node.values[1])[0]
        if scope.unit.text.count("(", start, end) == scope.unit.text.count(")", start, end):
            yield Change((Splice(start, end, ""),), scope.unit.line_of(value))


def add_term(node: ast.expr, scope: Scope) -> Iterator[Change]:
    """A further term about a name in scope: that it is there, not there, or not None."""
    if not is_condition(node, scope) or isinstance(scope.unit.parents.get(node), ast.While):
        return
    text = scope.unit.operand(node) if not isinstance(node, ast.Compare) else scope.unit.source(node)
    used = {key for inner in ast.walk(node) if (key := key_of(inner))}
    for name in _worth_testing(node, scope):
        near = 1.5 if name in used else 1.0
        boolean = scope.holds(name, "boolean")
        if not isinstance(node, ast.Name) or node.id != name:
            yield scope.unit.swap(node, f"{name} and {text}", near)
            yield scope.unit.swap(node, f"{text} and not {name}", 1.2 if boolean else 0.4)
            yield scope.unit.swap(node, f"{text} or {name}", 0.8 if boolean else 0.3)
        if not boolean:
            yield scope.unit.swap(
                node, f"{name} is not None and {text}", near * (1.5 if name in scope.optional else 0.6)
            )
            yield scope.unit.swap(node, f"{name} is None or {text}", near * (1.2 if name in scope.optional else 0.4))
            yield scope.unit.swap(node, f"not {name} or {text}", near * 0.6)


def _worth_testing(node: ast.expr, scope: Scope) -> list[str]:
    names = scope.names_at(node)[-5:]
    flags = [f"self.{a}" for a in scope.attributes if scope.holds(f"self.{a}", "boolean", "sequence", "mapping")]
    issue = [n for n in names if n in scope.hints.words]
    return list(dict.fromkeys([*issue, *names, *flags[:3]]))[:6]


def group(node: ast.BoolOp, scope: Scope) -> Iterator[Change]:
    """`a or b and c` read as `(a or b) and c`, and the mirror image."""
    for index, value in enumerate(node.values):
        if not isinstance(value, ast.BoolOp) or scope.unit.text[scope.unit.span(value)[1] :].lstrip().startswith(")"):
            continue
        if index:
            start, end = scope.unit.span(node.values[index - 1])[0], scope.unit.span(value.values[0])[1]
        else:
            start, end = scope.unit.span(value.values[-1])[0], scope.unit.span(node.values[1])[1]
        yield Change((Splice(start, start, "("), Splice(end, end, ")")), scope.unit.line_of(node))


def or_default(node: ast.expr, scope: Scope) -> Iterator[Change]:
    """`x or default` throws away 0, "" and []: ask for None instead. And the other way round."""
    if (
        isinstance(node, ast.BoolOp)
        and isinstance(node.op, ast.Or)
        and len(node.values) == 2
        and not is_condition(node, scope)
    ):
        left, right = (scope.unit.source(v) for v in node.values)
        if isinstance(node.values[0], ast.Name | ast.Attribute | ast.Subscript | ast.Call):
            text = f"{left} if {left} is not None else {right}"
            plain = isinstance(scope.unit.parents.get(node), ast.Assign | ast.Return | ast.AnnAssign | ast.keyword)
            yield scope.unit.swap(node, text if plain else f"({text})")
    elif isinstance(node, ast.IfExp):
        body, other, test = (scope.unit.source(part) for part in (node.body, node.orelse, node.test))
        yield scope.unit.swap(node, f"{other} if {test} else {body}", 0.7)
        yield scope.unit.swap(node, scope.unit.operand(node.body), 0.4)
        yield scope.unit.swap(node, scope.unit.operand(node.orelse), 0.3)


def flag(node: ast.Constant, scope: Scope) -> Iterator[Change]:
    """True and False."""
    if isinstance(node.value, bool):
        yield scope.unit.swap(node, str(not node.value))


_TESTED = (ast.Name, ast.Attribute, ast.Subscript, ast.Call, ast.Compare, ast.BoolOp, ast.UnaryOp, ast.NamedExpr)
OPERATORS = (
    Operator("condition.none_test", _TESTED, none_test),
    Operator("condition.negate", _TESTED, negate),
    Operator("condition.and_or", (ast.BoolOp,), and_or),
    Operator("condition.drop_term", (ast.BoolOp,), drop_term),
    Operator("condition.add_term", _TESTED, add_term),
    Operator("condition.group", (ast.BoolOp,), group),
    Operator("condition.or_default", (ast.BoolOp, ast.IfExp), or_default),
    Operator("condition.flag", (ast.Constant,), flag),
)
