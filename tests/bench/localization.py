"""How often the right file and function are found, as the published tables count.

    python -m tests.bench.localization --rows FILE --mirrors DIR [--cache DIR] [--weights FILE] [--only TEXT] [--json FILE]

file@k: all files of the gold patch are among the first k. function@k: all functions that read differently after the gold
patch are, over the instances where it changes a function. "plain" is BM25 over whole files and whole tokens.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import tempfile
import time
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from orchestrator.localize.index import Index, open_index
from orchestrator.localize.rank import localize, plain_bm25
from orchestrator.records import RankedLocation
from tests.bench.gold import gold_files, gold_functions
from tests.bench.instances import Instance, instances

FILE_KS = (1, 3, 5, 10)
FUNCTION_KS = (5, 10)
_MISSED = 10**9


@dataclass(frozen=True, slots=True)
class Score:
    """Worst place (0 is first) of a gold file or function; `function_place` is None where no function changes."""

    instance_id: str
    repo: str
    file_place: int
    function_place: int | None
    plain_place: int
    confidence: float
    load_s: float
    rank_s: float


def worst_place(ranked: Sequence[RankedLocation], gold: Iterable[tuple[str, str | None]]) -> int:
    """The place of the gold location that is ranked last."""
    places = {(r.location.path, r.location.qualified_name): n for n, r in reversed(list(enumerate(ranked)))}
    return max((places.get(each, _MISSED) for each in gold), default=_MISSED)


def score(index: Index, instance: Instance, weights: Path | None) -> Score:
    """Localize one instance and compare."""
    row, repository = instance.row, instance.repository
    started = time.perf_counter()
    loaded = index.load(repository)
    load_s = time.perf_counter() - started
    started = time.perf_counter()
    found = localize(loaded, repository, row["problem_statement"], weights_path=weights)
    rank_s = time.perf_counter() - started
    files = [(path, None) for path in gold_files(row["patch"])]
    functions = gold_functions(row["patch"], repository)
    return Score(
        row["instance_id"],
        row["repo"],
        worst_place(found.files, files),
        worst_place(found.functions, functions) if functions else None,
        worst_place(plain_bm25(loaded, row["problem_statement"]).files, files),
        found.confidence,
        load_s,
        rank_s,
    )


def at(places: Sequence[int], ks: Sequence[int]) -> str:
    """Percentages of places below each k."""
    return " / ".join(f"{100 * sum(p < k for p in places) / max(len(places), 1):.1f}" for k in ks)


def report(scores: Sequence[Score]) -> str:
    """The figures, each with its denominator."""
    functions = [s.function_place for s in scores if s.function_place is not None]
    sure = [s.file_place for s in scores if s.confidence >= 0.8]
    return "\n".join(
        [
            f"file@1/3/5/10      {at([s.file_place for s in scores], FILE_KS)}   n={len(scores)}",
            f"plain BM25         {at([s.plain_place for s in scores], FILE_KS)}   n={len(scores)}",
            f"function@5/10      {at(functions, FUNCTION_KS)}   n={len(functions)} with a changed function",
            f"file@5, confidence 0.8 and more   {at(sure, (5,))}   n={len(sure)}",
            f"load   median {statistics.median(s.load_s for s in scores):.2f} s, worst {max(s.load_s for s in scores):.2f} s",
            f"rank   median {statistics.median(s.rank_s for s in scores):.2f} s, worst {max(s.rank_s for s in scores):.2f} s",
            f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MB",
        ]
    )


def main() -> None:
    """Score and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=Path, required=True)
    parser.add_argument("--mirrors", type=Path, required=True)
    parser.add_argument("--cache", type=Path)
    parser.add_argument("--weights", type=Path)
    parser.add_argument("--only", default="")
    parser.add_argument("--every", type=int, default=1, help="take every n-th row")
    parser.add_argument("--json", type=Path)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        index = open_index(chosen.cache or Path(temporary))
        chosen_rows = instances(chosen.rows, chosen.mirrors, chosen.only, every=chosen.every)
        scores = [score(index, each, chosen.weights) for each in chosen_rows]
    if not scores:
        raise SystemExit(f"no row of {chosen.rows} has {chosen.only!r} in its id")
    print(report(scores))
    if chosen.json:
        chosen.json.write_text(json.dumps([asdict(s) for s in scores], indent=1))


if __name__ == "__main__":
    main()
