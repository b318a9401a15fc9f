"""The source of a rewritten definition as a model gives it: imports, helpers, the definition itself, perhaps inside its class."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from orchestrator.edits.clean import trimmed, without_marks, without_numbers
from orchestrator.edits.indent import common_indent, indent_of, shift
from orchestrator.syntax import DefinitionNode, FunctionNode, parse_source

_IMPORT = re.compile(r"^(?:import|from)\s+\S")
_CODE = re.compile(r"^\s*(?:@|def |class |async def |import |from \S+ import|[A-Za-z_][\w.]*\s*[=:(]|#|\"\"\"|''')")

_PROSE = re.compile(r"^(?:[-*] |\d+\. |\*\*|#{2,} )?[A-Z][\w'`]*,? [\w`'(].*\s\S")


@dataclass(frozen=True, slots=True)
class Written:
    """One definition of a block: its node (lines relative to the block), name within the block, and depth (0 is top level)."""

    node: DefinitionNode
    name: str
    start: int
    end: int


@dataclass(frozen=True)
class Source:
    """A block that parses. `lines` are as parsed (0-based), possibly indented as a whole; `repairs` made it parse."""

    lines: tuple[str, ...]
    body: tuple[ast.stmt, ...]
    repairs: tuple[str, ...] = ()

    def written(self) -> tuple[Written, ...]:
        """Every definition at the top level of the block and inside its classes, in order."""
        return tuple(_walk(self.body, "", self.lines))

    def top(self) -> tuple[Written, ...]:
        """The definitions at the top level."""
        return tuple(w for w in self.written() if "." not in w.name)

    def imports(self) -> tuple[ast.Import | ast.ImportFrom, ...]:
        """The imports at the top level."""
        return tuple(n for n in self.body if isinstance(n, ast.Import | ast.ImportFrom))

    def text(self, start: int, end: int) -> str:
        """Lines `start` to `end` with their ends."""
        return "".join(line + "\n" for line in self.lines[start:end])


def _walk(body: Sequence[ast.stmt], prefix: str, lines: Sequence[str]) -> Iterator[Written]:
    for node in body:
        if isinstance(node, DefinitionNode):
            start = min([node.lineno, *(d.lineno for d in node.decorator_list)]) - 1
            yield Written(
                node, prefix + node.name, start, with_trailing_comments(lines, start, node.end_lineno or node.lineno)
            )
            if isinstance(node, ast.ClassDef):
                yield from _walk(node.body, f"{prefix}{node.name}.", lines)
        elif isinstance(node, ast.If | ast.Try):
            yield from _walk([n for n in ast.iter_child_nodes(node) if isinstance(n, ast.stmt)], prefix, lines)


def with_trailing_comments(lines: Sequence[str], start: int, end: int) -> int:
    """The end of a definition, with the comments that follow its last statement at its body's indentation."""
    outer = len(indent_of(lines[start]).expandtabs())
    last = end
    for index in range(end, len(lines)):
        line = lines[index]
        if line.strip() and not (line.lstrip().startswith("#") and len(indent_of(line).expandtabs()) > outer):
            break
        last = index + 1 if line.strip() else last
    return last


def read_source(lines: Sequence[str]) -> Source | SyntaxError:
    """Parse a block, repairing what can be repaired without a guess; the error is that of the block as written."""
    return _read(tuple(lines))


@lru_cache(maxsize=256)
def _read(lines: tuple[str, ...]) -> Source | SyntaxError:
    first_error: SyntaxError | None = None
    seen: set[tuple[str, ...]] = set()
    for repairs, candidate in _readings(lines):
        if candidate in seen:
            continue
        seen.add(candidate)
        try:
            return Source(candidate, _body(candidate), repairs)
        except SyntaxError as error:
            first_error = first_error or error
    return first_error or SyntaxError("the block is empty")


def _body(lines: tuple[str, ...]) -> tuple[ast.stmt, ...]:
    """The statements of a block, which may be indented as a whole; line numbers are the block's."""
    first = next((line for line in lines if line.strip() and not line.lstrip().startswith("#")), "")
    if not indent_of(first):
        return tuple(parse_source("".join(line + "\n" for line in lines)).body)
    module = parse_source("if 1:\n" + "".join(line + "\n" for line in lines))
    outer = module.body[0]
    if len(module.body) != 1 or not isinstance(outer, ast.If):
        raise SyntaxError("unindent does not match any outer indentation level")
    ast.increment_lineno(module, -1)
    return tuple(outer.body)


def _readings(lines: Sequence[str]) -> Iterator[tuple[tuple[str, ...], tuple[str, ...]]]:
    bare = trimmed(lines)
    yield (), bare
    aligned = _imports_aligned(bare)
    if aligned is not None:
        yield ("imports_indented",), aligned
    numbered = without_numbers(bare)
    if numbered is not None:
        yield ("line_numbers",), numbered
    for mark in "+":
        marked = without_marks(bare, mark)
        if marked is not None:
            yield ("diff_marks",), marked
    if any(line[:1] in ("+", "-") for line in bare):
        yield ("diff_marks",), _patched(bare)
    yield ("first_line_indent",), _first_line_aligned(bare)
    yield ("tabs",), tuple(line.expandtabs(4) for line in bare)
    cut = _without_prose(bare)
    if cut is not None:
        yield ("prose_in_block",), cut
    if not any(_CODE.match(line) for line in bare[:1]):
        start = next(
            (i for i, line in enumerate(bare) if re.match(r"\s*(?:@|def |class |async def |import |from )", line)), 0
        )
        yield ("prose_in_block",), bare[start:]


def _patched(lines: tuple[str, ...]) -> tuple[str, ...]:
    """The new side of a definition written as a diff; unchanged lines may or may not carry the blank that marks them."""
    same = [line for line in lines if line.strip() and line[0] not in "+-"]
    marked = bool(same) and all(line[0] == " " for line in same) and len(indent_of(same[0])) % 4 == 1
    kept = [line for line in lines if not line.startswith("-")]
    return tuple(line[1:] if line.startswith("+") or (marked and line[:1] == " ") else line for line in kept)


def _without_prose(lines: tuple[str, ...]) -> tuple[str, ...] | None:
    """The lines up to the first that is a sentence at the margin below a blank one; None without such a line."""
    for index in range(2, len(lines)):
        if not lines[index - 1].strip() and _PROSE.match(lines[index]):
            return trimmed(lines[:index])
    return None


def _imports_aligned(lines: tuple[str, ...]) -> tuple[str, ...] | None:
    """Imports at the margin above a definition that is indented: give them its indentation."""
    count = 0
    while count < len(lines) and (_IMPORT.match(lines[count]) or not lines[count].strip()):
        count += 1
    rest = lines[count:]
    indent = common_indent(rest)
    return (*(indent + line for line in lines[:count]), *rest) if count and indent else None


def _first_line_aligned(lines: tuple[str, ...]) -> tuple[str, ...]:
    """`def` at the margin, its body indented for a class: take the surplus off the lines below."""
    head = next((i for i, line in enumerate(lines) if re.match(r"\s*(?:async\s+)?(?:def|class)\b", line)), None)
    if head is None:
        return lines
    here = indent_of(lines[head])
    decorated = tuple(here + line.lstrip() for line in lines[:head])
    inside = common_indent(lines[head + 1 :])
    surplus = len(inside) - len(here) - 4
    if surplus <= 0:
        return (*decorated, *lines[head:])
    return (*decorated, lines[head], *shift(lines[head + 1 :], inside, here + "    "))


def arguments_of(node: DefinitionNode) -> str:
    """A dump of a function's parameters, to tell overloads apart; empty for a class."""
    return ast.dump(node.args) if isinstance(node, FunctionNode) else ""


def decorators_of(node: DefinitionNode) -> tuple[str, ...]:
    """The decorators as code."""
    return tuple(ast.unparse(d) for d in node.decorator_list)
