r"""Text that others wrote, made safe and short enough to show: control characters, fences, head and tail, token estimates.

Everything here is pure. Lines end in `\n` only.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable

CountTokens = Callable[[str], int]
"""Tokens of a text for the model at hand; `Model.count_tokens` is one."""

CHARACTERS_PER_TOKEN = 3.4  # code in llama3's vocabulary runs at 3.5 to 4: the estimate errs on the high side

# C0 but for tab and newline, DEL, C1, bidirectional overrides (they reorder what a reader sees), lone surrogates.
_UNSAFE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
# Chat templates mark turns so (`<|eot_id|>`); servers may read the marks in user text as turns.
_TURN_MARK = re.compile(r"<\|(?=[\w.-]{1,40}\|>)")
_FENCE = re.compile(r"^\s*(`{3,})", re.MULTILINE)


def visible(text: str) -> str:
    r"""Show control characters as escapes (`\x1b`), so that no terminal, page or chat template can act on them.

    Windows line ends become `\n` and form feeds, which old sources use between sections, are left out.
    """
    text = text.replace("\r\n", "\n").replace("\f", "")
    return _TURN_MARK.sub("< |", _UNSAFE.sub(_escape, text))


def _escape(match: re.Match[str]) -> str:
    code = ord(match[0])
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


def fenced(text: str, language: str = "") -> str:
    """Put `text` into a Markdown fence longer than any fence inside it, so that it cannot end the block."""
    longest = max((len(mark) for mark in _FENCE.findall(text)), default=2)
    fence = "`" * max(3, longest + 1)
    body = text if text.endswith("\n") else text + "\n"
    return f"{fence}{language}\n{body}{fence}"


def clip_lines(text: str, limit: int, *, head: float = 0.5) -> str:
    """Keep at most `limit` lines (the line that says what is left out among them), `head` of them from the start."""
    lines = text.split("\n")
    if len(lines) <= limit:
        return text
    kept = max(1, limit - 1)
    first = min(kept, round(kept * head))
    last = kept - first
    left_out = len(lines) - kept
    return "\n".join([*lines[:first], f"[... {left_out} lines left out ...]", *(lines[-last:] if last else [])])


def clip_columns(text: str, width: int = 300) -> str:
    """Cut each line to `width` characters, marked where cut."""
    return "\n".join(line if len(line) <= width else line[:width] + " [...]" for line in text.split("\n"))


def clip_tokens(text: str, limit: int, count_tokens: CountTokens, *, head: float = 0.7) -> str:
    """Keep whole lines of head and tail so that about `limit` tokens remain; a text that fits comes back unchanged."""
    if count_tokens(text) <= limit:
        return text
    # One line of 100 kB must not be all that is kept, or all that is lost.
    text = clip_columns(text, width=max(80, round(limit * CHARACTERS_PER_TOKEN / 4)))
    low, high = 1, text.count("\n") + 1
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if count_tokens(clip_lines(text, middle, head=head)) <= limit else (low, middle - 1)
    return clip_lines(text, low, head=head)


def estimate_tokens(text: str) -> int:
    """Tokens of `text` where no model is at hand to ask; about 10% high for code."""
    return math.ceil(len(text.encode("utf-8", "surrogatepass")) / CHARACTERS_PER_TOKEN)


def first_sentence(text: str, width: int = 160) -> str:
    """The first line of `text`, cut to `width` characters."""
    line = text.strip().split("\n", 1)[0]
    return line if len(line) <= width else line[: width - 1].rstrip() + "\u2026"
