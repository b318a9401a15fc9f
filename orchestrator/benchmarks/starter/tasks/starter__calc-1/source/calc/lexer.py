"""Expression text to tokens."""

import re
from dataclasses import dataclass


class CalcError(ValueError):
    """The expression is malformed or cannot be evaluated."""


@dataclass(frozen=True)
class Token:
    """``kind`` is one of number, name, op, end."""

    kind: str
    text: str
    position: int


_PATTERN = re.compile(
    r"\s*(?:(?P<number>\d+(?:\.\d*)?|\.\d+)|(?P<name>[A-Za-z_]\w*)|(?P<op>\*\*|[-+*/%(),]))"
)


def tokenize(text):
    """The tokens of ``text``, closed by an ``end`` token."""
    tokens = []
    position = 0
    text = text.rstrip()
    while position < len(text):
        match = _PATTERN.match(text, position)
        if match is None:
            raise CalcError(f"unexpected character at {position}: {text[position]!r}")
        kind = match.lastgroup
        tokens.append(Token(kind, match.group(kind), match.start(kind)))
        position = match.end()
    tokens.append(Token("end", "", len(text)))
    return tokens
