"""From one ledger into another: the facts of an old run, and whole instances of it with every blob that they name."""

from __future__ import annotations

import contextlib
import json
import re
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from orchestrator.errors import LedgerError
from orchestrator.ledger import APPLICATION_ID, SCHEMA_VERSION
from orchestrator.memory.grades import GRADES

# Blobs are named by their hash inside the JSON of records and memos.
_BLOB = re.compile(r'"([0-9a-f]{64})"')
_BATCH = 500


def read_meta(path: Path) -> dict[str, Any] | None:
    """A run's own facts without a check of its whole file; None where `path` is no ledger of this version."""
    try:
        with contextlib.closing(_open(path)) as connection:
            if connection.execute("PRAGMA application_id").fetchone()[0] != APPLICATION_ID:
                return None
            if connection.execute("PRAGMA user_version").fetchone()[0] != SCHEMA_VERSION:
                return None
            return {key: json.loads(value) for key, value in connection.execute("SELECT key, value FROM meta")}
    except sqlite3.DatabaseError:
        return None


def read_ends(path: Path) -> dict[str, str]:
    """The state in which each instance of a run stands; one that never began stands in the empty state."""
    sql = (
        "SELECT instance_id, coalesce((SELECT next_state FROM transitions t WHERE t.instance_id = i.instance_id"
        " ORDER BY seq DESC LIMIT 1), '') FROM instances i ORDER BY position"
    )
    with contextlib.closing(_open(path)) as connection:
        return dict(connection.execute(sql))


def read_states(path: Path) -> dict[str, frozenset[str]]:
    """The states that each instance of a run was in, by id."""
    sql = "SELECT DISTINCT i.instance_id, state FROM instances i LEFT JOIN transitions t USING (instance_id) ORDER BY position"
    seen: dict[str, set[str]] = {}
    with contextlib.closing(_open(path)) as connection:
        for instance_id, state in connection.execute(sql):
            seen.setdefault(instance_id, set()).add(state)
    return {instance_id: frozenset(states) for instance_id, states in seen.items()}


def count_steps(path: Path) -> int:
    """How many steps and grades a ledger holds: what was made from it holds as long as this does not change."""
    sql = "SELECT (SELECT count(*) FROM transitions) + (SELECT count(*) FROM memos WHERE kind = ?)"
    with contextlib.closing(_open(path)) as connection:
        return int(connection.execute(sql, (GRADES,)).fetchone()[0])


def copy_instances(source: Path, target: Path, instance_ids: Sequence[str], *, until_state: str | None = None) -> None:
    """Copy instances with their records, remembered calls and blobs; with `until_state`, only what came before that state.

    One transaction: after a crash in here the target is as it was, and its instances are simply run. Raises LedgerError.
    """
    try:
        with contextlib.closing(sqlite3.connect(target)) as connection:
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("ATTACH ? AS old", (str(source),))
            with connection:
                for instance_id in instance_ids:
                    blobs = set(_BLOB.findall("".join(_copy_rows(connection, instance_id, until_state))))
                    _copy_blobs(connection, sorted(blobs))
    except sqlite3.Error as error:
        raise LedgerError(
            f"cannot take over instances from {source}: {error}; --redo-existing runs them anew"
        ) from error


def _copy_rows(connection: sqlite3.Connection, instance_id: str, until_state: str | None) -> Iterator[str]:
    """Copy the rows of one instance and yield their JSON."""
    found = connection.execute(
        "SELECT min(seq) FROM old.transitions WHERE instance_id = ? AND state = ?", (instance_id, until_state or "")
    ).fetchone()[0]
    below = found if found is not None else 1 << 62
    # What is graded again is so since the rules of grading changed: the old grades hold no more.
    without = GRADES if until_state else ""
    for table, condition, values in (
        ("transitions", "instance_id = ? AND seq < ?", (instance_id, below)),
        ("memos", "instance_id = ? AND kind <> ?", (instance_id, without)),
    ):
        text = "records" if table == "transitions" else "value"
        connection.execute(f"INSERT INTO main.{table} SELECT * FROM old.{table} WHERE {condition}", values)  # noqa: S608
        yield from (row[0] for row in connection.execute(f"SELECT {text} FROM old.{table} WHERE {condition}", values))  # noqa: S608


def _copy_blobs(connection: sqlite3.Connection, hashes: Sequence[str]) -> None:
    for batch in _batches(hashes):
        marks = ",".join("?" * len(batch))
        sql = f"INSERT OR IGNORE INTO main.blobs SELECT * FROM old.blobs WHERE sha256 IN ({marks})"  # noqa: S608 - marks only
        connection.execute(sql, batch)


def _batches(items: Sequence[str]) -> Iterable[Sequence[str]]:
    return (items[at : at + _BATCH] for at in range(0, len(items), _BATCH))


def _open(path: Path) -> sqlite3.Connection:
    if not path.is_file():
        raise sqlite3.DatabaseError(f"{path} is not there")
    return sqlite3.connect(f"file:{path}?mode=ro", uri=True)
