"""How every format but the diff begins to read a reply: its outside, characters that came in on the way, another format."""

from __future__ import annotations

from orchestrator.edits.characters import plain_characters
from orchestrator.edits.diff_text import looks_like_diff, search_edits
from orchestrator.edits.markers import has_markers
from orchestrator.edits.reply import ReadReply, read_reply
from orchestrator.edits.search_replace import parse_markers
from orchestrator.edits.unfenced import with_found_code
from orchestrator.protocols import Tree
from orchestrator.records import EditRefusal, Edits


def opened(name: str, reply_text: str, tree: Tree, targets: tuple[str, ...]) -> ReadReply | Edits | EditRefusal:
    """A reply in the format `name` of code blocks, with code found outside of fences too; or what it is instead."""
    read = read_reply(plain_characters(reply_text, tree, targets))
    if isinstance(read, EditRefusal):
        return read
    if has_markers(read):
        return parse_markers(name, read, tree, targets)
    if looks_like_diff(read):
        return search_edits(name, read, tree, targets)
    if not read.blocks and any(line.startswith(("DELETE ", "### DELETE ")) for line in read.lines):
        return parse_markers(name, read, tree, targets)
    return with_found_code(read)
