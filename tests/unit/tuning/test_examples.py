"""The worked examples in the prompts are edits that the program itself can read and land."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pytest

from orchestrator.edits import FORMATS
from orchestrator.edits.apply import apply_edits
from orchestrator.prompts import PromptSet, available_sets
from orchestrator.protocols import TreeEntry
from orchestrator.records import EditRefusal
from tests.golden.rendered_prompts import PROMPTS

METHOD = b'''"""Feeding plans."""


class Tank:
    """Fish that are fed together."""

    def __init__(self, fish: list[str]) -> None:
        """Keep the fish."""
        self.fish = fish
        self.fed = 0

    def portion(self, grams: float) -> float:
        """Food for each fish."""
        return grams / len(self.fish)
'''
FUNCTION = (
    b'"""Feeding plans."""\n\n\ndef portion(grams: float, fish: list[str]) -> float:\n    return grams / len(fish)\n'
)


@dataclass
class Files:
    """A tree in memory."""

    content: Mapping[str, bytes]

    def entries(self) -> Mapping[str, TreeEntry]:
        """Every file as a regular one."""
        return {path: TreeEntry(path, "100644", "0" * 40, len(data)) for path, data in self.content.items()}

    def read(self, path: str) -> bytes:
        """The file's bytes."""
        return self.content[path]


@pytest.mark.parametrize("edit_format", FORMATS)
@pytest.mark.parametrize("name", available_sets(PROMPTS))
def test_the_worked_example_lands(name: str, edit_format: str) -> None:
    """What the prompt shows as a right answer is read without repair, lands, and makes the change that it speaks of."""
    prompts = PromptSet.load(PROMPTS, name)
    answer = prompts.render(f"formats/{edit_format}.md").split("The answer:")[1]
    tree = Files({"aquarium/feeding.py": FUNCTION if edit_format == "whole-file" else METHOD})
    edits = FORMATS[edit_format].parse(answer, tree, ("aquarium/feeding.py",))
    assert not isinstance(edits, EditRefusal), edits
    assert edits.salvage == ()
    applied = apply_edits(edits, tree)
    assert not isinstance(applied, EditRefusal), applied
    (change,) = applied.changes
    assert change.after is not None
    assert b"return 0.0" in change.after
    assert [landing.rung for landing in applied.landings] != []


@pytest.mark.parametrize("edit_format", FORMATS)
def test_every_format_has_its_section_and_reminder(edit_format: str) -> None:
    """A format that the program knows is taught in the default set."""
    files = PromptSet.load(PROMPTS, "default").files
    assert f"formats/{edit_format}.md" in files
    assert f"reminders/{edit_format}.md" in files
