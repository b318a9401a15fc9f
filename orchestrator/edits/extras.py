"""What comes with a rewritten definition: imports that the module lacks, and new helpers it calls."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Sequence

from orchestrator.edits.indent import indent_of, reindent
from orchestrator.edits.outline import located
from orchestrator.edits.source import Source, Written
from orchestrator.edits.text import Document, Splice
from orchestrator.syntax import Definition, parse_source

ImportNode = ast.Import | ast.ImportFrom


def import_splices(document: Document, source: Source, lines: Sequence[str]) -> list[Splice]:
    """One splice at the module's top with the imports of `source` that its code uses and the module does not bind yet."""
    wanted = source.imports()
    if not wanted:
        return []
    head = _module_head(document)
    bound = {name for node in head for name in _bound(node)}
    used = set(re.findall(r"[A-Za-z_]\w*", "\n".join([*lines, *_helper_text(source)])))
    new = [text for node in wanted for text in _missing(node, bound, used)]
    future = [text for text in new if text.startswith("from __future__")]
    plain = [text for text in new if text not in future]
    splices = []
    if future:
        at = _after_docstring(document)
        splices.append(Splice(at, at, tuple(future)))
    if plain:
        at = _import_line(document, head)
        splices.append(Splice(at, at, tuple(plain)))
    return splices


def _helper_text(source: Source) -> list[str]:
    return [line for w in source.top() for line in source.lines[w.start : w.end]]


def _module_head(document: Document) -> list[ast.stmt]:
    """The statements before the first definition, or all of them where these alone do not parse."""
    first = next(
        (i for i, line in enumerate(document.lines) if re.match(r"(?:async\s+)?(?:def|class)\s|@", line)), None
    )
    for lines in (document.lines[:first], document.lines):
        try:
            return parse_source("".join(line + "\n" for line in lines)).body
        except SyntaxError:
            continue
    return []


def _bound(node: ast.stmt) -> set[str]:
    """Names that a top-level statement binds, looking into try and if."""
    names: set[str] = set()
    for child in ast.walk(node):
        if isinstance(child, ast.Import | ast.ImportFrom):
            names |= {(a.asname or a.name.split(".")[0]) for a in child.names}
            names |= {a.name for a in child.names if isinstance(child, ast.Import)}
        elif isinstance(child, ast.Name) and isinstance(child.ctx, ast.Store):
            names.add(child.id)
    return names


def _missing(node: ImportNode, bound: set[str], used: set[str]) -> list[str]:
    """The import statement cut down to the names that are used and not bound; none, one, or one for each name."""
    if isinstance(node, ast.ImportFrom) and node.module == "__future__":
        return [] if all(a.name in bound for a in node.names) else [ast.unparse(node)]
    keep = [a for a in node.names if _is_new(a, bound) and (a.asname or a.name.split(".")[0]) in used]
    if not keep or any(a.name == "*" for a in keep):
        return []
    if isinstance(node, ast.Import):
        return [ast.unparse(ast.Import([a])) for a in keep]
    return [ast.unparse(ast.ImportFrom(node.module, keep, node.level))]


def _is_new(alias: ast.alias, bound: set[str]) -> bool:
    return (alias.asname or alias.name) not in bound


def _import_line(document: Document, head: Iterable[ast.stmt]) -> int:
    """Behind the last plain import of the head (0-based), else behind the docstring and comments."""
    plain = [n for n in head if isinstance(n, ast.Import | ast.ImportFrom)]
    return max((n.end_lineno or n.lineno for n in plain), default=_after_docstring(document))


def _after_docstring(document: Document) -> int:
    body = _module_head(document)
    if (
        body
        and isinstance(body[0], ast.Expr)
        and isinstance(body[0].value, ast.Constant)
        and isinstance(body[0].value.value, str)
    ):
        return body[0].end_lineno or 1
    at = 0
    while at < len(document.lines) and document.lines[at].startswith("#"):
        at += 1
    return at


def helper_splices(document: Document, source: Source, original: Definition, main: Written) -> list[Splice]:
    """New functions, classes and constants of the block, put before the definition (or before its class) that needs them."""
    prefix, _, _ = original.qualified_name.rpartition(".")
    main_text = "\n".join(source.lines[main.start : main.end])
    in_class: list[str] = []
    at_top: list[str] = []
    for helper in _others(source, main):
        name = helper.name.rsplit(".", 1)[-1]
        wrapped = "." in helper.name
        lines = source.lines[helper.start : helper.end]
        if prefix and (wrapped or re.search(rf"\b(?:self|cls)\.{name}\b", main_text)):
            if not located(document, f"{prefix}.{name}"):
                target = indent_of(document.lines[original.header_line - 1])
                in_class.extend((*reindent(lines, [(lines[0], target + "x")]), ""))
        elif not wrapped and name in main_text and not located(document, name) and not _assigned(document, name):
            at_top.extend((*reindent(lines, [(lines[0], "x")]), "", ""))
    at_top = [*_constants(document, source, main_text), *at_top]
    splices = [Splice(original.start_line - 1, original.start_line - 1, tuple(in_class))] if in_class else []
    if at_top:
        line = _top_statement(document, original)
        splices.append(Splice(line, line, tuple(at_top)))
    return splices


def _others(source: Source, main: Written) -> list[Written]:
    """The block's definitions beside the main one: those around it (its wrapping class) and inside it are not."""
    apart = [w for w in source.written() if w.end <= main.start or w.start >= main.end]
    return [w for w in apart if not any(o is not w and o.start <= w.start and w.end <= o.end for o in apart)]


def _constants(document: Document, source: Source, main_text: str) -> list[str]:
    """Assignments at the block's top level to names that the definition uses and the file does not assign."""
    out: list[str] = []
    for node in source.body:
        targets = (
            node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
        )
        names = [t.id for t in targets if isinstance(t, ast.Name)]
        if names and all(re.search(rf"\b{n}\b", main_text) and not _assigned(document, n) for n in names):
            lines = source.lines[node.lineno - 1 : node.end_lineno]
            out.extend((*reindent(lines, [(lines[0], "x")]), ""))
    return out


def _assigned(document: Document, name: str) -> bool:
    pattern = re.compile(rf"^\s*(?:{name}\s*[:=]|(?:from|import)\b.*\b{name}\b)")
    return any(pattern.match(line) for line in document.lines)


def _top_statement(document: Document, original: Definition) -> int:
    """The first line (0-based) of the top-level definition that holds `original`, its decorators and comments included."""
    line = original.start_line - 1
    while line > 0 and (not document.lines[line].strip() or document.lines[line][0] in " \t)]}"):
        line -= 1
    while line > 0 and document.lines[line - 1].startswith(("@", "#")):
        line -= 1
    return line
