from linediff import align


def tags(a, b):
    return "".join(op.tag for op in align(list(a), list(b)))


def test_equal():
    assert tags("abc", "abc") == "   "


def test_changes():
    assert tags("abc", "axc") == " -+ "
    assert tags("", "ab") == "++"
    assert tags("ab", "") == "--"


def test_longest_common_part_is_kept():
    assert tags("xaby", "abz").count(" ") == 2


def test_positions():
    last = align(list("abc"), list("axbc"))[-1]
    assert (last.old, last.new) == (2, 3)
