"""The `function` format: whole rewritten definitions, each under a line `### path/to/file.py :: Class.method`."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from orchestrator.edits.clean import trimmed
from orchestrator.edits.definitions import candidates, syntax_refusal
from orchestrator.edits.elision import is_elision
from orchestrator.edits.foreign import other_format
from orchestrator.edits.headers import Header, header_of, missing_path
from orchestrator.edits.names import resolve_name
from orchestrator.edits.outline import located, within
from orchestrator.edits.paths import safe_path, unknown_file
from orchestrator.edits.reply import Block, ReadReply, read_reply
from orchestrator.edits.source import Source, Written, read_source
from orchestrator.edits.text import Document, document_of
from orchestrator.edits.unfenced import with_found_code
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
        read = read_reply(reply_text)
        if isinstance(read, EditRefusal):
            return read
        foreign = other_format(NAME, read, tree, targets)
        if foreign is not None:
            return foreign
        return _parse(with_found_code(read), tree, targets, fenced=bool(read.blocks))


def _parse(read: ReadReply, tree: Tree, targets: tuple[str, ...], *, fenced: bool) -> Edits | EditRefusal:
    reading = _Reading(tree, targets, salvage=[] if fenced else ["no_fence"])
    first_refusal: EditRefusal | None = None
    previous: Block | None = None
    for block in read.blocks:
        refusal = _read_block(reading, block, previous)
        first_refusal = first_refusal or refusal
        previous = block
    if first_refusal and (not reading.edits or first_refusal.code not in {"no_definition", "no_path"}):
        return first_refusal
    if not reading.edits:
        return EditRefusal("no_code", "The reply holds no code block with a definition. Write it between ``` fences.")
    return Edits(NAME, tuple(_changed(reading)), tuple(dict.fromkeys(reading.salvage)))


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
    document = reading.document(edit.path)
    found = located(document, edit.qualified_name)
    lines = tuple(line.rstrip() for line in trimmed(edit.source.split("\n")))
    return any(lines == tuple(line.rstrip() for line in document.lines[d.start_line - 1 : d.end_line]) for d in found)


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
        return _class(reading, header.path, source, written[0], resolved)
    if len(written) > 1 and len(located(document, resolved)) > 1:
        # A getter and its setter in one block: each finds its own.
        for one in written:
            reading.edits.append(ReplaceDefinition(header.path, resolved, source.text(one.start, one.end)))
        return None
    reading.edits.append(ReplaceDefinition(header.path, resolved, source.text(0, len(source.lines))))
    return None


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
            refusal = _class(reading, path, source, written, resolved)
            if refusal:
                return refusal
            continue
        before = "".join(source.text(h.start, h.end) + "\n" for h in helpers)
        reading.edits.append(ReplaceDefinition(path, resolved, imports + before + text))
    reading.edits.extend(ReplaceDefinition(path, h.name, source.text(h.start, h.end)) for h in new)
    return None


def _class(reading: _Reading, path: str, source: Source, written: Written, name: str) -> EditRefusal | None:
    """A class that is written whole is replaced; one that lacks methods of the file's is only the wrapper of those it has."""
    document = reading.document(path)
    depth = name.count(".") + 1
    own = [
        d.qualified_name
        for d in within(document, name.split(".", maxsplit=1)[0])
        if d.qualified_name.startswith(name + ".")
    ]
    own = [n for n in own if n.count(".") == depth]
    inside = [w for w in source.written() if w.name.startswith(written.name + ".") and w.name.count(".") == 1]
    given = {f"{name}.{w.name.rsplit('.', 1)[-1]}" for w in inside}
    missing = [n for n in own if n not in given]
    if not missing and not any(is_elision(line) for line in source.lines[written.start : written.end]):
        text = source.text(0, len(source.lines)) if len(source.top()) == 1 else source.text(written.start, written.end)
        reading.edits.append(ReplaceDefinition(path, name, text))
        return None
    if not any(n in own for n in given):
        listed = ", ".join(n.rsplit(".", 1)[-1] for n in missing[:5])
        message = f"The class {name} is not written whole: it lacks {listed}. Write the whole class, or only the method to change."
        return EditRefusal("incomplete_class", message, path)
    reading.salvage.append("class_wrapper")
    for one in inside:
        qualified = f"{name}.{one.name.rsplit('.', 1)[-1]}"
        reading.edits.append(ReplaceDefinition(path, qualified, source.text(one.start, one.end)))
    return None


def _located_at(refusal: EditRefusal, path: str) -> EditRefusal:
    return EditRefusal(refusal.code, refusal.message, path, refusal.nearest)
