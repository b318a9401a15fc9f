"""Commands in a temporary folder of the host, without any isolation: only for --unsafe-local, and stamped in every result."""

from __future__ import annotations

import io
import os
import re
import shutil
import signal
import subprocess
import tarfile
import tempfile
import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path, PurePosixPath

from orchestrator.errors import MissingPiece
from orchestrator.protocols import Repository, SandboxCommand, SandboxOutcome, SandboxProfile, SandboxResult
from orchestrator.records import Task
from orchestrator.sandbox.environment import base_environment
from orchestrator.sandbox.seedtree import SeedTree
from orchestrator.sandbox.watch import watch_output


class UnsafeLocalEngine:
    """Implements SandboxEngine with `isolated=False`: no namespaces and no limits but time and output."""

    def __init__(self, scratch: Path | None = None) -> None:
        self._scratch = scratch

    def check(self) -> None:
        """Raise MissingPiece where git or bash is absent."""
        for program in ("git", "bash"):
            if shutil.which(program) is None:
                raise MissingPiece(f"{program} is not installed", "Install it with the system's package manager.")

    def open(self, task: Task, repository: Repository) -> UnsafeLocalSandbox:  # noqa: ARG002
        """Prepare the tree at base_commit for the task's working copies."""
        self.check()
        return UnsafeLocalSandbox(SeedTree(repository, self._scratch), self._scratch)

    def sweep(self, run_id: str) -> int:  # noqa: ARG002
        """Nothing is kept by run: working copies are temporary folders."""
        return 0


class UnsafeLocalSandbox:
    """Implements Sandbox. The repository's root is a temporary folder instead of /testbed, and so is the place of `files`."""

    def __init__(self, seed: SeedTree, scratch: Path | None) -> None:
        self._seed = seed
        self._scratch = scratch

    @property
    def profile(self) -> SandboxProfile:
        """Says that nothing is isolated."""
        return SandboxProfile(
            "unsafe-local", network=True, isolated=False, limits={"memory": "none", "processes": "none"}
        )

    def run(self, command: SandboxCommand) -> SandboxResult:
        """Run one command to its end, in a process group that is killed afterwards."""
        started = time.monotonic()
        with tempfile.TemporaryDirectory(prefix="ramp-unsafe-", dir=self._scratch, ignore_cleanup_errors=True) as root:
            return self._run(_moved(command, Path(root) / "files"), Path(root), started)

    def _run(self, command: SandboxCommand, root: Path, started: float) -> SandboxResult:
        testbed, home = root / "testbed", root / "home"
        environment = base_environment({"HOME": str(home), **command.environment})
        home.mkdir()
        _unpack(self._seed, testbed)
        refused = _apply(command.patch, testbed, environment)
        if refused:
            duration_s = time.monotonic() - started
            return SandboxResult(SandboxOutcome.PATCH_FAILED, None, b"", duration_s=duration_s, detail=refused)
        _place_files(command)
        reader, writer = os.pipe()
        process = subprocess.Popen(
            ["bash", "-c", command.script],
            cwd=testbed, env=environment, stdin=subprocess.DEVNULL, stdout=writer, stderr=writer, start_new_session=True,
        )  # fmt: skip
        os.close(writer)

        def kill() -> None:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)

        with os.fdopen(reader, "rb"):
            # A child that left the process group may hold the output open: the command's own end counts.
            watched = watch_output(reader, command, kill, ended=lambda: process.poll() is not None)
        code = process.wait()
        kill()
        outcome = watched.cut_short or (SandboxOutcome.KILLED if code == -signal.SIGKILL else SandboxOutcome.EXITED)
        exit_code = None if watched.cut_short else (code if code >= 0 else 128 - code)
        detail = "" if outcome is SandboxOutcome.EXITED else f"killed: {outcome.value}"
        results = _results(command)
        return SandboxResult(
            outcome, exit_code, watched.output, results, watched.truncated, time.monotonic() - started, detail
        )


def _unpack(seed: SeedTree, testbed: Path) -> None:
    with tarfile.open(fileobj=io.BytesIO(seed.tar.read_bytes())) as tar:
        tar.extractall(testbed, filter="tar")
    (testbed / ".git" / "objects" / "info" / "alternates").write_text(f"{seed.objects}\n")


def _apply(patch: bytes, testbed: Path, environment: dict[str, str]) -> str:
    """Apply the patch; empty where that worked, else git's words."""
    if not patch.strip():
        return ""
    command = [
        "git",
        "-c",
        "core.hooksPath=/dev/null",
        "-c",
        "core.fsmonitor=false",
        "apply",
        "--whitespace=nowarn",
        "-",
    ]
    hardened = {**environment, "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull}
    done = subprocess.run(command, input=patch, cwd=testbed, env=hardened, capture_output=True, check=False)
    return done.stderr.decode("utf-8", "replace") if done.returncode else ""


def _place_files(command: SandboxCommand) -> None:
    if command.results_path is not None:
        Path(command.results_path).parent.mkdir(parents=True, exist_ok=True)
    for name, content in command.files.items():
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_bytes(content)


def _moved(command: SandboxCommand, folder: Path) -> SandboxCommand:
    """The command with its files below `folder`: /tmp is everybody's here, and other commands name the same places."""
    named = [*command.files, *filter(None, [command.results_path])]
    own = {str(PurePosixPath(name).parent) for name in named} - {"/tmp"}  # noqa: S108 - left where it is
    if not named:
        return command
    words = "|".join(re.escape(place) for place in sorted({*named, *own}, key=len, reverse=True))
    pattern = re.compile(rf"(?:{words})(?![\w.-])")

    def move(text: str) -> str:
        return pattern.sub(lambda found: f"{folder}{found[0]}", text)

    return replace(
        command,
        script=move(command.script),
        environment={name: move(value) for name, value in command.environment.items()},
        files={move(name): os.fsencode(move(os.fsdecode(data))) for name, data in command.files.items()},
        results_path=command.results_path and move(command.results_path),
    )


def _results(command: SandboxCommand) -> bytes | None:
    if command.results_path is None or not Path(command.results_path).is_file():
        return None
    with Path(command.results_path).open("rb") as opened:
        return opened.read(command.results_limit_bytes)
