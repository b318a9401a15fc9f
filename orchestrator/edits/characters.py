"""Characters that a chat puts into code: escaped brackets, and blanks that are none for Python."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

from orchestrator.protocols import Tree

_ENTITY = re.compile(r"&(?:lt|gt|amp|quot|#39|#x27);")
_QUOTED = re.compile(r"[\"'`]&(?:lt|gt|amp|quot|#39|#x27);")
_FENCED = re.compile(r"^(```|~~~).*?^\1", re.MULTILINE | re.DOTALL)
_ODD_BLANKS = re.compile(r"^[ \t\u00a0]*\u00a0[ \t\u00a0]*", re.MULTILINE)


def plain_characters(text: str, tree: Tree, targets: tuple[str, ...]) -> str:
    """The reply with entities as the characters they stand for, and indentation by blanks.

    Only where all of the code is escaped and no file that was shown holds an entity (or such a blank) itself.
    """
    if "\u00a0" in text and not _held("\u00a0".encode(), tree, targets):
        text = _ODD_BLANKS.sub(lambda found: found[0].replace("\u00a0", " "), text)
    if _ENTITY.search(text) and not _QUOTED.search(text) and not any("<" in c or ">" in c for c in _code(text)):
        known = (b"&lt;", b"&gt;", b"&amp;", b"&quot;", b"&#39;", b"&#x27;")
        if not any(_held(entity, tree, targets) for entity in known):
            return html.unescape(text)
    return text


def _code(text: str) -> Iterator[str]:
    return (found[0] for found in _FENCED.finditer(text))


def _held(data: bytes, tree: Tree, targets: tuple[str, ...]) -> bool:
    entries = tree.entries()
    return any(data in tree.read(path) for path in targets if path in entries)
