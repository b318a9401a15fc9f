"""The description of a machine: states and transitions."""

from dataclasses import dataclass

from fsm.errors import DefinitionError

ANY = "*"


@dataclass(frozen=True)
class Transition:
    """On ``event`` in ``source`` go to ``target``, if ``guard(context)`` holds.

    ``source`` may be ANY, which stands for every state.
    """

    event: str
    source: str
    target: str
    guard: object = None

    def applies(self, event, state, context):
        """Whether this transition may be taken now."""
        if event != self.event or self.source not in (state, ANY):
            return False
        return self.guard is None or bool(self.guard(context))


class Definition:
    """States, the initial state, and transitions in order of declaration."""

    def __init__(self, initial, states, transitions=()):
        self.initial = initial
        self.states = tuple(states)
        self.transitions = []
        if initial not in self.states:
            raise DefinitionError(f"unknown initial state: {initial}")
        for transition in transitions:
            self.add(transition)

    def add(self, transition):
        """Append a transition after checking the states it names."""
        for state in (transition.source, transition.target):
            if state not in self.states and not (
                state == ANY and state == transition.source
            ):
                raise DefinitionError(f"unknown state: {state}")
        self.transitions.append(transition)

    def events(self):
        """All event names, sorted."""
        return sorted({transition.event for transition in self.transitions})

    def choose(self, event, state, context):
        """The transition to take, or None.

        Transitions that name the state come before those from ANY; among
        equals, the one that was declared first wins.
        """
        for transition in self.transitions:
            if transition.applies(event, state, context):
                return transition
        return None
