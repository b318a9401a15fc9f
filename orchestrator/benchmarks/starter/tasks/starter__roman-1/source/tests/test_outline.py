from roman import parse_outline


def test_outline():
    text = "I. Beginnings\nSome text.\n\nII. The war\nIV. The end\n"
    assert parse_outline(text) == [(1, "Beginnings"), (2, "The war"), (4, "The end")]


def test_other_words_are_skipped():
    assert parse_outline("etc. and so on\nNote. Nothing\n") == []
