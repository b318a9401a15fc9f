"""A candidate as a tree: the base with some files replaced, added or gone, in memory."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Mapping
from functools import cached_property

from orchestrator.protocols import Tree, TreeEntry
from orchestrator.records import FileChange

REGULAR_MODES = frozenset({"100644", "100755"})


def blob_id(content: bytes) -> str:
    """The id git gives to a blob with this content (SHA-1 object format)."""
    return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()


class Overlay:
    """`base` with `changes` laid over it; implements Tree. A later change of the same path wins."""

    def __init__(self, base: Tree, changes: Iterable[FileChange]) -> None:
        self._base = base
        self._changes = {change.path: change for change in changes}

    def entries(self) -> Mapping[str, TreeEntry]:
        """Every entry by path, in git's order."""
        return self._entries

    @cached_property
    def _entries(self) -> dict[str, TreeEntry]:
        merged = {path: entry for path, entry in self._base.entries().items() if path not in self._changes}
        for path, change in self._changes.items():
            if change.after is not None:
                merged[path] = TreeEntry(path, change.mode, blob_id(change.after), len(change.after))
        return dict(sorted(merged.items(), key=lambda item: os.fsencode(item[0])))

    def read(self, path: str) -> bytes:
        """A regular file's content. Raises KeyError where there is none."""
        change = self._changes.get(path)
        if change is None:
            return self._base.read(path)
        if change.after is None or change.mode not in REGULAR_MODES:
            raise KeyError(path)
        return change.after
