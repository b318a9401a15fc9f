import pytest

from editor import History


def test_last_in_first_out():
    history = History()
    history.record("a")
    history.record("b")
    assert [history.undo(), history.undo()] == ["b", "a"]
    assert history.redo() == "a"


def test_clear():
    history = History()
    history.record("a")
    history.undo()
    history.clear()
    assert not history.can_undo and not history.can_redo


def test_limit_must_be_positive():
    with pytest.raises(ValueError):
        History(0)
