"""How often the right file and function are found, as the published tables count.

    python -m tests.bench.localization --rows FILE --mirrors DIR [--cache DIR] [--weights FILE] [--folds DIR]
        [--only TEXT] [--json FILE]

A line is printed for each row. With `--json` rows are added to the file as they are scored, and rows that it holds are not
scored again, so that a run that was cut off goes on where it was. `--folds` is a folder that `tests.bench.fit_localization
--folds` wrote: each row is then ranked a second time, with weights that were fitted on other repositories only.

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
from tests.bench.instances import Instance, instances, read_rows

FILE_KS = (1, 3, 5, 10)
FUNCTION_KS = (5, 10)
_MISSED = 10**9


@dataclass(frozen=True, slots=True)
class Score:
    """Worst place (0 is first) of a gold file or function; None for functions where none changes.

    `unseen` are the same two with weights that were fitted on other repositories only, where such were given.
    """

    instance_id: str
    repo: str
    file_place: int
    function_place: int | None
    plain_place: int
    confidence: float
    load_s: float
    rank_s: float
    unseen: tuple[int, int | None] | None = None


def worst_place(ranked: Sequence[RankedLocation], gold: Iterable[tuple[str, str | None]]) -> int:
    """The place of the gold location that is ranked last."""
    places = {(r.location.path, r.location.qualified_name): n for n, r in reversed(list(enumerate(ranked)))}
    return max((places.get(each, _MISSED) for each in gold), default=_MISSED)


def score(index: Index, instance: Instance, weights: Path | None, unseen: Path | None) -> Score:
    """Localize one instance and compare."""
    row, repository = instance.row, instance.repository
    started = time.perf_counter()
    loaded = index.load(repository)
    load_s = time.perf_counter() - started
    files = [(path, None) for path in gold_files(row["patch"])]
    functions = gold_functions(row["patch"], repository)

    def places(chosen: Path | None) -> tuple[int, int | None, float]:
        found = localize(loaded, repository, row["problem_statement"], weights_path=chosen)
        in_functions = worst_place(found.functions, functions) if functions else None
        return worst_place(found.files, files), in_functions, found.confidence

    started = time.perf_counter()
    file_place, function_place, confidence = places(weights)
    rank_s = time.perf_counter() - started
    plain = worst_place(plain_bm25(loaded, row["problem_statement"]).files, files)
    return Score(
        row["instance_id"], row["repo"], file_place, function_place, plain, confidence, load_s, rank_s,
        places(unseen)[:2] if unseen else None,
    )  # fmt: skip


def at(places: Sequence[int], ks: Sequence[int]) -> str:
    """Percentages of places below each k."""
    return " / ".join(f"{100 * sum(p < k for p in places) / max(len(places), 1):.1f}" for k in ks)


def report(scores: Sequence[Score]) -> str:
    """The figures, each with its denominator."""
    sure = [s.file_place for s in scores if s.confidence >= 0.8]
    lines = _figures("", [(s.file_place, s.function_place) for s in scores])
    if all(s.unseen for s in scores):
        lines += _figures(", weights of other repositories", [s.unseen for s in scores if s.unseen])
    return "\n".join(
        [
            *lines,
            f"plain BM25 file@1/3/5/10   {at([s.plain_place for s in scores], FILE_KS)}   n={len(scores)}",
            f"file@5, confidence 0.8 and more   {at(sure, (5,))}   n={len(sure)}",
            f"load   median {statistics.median(s.load_s for s in scores):.2f} s, worst {max(s.load_s for s in scores):.2f} s",
            f"rank   median {statistics.median(s.rank_s for s in scores):.2f} s, worst {max(s.rank_s for s in scores):.2f} s",
            f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MB",
        ]
    )


def _figures(of: str, places: Sequence[tuple[int, int | None]]) -> list[str]:
    functions = [place for _, place in places if place is not None]
    return [
        f"file@1/3/5/10{of}   {at([place for place, _ in places], FILE_KS)}   n={len(places)}",
        f"function@5/10{of}   {at(functions, FUNCTION_KS)}   n={len(functions)} with a changed function",
    ]


def fold_weights(folds: Path, repo: str) -> Path:
    """The weights in `folds` that no row of `repo` was fitted on."""
    own = folds / f"{repo.replace('/', '__')}.toml"
    return own if own.exists() else folds / "others.toml"


def scored_before(path: Path | None) -> dict[str, Score]:
    """Scores by instance id that an earlier run left in a file of JSON lines."""
    if path is None or not path.exists():
        return {}
    scores = [Score(**json.loads(line)) for line in path.read_text(encoding="utf-8").splitlines()]
    return {each.instance_id: each for each in scores}


def main() -> None:
    """Score and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=Path, required=True)
    parser.add_argument("--mirrors", type=Path, required=True)
    parser.add_argument("--cache", type=Path)
    parser.add_argument("--weights", type=Path)
    parser.add_argument("--folds", type=Path, help="weights by fold, to rank each row a second time")
    parser.add_argument("--only", default="")
    parser.add_argument("--every", type=int, default=1, help="take every n-th row")
    parser.add_argument(
        "--json", type=Path, help="JSON lines, added to as rows are scored; rows in it are not scored again"
    )
    chosen = parser.parse_args()
    rows = [r["instance_id"] for r in read_rows(chosen.rows) if chosen.only in r["instance_id"]][:: chosen.every]
    if not rows:
        raise SystemExit(f"no row of {chosen.rows} has {chosen.only!r} in its id")
    known = scored_before(chosen.json)
    with tempfile.TemporaryDirectory() as temporary:
        index = open_index(chosen.cache or Path(temporary))
        for each in instances(chosen.rows, chosen.mirrors, ids=set(rows) - known.keys()):
            unseen = fold_weights(chosen.folds, each.row["repo"]) if chosen.folds else None
            found = known[each.row["instance_id"]] = score(index, each, chosen.weights, unseen)
            print(line_of(found), flush=True)
            if chosen.json:
                with chosen.json.open("a", encoding="utf-8") as kept:
                    kept.write(json.dumps(asdict(found)) + "\n")
    print(report([known[name] for name in rows]))


def line_of(score: Score) -> str:
    """One row: its places from 1, and seconds."""
    places = [
        "-" if p is None else "missed" if p >= _MISSED else str(p + 1) for p in (score.file_place, score.function_place)
    ]
    seconds = f"load {score.load_s:5.2f} s, rank {score.rank_s:5.2f} s"
    return f"{score.instance_id:<40} file {places[0]:>6}  function {places[1]:>6}  {seconds}"


if __name__ == "__main__":
    main()
