"""Files and functions, most suspicious first."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from orchestrator.localize.bm25 import FloatArray, bm25
from orchestrator.localize.corpus import RepositoryIndex
from orchestrator.localize.evidence import Clues, read_clues
from orchestrator.localize.explain import Details, file_details, unit_details
from orchestrator.localize.features import file_features, unit_features
from orchestrator.localize.fusion import Weights, explain, load_weights, probabilities, weighted_sum
from orchestrator.localize.packing import IntArray
from orchestrator.localize.signals import Signals
from orchestrator.localize.terms import term_counts, tokens
from orchestrator.protocols import Repository
from orchestrator.records import Evidence, ExecutedFunction, Execution, Localization, Location, RankedLocation

FILES_KEPT = 50
FUNCTIONS_KEPT = 100
_EXPLAINED = 20


def localize(
    index: RepositoryIndex,
    repository: Repository,
    problem_statement: str,
    *,
    executed: tuple[ExecutedFunction, ...] = (),
    walked: Execution | None = None,
    weights_path: Path | None = None,
    files_kept: int = FILES_KEPT,
    functions_kept: int = FUNCTIONS_KEPT,
) -> Localization:
    """Rank the files and functions of `repository` (indexed as `index`) by how likely the issue is to be repaired there.

    `executed` is what an accepted reproduction ran, symptom last; `walked` what all code of the issue ran. Scores are
    probabilities over all candidates; `confidence` is that of the first file. Tests are never ranked. Deterministic.
    """
    clues = read_clues(problem_statement)
    weights = load_weights(weights_path).for_issue(clues.kinds)
    notes = [*index.notes, *clues.notes]
    if repository.base_commit != index.base_commit:
        notes.append(f"the index is of {index.base_commit}, not of {repository.base_commit}")
    if clues.versions:
        notes.append(
            f"the issue names versions {', '.join(clues.versions[:5])}: for the reader, nothing is ranked by them"
        )
    ran = len({place for run in walked.runs if run.kind != "import" for place in run.entered}) if walked else 0
    if ran := ran or len(executed):
        weights = weights.with_execution()
        notes.append(f"{ran} executed functions joined the ranking")
    elif walked:
        notes.append(f"nothing executed joined the ranking: {walked.reason}")
    if not problem_statement.strip() or not index.sources.files:
        return Localization((), (), 0.0, tuple(notes))
    files, signals = file_features(index, repository, clues, executed, walked)
    file_scores = weighted_sum(files, weights.files, len(index.sources.files))
    units, candidates = unit_features(index, signals, file_scores)
    unit_scores = weighted_sum(units, weights.functions, len(index.sources.units))
    ranked_files = _files(index, clues, signals, files, scores=file_scores, weights=weights, kept=files_kept)
    allowed = np.flatnonzero(candidates > 0).astype(np.int32)
    ranked_functions = _functions(
        index,
        clues,
        signals,
        units,
        scores=unit_scores,
        allowed=allowed,
        weights=weights,
        kept=functions_kept,
        walked=walked,
    )
    confidence = ranked_files[0].score if ranked_files else 0.0
    return Localization(ranked_files, ranked_functions, confidence, tuple(notes))


def plain_bm25(index: RepositoryIndex, problem_statement: str, *, kept: int = FILES_KEPT) -> Localization:
    """The baseline: BM25 over whole files and whole tokens, nothing else. It ranks no functions."""
    query = {word.lower(): float(n) for word, n in term_counts(tokens(problem_statement)).items()}
    scores = bm25(index.plain_postings, query)
    best = [n for n in np.argsort(-scores, kind="stable")[:kept].tolist() if scores[n] > 0]
    total = float(scores.sum()) or 1.0
    files = tuple(
        RankedLocation(_file(index, n), float(scores[n]) / total, (Evidence("bm25", f"{scores[n]:.2f}", 1.0),))
        for n in best
    )
    return Localization(files, (), files[0].score if files else 0.0, index.notes)


def _files(
    index: RepositoryIndex,
    clues: Clues,
    signals: Signals,
    features: Mapping[str, FloatArray],
    *,
    scores: FloatArray,
    weights: Weights,
    kept: int,
) -> tuple[RankedLocation, ...]:
    chances = probabilities(scores)
    best = np.argsort(-scores, kind="stable")[:kept].tolist()
    details = file_details(index, clues, signals, best[:_EXPLAINED])
    return tuple(
        RankedLocation(_file(index, n), float(chances[n]), _evidence(n, features, weights.files, details)) for n in best
    )


def _functions(
    index: RepositoryIndex,
    clues: Clues,
    signals: Signals,
    features: Mapping[str, FloatArray],
    *,
    scores: FloatArray,
    allowed: IntArray,
    weights: Weights,
    kept: int,
    walked: Execution | None,
) -> tuple[RankedLocation, ...]:
    """Functions and classes; of several definitions with one name (overloads, setters) the best stands for all."""
    chances = np.zeros(len(scores))
    chances[allowed] = probabilities(scores[allowed])
    best: dict[tuple[str, str | None], int] = {}
    for unit in allowed[np.argsort(-scores[allowed], kind="stable")].tolist():
        location = index.location(unit)
        best.setdefault((location.path, location.qualified_name), unit)
        if len(best) == kept:
            break
    details = unit_details(index, clues, signals, list(best.values())[:_EXPLAINED], walked)
    return tuple(
        RankedLocation(index.location(n), float(chances[n]), _evidence(n, features, weights.functions, details))
        for n in best.values()
    )


def _evidence(
    candidate: int, features: Mapping[str, FloatArray], weights: Mapping[str, float], details: Details
) -> tuple[Evidence, ...]:
    return explain(candidate, features, weights, details[candidate]) if candidate in details else ()


def _file(index: RepositoryIndex, number: int) -> Location:
    found = index.sources.files[number]
    return Location(found.path, None, 1, found.line_count)
