"""The output of a container, kept within a cap while it streams."""

from __future__ import annotations

import threading
import time
from typing import Any

from orchestrator.sandbox.watch import HeadAndTail

_JOIN_S = 10.0
_RUNAWAY_FACTOR = 2
"""Output is cut to its head and tail beyond the limit; a command that prints this many times the limit is ended."""


class CappedOutput:
    """Head and tail of a stream within `limit_bytes`; one thread adds, any thread reads."""

    def __init__(self, limit_bytes: int) -> None:
        self._kept = HeadAndTail(limit_bytes)
        self._runaway_bytes = limit_bytes * _RUNAWAY_FACTOR
        self.last_activity_s = time.monotonic()

    def add(self, chunk: bytes) -> None:
        """Take the next piece of the stream."""
        self.last_activity_s = time.monotonic()
        self._kept.add(chunk)

    @property
    def total_bytes(self) -> int:
        """How much came, kept or not."""
        return self._kept.total_bytes

    @property
    def is_runaway(self) -> bool:
        """Whether so much came that the command should be ended."""
        return self.total_bytes > self._runaway_bytes

    def finish(self) -> tuple[bytes, bool]:
        """All output, or its head and tail around a line that says how much is missing; and whether it was cut."""
        return self._kept.bytes(), self._kept.truncated


class Pump(threading.Thread):
    """Reads a stream into a CappedOutput; `ended` is set at its end, on an error, and when it runs away.

    A read from the engine has no time limit of its own, so it happens here and the waiting elsewhere.
    """

    def __init__(self, stream: Any, output: CappedOutput) -> None:
        super().__init__(name="container-output", daemon=True)
        self._stream = stream
        self._output = output
        self.ended = threading.Event()

    def close(self) -> None:
        """End the reading. An abandoned noisy stream delays the container's removal by 20 s, a closed one does not."""
        self._stream.close()
        self.join(_JOIN_S)
        if not self.is_alive():
            free_stream(self._stream)

    def run(self) -> None:
        """Read to the end."""
        import requests
        import urllib3

        try:
            for chunk in self._stream:
                self._output.add(chunk)
                if self._output.is_runaway:
                    break
        except (OSError, ValueError, AttributeError, requests.RequestException, urllib3.exceptions.HTTPError):
            # Closing the stream from outside ends a blocked read with one of these, depending on where it was; an
            # engine that went away is noticed by the next question to it.
            pass
        finally:
            self.ended.set()


def free_stream(stream: Any) -> None:
    """Free what a stream that nobody reads any more holds: docker-py 7.2 leaves its file descriptor to the collector."""
    response = getattr(stream, "_response", None)
    if response is not None:
        response.close()
