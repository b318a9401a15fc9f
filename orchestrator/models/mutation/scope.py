"""What is known around a unit: names in scope, what kind of thing they seem to hold, attributes, and values to return."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from orchestrator.models.mutation.hints import Hints
from orchestrator.models.mutation.kinds import kinds_of_annotation, kinds_of_value, used_as
from orchestrator.models.mutation.unit import Unit
from orchestrator.syntax import FunctionNode


@dataclass(frozen=True)
class Surroundings:
    """Names from outside the unit: of its module, of its class's attributes and methods."""

    module: frozenset[str] = frozenset()
    attributes: tuple[str, ...] = ()
    methods: tuple[str, ...] = ()


@dataclass
class Scope:
    """A unit with its names. `kinds` maps a name, or `self.x`, to what it seems to hold: number, string, sequence, ..."""

    unit: Unit
    around: Surroundings = field(default_factory=Surroundings)
    hints: Hints = field(default_factory=Hints)
    kinds: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    first_stored: dict[str, int] = field(default_factory=dict)
    attributes: list[str] = field(default_factory=list)
    optional: set[str] = field(default_factory=set)
    loaded: set[str] = field(default_factory=set)
    _returns: dict[FunctionNode | None, list[ast.Return]] = field(default_factory=lambda: defaultdict(list))

    def __post_init__(self) -> None:
        for node in self.unit.nodes:
            self._note(node)
        self.attributes = list(dict.fromkeys([*self.attributes, *self.around.attributes]))

    def _note(self, node: ast.AST) -> None:
        if isinstance(node, FunctionNode):
            self._note_parameters(node)
        elif isinstance(node, ast.Name):
            if isinstance(node.ctx, ast.Store):
                self.first_stored.setdefault(node.id, node.lineno)
            else:
                self.loaded.add(node.id)
        elif isinstance(node, ast.Attribute) and is_name(node.value, "self") and node.attr not in self.around.methods:
            parent = self.unit.parents.get(node)
            if not (isinstance(parent, ast.Call) and parent.func is node):
                self.attributes.append(node.attr)
        elif isinstance(node, ast.Return) and node.value is not None:
            self._returns[self.unit.function_of(node)].append(node)
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
            for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                if (key := key_of(target)) is not None:
                    self.kinds[key] |= kinds_of_value(node.value)
        for key, kind in used_as(node):
            self.kinds[key].add(kind)

    def _note_parameters(self, node: FunctionNode) -> None:
        for argument, default in defaults_of(node):
            self.first_stored.setdefault(argument.arg, node.lineno - 1)
            self.kinds[argument.arg] |= kinds_of_annotation(argument.annotation)
            if default is not None:
                self.kinds[argument.arg] |= kinds_of_value(default)
                if isinstance(default, ast.Constant) and default.value is None:
                    self.optional.add(argument.arg)
        for rest, kind in ((node.args.vararg, "sequence"), (node.args.kwarg, "mapping")):
            if rest:
                self.first_stored.setdefault(rest.arg, node.lineno - 1)
                self.kinds[rest.arg].add(kind)

    def names_at(self, node: ast.AST) -> list[str]:
        """Parameters and locals stored before a node, in the order of their first storing."""
        line = getattr(node, "lineno", 0)
        names = [name for name, stored in self.first_stored.items() if stored < line]
        return [name for name in names if name not in ("self", "cls", "_")]

    def parameters(self, node: ast.AST) -> list[str]:
        """Parameters of the function around a node, without self and cls."""
        function = self.unit.function_of(node)
        return [a.arg for a, _ in defaults_of(function) if a.arg not in ("self", "cls")] if function else []

    def fit(self, one: str, other: str) -> float:
        """How well one name could stand for another, by what both seem to hold."""
        left, right = self.kinds.get(one, set()), self.kinds.get(other, set())
        if not left or not right:
            return 0.6
        return 1.0 if left & right else 0.2

    def holds(self, name: str, *kinds: str) -> bool:
        """Whether a name seems to hold one of some kinds."""
        return bool(self.kinds.get(name, set()) & set(kinds))

    def returns(self, node: ast.AST) -> list[ast.Return]:
        """The return statements with a value of the function around a node."""
        return self._returns.get(self.unit.function_of(node), [])

    def empty_values(self, node: ast.AST) -> list[str]:
        """What the function around a node might return for nothing: like its other empty returns or its result's start."""
        found: list[str] = []
        for statement in self.returns(node):
            value = statement.value
            if is_empty(value) and value is not None:
                found.append(self.unit.source(value))
            elif (key := key_of(value)) is not None:
                found.extend(EMPTY[kind] for kind in ORDER if kind in self.kinds.get(key, set()))
            elif value is not None:
                found.extend(EMPTY[kind] for kind in ORDER if kind in kinds_of_value(value))
        return list(dict.fromkeys([*found, "None"]))[:3] if self.returns(node) else [""]


EMPTY = {"sequence": "[]", "mapping": "{}", "string": '""', "number": "0", "boolean": "False", "set": "set()"}
ORDER = tuple(EMPTY)


def is_name(node: ast.AST | None, *names: str) -> bool:
    """Whether a node is one of some plain names (any, where none is given)."""
    return isinstance(node, ast.Name) and (not names or node.id in names)


def is_none(node: ast.AST | None) -> bool:
    """Whether a node is the constant None."""
    return isinstance(node, ast.Constant) and node.value is None


def is_empty(node: ast.AST | None) -> bool:
    """Whether an expression is None, False, 0 or an empty literal."""
    if isinstance(node, ast.Constant):
        return not node.value
    return (isinstance(node, ast.List | ast.Tuple) and not node.elts) or (isinstance(node, ast.Dict) and not node.keys)


def key_of(node: ast.AST | None) -> str | None:
    """The key of a name or of an attribute of self: `x` or `self.x`."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute) and is_name(node.value, "self"):
        return f"self.{node.attr}"
    return None


def defaults_of(node: FunctionNode) -> Iterator[tuple[ast.arg, ast.expr | None]]:
    """A function's plain parameters with their defaults."""
    plain = [*node.args.posonlyargs, *node.args.args]
    missing: Iterable[ast.expr | None] = [None] * (len(plain) - len(node.args.defaults))
    yield from zip(plain, [*missing, *node.args.defaults], strict=True)
    yield from zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True)
