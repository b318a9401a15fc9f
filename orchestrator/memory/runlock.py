"""One process per run directory: the lock names its owner, and dies with it."""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import socket
import time
from collections.abc import Iterator
from pathlib import Path

from orchestrator.errors import LedgerError

# A killed owner's child, caught between fork and exec, keeps the lock for a moment.
DEAD_OWNER_GRACE_S = 5.0


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
        _take(descriptor, folder)
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"process {os.getpid()} on {socket.gethostname()}\n".encode(), 0)
        yield
    finally:
        os.close(descriptor)


def _take(descriptor: int, folder: Path) -> None:
    deadline_s = time.monotonic() + DEAD_OWNER_GRACE_S
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            owner = os.pread(descriptor, 200, 0).decode(errors="replace").strip() or "another process"
            if _is_alive(owner) or time.monotonic() > deadline_s:
                raise LedgerError(f"{folder} is in use by {owner}; wait for it or end it") from None
            time.sleep(0.05)
        else:
            return


def _is_alive(owner: str) -> bool:
    """Whether the named process lives, as far as this machine can tell."""
    found = re.fullmatch(r"process (\d+) on (.+)", owner)
    return found is None or found[2] != socket.gethostname() or Path(f"/proc/{found[1]}").exists()
