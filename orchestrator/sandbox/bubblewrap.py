"""Sandboxes made of Linux namespaces by bubblewrap: no image, no daemon, and a fresh one for every command."""

from __future__ import annotations

import functools
import os
import re
import shutil
import subprocess
import time
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

from orchestrator.errors import MissingPiece, SandboxError
from orchestrator.protocols import Repository, SandboxCommand, SandboxOutcome, SandboxProfile, SandboxResult
from orchestrator.records import Task
from orchestrator.sandbox.bwrap_arguments import launch_arguments, shell_prelude
from orchestrator.sandbox.bwrap_process import BwrapProcess, Ending
from orchestrator.sandbox.cgroups import Group, Parent, find_parents, sweep_groups
from orchestrator.sandbox.limits import Limits
from orchestrator.sandbox.seccomp import filter_program
from orchestrator.sandbox.seedtree import SeedTree
from orchestrator.sandbox.watch import watch_output

_OLDEST = (0, 7)  # --size, without which /tmp and the working copy have no limit
_INSTALL = "Install it, for example with `apt-get install bubblewrap`, or use --unsafe-local (no isolation, stamped)."
_NAMESPACES = (
    "Allow user namespaces (sysctl kernel.unprivileged_userns_clone=1, kernel.apparmor_restrict_unprivileged_userns=0; in a "
    "container: --privileged or a seccomp profile that allows them), or use Docker, or --unsafe-local (no isolation, stamped)."
)


class BubblewrapEngine:
    """Implements SandboxEngine. `run_id` names what a killed run could leave behind, for `sweep`.

    Control groups are used where `cgroup_parents` has some; by default they are looked for. Safe to use from several threads.
    """

    def __init__(
        self,
        limits: Limits | None = None,
        run_id: str = "none",
        scratch: Path | None = None,
        program: str = "bwrap",
        cgroup_parents: tuple[Parent, ...] | None = None,
    ) -> None:
        self._limits = limits or Limits()
        self._run_id = run_id
        self._scratch = scratch
        self._program = program
        self._parents = find_parents() if cgroup_parents is None else cgroup_parents

    def check(self) -> None:
        """Start an empty sandbox. Raises MissingPiece where bubblewrap is absent, too old, or may not make namespaces."""
        found = shutil.which(self._program)
        if found is None:
            raise MissingPiece("bubblewrap (bwrap) is not installed", _INSTALL)
        if os.geteuid() == 0 and shutil.which("setpriv") is None:
            raise MissingPiece("setpriv is not installed", "Install it, for example with `apt-get install util-linux`.")
        said = subprocess.run([found, "--version"], capture_output=True, text=True, check=False).stdout.strip()
        version = tuple(int(part) for part in re.findall(r"\d+", said)[:2])
        if version < _OLDEST:
            raise MissingPiece(f"{said or 'this bwrap'} is too old: 0.7 or later is needed", _INSTALL)
        reason = _why_unusable(self._program)
        if reason:
            raise MissingPiece(f"bubblewrap cannot isolate here: {reason}", _NAMESPACES)

    def open(self, task: Task, repository: Repository) -> BubblewrapSandbox:  # noqa: ARG002
        """Prepare the tree at base_commit for the task's working copies."""
        self.check()
        seed = SeedTree(repository, self._scratch)
        return BubblewrapSandbox(seed, self._limits, self._parents, self._run_id, self._program)

    def sweep(self, run_id: str) -> int:
        """Remove control groups of a killed run; its processes died with it."""
        return sweep_groups(self._parents, run_id)


@functools.cache
def _why_unusable(program: str) -> str:
    """Empty where an empty sandbox starts; else bubblewrap's words. Remembered: it costs a start."""
    arguments = [
        *launch_arguments(program, _NO_BINDS, Limits(), seccomp_fd=None, status_fd=None),
        "bash",
        "-c",
        "exit 42",
    ]
    done = subprocess.run(arguments, capture_output=True, env={"PATH": os.environ.get("PATH", os.defpath)}, check=False)
    words = done.stderr.decode("utf-8", "replace").strip()
    return "" if done.returncode == 42 else words or f"status {done.returncode}"


_NO_BINDS: Mapping[str, str] = {}


class BubblewrapSandbox:
    """Implements Sandbox: working copies of one seed tree, each in namespaces of its own."""

    def __init__(self, seed: SeedTree, limits: Limits, parents: tuple[Parent, ...], run_id: str, program: str) -> None:
        self._seed = seed
        self._limits = limits
        self._parents = parents
        self._run_id = run_id
        self._program = program
        self._filter = filter_program()
        self._profile = self._effective_profile()

    @property
    def profile(self) -> SandboxProfile:
        """The effective isolation; `limits` name the mechanism and the figure of each bound."""
        return self._profile

    def run(self, command: SandboxCommand) -> SandboxResult:
        """Run one command to its end. Raises SandboxError where bubblewrap itself is gone."""
        started = time.monotonic()
        group = Group(self._parents, self._limits, self._run_id)
        with ExitStack() as stack:
            stack.callback(group.close)
            if group.applied.keys() != self._cgroup_limits().keys():
                raise SandboxError(
                    "a control group that limits sandboxes can no longer be made; look at /sys/fs/cgroup"
                )
            process = stack.enter_context(BwrapProcess(self._program, self._seed, self._limits, self._filter, group))
            prelude = functools.partial(shell_prelude, limits=self._limits, timeout_s=command.timeout_s, group=group)
            trouble = process.start(command, prelude)
            if trouble is not None:
                outcome, words = trouble
                return SandboxResult(outcome, None, b"", duration_s=time.monotonic() - started, detail=words)
            watched = watch_output(process.output_fd, command, process.kill)
            ending = process.finish(command)
            oom_kills = group.oom_kills()
        outcome, exit_code, detail = _judge_ending(watched.cut_short, ending, oom_kills)
        return SandboxResult(
            outcome, exit_code, watched.output, ending.results, watched.truncated, time.monotonic() - started, detail
        )

    def _effective_profile(self) -> SandboxProfile:
        limits = self._limits
        applied = {
            "memory": f"rlimit_as {limits.memory_bytes} a process",
            "processes": f"rlimit_nproc {limits.processes}",
            **self._cgroup_limits(),
            "disk": f"tmpfs {limits.disk_bytes}",
            "file_size": f"rlimit_fsize {limits.file_size_bytes}",
            "open_files": f"rlimit_nofile {limits.open_files}",
            "cpu": f"rlimit_cpu {limits.cpu_share} of the time-out a process",
            "user": "private uid, no capabilities" if os.geteuid() == 0 else "user namespace, no capabilities",
            "seccomp": "filter" if self._filter else f"none for {os.uname().machine}",
        }
        return SandboxProfile("bubblewrap", network=False, isolated=True, limits=applied)

    @functools.lru_cache(maxsize=1)  # noqa: B019 - the sandbox lives as long as its task
    def _cgroup_limits(self) -> dict[str, str]:
        """What control groups really limit here, found out by making one."""
        group = Group(self._parents, self._limits, self._run_id)
        group.close()
        return group.applied


def _judge_ending(
    cut_short: SandboxOutcome | None, ending: Ending, oom_kills: int
) -> tuple[SandboxOutcome, int | None, str]:
    if oom_kills:
        return SandboxOutcome.OOM, ending.exit_code, f"the kernel killed {oom_kills} process(es) at the memory limit"
    if cut_short is not None:
        return cut_short, None, f"killed by us: {cut_short.value}"
    if ending.exit_code is None:
        return SandboxOutcome.KILLED, None, f"the sandbox went away: {ending.words or 'bubblewrap gave no exit code'}"
    if ending.exit_code == 137:
        return SandboxOutcome.KILLED, 137, "the command was killed by SIGKILL"
    return SandboxOutcome.EXITED, ending.exit_code, ""
