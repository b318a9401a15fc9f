"""Calls: another function of the same family, other arguments, keywords, a call around something or taken away."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from orchestrator.models.mutation.operators.base import Operator, arguments_of, is_loaded
from orchestrator.models.mutation.operators.similar import KEYWORDS, similar_calls
from orchestrator.models.mutation.scope import Scope, is_name
from orchestrator.models.mutation.unit import Change, Splice

_PREFIXED = {"lstrip": "removeprefix", "rstrip": "removesuffix", "strip": "removeprefix"}
_WRAPS = {
    "sequence": ("list", "sorted", "len", "set"),
    "mapping": ("dict", "sorted", "list"),
    "number": ("int", "abs", "str"),
    "string": ("str", "int"),
}


def rename(node: ast.Call, scope: Scope) -> Iterator[Change]:
    """A call that is easily taken for this one."""
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    end = scope.unit.span(node.func)[1]
    others = list(similar_calls(name))
    if node.args and name in _PREFIXED:
        others.insert(0, _PREFIXED[name])
    for other in dict.fromkeys(others):
        yield Change((Splice(end - len(name), end, other),), scope.unit.line_of(node), 1.0 if len(others) < 3 else 0.7)


def swap_arguments(node: ast.Call, scope: Scope) -> Iterator[Change]:
    """Two neighbouring arguments in the other order."""
    for one, other in zip(node.args, node.args[1:], strict=False):
        left, right = scope.unit.source(one), scope.unit.source(other)
        if left != right and not isinstance(one, ast.Starred) and not isinstance(other, ast.Starred):
            factor = scope.fit(left, right) * (0.4 if is_name(node.func, "isinstance", "getattr", "range") else 1.0)
            yield Change(
                (Splice(*scope.unit.span(one), right), Splice(*scope.unit.span(other), left)),
                scope.unit.line_of(one),
                factor,
            )


def drop_argument(node: ast.Call, scope: Scope) -> Iterator[Change]:
    """One argument or keyword less."""
    everything = arguments_of(node)
    for index, argument in enumerate(everything):
        if len(everything) > 1 or isinstance(argument, ast.keyword):
            kept = [scope.unit.source(a) for i, a in enumerate(everything) if i != index]
            yield scope.unit.swap(
                node,
                f"{scope.unit.source(node.func)}({', '.join(kept)})",
                1.0 if isinstance(argument, ast.keyword) else 0.5,
            )


def keyword(node: ast.Call, scope: Scope) -> Iterator[Change]:
    """The order of sorting, the start of counting, the encoding of a file, a key that makes comparison ignore case."""
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    known = {k.arg: k for k in node.keywords}
    for argument, value, factor in KEYWORDS.get(name, ()):
        if argument not in known:
            end = scope.unit.span(node)[1] - 1
            comma = ", " if (node.args or node.keywords) and not scope.unit.text[:end].rstrip().endswith(",") else ""
            if isinstance(node.args[0] if node.args else None, ast.GeneratorExp):
                continue
            yield Change((Splice(end, end, f"{comma}{argument}={value}"),), scope.unit.line_of(node), factor)
    reverse = known.get("reverse")
    if reverse is not None and not isinstance(reverse.value, ast.Constant):
        yield scope.unit.swap(reverse.value, f"not {scope.unit.operand(reverse.value)}")


def builtin_default(node: ast.Call, scope: Scope) -> Iterator[Change]:
    """What `next`, `max`, `min`, `pop` and `getattr` give where there is nothing."""
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    end = scope.unit.span(node)[1] - 1
    source = scope.unit.source(node)
    generator = len(node.args) == 1 and isinstance(node.args[0], ast.GeneratorExp)
    if name in ("max", "min") and len(node.args) == 1 and "default" not in source:
        inner = (
            f"({scope.unit.source(node.args[0]).removeprefix('(').removesuffix(')')})"
            if generator
            else scope.unit.source(node.args[0])
        )
        rest = "".join(f", {scope.unit.source(k)}" for k in node.keywords)
        for value in ("0", "None"):
            yield scope.unit.swap(node, f"{name}({inner}{rest}, default={value})")
    elif name == "next" and len(node.args) == 1:
        inner = scope.unit.source(node.args[0])
        yield scope.unit.swap(node, f"next({inner if not generator or inner.startswith('(') else f'({inner})'}, None)")
    elif (name == "pop" and len(node.args) == 1 and not _is_position(node.args[0])) or (
        name == "getattr" and len(node.args) == 2
    ):
        yield Change((Splice(end, end, ", None"),), scope.unit.line_of(node))


def _is_position(node: ast.expr) -> bool:
    value = node.operand if isinstance(node, ast.UnaryOp) else node
    return isinstance(value, ast.Constant) and isinstance(value.value, int)


def unwrap(node: ast.Call, scope: Scope) -> Iterator[Change]:
    """What a call of one argument is around, or what a method without arguments is called on."""
    if isinstance(scope.unit.parents.get(node), ast.Expr):
        return
    if isinstance(node.func, ast.Name) and len(node.args) == 1 and not node.keywords:
        yield scope.unit.swap(node, scope.unit.operand(node.args[0]), 0.3 if node.func.id in ("len", "range") else 1.0)
    elif isinstance(node.func, ast.Attribute) and not node.args and not node.keywords:
        yield scope.unit.swap(node, scope.unit.source(node.func.value), 0.5)


def wrap(node: ast.expr, scope: Scope) -> Iterator[Change]:
    """A call around what is returned, iterated, passed or assigned."""
    parent = scope.unit.parents.get(node)
    text = scope.unit.source(node)
    loop = isinstance(parent, ast.For | ast.comprehension) and parent.iter is node
    if not (isinstance(parent, ast.Return | ast.Assign) or loop) or (
        not is_loaded(node) and not isinstance(node, ast.Call | ast.BinOp)
    ):
        return
    kinds = scope.kinds.get(text, set()) or ({"sequence"} if loop or isinstance(node, ast.ListComp) else set())
    for kind in sorted(kinds):
        for name in _WRAPS.get(kind, ()):
            yield scope.unit.swap(node, f"{name}({text})", 0.3 if name == "len" else 1.0)
    if loop:
        yield scope.unit.swap(node, f"reversed({text})", 0.7)


def convert(node: ast.expr, scope: Scope) -> Iterator[Change]:
    """A string or number made of a value that is compared, added or passed on."""
    parent = scope.unit.parents.get(node)
    if not is_loaded(node) or not isinstance(parent, ast.Compare | ast.BinOp | ast.Return | ast.Dict | ast.Call):
        return
    if isinstance(parent, ast.Call) and (
        parent.func is node or is_name(parent.func, "str", "int", "float", "len", "isinstance")
    ):
        return
    text = scope.unit.source(node)
    string = scope.holds(text, "string")
    for name, factor in (("int", 1.0 if string else 0.5), ("str", 0.3 if string else 0.8), ("float", 0.4)):
        yield scope.unit.swap(node, f"{name}({text})", factor * (0.4 if isinstance(parent, ast.Call) else 1.0))


_VALUES = (ast.Name, ast.Attribute, ast.Subscript)
OPERATORS = (
    Operator("call.rename", (ast.Call,), rename),
    Operator("call.swap_arguments", (ast.Call,), swap_arguments),
    Operator("call.drop_argument", (ast.Call,), drop_argument),
    Operator("call.keyword", (ast.Call,), keyword),
    Operator("call.builtin_default", (ast.Call,), builtin_default),
    Operator("call.unwrap", (ast.Call,), unwrap),
    Operator("call.wrap", (*_VALUES, ast.Call, ast.ListComp), wrap),
    Operator("call.convert", _VALUES, convert),
)
