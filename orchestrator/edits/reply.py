"""The outside of a reply: is it usable text, where are its fenced blocks, and what stands above each."""

from __future__ import annotations

import re
from dataclasses import dataclass

from orchestrator.records import EditRefusal

MAX_REPLY_CHARS = 2_000_000
# A reply of many blocks is a model that repeats itself; each block costs a look at its file.
MAX_BLOCKS = 400
_FENCE = re.compile(r"^[ \t>]*(`{3,}|~{3,})[ \t]*([^`\n]*)$")
_TRIPLE = re.compile(r'"""|\'\'\'')
_NESTING = {"md", "markdown", "rst", "text", "txt"}
NO_NEWLINE = "\\ No newline at end of file"


@dataclass(frozen=True, slots=True)
class Block:
    """One fenced block. `lead` is the text between it and the block before; `first_line` is where its body starts (0-based)."""

    info: str
    lines: tuple[str, ...]
    lead: tuple[str, ...]
    first_line: int
    closed: bool = True

    @property
    def body(self) -> str:
        """The block's text, every line with its end."""
        return "".join(line + "\n" for line in self.lines)


@dataclass(frozen=True, slots=True)
class ReadReply:
    """A reply as lines and fenced blocks; `tail` is what follows the last block, `salvage` what was repaired so far."""

    lines: tuple[str, ...]
    blocks: tuple[Block, ...]
    tail: tuple[str, ...]
    salvage: tuple[str, ...] = ()


def read_reply(text: str) -> ReadReply | EditRefusal:
    """Split a reply into blocks, or say why it is not one: too long, empty, binary, not text. Linear in its length."""
    if len(text) > MAX_REPLY_CHARS:
        return EditRefusal("too_long", f"The reply has {len(text):,} characters; at most {MAX_REPLY_CHARS:,} are read.")
    if not text.strip():
        return EditRefusal("empty", "The reply is empty. Answer with the edit in the format that was asked for.")
    if "\x00" in text:
        return EditRefusal("binary", "The reply holds NUL bytes; answer with plain text.")
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return EditRefusal("not_text", "The reply holds broken characters (lone surrogates); answer with plain text.")
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if text.lstrip().startswith("<think>") and "</think>" in text:
        text = text.split("</think>", 1)[1]
    lines = tuple(text.split("\n"))
    blocks, tail = _blocks(lines)
    if len(blocks) > MAX_BLOCKS:
        return too_many_blocks(len(blocks))
    return ReadReply(lines, blocks, tail)


def too_many_blocks(count: int) -> EditRefusal:
    """The refusal for a reply that repeats itself."""
    return EditRefusal("too_long", f"The reply holds {count} or more blocks; at most {MAX_BLOCKS} are read.")


def _blocks(lines: tuple[str, ...]) -> tuple[tuple[Block, ...], tuple[str, ...]]:
    found: list[Block] = []
    position = lead_from = 0
    while position < len(lines):
        fence = _FENCE.match(lines[position])
        if fence is None:
            position += 1
            continue
        end, closed = _block_end(lines, position, fence)
        body, info = lines[position + 1 : end], fence[2].strip()
        found.append(Block(info, _unquoted(lines[position], body), lines[lead_from:position], position + 1, closed))
        if len(found) > MAX_BLOCKS:
            break
        position = lead_from = end + 1 if closed and end < len(lines) and _FENCE.match(lines[end]) else end
        if not closed and end < len(lines):
            position = lead_from = end
    return tuple(found), lines[lead_from:]


def _unquoted(opening: str, body: tuple[str, ...]) -> tuple[str, ...]:
    """Take a markdown quote mark or the fence's own indentation (a list item) off every line of a block."""
    if opening.lstrip().startswith(">"):
        return tuple(re.sub(r"^[ \t]*>[ ]?", "", line) for line in body)
    indent = opening[: len(opening) - len(opening.lstrip())]
    if indent and all(line.startswith(indent) or not line.strip() for line in body):
        return tuple(line.removeprefix(indent) for line in body)
    return body


def _block_end(lines: tuple[str, ...], opening: int, fence: re.Match[str]) -> tuple[int, bool]:
    """The line of the closing fence (True), or where a block without one stops (False)."""
    mark, nests = fence[1], fence[2].strip().lower() in _NESTING
    in_string, depth = False, 0
    skipped: int | None = None
    for index in range(opening + 1, len(lines)):
        line = lines[index]
        inner = _FENCE.match(line)
        if inner is None or inner[1][0] != mark[0] or len(inner[1]) < len(mark):
            # A fence inside a docstring belongs to the code.
            in_string ^= len(_TRIPLE.findall(line)) % 2 == 1
            continue
        if inner[2].strip():
            if nests:
                depth += 1
            elif not in_string:
                return _header_above(lines, opening, index), False
        elif depth:
            depth -= 1
        elif not in_string:
            return index, True
        elif skipped is None:
            skipped = index
    return (skipped, True) if skipped is not None else (len(lines), False)


def _header_above(lines: tuple[str, ...], opening: int, index: int) -> int:
    """Where a block whose closing fence is missing stops: before the heading of the next block."""
    cut = index
    while cut > opening + 1 and not lines[cut - 1].strip():
        cut -= 1
    if cut > opening + 1 and re.match(r"^\s*(#{2,}\s|\*\*|`|File\b|Path\b|[\w./\\-]+\.\w{1,5}:?\s*$)", lines[cut - 1]):
        return cut - 1
    return index
