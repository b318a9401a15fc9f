"""Markup inside a line: code, strong, emphasis and links."""

import re

from tinymark.escape import escape

_RULES = (
    (re.compile(r"`([^`]+)`"), r"<code>\1</code>"),
    (re.compile(r"\[([^\]]+)\]\((https?://[^)\s]+)\)"), r'<a href="\2">\1</a>'),
    (re.compile(r"\*\*(\S(?:.*?\S)?)\*\*"), r"<strong>\1</strong>"),
    (re.compile(r"\*(\S(?:[^*]*?\S)?)\*"), r"<em>\1</em>"),
)


def render_inline(text):
    """HTML of one line of text."""
    html = escape(text)
    for pattern, replacement in _RULES:
        html = pattern.sub(replacement, html)
    return html
