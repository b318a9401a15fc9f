"""Which test files reach a function, most relevant first, within a budget of seconds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath

import numpy as np

from orchestrator.localize.bm25 import FloatArray
from orchestrator.localize.corpus import RepositoryIndex
from orchestrator.localize.terms import split_identifier
from orchestrator.records import Location

UNKNOWN_DURATION_S = 5.0


def tests_reaching(
    index: RepositoryIndex,
    locations: Sequence[Location],
    budget_s: float,
    durations: Mapping[str, float],
) -> tuple[str, ...]:
    """Test files that plausibly exercise `locations` (earlier ones weigh more), as many as fit `budget_s` seconds.

    A test file scores for importing the file (directly, or a package above it), for using the definition's or its class's
    name, and for sharing names with the path. `durations` are seconds by test file; an unknown one counts as 5 s. A file
    that does not fit is passed over for a shorter one. Support files such as conftest.py are never returned.
    """
    scores = np.zeros(len(index.tests.files))
    for rank, location in enumerate(locations):
        scores += _reach(index, location) / (1.0 + 0.5 * rank)
    chosen: list[str] = []
    left = budget_s
    for test in np.argsort(-scores, kind="stable"):
        path = index.tests.files[int(test)].path
        if scores[test] <= 0 or not is_runnable(path):
            continue
        cost = durations.get(path, UNKNOWN_DURATION_S)
        if cost <= left:
            chosen.append(path)
            left -= cost
    return tuple(chosen)


def is_runnable(path: str) -> bool:
    """Whether a test file holds tests of its own, by its name: `test_x.py`, `x_test.py`, `tests.py`."""
    stem = PurePosixPath(path).stem
    return stem.startswith("test") or stem.endswith(("_test", "_tests", "Test", "Tests", ".test", ".spec", "_spec"))


def _reach(index: RepositoryIndex, location: Location) -> FloatArray:
    """Evidence per test file that it exercises one location."""
    scores = np.zeros(len(index.tests.files))
    number = index.file_numbers.get(location.path)
    if number is None:
        return scores
    for test in index.test_links.direct.get(number, ()):
        scores[test] += 1.0
    for test in index.test_links.by_package.get(number, ()):
        scores[test] += 0.3
    parts = [p for p in (location.qualified_name or "").split(".") if p]
    for depth, name in enumerate(reversed(parts)):
        users = index.tests_using(name)
        if len(users):
            scores[users] += (1.0 if depth == 0 else 0.6) * min(1.0, 12.0 / len(users)) * (name != "__init__")
    wanted = _path_terms(location.path)
    for test, indexed in enumerate(index.tests.files):
        shared = wanted & _path_terms(indexed.path)
        if shared:
            scores[test] += 0.8 * len(shared) / len(wanted)
    return scores


def _path_terms(path: str) -> frozenset[str]:
    ignored = {"tests", "test", "testing", "src", "lib", "init"}
    stem = str(PurePosixPath(path).with_suffix(""))
    return frozenset(t for part in stem.split("/") for t in split_identifier(part) if t not in ignored)
