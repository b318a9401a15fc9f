r"""Parsing, qualified names and normalised fingerprints of Python source.

Everything here is pure, works on text that keeps its own line endings, and splits lines on `\n` only
(`str.splitlines` counts form feeds and U+2028 as line ends, which shifts every line number after them).
"""

from __future__ import annotations

import ast
import hashlib
import io
import tokenize
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef
DefinitionNode = FunctionNode | ast.ClassDef


@dataclass(frozen=True, slots=True)
class Definition:
    """A function, method or class. Lines are 1-based and inclusive; `start_line` counts decorators, `header_line` does not."""

    qualified_name: str
    kind: str
    start_line: int
    header_line: int
    body_line: int
    end_line: int


def decode_source(data: bytes) -> tuple[str, str]:
    """Decode Python source as the interpreter would; returns the text (a BOM is kept as U+FEFF) and the encoding to write it back.

    Falls back to latin-1, which maps every byte, so `encode_source(*decode_source(data)) == data` always holds.
    """
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        # utf-8-sig would swallow the BOM on the way in and a file without one would gain it on the way out.
        encoding = "utf-8" if encoding == "utf-8-sig" else encoding
        text = data.decode(encoding)
        if text.encode(encoding) == data:
            return text, encoding
    except (SyntaxError, UnicodeError, LookupError):
        pass
    return data.decode("latin-1"), "latin-1"


def encode_source(text: str, encoding: str) -> bytes:
    """Encode text back. Raises UnicodeEncodeError where the text holds what the file's encoding cannot."""
    return text.encode(encoding)


def split_lines(text: str) -> list[str]:
    r"""Lines with their ends, split on `\n` only; `"".join(split_lines(t)) == t`."""
    lines = text.split("\n")
    return [line + "\n" for line in lines[:-1]] + ([lines[-1]] if lines[-1] else [])


def parse_source(text: str) -> ast.Module:
    """Parse without printing the warnings of old code. Raises SyntaxError (also for NUL bytes and for too deep nesting)."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return ast.parse(text.removeprefix("\ufeff"))
        except (ValueError, RecursionError, MemoryError) as error:
            raise SyntaxError(f"cannot be parsed: {error or type(error).__name__}") from error


def definitions(module: ast.AST) -> tuple[Definition, ...]:
    """Every definition in source order. Nested names are joined by dots; a repeated name (overload, property setter) repeats."""
    return tuple(_definition(name, node) for name, node in walk_definitions(module))


def walk_definitions(module: ast.AST, prefix: str = "") -> Iterator[tuple[str, DefinitionNode]]:
    """Yield (qualified name, node) in source order, looking into if, try and with blocks too."""
    for node in ast.iter_child_nodes(module):
        if isinstance(node, DefinitionNode):
            name = f"{prefix}{node.name}"
            yield name, node
            yield from walk_definitions(node, f"{name}.")
        elif not isinstance(node, ast.expr):
            yield from walk_definitions(node, prefix)


def _definition(name: str, node: DefinitionNode) -> Definition:
    start = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
    kind = "class" if isinstance(node, ast.ClassDef) else "function"
    return Definition(name, kind, start, node.lineno, node.body[0].lineno, node.end_lineno or node.lineno)


def enclosing_definition(found: tuple[Definition, ...], line: int) -> Definition | None:
    """The innermost definition that holds `line`, or None at module level."""
    holding = [d for d in found if d.start_line <= line <= d.end_line]
    return max(holding, key=lambda d: d.start_line, default=None)


@lru_cache(maxsize=128)
def fingerprint(text: str) -> str:
    """Hash of what the code means: no comments, docstrings, formatting or names of local variables.

    Text that does not parse is hashed by its tokens of white space, so that it still compares equal to itself reformatted.
    Remembered: a file is asked about by every candidate that touches it, and a candidate by each who compares it.
    """
    try:
        tree = _Normaliser().visit(parse_source(text))
    except SyntaxError:
        normal = " ".join(text.split())
    else:
        normal = ast.dump(tree, annotate_fields=False)
    return hashlib.sha256(normal.encode("utf-8", "surrogatepass")).hexdigest()


class _Normaliser(ast.NodeTransformer):
    """Drops docstrings and renames each function's local variables by order of first appearance."""

    def __init__(self) -> None:
        self._scopes: list[dict[str, str]] = []

    def visit(self, node: ast.AST) -> ast.AST:
        if isinstance(node, DefinitionNode | ast.Module):
            _drop_docstring(node)
        if isinstance(node, FunctionNode):
            self._scopes.append(_local_names(node, depth=len(self._scopes)))
            self.generic_visit(node)
            self._scopes.pop()
            return node
        if isinstance(node, ast.Name):
            for scope in reversed(self._scopes):
                if node.id in scope:
                    return ast.Name(scope[node.id], node.ctx)
            return node
        self.generic_visit(node)
        return node


def _drop_docstring(node: DefinitionNode | ast.Module) -> None:
    first = node.body[0] if node.body else None
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str):
        node.body = node.body[1:] or [ast.Pass()]


def _local_names(function: FunctionNode, depth: int) -> dict[str, str]:
    """Names stored in this function's own scope (not parameters, which callers see) mapped to positional names."""
    arguments = function.args
    parameters = {a.arg for a in [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]}
    parameters |= {a.arg for a in (arguments.vararg, arguments.kwarg) if a}
    outside: set[str] = set(parameters)
    stored: list[str] = []
    for node in _own_nodes(function):
        if isinstance(node, ast.Global | ast.Nonlocal):
            outside.update(node.names)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            stored.append(node.id)
    ordered = dict.fromkeys(name for name in stored if name not in outside)
    return {name: f"local{depth}_{index}" for index, name in enumerate(ordered)}


def _own_nodes(function: FunctionNode) -> Iterator[ast.AST]:
    pending: list[ast.AST] = list(reversed(function.body))
    while pending:
        node = pending.pop()
        yield node
        if not isinstance(node, DefinitionNode | ast.Lambda):
            pending.extend(reversed(list(ast.iter_child_nodes(node))))
