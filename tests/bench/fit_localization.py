"""Fit the weights of the ranking by cross-validation across repositories, and write them with their provenance.

    python -m tests.bench.fit_localization --rows FILE --mirrors DIR --features DIR [--cache DIR] [--out FILE] [--folds DIR]

Each repository with at least 20 rows is a fold, all others together are one more. The weights that `--out` gets are fitted on
all rows; the figures that are printed and written beside them come from rows that the fold's weights had not seen. `--folds`
gets the weights of each fold, for `tests.bench.localization --folds`. Features are kept in `--features`, a file an instance.
"""

from __future__ import annotations

import argparse
import hashlib
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from scipy.optimize import minimize

from orchestrator.localize.evidence import KINDS
from orchestrator.localize.features import RAW_SIGNALS
from orchestrator.localize.fusion import load_weights, probabilities, reciprocal_rank
from orchestrator.localize.index import open_index
from tests.bench.cases import FILE_OF_UNIT, Case, read_cases
from tests.bench.localization import FILE_KS, FUNCTION_KS, at

METHOD = (
    "files: conditional logit, L2 0.03, weights of signals not negative on average over issues, with departures for issues that "
    "print an error and for those with a dotted name; functions: reciprocal ranks with equal weights, from which a "
    "conditional logit departs under L2 0.03, and by kind of issue under 0.09"
)
KIND_PENALTY = 3.0
"""Steps by kind are held harder than steps that all issues share: fewer rows speak for them."""
_MISSED = 10**9


def fit(
    tables: Sequence[np.ndarray],
    golds: Sequence[Sequence[int]],
    kinds: np.ndarray,
    l2: float,
    free: Sequence[bool],
) -> np.ndarray:
    """Conditional logit: maximise the mean log chance of gold rows.

    `kinds` (instances by kinds, 0 or 1) say of what kinds an issue is. The first row of the result are the weights of an issue
    of no kind, each further row is what a kind adds. On average over the issues weights are not negative except where `free`.
    """
    width, usual = tables[0].shape[1], kinds.mean(0)
    shape = (1 + kinds.shape[1], width)
    parts = np.column_stack([np.ones(len(tables)), kinds - usual])

    def loss(flat: np.ndarray) -> tuple[float, np.ndarray]:
        w, total, slope = flat.reshape(shape), 0.0, np.zeros(shape)
        for table, gold, part in zip(tables, golds, parts, strict=True):
            chances = probabilities(table @ (part @ w))
            total -= float(np.mean(np.log(np.maximum(chances[list(gold)], 1e-300))))
            slope -= np.outer(part, table[list(gold)].mean(0) - chances @ table)
        return total / len(tables) + l2 * float(flat @ flat), slope.ravel() / len(tables) + 2 * l2 * flat

    bounds = [(None, None) if each else (0, None) for each in free] + [(None, None)] * (width * kinds.shape[1])
    start = np.zeros(shape).ravel()
    found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": 300})
    w: np.ndarray = found.x.reshape(shape)
    w[0] -= usual @ w[1:]
    return w


def fit_near_fusion(
    tables: Sequence[np.ndarray], golds: Sequence[Sequence[int]], kinds: np.ndarray, l2: float, ranked: np.ndarray
) -> np.ndarray:
    """Conditional logit held near plain rank fusion: one common weight for all `ranked` columns, and penalised steps from it.

    With about a hundred rows a fit of its own is worse, on repositories that it has not seen, than equal weights are. `kinds`
    and the rows of the result are those of `fit`.
    """
    usual, shape = kinds.mean(0), (1 + kinds.shape[1], tables[0].shape[1])
    parts = np.column_stack([np.ones(len(tables)), kinds - usual])
    penalty = l2 * np.outer([1.0] + [KIND_PENALTY] * kinds.shape[1], np.where(ranked, 1.0, 0.1))

    def loss(v: np.ndarray) -> tuple[float, np.ndarray]:
        w, total, slope = v[1:].reshape(shape), 0.0, np.zeros(shape)
        for table, gold, part in zip(tables, golds, parts, strict=True):
            chances = probabilities(table @ (v[0] * ranked + part @ w))
            total -= float(np.mean(np.log(np.maximum(chances[list(gold)], 1e-300))))
            slope -= np.outer(part, table[list(gold)].mean(0) - chances @ table)
        slope /= len(tables)
        steps = np.concatenate([[slope[0] @ ranked], (slope + 2 * penalty * w).ravel()])
        return total / len(tables) + float((penalty * w**2).sum()), steps

    start = np.concatenate([[1.0], np.zeros(penalty.size)])
    bounds = [(0, None), *[(None, None)] * penalty.size]
    v = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": 300}).x
    w: np.ndarray = v[1:].reshape(shape)
    w[0] += v[0] * ranked - usual @ w[1:]
    return w


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
    """Weights of files and of functions: those of an issue of no kind, then what each of KINDS adds."""

    files: np.ndarray
    units: np.ndarray

    def file_scores(self, case: Case) -> np.ndarray:
        """Scores of the files of a case."""
        scores: np.ndarray = case.files @ (np.concatenate([[1.0], of_kinds(case)]) @ self.files)
        return scores

    def unit_scores(self, case: Case) -> np.ndarray:
        """Scores of the kept units of a case."""
        weights = np.concatenate([[1.0], of_kinds(case)]) @ self.units
        scores: np.ndarray = unit_table(case, self.file_scores(case)) @ weights
        return scores


def of_kinds(case: Case) -> np.ndarray:
    """Which of KINDS the issue is of, as 0 or 1."""
    return np.array([float(kind in case.kinds) for kind in KINDS])


def fit_both(cases: Sequence[Case], l2: tuple[float, float], free: tuple[list[bool], list[bool]]) -> Fitted:
    """Fit files, then functions given the files' chances. `free` are the raw features of each."""
    usable = [c for c in cases if c.gold_files and min(c.gold_files) >= 0]
    kinds = np.stack([of_kinds(c) for c in usable])
    files = fit([c.files for c in usable], [c.gold_files for c in usable], kinds, l2[0], free[0])
    functions = [c for c in usable if any(g >= 0 for g in c.gold_units)]
    golds = [[g for g in c.gold_units if g >= 0] for c in functions]
    ranked = np.array([0.0 if raw else 1.0 for raw in free[1]])
    fitted = Fitted(files, np.zeros(0))
    tables = [unit_table(c, fitted.file_scores(c)) for c in functions]
    kinds = np.stack([of_kinds(c) for c in functions])
    return replace(fitted, units=fit_near_fusion(tables, golds, kinds, l2[1], ranked))


def folds_of(cases: Sequence[Case]) -> list[str]:
    """The fold of each case: its repository, or `others`."""
    sizes = Counter(c.repo for c in cases)
    return [c.repo if sizes[c.repo] >= 20 else "others" for c in cases]


def shuffled_folds(cases: Sequence[Case], seed: int, count: int = 5) -> list[str]:
    """Folds by instance, whatever its repository."""
    order = np.random.RandomState(seed).permutation(len(cases))
    return [str(n) for n in (np.argsort(order) % count).tolist()]


def cross_validate(
    cases: Sequence[Case], folds: Sequence[str], l2: tuple[float, float], free: tuple[list[bool], list[bool]]
) -> tuple[dict[str, str], dict[str, Fitted]]:
    """Figures on rows that were not fitted on, for each fold and for all, and each fold's weights."""
    file_places: dict[str, list[int]] = {}
    unit_places: dict[str, list[int]] = {}
    weights: dict[str, Fitted] = {}
    for fold in sorted(set(folds)):
        fitted = fit_both([c for c, own in zip(cases, folds, strict=True) if own != fold], l2, free)
        weights[fold] = fitted
        for case in (c for c, own in zip(cases, folds, strict=True) if own == fold):
            file_places.setdefault(fold, []).append(place(fitted.file_scores(case), case.gold_files))
            if case.gold_units:
                unit_places.setdefault(fold, []).append(place(fitted.unit_scores(case), case.gold_units))
    file_places["all"] = [p for places in file_places.values() for p in places]
    unit_places["all"] = [p for places in unit_places.values() for p in places]
    figures = {
        fold: f"file@1/3/5/10 {at(file_places[fold], FILE_KS)} n={len(file_places[fold])}; "
        f"function@5/10 {at(unit_places.get(fold, []), FUNCTION_KS)} n={len(unit_places.get(fold, []))}"
        for fold in file_places
    }
    return figures, weights


def toml(provenance: dict[str, object], tables: dict[str, dict[str, float]]) -> str:
    """The weights as TOML; zero weights are left out."""
    lines = ["[provenance]", *(f'{k} = "{v}"' for k, v in provenance.items())]
    for name, weights in tables.items():
        kept = {k: v for k, v in sorted(weights.items()) if abs(v) >= 0.0005}
        lines += ["", f"[{name}]", *(f'"{k}" = {v:.4f}' for k, v in kept.items())]
    return "\n".join(lines) + "\n"


def write_weights(
    path: Path, fitted: Fitted, names: tuple[list[str], list[str]], provenance: dict[str, object]
) -> None:
    """Write weights. Those of execution are not fitted here: what the file, or else the package, has of them stays."""
    kept = load_weights(path if path.exists() else None)
    tables = {
        "files": dict(zip(names[0], fitted.files[0].tolist(), strict=True)),
        **{
            f"files_by_kind.{kind}": dict(zip(names[0], row.tolist(), strict=True))
            for kind, row in zip(KINDS, fitted.files[1:], strict=True)
        },
        "functions": dict(zip(names[1], fitted.units[0].tolist(), strict=True)),
        **{
            f"functions_by_kind.{kind}": dict(zip(names[1], row.tolist(), strict=True))
            for kind, row in zip(KINDS, fitted.units[1:], strict=True)
        },
        "execution.files": dict(kept.executed_files),
        "execution.functions": dict(kept.executed_functions),
    }
    carried = {k: v for k, v in kept.provenance.items() if k.startswith("execution")}
    path.write_text(toml(provenance | carried, tables))


def main() -> None:
    """Read features (or those kept), cross-validate, fit on everything, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=Path, required=True)
    parser.add_argument("--mirrors", type=Path, required=True)
    parser.add_argument("--cache", type=Path)
    parser.add_argument("--features", type=Path, help="folder of features; what is there is not made again")
    parser.add_argument("--l2", type=float, nargs=2, default=[0.03, 0.03])
    parser.add_argument("--folds", type=Path, help="folder for the weights of each fold")
    parser.add_argument("--shuffles", type=int, default=0, help="cross-validate over so many shuffles by instance, too")
    parser.add_argument("--out", type=Path)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        index = open_index(chosen.cache or Path(temporary))
        cases = list(read_cases(index, chosen.rows, chosen.mirrors, chosen.features or Path(temporary) / "features"))
    names = (cases[0].file_names, [*cases[0].unit_names, *FILE_OF_UNIT])
    raw = {*RAW_SIGNALS, *FILE_OF_UNIT}
    free = ([n in raw for n in names[0]], [n in raw for n in names[1]])
    l2 = (chosen.l2[0], chosen.l2[1])
    figures, weights = cross_validate(cases, folds_of(cases), l2, free)
    for fold, figure in figures.items():
        print(f"{fold:<20} {figure}", flush=True)
    for seed in range(1, chosen.shuffles + 1):
        shuffled, _ = cross_validate(cases, shuffled_folds(cases, seed), l2, free)
        print(f"{'by instance, ' + str(seed):<20} {shuffled['all']}", flush=True)
    provenance: dict[str, object] = {
        "rows": f"{chosen.rows.name}, {len(cases)} development rows",
        "rows_sha256": hashlib.sha256(chosen.rows.read_bytes()).hexdigest(),
        "method": METHOD,
        "made_by": "python -m tests.bench.fit_localization",
    }
    if chosen.folds:
        chosen.folds.mkdir(parents=True, exist_ok=True)
        for fold, fitted in weights.items():
            seen = provenance | {"rows": f"{chosen.rows.name}, its rows of repositories not in the fold {fold}"}
            write_weights(chosen.folds / f"{fold.replace('/', '__')}.toml", fitted, names, seen)
    if chosen.out:
        said = {f"cross_validated_{k.replace('/', '_').replace('-', '_')}": v for k, v in figures.items()}
        write_weights(chosen.out, fit_both(cases, l2, free), names, provenance | said)


if __name__ == "__main__":
    main()
