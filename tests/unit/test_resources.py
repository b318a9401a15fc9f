"""Where prompts/, states/ and phases/ are found."""

from __future__ import annotations

from pathlib import Path

import pytest

from orchestrator.resources import Kind, find_resource, installed_resource


def make(folder: Path, marker: str) -> Path:
    """A folder with the file that makes it one of ours."""
    (folder / marker).parent.mkdir(parents=True)
    (folder / marker).write_text("")
    return folder


@pytest.mark.parametrize(
    ("kind", "marker"), [("prompts", "mine/set.toml"), ("states", "machine.toml"), ("phases", "arms.toml")]
)
def test_the_workspace_comes_first(tmp_path: Path, kind: Kind, marker: str) -> None:
    """A folder of ours in the working folder or above it wins over the installed one."""
    mine = make(tmp_path / kind, marker)
    deep = tmp_path / "a" / "b"
    deep.mkdir(parents=True)
    assert find_resource(kind, deep) == mine


def test_a_folder_that_only_has_the_name_does_not_count(tmp_path: Path) -> None:
    """`prompts/` is a common name: without a set in it, the installed one is used."""
    (tmp_path / "prompts").mkdir()
    assert find_resource("prompts", tmp_path) == installed_resource("prompts")


def test_without_a_workspace_the_installed_copy_is_used() -> None:
    """The default set is found beside the package or inside it."""
    assert (find_resource("prompts") / "default" / "set.toml").is_file()
