"""Names: another variable, attribute or method; a forgotten `self.`."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from orchestrator.models.mutation.operators.base import Operator, is_loaded
from orchestrator.models.mutation.scope import Scope, is_name
from orchestrator.models.mutation.unit import Change

_MOST = 6


def replace(node: ast.Name, scope: Scope) -> Iterator[Change]:
    """Another name in scope that seems to hold the same kind of thing."""
    parent = scope.unit.parents.get(node)
    if not is_loaded(node) or node.id not in scope.first_stored or node.id in ("self", "cls"):
        return
    if isinstance(parent, ast.Call) and parent.func is node:
        return
    others = [n for n in scope.names_at(node) if n != node.id]
    ranked = sorted(others, key=lambda n: -_likeness(n, node.id, scope))
    for name in ranked[:_MOST]:
        yield scope.unit.swap(node, name, _likeness(name, node.id, scope))


def _likeness(name: str, other: str, scope: Scope) -> float:
    """By kind, by shared parts of the names (`start`, `start_line`), by being spoken of in the issue, by not being used yet."""
    parts = set(name.split("_")) & set(other.split("_"))
    unused = 1.0 if name in scope.loaded else 2.0
    return scope.fit(name, other) * (1.3 if parts else 1.0) * (1.2 if name in scope.hints.words else 1.0) * unused


def attribute(node: ast.Attribute, scope: Scope) -> Iterator[Change]:
    """Another attribute of self, or one that is used on the same thing elsewhere in this function."""
    parent = scope.unit.parents.get(node)
    if isinstance(parent, ast.Call) and parent.func is node:
        return
    base = scope.unit.source(node.value)
    if is_name(node.value, "self"):
        found = [a for a in scope.attributes if a != node.attr]
        ranked = sorted(found, key=lambda a: -scope.fit(f"self.{a}", f"self.{node.attr}"))
        for name in ranked[:_MOST]:
            yield scope.unit.swap(
                node, f"self.{name}", scope.fit(f"self.{name}", f"self.{node.attr}") * (1.0 if is_loaded(node) else 0.6)
            )
        for name in scope.names_at(node):
            if name == node.attr and is_loaded(node):
                yield scope.unit.swap(node, name, 1.5)
        return
    same = [
        n.attr
        for n in scope.unit.nodes
        if isinstance(n, ast.Attribute) and n.attr != node.attr and not isinstance(scope.unit.parents.get(n), ast.Call)
    ]
    for name in list(dict.fromkeys(same))[:4]:
        yield scope.unit.swap(node, f"{base}.{name}", 0.7)


def forgotten_self(node: ast.Name, scope: Scope) -> Iterator[Change]:
    """A name of an attribute or method without its `self.`."""
    function = scope.unit.function_of(node)
    if function is None or "self" not in scope.first_stored or node.id == "self":
        return
    known = node.id in scope.attributes or f"_{node.id}" in scope.attributes
    if known or node.id in scope.around.methods:
        unknown = node.id not in scope.first_stored and node.id not in scope.around.module
        name = node.id if node.id in scope.attributes or node.id in scope.around.methods else f"_{node.id}"
        if is_loaded(node) or unknown or node.id in scope.attributes:
            yield scope.unit.swap(node, f"self.{name}", 2.0 if unknown else 0.6)


def method(node: ast.Attribute, scope: Scope) -> Iterator[Change]:
    """Another method of the same object."""
    parent = scope.unit.parents.get(node)
    if is_name(node.value, "self") and isinstance(parent, ast.Call) and parent.func is node:
        for name in [m for m in scope.around.methods if m != node.attr and not m.startswith("__")][:_MOST]:
            shared = set(name.strip("_").split("_")) & set(node.attr.strip("_").split("_"))
            yield scope.unit.swap(node, f"self.{name}", 1.5 if shared else 0.5)


OPERATORS = (
    Operator("name.replace", (ast.Name,), replace),
    Operator("name.attribute", (ast.Attribute,), attribute),
    Operator("name.self", (ast.Name,), forgotten_self),
    Operator("name.method", (ast.Attribute,), method),
)
