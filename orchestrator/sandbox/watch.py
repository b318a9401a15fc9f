"""Reading a running command's output under its limits: bytes, silence and wall time."""

from __future__ import annotations

import os
import selectors
import time
from collections.abc import Callable
from dataclasses import dataclass

from orchestrator.protocols import SandboxCommand, SandboxOutcome

_CHUNK_BYTES = 65536
# A command may print this many times its limit before it is killed; head and tail of what it printed are kept.
_PATIENCE_FACTOR = 2


class HeadAndTail:
    """The first and the last half of `limit_bytes` of a stream, in bounded memory."""

    def __init__(self, limit_bytes: int) -> None:
        self._half = max(limit_bytes // 2, 1)
        self._head = bytearray()
        self._tail = bytearray()
        self.total_bytes = 0

    def add(self, data: bytes) -> None:
        """Take the next bytes of the stream."""
        self.total_bytes += len(data)
        room = self._half - len(self._head)
        self._head += data[:room]
        self._tail += data[room:] if room > 0 else data
        if len(self._tail) > 2 * self._half:
            del self._tail[: -self._half]

    @property
    def truncated(self) -> bool:
        """Whether bytes between head and tail are gone."""
        return self.total_bytes > 2 * self._half

    def bytes(self) -> bytes:
        """The whole, or head and tail around a line that says how much is missing."""
        tail = bytes(self._tail[-self._half :])
        if not self.truncated:
            return bytes(self._head) + tail
        left_out = self.total_bytes - 2 * self._half
        return bytes(self._head) + b"\n[... %d bytes left out ...]\n" % left_out + tail


@dataclass(frozen=True, slots=True)
class Watched:
    """How watching ended: None where the command closed its output by itself."""

    cut_short: SandboxOutcome | None
    output: bytes
    truncated: bool


def watch_output(
    output_fd: int, command: SandboxCommand, kill: Callable[[], None], ended: Callable[[], bool] = lambda: False
) -> Watched:
    """Read `output_fd` to its end; call `kill` once, when a limit of `command` is passed, and then drain what is left.

    `ended` says whether the command is over although somebody holds its output open.
    """
    kept = HeadAndTail(command.output_limit_bytes)
    started = heard = time.monotonic()
    cut_short: SandboxOutcome | None = None
    with selectors.DefaultSelector() as selector:
        selector.register(output_fd, selectors.EVENT_READ)
        while True:
            now = time.monotonic()
            passed = _limit_passed(command, now - started, now - heard, kept.total_bytes)
            if passed is not None and cut_short is None:
                cut_short = passed
                kill()
                drain_until = now + 5.0
            if cut_short is not None and now > drain_until:
                break
            if not selector.select(_next_wake_s(command, now - started, now - heard, cut_short is not None)):
                if ended():
                    break
                continue
            data = os.read(output_fd, _CHUNK_BYTES)
            if not data:
                break
            heard = time.monotonic()
            if cut_short is None:
                kept.add(data)
    return Watched(cut_short, kept.bytes(), kept.truncated)


def _limit_passed(command: SandboxCommand, run_s: float, silent_s: float, printed: int) -> SandboxOutcome | None:
    if printed > command.output_limit_bytes * _PATIENCE_FACTOR:
        return SandboxOutcome.OUTPUT_LIMIT
    if run_s >= command.timeout_s:
        return SandboxOutcome.TIMEOUT
    if command.idle_timeout_s is not None and silent_s >= command.idle_timeout_s:
        return SandboxOutcome.IDLE_TIMEOUT
    return None


def _next_wake_s(command: SandboxCommand, run_s: float, silent_s: float, draining: bool) -> float:  # noqa: FBT001
    waits = [command.timeout_s - run_s]
    if command.idle_timeout_s is not None:
        waits.append(command.idle_timeout_s - silent_s)
    return 0.1 if draining else min(max(min(waits), 0.0), 0.5)
