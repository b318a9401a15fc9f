"""What a step was told of test files that earlier runs had run: kept in the ledger, since a replay has no cache."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from orchestrator.ledger import Ledger
from orchestrator.records import TestFileBaseline

KNOWN_TESTS = "known"


class RemembersTests(Protocol):
    """What `sandbox.known_tests.KnownTests` does."""

    def find(self, test_file: str, limit_s: float) -> TestFileBaseline | None:
        """What is known of a file that may take `limit_s` seconds."""

    def keep(self, test_file: str, found: TestFileBaseline) -> None:
        """Keep what was found out."""


class RecordingKnownTests:
    """What one step was told of earlier runs, kept in the ledger. With `known` None it only replays."""

    def __init__(
        self,
        known: RemembersTests | None,
        step: str,
        instance_id: str,
        ledger: Ledger,
        wall_clock: Callable[[], float],
    ) -> None:
        self._known = known
        self._step = step
        self._instance_id = instance_id
        self._ledger = ledger
        self._wall_clock = wall_clock

    def find(self, test_file: str, limit_s: float) -> TestFileBaseline | None:
        """What the step was told of a file at first, else what is known of it now."""
        key = f"{self._step}/{test_file}".encode("utf-8", "surrogateescape").hex()
        recorded: TestFileBaseline | None = self._ledger.recall(KNOWN_TESTS, key, TestFileBaseline)
        if recorded is not None or self._known is None:
            return recorded
        found = self._known.find(test_file, limit_s)
        if found is not None:
            self._ledger.remember(KNOWN_TESTS, key, self._instance_id, found, self._wall_clock(), wait=False)
        return found

    def keep(self, test_file: str, found: TestFileBaseline) -> None:
        """Tell later runs; a replay tells nobody."""
        if self._known is not None:
            self._known.keep(test_file, found)
