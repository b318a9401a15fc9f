"""Guessing what a name holds from how it is assigned, annotated and used. Guesses only order ideas; none is excluded by them."""

from __future__ import annotations

import ast
from collections.abc import Iterator

_METHODS = {
    "sequence": {"append", "extend", "insert", "sort", "reverse"},
    "mapping": {"items", "keys", "values", "get", "setdefault"},
    "string": {
        "strip",
        "lstrip",
        "rstrip",
        "split",
        "lower",
        "upper",
        "startswith",
        "endswith",
        "replace",
        "join",
        "format",
        "title",
    }
    | {"isdigit", "partition", "rpartition", "encode", "splitlines", "capitalize", "casefold"},
    "set": {"add", "discard", "union", "difference", "intersection"},
}
_CALLS = {
    "number": {
        "len",
        "int",
        "float",
        "sum",
        "abs",
        "round",
        "ord",
        "time",
        "floor",
        "ceil",
        "sqrt",
        "count",
        "find",
        "index",
    },
    "string": {"str", "repr", "join", "strip", "lower", "upper", "replace", "format", "input", "read", "chr", "hex"},
    "sequence": {"list", "sorted", "split", "tuple", "range", "reversed", "splitlines", "findall"},
    "mapping": {"dict", "defaultdict", "OrderedDict", "Counter"},
    "set": {"set", "frozenset"},
    "boolean": {"bool", "any", "all", "isinstance", "startswith", "endswith"},
}
_ANNOTATIONS = {
    "int": "number", "float": "number", "complex": "number", "Decimal": "number", "Fraction": "number",
    "str": "string", "bytes": "string", "bool": "boolean", "list": "sequence", "tuple": "sequence", "List": "sequence",
    "Tuple": "sequence", "Sequence": "sequence", "Iterable": "sequence", "dict": "mapping", "Dict": "mapping",
    "Mapping": "mapping", "set": "set", "Set": "set", "frozenset": "set",
}  # fmt: skip


def key(node: ast.AST | None) -> str | None:
    """The key of a name or of an attribute of self."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "self":
        return f"self.{node.attr}"
    return None


def kinds_of_value(value: ast.expr) -> set[str]:
    """The kind of an expression's value, as far as its form shows it."""
    if isinstance(value, ast.Constant):
        return _kind_of_constant(value.value)
    if isinstance(value, ast.List | ast.ListComp | ast.Tuple):
        return {"sequence"}
    if isinstance(value, ast.Dict | ast.DictComp):
        return {"mapping"}
    if isinstance(value, ast.Set | ast.SetComp):
        return {"set"}
    if isinstance(value, ast.JoinedStr):
        return {"string"}
    if isinstance(value, ast.Compare) or (isinstance(value, ast.UnaryOp) and isinstance(value.op, ast.Not)):
        return {"boolean"}
    if isinstance(value, ast.BinOp):
        return (kinds_of_value(value.left) | kinds_of_value(value.right)) or {"number"}
    if isinstance(value, ast.Call):
        name = value.func.id if isinstance(value.func, ast.Name) else getattr(value.func, "attr", "")
        return {kind for kind, names in _CALLS.items() if name in names}
    return set()


def _kind_of_constant(value: object) -> set[str]:
    if isinstance(value, bool):
        return {"boolean"}
    if isinstance(value, int | float):
        return {"number"}
    return {"string"} if isinstance(value, str | bytes) else set()


def kinds_of_annotation(annotation: ast.expr | None) -> set[str]:
    """The kinds that an annotation names, `| None` aside."""
    if annotation is None:
        return set()
    if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
        return {kind for name, kind in _ANNOTATIONS.items() if annotation.value.startswith(name)}
    if isinstance(annotation, ast.Subscript):
        name = getattr(annotation.value, "id", getattr(annotation.value, "attr", ""))
        return (
            kinds_of_annotation(annotation.slice)
            if name == "Optional"
            else {_ANNOTATIONS[name]}
            if name in _ANNOTATIONS
            else set()
        )
    if isinstance(annotation, ast.BinOp):
        return kinds_of_annotation(annotation.left) | kinds_of_annotation(annotation.right)
    name = getattr(annotation, "id", getattr(annotation, "attr", ""))
    return {_ANNOTATIONS[name]} if name in _ANNOTATIONS else set()


def used_as(node: ast.AST) -> Iterator[tuple[str, str]]:
    """The names that one node's form says something about, with the kind."""
    pairs: list[tuple[ast.AST, str]] = []
    if isinstance(node, ast.Attribute):
        pairs += [(node.value, kind) for kind, names in _METHODS.items() if node.attr in names]
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        if node.func.id in ("len", "enumerate", "sorted", "sum", "reversed") and node.args:
            pairs.append((node.args[0], "sequence"))
        elif node.func.id in ("range", "abs", "round"):
            pairs += [(argument, "number") for argument in node.args]
    elif isinstance(node, ast.For):
        pairs += _loop_kinds(node)
    elif isinstance(node, ast.BinOp):
        pairs += _operand_kinds(node.left, node.right)
    elif isinstance(node, ast.Compare) and not isinstance(node.ops[0], ast.In | ast.NotIn):
        pairs += _operand_kinds(node.left, node.comparators[0])
    elif isinstance(node, ast.AugAssign):
        pairs += _operand_kinds(node.target, node.value)
    yield from ((name, kind) for part, kind in pairs if (name := key(part)) is not None)


def _loop_kinds(node: ast.For) -> Iterator[tuple[ast.AST, str]]:
    call = node.iter.func if isinstance(node.iter, ast.Call) else None
    name = getattr(call, "id", "")
    if name == "range":
        yield node.target, "number"
    elif name == "enumerate" and isinstance(node.target, ast.Tuple):
        yield node.target.elts[0], "number"
    else:
        yield node.iter, "sequence"


def _operand_kinds(left: ast.AST, right: ast.AST) -> Iterator[tuple[ast.AST, str]]:
    for one, other in ((left, right), (right, left)):
        if isinstance(one, ast.expr) and isinstance(other, ast.expr):
            yield from ((one, kind) for kind in kinds_of_value(other) & {"number", "string"})
