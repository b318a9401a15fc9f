"""Splitting a text into blocks and rendering each."""

import re

from tinymark.escape import escape
from tinymark.inline import render_inline

_HEADING = re.compile(r"(#{1,6})\s+(.*)")
_ITEM = re.compile(r"[-*]\s+(.*)")
FENCE = "```"


def render(text):
    """HTML of the whole text, one block per line group."""
    return "\n".join(_render_block(block) for block in split_blocks(text))


def split_blocks(text):
    """Lists of lines; blank lines separate blocks, fences keep theirs."""
    blocks, current = [], []
    in_fence = False
    for line in text.splitlines():
        if line.startswith(FENCE):
            if in_fence:
                blocks.append([*current, line])
                current = []
            else:
                if current:
                    blocks.append(current)
                current = [line]
            in_fence = not in_fence
        elif in_fence or line.strip():
            current.append(line)
        elif current:
            blocks.append(current)
            current = []
    if current:
        blocks.append(current)
    return blocks


def _render_block(lines):
    if lines[0].startswith(FENCE):
        body = lines[1:-1] if lines[-1].startswith(FENCE) else lines[1:]
        return f"<pre><code>{escape(chr(10).join(body))}</code></pre>"
    heading = _HEADING.fullmatch(lines[0])
    if heading and len(lines) == 1:
        level = len(heading.group(1))
        return f"<h{level}>{render_inline(heading.group(2))}</h{level}>"
    items = [_ITEM.fullmatch(line) for line in lines]
    if all(items):
        rows = "".join(f"<li>{render_inline(item.group(1))}</li>" for item in items)
        return f"<ul>{rows}</ul>"
    return f"<p>{render_inline(' '.join(line.strip() for line in lines))}</p>"
