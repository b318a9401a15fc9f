"""What models cost, over all runs of an output folder: the store behind the spend limits. A day's limit spans runs."""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path

from orchestrator.models.budget import Reservation

_SCHEMA = """
CREATE TABLE IF NOT EXISTS reservations (
  reservation_id TEXT PRIMARY KEY, scopes TEXT NOT NULL, amount_usd REAL NOT NULL, cost_usd REAL) WITHOUT ROWID
"""


class SpendFile:
    """A SpendStore in one SQLite file, safe under several threads and processes. Made at the first reservation."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None

    def reserve(self, reservation: Reservation) -> None:
        """Write the reservation down before the call goes out."""
        scopes = "\n".join(("", *reservation.scopes, ""))
        row = (reservation.reservation_id, scopes, reservation.amount_usd)
        self._execute("INSERT INTO reservations VALUES (?, ?, ?, NULL)", row)

    def settle(self, reservation_id: str, cost_usd: float) -> None:
        """Replace a reservation by what the call cost."""
        self._execute("UPDATE reservations SET cost_usd = ? WHERE reservation_id = ?", (cost_usd, reservation_id))

    def spent_usd(self, scope: str) -> float:
        """Settled calls at their cost, and all others (under way, or cut off by a crash) in full."""
        sql = "SELECT coalesce(sum(coalesce(cost_usd, amount_usd)), 0) FROM reservations WHERE instr(scopes, ?) > 0"
        return float(self._execute(sql, (f"\n{scope}\n",))[0][0])

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    def _execute(self, sql: str, values: tuple[object, ...]) -> list[tuple[float]]:
        with self._lock:
            if self._connection is None:
                self._path.parent.mkdir(parents=True, exist_ok=True)
                self._connection = sqlite3.connect(self._path, timeout=30, check_same_thread=False)
                self._connection.execute("PRAGMA synchronous = FULL")
                self._connection.execute(_SCHEMA)
            with self._connection:
                return self._connection.execute(sql, values).fetchall()
