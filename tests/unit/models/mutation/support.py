"""Contexts and requests made from a few lines of source."""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Iterator
from typing import Any

from orchestrator.models.mutation.hints import Hints
from orchestrator.models.mutation.operators import OPERATORS
from orchestrator.models.mutation.reading import read_scopes
from orchestrator.records import (
    Context,
    Excerpt,
    ExecutedFunction,
    Location,
    ModelRequest,
    RankedLocation,
    Reproduction,
    Sampling,
)
from orchestrator.syntax import FunctionNode, parse_source, walk_definitions

PATH = "pkg/mod.py"


def a_context(source: str, path: str = PATH, *, scores: dict[str, float] | None = None) -> Context:
    """Every outermost function of a file as a target, in the order of their scores, else of the file."""
    source = textwrap.dedent(source).lstrip("\n")
    lines = source.split("\n")
    excerpts: list[Excerpt] = []
    targets: list[RankedLocation] = []
    for name, node in walk_definitions(parse_source(source)):
        if isinstance(node, FunctionNode) and not any(e.location.end_line >= node.lineno for e in excerpts):
            start = min([node.lineno, *(d.lineno for d in node.decorator_list)])
            where = Location(path, name, start, node.end_lineno or node.lineno)
            excerpts.append(Excerpt(where, "\n".join(lines[start - 1 : where.end_line]) + "\n", "target"))
            targets.append(RankedLocation(where, (scores or {}).get(name, 1.0 / (1 + len(targets)))))
    targets.sort(key=lambda t: -t.score)
    return Context("functions", tuple(targets), tuple(excerpts), 100, 1000)


def a_request(context: Context, ordinal: int = 0, **changes: Any) -> ModelRequest:
    """The request for one sample."""
    fields: dict[str, Any] = {"attempt": 1, "sample": ordinal % 16, "messages": (), "sampling": Sampling()}
    return ModelRequest(
        model="mutation",
        purpose="edit",
        instance_id="a__b-1",
        context=context,
        ordinal=ordinal,
        **{**fields, **changes},
    )


def a_reproduction(*functions: tuple[str, tuple[int, ...]], failure: str = "", path: str = PATH) -> Reproduction:
    """An accepted reproduction that ran some lines of some functions."""
    executed = tuple(ExecutedFunction(Location(path, name, min(lines), max(lines)), lines) for name, lines in functions)
    return Reproduction("doctest", True, "", failure=failure, executed=executed)


def variants(source: str, prefix: str = "", statement: str = "", context: Context | None = None) -> list[str]:
    """What the operators whose names begin with `prefix` make of the definitions of some source; only what still parses."""
    found: list[str] = []
    for scope in read_scopes(context or a_context(source), Hints(statement, statement)):
        for node in scope.unit.nodes:
            for operator in OPERATORS:
                if operator.name.startswith(prefix) and isinstance(node, operator.nodes):
                    found += [
                        text for c in operator.propose(node, scope) if parses(text := scope.unit.apply(c.splices))
                    ]
    return found


def parses(text: str) -> bool:
    """Whether a definition, perhaps an indented one, is Python."""
    try:
        ast.parse(textwrap.dedent(text))
    except SyntaxError:
        return False
    return True


def lines_of(found: list[str]) -> Iterator[str]:
    """Every line of some texts, without indentation."""
    for text in found:
        yield from (line.strip() for line in text.split("\n"))
