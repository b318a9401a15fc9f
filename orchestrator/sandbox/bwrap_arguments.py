"""The command line of bubblewrap and the few shell lines that make the working copy inside."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Mapping
from pathlib import Path

from orchestrator.sandbox.cgroups import Group
from orchestrator.sandbox.environment import ETC_FROM_HOST, HOME, hidden_folders, python_folders
from orchestrator.sandbox.limits import Limits, ulimit_command

REPOSITORY = "/testbed"
_SHARED_MEMORY_BYTES = 64 * 1024 * 1024
_NOT_READY = 121
_PATCH_FAILED = "patch_failed"


def launch_arguments(
    program: str, binds: Mapping[str, str], limits: Limits, *, seccomp_fd: int | None, status_fd: int | None
) -> list[str]:
    """Everything up to the command: namespaces, the read-only system, the private writable folders.

    `binds` maps host paths to read-only places inside. As root there is no user namespace: the caller's next word changes the
    user for good, because RLIMIT_NPROC does not hold for root, also under another name.
    """
    disk = str(limits.disk_bytes)
    arguments = [program, "--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts", "--unshare-cgroup-try"]
    arguments += ["--die-with-parent", "--new-session", "--clearenv", "--hostname", "ramp", "--cap-drop", "ALL"]
    if os.geteuid() == 0:
        for capability in ("CAP_SETUID", "CAP_SETGID", "CAP_SETPCAP"):
            arguments += ["--cap-add", capability]
    else:
        arguments += ["--unshare-user"]
    arguments += _system_folders()
    # Before the interpreter's folders, which may themselves lie below /tmp.
    for place, mode in (("/tmp", "1777"), (REPOSITORY, "0777")):  # noqa: S108
        arguments += ["--perms", mode, "--size", disk, "--tmpfs", place]
    arguments += ["--perms", "0777", "--dir", HOME]
    # Folders that bubblewrap makes on its own are closed to all but root, and the command is not root.
    above = {parent for folder in python_folders() for parent in folder.parents} - {Path("/")}
    for parent in sorted((above - {Path("/tmp")}) | {Path("/etc"), Path("/run"), Path("/run/ramp")}):
        arguments += ["--perms", "0755", "--dir", str(parent)]
    for name in ETC_FROM_HOST:
        arguments += ["--ro-bind-try", f"/etc/{name}", f"/etc/{name}"]
    for folder in python_folders():
        arguments += ["--ro-bind", str(folder), str(folder)]
    if not (Path(sys.prefix) / "bin" / "python").exists():  # a system Python that is called python3 only
        arguments += ["--perms", "0755", "--dir", "/run/ramp/bin", "--symlink", sys.executable, "/run/ramp/bin/python"]
    for folder in hidden_folders():
        arguments += ["--tmpfs", str(folder), "--remount-ro", str(folder)]
    arguments += ["--proc", "/proc", "--dev", "/dev"]
    arguments += ["--perms", "1777", "--size", str(_SHARED_MEMORY_BYTES), "--tmpfs", "/dev/shm", "--remount-ro", "/dev"]  # noqa: S108
    for source, place in binds.items():
        arguments += ["--ro-bind", source, place]
    if seccomp_fd is not None:
        arguments += ["--seccomp", str(seccomp_fd)]
    if status_fd is not None:
        arguments += ["--json-status-fd", str(status_fd)]
    return arguments


def _system_folders() -> list[str]:
    """/usr and what leads into it, whether the system has merged /bin and /lib into /usr or not."""
    arguments = ["--ro-bind", "/usr", "/usr"]
    for name in ("bin", "sbin", "lib", "lib32", "lib64", "libx32"):
        path = Path("/") / name
        if path.is_symlink():
            arguments += ["--symlink", str(path.readlink()), str(path)]
        elif path.is_dir():
            arguments += ["--ro-bind", str(path), str(path)]
    return arguments


def become(user_id: int) -> list[str]:
    """The words that give up root for a user id of the sandbox's own; none where we are not root."""
    if os.geteuid() != 0:
        return []
    identity = [f"--reuid={user_id}", f"--regid={user_id}", "--clear-groups"]
    return ["setpriv", *identity, "--inh-caps=-all", "--bounding-set=-all", "--no-new-privs"]


def shell_prelude(
    seed_fd: int,
    patch_fd: int | None,
    control_fd: int,
    output_fd: int,
    script: str,
    *,
    limits: Limits,
    timeout_s: float,
    group: Group,
) -> str:
    """The shell lines that make the working copy, report it, wait for the word to go on, and become the script."""
    limit = ulimit_command(
        limits, timeout_s, address_space="memory" not in group.applied, processes="processes" not in group.applied
    )
    lines = [
        f"umask 022; {limit} || exit {_NOT_READY}",
        f"cd {REPOSITORY} && tar -xf - <&{seed_fd} && exec {seed_fd}<&- || exit {_NOT_READY}",
    ]
    if patch_fd is not None:
        lines += [
            f"git apply --whitespace=nowarn - <&{patch_fd} || {{ echo {_PATCH_FAILED} >&{control_fd}; exit {_NOT_READY}; }}",
            f"exec {patch_fd}<&-",
        ]
    lines += [
        f'echo ready >&{control_fd}; read -r word <&{control_fd} && [ "$word" = go ] || exit {_NOT_READY}',
        f"exec bash {shlex.quote(script)} </dev/null >&{output_fd} 2>&1 {control_fd}>&- {output_fd}>&-",
    ]
    return "\n".join(lines)
