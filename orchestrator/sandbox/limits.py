"""What one sandboxed command may use, and how that is put to the shell that starts it."""

from __future__ import annotations

import math
import os
import resource
from dataclasses import dataclass

_MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """Upper bounds for one command. Bytes are for the whole sandbox where a cgroup holds, else for each process.

    `disk_bytes` bounds the working copy and /tmp each; `cpu_share` times the time-out bounds the CPU seconds of each process.
    """

    memory_bytes: int = 2048 * _MIB
    processes: int = 256
    disk_bytes: int = 1024 * _MIB
    file_size_bytes: int = 512 * _MIB
    open_files: int = 1024
    cpu_share: float = 4.0


def ulimit_command(limits: Limits, timeout_s: float, *, address_space: bool, processes: bool) -> str:
    """The bash line that sets the resource limits, hard and soft, of the shell and all that follow it."""
    open_files = min(limits.open_files, resource.getrlimit(resource.RLIMIT_NOFILE)[1])
    parts = [
        f"-t {math.ceil(timeout_s * limits.cpu_share) + 1}",
        f"-f {limits.file_size_bytes // 1024}",
        f"-n {open_files}",
        "-c 0",
    ]
    if address_space:
        parts.append(f"-v {limits.memory_bytes // 1024}")
    if processes:
        parts.append(f"-u {limits.processes + _others_of_this_user()}")
    return " && ".join(f"ulimit {part}" for part in parts)


def _others_of_this_user() -> int:
    """Processes that RLIMIT_NPROC counts besides the sandbox's own.

    Since Linux 5.14 the count is kept per user namespace; root's sandboxes each have a user id of their own.
    """
    release = tuple(int(part) for part in os.uname().release.split("-")[0].split(".")[:2] if part.isdigit())
    if os.geteuid() == 0 or release >= (5, 14):
        return 0
    threads = 0
    for entry in os.scandir("/proc"):
        if entry.name.isdigit() and entry.stat().st_uid == os.geteuid():
            threads += sum(1 for _ in os.scandir(f"/proc/{entry.name}/task"))
    return threads
