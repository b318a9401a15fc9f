"""Overlay: a candidate as a tree."""

from __future__ import annotations

from pathlib import Path

import pytest

from orchestrator.records import FileChange
from orchestrator.repo.objects import GitRepository
from orchestrator.repo.overlay import Overlay, blob_id
from tests.unit.repo.conftest import git_in


def test_blob_ids_are_gits(clone: Path) -> None:
    """Our id of a content is the id git gives."""
    assert blob_id(b"x\r\n\0") == git_in(clone)("hash-object", "--stdin", "--no-filters", stdin=b"x\r\n\0")


def test_replaced_new_and_deleted_files(clone: Path, base: str) -> None:
    """An overlay shows its changes and the base beneath, in git's order; the base is untouched."""
    repository = GitRepository(clone, base)
    changes = [
        FileChange("old.py", b"print('old')\n", b"new\n"),
        FileChange("a/new.py", None, b"n = 1\n"),
        FileChange("run.sh", b"#!/bin/sh\n", None, "100755"),
    ]
    overlay = Overlay(repository, changes)
    assert overlay.read("old.py") == b"new\n"
    assert overlay.read("a/new.py") == b"n = 1\n"
    assert overlay.read("latin.py") == repository.read("latin.py")
    assert "run.sh" not in overlay.entries()
    assert next(iter(overlay.entries())) == "a/new.py"
    assert overlay.entries()["old.py"].blob_id == blob_id(b"new\n")
    with pytest.raises(KeyError):
        overlay.read("run.sh")
    assert repository.read("run.sh") == b"#!/bin/sh\n"


def test_no_change_is_the_same_tree(clone: Path, base: str) -> None:
    """An empty overlay has the base's entries in the same order."""
    repository = GitRepository(clone, base)
    assert list(Overlay(repository, ()).entries().items()) == list(repository.entries().items())


def test_overlays_stack(clone: Path, base: str) -> None:
    """An overlay can lie on another."""
    lower = Overlay(GitRepository(clone, base), [FileChange("n.py", None, b"1\n")])
    upper = Overlay(lower, [FileChange("n.py", b"1\n", None)])
    assert "n.py" in lower.entries()
    assert "n.py" not in upper.entries()
