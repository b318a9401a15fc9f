"""What kind of file a path names: source that may be edited, a test, or neither."""

from __future__ import annotations

import re
from enum import StrEnum
from functools import lru_cache

LANGUAGES = {
    ".py": "python", ".pyi": "python", ".pyx": "text", ".js": "text", ".mjs": "text", ".jsx": "text", ".ts": "text",
    ".tsx": "text", ".java": "text", ".kt": "text", ".scala": "text", ".go": "text", ".rs": "text", ".c": "text",
    ".h": "text", ".cc": "text", ".cpp": "text", ".hpp": "text", ".cs": "text", ".rb": "text", ".php": "text",
    ".swift": "text", ".lua": "text", ".pl": "text", ".pm": "text", ".ex": "text", ".clj": "text", ".hs": "text",
    ".m": "text", ".jl": "text", ".sh": "text",
}  # fmt: skip
_TEST_NAME = re.compile(r"(?:^|[._-])(?:tests?|spec)(?:[._-]|$)|^conftest$|Tests?$")
_VENDORED = frozenset({"node_modules", "vendor", "third_party", "dist", "extern", "_vendor"})
_SIDE = frozenset(
    {"doc", "docs", "example", "examples", "benchmarks", "bench", "asv_bench", "tutorials", "galleries", "scripts"}
)


class FileKind(StrEnum):
    """SOURCE may be edited and is indexed by function; TEST is evidence only; OTHER is not read."""

    SOURCE = "source"
    TEST = "test"
    OTHER = "other"


def language_of(path: str) -> str | None:
    """`python`, `text` (another programming language, read by line patterns) or None."""
    stem, dot, suffix = path.rpartition(".")
    return LANGUAGES.get(f".{suffix.lower()}") if dot and stem else None


def is_test_path(path: str) -> bool:
    """Whether a path is a test by its name.

    `tests` anywhere is a test; `test` and `testing` only at the top, because packages such as `django/test` are products.
    """
    *folders, name = path.split("/")
    if "tests" in folders or "__tests__" in folders or folders[:1] in (["test"], ["testing"], ["spec"]):
        return True
    return bool(_TEST_NAME.search(name.rpartition(".")[0] or name))


@lru_cache(maxsize=100_000)
def kind_of(path: str) -> FileKind:
    """The kind of a regular file, by its path alone."""
    if language_of(path) is None or not _VENDORED.isdisjoint(path.split("/")[:-1]):
        return FileKind.OTHER
    return FileKind.TEST if is_test_path(path) else FileKind.SOURCE


def is_side_path(path: str) -> bool:
    """Whether a source file is documentation, an example or a benchmark: editable, but seldom the cause of a defect."""
    *folders, name = path.split("/")
    return not _SIDE.isdisjoint(folders) or name in {"setup.py", "setupext.py"}


def module_name(path: str) -> str:
    """Dotted name of a Python file: `a/b/__init__.py` is `a.b`, `src/` and `lib/` at the top are not part of it."""
    parts = path.rpartition(".")[0].split("/")
    if len(parts) > 1 and parts[0] in {"src", "lib"}:
        parts = parts[1:]
    if parts[-1] == "__init__":
        parts = parts[:-1]
    return ".".join(parts)
