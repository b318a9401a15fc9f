from wrapper import center_block, justify_line


def test_justify():
    assert justify_line("a bb c", 9) == "a   bb  c"
    assert len(justify_line("one two three", 20)) == 20


def test_justify_single_word():
    assert justify_line("word", 10) == "word"


def test_center():
    assert center_block(["ab", "abcd", ""], 10) == ["   ab", "   abcd", ""]
