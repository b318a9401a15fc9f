"""From signals to the features that the fitted weights are for."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from orchestrator.localize.bm25 import FloatArray, top_sums
from orchestrator.localize.corpus import RepositoryIndex
from orchestrator.localize.evidence import Clues
from orchestrator.localize.fusion import expand, probabilities, reciprocal_rank
from orchestrator.localize.signals import Signals, file_signals, unit_signals
from orchestrator.localize.spectrum import spectrum_signals
from orchestrator.records import ExecutedFunction

RAW_SIGNALS = ("side", "size", "changes", "length", "is_class")
"""Features that are used as they are, and whose weight may be negative."""

_WITHIN_FILE = ("text", "title", "name")
_LEAST_LOG_CHANCE = -12.0


def file_features(
    index: RepositoryIndex,
    clues: Clues,
    executed: Sequence[ExecutedFunction] = (),
    passing: Sequence[Sequence[ExecutedFunction]] = (),
) -> tuple[dict[str, FloatArray], Signals]:
    """Features of source files, and the signals of units that they came from. Execution adds `ran` and `ran_late`."""
    units = unit_signals(index, clues)
    signals = file_signals(index, clues, units)
    if executed:
        units = units | spectrum_signals(index, executed, passing)
        for name in ("ran", "ran_late"):
            signals[name] = top_sums(units[name], index.sources.unit_files, len(index.sources.files), 1)
    raw = {name: signals.pop(name) for name in RAW_SIGNALS if name in signals}
    return expand(signals, raw), units


def unit_features(
    index: RepositoryIndex, units: Signals, file_scores: FloatArray
) -> tuple[dict[str, FloatArray], FloatArray]:
    """Features of source units, and which of them are candidates (1.0: functions and classes)."""
    owner, count = index.sources.unit_files, len(index.sources.files)
    raw: dict[str, FloatArray] = {}
    for name in _WITHIN_FILE:
        best = top_sums(units[name], owner, count, 1)[owner]
        raw[f"{name}.within"] = np.where(best > 0, units[name] / np.maximum(best, 1e-9), 0.0)
    chances = probabilities(file_scores)
    raw["file.chance"] = np.maximum(np.log(np.maximum(chances, 1e-12)), _LEAST_LOG_CHANCE)[owner]
    raw["file.rank"] = reciprocal_rank(chances)[owner]
    raw["length"] = np.log1p(index.unit_postings.lengths) / 5.0
    kinds = [u.definition.kind if u.definition else "" for u in index.sources.units]
    raw["is_class"] = np.array([float(kind == "class") for kind in kinds])
    candidates = np.array([float(kind != "") for kind in kinds])
    return expand(units, raw), candidates
