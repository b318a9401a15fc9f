"""Strings: literals, splitting, normalising case and white space, regular expressions."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from orchestrator.models.mutation.operators.base import Operator, arguments_of, is_loaded
from orchestrator.models.mutation.scope import Scope
from orchestrator.models.mutation.unit import Change

_SPLITS = {"split": "rsplit", "rsplit": "split", "partition": "rpartition", "rpartition": "partition", "find": "rfind"} | {
    "rfind": "find", "index": "rindex", "rindex": "index",
}  # fmt: skip
_MATCHES = {"match": ("fullmatch", "search"), "search": ("match", "fullmatch"), "fullmatch": ("match", "search")}
_NEIGHBOURS = {
    ",": (", ", ";"),
    ", ": (",", " "),
    " ": ("", "  ", "\t"),
    "": (" ", "\n"),
    "\n": ("\r\n", ""),
    "/": ("//",),
    ".": (",",),
}


def _plain(node: ast.Constant, scope: Scope) -> bool:
    """A literal on one line in one piece, so that its text can be rewritten."""
    source = scope.unit.source(node)
    return (
        source[:1] in "\"'rR"
        and "\n" not in source
        and source[:3] not in ('"""', "'''")
        and source.count(source[-1]) == 2
    )


def literal(node: ast.Constant, scope: Scope) -> Iterator[Change]:
    """Another literal: a neighbour of a separator, another literal of this function, a near one of the issue."""
    if not isinstance(node.value, str) or not _plain(node, scope) or len(node.value) > 40:
        return
    others: dict[str, float] = dict.fromkeys(_NEIGHBOURS.get(node.value, ()), 1.0)
    for text in scope.hints.strings:
        others.setdefault(text, 1.4 if _alike(text, node.value) else 0.15)
    for other in scope.unit.nodes:
        if isinstance(other, ast.Constant) and isinstance(other.value, str) and len(other.value) <= 40:
            others.setdefault(other.value, 0.4 if abs(len(other.value) - len(node.value)) < 3 else 0.15)
    others.pop(node.value, None)
    for text, factor in list(others.items())[:8]:
        yield scope.unit.swap(node, _quoted(text), factor)


def _alike(one: str, other: str) -> bool:
    return one.strip().casefold() == other.strip().casefold() or (
        len(one) > 2 and (one in other or (len(other) > 2 and other in one))
    )


def _quoted(text: str) -> str:
    return (
        '"'
        + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t").replace("\r", "\\r")
        + '"'
    )


def trim_literal(node: ast.Constant, scope: Scope) -> Iterator[Change]:
    """The same literal without its outer blanks, with one, in the other case."""
    if (
        not isinstance(node.value, str)
        or not _plain(node, scope)
        or "\\" in scope.unit.source(node)
        or not node.value.strip()
    ):
        return
    value = node.value
    variants = {value.strip(): 1.0, f"{value} ": 0.3, value.lower(): 0.8, value.upper(): 0.5, f" {value}": 0.2}
    for text, factor in variants.items():
        if text != value:
            yield scope.unit.swap(node, _quoted(text), factor)


def normalise(node: ast.expr, scope: Scope) -> Iterator[Change]:
    """`.strip()`, `.lower()` on a string that is compared, looked up, kept or split; and the same taken away."""
    if isinstance(node, ast.Call):
        method = node.func
        if (
            isinstance(method, ast.Attribute)
            and method.attr in _NORMALISING
            and not node.keywords
            and len(node.args) < 2
        ):
            yield scope.unit.swap(node, scope.unit.source(method.value), 0.6)
        if isinstance(method, ast.Attribute) and method.attr in ("readline", "group", "pop", "read", "get"):
            yield scope.unit.swap(node, f"{scope.unit.source(node)}.strip()", 0.4)
        return
    text = scope.unit.source(node)
    parent = scope.unit.parents.get(node)
    if not is_loaded(node) or (isinstance(parent, ast.Attribute) and parent.attr in _NORMALISING):
        return
    if isinstance(node, ast.Attribute) and isinstance(parent, ast.Call) and parent.func is node:
        return
    known = scope.holds(text, "string")
    compared = isinstance(parent, ast.Compare)
    if (
        known
        or compared
        or (isinstance(parent, ast.Subscript) and isinstance(node, ast.Name) and not scope.kinds.get(text))
    ):
        weight = (1.0 if known else 0.5) * (1.4 if compared else 1.0)
        yield scope.unit.swap(node, f"{text}.strip()", weight)
        yield scope.unit.swap(node, f"{text}.lower()", weight)
    if compared and isinstance(parent, ast.Compare) and node is parent.left and len(parent.ops) == 1:
        right = scope.unit.operand(parent.comparators[0])
        operator = scope.unit.text[scope.unit.span(parent.left)[1] : scope.unit.span(parent.comparators[0])[0]]
        if operator.strip() in ("==", "!=") and not isinstance(parent.comparators[0], ast.Constant):
            yield scope.unit.swap(parent, f"{text}.lower() {operator.strip()} {right}.lower()", 0.8 if known else 0.4)


_NORMALISING = frozenset(
    {"strip", "lower", "upper", "casefold", "lstrip", "rstrip", "title", "capitalize", "expandtabs"}
)


def split(node: ast.Call, scope: Scope) -> Iterator[Change]:
    """From the left or the right, once or at every place, at one blank or at any white space."""
    if not isinstance(node.func, ast.Attribute):
        return
    name, base = node.func.attr, scope.unit.source(node.func.value)
    arguments = ", ".join(scope.unit.source(a) for a in arguments_of(node))
    if name in _SPLITS:
        yield scope.unit.swap(node, f"{base}.{_SPLITS[name]}({arguments})")
    if name in ("split", "rsplit") and len(node.args) == 1 and not node.keywords:
        yield scope.unit.swap(node, f"{base}.{name}({arguments}, 1)", 1.2)
        if arguments in ('" "', "' '"):
            yield scope.unit.swap(node, f"{base}.split()", 1.4)
    elif name in ("split", "rsplit") and len(node.args) == 2:
        yield scope.unit.swap(node, f"{base}.{name}({scope.unit.source(node.args[0])})", 0.6)
    elif name in ("split", "rsplit") and not node.args:
        yield scope.unit.swap(node, f'{base}.split(" ")', 0.6)
        yield scope.unit.swap(node, f"{base}.splitlines()", 0.3)
    elif name == "splitlines":
        yield scope.unit.swap(node, f'{base}.split("\\n")', 0.7)
    elif name == "replace" and len(node.args) == 2:
        yield scope.unit.swap(node, f"{base}.replace({arguments}, 1)", 0.5)
    elif name == "replace" and len(node.args) == 3:
        yield scope.unit.swap(node, f"{base}.replace({', '.join(scope.unit.source(a) for a in node.args[:2])})")


def pattern(node: ast.Call, scope: Scope) -> Iterator[Change]:
    """Regular expressions: the whole string or a part, greedy or not, letters of either case, text taken literally."""
    if not isinstance(node.func, ast.Attribute):
        return
    base, name = scope.unit.source(node.func.value), node.func.attr
    arguments = [scope.unit.source(a) for a in arguments_of(node)]
    regular = base == "re" or name == "fullmatch" or (name in _MATCHES and len(node.args) == 1)
    if not regular:
        return
    for other in _MATCHES.get(name, ()):
        yield scope.unit.swap(node, f"{base}.{other}({', '.join(arguments)})", 0.8)
    if base == "re" and node.args:
        if not any("re." in a for a in arguments) and name in (
            "match",
            "search",
            "fullmatch",
            "findall",
            "compile",
            "finditer",
        ):
            yield scope.unit.swap(node, f"{base}.{name}({', '.join([*arguments, 're.IGNORECASE'])})", 0.5)
        yield from _pattern_text(node.args[0], scope)


def _pattern_text(node: ast.expr, scope: Scope) -> Iterator[Change]:
    if isinstance(node, ast.Name | ast.Attribute):
        yield scope.unit.swap(node, f"re.escape({scope.unit.source(node)})", 0.8)
    if not isinstance(node, ast.Constant) or not isinstance(node.value, str):
        return
    source = scope.unit.source(node)
    for old, new, factor in _PATTERN_EDITS:
        if old in source and not (old in "*+" and f"{old}?" in source):
            yield scope.unit.swap(node, source.replace(old, new), factor)
            if source.count(old) > 1:
                yield scope.unit.swap(node, source.replace(old, new, 1), factor * 0.7)


_PATTERN_EDITS = (
    (r".*?", r".*", 0.5),
    (r".*", r".*?", 1.0),
    (r".+", r".+?", 0.8),
    (r"\d+", r"\d*", 0.4),
    (r"\d+", r"-?\d+", 0.9),
    (r"\w+", r"\w*", 0.4),
    (r"\d+", r"\d+(?:\.\d+)?", 0.5),
    (r"\s", r"\s*", 0.4),
    (r"\s+", r"\s*", 0.7),
    (r"*", r"+", 0.5),
    (r"+", r"*", 0.5),
    (r"[a-z", r"[a-zA-Z", 0.6),
    (r"[A-Za-z", r"[A-Za-z0-9_", 0.4),
    (r"\w", r"[\w-]", 0.4),
    (r"^", r"", 0.3),
    (r"$", r"", 0.3),
    (r" ", r"\s+", 0.4),
)

OPERATORS = (
    Operator("string.literal", (ast.Constant,), literal),
    Operator("string.trim_literal", (ast.Constant,), trim_literal),
    Operator("string.normalise", (ast.Name, ast.Attribute, ast.Subscript, ast.Call), normalise),
    Operator("string.split", (ast.Call,), split),
    Operator("string.pattern", (ast.Call,), pattern),
)
