"""The `whole-file` format: complete files, each in a fence under its path."""

from __future__ import annotations

from dataclasses import dataclass

from orchestrator.edits.clean import trimmed, without_numbers
from orchestrator.edits.elision import is_elision, restored
from orchestrator.edits.function_format import parse_definitions
from orchestrator.edits.headers import Header, header_of, missing_path
from orchestrator.edits.opening import opened
from orchestrator.edits.outline import outline
from orchestrator.edits.paths import safe_path
from orchestrator.edits.reply import NO_NEWLINE, Block, ReadReply
from orchestrator.edits.source import Source, read_source
from orchestrator.edits.text import Document, document_of
from orchestrator.protocols import Tree
from orchestrator.records import EditRefusal, Edits, WriteFile

NAME = "whole-file"
_NOT_CODE = {"bash", "sh", "shell", "console", "output", "traceback", "log"}


@dataclass(frozen=True, slots=True)
class WholeFileFormat:
    """Write whole files. A block that holds only some of a file's definitions is read as those definitions."""

    name: str = NAME
    prompt_section: str = "formats/whole-file.md"

    def parse(self, reply_text: str, tree: Tree, targets: tuple[str, ...] = ()) -> Edits | EditRefusal:
        """Read a reply. Elided lines are filled in from the file where there is one reading, else refused."""
        read = opened(NAME, reply_text, tree, targets)
        return _parse(read, tree, targets) if isinstance(read, ReadReply) else read


def _parse(read: ReadReply, tree: Tree, targets: tuple[str, ...]) -> Edits | EditRefusal:
    salvage = list(read.salvage)
    found = _headed(read, tree, targets)
    if not found:
        known = [t for t in targets if t in tree.entries()]
        blocks = [b for b in read.blocks if b.info.lower() not in _NOT_CODE]
        if not blocks:
            return EditRefusal(
                "no_code", "The reply holds no file. Write the whole file between ``` fences, under its path."
            )
        if len(known) != 1:
            return missing_path("block")
        found = [(Header(known[0], salvage=("path_from_target",)), max(blocks, key=lambda b: len(b.lines)), 0)]
    written: dict[str, WriteFile] = {}
    for header, block, used in found:
        content = _content(header, block, used, tree, salvage)
        if isinstance(content, EditRefusal):
            return _as_definitions(read, tree, targets, content)
        edit = WriteFile(header.path, content)
        if header.path in written and written[header.path] != edit:
            return EditRefusal(
                "conflict", f"The reply holds two different versions of {header.path}; write one.", header.path
            )
        written[header.path] = edit
    return Edits(NAME, tuple(written.values()), tuple(dict.fromkeys(salvage)))


def _headed(read: ReadReply, tree: Tree, targets: tuple[str, ...]) -> list[tuple[Header, Block, int]]:
    """Every block whose file is named, but for those that repeat the file as it is while another changes it."""
    found: list[tuple[Header, Block, int]] = []
    previous: Block | None = None
    for block in read.blocks:
        header, used = header_of(block, previous, tree, targets)
        if header and any(line.strip() for line in block.lines[used:]) and block.info.lower() not in _NOT_CODE:
            found.append((header, block, used))
        previous = block
    changed = [(h, b, n) for h, b, n in found if not (h.exists and _same(tree.read(h.path), b.lines[n:]))]
    return changed or found


def _same(data: bytes, lines: tuple[str, ...]) -> bool:
    return trimmed(document_of(data).lines) == trimmed(lines)


def _content(header: Header, block: Block, used: int, tree: Tree, salvage: list[str]) -> str | EditRefusal:
    safe = safe_path(header.path, tree)
    if isinstance(safe, EditRefusal):
        return safe
    salvage.extend(header.salvage)
    lines = block.lines[used:]
    numbered = without_numbers(lines)
    if numbered is not None and header.path.endswith((".py", ".pyi")):
        lines = numbered
        salvage.append("line_numbers")
    if not header.exists:
        return _text(lines)
    original = document_of(tree.read(header.path)).lines
    if not block.closed:
        if not _ends_alike(lines, original):
            return EditRefusal(
                "unclosed_block", f"The block for {header.path} has no closing fence and may be cut off.", header.path
            )
        lines = trimmed(lines)
        salvage.append("missing_fence")
    if any(is_elision(line) for line in lines):
        whole = restored(lines, original)
        if whole is None:
            message = f"The new {header.path} leaves lines out by `...`; write the whole file."
            return EditRefusal("elided", message, header.path)
        if whole != tuple(lines):
            salvage.append("elision")
        lines = whole
    elif _is_fragment(header.path, lines, original) or _lacks_tail(header.path, lines, original):
        message = f"The block for {header.path} is only a part of the file; write the whole file."
        return EditRefusal("fragment", message, header.path)
    return _text(lines)


def _text(lines: tuple[str, ...]) -> str:
    if lines and lines[-1] == NO_NEWLINE:
        return "\n".join(lines[:-1])
    return "".join(line + "\n" for line in lines)


def _ends_alike(lines: tuple[str, ...], original: tuple[str, ...]) -> bool:
    """True where a block without a closing fence ends as the file does, so that nothing is cut off."""
    return [x.strip() for x in trimmed(lines)[-1:]] == [x.strip() for x in trimmed(original)[-1:]]


def _is_fragment(path: str, lines: tuple[str, ...], original: tuple[str, ...]) -> bool:
    """True where a Python file would lose most of its definitions and at least half its lines."""
    if not path.endswith(".py") or 2 * len(lines) > len(original):
        return False
    known = {d.qualified_name for d in outline("".join(line + "\n" for line in original))}
    source = read_source(lines)
    given = {w.name for w in source.written()} if isinstance(source, Source) else set()
    return len(known) > 1 and bool(given) and 2 * len(known & given) < len(known)


def _lacks_tail(path: str, lines: tuple[str, ...], original: tuple[str, ...]) -> bool:
    """True where the last definitions of a Python file are gone and nothing came instead: a reply that ended too early."""
    if not path.endswith(".py"):
        return False
    given, known = (list(Document(each, ()).top_level) for each in (lines, original))
    gone = [name for name in known if name not in given]
    return bool(gone) and known[-len(gone) :] == gone and not set(given) - set(known)


def _as_definitions(read: ReadReply, tree: Tree, targets: tuple[str, ...], refusal: EditRefusal) -> Edits | EditRefusal:
    """A fragment where the whole file was asked: read it as rewritten definitions, or refuse as a fragment."""
    if refusal.code not in {"fragment", "elided"}:
        return refusal
    found = parse_definitions(read, tree, targets)
    return refusal if isinstance(found, EditRefusal) else Edits(NAME, found.edits, (*found.salvage, "fragment"))
