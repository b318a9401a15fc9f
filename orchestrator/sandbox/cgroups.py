"""Memory and process limits by control groups, versions 1 and 2, where we may make groups below our own."""

from __future__ import annotations

import os
import re
import secrets
import signal
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from orchestrator.sandbox.limits import Limits

_MOUNT = Path("/sys/fs/cgroup")
_PREFIX = "ramp-"


@dataclass(frozen=True, slots=True)
class Parent:
    """A directory in which groups can be made: which controllers it limits, and by which interface (1 or 2)."""

    directory: Path
    controllers: frozenset[str]
    version: int


def find_parents(mount: Path = _MOUNT, membership: Path = Path("/proc/self/cgroup")) -> tuple[Parent, ...]:
    """Where groups for memory and pids can be made; empty where neither is delegated to us."""
    try:
        lines = [line.split(":", 2) for line in membership.read_text().splitlines()]
    except OSError:
        return ()
    found: list[Parent] = []
    for _, names, path in lines:
        if names == "":
            parent = _delegated(mount, path)
            found += [parent] if parent else []
        for name in {"memory", "pids"} & set(names.split(",")):
            directory = mount / names / path.lstrip("/")
            if _usable(directory):
                found.append(Parent(directory, frozenset({name}), 1))
    return tuple(found)


def _delegated(mount: Path, path: str) -> Parent | None:
    """The nearest group of version 2, from our own upwards, that hands controllers down and lets us in."""
    own = mount / path.lstrip("/")
    for directory in (own, *own.parents):
        if not directory.is_relative_to(mount) or not _usable(directory):
            return None
        with suppress(OSError):
            handed_down = frozenset((directory / "cgroup.subtree_control").read_text().split()) & {"memory", "pids"}
            if handed_down:
                return Parent(directory, handed_down, 2)
    return None


def _usable(directory: Path) -> bool:
    return os.access(directory, os.W_OK | os.X_OK) and os.access(directory / "cgroup.procs", os.W_OK)


class Group:
    """The control groups of one command; `close` kills what is left in them and removes them."""

    def __init__(self, parents: tuple[Parent, ...], limits: Limits, run_id: str) -> None:
        name = f"{_PREFIX}{run_id}-{secrets.token_hex(6)}"
        self._made: list[tuple[Parent, Path]] = []
        self.applied: dict[str, str] = {}
        for parent in parents:
            directory = parent.directory / name
            try:
                directory.mkdir()
                self._made.append((parent, directory))
                self._limit(parent, directory, limits)
            except OSError:
                continue

    @property
    def procs_files(self) -> list[str]:
        """Files into which a process writes its own id to join."""
        return [str(directory / "cgroup.procs") for _, directory in self._made]

    def oom_kills(self) -> int:
        """How many processes the kernel killed for want of memory."""
        return sum(_oom_kills(parent, directory) for parent, directory in self._made if "memory" in parent.controllers)

    def close(self) -> None:
        """Kill what is left and remove the groups."""
        for _, directory in self._made:
            remove_group(directory)

    def _limit(self, parent: Parent, directory: Path, limits: Limits) -> None:
        if "pids" in parent.controllers:
            (directory / "pids.max").write_text(str(limits.processes))
            self.applied["processes"] = f"cgroup{parent.version} {limits.processes}"
        if "memory" in parent.controllers:
            first, second = ("memory.limit_in_bytes", "memory.memsw.limit_in_bytes")
            if parent.version == 2:
                first, second = ("memory.max", "memory.swap.max")
            (directory / first).write_text(str(limits.memory_bytes))
            with suppress(OSError):  # no swap accounting in this kernel
                (directory / second).write_text("0" if parent.version == 2 else str(limits.memory_bytes))
            self.applied["memory"] = f"cgroup{parent.version} {limits.memory_bytes}"


def sweep_groups(parents: tuple[Parent, ...], run_id: str) -> int:
    """Remove the groups that a killed run left behind; returns how many commands they belonged to."""
    # Another run's id may begin with this one's.
    own = re.compile(re.escape(f"{_PREFIX}{run_id}-") + "[0-9a-f]{12}")
    left = {d for parent in parents for d in _subgroups(parent.directory) if own.fullmatch(d.name)}
    for directory in left:
        remove_group(directory)
    return len({directory.name for directory in left})


def remove_group(directory: Path, patience_s: float = 2.0) -> None:
    """Kill every process in one group and remove it; gives up quietly after `patience_s`."""
    deadline = time.monotonic() + patience_s
    pause_s = 0.0005
    while True:
        with suppress(OSError):
            directory.rmdir()
        if not directory.exists() or time.monotonic() > deadline:
            return
        with suppress(OSError):
            for line in (directory / "cgroup.procs").read_text().split():
                os.kill(int(line), signal.SIGKILL)
        time.sleep(pause_s)
        pause_s = min(pause_s * 2, 0.05)


def _subgroups(directory: Path) -> Iterator[Path]:
    with suppress(OSError):
        yield from (path for path in directory.iterdir() if path.is_dir())


def _oom_kills(parent: Parent, directory: Path) -> int:
    file = directory / ("memory.events" if parent.version == 2 else "memory.oom_control")
    with suppress(OSError):
        for line in file.read_text().splitlines():
            key, _, count = line.partition(" ")
            if key == "oom_kill":
                return int(count)
    return 0
