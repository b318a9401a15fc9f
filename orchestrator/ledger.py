"""The ledger: one SQLite file per run, the only truth about it.

Every transition, call, sandbox result and verdict is committed (WAL, synchronous=FULL) before it counts. One writer thread
commits in groups; callers wait for their commit. Bytes and long texts are content-addressed in `blobs`.
"""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
import threading
import zlib
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from orchestrator.errors import LedgerError
from orchestrator.journey import Transition
from orchestrator.memory.codec import blob_id, decode_as, decode_records, encode_records, encode_value

APPLICATION_ID = 0x52414D50  # "RAMP": tells our file from any other SQLite file
SCHEMA_VERSION = 1
LEDGER = "ledger.db"
"""The ledger's name in a run's folder."""

_SCHEMA = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE blobs (sha256 TEXT PRIMARY KEY, data BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE instances (instance_id TEXT PRIMARY KEY, position INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE transitions (
  instance_id TEXT NOT NULL, seq INTEGER NOT NULL, state TEXT NOT NULL, event TEXT NOT NULL, next_state TEXT NOT NULL,
  attempt INTEGER NOT NULL, duration_s REAL NOT NULL, at_s REAL NOT NULL, note TEXT NOT NULL, records TEXT NOT NULL,
  PRIMARY KEY (instance_id, seq)) WITHOUT ROWID;
CREATE TABLE memos (
  kind TEXT NOT NULL, key TEXT NOT NULL, instance_id TEXT NOT NULL, at_s REAL NOT NULL, value TEXT NOT NULL,
  PRIMARY KEY (kind, key)) WITHOUT ROWID;
"""

_Statement = tuple[str, tuple[Any, ...]]


class Ledger:
    """One run's ledger. Safe to use from several threads of the one process that owns it; readers may be others."""

    def __init__(self, path: Path, *, read_only: bool = False, whole: bool = True) -> None:
        """Open an existing ledger. Raises LedgerError, leaving the file untouched, where it is damaged or foreign.

        `whole` False leaves out the check of every page (a second for 300 MB); damage in what is read is still found.
        """
        self.path = path
        self.read_only = read_only
        _check_file(path, whole=whole)
        self._reader = _connect(path, read_only=read_only)
        self._reading = threading.Lock()
        self._queue: SimpleQueue[tuple[list[_Statement], Future[None]] | None] = SimpleQueue()
        self._writer: threading.Thread | None = None
        self._closed = False
        self._failure: LedgerError | None = None

    @classmethod
    def create(cls, path: Path, meta: Mapping[str, Any], instance_ids: tuple[str, ...]) -> Ledger:
        """Make a new ledger. Raises LedgerError where the file exists or the folder cannot be written."""
        if path.exists():
            raise LedgerError(f"{path} exists already; use `ramp resume {path.parent.name}` or another --run-id")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            # Made under another name, so that a crash in here leaves no half-made ledger behind.
            new = path.with_suffix(".new")
            new.unlink(missing_ok=True)
            with contextlib.closing(sqlite3.connect(new)) as connection, connection:
                # From the first moment: killed while it changes, a file is left with a journal that a reader cannot undo.
                connection.execute("PRAGMA journal_mode = WAL")
                connection.executescript(_SCHEMA)
                connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
                connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
                connection.executemany("INSERT INTO meta VALUES (?, ?)", [(k, json.dumps(v)) for k, v in meta.items()])
                rows = [(instance_id, position) for position, instance_id in enumerate(instance_ids)]
                connection.executemany("INSERT INTO instances VALUES (?, ?)", rows)
            new.rename(path)
        except OSError as error:
            raise LedgerError(f"cannot write {path.parent}: {error.strerror}; choose another folder with -o") from error
        return cls(path)

    # --- writing ------------------------------------------------------------------------------------

    def commit(self, instance_id: str, transition: Transition, *, wait: bool = True) -> None:
        """Commit one transition with its records; with `wait`, returns once it is on disk. The same seq twice is an error.

        Commits keep their order, so one that waits vouches for all before it. Only a step without an effect outside of this
        process may go unwaited: lost in a crash, it is done again and comes out the same.
        """
        statements: list[_Statement] = []
        records = encode_records(transition.records, _collector(statements))
        t = transition
        row = (instance_id, t.seq, t.state, t.event, t.next_state, t.attempt, t.duration_s, t.at_s, t.note, records)
        statements.append(("INSERT INTO transitions VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", row))
        self._write(statements, wait=wait)

    def remember(self, kind: str, key: str, instance_id: str, value: Any, at_s: float, *, wait: bool = True) -> None:
        """Keep an external result (a model's reply, a sandbox's result) so that it is never paid for twice."""
        statements: list[_Statement] = []
        text = encode_value(value, _collector(statements))
        statements.append(("INSERT OR REPLACE INTO memos VALUES (?, ?, ?, ?, ?)", (kind, key, instance_id, at_s, text)))
        self._write(statements, wait=wait)

    def keep_blob(self, data: bytes) -> str:
        """Keep bytes by their hash (a prompt set, a file that was shown) and return the hash."""
        statements: list[_Statement] = []
        _collector(statements)(data)
        self._write(statements)
        return blob_id(data)

    def set_meta(self, key: str, value: Any) -> None:
        """Set one of the run's own facts."""
        self._write([("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, json.dumps(value)))])

    def settle(self) -> None:
        """Wait until all that was written without waiting is on disk, so that a reader sees it."""
        self._write([])

    # --- reading ------------------------------------------------------------------------------------

    def meta(self) -> dict[str, Any]:
        """The run's own facts: settings, stamps, when it began."""
        return {key: json.loads(value) for key, value in self._rows("SELECT key, value FROM meta")}

    def stamps(self) -> dict[str, Any]:
        """What the run's results were made with. Raises LedgerError where an older version left something out."""
        stamps: dict[str, Any] = self.meta().get("stamps", {})
        if missing := {"code_version", "machine_sha256"} - stamps.keys():
            raise LedgerError(f"{self.path} does not say its {', '.join(sorted(missing))}; use the ramp that made it")
        return stamps

    def instance_ids(self) -> tuple[str, ...]:
        """The run's instances, in its order."""
        return tuple(row[0] for row in self._rows("SELECT instance_id FROM instances ORDER BY position"))

    def transitions(self, instance_id: str) -> Iterator[Transition]:
        """The committed transitions of an instance, in order."""
        sql = (
            "SELECT seq, state, event, next_state, attempt, duration_s, at_s, note, records FROM transitions"
            " WHERE instance_id = ? ORDER BY seq"
        )
        for seq, state, event, next_state, attempt, duration_s, at_s, note, records in self._rows(sql, instance_id):
            try:
                decoded = decode_records(records, self.blob)
            except (ValueError, KeyError) as error:
                raise LedgerError(
                    f"{self.path}: step {seq} of {instance_id} is damaged; restore the run from a copy"
                ) from error
            yield Transition(seq, state, event, next_state, decoded, attempt, duration_s, at_s, note)

    def last_states(self) -> dict[str, tuple[str, str]]:
        """Each started instance's latest (state before, state after), without reading any record."""
        sql = (
            "SELECT instance_id, state, next_state FROM transitions t"
            " WHERE seq = (SELECT max(seq) FROM transitions WHERE instance_id = t.instance_id)"
        )
        return {instance_id: (state, next_state) for instance_id, state, next_state in self._rows(sql)}

    def recall(self, kind: str, key: str, as_type: type) -> Any | None:
        """What was remembered under (kind, key), rebuilt as `as_type`, or None."""
        rows = self._rows("SELECT value FROM memos WHERE kind = ? AND key = ?", kind, key)
        return decode_as(as_type, json.loads(rows[0][0]), self.blob) if rows else None

    def memos(self, kind: str, as_type: type, instance_id: str | None = None) -> Iterator[tuple[str, str, Any]]:
        """Every (key, instance_id, value) of a kind, oldest first; of one instance where it is given."""
        sql = "SELECT key, instance_id, value FROM memos WHERE kind = ? AND instance_id = coalesce(?, instance_id) ORDER BY at_s"
        for key, owner, value in self._rows(sql, kind, instance_id):
            yield key, owner, decode_as(as_type, json.loads(value), self.blob)

    def blob(self, sha256: str) -> bytes:
        """Bytes by their hash. Raises LedgerError where they are missing or damaged."""
        rows = self._rows("SELECT data FROM blobs WHERE sha256 = ?", sha256)
        try:
            data = zlib.decompress(rows[0][0]) if rows else None
        except zlib.error:
            data = None
        if data is None or blob_id(data) != sha256:
            raise LedgerError(f"{self.path}: blob {sha256[:12]} is missing or damaged; restore the run from a copy")
        return data

    def close(self) -> None:
        """Commit what is queued and close. Calling it twice is fine."""
        if self._closed:
            return
        self._closed = True
        if self._writer is not None:
            self._queue.put(None)
            self._writer.join()
        with self._reading:
            self._reader.close()

    def stop_writing(self) -> None:
        """Take nothing more: what is queued is committed, and threads that still come get an error."""
        self._failure = LedgerError(f"{self.path} takes nothing more: the run is stopping")

    # --- the one writer -----------------------------------------------------------------------------

    def _rows(self, sql: str, *values: str | None) -> list[tuple[Any, ...]]:
        with self._reading:
            try:
                return self._reader.execute(sql, values).fetchall()
            except sqlite3.DatabaseError as error:
                raise LedgerError(f"{self.path} cannot be read: {error}; restore the run from a copy") from error

    def _write(self, statements: list[_Statement], *, wait: bool = True) -> None:
        if self._failure is not None:
            raise self._failure
        if self.read_only:
            raise LedgerError(f"{self.path} is open for reading only")
        with self._reading:
            if self._writer is None:
                self._writer = threading.Thread(target=self._run_writer, name="ledger-writer", daemon=True)
                self._writer.start()
        done: Future[None] = Future()
        self._queue.put((statements, done))
        if wait:
            done.result()

    def _run_writer(self) -> None:
        connection = _connect(self.path, read_only=False)
        with contextlib.closing(connection):
            open_ = True
            while open_:
                group = [self._queue.get()]
                while not self._queue.empty():
                    group.append(self._queue.get())
                # The end may stand behind writes that nobody waited for: they are committed first.
                open_ = None not in group
                if wanted := [item for item in group if item is not None]:
                    self._commit_group(connection, wanted)

    def _commit_group(self, connection: sqlite3.Connection, group: list[tuple[list[_Statement], Future[None]]]) -> None:
        try:
            with connection:
                for statements, _ in group:
                    for sql, values in statements:
                        connection.execute(sql, values)
        except sqlite3.Error as error:
            hint = "free some space and `ramp resume`" if "full" in str(error) else "the run can be resumed"
            failure = LedgerError(f"{self.path} cannot be written: {error}; {hint}")
            # Later commits would leave a gap behind the lost one: the ledger takes nothing more.
            self._failure = failure
            for _, done in group:
                done.set_exception(failure)
            return
        for _, done in group:
            done.set_result(None)


def run_folders(output: Path) -> Sequence[Path]:
    """The run folders in `output`, newest first."""
    return sorted((p.parent for p in output.glob(f"*/{LEDGER}")), key=lambda p: p.stat().st_mtime, reverse=True)


def _collector(statements: list[_Statement]) -> Any:
    def put(data: bytes) -> str:
        sha256 = blob_id(data)
        statements.append(("INSERT OR IGNORE INTO blobs VALUES (?, ?)", (sha256, zlib.compress(data, 1))))
        return sha256

    return put


def _connect(path: Path, *, read_only: bool) -> sqlite3.Connection:
    if read_only:
        # WAL needs to write its index even to read; in a folder that cannot be written only `immutable` opens.
        writable = (path.parent / "ledger.db-shm").exists() or os.access(path.parent, os.W_OK)
        mode = "mode=ro" if writable else "mode=ro&immutable=1"
        return sqlite3.connect(f"file:{path}?{mode}", uri=True, check_same_thread=False)
    connection = sqlite3.connect(path, check_same_thread=False)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    return connection


def _check_file(path: Path, *, whole: bool = True) -> None:
    """Refuse anything but a sound ledger of this version, without changing a byte of it."""
    if not path.is_file():
        raise LedgerError(f"there is no ledger at {path}; `ramp run` makes one")
    try:
        with contextlib.closing(_connect(path, read_only=True)) as connection:
            application = connection.execute("PRAGMA application_id").fetchone()[0]
            version = connection.execute("PRAGMA user_version").fetchone()[0]
            sound = connection.execute("PRAGMA quick_check").fetchone()[0] if whole else "ok"
    except sqlite3.DatabaseError as error:
        raise LedgerError(f"{path} is damaged: {error}; restore it from a copy, it was left untouched") from error
    if application != APPLICATION_ID:
        raise LedgerError(f"{path} is not a ledger of swe-ramp; it was left untouched")
    if version != SCHEMA_VERSION:
        raise LedgerError(
            f"{path} has ledger version {version}, this is version {SCHEMA_VERSION}; use the ramp that made it"
        )
    if sound != "ok":
        raise LedgerError(f"{path} is damaged: {sound}; restore it from a copy, it was left untouched")
