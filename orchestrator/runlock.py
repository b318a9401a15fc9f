"""One process per run directory: the lock names its owner, and dies with it."""

from __future__ import annotations

import contextlib
import fcntl
import os
import socket
from collections.abc import Iterator
from pathlib import Path

from orchestrator.errors import LedgerError


@contextlib.contextmanager
def lock_run(folder: Path) -> Iterator[None]:
    """Hold the run directory. Raises LedgerError naming the process that has it.

    The descriptor is closed on exec (Python's default), so no child keeps the lock alive after us.
    """
    path = folder / "run.lock"
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise LedgerError(
            f"{folder} cannot be written: {error.strerror}; copy it somewhere writable to go on"
        ) from error
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            owner = os.pread(descriptor, 200, 0).decode(errors="replace").strip() or "another process"
            raise LedgerError(f"{folder} is in use by {owner}; wait for it or end it") from None
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"process {os.getpid()} on {socket.gethostname()}\n".encode(), 0)
        yield
    finally:
        os.close(descriptor)
