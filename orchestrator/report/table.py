"""Results as CSV: one line per run and instance."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from orchestrator.report.files import write_whole

_CELLS = (str, int, float, bool, type(None))


def write_csv(path: Path, found: Sequence[Mapping[str, Any]]) -> None:
    """Write every row of every run; nested values (stages, attempts) have their own columns or are left to the JSON."""
    rows = [_flat(results, row) for results in found for row in results["results"]]
    columns = list(dict.fromkeys(key for row in rows for key in row))
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, columns, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    write_whole(path, text.getvalue().encode("utf-8", "replace"))


def _flat(results: Mapping[str, Any], row: Mapping[str, Any]) -> dict[str, Any]:
    config = results["config"]
    head = {"run": config["run"], "phase": results["phase"], "arm": config["approach"]}
    cells = {key: _harmless(value) for key, value in row.items() if isinstance(value, _CELLS)}
    return {**head, **cells, **{f"stage_{stage}": said for stage, said in row["stages"].items()}}


def _harmless(value: Any) -> Any:
    # A spreadsheet takes a cell that begins so for a formula, and texts of models end up here.
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r") else value
