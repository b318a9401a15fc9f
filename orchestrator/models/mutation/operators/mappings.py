"""Mappings, copies and defaults: a key that may be missing, a value that is shared where it should be copied."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from orchestrator.models.mutation.operators.base import Operator, is_loaded
from orchestrator.models.mutation.scope import Scope, defaults_of, is_name, key_of
from orchestrator.models.mutation.unit import Change, Splice
from orchestrator.syntax import FunctionNode

_EMPTIES = ("None", "0", '""', "[]")
_CHANGERS = frozenset({"append", "remove", "pop", "insert", "add", "discard", "clear", "extend", "update", "popitem"})


def get(node: ast.Subscript, scope: Scope) -> Iterator[Change]:
    """`d[k]` that should be `d.get(k)`."""
    if not is_loaded(node) or isinstance(node.slice, ast.Slice | ast.Tuple | ast.UnaryOp):
        return
    base, key = scope.unit.source(node.value), scope.unit.source(node.slice)
    number = isinstance(node.slice, ast.Constant) and isinstance(node.slice.value, int)
    if number or (scope.holds(base, "sequence") and not scope.holds(base, "mapping")):
        return
    mapping = 1.0 if scope.holds(base, "mapping") else 0.6
    yield scope.unit.swap(node, f"{base}.get({key})", mapping)
    for empty in _EMPTIES[1:]:
        yield scope.unit.swap(node, f"{base}.get({key}, {empty})", mapping * 0.5)
    if not isinstance(node.slice, ast.Constant):
        yield scope.unit.swap(node, f"{base}.get({key}, {key})", mapping * 0.4)


def index(node: ast.Call, scope: Scope) -> Iterator[Change]:
    """`d.get(k)` that should be `d[k]`, and `setdefault` for `get`."""
    if isinstance(node.func, ast.Attribute) and node.func.attr in ("get", "setdefault") and 1 <= len(node.args) <= 2:
        base, key = scope.unit.source(node.func.value), scope.unit.source(node.args[0])
        yield scope.unit.swap(node, f"{base}[{key}]")
        other = "setdefault" if node.func.attr == "get" else "get"
        if len(node.args) == 2:
            yield scope.unit.swap(node, f"{base}.{other}({key}, {scope.unit.source(node.args[1])})", 1.5)


def default(node: ast.Call, scope: Scope) -> Iterator[Change]:
    """Another default for `get`."""
    if not isinstance(node.func, ast.Attribute) or node.func.attr != "get" or not 1 <= len(node.args) <= 2:
        return
    base, key = scope.unit.source(node.func.value), scope.unit.source(node.args[0])
    now = scope.unit.source(node.args[1]) if len(node.args) == 2 else "None"
    names = [n for n in scope.parameters(node) if n in scope.hints.words or "default" in n or "fallback" in n]
    for value in dict.fromkeys([*names, key, *_EMPTIES]):
        if value != now:
            yield scope.unit.swap(node, f"{base}.get({key}, {value})", 1.5 if value in names else 0.6)


def view(node: ast.For, scope: Scope) -> Iterator[Change]:
    """A mapping iterated by keys, values or items."""
    if isinstance(node.iter, ast.Name | ast.Attribute):
        text = scope.unit.source(node.iter)
        if scope.holds(text, "mapping"):
            yield scope.unit.swap(node.iter, f"{text}.{'items' if isinstance(node.target, ast.Tuple) else 'values'}()")


def copied_value(node: ast.expr, scope: Scope) -> Iterator[Change]:
    """A list, dict or set that is stored, returned or given away as it is, copied."""
    parent = scope.unit.parents.get(node)
    if not is_loaded(node) or is_name(node, "self", "cls"):
        return
    text = scope.unit.source(node)
    passed = isinstance(parent, ast.Return) or (isinstance(parent, ast.Assign | ast.AnnAssign) and parent.value is node)
    given = (
        isinstance(parent, ast.Call)
        and isinstance(parent.func, ast.Attribute)
        and parent.func.attr in ("append", "add", "setdefault")
    )
    kinds = scope.kinds.get(text, set())
    if not (passed or (given and parent is not None and getattr(parent, "func", None) is not node)) or kinds & {
        "number",
        "string",
        "boolean",
    }:
        return
    shared = text.startswith("self.") or text in scope.parameters(node)
    for kind, name in (("sequence", "list"), ("mapping", "dict"), ("set", "set")):
        if kind in kinds or (not kinds and kind != "set"):
            yield scope.unit.swap(node, f"{name}({text})", (1.0 if shared else 0.6) * (1.0 if kinds else 0.4))
    if kinds & {"sequence", "mapping"} or "deepcopy" in scope.around.module or "copy" in scope.around.module:
        deep = (
            "copy.deepcopy"
            if "copy" in scope.around.module
            else "deepcopy"
            if "deepcopy" in scope.around.module
            else ""
        )
        if deep:
            yield scope.unit.swap(node, f"{deep}({text})")


def copied_loop(node: ast.For, scope: Scope) -> Iterator[Change]:
    """A loop over something that its own body changes."""
    view_of = (
        node.iter.func.value
        if isinstance(node.iter, ast.Call) and isinstance(node.iter.func, ast.Attribute)
        else node.iter
    )
    key = scope.unit.source(view_of)
    if isinstance(node.iter, ast.Call) and view_of is node.iter:
        return
    for inner in (n for statement in node.body for n in ast.walk(statement)):
        called = isinstance(inner, ast.Call) and isinstance(inner.func, ast.Attribute) and inner.func.attr in _CHANGERS
        if (
            called
            and isinstance(inner, ast.Call)
            and isinstance(inner.func, ast.Attribute)
            and scope.unit.source(inner.func.value) == key
        ):
            yield scope.unit.swap(node.iter, f"list({scope.unit.source(node.iter)})", 2.0)
            return
        if isinstance(inner, ast.Subscript) and not is_loaded(inner) and scope.unit.source(inner.value) == key:
            yield scope.unit.swap(node.iter, f"list({scope.unit.source(node.iter)})", 1.5)
            return
    if key_of(view_of):
        yield scope.unit.swap(node.iter, f"list({scope.unit.source(node.iter)})", 0.3)


def deep_copy(node: ast.Call, scope: Scope) -> Iterator[Change]:
    """A shallow copy of something nested, made deep where `copy` is at hand; `[x] * n` with a mutable x."""
    if is_name(node.func, "dict", "list") and len(node.args) == 1 and "copy" in scope.around.module:
        yield scope.unit.swap(node, f"copy.deepcopy({scope.unit.source(node.args[0])})", 0.6)
    if isinstance(node.func, ast.Attribute) and node.func.attr == "copy":
        end = scope.unit.span(node.func)[1]
        if is_name(node.func.value, "copy"):
            yield Change((Splice(end - 4, end, "deepcopy"),), scope.unit.line_of(node), 1.5)
        elif "copy" in scope.around.module:
            yield scope.unit.swap(node, f"copy.deepcopy({scope.unit.source(node.func.value)})")


def repeated_value(node: ast.BinOp, scope: Scope) -> Iterator[Change]:
    """`[[]] * n` makes one inner list n times."""
    if isinstance(node.op, ast.Mult) and isinstance(node.left, ast.List) and len(node.left.elts) == 1:
        element = node.left.elts[0]
        if not isinstance(element, ast.Constant | ast.Name):
            text = f"[{scope.unit.source(element)} for _ in range({scope.unit.source(node.right)})]"
            yield scope.unit.swap(node, text, 3.0)


def mutable_default(node: ast.FunctionDef | ast.AsyncFunctionDef, scope: Scope) -> Iterator[Change]:
    """`def f(x=[])` keeps its list from call to call."""
    body = node.body[1:] if ast.get_docstring(node) is not None and len(node.body) > 1 else node.body
    for argument, value in defaults_of(node):
        call = isinstance(value, ast.Call) and is_name(value.func, "list", "dict", "set", "defaultdict")
        if value is None or not (call or isinstance(value, ast.List | ast.Dict | ast.Set)):
            continue
        lines = [f"if {argument.arg} is None:", f"{scope.unit.step}{argument.arg} = {scope.unit.source(value)}"]
        for change in scope.unit.add_before(body[0], lines):
            yield Change((Splice(*scope.unit.span(value), "None"), *change.splices), scope.unit.line_of(body[0]))


def class_attribute(node: ast.ClassDef, scope: Scope) -> Iterator[Change]:
    """A mutable attribute of the class made one of each object: its statement moves into `__init__`."""
    init = next((n for n in node.body if isinstance(n, FunctionNode) and n.name == "__init__"), None)
    for statement in node.body if init else ():
        if (
            isinstance(statement, ast.Assign)
            and isinstance(statement.value, ast.List | ast.Dict | ast.Set | ast.Call)
            and init
        ):
            where = scope.unit.own_lines(statement)
            target = scope.unit.source(statement.targets[0])
            line = f"self.{target} = {scope.unit.source(statement.value)}"
            for change in scope.unit.add_before(init.body[0], [line]):
                if where:
                    yield Change((*change.splices, Splice(*where, "")), scope.unit.line_of(statement))


_VALUES = (ast.Name, ast.Attribute, ast.Subscript)
OPERATORS = (
    Operator("mapping.get", (ast.Subscript,), get),
    Operator("mapping.index", (ast.Call,), index),
    Operator("mapping.default", (ast.Call,), default),
    Operator("mapping.view", (ast.For,), view),
    Operator("copy.value", _VALUES, copied_value),
    Operator("copy.loop", (ast.For,), copied_loop),
    Operator("copy.shallow", (ast.Call,), deep_copy),
    Operator("copy.shallow", (ast.BinOp,), repeated_value),
    Operator("default.mutable", (ast.FunctionDef, ast.AsyncFunctionDef), mutable_default),
    Operator("default.class_attribute", (ast.ClassDef,), class_attribute),
)
