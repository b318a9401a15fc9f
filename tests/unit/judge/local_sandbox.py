"""A sandbox for the judge's own tests: real Python on a copy of a DictTree of harmless files, without isolation."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from orchestrator.protocols import SandboxCommand, SandboxOutcome, SandboxProfile, SandboxResult
from tests.unit.judge.fakes import DictTree

_PLACED = "/tmp/ramp"


class LocalSandbox:
    """Writes the tree into a temporary folder, applies the patch with git and runs the script there; paths are moved to it."""

    def __init__(self, tree: DictTree) -> None:
        self._tree = tree
        self.commands: list[SandboxCommand] = []

    @property
    def profile(self) -> SandboxProfile:
        return SandboxProfile("local", isolated=False)

    def run(self, command: SandboxCommand) -> SandboxResult:
        self.commands.append(command)
        with tempfile.TemporaryDirectory() as name:
            return self._run(Path(name), command)

    def _run(self, folder: Path, command: SandboxCommand) -> SandboxResult:
        root, placed = folder / "testbed", folder / "placed"
        placed.mkdir()
        for path in self._tree.entries():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_bytes(self._tree.read(path))
        if command.patch:
            applied = subprocess.run(
                ["git", "apply", "-"], input=command.patch, cwd=root, capture_output=True, check=False
            )
            if applied.returncode:
                return SandboxResult(
                    SandboxOutcome.PATCH_FAILED, None, applied.stderr, detail="the patch does not apply"
                )
        for path, data in command.files.items():
            (placed / path.removeprefix(_PLACED + "/")).write_bytes(data)
        environment = {key: value.replace(_PLACED, str(placed)) for key, value in command.environment.items()}
        binaries = folder / "bin"
        binaries.mkdir()
        (binaries / "python").symlink_to(sys.executable)
        environment["PATH"] = f"{binaries}:{os.environ['PATH']}"
        script = command.script.replace(_PLACED, str(placed))
        began_s = time.monotonic()
        try:
            done = subprocess.run(
                ["bash", "-c", script],
                cwd=root,
                env=environment,
                capture_output=True,
                timeout=command.timeout_s,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return SandboxResult(SandboxOutcome.TIMEOUT, None, b"")
        found = Path((command.results_path or "").replace(_PLACED, str(placed)))
        results = found.read_bytes() if command.results_path and found.is_file() else None
        duration_s = time.monotonic() - began_s
        return SandboxResult(
            SandboxOutcome.EXITED, done.returncode, done.stdout + done.stderr, results, duration_s=duration_s
        )


assert shutil.which("git"), "the tests apply patches with git"
