import pytest

from wrapper import indent, wrap

TEXT = "The quick brown fox jumps over the lazy dog."


def test_no_line_is_too_long():
    for width in range(8, 40):
        assert all(len(line) <= width for line in wrap(TEXT, width))


def test_no_word_is_lost():
    for width in range(8, 40):
        assert " ".join(wrap(TEXT, width)).split() == TEXT.split()


def test_paragraphs():
    assert wrap("one\ntwo\n\n\nthree", 20) == ["one two", "", "three"]


def test_hanging_indent():
    assert wrap("alpha beta gamma", 12, hanging=2) == ["alpha beta", "  gamma"]


def test_long_word_is_cut():
    assert wrap("abcdefghij xy", 4) == ["abcd", "efgh", "ij", "xy"]


def test_empty_text():
    assert wrap("", 10) == []


def test_bad_width():
    with pytest.raises(ValueError):
        wrap(TEXT, 4, hanging=4)


def test_indent():
    assert indent(["a", "", "b"], "> ") == ["> a", ">", "> b"]
