"""The composition root: from settings to the tools of a run. What is missing is found here, all at once, before anything starts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from orchestrator.errors import MissingPiece
from orchestrator.protocols import Benchmark, Model, SandboxEngine
from orchestrator.records import Task
from orchestrator.settings import Settings

STARTER_COMMAND = "ramp run 1 -b starter -m mutation"


class MissingPieces(MissingPiece):
    """Everything that a run needs and does not have, each with its remedy."""

    def __init__(self, missing: Sequence[MissingPiece]) -> None:
        self.missing = tuple(missing)
        lines = [f"- {piece.what}\n  {piece.remedy}" for piece in missing]
        what = "this run cannot start; missing:\n" + "\n".join(lines) + "\n"
        super().__init__(what, f"To see the whole loop without model, key or Docker: {STARTER_COMMAND}")


@dataclass(frozen=True)
class Engines:
    """Sandbox engines by kind, each made when a task first needs it."""

    settings: Settings
    make: Mapping[str, Callable[[], SandboxEngine]]

    def kind_for(self, task: Task) -> str:
        """The kind of engine a task gets: what the settings say, or by whether it has an image."""
        kind = self.settings.sandbox.kind
        return kind if kind != "auto" else ("docker" if task.image else "bubblewrap")

    def __call__(self, task: Task) -> SandboxEngine:
        """The engine for `task`."""
        return self.make[self.kind_for(task)]()


def check_pieces(checks: Sequence[Callable[[], object]]) -> None:
    """Run every check and raise one MissingPieces with all that is missing."""
    missing: list[MissingPiece] = []
    for check in checks:
        try:
            check()
        except MissingPiece as piece:
            missing.append(piece)
    if missing:
        raise MissingPieces(missing)


__all__ = ["STARTER_COMMAND", "Benchmark", "Engines", "MissingPieces", "Model", "Path", "check_pieces"]
