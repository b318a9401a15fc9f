import pytest

from minicsv import Dialect, write_rows


def test_plain():
    assert write_rows([["a", 1], ["b", 2]]) == "a,1\nb,2\n"


def test_quoting():
    assert write_rows([["a,b", 'say "hi"']]) == '"a,b","say ""hi"""\n'


def test_dialect_is_checked():
    with pytest.raises(ValueError):
        Dialect(delimiter='"')
