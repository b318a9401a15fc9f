"""Events ordered by time."""

import heapq


class EventQueue:
    """Hands out events by time, then priority, then order of insertion."""

    def __init__(self):
        self._heap = []

    def __len__(self):
        return sum(1 for *_, event in self._heap if not event.cancelled)

    def __bool__(self):
        return len(self) > 0

    def push(self, event):
        """Add an event and return it, so that it can be cancelled later."""
        heapq.heappush(self._heap, (event.time, event.priority, event))
        return event

    def pop(self):
        """Remove and return the next event that was not cancelled."""
        self._drop_cancelled()
        if not self._heap:
            raise IndexError("the event queue is empty")
        return heapq.heappop(self._heap)[-1]

    def peek_time(self):
        """The time of the next event, or None."""
        self._drop_cancelled()
        return self._heap[0][0] if self._heap else None

    def _drop_cancelled(self):
        while self._heap and self._heap[0][-1].cancelled:
            heapq.heappop(self._heap)
