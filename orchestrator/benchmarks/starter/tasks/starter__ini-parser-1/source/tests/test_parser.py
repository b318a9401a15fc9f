import pytest

from inifile import ParseError, loads

SAMPLE = """
; global settings
debug = yes

[server]
host = example.org
port=8080
# a comment
greeting = "  hello  "

[empty]
"""


def test_sections_in_order():
    assert loads(SAMPLE).sections() == ["", "server", "empty"]


def test_values():
    document = loads(SAMPLE)
    assert document.get("server", "host") == "example.org"
    assert document.get_int("server", "port") == 8080
    assert document.get_bool("", "debug") is True


def test_quotes_keep_spaces():
    assert loads(SAMPLE).get("server", "greeting") == "  hello  "


def test_default():
    assert loads(SAMPLE).get("server", "nope", "x") == "x"


def test_missing_equals_sign():
    with pytest.raises(ParseError) as info:
        loads("a = 1\nnonsense\n")
    assert info.value.line_number == 2


def test_unclosed_header():
    with pytest.raises(ParseError):
        loads("[server\n")


def test_empty_key():
    with pytest.raises(ParseError):
        loads("= 3\n")
