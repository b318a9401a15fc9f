"""Edits to changed files: every edit finds its one place and changes something there, or nothing is changed at all."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from orchestrator.edits.definitions import Placed, place_definition
from orchestrator.edits.elision import left_out, restored
from orchestrator.edits.hunks import place_hunks
from orchestrator.edits.ladder import find_place
from orchestrator.edits.outline import located
from orchestrator.edits.parse_again import Located, Result, parsed_again
from orchestrator.edits.paths import safe_path, unknown_file
from orchestrator.edits.places import Place
from orchestrator.edits.text import MAX_FILE_BYTES, Document, Splice, document_of, encoded, text_lines, trimmed_splice
from orchestrator.protocols import Tree
from orchestrator.records import (
    DeleteFile,
    DiffHunks,
    Edit,
    EditRefusal,
    Edits,
    FileChange,
    Landing,
    ReplaceDefinition,
    SearchReplace,
    WriteFile,
)


@dataclass(frozen=True, slots=True)
class Applied:
    """The files that changed, in the order of their first edit, and where each edit landed."""

    changes: tuple[FileChange, ...]
    landings: tuple[Landing, ...]


def apply_edits(edits: Edits, tree: Tree) -> Applied | EditRefusal:
    """Apply all edits to the tree's files in memory; the first edit that cannot be applied refuses the whole.

    Edits of one file are placed in the file as it was; where that fails, one after the other.
    """
    groups: dict[str, list[Edit]] = {}
    for edit in edits.edits:
        safe = safe_path(edit.path, tree)
        if isinstance(safe, EditRefusal):
            return safe
        groups.setdefault(safe, []).append(edit)
    if not groups:
        return EditRefusal("no_change", "The reply holds no edit.")
    changes: list[FileChange] = []
    landings: list[Landing] = []
    for path, group in groups.items():
        done = _apply_to_file(path, group, tree)
        if isinstance(done, EditRefusal):
            return done if done.path else replace(done, path=path)
        changes.append(done[0])
        landings.extend(done[1])
    return Applied(tuple(changes), tuple(landings))


_Done = tuple[FileChange, tuple[Landing, ...]]


def _apply_to_file(path: str, group: Sequence[Edit], tree: Tree) -> _Done | EditRefusal:
    entry = tree.entries().get(path)
    before = tree.read(path) if entry else None
    mode = entry.mode if entry else "100644"
    whole = [e for e in group if isinstance(e, WriteFile | DeleteFile)]
    if whole and len(group) > 1:
        return EditRefusal(
            "conflict", f"{path} is written or deleted as a whole and edited besides; do one of them.", path
        )
    if before is not None and (b"\x00" in before or len(before) > MAX_FILE_BYTES):
        return EditRefusal("not_text", f"{path} is binary or too large to edit.", path)
    if whole and isinstance(whole[0], WriteFile):
        return _written(path, whole[0], before, mode)
    if before is None:
        return _hunks_for_new_file(path, group) or unknown_file(path, tree)
    if whole:
        return FileChange(path, before, None, mode), (Landing(path, "delete", 1),)
    return _edited(path, [e for e in group if isinstance(e, Located)], before, mode)


def _written(path: str, edit: WriteFile, before: bytes | None, mode: str) -> _Done | EditRefusal:
    after = _content(path, edit, before)
    if isinstance(after, EditRefusal):
        return after
    if after == before:
        return no_change(path)
    if len(after) > MAX_FILE_BYTES:
        return EditRefusal(
            "too_large", f"The new {path} has {len(after):,} bytes; at most {MAX_FILE_BYTES:,} are written.", path
        )
    return FileChange(path, before, after, mode), (Landing(path, "new_file" if before is None else "whole_file", 1),)


def _content(path: str, edit: WriteFile, before: bytes | None) -> bytes | EditRefusal:
    """The new bytes: line ends, BOM, encoding and the state of the last newline are those of what is replaced."""
    try:
        if edit.raw:
            return edit.content.encode("latin-1")
        if not before:
            return edit.content.encode("utf-8")
    except UnicodeEncodeError:
        return EditRefusal("encoding", f"The content for {path} holds characters that cannot be written.", path)
    document = document_of(before)
    unended = not edit.content.endswith("\n")
    splice = Splice(0, len(document.lines), text_lines(edit.content.removeprefix("\ufeff")), False if unended else None)
    return encoded(document.spliced([splice]), path)


def _hunks_for_new_file(path: str, group: Sequence[Edit]) -> _Done | EditRefusal | None:
    """A diff against /dev/null."""
    only = group[0]
    if len(group) != 1 or not isinstance(only, DiffHunks) or not only.diff.startswith("--- /dev/null"):
        return None
    placed = place_hunks(Document((), ()), only)
    if isinstance(placed, EditRefusal):
        return placed
    after = encoded(Document((), ()).spliced(placed.splices), path)
    return after if isinstance(after, EditRefusal) else (FileChange(path, None, after), (Landing(path, "new_file", 1),))


def no_change(path: str, where: str = "") -> EditRefusal:
    """The refusal for an edit that leaves its file as it is."""
    return EditRefusal("no_change", f"The edit{where} leaves {path} as it is. Change the code.", path)


def _edited(path: str, edits: Sequence[Located], before: bytes, mode: str) -> _Done | EditRefusal:
    document = document_of(before)
    together = _placed_together(document, edits)
    done = together
    if isinstance(together, EditRefusal) and len(edits) > 1:
        done = _placed_in_turn(document, edits)
    if isinstance(done, EditRefusal):
        return together if isinstance(together, EditRefusal) and together.code != "overlap" else done
    result, placed = done
    checked = parsed_again(document, result, edits, placed, path)
    if isinstance(checked, EditRefusal):
        return checked
    result, placed = checked
    after = encoded(result, path)
    if isinstance(after, EditRefusal):
        return after
    if after == before:
        return no_change(path)
    return FileChange(path, before, after, mode), tuple(Landing(path, p.rung, p.line) for p in placed)


def _placed_together(document: Document, edits: Sequence[Located]) -> Result | EditRefusal:
    placed: list[Placed] = []
    for edit in edits:
        found = place(document, edit)
        if isinstance(found, EditRefusal):
            return found
        placed.append(found)
    splices = list(dict.fromkeys(trimmed_splice(document, s) for p in placed for s in p.splices))
    ordered = sorted(splices, key=lambda s: (s.start, s.end))
    if any(b.start < a.end for a, b in pairwise(ordered)):
        return EditRefusal(
            "overlap", f"Two edits of {edits[0].path} change the same lines; write them as one.", edits[0].path
        )
    return document.spliced(splices), tuple(placed)


def _placed_in_turn(document: Document, edits: Iterable[Located]) -> Result | EditRefusal:
    placed: list[Placed] = []
    for edit in edits:
        found = place(document, edit)
        if isinstance(found, EditRefusal):
            return found
        placed.append(found)
        document = document.spliced(found.splices)
    return document, tuple(placed)


def place(document: Document, edit: Located) -> Placed | EditRefusal:
    """Where one edit lands in a file; refuses what finds no place, several, or changes nothing there."""
    if isinstance(edit, ReplaceDefinition):
        found = place_definition(document, edit)
    elif isinstance(edit, DiffHunks):
        found = place_hunks(document, edit)
    else:
        found = _place_search(document, edit)
    if isinstance(found, EditRefusal):
        return found if found.path else replace(found, path=edit.path)
    if not any(_changes(document, s) for s in found.splices):
        return no_change(edit.path, f" at line {found.line}")
    return found


def _changes(document: Document, splice: Splice) -> bool:
    ended = not document.ends or document.ends[-1] != ""
    return document.lines[splice.start : splice.end] != splice.lines or splice.final_newline not in (None, ended)


def _place_search(document: Document, edit: SearchReplace) -> Placed | EditRefusal:
    search, new = text_lines(edit.search), text_lines(edit.replace)
    found = find_place(document.lines, search, new)
    if isinstance(found, EditRefusal) and found.code == "ambiguous" and edit.within:
        found = _place_within(document, edit.within, search, new) or found
    if isinstance(found, Place):
        found = _filled(document, found, search)
    if isinstance(found, EditRefusal):
        return found
    final = None
    if edit.search.endswith("\n") != edit.replace.endswith("\n") and edit.replace and found.end == len(document.lines):
        final = edit.replace.endswith("\n") if not edit.search.endswith("\n") or edit.replace else None
    return Placed((Splice(found.start, found.end, found.lines, final),), found.rung, found.start + 1, found.sure)


def _filled(document: Document, place: Place, search: Sequence[str]) -> Place | EditRefusal:
    """A replacement that stands for lines of the search text by "# existing code": they are filled in, or it is refused."""
    window = document.lines[place.start : place.end]
    if not left_out(place.lines, (*search, *window)):
        return place
    whole = restored(place.lines, window)
    if whole is None or left_out(whole, (*search, *window)):
        line = place.start + 1
        message = f"The replacement at line {line} leaves lines out by a placeholder; write every line that is to stay."
        return EditRefusal("elided", message, nearest=document.numbered(place.start, min(place.end, place.start + 10)))
    return replace(place, lines=whole, rung="elision", sure=False)


def _place_within(document: Document, name: str, search: Sequence[str], new: Sequence[str]) -> Place | None:
    """The place inside the definition that the edit's header names."""
    scopes = located(document, name)
    if len(scopes) != 1:
        return None
    first = scopes[0].start_line - 1
    found = find_place(document.lines[first : scopes[0].end_line], search, new)
    if isinstance(found, EditRefusal):
        return None
    return replace(found, start=found.start + first, end=found.end + first, rung="syntax_node")
