"""The facts of one blob: definitions, imports, and the tokens of each function-sized unit."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from orchestrator import syntax
from orchestrator.localize.terms import tokens

PARSE_LIMIT_BYTES = 150_000
READ_LIMIT_BYTES = 1_500_000
_INSIDE_FUNCTION = "<function>."

_TEXT_DEFINITION = re.compile(
    r"^(?P<indent>[ \t]*)(?:(?:export|default|public|private|protected|static|final|abstract|pub|async|unsafe|virtual|inline"
    r"|override)"
    r"(?:\([a-z]+\))?\s+)*(?P<word>def|class|function\*?|func|fn|interface|struct|enum|trait|impl|module|sub|cdef|cpdef)\s+"
    r"(?:\([^)\n]*\)\s*)?(?P<name>[^\W\d][\w.]*)",
    re.MULTILINE,
)
_CLASS_WORDS = frozenset({"class", "interface", "struct", "enum", "trait", "impl", "module"})
_TEXT_IMPORT = re.compile(
    r"^[ \t]*(?:from[ \t]+(?P<source>[.\w]+)[ \t]+import[ \t]+(?P<names>[^\n#]+)|import[ \t]+(?P<modules>[\w., \t]+))",
    re.MULTILINE,
)


@dataclass(frozen=True, slots=True)
class Import:
    """`from module import names` (`names` empty for `import module`); `level` counts leading dots."""

    module: str
    names: tuple[str, ...] = ()
    level: int = 0


@dataclass(frozen=True, slots=True)
class Unit:
    """A stretch of a file that is scored as one: a function, the rest of a class, or the rest of the module (no definition)."""

    definition: syntax.Definition | None
    tokens: dict[str, int]


@dataclass(frozen=True, slots=True)
class FileFacts:
    """What the index knows of one blob. `read_by` is ast, text or nothing (too large, or binary)."""

    units: tuple[Unit, ...]
    imports: tuple[Import, ...]
    line_count: int
    read_by: str


def read_facts(data: bytes, language: str, *, whole_file: bool) -> FileFacts:
    """Extract the facts of one blob.

    `whole_file` keeps one unit for the file, which is all that a test needs. A Python file that does not parse, is very
    large, or is in another language is read by line patterns; never raises on any bytes.
    """
    if len(data) > READ_LIMIT_BYTES or b"\0" in data[:8000]:
        return FileFacts((Unit(None, {}),), (), data.count(b"\n") + 1, "nothing")
    text, _ = syntax.decode_source(data) if language == "python" else (data.decode("utf-8", "replace"), "utf-8")
    lines = [line.removesuffix("\n") for line in syntax.split_lines(text)]
    if whole_file:
        return FileFacts((Unit(None, dict(Counter(tokens(text)))),), tuple(_text_imports(text)), len(lines), "text")
    found, imports, read_by = _read_python(text) if language == "python" else (None, (), "text")
    if found is None:
        found, imports, read_by = text_definitions(lines), tuple(_text_imports(text)), "text"
    return FileFacts(_units(lines, found), imports, len(lines), read_by)


def _read_python(text: str) -> tuple[tuple[syntax.Definition, ...] | None, tuple[Import, ...], str]:
    if len(text) > PARSE_LIMIT_BYTES:
        return None, (), "text"
    found: list[syntax.Definition] = []
    imports: list[Import] = []
    try:
        _walk(syntax.parse_source(text).body, "", found, imports)
    except (SyntaxError, RecursionError):  # a chain of a thousand elif branches is nested a thousand deep
        return None, (), "text"
    return tuple(found), tuple(imports), "ast"


def _walk(body: Iterable[ast.AST], prefix: str, found: list[syntax.Definition], imports: list[Import]) -> None:
    """Collect definitions (functions within functions left out) and imports, in source order, visiting statements only."""
    for node in body:
        if isinstance(node, ast.Expr | ast.Assign | ast.Return):
            continue
        if isinstance(node, syntax.DefinitionNode):
            if prefix != _INSIDE_FUNCTION:
                found.append(_definition(f"{prefix}{node.name}", node))
            inner = (
                f"{prefix}{node.name}."
                if isinstance(node, ast.ClassDef) and prefix != _INSIDE_FUNCTION
                else _INSIDE_FUNCTION
            )
            _walk(node.body, inner, found, imports)
        elif isinstance(node, ast.Import):
            imports.extend(Import(alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            imports.append(Import(node.module or "", tuple(alias.name for alias in node.names), node.level))
        else:
            for name in ("body", "handlers", "orelse", "finalbody", "cases"):
                inside = getattr(node, name, None)
                if isinstance(inside, list):
                    _walk(inside, prefix, found, imports)


def _definition(name: str, node: syntax.DefinitionNode) -> syntax.Definition:
    start = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
    kind = "class" if isinstance(node, ast.ClassDef) else "function"
    return syntax.Definition(name, kind, start, node.lineno, node.body[0].lineno, node.end_lineno or node.lineno)


def _units(lines: list[str], found: tuple[syntax.Definition, ...]) -> tuple[Unit, ...]:
    """Give every line to the outermost function around it, else to its class, else to the module."""
    owners = [0] * len(lines)
    kept: list[syntax.Definition] = []
    function_end = 0
    for definition in found:
        if definition.start_line <= function_end:
            continue
        if definition.kind == "function":
            function_end = definition.end_line
        kept.append(definition)
        span = range(definition.start_line - 1, min(definition.end_line, len(lines)))
        owners[span.start : span.stop] = [len(kept)] * len(span)
    counts: list[Counter[str]] = [Counter() for _ in range(len(kept) + 1)]
    start = 0
    for position in range(1, len(lines) + 1):
        if position == len(lines) or owners[position] != owners[start]:
            counts[owners[start]].update(tokens("\n".join(lines[start:position])))
            start = position
    return tuple(Unit(d, dict(c)) for d, c in zip([None, *kept], counts, strict=True))


def _text_imports(text: str) -> Iterator[Import]:
    for match in _TEXT_IMPORT.finditer(text):
        if match["modules"]:
            yield from (Import(part.split(" as ")[0].strip()) for part in match["modules"].split(",") if part.strip())
        else:
            dotted = match["source"]
            names = tuple(tokens(re.sub(r"\bas\s+\w+", "", match["names"])))
            yield Import(dotted.lstrip("."), names, len(dotted) - len(dotted.lstrip(".")))


def text_definitions(lines: list[str]) -> tuple[syntax.Definition, ...]:
    """Definitions by line patterns and indentation: for other languages, for old syntax and for very large files."""
    heads: list[tuple[int, int, str, str]] = []
    for number, line in enumerate(lines, 1):
        match = _TEXT_DEFINITION.match(line)
        if match:
            kind = "class" if match["word"] in _CLASS_WORDS else "function"
            heads.append((number, len(match["indent"].expandtabs()), match["name"], kind))
    open_names: list[tuple[int, str]] = []
    found = []
    for index, (number, indent, name, kind) in enumerate(heads):
        while open_names and open_names[-1][0] >= indent:
            open_names.pop()
        qualified = f"{open_names[-1][1]}.{name}" if open_names else name
        open_names.append((indent, qualified))
        limit = next((other[0] for other in heads[index + 1 :] if other[1] <= indent), len(lines) + 1)
        end = _last_line(lines, number, limit, indent)
        found.append(syntax.Definition(qualified, kind, number, number, min(number + 1, end), end))
    return tuple(found)


def _last_line(lines: list[str], start: int, limit: int, indent: int) -> int:
    """The last line of a block that starts at `start`: deeper lines, and a closing bracket at its own depth."""
    last = start
    for number in range(start + 1, limit):
        line = lines[number - 1]
        if not line.strip():
            continue
        depth = len(line.expandtabs()) - len(line.expandtabs().lstrip())
        if depth < indent or (depth == indent and not line.lstrip().startswith(("}", ")", "{", "]", "end"))):
            break
        last = number
    return last
