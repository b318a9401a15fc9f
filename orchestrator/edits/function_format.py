"""The `function` format: whole rewritten definitions, each under a line `### path/to/file.py :: Class.method`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from orchestrator.edits.class_blocks import ClassEdits, class_edits, method_edits
from orchestrator.edits.clean import trimmed
from orchestrator.edits.definitions import candidates, syntax_refusal
from orchestrator.edits.headers import Header, header_of, missing_path
from orchestrator.edits.names import resolve_name
from orchestrator.edits.opening import opened
from orchestrator.edits.outline import located
from orchestrator.edits.paths import safe_path, unknown_file
from orchestrator.edits.reply import Block, ReadReply
from orchestrator.edits.source import Source, Written, read_source
from orchestrator.edits.text import Document, document_of
from orchestrator.protocols import Tree
from orchestrator.records import EditRefusal, Edits, ReplaceDefinition, WriteFile

NAME = "function"
_NOT_CODE = {
    "bash",
    "sh",
    "shell",
    "console",
    "text",
    "txt",
    "output",
    "json",
    "plaintext",
    "pycon",
    "traceback",
    "log",
}
_DEFINES = re.compile(r"^[\s+|\d]*(?:async\s+def|def|class)\s+\w")
_LATER = re.compile(
    r"\b(?:better|instead|correct\w*|final\w*|updat\w+|fix\w*|actually|improv\w+|revis\w+|after|should be|rather|wait|new)\b",
    re.IGNORECASE,
)
_EARLIER = re.compile(r"\b(?:original|current\w*|before|existing|old|buggy|wrong|now)\b", re.IGNORECASE)
_Found = list[ReplaceDefinition | WriteFile]


@dataclass
class _Reading:
    """What is known while the blocks of one reply are read."""

    tree: Tree
    targets: tuple[str, ...]
    path: str = ""
    edits: _Found = field(default_factory=list)
    salvage: list[str] = field(default_factory=list)
    documents: dict[str, Document] = field(default_factory=dict)

    def document(self, path: str) -> Document:
        if path not in self.documents:
            self.documents[path] = document_of(self.tree.read(path))
        return self.documents[path]


@dataclass(frozen=True, slots=True)
class FunctionFormat:
    """Rewrite one function, method or class by path and qualified name."""

    name: str = NAME
    prompt_section: str = "formats/function.md"

    def parse(self, reply_text: str, tree: Tree, targets: tuple[str, ...] = ()) -> Edits | EditRefusal:
        """Read a reply. Definitions are resolved against the tree, so names in the result are the file's own."""
        read = opened(NAME, reply_text, tree, targets)
        return _parse(read, tree, targets) if isinstance(read, ReadReply) else read


def parse_definitions(read: ReadReply, tree: Tree, targets: tuple[str, ...]) -> Edits | EditRefusal:
    """Read blocks of whole definitions, whatever format was asked for."""
    return _parse(read, tree, targets)


def _parse(read: ReadReply, tree: Tree, targets: tuple[str, ...]) -> Edits | EditRefusal:
    reading = _Reading(tree, targets, salvage=list(read.salvage))
    first_refusal: EditRefusal | None = None
    previous: Block | None = None
    for block in read.blocks:
        before = len(reading.edits)
        refusal = _read_block(reading, block, previous) or _revised(reading, before, block, previous)
        first_refusal = first_refusal or refusal
        previous = block
    if first_refusal and (not reading.edits or first_refusal.code not in {"no_definition", "no_path"}):
        return first_refusal
    if not reading.edits:
        return EditRefusal("no_code", "The reply holds no code block with a definition. Write it between ``` fences.")
    return Edits(NAME, tuple(_changed(reading)), tuple(dict.fromkeys(reading.salvage)))


def _revised(reading: _Reading, before: int, block: Block, previous: Block | None) -> EditRefusal | None:
    """A definition that an earlier block has otherwise: the later one counts where the words between say so, else neither."""
    for new in reading.edits[before:]:
        for old in reading.edits[:before]:
            same = isinstance(new, ReplaceDefinition) and isinstance(old, ReplaceDefinition) and new != old
            if not same or (new.path, new.qualified_name) != (old.path, old.qualified_name):  # type: ignore[union-attr]
                continue
            name = new.qualified_name  # type: ignore[union-attr]
            if len(located(reading.document(new.path), name)) > 1:
                continue
            first, last = " ".join(previous.lead if previous else ()), " ".join(block.lead)
            if not _LATER.search(last) and not _EARLIER.search(first):
                message = f"The reply holds two different versions of {name}; write one."
                return EditRefusal("conflict", message, new.path)
            reading.edits.remove(old)
            reading.salvage.append("later_version")
            return None
    return None


def _changed(reading: _Reading) -> _Found:
    """Without blocks that repeat a block or the file's own code, unless nothing else is left."""
    unique = list(dict.fromkeys(reading.edits))
    kept = [e for e in unique if not _is_unchanged(reading, e)]
    if kept and len(kept) < len(reading.edits):
        reading.salvage.append("unchanged_block")
    return kept or unique


def _is_unchanged(reading: _Reading, edit: ReplaceDefinition | WriteFile) -> bool:
    if isinstance(edit, WriteFile):
        return False
    return _is_in_file(reading.document(edit.path), edit.qualified_name, edit.source.split("\n"))


def _as_in_file(document: Document, source: Source, written: Written, name: str) -> bool:
    return _is_in_file(document, name, source.lines[written.start : written.end])


def _is_in_file(document: Document, name: str, lines: Sequence[str]) -> bool:
    given = tuple(line.rstrip() for line in trimmed(lines))
    spans = (document.lines[d.start_line - 1 : d.end_line] for d in located(document, name))
    return any(given == tuple(line.rstrip() for line in span) for span in spans)


def _read_block(reading: _Reading, block: Block, previous: Block | None) -> EditRefusal | None:
    header, used = header_of(block, previous, reading.tree, reading.targets)
    lines = trimmed(block.lines[used:])
    if not lines or (block.info.split() or [""])[0].lower() in _NOT_CODE:
        return None
    if not block.closed:
        reading.salvage.append("missing_fence")
    source = read_source(lines)
    if header is None and isinstance(source, SyntaxError) and not any(_DEFINES.match(line) for line in lines):
        # An example or an error message that the reply quotes.
        return EditRefusal(
            "no_definition", "A block without a path holds no function or class; write the whole definition."
        )
    header = header or _inherited(reading, source)
    if header is None:
        return missing_path("block")
    safe = safe_path(header.path, reading.tree)
    if isinstance(safe, EditRefusal):
        return safe
    reading.path = header.path
    reading.salvage.extend(header.salvage)
    if isinstance(source, SyntaxError):
        return syntax_refusal(source, header.name, header.path)
    reading.salvage.extend(source.repairs)
    if not header.exists:
        return _new_file(reading, header, source)
    return _named(reading, header, source) if header.name else _unnamed(reading, header.path, source)


def _new_file(reading: _Reading, header: Header, source: Source) -> EditRefusal | None:
    if header.name:
        return unknown_file(header.path, reading.tree, reading.targets)
    reading.edits.append(WriteFile(header.path, source.text(0, len(source.lines))))
    return None


def _inherited(reading: _Reading, source: Source | SyntaxError) -> Header | None:
    """The file of a block without header: the only one that defines its names, that of the block before, or the only one shown."""
    known = [
        t
        for t in reading.targets
        if t in reading.tree.entries() and not isinstance(safe_path(t, reading.tree), EditRefusal)
    ]
    if isinstance(source, Source) and source.top():
        names = [w.name for w in source.top()]
        holding = [t for t in known if any(_knows(reading.document(t), n) for n in names)]
        if len(holding) == 1:
            return Header(holding[0], salvage=("path_from_names",))
    if reading.path and reading.path in reading.tree.entries():
        return Header(reading.path, salvage=("path_inherited",))
    return Header(known[0], salvage=("path_from_target",)) if len(known) == 1 else None


def _knows(document: Document, name: str) -> bool:
    return isinstance(resolve_name(document, name, None), str)


def _named(reading: _Reading, header: Header, source: Source) -> EditRefusal | None:
    """A block whose header names its definition."""
    document = reading.document(header.path)
    resolved = resolve_name(document, header.name, source)
    if isinstance(resolved, EditRefusal):
        return _located_at(resolved, header.path)
    if resolved != header.name:
        reading.salvage.append("qualified_name")
    written = candidates(source, resolved)
    if len(written) == 1 and written[0].name.count(".") == 0 and _is_class(document, resolved):
        found = class_edits(document, header.path, source, written[0], resolved)
        if isinstance(found, EditRefusal):
            return found
        _take(reading, found)
        return None
    if (
        not written
        and _is_class(document, resolved)
        and (methods := method_edits(document, header.path, source, resolved))
    ):
        _take(reading, methods)
        return None
    if len(written) > 1 and len(located(document, resolved)) > 1:
        # A getter and its setter in one block: each finds its own.
        for one in written:
            reading.edits.append(ReplaceDefinition(header.path, resolved, source.text(one.start, one.end)))
        return None
    reading.edits.append(ReplaceDefinition(header.path, resolved, source.text(0, len(source.lines))))
    return None


def _take(reading: _Reading, found: ClassEdits) -> None:
    reading.edits.extend(found.edits)
    reading.salvage.extend(found.salvage)


def _is_class(document: Document, name: str) -> bool:
    found = located(document, name)
    return len(found) == 1 and found[0].kind == "class"


def _unnamed(reading: _Reading, path: str, source: Source) -> EditRefusal | None:
    """A block whose header names only the file: every definition in it that the file knows is meant."""
    document = reading.document(path)
    top = source.top()
    if not top:
        return EditRefusal(
            "no_definition", f"The block for {path} defines no function or class; write the whole definition.", path
        )
    known: list[tuple[Written, str]] = []
    new: list[Written] = []
    for written in top:
        resolved = resolve_name(document, written.name, source)
        if isinstance(resolved, str) and located(document, resolved):
            known.append((written, resolved))
        elif isinstance(resolved, EditRefusal) and resolved.code == "ambiguous":
            return _located_at(resolved, path)
        else:
            new.append(written)
    if not known:
        names = ", ".join(w.name for w in new)
        return EditRefusal(
            "no_such_definition", f"{path} defines none of {names}. Name the one to change: ### {path} :: name", path
        )
    return _several(reading, path, source, known, new)


def _several(
    reading: _Reading, path: str, source: Source, known: list[tuple[Written, str]], new: list[Written]
) -> EditRefusal | None:
    document = reading.document(path)
    known = [pair for pair in known if not _as_in_file(document, source, *pair)] or known
    if len(known) == 1 and not _is_class(document, known[0][1]):
        reading.edits.append(ReplaceDefinition(path, known[0][1], source.text(0, len(source.lines))))
        reading.salvage.append("name_from_block")
        return None
    reading.salvage.append("name_from_block")
    imports = "".join(source.text(n.lineno - 1, n.end_lineno or n.lineno) for n in source.imports())
    for written, resolved in known:
        text = source.text(written.start, written.end)
        helpers = [h for h in new if h.name in text]
        new = [h for h in new if h not in helpers]
        if _is_class(document, resolved):
            found = class_edits(document, path, source, written, resolved)
            if isinstance(found, EditRefusal):
                return found
            _take(reading, found)
            continue
        before = "".join(source.text(h.start, h.end) + "\n" for h in helpers)
        reading.edits.append(ReplaceDefinition(path, resolved, imports + before + text))
    reading.edits.extend(ReplaceDefinition(path, h.name, source.text(h.start, h.end)) for h in new)
    return None


def _located_at(refusal: EditRefusal, path: str) -> EditRefusal:
    return EditRefusal(refusal.code, refusal.message, path, refusal.nearest)
