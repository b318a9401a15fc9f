"""Links between files: who imports whom, and which tests exercise which file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

import numpy as np

from orchestrator.localize.bm25 import FloatArray
from orchestrator.localize.facts import Import
from orchestrator.localize.packing import IntArray

_TEST_FOLDERS = frozenset({"tests", "test", "testing", "__tests__"})


@dataclass(frozen=True, slots=True)
class ImportGraph:
    """Edges from `importer[i]` to `imported[i]`, each pair once, between source files."""

    importer: IntArray
    imported: IntArray
    file_count: int

    def to_imported(self, scores: FloatArray) -> FloatArray:
        """Each file's score shared among the files that it imports."""
        return _spread(scores, self.importer, self.imported, self.file_count)

    def to_importers(self, scores: FloatArray) -> FloatArray:
        """Each file's score shared among the files that import it."""
        return _spread(scores, self.imported, self.importer, self.file_count)


@dataclass(frozen=True, slots=True)
class CallGraph:
    """Edges from unit `user[i]` to unit `used[i]`: the one's text holds the other's name, which few definitions share."""

    user: IntArray
    used: IntArray
    unit_count: int

    def to_used(self, scores: FloatArray) -> FloatArray:
        """For each unit, the sum over its users of their score, shared among all that each uses."""
        return _spread(scores, self.user, self.used, self.unit_count)

    def to_users(self, scores: FloatArray) -> FloatArray:
        """For each unit, the sum over what it uses of their score, shared among all that use each."""
        return _spread(scores, self.used, self.user, self.unit_count)


def _spread(scores: FloatArray, origin: IntArray, target: IntArray, count: int) -> FloatArray:
    widths = np.bincount(origin, minlength=count)
    shares = scores / np.maximum(widths, 1) ** 0.5
    return np.bincount(target, shares[origin], count).astype(np.float64)


@dataclass(frozen=True, slots=True)
class TestLinks:
    """Which test files import a source file, directly or by the package above it, and what each test file exercises."""

    __test__ = False
    direct: Mapping[int, tuple[int, ...]]
    by_package: Mapping[int, tuple[int, ...]]
    shares: tuple[Mapping[int, float], ...]


def imported_files(
    by_module: Mapping[str, int], importer: str, imports: tuple[Import, ...], *, is_package: bool
) -> Iterator[int]:
    """Source files that the import statements of module `importer` name; may repeat."""
    for each in imports:
        base = each.module
        if each.level:
            parts = importer.split(".")
            keep = len(parts) - each.level + (1 if is_package else 0)
            base = ".".join([*parts[: max(keep, 0)], *([each.module] if each.module else [])])
        inner = [n for name in each.names if (n := by_module.get(f"{base}.{name}")) is not None]
        outer = by_module.get(base)
        if inner:
            yield from inner
        elif outer is not None:
            yield outer


def name_under_test(path: str) -> str:
    """What a test file is named after: `tests/test_lexer.py` is `lexer`, `tests/queries/tests.py` is `queries`."""
    pure = PurePosixPath(path)
    stem = pure.stem.removeprefix("test_").removesuffix("_test").removesuffix("_tests")
    if stem not in {"tests", "test", "__init__", "conftest"}:
        return stem
    return next((part for part in reversed(pure.parts[:-1]) if part not in _TEST_FOLDERS), "")
