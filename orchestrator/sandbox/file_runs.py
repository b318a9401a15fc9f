"""Outcomes by test file: which file a test belongs to, and what several of one name come to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from orchestrator.records import TestStatus

_WORST_FIRST = (TestStatus.ERROR, TestStatus.FAILED, TestStatus.MISSING, TestStatus.SKIPPED, TestStatus.PASSED)


def worse(one: TestStatus, other: TestStatus) -> TestStatus:
    """Where several tests share a printed id, the id passes only if all do."""
    return min(one, other, key=_WORST_FIRST.index)


def worst_of(parts: Iterable[Mapping[str, TestStatus]]) -> dict[str, TestStatus]:
    """The outcomes of several files as those of one run."""
    merged: dict[str, TestStatus] = {}
    for part in parts:
        for test, status in part.items():
            merged[test] = worse(status, merged.get(test, TestStatus.PASSED))
    return merged


def file_of(node_id: str, test_files: Iterable[str]) -> str | None:
    """The one of `test_files` that a pytest node id lies in; pytest's root folder may lie below the repository's."""
    path = node_id.partition("::")[0]
    return next((name for name in test_files if name == path or name.endswith(f"/{path}")), None)
