"""One bubblewrap process: what is handed to it, when it may start, and what it leaves.

The tested code is the sandbox's main process. Its exit code is bubblewrap's own report. What it wrote is read after every
process in the sandbox is dead, through a folder handle taken before it started: there is no helper inside to subvert.
"""

from __future__ import annotations

import json
import os
import secrets
import select
import signal
import socket
import stat
import struct
import subprocess
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Self

from orchestrator.errors import SandboxError
from orchestrator.protocols import SandboxCommand, SandboxOutcome
from orchestrator.sandbox.bwrap_arguments import become, launch_arguments
from orchestrator.sandbox.cgroups import Group
from orchestrator.sandbox.environment import base_environment, etc_files
from orchestrator.sandbox.limits import Limits
from orchestrator.sandbox.seedtree import OBJECTS_INSIDE, SeedTree

_SETUP_TIMEOUT_S = 120.0
_DEATH_TIMEOUT_S = 10.0
_FIRST_PRIVATE_USER = 0x70000000
# Joins the control groups before it becomes bubblewrap, so that no child can be outside them.
_JOIN = 'while [ "$1" != -- ]; do echo $$ >"$1" || exit 97; shift; done; shift; exec "$@"'

Prelude = Callable[[int, int | None, int, int, str], str]


@dataclass(frozen=True, slots=True)
class Ending:
    """The exit code as bubblewrap reports it, the results file, and what bubblewrap itself said."""

    exit_code: int | None
    results: bytes | None
    words: str = ""


class BwrapProcess:
    """Starts, kills and reaps one sandbox. Use as a context; `output_fd` is what the command prints."""

    def __init__(self, program: str, seed: SeedTree, limits: Limits, filter_program: bytes, group: Group) -> None:
        self._program = program
        self._seed = seed
        self._limits = limits
        self._filter = filter_program
        self._group = group
        self._stack = ExitStack()
        self._user_id = _FIRST_PRIVATE_USER + secrets.randbelow(1 << 24) if os.geteuid() == 0 else os.getuid()
        self._process: subprocess.Popen[bytes] | None = None
        self._init_pidfd: int | None = None
        self._results_folder: int | None = None
        self._passed: list[int] = []
        self._status = b""
        self.output_fd = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()
        if self._process is not None:
            self._process.wait()
        self._wait_for_death()
        self._stack.close()

    def start(self, command: SandboxCommand, prelude: Prelude) -> tuple[SandboxOutcome, str] | None:
        """Make the working copy and let the script go. Returns an outcome and words where it came to neither."""
        with ExitStack() as theirs:
            self.output_fd, output_w = self._pipe(theirs)
            self._status_r, status_w = self._pipe(theirs)
            self._words_r, words_w = self._pipe(theirs)
            self._control, control_inside = socket.socketpair()
            self._stack.callback(self._control.close)
            theirs.callback(control_inside.close)
            self._control.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
            seed_fd = self._keep(os.open(self._seed.tar, os.O_RDONLY | os.O_CLOEXEC))
            patch_fd = self._memory_file(command.patch) if command.patch.strip() else None
            script = f"/run/ramp/script-{secrets.token_hex(16)}"
            inside = prelude(seed_fd, patch_fd, control_inside.fileno(), output_w, script)
            arguments = self._arguments(command, script, status_w)
            self._passed += [seed_fd, output_w, status_w, control_inside.fileno()]
            self._spawn([*arguments, "--", *become(self._user_id), "bash", "-c", inside], words_w)
        return self._let_go(command)

    def _arguments(self, command: SandboxCommand, script: str, status_w: int) -> list[str]:
        seccomp_fd = self._memory_file(self._filter) if self._filter else None
        binds = {str(self._seed.objects): OBJECTS_INSIDE}
        arguments = launch_arguments(self._program, binds, self._limits, seccomp_fd=seccomp_fd, status_fd=status_w)
        files = {script: command.script.encode("utf-8", "surrogateescape"), **command.files}
        arguments += self._file_arguments(command, files)
        for name, value in base_environment(command.environment).items():
            arguments += ["--setenv", name, value]
        return arguments

    def kill(self) -> None:
        """Kill the sandbox: the first process of its namespace, with which the kernel kills all others."""
        if self._init_pidfd is not None:
            with suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._init_pidfd, signal.SIGKILL)
        if self._process is not None and self._process.poll() is None:
            self._process.kill()

    def finish(self, command: SandboxCommand) -> Ending:
        """Wait until every process inside is dead, then read the exit code and the results."""
        assert self._process is not None
        self._process.wait()
        self._wait_for_death()
        self._status += _read_all(self._status_r)
        exit_code = _reported(self._status, "exit-code")
        return Ending(
            exit_code, self._read_results(command), _read_all(self._words_r).decode("utf-8", "replace").strip()
        )

    def _spawn(self, arguments: list[str], words_w: int) -> None:
        joined = ["sh", "-c", _JOIN, "sh", *self._group.procs_files, "--", *arguments]
        try:
            self._process = subprocess.Popen(
                joined,
                stdin=subprocess.DEVNULL,
                stdout=words_w,
                stderr=words_w,
                env={"PATH": os.environ.get("PATH", os.defpath)},
                pass_fds=self._passed,
                cwd="/",
            )
        except OSError as error:
            raise SandboxError(f"bubblewrap cannot be started any more: {error}") from error

    def _let_go(self, command: SandboxCommand) -> tuple[SandboxOutcome, str] | None:
        """Wait for the working copy, take a handle on the results folder, and let the script start."""
        ready, _, _ = select.select([self._control], [], [], _SETUP_TIMEOUT_S)
        word, main_pid = _receive(self._control) if ready else (b"", 0)
        if word != b"ready\n":
            self.kill()
            assert self._process is not None
            self._process.wait()
            said = _read_all(self._words_r).decode("utf-8", "replace").strip()[-2000:]
            if word.startswith(b"patch_failed"):
                return SandboxOutcome.PATCH_FAILED, f"git apply: {said}"
            return SandboxOutcome.INFRA, f"the sandbox did not come up: {said or 'no word from it'}"
        self._status += os.read(self._status_r, 65536)
        init_pid = _reported(self._status, "child-pid")
        if init_pid is None:
            return SandboxOutcome.INFRA, "bubblewrap did not report its process id"
        self._init_pidfd = self._keep(os.pidfd_open(init_pid))
        if command.results_path is not None:
            self._results_folder = self._open_inside(main_pid, PurePosixPath(command.results_path).parent)
        self._control.sendall(b"go\n")
        return None

    def _open_inside(self, main_pid: int, folder: PurePosixPath) -> int:
        """A handle on a folder of the sandbox's /tmp, taken while only our own lines have run there."""
        handle = os.open(f"/proc/{main_pid}/root", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        for part in folder.parts[1:]:
            below = os.open(part, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=handle)
            os.close(handle)
            handle = below
        return self._keep(handle)

    def _read_results(self, command: SandboxCommand) -> bytes | None:
        if self._results_folder is None or command.results_path is None:
            return None
        name = PurePosixPath(command.results_path).name
        try:
            file = os.open(
                name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=self._results_folder
            )
        except OSError:  # absent, or something else was put in its place
            return None
        if not stat.S_ISREG(os.fstat(file).st_mode):
            os.close(file)
            return None
        with os.fdopen(file, "rb") as opened:
            return opened.read(command.results_limit_bytes)

    def _file_arguments(self, command: SandboxCommand, files: dict[str, bytes]) -> list[str]:
        """Files are mounted read-only: the tested code can neither change nor replace them. Their folders can be written."""
        arguments: list[str] = []
        writable = {_checked(path).parent for path in (*command.files, *filter(None, [command.results_path]))}
        for folder in sorted(writable - {PurePosixPath("/tmp")}):  # noqa: S108
            arguments += ["--perms", "0777", "--dir", str(folder)]
        etc = {f"/etc/{name}": content for name, content in etc_files(self._user_id, self._user_id).items()}
        for path, content in {**etc, **files}.items():
            arguments += ["--perms", "0444", "--ro-bind-data", str(self._memory_file(content)), path]
        return [*arguments, "--remount-ro", "/", "--chdir", "/"]

    def _wait_for_death(self) -> None:
        """Until the namespace's first process is gone, which the kernel lets happen only after all others."""
        if self._init_pidfd is None:
            return
        if not select.select([self._init_pidfd], [], [], 0)[0]:
            self.kill()
            deadline = time.monotonic() + _DEATH_TIMEOUT_S
            if not select.select([self._init_pidfd], [], [], deadline - time.monotonic())[0]:
                raise SandboxError("a sandbox did not die within 10 s of SIGKILL; look for processes in state D")

    def _memory_file(self, content: bytes) -> int:
        descriptor = self._keep(os.memfd_create("ramp", os.MFD_CLOEXEC))
        with os.fdopen(os.dup(descriptor), "wb") as opened:
            opened.write(content)
        os.lseek(descriptor, 0, os.SEEK_SET)
        self._passed.append(descriptor)
        return descriptor

    def _pipe(self, theirs: ExitStack) -> tuple[int, int]:
        reader, writer = os.pipe()
        theirs.callback(os.close, writer)
        return self._keep(reader), writer

    def _keep(self, descriptor: int) -> int:
        self._stack.callback(os.close, descriptor)
        return descriptor


def _checked(path: str) -> PurePosixPath:
    pure = PurePosixPath(path)
    if not path.startswith("/tmp/") or ".." in pure.parts:  # noqa: S108
        raise SandboxError(f"files and results of a sandboxed command belong under /tmp, not at {path!r}")
    return pure


def _receive(control: socket.socket) -> tuple[bytes, int]:
    """One message and the process id of its sender, as the kernel vouches for it."""
    credentials = struct.calcsize("3i")
    word, ancillary, _, _ = control.recvmsg(64, socket.CMSG_SPACE(credentials))
    for _, kind, data in ancillary:
        if kind == socket.SCM_CREDENTIALS:
            return word, struct.unpack("3i", data[:credentials])[0]
    return word, 0


def _reported(status: bytes, key: str) -> int | None:
    for line in status.split(b"\n"):
        with suppress(ValueError):
            value = json.loads(line).get(key)
            if isinstance(value, int):
                return value
    return None


def _read_all(descriptor: int, limit_bytes: int = 65536) -> bytes:
    """What is in a pipe whose other end is closed, up to a limit."""
    chunks = b""
    while len(chunks) < limit_bytes and (data := os.read(descriptor, limit_bytes)):
        chunks += data
    return chunks
