import pytest

from querylang import QuerySyntaxError, parse


def test_precedence():
    assert parse("a = 1 or b = 2 and not c = 3") == (
        "or",
        ("compare", "a", "=", 1),
        ("and", ("compare", "b", "=", 2), ("not", ("compare", "c", "=", 3))),
    )


def test_parentheses():
    assert parse("(a = 1 or b = 2) and c = 3")[0] == "and"


def test_errors():
    for query in ("", "a", "a =", "a = 1 b", "(a = 1", "and"):
        with pytest.raises(QuerySyntaxError):
            parse(query)
