"""The output of a container, kept within a cap while it streams."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable

RUNAWAY_FACTOR = 8
"""Output is cut to its head and tail beyond the limit, and the command is ended beyond this many times the limit."""


class CappedOutput:
    """Head and tail of a stream within `limit_bytes`; one thread adds, any thread reads."""

    def __init__(self, limit_bytes: int) -> None:
        self._head_limit = limit_bytes // 2
        self._tail_limit = limit_bytes - self._head_limit
        self._head = bytearray()
        self._tail = bytearray()
        self._dropped = 0
        self.total_bytes = 0
        self.last_activity_s = time.monotonic()
        self._runaway_bytes = limit_bytes * RUNAWAY_FACTOR

    def add(self, chunk: bytes) -> None:
        """Take the next piece of the stream."""
        self.last_activity_s = time.monotonic()
        self.total_bytes += len(chunk)
        room = self._head_limit - len(self._head)
        if room > 0:
            self._head += chunk[:room]
            chunk = chunk[room:]
        self._tail += chunk
        # Cutting at twice the size moves each byte once on average.
        if len(self._tail) > 2 * self._tail_limit:
            self._cut_tail()

    def _cut_tail(self) -> None:
        excess = len(self._tail) - self._tail_limit
        if excess > 0:
            del self._tail[:excess]
            self._dropped += excess

    @property
    def is_runaway(self) -> bool:
        """Whether so much came that the command should be ended."""
        return self.total_bytes > self._runaway_bytes

    def finish(self) -> tuple[bytes, bool]:
        """All output, or its head and tail around a line that says how much is missing; and whether it was cut."""
        self._cut_tail()
        if not self._dropped:
            return bytes(self._head + self._tail), False
        note = f"\n[... {self._dropped} bytes left out ...]\n".encode()
        return bytes(self._head) + note + bytes(self._tail), True


class Pump(threading.Thread):
    """Reads a stream into a CappedOutput; `ended` is set at its end, on an error, and when it runs away.

    A read from the engine has no time limit of its own, so it happens here and the waiting elsewhere.
    """

    def __init__(self, stream: Iterable[bytes], output: CappedOutput) -> None:
        super().__init__(name="container-output", daemon=True)
        self._stream = stream
        self._output = output
        self.ended = threading.Event()
        self.error: Exception | None = None

    def run(self) -> None:
        """Read to the end."""
        import requests
        import urllib3

        try:
            for chunk in self._stream:
                self._output.add(chunk)
                if self._output.is_runaway:
                    break
        # Closing the stream from outside ends a blocked read with one of these, depending on where it was.
        except (OSError, ValueError, AttributeError, requests.RequestException, urllib3.exceptions.HTTPError) as error:
            self.error = error
        finally:
            self.ended.set()
