"""A reply in another format than was asked for: SEARCH blocks and diffs say what they are."""

from __future__ import annotations

from orchestrator.edits.diff_text import looks_like_diff, search_edits
from orchestrator.edits.reply import ReadReply
from orchestrator.edits.search_replace import has_markers, parse_markers
from orchestrator.protocols import Tree
from orchestrator.records import EditRefusal, Edits


def other_format(name: str, read: ReadReply, tree: Tree, targets: tuple[str, ...]) -> Edits | EditRefusal | None:
    """Read SEARCH blocks, DELETE lines or a diff where the format `name` was asked for; None where the reply has neither."""
    if has_markers(read):
        return parse_markers(name, read, tree, targets)
    if looks_like_diff(read):
        return search_edits(name, read, tree, targets)
    if not read.blocks and any(line.startswith(("DELETE ", "### DELETE ")) for line in read.lines):
        return parse_markers(name, read, tree, targets)
    return None
