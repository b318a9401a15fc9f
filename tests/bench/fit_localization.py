"""Fit the weights of the ranking by cross-validation across repositories, and write them with their provenance.

    python -m tests.bench.fit_localization --rows FILE --mirrors DIR --out orchestrator/localize/weights.toml [--cache DIR]

Each repository with at least 20 rows is a fold, all others together are one more. The weights that are written are fitted on
all rows; the figures that are printed and written beside them come from rows that the fold's weights had not seen.
"""

from __future__ import annotations

import argparse
import hashlib
import pickle
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.optimize import minimize

from orchestrator.localize.evidence import read_clues
from orchestrator.localize.features import RAW_SIGNALS, file_features, unit_features
from orchestrator.localize.fusion import load_weights, probabilities, reciprocal_rank
from orchestrator.localize.index import Index, open_index
from tests.bench.gold import gold_files, gold_functions
from tests.bench.instances import Instance, instances
from tests.bench.localization import FILE_KS, FUNCTION_KS, at

_KEPT_UNITS = 800
METHOD = (
    "files: conditional logit, L2 0.03, weights of signals not negative; functions: reciprocal ranks with equal weights, "
    "from which a conditional logit departs under L2 0.03"
)
_FILE_OF_UNIT = ("file.chance", "file.rank")
_MISSED = 10**9


@dataclass
class Case:
    """Features of one instance: rows are candidates; gold are row numbers (a gold unit that was pruned is -1)."""

    instance_id: str
    repo: str
    files: np.ndarray
    gold_files: list[int]
    units: np.ndarray
    owners: np.ndarray
    gold_units: list[int]


def read_case(index: Index, each: Instance) -> tuple[Case, list[str], list[str]]:
    """Features of one instance, and their names."""
    loaded = index.load(each.repository)
    clues = read_clues(each.row["problem_statement"])
    features, signals = file_features(loaded, each.repository, clues)
    unit_parts, candidates = unit_features(loaded, signals, np.zeros(len(loaded.sources.files)))
    names = [n for n in unit_parts if n not in _FILE_OF_UNIT]
    table = np.stack([unit_parts[n] for n in names], 1).astype(np.float32)
    allowed = np.flatnonzero(candidates > 0)
    kept = allowed[np.argsort(-table[allowed].sum(1), kind="stable")[:_KEPT_UNITS]]
    rows = {}
    for row, unit in enumerate(kept.tolist()):
        place = loaded.location(unit)
        rows.setdefault((place.path, place.qualified_name), row)
    case = Case(
        each.row["instance_id"],
        each.row["repo"],
        np.stack(list(features.values()), 1).astype(np.float32),
        [loaded.file_numbers.get(path, -1) for path in gold_files(each.row["patch"])],
        table[kept],
        loaded.sources.unit_files[kept],
        [rows.get(each_gold, -1) for each_gold in gold_functions(each.row["patch"], each.repository)],
    )
    return case, list(features), names


def fit(tables: Sequence[np.ndarray], golds: Sequence[Sequence[int]], l2: float, free: Sequence[bool]) -> np.ndarray:
    """Conditional logit: maximise the mean log chance of gold rows. Weights are not negative except where `free`."""
    width = tables[0].shape[1]

    def loss(w: np.ndarray) -> tuple[float, np.ndarray]:
        total, slope = 0.0, np.zeros(width)
        for table, gold in zip(tables, golds, strict=True):
            scores = table @ w
            chances = probabilities(scores)
            total -= float(np.mean(np.log(np.maximum(chances[list(gold)], 1e-300))))
            slope -= table[list(gold)].mean(0) - chances @ table
        return total / len(tables) + l2 * float(w @ w), slope / len(tables) + 2 * l2 * w

    bounds = [(None, None) if each else (0, None) for each in free]
    return minimize(loss, np.zeros(width), jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": 300}).x


def fit_near_fusion(
    tables: Sequence[np.ndarray], golds: Sequence[Sequence[int]], l2: float, ranked: np.ndarray
) -> np.ndarray:
    """Conditional logit held near plain rank fusion: one common weight for all `ranked` columns, and a penalised step from it.

    With about a hundred rows a fit of its own is worse, on repositories that it has not seen, than equal weights are.
    """
    width = tables[0].shape[1]
    penalty = l2 * np.where(ranked, 1.0, 0.1)

    def loss(v: np.ndarray) -> tuple[float, np.ndarray]:
        w = v[0] * ranked + v[1:]
        total, slope = 0.0, np.zeros(width)
        for table, gold in zip(tables, golds, strict=True):
            chances = probabilities(table @ w)
            total -= float(np.mean(np.log(np.maximum(chances[list(gold)], 1e-300))))
            slope -= table[list(gold)].mean(0) - chances @ table
        slope /= len(tables)
        steps = np.concatenate([[slope @ ranked], slope + 2 * penalty * v[1:]])
        return total / len(tables) + float(penalty @ (v[1:] ** 2)), steps

    start = np.concatenate([[1.0], np.zeros(width)])
    bounds = [(0, None), *[(None, None)] * width]
    v = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": 300}).x
    return v[0] * ranked + v[1:]


def unit_table(case: Case, file_scores: np.ndarray) -> np.ndarray:
    """Unit features with those of their file at the end."""
    chances = probabilities(file_scores)
    chance = np.maximum(np.log(np.maximum(chances, 1e-12)), -12.0)
    return np.column_stack([case.units, chance[case.owners], reciprocal_rank(chances)[case.owners]])


def place(scores: np.ndarray, gold: Sequence[int]) -> int:
    """The place of the gold row that is ranked last."""
    if not gold or min(gold) < 0:
        return _MISSED
    order = np.argsort(-scores, kind="stable")
    return max(int(np.flatnonzero(order == g)[0]) for g in gold)


@dataclass(frozen=True)
class Fitted:
    """Weights of files and functions."""

    files: np.ndarray
    units: np.ndarray


def fit_both(cases: Sequence[Case], l2: tuple[float, float], free: tuple[list[bool], list[bool]]) -> Fitted:
    """Fit files, then functions given the files' chances. `free` are the raw features of each."""
    usable = [c for c in cases if c.gold_files and min(c.gold_files) >= 0]
    files = fit([c.files for c in usable], [c.gold_files for c in usable], l2[0], free[0])
    functions = [c for c in usable if any(g >= 0 for g in c.gold_units)]
    golds = [[g for g in c.gold_units if g >= 0] for c in functions]
    ranked = np.array([0.0 if raw else 1.0 for raw in free[1]])
    return Fitted(files, fit_near_fusion([unit_table(c, c.files @ files) for c in functions], golds, l2[1], ranked))


def cross_validate(
    cases: Sequence[Case], l2: tuple[float, float], free: tuple[list[bool], list[bool]]
) -> dict[str, str]:
    """Figures on rows that were not fitted on, for each fold and for all."""
    sizes = Counter(c.repo for c in cases)
    fold_of = {repo: repo if n >= 20 else "others" for repo, n in sizes.items()}
    file_places: dict[str, list[int]] = {}
    unit_places: dict[str, list[int]] = {}
    for fold in sorted(set(fold_of.values())):
        fitted = fit_both([c for c in cases if fold_of[c.repo] != fold], l2, free)
        for case in (c for c in cases if fold_of[c.repo] == fold):
            scores = case.files @ fitted.files
            file_places.setdefault(fold, []).append(place(scores, case.gold_files))
            if case.gold_units:
                unit_places.setdefault(fold, []).append(place(unit_table(case, scores) @ fitted.units, case.gold_units))
    file_places["all"] = [p for places in file_places.values() for p in places]
    unit_places["all"] = [p for places in unit_places.values() for p in places]
    return {
        fold: f"file@1/3/5/10 {at(file_places[fold], FILE_KS)} n={len(file_places[fold])}; "
        f"function@5/10 {at(unit_places[fold], FUNCTION_KS)} n={len(unit_places[fold])}"
        for fold in file_places
    }


def toml(provenance: dict[str, object], tables: dict[str, dict[str, float]]) -> str:
    """The weights as TOML; zero weights are left out."""
    lines = ["[provenance]", *(f'{k} = "{v}"' for k, v in provenance.items())]
    for name, weights in tables.items():
        kept = {k: v for k, v in sorted(weights.items()) if abs(v) >= 0.0005}
        lines += ["", f"[{name}]", *(f'"{k}" = {v:.4f}' for k, v in kept.items())]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Read features (or a file of them), cross-validate, fit on everything, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=Path, required=True)
    parser.add_argument("--mirrors", type=Path, required=True)
    parser.add_argument("--cache", type=Path)
    parser.add_argument("--features", type=Path, help="keep the features in this file, or read them where it exists")
    parser.add_argument("--l2", type=float, nargs=2, default=[0.03, 0.03])
    parser.add_argument("--out", type=Path)
    chosen = parser.parse_args()
    if chosen.features and chosen.features.exists():
        cases, file_names, unit_names = pickle.loads(chosen.features.read_bytes())
    else:
        with tempfile.TemporaryDirectory() as temporary:
            index = open_index(chosen.cache or Path(temporary))
            read = [read_case(index, each) for each in instances(chosen.rows, chosen.mirrors)]
        cases, file_names, unit_names = [r[0] for r in read], read[0][1], read[0][2]
        if chosen.features:
            chosen.features.write_bytes(pickle.dumps((cases, file_names, unit_names)))
    unit_names = [*unit_names, *_FILE_OF_UNIT]
    raw = {*RAW_SIGNALS, *_FILE_OF_UNIT}
    free = ([n in raw for n in file_names], [n in raw for n in unit_names])
    l2 = (chosen.l2[0], chosen.l2[1])
    figures = cross_validate(cases, l2, free)
    for fold, figure in figures.items():
        print(f"{fold:<20} {figure}")
    if chosen.out:
        fitted = fit_both(cases, l2, free)
        provenance: dict[str, object] = {
            "rows": f"{chosen.rows.name}, {len(cases)} development rows",
            "rows_sha256": hashlib.sha256(chosen.rows.read_bytes()).hexdigest(),
            "method": METHOD,
            "made_by": "python -m tests.bench.fit_localization",
            **{f"cross_validated_{k.replace('/', '_').replace('-', '_')}": v for k, v in figures.items()},
        }
        tables = {
            "files": dict(zip(file_names, fitted.files.tolist(), strict=True)),
            "functions": dict(zip(unit_names, fitted.units.tolist(), strict=True)),
        }
        if (
            chosen.out.exists()
        ):  # execution is fitted by fit_execution, on what could be run, so those tables are carried over
            kept = load_weights(chosen.out)
            provenance["execution"] = kept.provenance.get("execution", "")
            tables |= {
                "execution.files": dict(kept.executed_files),
                "execution.functions": dict(kept.executed_functions),
            }
        chosen.out.write_text(toml(provenance, tables))


if __name__ == "__main__":
    main()
