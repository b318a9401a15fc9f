"""Runs events and keeps the time."""

from eventq.event import Event
from eventq.queue import EventQueue


class Simulator:
    """``now`` is the simulated time; it only moves forward."""

    def __init__(self):
        self.now = 0
        self.processed = 0
        self._queue = EventQueue()

    def at(self, time, action, priority=0, label=""):
        """Schedule ``action()`` at an absolute time."""
        if time < self.now:
            raise ValueError(f"{time} is in the past, now is {self.now}")
        return self._queue.push(Event(time, action, priority, label))

    def after(self, delay, action, priority=0, label=""):
        """Schedule ``action()`` some time from now."""
        return self.at(self.now + delay, action, priority, label)

    def every(self, interval, action, until):
        """Schedule ``action()`` again and again, up to and including ``until``."""
        if interval <= 0:
            raise ValueError("interval must be positive")

        def tick():
            action()
            if self.now + interval <= until:
                self.after(interval, tick)

        if self.now + interval <= until:
            self.after(interval, tick)

    def run(self, until=None):
        """Process events in order; stop after the last one at or before ``until``."""
        while self._queue:
            time = self._queue.peek_time()
            if until is not None and time > until:
                self.now = until
                return
            event = self._queue.pop()
            self.now = event.time
            self.processed += 1
            event.action()
