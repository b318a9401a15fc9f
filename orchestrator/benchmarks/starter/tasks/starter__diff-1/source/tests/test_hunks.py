import pytest

from linediff import align, hunks


def test_no_changes():
    assert hunks(align(["a"], ["a"])) == []


def test_context_is_cut_at_the_ends():
    ops = align(list("abc"), list("abx"))
    assert hunks(ops, context=5) == [ops]


def test_changes_far_apart():
    old = [str(n) for n in range(30)]
    new = [*old]
    new[3] = new[25] = "changed"
    groups = hunks(align(old, new), context=2)
    assert [len(group) for group in groups] == [6, 6]


def test_negative_context():
    with pytest.raises(ValueError):
        hunks([], context=-1)
