"""Which lines begin inside a string, where indentation is content."""

from __future__ import annotations

import io
import tokenize
from collections.abc import Sequence


def string_lines(lines: Sequence[str]) -> frozenset[int]:
    """Indices of the lines that begin inside a multi-line string; what cannot be tokenized has none."""
    if not any('"""' in line or "'''" in line or line.endswith("\\") for line in lines):
        return frozenset()
    found: set[int] = set()
    reader = io.StringIO("".join(line + "\n" for line in lines)).readline
    try:
        for token in tokenize.generate_tokens(reader):
            if token.type == tokenize.STRING and token.end[0] > token.start[0]:
                found.update(range(token.start[0], token.end[0]))
    except (tokenize.TokenError, SyntaxError):
        return frozenset(found)
    return frozenset(found)
