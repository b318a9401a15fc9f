"""A running machine."""

from fsm.errors import NotAllowed


class Machine:
    """Follows a Definition and remembers where it has been."""

    def __init__(self, definition, context=None):
        self.definition = definition
        self.context = {} if context is None else context
        self.state = definition.initial
        self.history = [definition.initial]
        self._listeners = []

    def listen(self, listener):
        """Call ``listener(old, event, new)`` after every transition."""
        self._listeners.append(listener)

    def can(self, event):
        """Whether ``event`` would lead to a transition now."""
        return self._transition(event) is not None

    def available(self):
        """Events that are possible now, sorted."""
        return [event for event in self.definition.events() if self.can(event)]

    def send(self, event):
        """Take the transition for ``event`` and return the new state."""
        transition = self._transition(event)
        if transition is None:
            raise NotAllowed(event, self.state)
        old, self.state = self.state, transition.target
        self.history.append(self.state)
        for listener in self._listeners:
            listener(old, event, self.state)
        return self.state

    def _transition(self, event):
        return self.definition.choose(event, self.state, self.context)
