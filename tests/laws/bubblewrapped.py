"""What the laws of the bubblewrap sandbox run scripts with."""

from __future__ import annotations

from pathlib import Path

from orchestrator.protocols import Sandbox, SandboxCommand, SandboxResult


def say(sandbox: Sandbox, script: str, **more: object) -> SandboxResult:
    """Run a script with a short time-out."""
    return sandbox.run(SandboxCommand(script, **{"timeout_s": 20.0, **more}))  # type: ignore[arg-type]


def processes_named(marker: str) -> list[str]:
    """Host processes with the marker on their command line."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                line = (entry / "cmdline").read_bytes().decode("utf-8", "replace")
            except OSError:
                continue
            found += [line] if marker in line else []
    return found
