"""Fit the weights of execution evidence on top of the static ranking, and say what they do on repositories not fitted on.

    python -m tests.bench.fit_execution --rows FILE --mirrors DIR --seen DIR [--cache DIR] [--folds DIR] [--l2 0.005]

`--seen` is what `tests.bench.execution --collect` kept. A conditional logit with the static score as a fixed offset; weights
are not negative and L2-regularized. Files first, then functions given them. Prints the tables for `weights.toml`, and the
figures with each repository, and each instance, ranked by weights that were fitted on the others.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from orchestrator.localize.bm25 import FloatArray
from orchestrator.localize.evidence import read_clues
from orchestrator.localize.features import file_features, unit_features
from orchestrator.localize.fusion import load_weights, probabilities, reciprocal_rank, weighted_sum
from orchestrator.localize.index import open_index
from orchestrator.localize.packing import IntArray
from orchestrator.localize.spectrum import EXECUTION_SIGNALS
from orchestrator.records import Reproduction
from tests.bench.execution import paired
from tests.bench.gold import gold_files, gold_functions
from tests.bench.instances import instances
from tests.bench.localization import FILE_KS, FUNCTION_KS, at, fold_weights

FILE_SIGNALS = FUNCTION_SIGNALS = EXECUTION_SIGNALS
_MOST_CANDIDATES = 800
_OF_FILE = ("file.chance", "file.rank")
_LEAST_LOG_CHANCE = -12.0


@dataclass(frozen=True, slots=True)
class Problem:
    """One ranking: the static score of each candidate, its execution signals, and which are gold. `names` tell apart."""

    static: FloatArray
    signals: FloatArray
    gold: list[list[int]]
    candidates: FloatArray


@dataclass(frozen=True, slots=True)
class Row:
    """An instance: its files, and its functions for given weights of files."""

    instance_id: str
    repo: str
    files: Problem
    functions: Callable[[FloatArray], Problem | None]


def fit(problems: Sequence[Problem], l2: float) -> FloatArray:
    """Weights of the execution signals."""
    from scipy.optimize import minimize

    def loss(weights: FloatArray) -> tuple[float, FloatArray]:
        total, slope = l2 * float(weights @ weights), 2.0 * l2 * weights
        for each in problems:
            keep, gold = _kept(each)
            scores = each.static[keep] + each.signals[keep] @ weights
            chances = np.exp(scores - scores.max())
            chances /= chances.sum()
            mass = max(float(chances[gold].sum()), 1e-300)
            total -= float(np.log(mass)) / len(problems)
            slope = slope - each.signals[keep].T @ (chances * gold / mass - chances) / len(problems)
        return total, slope

    width = problems[0].signals.shape[1]
    found = minimize(loss, np.full(width, 0.5), jac=True, method="L-BFGS-B", bounds=[(0, None)] * width)
    weights: FloatArray = found.x
    return weights


def _kept(each: Problem) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
    """The candidates that matter, and which of them are gold."""
    gold = sorted({unit for units in each.gold for unit in units})
    allowed = np.flatnonzero(each.candidates > 0)
    best = allowed[np.argsort(-each.static[allowed], kind="stable")[:_MOST_CANDIDATES]]
    ran = allowed[each.signals[allowed].any(axis=1)]
    keep = np.unique(np.concatenate([best, ran, np.array(gold, dtype=np.int64)]))
    return keep, np.isin(keep, gold)


def place(each: Problem, weights: FloatArray) -> int:
    """Where the gold that is ranked last stands; of several units with one name the best counts."""
    scores = each.static + each.signals @ weights
    allowed = np.flatnonzero(each.candidates > 0)
    order = allowed[np.argsort(-scores[allowed], kind="stable")]
    ranks = np.full(len(scores), 10**9)
    ranks[order] = np.arange(len(order))
    return max(min((int(ranks[unit]) for unit in units), default=10**9) for units in each.gold)


def rows(chosen: argparse.Namespace) -> Iterator[Row]:
    """The instances where something was executed."""
    from pydantic import TypeAdapter

    with tempfile.TemporaryDirectory() as temporary:
        index = open_index(chosen.cache or Path(temporary))
        kept = {path.stem: path for path in chosen.seen.glob("*.json")}
        for each in instances(chosen.rows, chosen.mirrors, ids=kept):
            seen = TypeAdapter(Reproduction).validate_json(kept[each.row["instance_id"]].read_bytes())
            loaded, clues = index.load(each.repository), read_clues(each.row["problem_statement"])
            weights = load_weights(fold_weights(chosen.folds, each.row["repo"]) if chosen.folds else None)
            weights = weights.for_issue(clues.kinds)
            features, signals = file_features(loaded, each.repository, clues, seen.executed, seen.walked)
            if "ran" not in features or not features["ran"].any():
                continue
            files = Problem(
                weighted_sum(features, weights.files, len(loaded.sources.files)),
                np.stack([features[name] for name in FILE_SIGNALS], axis=1),
                [[loaded.file_numbers[path]] for path in gold_files(each.row["patch"]) if path in loaded.file_numbers],
                np.ones(len(loaded.sources.files)),
            )
            units, candidates = unit_features(loaded, signals, files.static)
            # What depends on the files' scores is added once these are known.
            own = {name: values for name, values in units.items() if name not in _OF_FILE}
            static = weighted_sum(own, weights.functions, len(candidates))
            executed = np.stack([units[name] for name in FUNCTION_SIGNALS], axis=1)
            names = [
                (loaded.sources.files[unit.file].path, unit.definition.qualified_name if unit.definition else "")
                for unit in loaded.sources.units
            ]
            gold = [
                [n for n, name in enumerate(names) if name == wanted]
                for wanted in gold_functions(each.row["patch"], each.repository)
            ]
            part = _FunctionsOf(files, static, executed, gold, candidates, loaded.sources.unit_files, weights.functions)
            yield Row(each.row["instance_id"], each.row["repo"], files, part)


@dataclass(frozen=True, slots=True)
class _FunctionsOf:
    """The functions of an instance, once the weights of files are known."""

    files: Problem
    static: FloatArray
    signals: FloatArray
    gold: list[list[int]]
    candidates: FloatArray
    owner: IntArray
    weights: Mapping[str, float]

    def __call__(self, file_weights: FloatArray) -> Problem | None:
        if not self.gold or not all(self.gold):
            return None
        chances = probabilities(self.files.static + self.files.signals @ file_weights)
        logs = np.maximum(np.log(np.maximum(chances, 1e-12)), _LEAST_LOG_CHANCE)
        of_file = {"file.chance": logs[self.owner], "file.rank": reciprocal_rank(chances)[self.owner]}
        static = self.static + weighted_sum(of_file, self.weights, len(self.static))
        return Problem(static, self.signals, self.gold, self.candidates)


def fit_both(found: Sequence[Row], l2: float) -> tuple[FloatArray, FloatArray]:
    """Weights of files, then of functions."""
    files = fit([row.files for row in found if row.files.gold], l2)
    functions = fit([problem for row in found if (problem := row.functions(files))], l2)
    return files, functions


def validated(found: Sequence[Row], fold_of: Callable[[Row], str], l2: float) -> str:
    """Figures with each fold ranked by weights fitted on the others."""
    none = np.zeros(len(FILE_SIGNALS)), np.zeros(len(FUNCTION_SIGNALS))
    files: list[tuple[int, int]] = []
    functions: list[tuple[int, int]] = []
    for fold in sorted({fold_of(row) for row in found}):
        weights = fit_both([row for row in found if fold_of(row) != fold], l2)
        for row in (row for row in found if fold_of(row) == fold):
            if row.files.gold:
                files.append((place(row.files, none[0]), place(row.files, weights[0])))
            before, after = row.functions(none[0]), row.functions(weights[0])
            if before and after:
                functions.append((place(before, none[1]), place(after, weights[1])))
    lines = []
    for name, places, ks in (("file", files, FILE_KS), ("function", functions, FUNCTION_KS)):
        static, executed = [b for b, _ in places], [a for _, a in places]
        lines.append(f"  {name}@{'/'.join(map(str, ks))} {at(static, ks)} -> {at(executed, ks)}")
        lines += [f"    {name}@{k} {paired(static, executed, k)}" for k in ks]
    return "\n".join(lines)


def main() -> None:
    """Fit and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("--rows", "--mirrors", "--seen"):
        parser.add_argument(name, type=Path, required=True)
    parser.add_argument("--cache", type=Path)
    parser.add_argument(
        "--folds", type=Path, help="static weights by fold: then no row is ranked by weights fitted on it"
    )
    parser.add_argument("--l2", type=float, default=0.005)
    chosen = parser.parse_args()
    found = list(rows(chosen))
    repos = sorted({row.repo for row in found})
    print(f"n={len(found)}: " + ", ".join(f"{repo} {sum(row.repo == repo for row in found)}" for repo in repos))
    files, functions = fit_both(found, chosen.l2)
    for table, names, weights in (("files", FILE_SIGNALS, files), ("functions", FUNCTION_SIGNALS, functions)):
        print(f"[execution.{table}]")
        print("\n".join(f'"{name}" = {weight:.4f}' for name, weight in zip(names, weights, strict=True)))
    print("each repository by weights of the others:\n" + validated(found, lambda row: row.repo, chosen.l2))
    print("each instance by weights of the others:\n" + validated(found, lambda row: row.instance_id, chosen.l2))


if __name__ == "__main__":
    main()
