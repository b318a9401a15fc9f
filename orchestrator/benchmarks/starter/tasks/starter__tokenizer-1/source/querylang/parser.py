"""Tokens to a tree of tuples.

``("and", left, right)``, ``("or", left, right)``, ``("not", inner)`` and
``("compare", field, operator, value)``.
"""

from querylang.errors import QuerySyntaxError
from querylang.tokenizer import tokenize


def parse(text):
    """The tree of a query."""
    tokens = tokenize(text)
    tree, rest = _or(tokens)
    if rest[0].kind != "end":
        raise _unexpected(rest[0])
    return tree


def _unexpected(token):
    what = "end of query" if token.kind == "end" else repr(token.value)
    return QuerySyntaxError(f"unexpected {what}", token.line, token.column)


def _or(tokens):
    left, tokens = _and(tokens)
    while (tokens[0].kind, tokens[0].value) == ("keyword", "or"):
        right, tokens = _and(tokens[1:])
        left = ("or", left, right)
    return left, tokens


def _and(tokens):
    left, tokens = _not(tokens)
    while (tokens[0].kind, tokens[0].value) == ("keyword", "and"):
        right, tokens = _not(tokens[1:])
        left = ("and", left, right)
    return left, tokens


def _not(tokens):
    if (tokens[0].kind, tokens[0].value) == ("keyword", "not"):
        inner, tokens = _not(tokens[1:])
        return ("not", inner), tokens
    if (tokens[0].kind, tokens[0].value) == ("paren", "("):
        inner, tokens = _or(tokens[1:])
        if (tokens[0].kind, tokens[0].value) != ("paren", ")"):
            raise _unexpected(tokens[0])
        return inner, tokens[1:]
    return _comparison(tokens)


def _comparison(tokens):
    kinds = ("word", "op", ("number", "string", "word"))
    for token, kind in zip(tokens, kinds):
        if token.kind not in kind if isinstance(kind, tuple) else token.kind != kind:
            raise _unexpected(token)
    field, op, value = tokens[:3]
    return ("compare", field.value, op.value, value.value), tokens[3:]
