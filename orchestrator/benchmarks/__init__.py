"""Benchmarks: where rows come from, how they are checked, and how each is split into a Task and a Sealed.

rows      one row, validated          read     files, task repos and the hub     derive  what older rows lack
scripts   a grading script taken apart                                           split   row -> Task + Sealed, nowhere else
rowset    the Benchmark over rows     starter  task repos that carry their source
"""

from __future__ import annotations

import functools
from pathlib import Path

from orchestrator.benchmarks.read import RawRows, read_hub, read_path
from orchestrator.benchmarks.rows import validate_rows
from orchestrator.benchmarks.rowset import BenchmarkOptions, RowsBenchmark, find_in_sources
from orchestrator.errors import BenchmarkError

DATASETS = {
    "lite": "SWE-bench/SWE-bench_Lite",
    "verified": "SWE-bench/SWE-bench_Verified",
    "full": "SWE-bench/SWE-bench",
    "multilingual": "SWE-bench/SWE-bench_Multilingual",
}

__all__ = ["DATASETS", "BenchmarkOptions", "RowsBenchmark", "open_benchmark"]


def open_benchmark(name_or_path: str, options: BenchmarkOptions = BenchmarkOptions()) -> RowsBenchmark:  # noqa: B008 - frozen
    """Open what -b names: starter, lite, verified, full, multilingual, a path, or a dataset's id on the hub.

    All rows are read and validated at once. Raises BenchmarkError naming row and field, or MissingPiece where the hub
    cannot be reached.
    """
    from orchestrator.benchmarks.starter import starter_folder

    if name_or_path == "starter":
        return _from_path("starter", starter_folder(), options)
    path = Path(name_or_path).expanduser()
    if name_or_path in DATASETS:
        return _from_rows(name_or_path, read_hub(DATASETS[name_or_path], options.split, options.revision), options)
    if path.exists() or path.suffix in {".json", ".jsonl", ".parquet"} or name_or_path.startswith((".", "/", "~")):
        return _from_path(name_or_path, path, options)
    if name_or_path.count("/") == 1:
        return _from_rows(name_or_path, read_hub(name_or_path, options.split, options.revision), options)
    known = ", ".join(["starter", *DATASETS])
    raise BenchmarkError(f"no benchmark {name_or_path!r}: give {known}, a path that exists, or a dataset id OWNER/NAME")


def _from_path(name: str, path: Path, options: BenchmarkOptions) -> RowsBenchmark:
    from orchestrator.benchmarks.starter import find_in_folder, has_sources, with_base_commit

    raw = read_path(path, options.split)
    if not (path.is_dir() and has_sources(path)):
        return _from_rows(name, raw, options)
    rows = validate_rows((with_base_commit(row, path) for row in raw.rows), raw.source)
    find = functools.partial(find_in_folder, path)
    return RowsBenchmark(name, rows, find, disclosure=options.disclosure, revision=raw.revision, needs_image=False)


def _from_rows(name: str, raw: RawRows, options: BenchmarkOptions) -> RowsBenchmark:
    rows = validate_rows(raw.rows, raw.source)
    return RowsBenchmark(name, rows, find_in_sources(options), disclosure=options.disclosure, revision=raw.revision)
