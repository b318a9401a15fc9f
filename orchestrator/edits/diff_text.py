"""Unified diffs in replies: where they are, which files they name, and the same as search and replacement."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from orchestrator.edits.paths import resolve_path, safe_path, unknown_file
from orchestrator.edits.reply import ReadReply
from orchestrator.protocols import Tree
from orchestrator.records import DeleteFile, EditRefusal, Edits, SearchReplace, WriteFile

_OLD = re.compile(r"^--- (?:\"?)([^\t\n\"]+?)\"?(?:\t.*|\s+\d{4}-\d\d-\d\d.*)?\s*$")
_NEW = re.compile(r"^\+\+\+ (?:\"?)([^\t\n\"]+?)\"?(?:\t.*|\s+\d{4}-\d\d-\d\d.*)?\s*$")
_HUNK = re.compile(r"^@@.*")
_NUMBERED = re.compile(r"^@@ -\d")
_GIT = re.compile(
    r"^(?:diff --git |index [0-9a-f]+|(?:new|deleted) file mode |old mode|new mode|similarity index|rename |copy |Index: |={20,})"
)
NULL = "/dev/null"


@dataclass(frozen=True, slots=True)
class FileDiff:
    """The part of a diff for one file; `lines` begin at its `---` line. `unsupported` names what cannot be done (a rename)."""

    old: str
    new: str
    lines: tuple[str, ...]
    unsupported: str = ""

    @property
    def path(self) -> str:
        """The path as written, the new one unless the file is deleted."""
        return self.old if self.new == NULL else self.new


def looks_like_diff(read: ReadReply) -> bool:
    """True where a reply holds a diff: two header lines, or a block marked as one with added or removed lines."""
    lines = read.lines
    if any(
        _OLD.match(lines[i]) and _NEW.match(lines[i + 1]) for i in range(len(lines) - 1) if lines[i].startswith("--- ")
    ):
        return True
    marked = [b for b in read.blocks if b.info.lower().startswith(("diff", "patch"))]
    return any(line[:1] in "+-" and line.strip() for b in marked for line in b.lines if line)


def diff_lines(read: ReadReply) -> tuple[str, ...]:
    """The lines of the reply's diffs: of blocks that hold a header or are marked as diffs, or of the whole reply."""
    blocks = [
        b for b in read.blocks if b.info.lower().startswith(("diff", "patch")) or any(_OLD.match(x) for x in b.lines)
    ]
    if not blocks:
        return read.lines
    out: list[str] = []
    for block in blocks:
        while out and not out[-1].strip():
            out.pop()
        out.extend(block.lines)
    return tuple(out)


def file_diffs(lines: Sequence[str]) -> tuple[FileDiff, ...]:
    """Split a diff by file. Lines before the first header (prose, `diff --git`) are left out."""
    heads = [
        i for i in range(len(lines) - 1) if _OLD.match(lines[i]) and _NEW.match(lines[i + 1]) and _starts_file(lines, i)
    ]
    found = []
    for number, head in enumerate(heads):
        end = heads[number + 1] if number + 1 < len(heads) else len(lines)
        body = list(lines[head:end])
        while len(body) > 2 and _GIT.match(body[-1]):
            body.pop()
        old, new = _OLD.match(lines[head]), _NEW.match(lines[head + 1])
        if old and new:
            renamed = any(line.startswith(("rename ", "copy ")) for line in lines[max(0, head - 6) : head])
            found.append(FileDiff(old[1], new[1], tuple(body), "a rename" if renamed else ""))
    return tuple(found)


def _starts_file(lines: Sequence[str], index: int) -> bool:
    """A removed `-- x` above an added `++ y` looks like a header: a real one is followed by a hunk."""
    return index + 2 < len(lines) and _HUNK.match(lines[index + 2]) is not None


def resolved_path(part: FileDiff, tree: Tree, targets: tuple[str, ...]) -> tuple[str, tuple[str, ...]] | EditRefusal:
    """The path of a file diff, without a/ and b/, with what was repaired; it may name a new file."""
    raw = part.path
    plain = raw[2:] if raw.startswith(("a/", "b/")) else raw
    found = resolve_path(plain, tree, targets) if part.old != NULL or plain in tree.entries() else None
    safe = safe_path(found.path if found else plain, tree)
    if isinstance(safe, EditRefusal):
        return safe
    if part.old == NULL and found is not None:
        return EditRefusal("exists", f"{safe} exists already; write what changes in it, not a new file.", safe)
    if found is None and part.old != NULL:
        return unknown_file(plain, tree, targets)
    return safe, (found.salvage if found else ())


def search_edits(name: str, read: ReadReply, tree: Tree, targets: tuple[str, ...]) -> Edits | EditRefusal:
    """A diff in a reply that should have used another format: each hunk becomes a search and its replacement."""
    lines = diff_lines(read)
    parts = file_diffs(lines)
    if not parts:
        known = [t for t in targets if t in tree.entries()]
        if len(known) != 1:
            return EditRefusal(
                "no_path", "The diff does not say which file it is for; write `--- a/path` and `+++ b/path` above it."
            )
        parts = (FileDiff(known[0], known[0], ("", "", *lines)),)
    edits: list[SearchReplace | WriteFile | DeleteFile] = []
    salvage = ["other_format"]
    for part in parts:
        resolved = resolved_path(part, tree, targets)
        if isinstance(resolved, EditRefusal):
            return resolved
        path, notes = resolved
        salvage.extend(notes)
        edits.extend(as_search(part, path))
    if not edits:
        return EditRefusal("no_blocks", "The diff changes nothing.")
    return Edits(name, tuple(edits), tuple(dict.fromkeys(salvage)))


def has_numbers(part: FileDiff) -> bool:
    """Whether some hunk of the diff says where it is."""
    return any(_NUMBERED.match(line) for line in part.lines)


def as_search(part: FileDiff, path: str) -> list[SearchReplace | WriteFile | DeleteFile]:
    """Each hunk of a file's diff as a search and its replacement; a file that comes or goes, as a whole."""
    if part.new == NULL:
        return [DeleteFile(path)]
    hunks: list[list[str]] = [[]]
    for line in part.lines[2:]:
        if _HUNK.match(line):
            hunks.append([])
        elif not line.startswith("\\") and not _GIT.match(line):
            hunks[-1].append(line)
    if part.old == NULL:
        return [WriteFile(path, "".join(line[1:] + "\n" for hunk in hunks for line in hunk if line.startswith("+")))]
    return [SearchReplace(path, _side(h, "-"), _side(h, "+")) for h in hunks if any(x[:1] in "+-" and x for x in h)]


def _side(hunk: Sequence[str], mark: str) -> str:
    """One side of a hunk. A context line whose blank mark was lost is taken as it is."""
    other = "+" if mark == "-" else "-"
    kept = [line for line in hunk if not line.startswith(other)]
    while kept and not kept[-1].strip():
        kept.pop()
    return "".join((line[1:] if line[:1] in (mark, " ") else line) + "\n" for line in kept)
