"""Features of development rows for fitting, one file an instance, so that a run that was cut off goes on where it was."""

from __future__ import annotations

import hashlib
import pickle
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

import orchestrator.localize
from orchestrator.localize.evidence import read_clues
from orchestrator.localize.features import file_features, unit_features
from orchestrator.localize.index import Index
from tests.bench.gold import gold_files, gold_functions
from tests.bench.instances import Instance, instances, read_rows

_KEPT_UNITS = 800
FILE_OF_UNIT = ("file.chance", "file.rank")
"""Features of a unit that come from the ranking of its file, and so from weights."""


@dataclass
class Case:
    """Features of one instance: rows are candidates; gold are row numbers (a gold unit that was pruned is -1)."""

    instance_id: str
    repo: str
    kinds: tuple[str, ...]
    file_names: list[str]
    files: np.ndarray
    gold_files: list[int]
    unit_names: list[str]
    units: np.ndarray
    owners: np.ndarray
    gold_units: list[int]


def read_case(index: Index, each: Instance) -> Case:
    """Features of one instance. Of the units, the most promising by the plain sum of their features are kept."""
    loaded = index.load(each.repository)
    clues = read_clues(each.row["problem_statement"])
    features, signals = file_features(loaded, each.repository, clues)
    unit_parts, candidates = unit_features(loaded, signals, np.zeros(len(loaded.sources.files)))
    names = [n for n in unit_parts if n not in FILE_OF_UNIT]
    table = np.stack([unit_parts[n] for n in names], 1).astype(np.float32)
    allowed = np.flatnonzero(candidates > 0)
    kept = allowed[np.argsort(-table[allowed].sum(1), kind="stable")[:_KEPT_UNITS]]
    rows: dict[tuple[str, str | None], int] = {}
    for row, unit in enumerate(kept.tolist()):
        place = loaded.location(unit)
        rows.setdefault((place.path, place.qualified_name), row)
    return Case(
        each.row["instance_id"],
        each.row["repo"],
        clues.kinds,
        list(features),
        np.stack(list(features.values()), 1).astype(np.float32),
        [loaded.file_numbers.get(path, -1) for path in gold_files(each.row["patch"])],
        names,
        table[kept],
        loaded.sources.unit_files[kept],
        [rows.get(each_gold, -1) for each_gold in gold_functions(each.row["patch"], each.repository)],
    )


def read_cases(index: Index, rows: Path, mirrors: Path, kept: Path) -> Iterator[Case]:
    """Features of all rows, each kept as a file in `kept`; those of another version of the program are made anew."""
    kept.mkdir(parents=True, exist_ok=True)
    version = _program_version()
    wanted = {row["instance_id"]: kept / f"{row['instance_id']}-{version}.pkl" for row in read_rows(rows)}
    missing = {name for name, path in wanted.items() if not path.exists()}
    for each in instances(rows, mirrors, ids=missing):
        case = read_case(index, each)
        path = wanted[case.instance_id]
        path.with_suffix(".part").write_bytes(pickle.dumps(case, 5))
        path.with_suffix(".part").replace(path)
        print(f"{case.instance_id}: {len(case.files)} files, {len(case.units)} functions", flush=True)
    for path in wanted.values():
        yield pickle.loads(path.read_bytes())


def _program_version() -> str:
    """A digest of what features are made by."""
    folder = Path(orchestrator.localize.__file__).parent
    sources = [path.read_bytes() for path in (*sorted(folder.glob("*.py")), Path(__file__))]
    return hashlib.sha256(b"\0".join(sources)).hexdigest()[:10]
