"""The `search-replace` format: blocks of SEARCH and REPLACE under the path of their file."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from orchestrator.edits.clean import trimmed, without_fences
from orchestrator.edits.diff_text import looks_like_diff, search_edits
from orchestrator.edits.headers import Header, missing_path, read_header
from orchestrator.edits.outline import located
from orchestrator.edits.paths import resolve_path, safe_path, unknown_file
from orchestrator.edits.places import occurrences
from orchestrator.edits.reply import MAX_BLOCKS, NO_NEWLINE, ReadReply, read_reply, too_many_blocks
from orchestrator.edits.text import document_of
from orchestrator.protocols import Tree
from orchestrator.records import DeleteFile, EditRefusal, Edits, SearchReplace, WriteFile

NAME = "search-replace"
_SEARCH = re.compile(r"^\s*<{5,9}\s*(?:SEARCH|ORIGINAL|FIND|OLD|HEAD|BEFORE)?\b[:\s]*(.*)$", re.IGNORECASE)
_DIVIDER = re.compile(r"^\s*={5,9}\s*$")
_END = re.compile(r"^\s*>{5,9}\s*\w*.*$")
_FENCE = re.compile(r"^[ \t>]*(?:`{3,}|~{3,})[ \t]*(.*)$")
_DELETE = re.compile(r"^\W*(?:DELETE(?:\s+FILE)?|Delete File)\s*:?\s*[`'\"]?([^\s`'\"]+)[`'\"]?\W*$")
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
class _Marked:
    """One SEARCH block: lines of both halves, where it begins and ends in the reply, what follows the SEARCH marker."""

    search: tuple[str, ...]
    replace: tuple[str, ...]
    start: int
    end: int
    label: str
    dividers: tuple[int, ...] = ()
    salvage: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SearchReplaceFormat:
    """Replace text that occurs once in a file; an empty SEARCH makes a new file, `DELETE path` removes one."""

    name: str = NAME
    prompt_section: str = "formats/search-replace.md"

    def parse(self, reply_text: str, tree: Tree, targets: tuple[str, ...] = ()) -> Edits | EditRefusal:
        """Read a reply. Where each search text is in its file is found when the edit is applied."""
        read = read_reply(reply_text)
        if isinstance(read, EditRefusal):
            return read
        if not has_markers(read):
            if looks_like_diff(read):
                return search_edits(NAME, read, tree, targets)
            paired = _paired_fences(read)
            if paired:
                return _collected(NAME, read, paired, _Reading(tree, targets, salvage=["separate_fences"]))
        return parse_markers(NAME, read, tree, targets)


def has_markers(read: ReadReply) -> bool:
    """True where a reply holds a SEARCH marker."""
    return any(line.lstrip().startswith("<<<<<") and _SEARCH.match(line) for line in read.lines)


def parse_markers(name: str, read: ReadReply, tree: Tree, targets: tuple[str, ...]) -> Edits | EditRefusal:
    """Read every SEARCH block and every DELETE line of a reply; `name` is the format that was asked for."""
    marked: list[_Marked] = []
    at = 0
    while at < len(read.lines):
        found = _SEARCH.match(read.lines[at]) if read.lines[at].lstrip().startswith("<<<<<") else None
        if found is None:
            at += 1
            continue
        block = _sections(read.lines, at, found[1].strip())
        if isinstance(block, EditRefusal):
            return block
        marked.append(block)
        if len(marked) > MAX_BLOCKS:
            return too_many_blocks(len(marked))
        at = block.end + 1
    return _collected(name, read, marked, _Reading(tree, targets, salvage=[] if name == NAME else ["other_format"]))


def _sections(lines: Sequence[str], start: int, label: str) -> _Marked | EditRefusal:
    end = next((i for i in range(start + 1, len(lines)) if _END.match(lines[i]) or _is_search(lines[i])), len(lines))
    body = lines[start + 1 : end]
    dividers = [i for i, line in enumerate(body) if _DIVIDER.match(line)]
    salvage: tuple[str, ...] = ()
    if not dividers:
        message = (
            f"The SEARCH block at line {start + 1} of the reply has no ======= line between the old text and the new."
        )
        return EditRefusal("no_divider", message)
    if end == len(lines) or not _END.match(lines[end]):
        stop = next((i for i in range(dividers[0] + 1, len(body)) if _FENCE.match(body[i])), None)
        if stop is None and len(dividers) > 1 and not any(line.strip() for line in body[dividers[-1] + 1 :]):
            stop = dividers.pop()
        if stop is None:
            message = f"The SEARCH block at line {start + 1} of the reply is not closed; end it with >>>>>>> REPLACE."
            return EditRefusal("unclosed_block", message)
        body, end, salvage = body[:stop], start + 1 + stop, ("missing_end_marker",)
    middle = dividers[0]
    return _Marked(tuple(body[:middle]), tuple(body[middle + 1 :]), start, end, label, tuple(dividers), salvage)


def _is_search(line: str) -> bool:
    return line.lstrip().startswith("<<<<<") and _SEARCH.match(line) is not None


def _paired_fences(read: ReadReply) -> list[_Marked]:
    """`SEARCH:` and `REPLACE:` each above a fence of its own."""
    found: list[_Marked] = []
    blocks = read.blocks
    index = 0
    while index + 1 < len(blocks):
        old, new = blocks[index], blocks[index + 1]
        if _leads(old.lead, _LEAD_IN) and _leads(new.lead, _LEAD_OUT):
            found.append(_Marked(old.lines, new.lines, old.first_line - 1, new.first_line + len(new.lines), ""))
            index += 2
        else:
            index += 1
    return found


def _leads(lead: Sequence[str], pattern: re.Pattern[str]) -> bool:
    last = next((line for line in reversed(lead) if line.strip()), "")
    return pattern.match(last) is not None and len(last) < 120


def _collected(name: str, read: ReadReply, marked: Sequence[_Marked], reading: _Reading) -> Edits | EditRefusal:
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
    kept = [e for e in unique if not (isinstance(e, SearchReplace) and e.search == e.replace)]
    if kept and len(kept) < len(reading.edits):
        reading.salvage.append("unchanged_block")
    return Edits(name, tuple(kept or unique), tuple(dict.fromkeys(reading.salvage)))


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


def _add(reading: _Reading, lines: Sequence[str], behind: int, block: _Marked) -> EditRefusal | None:
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


def _unfenced_tail(path: str, block: _Marked) -> tuple[str, ...]:
    """Without a fence closed too early, before the last marker; a text file may hold fences of its own."""
    bare = trimmed(block.replace)
    fences = [line for line in bare if _FENCE.match(line)]
    stray = (
        len(fences) == 1 and bare and _FENCE.match(bare[-1]) and not any(_FENCE.match(line) for line in block.search)
    )
    return bare[:-1] if stray and path.endswith((".py", ".pyi")) else block.replace


def _text(lines: Sequence[str]) -> str:
    if lines and lines[-1] == NO_NEWLINE:
        return "\n".join(lines[:-1])
    return "".join(line + "\n" for line in lines)


def _divided(reading: _Reading, path: str, block: _Marked) -> _Marked | EditRefusal:
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


def _header(reading: _Reading, lines: Sequence[str], behind: int, block: _Marked) -> Header | None:
    if block.label:
        header = read_header(block.label, reading.tree, reading.targets)
        if header:
            return header
    seen = 0
    for index in range(block.start - 1, behind - 1, -1):
        line = lines[index]
        fence = _FENCE.match(line)
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


def _by_content(reading: _Reading, block: _Marked) -> Header | None:
    """The only file shown, or the only one of those that holds the search text."""
    known = [t for t in reading.targets if t in reading.tree.entries()]
    if len(known) == 1:
        return Header(known[0], salvage=("path_from_target",))
    wanted = trimmed(block.search)
    holding = [t for t in known if wanted and occurrences(document_of(reading.tree.read(t)).lines, wanted, str.strip)]
    return Header(holding[0], salvage=("path_from_content",)) if len(holding) == 1 else None
