"""Landing a rewritten definition: which definition of the file it is, and the splices that put it there."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from orchestrator.edits.elision import is_elision, left_out, restored
from orchestrator.edits.extras import helper_splices, import_splices
from orchestrator.edits.indent import indent_of, reindent, width
from orchestrator.edits.outline import located, outline
from orchestrator.edits.source import Source, Written, arguments_of, decorators_of, read_source, with_trailing_comments
from orchestrator.edits.strings import string_lines
from orchestrator.edits.text import Document, Splice, text_lines
from orchestrator.records import EditRefusal, ReplaceDefinition
from orchestrator.syntax import Definition, DefinitionNode, FunctionNode


@dataclass(frozen=True, slots=True)
class Placed:
    """Splices for one edit, the rung that found its place and the line (1-based) where it landed."""

    splices: tuple[Splice, ...]
    rung: str
    line: int
    sure: bool = True


def place_definition(document: Document, edit: ReplaceDefinition) -> Placed | EditRefusal:
    """Replace the definition `edit.qualified_name` by the one of that name in `edit.source`, with its new imports and helpers."""
    source = read_source(text_lines(edit.source))
    if isinstance(source, SyntaxError):
        return syntax_refusal(source, edit.qualified_name, edit.path)
    found = located(document, edit.qualified_name)
    if not found:
        return _added(document, edit, source)
    pair = _chosen(document, found, source, edit)
    if isinstance(pair, EditRefusal):
        return pair
    original, new = pair
    return _replaced(document, edit, source, original, new)


def syntax_refusal(error: SyntaxError, name: str, path: str) -> EditRefusal:
    """The refusal for a block that is not Python, with the line at fault."""
    where = f" (line {error.lineno} of the block)" if error.lineno else ""
    shown = (error.text or "").rstrip()
    nearest = f"{error.lineno:>5} | {shown}" if shown and error.lineno else ""
    of = f" for {name}" if name else ""
    message = f"The block{of} is not valid Python: {error.msg}{where}. Write the whole definition, without leaving anything out."
    return EditRefusal("syntax_error", message, path, nearest)


def candidates(source: Source, qualified_name: str) -> tuple[Written, ...]:
    """The definitions of a block that may be `qualified_name`: by full name, by name inside the class, or by last name alone."""
    parts = qualified_name.split(".")
    written = source.written()
    for size in range(len(parts), 0, -1):
        tail = ".".join(parts[-size:])
        exact = tuple(w for w in written if w.name == tail)
        if exact:
            return exact
    return ()


def _chosen(
    document: Document, found: Sequence[Definition], source: Source, edit: ReplaceDefinition
) -> tuple[Definition, Written] | EditRefusal:
    new = candidates(source, edit.qualified_name)
    if not new:
        held = ", ".join(w.name for w in source.top()) or "no definition"
        message = f"The block for {edit.qualified_name} defines {held}. Write {edit.qualified_name} itself."
        return EditRefusal("wrong_definition", message, edit.path)
    if len(found) == len(new) == 1:
        return found[0], new[0]
    nodes = [_node(document, d) for d in found]
    pairs = [(d, w) for w in new for d, node in zip(found, nodes, strict=True) if node and _same_role(node, w.node)]
    if len(pairs) > 1:
        pairs = [
            (d, w)
            for d, w in pairs
            if any(d is o and n and arguments_of(n) == arguments_of(w.node) for o, n in zip(found, nodes, strict=True))
        ]
    if len(pairs) == 1:
        return pairs[0]
    lines = ", ".join(str(d.header_line) for d in found)
    message = (
        f"{edit.qualified_name} is defined at lines {lines}; give one of them with its own decorators and parameters."
    )
    return EditRefusal(
        "ambiguous", message, edit.path, document.numbered(found[0].start_line - 1, found[0].header_line)
    )


def _node(document: Document, found: Definition) -> DefinitionNode | None:
    source = read_source(document.lines[found.start_line - 1 : found.end_line])
    top = source.top() if isinstance(source, Source) else ()
    return top[0].node if top else None


def _same_role(old: DefinitionNode, new: DefinitionNode) -> bool:
    """Getter against getter, setter against setter, overload against overload, implementation against implementation."""
    if decorators_of(old) == decorators_of(new):
        return True
    # A model may leave the decorators out: the number of parameters still tells a getter from a setter.
    return (
        not new.decorator_list
        and arguments_of(old) == arguments_of(new)
        and "overload" not in " ".join(decorators_of(old))
    )


def _replaced(
    document: Document, edit: ReplaceDefinition, source: Source, original: Definition, new: Written
) -> Placed | EditRefusal:
    start, header = original.start_line - 1, original.header_line - 1
    end = with_trailing_comments(document.lines, header, original.end_line)
    notes = list(source.repairs)
    if not new.node.decorator_list and header > start and _fits_decorators(document, original, new):
        start = header
        notes.append("decorators_kept")
    lines = _fitted(document, source, new, start, end)
    if any(is_elision(line) for line in lines):
        whole = _unelided(document, lines, start, end)
        if whole is None or left_out(whole, document.lines[start:end]):
            message = f"The new {edit.qualified_name} leaves lines out by `...`; write the whole definition."
            return EditRefusal("elided", message, edit.path, document.numbered(start, min(end, start + 10)))
        notes.extend(["elision"] if whole != lines else [])
        lines = whole
    extra = [*import_splices(document, source, lines), *helper_splices(document, source, original, new)]
    rung = ", ".join(["syntax_node", *notes])
    return Placed((Splice(start, end, lines), *extra), rung, start + 1, sure=not notes)


def _fits_decorators(document: Document, original: Definition, new: Written) -> bool:
    """Whether a definition without decorators can have the old ones: a static method that now takes self cannot."""
    above = "".join(document.lines[original.start_line - 1 : original.header_line - 1])
    if "@staticmethod" not in above or not isinstance(new.node, FunctionNode):
        return True
    first = [*new.node.args.posonlyargs, *new.node.args.args][:1]
    return not first or first[0].arg not in ("self", "cls")


def _fitted(document: Document, source: Source, new: Written, start: int, end: int) -> tuple[str, ...]:
    """The new definition at the old one's indentation; the lines of its multi-line strings as the file has them, if it has them."""
    lines, old = source.lines[new.start : new.end], document.lines[start:end]
    here = next(line for line in lines if line.strip())
    there = old[0]
    pairs = [(here, there)]
    body_here, body_there = _body_line(lines), _body_line(old)
    if body_here and body_there:
        pairs.append((body_here, body_there))
    moved = reindent(lines, pairs)
    shifted = moved != lines or any(line != line.rstrip() for line in lines)
    inside, known = string_lines(lines) if shifted else frozenset[int](), set(old)
    ended = {line.rstrip(): line for line in old}
    out: list[str] = []
    for index, (given, line) in enumerate(zip(lines, moved, strict=True)):
        if index in inside and given in known:
            out.append(given)
        elif line.rstrip() in ended:
            out.append(ended[line.rstrip()])
        else:
            out.append(line if index + 1 in inside else line.rstrip())
    return tuple(out)


def _body_line(lines: Sequence[str]) -> str:
    """The first line of a definition's body, or empty for a body on the header's line."""
    head = next((i for i, line in enumerate(lines) if re.match(r"\s*(?:async\s+)?(?:def|class)\b", line)), None)
    if head is None:
        return ""
    outer = width(indent_of(lines[head]))
    opened = 0
    for index, line in enumerate(lines[head:]):
        if index and opened <= 0 and line.strip() and not line.lstrip().startswith("#"):
            return line if width(indent_of(line)) > outer else ""
        opened += sum(line.count(c) for c in "([{") - sum(line.count(c) for c in ")]}")
    return ""


def _unelided(document: Document, lines: tuple[str, ...], start: int, end: int) -> tuple[str, ...] | None:
    original = document.lines[start:end]
    return restored(lines, original)


def _added(document: Document, edit: ReplaceDefinition, source: Source) -> Placed | EditRefusal:
    """A definition that the file does not have: put it at the end of its class or module, unless its name is a slip."""
    known = outline(document.text)
    new = candidates(source, edit.qualified_name)
    parent, _, name = edit.qualified_name.rpartition(".")
    scope = [d for d in known if d.qualified_name == parent and d.kind == "class"]
    near = near_names(edit.qualified_name, [d.qualified_name for d in known])
    if (
        len(new) != 1
        or near
        or (parent and len(scope) != 1)
        or any(d.qualified_name.split(".")[-1] == name for d in known)
    ):
        return unknown_definition(edit.qualified_name, edit.path, known)
    written = new[0]
    lines = source.lines[written.start : written.end]
    if parent:
        at = with_trailing_comments(document.lines, scope[0].header_line - 1, scope[0].end_line)
        target = indent_of(document.lines[scope[0].body_line - 1])
        lines = ("", *reindent(lines, [(lines[0], target + "x")]))
    else:
        at = _module_end(document)
        lines = ("", "", *reindent(lines, [(lines[0], "x")]))
    splice = Splice(at, at, lines)
    return Placed((splice, *import_splices(document, source, lines)), "syntax_node, added", at + 1)


def _module_end(document: Document) -> int:
    """Behind the last line with text, but before an `if __name__` block."""
    lines = document.lines
    main = next((i for i, line in enumerate(lines) if re.match(r"if\s+__name__\s*==", line)), None)
    end = len(lines) if main is None else main
    while end and not lines[end - 1].strip():
        end -= 1
    return end


def near_names(name: str, known: Sequence[str]) -> tuple[str, ...]:
    """Up to three names that `name` may be a slip of, best first."""
    from rapidfuzz import fuzz, process

    last = name.rsplit(".", 1)[-1]
    same = [k for k in known if k.rsplit(".", 1)[-1] == last]
    close = process.extract(name, list(dict.fromkeys(known)), scorer=fuzz.ratio, limit=3, score_cutoff=82)
    return tuple(dict.fromkeys([*same, *(str(k) for k, _, _ in close)]))[:3]


def unknown_definition(name: str, path: str, known: Sequence[Definition]) -> EditRefusal:
    """The refusal for a name that the file does not define, with the nearest names and their lines."""
    by_name = {d.qualified_name: d for d in known}
    near = near_names(name, list(by_name)) or tuple(by_name)[:5]
    listed = ", ".join(f"{n} (line {by_name[n].header_line})" for n in near)
    hint = f" It defines {listed}." if listed else ""
    return EditRefusal("no_such_definition", f"{path} does not define {name}.{hint}", path, listed)
