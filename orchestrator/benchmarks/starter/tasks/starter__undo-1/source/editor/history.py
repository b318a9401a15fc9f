"""What was done and what was undone."""


class History:
    """Two stacks of commands. ``limit`` is the number of steps that can be undone."""

    def __init__(self, limit=100):
        if limit < 1:
            raise ValueError("limit must be at least 1")
        self.limit = limit
        self._done = []
        self._undone = []

    @property
    def can_undo(self):
        """Whether there is something to undo."""
        return bool(self._done)

    @property
    def can_redo(self):
        """Whether there is something to redo."""
        return bool(self._undone)

    def record(self, command):
        """Remember a command that has just been carried out."""
        self._done.append(command)
        if len(self._done) > self.limit:
            self._done.pop(0)

    def undo(self):
        """The command to take back; it can be redone afterwards."""
        command = self._done.pop()
        self._undone.append(command)
        return command

    def redo(self):
        """The command to carry out again."""
        command = self._undone.pop()
        self._done.append(command)
        return command

    def clear(self):
        """Forget everything."""
        self._done.clear()
        self._undone.clear()
