"""The index on disk: facts of blobs by blob id, shared by every run and every commit.

One SQLite file in WAL mode, named by the format's version, so that a newer program never reads what an older one wrote.
Two processes may fill it at once: a blob's facts depend on nothing but its content, so whoever comes second changes nothing.
"""

from __future__ import annotations

import gc
import json
import sqlite3
import sys
import zlib
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path

from orchestrator.errors import RepositoryError
from orchestrator.localize.corpus import RepositoryIndex, build_repository_index
from orchestrator.localize.facts import READ_LIMIT_BYTES, FileFacts, Unit, read_facts
from orchestrator.localize.packing import PackedFile, arrange, pack, unpack
from orchestrator.localize.paths import FileKind, kind_of, language_of
from orchestrator.protocols import CommitInfo, Repository, TreeEntry

Key = tuple[str, str]
"""Blob id and flavour: the language, and whether the file is a test."""

FORMAT = 1
HISTORY_LIMIT = 6000
_KEPT_HISTORIES = 20
_BATCH = 400
_UNREAD = FileFacts((Unit(None, {}),), (), 0, "nothing")
_SCHEMA = """
CREATE TABLE IF NOT EXISTS facts (blob_id TEXT, flavour TEXT, payload BLOB NOT NULL, PRIMARY KEY (blob_id, flavour)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS histories (number INTEGER PRIMARY KEY, commit_id TEXT UNIQUE, payload BLOB NOT NULL);
"""


def open_index(cache_dir: Path) -> Index:
    """Open the index in `cache_dir`, which is made if needed. A damaged file is set aside and a new one begun.

    Raises RepositoryError where the folder cannot be written.
    """
    path = cache_dir / f"localize-{FORMAT}-py{sys.version_info.major}{sys.version_info.minor}.sqlite"
    try:
        cache_dir.mkdir(parents=True, exist_ok=True)
        try:
            return Index(path)
        except sqlite3.OperationalError:
            raise
        except sqlite3.DatabaseError:
            path.replace(path.with_suffix(".damaged"))
            return Index(path)
    except (OSError, sqlite3.Error) as error:
        raise RepositoryError(
            f"the index in {cache_dir} cannot be opened: {error}; check the folder or choose another cache"
        ) from error


class Index:
    """Facts of blobs, on disk. Safe to share between processes; a connection is opened for each use."""

    def __init__(self, path: Path) -> None:
        self.path = path
        with closing(self._connect()) as connection, connection:
            connection.execute("PRAGMA journal_mode=WAL")
            connection.executescript(_SCHEMA)

    def load(self, repository: Repository) -> RepositoryIndex:
        """Everything known of `repository` at its base_commit; only blobs never seen before are read and parsed.

        Raises RepositoryError where git data is missing.
        """
        with _without_cycle_collection():
            return self._load(repository)

    def _load(self, repository: Repository) -> RepositoryIndex:
        notes: list[str] = []
        # Git writes the log while blobs are parsed.
        with closing(self._connect()) as connection, ThreadPoolExecutor(1) as beside:
            history_found = self._stored_history(connection, repository.base_commit)
            listing = None if history_found else beside.submit(repository.history, HISTORY_LIMIT)
            wanted = _indexable(repository, notes)
            packed = dict(self._stored(connection, wanted))
            missing = [entry for entry in wanted if _key(entry) not in packed]
            packed.update(self._add(connection, repository, missing))
            history = history_found or self._keep_history(connection, repository.base_commit, listing)
        if not any(commit.paths for commit in history):
            notes.append("no history: past commits could not be used (a shallow clone?)")
        files = [(entry, packed[_key(entry)]) for entry in wanted]
        unread = sum(1 for _, facts in files if facts.read_by == "nothing")
        if unread:
            limit = f"{READ_LIMIT_BYTES:,} bytes"
            notes.append(
                f"{unread} files are binary, larger than {limit} or not in this clone: only their paths are indexed"
            )
        return build_repository_index(repository.base_commit, files, history, tuple(notes)).prepare()

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self.path, timeout=60.0)
        connection.execute("PRAGMA synchronous=NORMAL")
        return connection

    def _stored(self, connection: sqlite3.Connection, wanted: Sequence[TreeEntry]) -> Iterator[tuple[Key, PackedFile]]:
        blob_ids = sorted({entry.blob_id for entry in wanted})
        for start in range(0, len(blob_ids), _BATCH):
            batch = blob_ids[start : start + _BATCH]
            marks = ",".join("?" * len(batch))
            query = f"SELECT blob_id, flavour, payload FROM facts WHERE blob_id IN ({marks})"  # noqa: S608  (only marks)
            for blob_id, flavour, payload in connection.execute(query, batch):
                try:
                    yield (blob_id, flavour), unpack(payload)
                except ValueError:
                    continue

    def _add(
        self, connection: sqlite3.Connection, repository: Repository, missing: Sequence[TreeEntry]
    ) -> Iterator[tuple[Key, PackedFile]]:
        by_key = {_key(entry): entry for entry in missing}
        rows: list[tuple[str, str, bytes]] = []
        for key, data in _contents(repository, by_key):
            if data is None:
                yield key, arrange(_UNREAD)
                continue
            language = language_of(by_key[key].path) or "text"
            packed = arrange(read_facts(data, language, whole_file=key[1].endswith("test")))
            rows.append((*key, pack(packed)))
            yield key, packed
        with connection:
            connection.executemany("INSERT OR REPLACE INTO facts VALUES (?, ?, ?)", rows)

    def _stored_history(self, connection: sqlite3.Connection, commit_id: str) -> tuple[CommitInfo, ...]:
        row = connection.execute("SELECT payload FROM histories WHERE commit_id = ?", (commit_id,)).fetchone()
        return tuple(CommitInfo(i, m, t, tuple(p)) for i, m, t, p in json.loads(zlib.decompress(row[0]))) if row else ()

    def _keep_history(
        self, connection: sqlite3.Connection, commit_id: str, listing: Future[tuple[CommitInfo, ...]] | None
    ) -> tuple[CommitInfo, ...]:
        commits = listing.result() if listing else ()
        if any(commit.paths for commit in commits):  # else a shallow clone's, which a full one should not find here
            body = json.dumps([[c.commit_id, c.message, c.time_s, c.paths] for c in commits]).encode()
            with connection:
                connection.execute(
                    "INSERT OR IGNORE INTO histories (commit_id, payload) VALUES (?, ?)",
                    (commit_id, zlib.compress(body, 1)),
                )
                connection.execute(
                    "DELETE FROM histories WHERE number <= (SELECT MAX(number) FROM histories) - ?", (_KEPT_HISTORIES,)
                )
        return commits


@contextmanager
def _without_cycle_collection() -> Iterator[None]:
    """Syntax trees and tables hold no cycles, and looking for them takes a sixth of the time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _contents(repository: Repository, by_key: Mapping[Key, TreeEntry]) -> Iterator[tuple[Key, bytes | None]]:
    """Contents of blobs in one pass; None for those that are too large, or whose size git does not know and that it lacks."""
    known = [key for key, entry in by_key.items() if 0 <= entry.size_bytes <= READ_LIMIT_BYTES]
    contents = repository.read_blobs([blob_id for blob_id, _ in known])
    for key, (_, data) in zip(known, contents, strict=True):
        yield key, data
    for key, entry in by_key.items():
        if entry.size_bytes > READ_LIMIT_BYTES:
            yield key, None
        elif entry.size_bytes < 0:
            yield key, _content_if_there(repository, entry.blob_id)


def _content_if_there(repository: Repository, blob_id: str) -> bytes | None:
    """A partial clone lists blobs that it does not have."""
    try:
        return next(iter(repository.read_blobs([blob_id])))[1]
    except RepositoryError:
        return None


def _indexable(repository: Repository, notes: list[str]) -> list[TreeEntry]:
    """Regular source and test files; what is left out is noted."""
    entries = repository.entries().values()
    links = sum(1 for entry in entries if entry.mode == "120000")
    modules = sum(1 for entry in entries if entry.mode == "160000")
    if links or modules:
        notes.append(f"{links} symlinks and {modules} submodules are not read")
    wanted = [e for e in entries if e.mode.startswith("100") and kind_of(e.path) is not FileKind.OTHER]
    if not wanted:
        notes.append("no source file in a known language")
    elif not any(language_of(entry.path) == "python" for entry in wanted):
        notes.append("no Python: definitions were found by line patterns")
    return wanted


def _key(entry: TreeEntry) -> Key:
    flavour = "test" if kind_of(entry.path) is FileKind.TEST else "source"
    return entry.blob_id, f"{language_of(entry.path)}-{flavour}"
