"""Statements: deleted, swapped with a neighbour, moved in or out of a block, copied into another branch."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from orchestrator.models.mutation.operators.base import Operator
from orchestrator.models.mutation.scope import Scope, is_empty
from orchestrator.models.mutation.unit import Change, Splice, blocks
from orchestrator.syntax import DefinitionNode

_SIMPLE = (
    ast.Expr,
    ast.Assign,
    ast.AugAssign,
    ast.Return,
    ast.Raise,
    ast.Delete,
    ast.Break,
    ast.Continue,
    ast.AnnAssign,
)
_COMPOUND = (ast.If, ast.For, ast.While, ast.With, ast.Try)


def delete(node: ast.stmt, scope: Scope) -> Iterator[Change]:
    """A statement less; a `pass` where it was the only one."""
    where = scope.unit.own_lines(node)
    if where is None or isinstance(scope.unit.parents.get(node), ast.Module):
        return
    factor = {ast.Assign: 0.4, ast.Return: 0.5, ast.Raise: 0.8}.get(type(node), 1.0)
    if len(scope.unit.block_of(node)) == 1:
        yield Change((Splice(*where, f"{scope.unit.indent_of(node)}pass\n"),), scope.unit.line_of(node), factor * 0.6)
    else:
        yield Change((Splice(*where, ""),), scope.unit.line_of(node), factor)


def swap(node: ast.stmt, scope: Scope) -> Iterator[Change]:
    """A statement and the next one in the other order, where one of them could matter to the other."""
    block = scope.unit.block_of(node)
    after = block.index(node) + 1 if node in block else len(block)
    if after >= len(block):
        return
    other = block[after]
    mine, yours = scope.unit.own_lines(node), scope.unit.own_lines(other)
    if (
        mine
        and yours
        and not isinstance(other, DefinitionNode)
        and (_stored(node) & _named(other) or _named(node) & _stored(other))
    ):
        text, next_text = scope.unit.text[slice(*mine)], scope.unit.text[slice(*yours)]
        between = scope.unit.text[mine[1] : yours[0]]
        factor = 0.7 if isinstance(node, _COMPOUND) or isinstance(other, _COMPOUND) else 1.0
        yield Change((Splice(mine[0], yours[1], next_text + between + text),), scope.unit.line_of(node), factor)


def _named(node: ast.AST) -> set[str]:
    return {n.id for n in ast.walk(node) if isinstance(n, ast.Name)} | {
        n.attr for n in ast.walk(node) if isinstance(n, ast.Attribute)
    }


def _stored(node: ast.AST) -> set[str]:
    """What a statement may change: names stored to, and the objects of method calls and item assignments."""
    found: set[str] = set()
    for inner in ast.walk(node):
        if isinstance(inner, ast.Name | ast.Attribute) and not isinstance(inner.ctx, ast.Load):
            found.add(inner.id if isinstance(inner, ast.Name) else inner.attr)
        elif isinstance(inner, ast.Subscript) and not isinstance(inner.ctx, ast.Load):
            found |= _named(inner.value)
        elif isinstance(inner, ast.Call) and isinstance(inner.func, ast.Attribute):
            found |= _named(inner.func.value) - {"self"}
    return found


def dedent(node: ast.stmt, scope: Scope) -> Iterator[Change]:
    """The last statement of a block moved out behind it: a return that ends its loop too early, a line under the wrong `if`."""
    outer = scope.unit.parents.get(node)
    block = scope.unit.block_of(node)
    if not isinstance(outer, _COMPOUND) or len(block) < 2 or block[-1] is not node:
        return
    yield from _moved_behind(
        node, outer, scope, 1.5 if isinstance(outer, ast.For | ast.While) and isinstance(node, ast.Return) else 1.0
    )
    above = scope.unit.loop_of(outer)
    if above is not None:
        yield from _moved_behind(node, above, scope, 0.7)


def _moved_behind(node: ast.stmt, outer: ast.stmt, scope: Scope, factor: float) -> Iterator[Change]:
    where, around = scope.unit.own_lines(node), scope.unit.own_lines(outer)
    moved = scope.unit.moved(node, scope.unit.indent_of(outer))
    if where and around and moved:
        yield Change((Splice(*where, ""), Splice(around[1], around[1], moved)), scope.unit.line_of(node), factor)


def indent(node: ast.stmt, scope: Scope) -> Iterator[Change]:
    """The statement behind a block moved into it."""
    block = scope.unit.block_of(node)
    before = block[block.index(node) - 1] if node in block and block.index(node) else None
    where = scope.unit.own_lines(node)
    if not isinstance(before, ast.If | ast.For | ast.While | ast.With) or where is None:
        return
    inner = before.orelse[-1] if not isinstance(before, ast.With) and before.orelse else before.body[-1]
    moved = scope.unit.moved(node, scope.unit.indent_of(inner))
    end = scope.unit.own_lines(inner)
    if moved and end and end[1] <= where[0]:
        yield Change((Splice(end[1], end[1], moved), Splice(*where, "")), scope.unit.line_of(node))


def unwrap(node: ast.If, scope: Scope) -> Iterator[Change]:
    """The body of an `if` without its condition."""
    where = scope.unit.own_lines(node)
    parts = [scope.unit.moved(s, scope.unit.indent_of(node)) for s in node.body]
    if where and not node.orelse and all(parts):
        yield Change((Splice(*where, "".join(p or "" for p in parts)),), scope.unit.line_of(node))


def copy(node: ast.stmt, scope: Scope) -> Iterator[Change]:
    """A simple statement repeated at the end of a block beside it, or behind the block it is in."""
    if not isinstance(node, ast.Assign | ast.AugAssign | ast.Expr):
        return
    outer = scope.unit.parents.get(node)
    text = scope.unit.source(node)
    if "\n" in text or outer is None or isinstance(outer, DefinitionNode):
        return
    for block in blocks(outer):
        if node not in block and block and not isinstance(block[-1], ast.Return | ast.Raise | ast.Break | ast.Continue):
            yield from scope.unit.add_after(block[-1], [text])
            yield from scope.unit.add_before(block[0], [text], 0.6)
        elif node not in block and block:
            yield from scope.unit.add_before(block[-1], [text], 1.5)
    if isinstance(outer, _COMPOUND):
        yield from scope.unit.add_after(outer, [text], 1.2 if isinstance(outer, ast.For | ast.While) else 0.6)


def reset(node: ast.Assign, scope: Scope) -> Iterator[Change]:
    """An empty start moved into the loop behind it, or out of the loop it is in."""
    block = scope.unit.block_of(node)
    where = scope.unit.own_lines(node)
    if not (is_empty(node.value) or isinstance(node.value, ast.Call)) or where is None or node not in block:
        return
    loops = [s for s in block[block.index(node) + 1 :] if isinstance(s, ast.For | ast.While)]
    for found in loops[:1]:
        moved = scope.unit.moved(node, scope.unit.indent_of(found.body[0]))
        inner = scope.unit.own_lines(found.body[0])
        if moved and inner:
            yield Change((Splice(*where, ""), Splice(inner[0], inner[0], moved)), scope.unit.line_of(node))
    outer = scope.unit.parents.get(node)
    if isinstance(outer, ast.For | ast.While):
        moved, around = scope.unit.moved(node, scope.unit.indent_of(outer)), scope.unit.own_lines(outer)
        if moved and around and len(block) > 1:
            yield Change((Splice(around[0], around[0], moved), Splice(*where, "")), scope.unit.line_of(node), 1.5)


OPERATORS = (
    Operator("statement.delete", (*_SIMPLE, ast.If), delete),
    Operator("statement.swap", (*_SIMPLE, *_COMPOUND), swap),
    Operator("statement.dedent", (*_SIMPLE, ast.If, ast.For), dedent),
    Operator("statement.indent", (*_SIMPLE, ast.If, ast.For), indent),
    Operator("statement.unwrap", (ast.If,), unwrap),
    Operator("statement.copy", _SIMPLE, copy),
    Operator("statement.reset", (ast.Assign,), reset),
)
