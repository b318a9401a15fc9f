"""Query text to tokens."""

import re
from dataclasses import dataclass

from querylang.errors import QuerySyntaxError

KEYWORDS = ("and", "or", "not")
_ESCAPES = {"n": "\n", "t": "\t"}
_PATTERN = re.compile(
    r"""
    (?P<newline>\n)
  | (?P<space>[ \t\r]+)
  | (?P<comment>\#[^\n]*)
  | (?P<number>-?\d+(?:\.\d+)?)
  | (?P<word>[A-Za-z_][\w.]*)
  | (?P<string>"(?:[^"\\]|\\.)*")
  | (?P<op><=|>=|!=|=|<|>|~)
  | (?P<paren>[()])
    """,
    re.VERBOSE | re.DOTALL,
)


@dataclass(frozen=True)
class Token:
    """``kind`` is keyword, word, number, string, op, paren or end."""

    kind: str
    value: object
    line: int
    column: int


def tokenize(text):
    """The list of tokens, closed by an ``end`` token. Raises QuerySyntaxError."""
    tokens = []
    line, line_start, position = 1, 0, 0
    while position < len(text):
        column = position - line_start + 1
        match = _PATTERN.match(text, position)
        if match is None:
            raise QuerySyntaxError(f"unexpected {text[position]!r}", line, column)
        kind, lexeme = match.lastgroup, match.group()
        position = match.end()
        if kind == "newline":
            line, line_start = line + 1, position
        elif kind not in ("space", "comment"):
            tokens.append(_token(kind, lexeme, line, column))
    tokens.append(Token("end", "", line, position - line_start + 1))
    return tokens


def _token(kind, lexeme, line, column):
    if kind == "number":
        value = float(lexeme) if "." in lexeme else int(lexeme)
        return Token(kind, value, line, column)
    if kind == "string":
        return Token(kind, _unescape(lexeme[1:-1]), line, column)
    if kind == "word" and lexeme in KEYWORDS:
        return Token("keyword", lexeme, line, column)
    return Token(kind, lexeme, line, column)


def _unescape(body):
    return re.sub(
        r"\\(.)",
        lambda match: _ESCAPES.get(match.group(1), match.group(1)),
        body,
        flags=re.DOTALL,
    )
