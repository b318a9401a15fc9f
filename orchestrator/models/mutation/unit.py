"""A definition that may be rewritten: its text, its syntax tree, and edits of the text by the tree's positions.

Replies keep the author's comments and layout because nothing is ever unparsed: an edit replaces a run of characters.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from orchestrator.syntax import DefinitionNode, FunctionNode, parse_source, walk_definitions

Body = list[ast.stmt]
_BODIES = ("body", "orelse", "finalbody")


@dataclass(frozen=True, slots=True)
class Splice:
    """Replace the characters `start` to `end` of a unit's text."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Change:
    """One idea at one place: its splices, the unit's line (1-based) that it is about, and how likely it is among its like."""

    splices: tuple[Splice, ...]
    line: int
    factor: float = 1.0

    def times(self, factor: float) -> Change:
        """The same change, less or more likely."""
        return Change(self.splices, self.line, self.factor * factor)


@dataclass
class Unit:
    """A function with its inner functions, or a class without its methods. `text` is as in the file, indented as there.

    `first_line` is the file's line of the text's first one; `shift` is what the tree's line numbers are ahead of the text's.
    """

    path: str
    name: str
    text: str
    first_line: int
    node: DefinitionNode
    shift: int
    starts: list[int] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    parents: dict[ast.AST, ast.AST] = field(default_factory=dict)
    nodes: list[ast.AST] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.lines = self.text.split("\n")
        position = 0
        for line in self.lines:
            self.starts.append(position)
            position += len(line) + 1
        pending: list[ast.AST] = [self.node]
        while pending:
            node = pending.pop()
            self.nodes.append(node)
            children = list(_worth_changing(node, self.node))
            self.parents.update(dict.fromkeys(children, node))
            pending.extend(reversed(children))

    @property
    def is_class(self) -> bool:
        """Whether this is a class, of which only the statements outside its methods are changed."""
        return isinstance(self.node, ast.ClassDef)

    def line_of(self, node: ast.AST) -> int:
        """The 1-based line of the text on which a statement or expression begins."""
        return int(getattr(node, "lineno", 1)) - self.shift

    def offset(self, lineno: int, column: int) -> int:
        """The character of a position of the tree; its columns count UTF-8 bytes."""
        index = lineno - self.shift - 1
        line = self.lines[index]
        if not line.isascii():
            column = len(line.encode("utf-8", "surrogatepass")[:column].decode("utf-8", "ignore"))
        return self.starts[index] + column

    def span(self, node: ast.expr | ast.stmt | ast.arg | ast.keyword | ast.excepthandler) -> tuple[int, int]:
        """Where a node begins and ends in the text."""
        end_line, end_column = node.end_lineno or node.lineno, node.end_col_offset or 0
        return self.offset(node.lineno, node.col_offset), self.offset(end_line, end_column)

    def source(self, node: ast.expr | ast.stmt | ast.arg | ast.keyword) -> str:
        """A node as it is written."""
        start, end = self.span(node)
        return self.text[start:end]

    def operand(self, node: ast.expr) -> str:
        """A node as it is written, in parentheses where it could fall apart beside another operator."""
        text = self.source(node)
        loose = ast.BoolOp | ast.BinOp | ast.UnaryOp | ast.Compare | ast.IfExp | ast.Lambda | ast.NamedExpr | ast.Await
        return f"({text})" if isinstance(node, loose) else text

    def swap(self, node: ast.expr | ast.stmt | ast.keyword, text: str, factor: float = 1.0) -> Change:
        """Write `text` in a node's place."""
        start, end = self.span(node)
        return Change((Splice(start, end, text),), self.line_of(node), factor)

    def between(self, left: ast.expr, right: ast.expr, old: str, new: str, factor: float = 1.0) -> Iterator[Change]:
        """Replace the operator `old` written between two neighbours."""
        start, end = self.span(left)[1], self.span(right)[0]
        at = self.text.find(old, start, end)
        if at >= 0 and "#" not in self.text[start:at]:
            yield Change((Splice(at, at + len(old), new),), self.line_of(left), factor)

    def indent_of(self, node: ast.stmt) -> str:
        """The white space before a statement, with which it was written."""
        line = self.lines[self.line_of(node) - 1]
        return line[: len(line) - len(line.lstrip())]

    @property
    def step(self) -> str:
        """One level of indentation in this text."""
        outer = self.lines[self.node.lineno - self.shift - 1]
        depth = len(outer) - len(outer.lstrip())
        inner = self.indent_of(self.node.body[0])
        return inner[depth:] or "    "

    def own_lines(self, node: ast.stmt) -> tuple[int, int] | None:
        """The characters of the whole lines of a statement, or None where it shares a line with another or is an `elif`."""
        start, end = self.span(node)
        first = self.starts[self.line_of(node) - 1]
        last = self.text.find("\n", end)
        last = len(self.text) if last < 0 else last + 1
        rest = self.text[end:last].strip()
        if self.text[first:start].strip() or (rest and not rest.startswith("#")) or self.text.startswith("elif", start):
            return None
        return first, last

    def add_before(self, node: ast.stmt, lines: Sequence[str], factor: float = 1.0) -> Iterator[Change]:
        """Write lines (without their indentation) before a statement."""
        where = self.own_lines(node)
        if where:
            text = "".join(f"{self.indent_of(node)}{line}\n" for line in lines)
            yield Change((Splice(where[0], where[0], text),), self.line_of(node), factor)

    def add_after(self, node: ast.stmt, lines: Sequence[str], factor: float = 1.0) -> Iterator[Change]:
        """Write lines (without their indentation) behind a statement, at its own level."""
        where = self.own_lines(node)
        if where:
            ended = "" if self.text[where[1] - 1 : where[1]] == "\n" else "\n"
            text = ended + "".join(f"{self.indent_of(node)}{line}\n" for line in lines)
            yield Change((Splice(where[1], where[1], text),), self.line_of(node), factor)

    def moved(self, node: ast.stmt, indent: str) -> str | None:
        """A statement's lines at another indentation; None where a string of several lines would be changed by that."""
        where = self.own_lines(node)
        if where is None:
            return None
        text = self.text[where[0] : where[1]]
        if '"""' in text or "'''" in text:
            return None
        old = self.indent_of(node)
        lines = text.removesuffix("\n").split("\n")
        if any(line.strip() and not line.startswith(old) for line in lines):
            return None
        return "".join((indent + line[len(old) :] if line.strip() else line) + "\n" for line in lines)

    def statement_of(self, node: ast.AST) -> ast.stmt | None:
        """The innermost statement that holds a node."""
        current: ast.AST | None = node
        while current is not None and not isinstance(current, ast.stmt):
            current = self.parents.get(current)
        return current

    def function_of(self, node: ast.AST) -> FunctionNode | None:
        """The innermost function around a node (for a function: itself)."""
        current: ast.AST | None = node
        while current is not None and not isinstance(current, FunctionNode):
            current = self.parents.get(current)
        return current

    def block_of(self, node: ast.stmt) -> Body:
        """The list of statements that a statement stands in."""
        return next((block for block in blocks(self.parents.get(node)) if node in block), [])

    def ancestors(self, node: ast.AST) -> Iterator[ast.AST]:
        """What a node stands in, innermost first."""
        current = self.parents.get(node)
        while current is not None:
            yield current
            current = self.parents.get(current)

    def loop_of(self, node: ast.AST) -> ast.For | ast.While | ast.AsyncFor | None:
        """The innermost loop around a node within its own function."""
        for outer in self.ancestors(node):
            if isinstance(outer, ast.For | ast.While | ast.AsyncFor):
                return outer
            if isinstance(outer, DefinitionNode | ast.Lambda):
                return None
        return None

    def apply(self, splices: Sequence[Splice]) -> str:
        """The text after some splices that do not overlap."""
        text = self.text
        for splice in sorted(splices, key=lambda s: (s.start, s.end), reverse=True):
            text = text[: splice.start] + splice.text + text[splice.end :]
        return text


def blocks(node: ast.AST | None) -> Iterator[Body]:
    """The lists of statements in a compound statement or a handler."""
    for name in _BODIES:
        block = getattr(node, name, None)
        if isinstance(block, list):
            yield block


def _worth_changing(node: ast.AST, root: ast.AST) -> Iterator[ast.AST]:
    """Children but for annotations, decorators, docstrings, a class's methods, and f-strings (3.11 gives them no positions)."""
    if isinstance(node, ast.JoinedStr):
        return
    skipped: set[int] = set()
    for name in ("annotation", "returns", "decorator_list", "type_params"):
        value = getattr(node, name, None)
        skipped.update(map(id, value if isinstance(value, list) else [value]))
    for child in ast.iter_child_nodes(node):
        docstring = isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant)
        method = isinstance(root, ast.ClassDef) and isinstance(child, DefinitionNode)
        if id(child) not in skipped and not docstring and not method:
            yield child


def read_units(path: str, text: str, first_line: int, qualified_name: str | None) -> tuple[Unit, ...]:
    """The units of an excerpt: one for a function, several for a class or a file; none where it cannot be parsed."""
    indented = text[:1] in (" ", "\t")
    try:
        tree = parse_source("if 1:\n" + text if indented else text)
    except SyntaxError:
        return ()
    if "\r" in text.replace("\r\n", "") or "\f" in text:
        return ()
    prefix = (qualified_name or "").rpartition(".")[0] if qualified_name else ""
    found: list[Unit] = []
    inside: list[FunctionNode] = []
    for name, node in walk_definitions(tree, f"{prefix}." if prefix else ""):
        if inside and node.lineno <= (inside[-1].end_lineno or 0):
            continue
        if isinstance(node, FunctionNode):
            inside.append(node)
        found.append(_unit(path, name, text, first_line, node, shift=int(indented)))
    return tuple(unit for unit in found if len(unit.nodes) > 1)


def _unit(path: str, name: str, text: str, first_line: int, node: DefinitionNode, *, shift: int) -> Unit:
    start = min([node.lineno, *(d.lineno for d in node.decorator_list)]) - shift
    end = (node.end_lineno or node.lineno) - shift
    own = "\n".join(text.split("\n")[start - 1 : end]) + "\n"
    return Unit(path, name, own, first_line + start - 1, node, shift + start - 1)
