import pytest

from fsm import ANY, Definition, Machine, NotAllowed, Transition

DOOR = Definition(
    "closed",
    ["open", "closed", "locked", "removed"],
    [
        Transition("open", "closed", "open"),
        Transition("close", "open", "closed"),
        Transition("lock", "closed", "locked", guard=lambda c: c.get("key")),
        Transition("unlock", "locked", "closed"),
        Transition("remove", ANY, "removed"),
    ],
)


def test_walk():
    door = Machine(DOOR)
    assert door.send("open") == "open"
    assert door.send("close") == "closed"
    assert door.history == ["closed", "open", "closed"]


def test_not_allowed():
    door = Machine(DOOR)
    with pytest.raises(NotAllowed, match="'close' is not allowed in state 'closed'"):
        door.send("close")
    assert door.state == "closed"


def test_guard():
    assert not Machine(DOOR).can("lock")
    assert Machine(DOOR, {"key": True}).send("lock") == "locked"


def test_from_any_state():
    door = Machine(DOOR)
    door.send("open")
    assert door.send("remove") == "removed"


def test_available():
    assert Machine(DOOR).available() == ["open", "remove"]


def test_listener():
    seen = []
    door = Machine(DOOR)
    door.listen(lambda *args: seen.append(args))
    door.send("open")
    assert seen == [("closed", "open", "open")]
