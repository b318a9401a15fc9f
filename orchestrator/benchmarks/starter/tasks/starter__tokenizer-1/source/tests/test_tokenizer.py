import pytest

from querylang import QuerySyntaxError, tokenize
from querylang.errors import pointer


def kinds(text):
    return [token.kind for token in tokenize(text)]


def test_kinds():
    assert kinds('a.b >= -1.5 and (c ~ "x")') == [
        "word",
        "op",
        "number",
        "keyword",
        "paren",
        "word",
        "op",
        "string",
        "paren",
        "end",
    ]


def test_values():
    values = [token.value for token in tokenize(r'12 1.5 "a \"b\"\n"')]
    assert values == [12, 1.5, 'a "b"\n', ""]


def test_places():
    tokens = tokenize("a = 1\n  and b")
    assert [(t.line, t.column) for t in tokens] == [
        (1, 1),
        (1, 3),
        (1, 5),
        (2, 3),
        (2, 7),
        (2, 8),
    ]


def test_comments_are_skipped():
    assert kinds("a # b c\n= 1") == ["word", "op", "number", "end"]


def test_pointer():
    query = "a = 1 and\nb ? 2"
    with pytest.raises(QuerySyntaxError) as info:
        tokenize(query)
    assert pointer(query, info.value) == "b ? 2\n  ^"
