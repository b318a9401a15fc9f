"""From signals to the features that the fitted weights are for."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from orchestrator.localize.bm25 import FloatArray, top_sums
from orchestrator.localize.corpus import RepositoryIndex
from orchestrator.localize.evidence import Clues
from orchestrator.localize.fusion import expand, probabilities, reciprocal_rank
from orchestrator.localize.nearby import best_files, search_files
from orchestrator.localize.pastchanges import change_signals, similar_commits
from orchestrator.localize.quotes import QUOTE_SIGNALS, Quotes, quote_signals
from orchestrator.localize.signals import Signals, file_signals, unit_signals
from orchestrator.localize.spectrum import EXECUTION_SIGNALS, spectrum_signals
from orchestrator.protocols import Repository
from orchestrator.records import ExecutedFunction, Execution

RAW_SIGNALS = ("side", "size", "changes", "length", "is_class", *EXECUTION_SIGNALS)
"""Features that are used as they are, and whose weight may be negative."""

FUNCTION_SIGNALS = (
    "context", "context_prose", "context_flat", "context_title", "text", "title", "prose", "errors", "name", "name_title",
    "symbol", "dotted", "frame", "pairs", "of_class", "class_text", "named_used", "named_users", "past_hunks", "past_lines",
    "reached", "near", *QUOTE_SIGNALS,
)  # fmt: skip
"""Signals that rank functions, each by its reciprocal rank alone: fitted shares did worse on repositories not fitted on."""

_LEAST_LOG_CHANCE = -12.0
_FILES_NEAR = 5
_FILES_AROUND = 12
_FILES_READ = 20


def file_features(
    index: RepositoryIndex,
    repository: Repository,
    clues: Clues,
    executed: Sequence[ExecutedFunction] = (),
    walked: Execution | None = None,
) -> tuple[dict[str, FloatArray], Signals]:
    """Features of source files, and the signals of units that they came from. Execution adds its own.

    Git is asked what about a hundred past commits changed, and for the text of the files that look best.
    """
    commits = similar_commits(index, clues)
    with ThreadPoolExecutor(1) as beside:  # git looks up what the commits changed while the rest is scored
        asked = beside.submit(repository.changes, list(commits))
        units = unit_signals(index, clues)
        units |= change_signals(index, clues, commits, asked.result())
    signals = file_signals(index, clues, units)
    count = len(index.sources.files)
    best = best_files(signals, _FILES_READ)
    quoted_by_file, quoted_by_unit = quote_signals(index, repository, Quotes.of(clues), best)
    units |= quoted_by_unit | {
        "near": search_files(index, clues, best[:_FILES_NEAR]),
        "around": search_files(index, clues, best[:_FILES_AROUND]),
    }
    signals["best_around"] = top_sums(units["around"], index.sources.unit_files, count, 1)
    signals |= quoted_by_file
    if executed or walked:
        units = units | spectrum_signals(index, executed, walked)
        for name in EXECUTION_SIGNALS:
            signals[name] = top_sums(units[name], index.sources.unit_files, count, 1)
    raw = {name: signals.pop(name) for name in RAW_SIGNALS if name in signals}
    return expand(signals, raw), units


def unit_features(
    index: RepositoryIndex, units: Signals, file_scores: FloatArray
) -> tuple[dict[str, FloatArray], FloatArray]:
    """Features of source units, and which of them are candidates (1.0: functions and classes)."""
    owner = index.sources.unit_files
    chances = probabilities(file_scores)
    features = {f"{name}.rank": reciprocal_rank(units[name]) for name in FUNCTION_SIGNALS if name in units}
    features |= {name: units[name] for name in EXECUTION_SIGNALS if name in units}
    features["file.chance"] = np.maximum(np.log(np.maximum(chances, 1e-12)), _LEAST_LOG_CHANCE)[owner]
    features["file.rank"] = reciprocal_rank(chances)[owner]
    features["length"] = np.log1p(index.unit_postings.lengths) / 5.0
    kinds = [u.definition.kind if u.definition else "" for u in index.sources.units]
    features["is_class"] = np.array([float(kind == "class") for kind in kinds])
    return features, np.array([float(kind != "") for kind in kinds])
