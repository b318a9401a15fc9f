"""Flow: break, continue and return, `elif` and `if`, what is returned, and exceptions."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from orchestrator.models.mutation.operators.base import Operator
from orchestrator.models.mutation.operators.guards import Function, body_without_docstring
from orchestrator.models.mutation.scope import Scope, is_name, key_of
from orchestrator.models.mutation.unit import Change, Splice

_BESIDE = {
    "KeyError": "IndexError",
    "ValueError": "TypeError",
    "IndexError": "KeyError",
    "TypeError": "ValueError",
    "AttributeError": "TypeError",
}
_LEAVES = ast.Return | ast.Raise | ast.Break | ast.Continue


def exits(node: ast.stmt, scope: Scope) -> Iterator[Change]:
    """`break`, `continue` and `return`, one for the other."""
    inside = scope.unit.loop_of(node) is not None
    if isinstance(node, ast.Break):
        yield scope.unit.swap(node, "continue")
    elif isinstance(node, ast.Continue):
        yield scope.unit.swap(node, "break")
    elif isinstance(node, ast.Return) and inside:
        yield scope.unit.swap(node, "continue", 0.8)
        yield scope.unit.swap(node, "break", 0.8)


def add_exit(node: ast.If, scope: Scope) -> Iterator[Change]:
    """A `break`, `continue` or `return` at the end of a branch."""
    last = node.body[-1]
    if isinstance(last, _LEAVES):
        return
    if scope.unit.loop_of(node) is not None:
        yield from scope.unit.add_after(last, ["break"])
        yield from scope.unit.add_after(last, ["continue"], 0.8)
    for rank, value in enumerate(scope.empty_values(node)[:2]):
        yield from scope.unit.add_after(last, [f"return {value}".rstrip()], (0.6, 0.4)[rank])


def else_if(node: ast.If, scope: Scope) -> Iterator[Change]:
    """`elif` as an `if` of its own, and an `if` behind another as its `elif`."""
    start = scope.unit.span(node)[0]
    if scope.unit.text.startswith("elif", start):
        yield Change((Splice(start, start + 4, "if"),), scope.unit.line_of(node))
        return
    block = scope.unit.block_of(node)
    before = block[block.index(node) - 1] if node in block and block.index(node) else None
    if isinstance(before, ast.If) and not before.orelse and not isinstance(before.body[-1], _LEAVES):
        yield Change((Splice(start, start, "el"),), scope.unit.line_of(node))


def repeat(node: ast.If | ast.While, scope: Scope) -> Iterator[Change]:
    """Once, or as long as it holds."""
    start = scope.unit.span(node)[0]
    if isinstance(node, ast.While) and scope.unit.text.startswith("while", start):
        yield Change((Splice(start, start + 5, "if"),), scope.unit.line_of(node), 0.4)
    elif (
        isinstance(node, ast.If)
        and scope.unit.text.startswith("if", start)
        and not node.orelse
        and not isinstance(node.body[-1], _LEAVES)
    ):
        yield Change((Splice(start, start + 2, "while"),), scope.unit.line_of(node))


def drop_else(node: ast.If | ast.For | ast.While, scope: Scope) -> Iterator[Change]:
    """A branch less, or what is under `else` done in any case."""
    if not node.orelse or (isinstance(node.orelse[0], ast.If) and scope.unit.own_lines(node.orelse[0]) is None):
        return
    first, last = scope.unit.own_lines(node.orelse[0]), scope.unit.own_lines(node.orelse[-1])
    end = scope.unit.own_lines(node.body[-1])
    if first and last and end:
        yield Change((Splice(end[1], last[1], ""),), scope.unit.line_of(node.orelse[0]))
        parts = [scope.unit.moved(s, scope.unit.indent_of(node)) for s in node.orelse]
        if all(parts):
            yield Change(
                (Splice(end[1], last[1], "".join(p or "" for p in parts)),), scope.unit.line_of(node.orelse[0]), 1.5
            )


def returned(node: ast.Return, scope: Scope) -> Iterator[Change]:
    """Another value: a name of this function, None, an empty one, the other truth."""
    if node.value is None:
        return
    now = scope.unit.source(node.value)
    key = key_of(node.value) or ""
    for name in scope.names_at(node)[-6:]:
        if name != now:
            yield scope.unit.swap(node.value, name, scope.fit(name, key) if key else 0.5)
    for value in scope.empty_values(node)[:2]:
        if value and value != now:
            yield scope.unit.swap(node.value, value, 0.5)
    if "self" in scope.first_stored and now != "self":
        yield scope.unit.swap(node.value, "self", 0.3)


def missing(node: Function, scope: Scope) -> Iterator[Change]:
    """A function that ends without a return although it makes something."""
    body = body_without_docstring(node)
    if not body or isinstance(body[-1], ast.Return | ast.Raise) or node.name in ("__init__", "__post_init__"):
        return
    others = any(isinstance(n, ast.Return) and n.value is not None for n in scope.unit.nodes)
    stored = [n for n in scope.names_at(ast.Name("", lineno=10**9)) if n not in scope.parameters(body[0])]
    for rank, name in enumerate(reversed(stored[-3:])):
        yield from scope.unit.add_after(
            body[-1], [f"return {name}"], (1.0, 0.7, 0.5)[rank] * (1.0 if others or stored else 0.5)
        )
    for name, factor in (("self", 0.4), ("True", 0.3), ("False", 0.5)):
        if "self" in scope.first_stored if name == "self" else others:
            yield from scope.unit.add_after(body[-1], [f"return {name}"], factor)


def discarded(node: ast.Expr, scope: Scope) -> Iterator[Change]:
    """A result that is thrown away: returned, or kept under the name it was made from."""
    if not isinstance(node.value, ast.Call):
        return
    text, call = scope.unit.source(node), node.value
    function = scope.unit.function_of(node)
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    recursive = function is not None and function.name == name
    yield scope.unit.swap(node, f"return {text}", 2.0 if recursive else 0.6)
    base = call.func.value if isinstance(call.func, ast.Attribute) else call.args[0] if call.args else None
    if isinstance(base, ast.Name) and base.id not in ("self", "print"):
        yield scope.unit.swap(node, f"{base.id} = {text}", 1.5 if scope.holds(base.id, "string") else 0.5)


def broaden(node: ast.ExceptHandler, scope: Scope) -> Iterator[Change]:
    """What the issue reports is caught as well, or everything is."""
    if node.type is None:
        return
    now = scope.unit.source(node.type)
    inner = now.strip("()")
    wanted = [e for e in (*scope.hints.exceptions, *(_BESIDE[k] for k in _BESIDE if k in now)) if e not in now]
    for rank, name in enumerate(dict.fromkeys(wanted)):
        yield scope.unit.swap(node.type, f"({inner}, {name})", 1.5 if rank == 0 else 0.5)
        yield scope.unit.swap(node.type, name, 0.4)
    if now != "Exception":
        yield scope.unit.swap(node.type, "Exception", 0.5)


def raised(node: ast.Raise, scope: Scope) -> Iterator[Change]:
    """Another exception: one that the issue names."""
    kind = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
    if kind is None:
        return
    now = scope.unit.source(kind)
    for name in dict.fromkeys([*scope.hints.exceptions, "ValueError", "TypeError", "KeyError"]):
        if name != now:
            yield scope.unit.swap(kind, name, 1.5 if name in scope.hints.exceptions else 0.2)


def to_return(node: ast.Raise, scope: Scope) -> Iterator[Change]:
    """Give back nothing instead of raising."""
    for value in scope.empty_values(node)[:2]:
        yield scope.unit.swap(node, f"return {value}".rstrip())


def wrap(node: ast.stmt, scope: Scope) -> Iterator[Change]:
    """A statement that may raise what the issue reports, within try and except."""
    where = scope.unit.own_lines(node)
    indent, step = scope.unit.indent_of(node), scope.unit.step
    moved = scope.unit.moved(node, indent + step)
    if where is None or moved is None or not any(isinstance(n, ast.Call | ast.Subscript) for n in ast.walk(node)):
        return
    if isinstance(node, ast.Assign) and is_name(node.targets[0]):
        ways = [f"{scope.unit.source(node.targets[0])} = None"]
    else:
        ways = ["pass"]
    ways = [
        *(["continue"] if scope.unit.loop_of(node) else []),
        *(f"return {v}".rstrip() for v in scope.empty_values(node)[:2]),
        *ways,
    ]
    for name in scope.hints.exceptions[:1]:
        for rank, way in enumerate(ways[:4]):
            text = f"{indent}try:\n{moved}{indent}except {name}:\n{indent}{step}{way}\n"
            yield Change((Splice(*where, text),), scope.unit.line_of(node), (1.0, 0.7, 0.5, 0.4)[rank])


def reraise(node: ast.ExceptHandler, scope: Scope) -> Iterator[Change]:
    """What a handler swallows, raised again."""
    if not isinstance(node.body[-1], ast.Raise):
        last = node.body[-1]
        if isinstance(last, ast.Pass):
            yield scope.unit.swap(last, "raise")
        else:
            yield from scope.unit.add_after(last, ["raise"])


OPERATORS = (
    Operator("flow.exit", (ast.Break, ast.Continue, ast.Return), exits),
    Operator("flow.add_exit", (ast.If,), add_exit),
    Operator("flow.else", (ast.If,), else_if),
    Operator("flow.repeat", (ast.If, ast.While), repeat),
    Operator("flow.drop_else", (ast.If, ast.For, ast.While), drop_else),
    Operator("return.value", (ast.Return,), returned),
    Operator("return.missing", (ast.FunctionDef, ast.AsyncFunctionDef), missing),
    Operator("return.discarded", (ast.Expr,), discarded),
    Operator("exception.broaden", (ast.ExceptHandler,), broaden),
    Operator("exception.raised", (ast.Raise,), raised),
    Operator("exception.to_return", (ast.Raise,), to_return),
    Operator("exception.wrap", (ast.Assign, ast.Expr, ast.Return, ast.AugAssign), wrap),
    Operator("exception.reraise", (ast.ExceptHandler,), reraise),
)
