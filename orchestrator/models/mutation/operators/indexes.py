"""Indexes, slices and ranges: one further, one less, from the end, without a bound."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from orchestrator.models.mutation.operators.base import Operator
from orchestrator.models.mutation.scope import Scope, is_name
from orchestrator.models.mutation.unit import Change, Splice


def _shifted(node: ast.expr, scope: Scope, by: int) -> str:
    """An expression one more or one less, without `+ 1 - 1`."""
    text = scope.unit.source(node)
    if isinstance(node, ast.Constant) and isinstance(node.value, int):
        return str(node.value + by)
    undone = ast.Sub if by > 0 else ast.Add
    if (
        isinstance(node, ast.BinOp)
        and isinstance(node.op, undone)
        and isinstance(node.right, ast.Constant)
        and node.right.value == 1
    ):
        return scope.unit.source(node.left)
    text = text if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Sub) else scope.unit.operand(node)
    return f"{text} {'+' if by > 0 else '-'} 1"


def shift(node: ast.Subscript, scope: Scope) -> Iterator[Change]:
    """The next or the previous element."""
    number = isinstance(node.slice, ast.BinOp) or (
        isinstance(node.slice, ast.Name) and scope.holds(node.slice.id, "number")
    )
    if number:
        for by in (1, -1):
            yield scope.unit.swap(node.slice, _shifted(node.slice, scope, by))


def end(node: ast.Subscript, scope: Scope) -> Iterator[Change]:
    """The first and the last element."""
    text = scope.unit.source(node.slice)
    for old, new in (("0", "-1"), ("-1", "0"), ("1", "-1"), ("-1", "-2"), ("-2", "-1")):
        if text == old:
            yield scope.unit.swap(node.slice, new, 1.0 if "0" in (old, new) else 0.5)


def slice_shift(node: ast.Slice, scope: Scope) -> Iterator[Change]:
    """A bound one further or one less."""
    for bound, factor in ((node.lower, 0.9), (node.upper, 1.0)):
        if bound is not None:
            for by in (1, -1):
                text = _shifted(bound, scope, by)
                yield scope.unit.swap(bound, "" if text == "0" and bound is node.lower else text, factor)


def slice_open(node: ast.Slice, scope: Scope) -> Iterator[Change]:
    """A bound less, or one more; a step backwards."""
    for bound in (node.lower, node.upper):
        if bound is not None:
            yield scope.unit.swap(bound, "")
    parent = scope.unit.parents.get(node)
    if isinstance(parent, ast.Subscript) and node.step is None:
        at = scope.unit.span(parent)[1] - 1
        if node.upper is None:
            yield Change((Splice(at, at, "-1"),), scope.unit.line_of(parent), 0.8)
        if node.lower is None:
            start = scope.unit.span(node)[0]
            yield Change((Splice(start, start, "1"),), scope.unit.line_of(parent), 0.6)


def range_bound(node: ast.Call, scope: Scope) -> Iterator[Change]:
    """The last number of a range, one more or one less."""
    if is_name(node.func, "range") and node.args:
        bound = node.args[1] if len(node.args) > 1 else node.args[0]
        for by, factor in ((1, 1.0), (-1, 0.9)):
            yield scope.unit.swap(bound, _shifted(bound, scope, by), factor)


def range_start(node: ast.Call, scope: Scope) -> Iterator[Change]:
    """The first number of a range; a range with a step or backwards."""
    if not is_name(node.func, "range") or not node.args:
        return
    if len(node.args) == 1:
        text = scope.unit.source(node.args[0])
        yield scope.unit.swap(node.args[0], f"1, {text}")
        yield scope.unit.swap(node.args[0], f"1, {_shifted(node.args[0], scope, 1)}")
        yield scope.unit.swap(node, f"reversed(range({text}))", 0.5)
        return
    for by in (1, -1):
        yield scope.unit.swap(node.args[0], _shifted(node.args[0], scope, by))
    if len(node.args) == 2:
        yield scope.unit.swap(node.args[1], f"{scope.unit.source(node.args[1])}, -1", 0.3)


def enumerate_start(node: ast.Call, scope: Scope) -> Iterator[Change]:
    """Counting from 1, or from 0."""
    if is_name(node.func, "enumerate") and node.args:
        if len(node.args) == 1 and not node.keywords:
            yield scope.unit.swap(node.args[0], f"{scope.unit.source(node.args[0])}, 1")
        else:
            yield scope.unit.swap(node, f"enumerate({scope.unit.source(node.args[0])})")


OPERATORS = (
    Operator("index.shift", (ast.Subscript,), shift),
    Operator("index.end", (ast.Subscript,), end),
    Operator("slice.shift", (ast.Slice,), slice_shift),
    Operator("slice.open", (ast.Slice,), slice_open),
    Operator("range.bound", (ast.Call,), range_bound),
    Operator("range.start", (ast.Call,), range_start),
    Operator("range.enumerate", (ast.Call,), enumerate_start),
)
