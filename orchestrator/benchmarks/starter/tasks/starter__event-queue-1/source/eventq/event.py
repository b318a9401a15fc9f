"""What is going to happen, and when."""


class Event:
    """A call of ``action`` at ``time``. Lower ``priority`` goes first at equal times."""

    def __init__(self, time, action, priority=0, label=""):
        if time < 0:
            raise ValueError(f"time must not be negative: {time}")
        self.time = time
        self.action = action
        self.priority = priority
        self.label = label
        self.cancelled = False

    def cancel(self):
        """Make sure that the event does not happen."""
        self.cancelled = True

    def __repr__(self):
        state = ", cancelled" if self.cancelled else ""
        return f"Event({self.label or 'unnamed'} at {self.time}{state})"
