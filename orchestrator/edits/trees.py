"""A tree held in memory: for edits built from (before, after), for tests and for engines that have no repository."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from orchestrator.protocols import TreeEntry

_REGULAR = ("100644", "100755")


@dataclass(frozen=True)
class MappingTree:
    """Files by path; `modes` marks executables, symbolic links (120000) and submodules (160000)."""

    files: Mapping[str, bytes]
    modes: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def _entries(self) -> Mapping[str, TreeEntry]:
        return {
            path: TreeEntry(path, self.modes.get(path, "100644"), _blob_id(data), len(data))
            for path, data in self.files.items()
        }

    def entries(self) -> Mapping[str, TreeEntry]:
        """Every entry by path."""
        return self._entries

    def read(self, path: str) -> bytes:
        """A regular file's content. Raises KeyError where there is none."""
        if self.modes.get(path, "100644") not in _REGULAR:
            raise KeyError(path)
        return self.files[path]


def _blob_id(data: bytes) -> str:
    return hashlib.sha1(b"blob %d\x00" % len(data) + data, usedforsecurity=False).hexdigest()
