import pytest

from fsm import ANY, Definition, DefinitionError, Transition


def test_unknown_states_are_refused():
    with pytest.raises(DefinitionError):
        Definition("a", ["b"])
    with pytest.raises(DefinitionError):
        Definition("a", ["a"], [Transition("go", "a", "z")])
    with pytest.raises(DefinitionError):
        Definition("a", ["a"], [Transition("go", "a", ANY)])


def test_events():
    definition = Definition(
        "a", ["a", "b"], [Transition("go", "a", "b"), Transition("back", ANY, "a")]
    )
    assert definition.events() == ["back", "go"]
