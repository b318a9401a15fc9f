import pytest

from minicsv import CSVError, Dialect, read_dicts, read_rows


def test_plain_rows():
    assert read_rows("a,b\n1,2\n") == [["a", "b"], ["1", "2"]]


def test_last_newline_is_optional():
    assert read_rows("a,b\n1,2") == [["a", "b"], ["1", "2"]]


def test_crlf():
    assert read_rows("a,b\r\n1,2\r\n") == [["a", "b"], ["1", "2"]]


def test_quoted_delimiter_and_newline():
    assert read_rows('"a,b","c\nd"\n') == [["a,b", "c\nd"]]


def test_empty_fields():
    assert read_rows(",\n") == [["", ""]]


def test_other_dialect():
    assert read_rows("'a;b';c\n", Dialect(";", "'")) == [["a;b", "c"]]


def test_unclosed_quote():
    with pytest.raises(CSVError):
        read_rows('"abc\n')


def test_dicts():
    assert read_dicts("id,name\n1,Ann\n") == [{"id": "1", "name": "Ann"}]


def test_dicts_with_short_row():
    with pytest.raises(CSVError, match="row 2"):
        read_dicts("id,name\n1\n")
