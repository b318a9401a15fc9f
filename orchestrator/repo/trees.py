"""Writing small trees into a scratch git directory as loose objects, by GitPython's object database: no process started."""

from __future__ import annotations

import os
from collections.abc import Iterable
from io import BytesIO
from pathlib import Path

from orchestrator.errors import RepositoryError
from orchestrator.repo.fastimport import Files, parts_of

_FOLDER_MODE = 0o040000


class TreeWriter:
    """Writes blobs and trees below one git directory. Not safe under several threads."""

    def __init__(self, git_dir: Path) -> None:
        from gitdb import LooseObjectDB  # type: ignore[import-untyped]

        self._objects = LooseObjectDB(str(git_dir / "objects"))

    def write(self, files: Files) -> bytes:
        """The object id, in binary, of the tree that holds `files`. Raises RepositoryError for what no tree can hold."""
        return self._tree((parts_of(path, mode), mode, content) for path, (mode, content) in files.items())

    def _tree(self, files: Iterable[tuple[tuple[str, ...], str, bytes]]) -> bytes:
        entries: dict[str, tuple[bytes, int]] = {}
        folders: dict[str, list[tuple[tuple[str, ...], str, bytes]]] = {}
        for parts, mode, content in files:
            if len(parts) > 1:
                folders.setdefault(parts[0], []).append((parts[1:], mode, content))
            else:
                entries[parts[0]] = (self._store(b"blob", content), int(mode, 8))
        for name, inside in folders.items():
            if name in entries:
                raise RepositoryError(f"{name!r} cannot be a file and a folder in one tree")
            entries[name] = (self._tree(inside), _FOLDER_MODE)
        rows = sorted(((os.fsencode(name), mode, sha) for name, (sha, mode) in entries.items()), key=_git_order)
        return self._store(b"tree", b"".join(b"%o %b\0%b" % (mode, name, sha) for name, mode, sha in rows))

    def _store(self, kind: bytes, data: bytes) -> bytes:
        from gitdb import IStream

        sha: bytes = self._objects.store(IStream(kind, len(data), BytesIO(data))).binsha
        return sha


def _git_order(row: tuple[bytes, int, bytes]) -> bytes:
    """Trees are sorted by bytes, a folder as if its name ended in a slash."""
    name, mode, _ = row
    return name + b"/" if mode == _FOLDER_MODE else name
