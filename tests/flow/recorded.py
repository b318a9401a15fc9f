"""Looking into recorded runs, and prompt sets to run them again with."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from orchestrator.ledger import LEDGER, Ledger
from orchestrator.replay.drive import Checked, replay_instance
from orchestrator.resources import installed_resource
from tests.flow.lab import Lab

PROMPTS = installed_resource("prompts")


@contextlib.contextmanager
def opened(folder: Path) -> Iterator[Ledger]:
    """The ledger of a run's folder, for reading."""
    with contextlib.closing(Ledger(folder / LEDGER, read_only=True)) as ledger:
        yield ledger


def replayed(folder: Path, lab: Lab) -> dict[str, tuple[Checked, ...]]:
    """Every instance of a run, replayed."""
    with opened(folder) as ledger:
        return {i: tuple(replay_instance(ledger, lab.machine, i)) for i in ledger.instance_ids()}


def differing(folder: Path, lab: Lab) -> list[tuple[str, str]]:
    """Instance and state of each step that does not come out as recorded."""
    found = replayed(folder, lab)
    return [(i, step.transition.state) for i, steps in found.items() for step in steps if step.difference]


def make_set(root: Path, name: str, more: str) -> Path:
    """A prompt set that says something more than the default one."""
    folder = root / name
    folder.mkdir(parents=True)
    (folder / "set.toml").write_text(f'name = "{name}"\ninherits = "default"\n')
    (folder / "edit-now.md").write_text((PROMPTS / "default" / "edit-now.md").read_text() + f"\n{more}\n")
    return folder
