"""Errors of this package."""


class DefinitionError(ValueError):
    """The description of the machine contradicts itself."""


class NotAllowed(Exception):
    """The event has no transition from the current state."""

    def __init__(self, event, state):
        super().__init__(f"event {event!r} is not allowed in state {state!r}")
        self.event = event
        self.state = state
