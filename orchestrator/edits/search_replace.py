"""The `search-replace` format: blocks of SEARCH and REPLACE under the path of their file."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from orchestrator.edits.characters import plain_characters
from orchestrator.edits.clean import trimmed, without_fences
from orchestrator.edits.diff_text import looks_like_diff, search_edits
from orchestrator.edits.headers import Header, missing_path, read_header
from orchestrator.edits.markers import FENCE, Marked, has_markers, read_label, read_marked
from orchestrator.edits.outline import located
from orchestrator.edits.paths import resolve_path, safe_path, unknown_file
from orchestrator.edits.places import occurrences
from orchestrator.edits.reply import MAX_BLOCKS, NO_NEWLINE, ReadReply, read_reply, too_many_blocks
from orchestrator.edits.text import document_of
from orchestrator.protocols import Tree
from orchestrator.records import DeleteFile, EditRefusal, Edits, SearchReplace, WriteFile

NAME = "search-replace"
_DELETE = re.compile(r"^\W*(?:DELETE(?:\s+FILE)?|Delete File)\s*:?\s*[`'\"]?([^\s`'\"]+)[`'\"]?\W*$")
_DEFINES = re.compile(r"^\s*(?:async\s+)?(?:def|class)\s+\w", re.MULTILINE)
_LEAD_LINES = 8
_LEAD_IN = re.compile(r"^\W*(?:search|find|original|old|before|replace this|current)\b", re.IGNORECASE)
_LEAD_OUT = re.compile(r"^\W*(?:replace(?:ment)?|with|new|after|updated|becomes)\b", re.IGNORECASE)
_Edit = SearchReplace | WriteFile | DeleteFile


@dataclass
class _Reading:
    tree: Tree
    targets: tuple[str, ...]
    path: str = ""
    edits: list[_Edit] = field(default_factory=list)
    salvage: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class SearchReplaceFormat:
    """Replace text that occurs once in a file; an empty SEARCH makes a new file, `DELETE path` removes one."""

    name: str = NAME
    prompt_section: str = "formats/search-replace.md"

    def parse(self, reply_text: str, tree: Tree, targets: tuple[str, ...] = ()) -> Edits | EditRefusal:
        """Read a reply. Where each search text is in its file is found when the edit is applied."""
        read = read_reply(plain_characters(reply_text, tree, targets))
        if isinstance(read, EditRefusal):
            return read
        if not has_markers(read):
            if looks_like_diff(read):
                return search_edits(NAME, read, tree, targets)
            paired = _paired_fences(read)
            if paired:
                return _collected(NAME, read, paired, _Reading(tree, targets, salvage=["separate_fences"]))
            if any(_DEFINES.search(block.body) for block in read.blocks):
                return _definitions(read, tree, targets) or parse_markers(NAME, read, tree, targets)
        return parse_markers(NAME, read, tree, targets)


def _definitions(read: ReadReply, tree: Tree, targets: tuple[str, ...]) -> Edits | None:
    """Whole definitions where blocks were asked for; None where they cannot be placed."""
    # That format reads SEARCH blocks in its turn.
    from orchestrator.edits.function_format import parse_definitions

    found = parse_definitions(read, tree, targets)
    return None if isinstance(found, EditRefusal) else Edits(NAME, found.edits, (*found.salvage, "other_format"))


def parse_markers(name: str, read: ReadReply, tree: Tree, targets: tuple[str, ...]) -> Edits | EditRefusal:
    """Read every SEARCH block and every DELETE line of a reply; `name` is the format that was asked for."""
    marked: list[Marked] = []
    at = 0
    while at < len(read.lines):
        label = read_label(read.lines[at])
        if label is None:
            at += 1
            continue
        block = read_marked(read.lines, at, label)
        if isinstance(block, EditRefusal):
            return block
        marked.append(block)
        if len(marked) > MAX_BLOCKS:
            return too_many_blocks(len(marked))
        at = block.end + 1
    return _collected(name, read, marked, _Reading(tree, targets, salvage=[] if name == NAME else ["other_format"]))


def _paired_fences(read: ReadReply) -> list[Marked]:
    """`SEARCH:` and `REPLACE:` each above a fence of its own."""
    found: list[Marked] = []
    blocks = read.blocks
    index = 0
    while index + 1 < len(blocks):
        old, new = blocks[index], blocks[index + 1]
        if _leads(old.lead, _LEAD_IN) and _leads(new.lead, _LEAD_OUT):
            found.append(Marked(old.lines, new.lines, old.first_line - 1, new.first_line + len(new.lines), ""))
            index += 2
        else:
            index += 1
    return found


def _leads(lead: Sequence[str], pattern: re.Pattern[str]) -> bool:
    last = next((line for line in reversed(lead) if line.strip()), "")
    return pattern.match(last) is not None and len(last) < 120


def _collected(name: str, read: ReadReply, marked: Sequence[Marked], reading: _Reading) -> Edits | EditRefusal:
    behind = 0
    for block in marked:
        refusal = _deletions(reading, read.lines[behind : block.start]) or _add(reading, read.lines, behind, block)
        if refusal:
            return refusal
        behind = block.end + 1
    refusal = _deletions(reading, read.lines[behind:])
    if refusal:
        return refusal
    if not reading.edits:
        return EditRefusal(
            "no_blocks", "The reply holds no SEARCH/REPLACE block. Write <<<<<<< SEARCH, =======, >>>>>>> REPLACE."
        )
    unique = list(dict.fromkeys(reading.edits))
    twice = _said_twice(unique)
    if twice is not None:
        return twice
    kept = [e for e in unique if not (isinstance(e, SearchReplace) and e.search == e.replace)]
    if kept and len(kept) < len(reading.edits):
        reading.salvage.append("unchanged_block")
    return Edits(name, tuple(kept or unique), tuple(dict.fromkeys(reading.salvage)))


def _said_twice(edits: Sequence[_Edit]) -> EditRefusal | None:
    """Two different replacements of one text: which is meant cannot be told."""
    known: dict[tuple[str, str], str] = {}
    for edit in edits:
        if isinstance(edit, SearchReplace) and edit.search.strip() and edit.search != edit.replace:
            said = known.setdefault((edit.path, edit.search), edit.replace)
            if said != edit.replace:
                first = next(line.strip() for line in edit.search.split("\n") if line.strip())
                message = f"The reply holds two different replacements for the same text (`{first[:60]}`); write one."
                return EditRefusal("conflict", message, edit.path)
    return None


def _deletions(reading: _Reading, lines: Sequence[str]) -> EditRefusal | None:
    for line in lines:
        found = _DELETE.match(line) if "elete" in line or "DELETE" in line else None
        if found:
            resolved = resolve_path(found[1], reading.tree, reading.targets)
            safe = safe_path(resolved.path if resolved else found[1], reading.tree)
            if isinstance(safe, EditRefusal):
                return safe
            if resolved is None:
                return unknown_file(found[1], reading.tree, reading.targets)
            reading.edits.append(DeleteFile(resolved.path))
            reading.salvage.extend(resolved.salvage)
    return None


def _add(reading: _Reading, lines: Sequence[str], behind: int, block: Marked) -> EditRefusal | None:
    header = _header(reading, lines, behind, block)
    if header is None:
        return missing_path("SEARCH block")
    safe = safe_path(header.path, reading.tree)
    if isinstance(safe, EditRefusal):
        return safe
    reading.path = header.path
    reading.salvage.extend((*header.salvage, *block.salvage))
    if len(block.dividers) > 1 and header.exists:
        chosen = _divided(reading, header.path, block)
        if isinstance(chosen, EditRefusal):
            return chosen
        block = chosen
    search, new = _text(block.search), _text(_unfenced_tail(header.path, block))
    if not search.strip():
        if header.exists and reading.tree.read(header.path).strip():
            reading.edits.append(SearchReplace(header.path, "", new))
        else:
            reading.edits.append(WriteFile(header.path, _text(without_fences(block.replace))))
        return None
    if not header.exists:
        return unknown_file(header.path, reading.tree, reading.targets)
    scope = header.name
    if scope and len(located(document_of(reading.tree.read(header.path)), scope)) != 1:
        scope = ""
    reading.edits.append(SearchReplace(header.path, search, new, within=scope))
    return None


def _unfenced_tail(path: str, block: Marked) -> tuple[str, ...]:
    """Without a fence closed too early, before the last marker; a text file may hold fences of its own."""
    bare = trimmed(block.replace)
    fences = [line for line in bare if FENCE.match(line)]
    stray = len(fences) == 1 and bare and FENCE.match(bare[-1]) and not any(FENCE.match(line) for line in block.search)
    return bare[:-1] if stray and path.endswith((".py", ".pyi")) else block.replace


def _text(lines: Sequence[str]) -> str:
    if lines and lines[-1] == NO_NEWLINE:
        return "\n".join(lines[:-1])
    return "".join(line + "\n" for line in lines)


def _divided(reading: _Reading, path: str, block: Marked) -> Marked | EditRefusal:
    """Several lines of `=======`: the divider is the one whose upper half is in the file."""
    body = (*block.search, "=" * 7, *block.replace)
    file = document_of(reading.tree.read(path)).lines
    fitting = [d for d in block.dividers[:20] if trimmed(body[:d]) and occurrences(file, trimmed(body[:d]), str.strip)]
    if not fitting:
        return EditRefusal(
            "ambiguous_divider", f"The SEARCH block for {path} has several ======= lines; keep one.", path
        )
    # The longest text that is there: a shorter one would leave a divider of the file's own in the replacement.
    return replace(block, search=tuple(body[: fitting[-1]]), replace=tuple(body[fitting[-1] + 1 :]))


def _header(reading: _Reading, lines: Sequence[str], behind: int, block: Marked) -> Header | None:
    if block.label:
        header = read_header(block.label, reading.tree, reading.targets)
        if header:
            return header
    seen = 0
    for index in range(block.start - 1, behind - 1, -1):
        line = lines[index]
        fence = FENCE.match(line)
        text = (fence[1].partition(" ")[2] or fence[1].partition(":")[2] or fence[1]) if fence else line
        if not text.strip() or (fence and "." not in text):
            continue
        seen += 1
        header = read_header(text, reading.tree, reading.targets)
        if header:
            return header
        if seen == _LEAD_LINES:
            break
    if reading.path:
        return Header(reading.path, exists=reading.path in reading.tree.entries(), salvage=("path_inherited",))
    return _by_content(reading, block)


def _by_content(reading: _Reading, block: Marked) -> Header | None:
    """The only file shown, or the only one of those that holds the search text."""
    known = [t for t in reading.targets if t in reading.tree.entries()]
    if len(known) == 1:
        return Header(known[0], salvage=("path_from_target",))
    wanted = trimmed(block.search)
    holding = [t for t in known if wanted and occurrences(document_of(reading.tree.read(t)).lines, wanted, str.strip)]
    return Header(holding[0], salvage=("path_from_content",)) if len(holding) == 1 else None
