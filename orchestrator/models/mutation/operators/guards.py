"""Guards: leave early where there is nothing, skip a round, ask before a statement that could fail."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from orchestrator.models.mutation.operators.base import Operator, is_loaded
from orchestrator.models.mutation.scope import Scope, is_name, key_of
from orchestrator.models.mutation.unit import Body, Change, Splice
from orchestrator.syntax import DefinitionNode

Function = ast.FunctionDef | ast.AsyncFunctionDef


def _returned(value: str) -> str:
    return f"return {value}".rstrip()


def body_without_docstring(node: Function) -> Body:
    """A function's statements behind its docstring."""
    return node.body[1:] if ast.get_docstring(node) is not None else node.body


def entry(node: Function, scope: Scope) -> Iterator[Change]:
    """`if not x: return ...` and `if x is None: return ...` at the beginning, for parameters."""
    body = body_without_docstring(node)
    if not body:
        return
    names = [n for n in scope.parameters(body[0]) if scope.unit.function_of(body[0]) is node][:4]
    if node.args.args and node.args.args[0].arg == "self":
        names += [f"self.{a}" for a in scope.attributes if scope.holds(f"self.{a}", "sequence", "mapping")][:2]
    tested = {key for inner in ast.walk(body[0]) if isinstance(body[0], ast.If) and (key := key_of(inner))}
    for name in names:
        near = 0.5 if name in tested else 1.0
        sized = scope.holds(name, "sequence", "mapping", "string", "set")
        number = scope.holds(name, "number") and not sized
        for rank, value in enumerate(scope.empty_values(body[0])):
            weight = near * (1.0, 0.6, 0.4)[rank]
            yield from scope.unit.add_before(
                body[0], _guard(f"not {name}", value, scope), weight * (0.4 if number else 1.0)
            )
            optional = 1.5 if name in scope.optional else 0.5
            yield from scope.unit.add_before(body[0], _guard(f"{name} is None", value, scope), weight * optional)
            if number:
                yield from scope.unit.add_before(body[0], _guard(f"{name} <= 0", value, scope), weight * 0.8)
        for name_of in scope.hints.exceptions[:1]:
            lines = [
                f"if {name} < 0:" if number else f"if not {name}:",
                f'{scope.unit.step}raise {name_of}("invalid {name}")',
            ]
            if name_of in ("ValueError", "TypeError", "IndexError", "KeyError") and name_of not in scope.hints.failure:
                yield from scope.unit.add_before(body[0], lines, near)


def _guard(condition: str, value: str, scope: Scope) -> list[str]:
    return [f"if {condition}:", f"{scope.unit.step}{_returned(value)}"]


def zero(node: ast.BinOp, scope: Scope) -> Iterator[Change]:
    """Nothing is divided by zero: leave before, or give 0 instead."""
    statement = scope.unit.statement_of(node)
    if (
        not isinstance(node.op, ast.Div | ast.FloorDiv | ast.Mod)
        or isinstance(node.right, ast.Constant)
        or statement is None
    ):
        return
    if isinstance(node.left, ast.Constant) and isinstance(node.left.value, str):
        return
    divisor = scope.unit.operand(node.right)
    for rank, value in enumerate(dict.fromkeys(["0", *scope.empty_values(node)])):
        yield from scope.unit.add_before(statement, _guard(f"{divisor} == 0", value, scope), (1.0, 0.7, 0.5, 0.3)[rank])
    yield scope.unit.swap(node, f"({scope.unit.source(node)} if {divisor} else 0)", 0.8)


def statement(node: ast.stmt, scope: Scope) -> Iterator[Change]:
    """`if x is not None:` or `if x:` around one statement, for what it reads first."""
    where = scope.unit.own_lines(node)
    moved = scope.unit.moved(node, scope.unit.indent_of(node) + scope.unit.step)
    if where is None or moved is None or (isinstance(node, ast.Assign) and is_name(node.targets[0])):
        return
    names = [n.id for n in ast.walk(node) if isinstance(n, ast.Name) and is_loaded(n) and n.id in scope.first_stored]
    for rank, name in enumerate([n for n in dict.fromkeys(names) if n not in ("self", "cls")][:3]):
        for condition, factor in (
            (name, 1.0),
            (f"{name} is not None", 1.2 if name in scope.optional else 0.7),
            (f"not {name}", 0.3),
        ):
            text = f"{scope.unit.indent_of(node)}if {condition}:\n{moved}"
            yield Change((Splice(*where, text),), scope.unit.line_of(node), factor * (1.0, 0.6, 0.4)[rank])


def loop(node: ast.For, scope: Scope) -> Iterator[Change]:
    """`if not x: continue` at the beginning of a loop's body; the same for None, and for what was seen before."""
    names = [n.id for n in ast.walk(node.target) if isinstance(n, ast.Name) and n.id != "_"]
    for rank, name in enumerate(names[:2]):
        for condition, factor in ((f"not {name}", 1.0), (f"{name} is None", 0.7)):
            lines = [f"if {condition}:", f"{scope.unit.step}continue"]
            yield from scope.unit.add_before(node.body[0], lines, factor * (1.0, 0.7)[rank])
        for held in scope.names_at(node):
            if scope.holds(held, "set", "sequence", "mapping") and held not in names and not is_name(node.iter, held):
                lines = [f"if {name} in {held}:", f"{scope.unit.step}continue"]
                yield from scope.unit.add_before(node.body[0], lines, 0.7 if scope.holds(held, "set") else 0.4)


def member(node: ast.Subscript | ast.Call, scope: Scope) -> Iterator[Change]:
    """A key asked for before it is used: leave, skip the round, or do nothing where it is missing; put it there first."""
    if isinstance(node, ast.Call):
        yield from _recursion(node, scope)
        return
    statement = scope.unit.statement_of(node)
    if (
        statement is None
        or isinstance(statement, DefinitionNode)
        or isinstance(node.slice, ast.Slice | ast.Constant | ast.UnaryOp)
    ):
        return
    base, key = scope.unit.source(node.value), scope.unit.source(node.slice)
    if scope.holds(base, "sequence") and not scope.holds(base, "mapping"):
        yield from scope.unit.add_before(
            statement, _guard(f"{key} >= len({base})", scope.empty_values(node)[0], scope), 0.5
        )
        return
    if is_loaded(node):
        exits = ["continue"] if scope.unit.loop_of(node) else [_returned(v) for v in scope.empty_values(node)[:2]]
        for way in exits:
            yield from scope.unit.add_before(statement, [f"if {key} not in {base}:", f"{scope.unit.step}{way}"], 0.8)
    if not is_loaded(node) or isinstance(scope.unit.parents.get(node), ast.Attribute):
        moved = scope.unit.moved(statement, scope.unit.indent_of(statement) + scope.unit.step)
        where = scope.unit.own_lines(statement)
        if moved and where:
            text = f"{scope.unit.indent_of(statement)}if {key} not in {base}:\n{moved}"
            yield Change((Splice(*where, text),), scope.unit.line_of(statement), 0.8)
        if isinstance(statement, ast.AugAssign) or is_loaded(node):
            for empty in ("0", "[]") if isinstance(statement, ast.AugAssign) else ("[]", "set()"):
                yield from scope.unit.add_before(statement, [f"{base}.setdefault({key}, {empty})"], 0.7)


def _recursion(node: ast.Call, scope: Scope) -> Iterator[Change]:
    """A recursive call over what was visited before."""
    function = scope.unit.function_of(node)
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    statement = scope.unit.statement_of(node)
    if function is None or name != function.name or not node.args or statement is None:
        return
    argument = scope.unit.source(node.args[0])
    moved = scope.unit.moved(statement, scope.unit.indent_of(statement) + scope.unit.step)
    where = scope.unit.own_lines(statement)
    for held in scope.names_at(node):
        if moved and where and held != argument and scope.holds(held, "set", "sequence"):
            text = f"{scope.unit.indent_of(statement)}if {argument} not in {held}:\n{moved}"
            yield Change((Splice(*where, text),), scope.unit.line_of(statement), 1.0)


_SIMPLE = (ast.Expr, ast.Assign, ast.AugAssign, ast.Return, ast.For)
OPERATORS = (
    Operator("guard.entry", (ast.FunctionDef, ast.AsyncFunctionDef), entry),
    Operator("guard.zero", (ast.BinOp,), zero),
    Operator("guard.statement", _SIMPLE, statement),
    Operator("guard.loop", (ast.For,), loop),
    Operator("guard.member", (ast.Subscript, ast.Call), member),
)
