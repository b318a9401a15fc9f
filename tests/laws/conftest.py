"""A toy repository with one failing test, and a real bubblewrap sandbox for it."""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest

from orchestrator.errors import MissingPiece
from orchestrator.protocols import Sandbox
from orchestrator.records import FileChange, Task
from orchestrator.repo.diff import make_patch
from orchestrator.repo.objects import GitRepository
from orchestrator.repo.seed import commit_tree
from orchestrator.sandbox.bubblewrap import BubblewrapEngine
from orchestrator.sandbox.limits import Limits

# Test processes run beside each other: one must not sweep up what is another's.
RUN_ID = f"laws{os.getpid()}"
SOURCE = b"def add(a, b):\n    return a - b\n"
TESTS = b"from toy import add\n\n\ndef test_zero():\n    assert add(0, 0) == 0\n\n\ndef test_add():\n    assert add(2, 2) == 4\n"
FILES = {
    "toy/__init__.py": ("100644", b"from toy.core import add\n"),
    "toy/core.py": ("100644", SOURCE),
    "tests/test_toy.py": ("100644", TESTS),
    "run.sh": ("100755", b"#!/bin/sh\n"),
}
SMALL = Limits(memory_bytes=300 * 2**20, processes=64, disk_bytes=64 * 2**20, file_size_bytes=32 * 2**20)

Patch = Callable[..., bytes]


@pytest.fixture(scope="session")
def toy() -> GitRepository:
    """The toy repository at its only commit."""
    return commit_tree(FILES, "starter: toy\n", "starter <starter@localhost>", "2026-01-01T00:00:00+00:00")


@pytest.fixture(scope="session")
def task(toy: GitRepository) -> Task:
    """The toy task; its runner is pytest."""
    return Task("toy__toy-1", "starter", "toy/toy", toy.base_commit, "add subtracts")


@pytest.fixture(scope="session")
def engine() -> BubblewrapEngine:
    """A usable bubblewrap engine with small limits, or a skip with the reason."""
    made = BubblewrapEngine(SMALL, run_id=RUN_ID)
    try:
        made.check()
    except MissingPiece as missing:
        pytest.skip(str(missing))
    return made


@pytest.fixture(scope="session")
def sandbox(engine: BubblewrapEngine, task: Task, toy: GitRepository) -> Sandbox:
    """A sandbox for the toy task."""
    return engine.open(task, toy)


@pytest.fixture(scope="session")
def patch() -> Patch:
    """A function from new contents by path to the patch on the toy repository."""

    def make(**contents: bytes) -> bytes:
        changes = []
        for key, after in contents.items():
            path = key.replace("__SLASH__", "/").replace("__DOT__", ".")
            before = FILES[path][1] if path in FILES else None
            changes.append(FileChange(path, before, after))
        return make_patch(changes)

    return make
