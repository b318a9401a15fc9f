"""Decoding, definitions and fingerprints of Python source."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.syntax import (
    decode_source,
    definitions,
    enclosing_definition,
    encode_source,
    fingerprint,
    parse_source,
    split_lines,
)

CODE = '''class A:
    @property
    def x(self):
        """Doc."""
        return 1

    @x.setter
    def x(self, value):
        def inner():
            return value
        self._x = inner()


if True:
    async def f():
        pass
'''


@given(st.binary(max_size=200))
def test_decoding_is_reversible(data: bytes) -> None:
    """Any bytes come back as they were."""
    assert encode_source(*decode_source(data)) == data


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        (b"x = 1\n", "utf-8"),
        ("# -*- coding: latin-1 -*-\n\u00e9\n".encode("latin-1"), "iso-8859-1"),
        (b"\xe9\n", "latin-1"),
        (b"\xef\xbb\xbfx\n", "utf-8"),
    ],
)
def test_the_encoding_is_the_interpreters(data: bytes, encoding: str) -> None:
    """A cookie counts, a BOM stays in the text, and what is no UTF-8 is latin-1."""
    text, found = decode_source(data)
    assert found == encoding
    assert text.startswith("\ufeff") == data.startswith(b"\xef\xbb\xbf")


@given(st.text(alphabet="ab\n\r\x0c\u2028", max_size=40))
def test_lines_are_split_on_newlines_only(text: str) -> None:
    """Form feeds and U+2028 are no line ends, and nothing is lost."""
    lines = split_lines(text)
    assert "".join(lines) == text
    assert all(line.endswith("\n") for line in lines[:-1])


def test_definitions_have_dotted_names_and_lines() -> None:
    """Decorators belong to a definition, repeated names repeat, conditions are looked into."""
    found = definitions(parse_source(CODE))
    assert [(d.qualified_name, d.kind, d.start_line, d.header_line, d.end_line) for d in found] == [
        ("A", "class", 1, 1, 11),
        ("A.x", "function", 2, 3, 5),
        ("A.x", "function", 7, 8, 11),
        ("A.x.inner", "function", 9, 9, 10),
        ("f", "function", 15, 15, 16),
    ]


@pytest.mark.parametrize(("line", "name"), [(1, "A"), (5, "A.x"), (10, "A.x.inner"), (14, None)])
def test_the_innermost_definition_holds_a_line(line: int, name: str | None) -> None:
    """Nothing holds a line at module level."""
    found = enclosing_definition(definitions(parse_source(CODE)), line)
    assert (found.qualified_name if found else None) == name


@pytest.mark.parametrize("text", ["x = (", "a\x00b", "(" * 5000, "def f(:\n"])
def test_what_does_not_parse_is_a_syntax_error(text: str) -> None:
    """NUL bytes and deep nesting too."""
    with pytest.raises(SyntaxError):
        parse_source(text)


@pytest.mark.parametrize(
    "other",
    ["def f(a):\n    b = a  # why\n    return b\n", 'def f(a):\n    """Doc."""\n    c=a\n    return (c)\n'],
)
def test_the_same_code_in_other_words_has_the_same_fingerprint(other: str) -> None:
    """Comments, docstrings, layout and local names do not count."""
    assert fingerprint(other) == fingerprint("def f(a):\n    x = a\n    return x\n")


@pytest.mark.parametrize(
    "other",
    [
        "def f(a):\n    x = a\n    return a\n",
        "def f(b):\n    x = b\n    return x\n",
        "def g(a):\n    x = a\n    return x\n",
        "def f(a):\n    x = a + 0\n    return x\n",
    ],
)
def test_other_code_has_another_fingerprint(other: str) -> None:
    """What a caller or a run could notice counts: parameters, names of functions, values."""
    assert fingerprint(other) != fingerprint("def f(a):\n    x = a\n    return x\n")


def test_a_text_that_does_not_parse_equals_itself_reformatted() -> None:
    """Its fingerprint is that of its words."""
    assert fingerprint("x = (  1") == fingerprint("x  = ( 1\n")
    assert fingerprint("x = ( 1") != fingerprint("x = ( 2")
