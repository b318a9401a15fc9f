"""Fitted fusion of signals into probabilities, and its explanation.

The score of a file or unit is a weighted sum of its signals, each as its share of the best (`share`) and as its reciprocal
rank (`rank`, 10 / (10 + position), Cormack et al. 2009); a softmax over all candidates makes probabilities of them. The
weights are those of a conditional logit fitted on development rows; `weights.toml` holds them with their provenance. They
depart by the kind of the issue (`Clues.kinds`): where an error is printed, other signals are to be trusted.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path

import numpy as np

from orchestrator.errors import SettingsError
from orchestrator.localize.bm25 import FloatArray
from orchestrator.records import Evidence

_RANK_CONSTANT = 10.0
_LEAST_SHARE = 0.01


@dataclass(frozen=True, slots=True)
class Weights:
    """Weight of every feature by name (`signal.share`, `signal.rank`, or a bare name for a raw value)."""

    files: Mapping[str, float]
    functions: Mapping[str, float]
    provenance: Mapping[str, object]
    executed_files: Mapping[str, float] = field(default_factory=dict)
    executed_functions: Mapping[str, float] = field(default_factory=dict)
    files_by_kind: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    functions_by_kind: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    """What each kind of issue adds to the weights of files, and of functions."""

    def for_issue(self, kinds: Iterable[str]) -> Weights:
        """The weights to use for an issue of these kinds; a kind that no weights are known of changes nothing."""
        files, functions = dict(self.files), dict(self.functions)
        for kind in kinds:
            for weights, by_kind in ((files, self.files_by_kind), (functions, self.functions_by_kind)):
                for name, departure in by_kind.get(kind, {}).items():
                    weights[name] = weights.get(name, 0.0) + departure
        return replace(self, files=files, functions=functions, files_by_kind={}, functions_by_kind={})

    def with_execution(self) -> Weights:
        """The weights to use where something was executed."""
        files, functions = (
            dict(self.files) | dict(self.executed_files),
            dict(self.functions) | dict(self.executed_functions),
        )
        return replace(self, files=files, functions=functions)


@lru_cache(maxsize=8)
def load_weights(path: Path | None = None) -> Weights:
    """Read weights; by default those that ship with the package. Raises SettingsError where a table is missing or no number."""
    source = path or Path(__file__).with_name("weights.toml")
    try:
        tables = tomllib.loads(source.read_text(encoding="utf-8"))
        execution = tables.get("execution", {})
        return Weights(
            _numbers(tables["files"]),
            _numbers(tables["functions"]),
            tables["provenance"],
            _numbers(execution.get("files", {})),
            _numbers(execution.get("functions", {})),
            {kind: _numbers(table) for kind, table in tables.get("files_by_kind", {}).items()},
            {kind: _numbers(table) for kind, table in tables.get("functions_by_kind", {}).items()},
        )
    except (OSError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise SettingsError(f"the weights in {source} cannot be used: {error!r}") from error


def _numbers(table: Mapping[str, object]) -> dict[str, float]:
    return {name: float(value) for name, value in table.items()}  # type: ignore[arg-type]


def share(scores: FloatArray) -> FloatArray:
    """Scores over the best score; all zero where nothing scores."""
    best = scores.max(initial=0.0)
    return scores / best if best > 0 else np.zeros(len(scores))


def reciprocal_rank(scores: FloatArray) -> FloatArray:
    """10 / (10 + position from 0); zero for a score that is not positive. Ties go by position in the index."""
    order = np.argsort(-scores, kind="stable")
    ranks = np.empty(len(scores))
    ranks[order] = _RANK_CONSTANT / (_RANK_CONSTANT + np.arange(len(scores)))
    return np.where(scores > 0, ranks, 0.0)


def expand(signals: Mapping[str, FloatArray], raw: Mapping[str, FloatArray]) -> dict[str, FloatArray]:
    """Features of signals (two each) and of raw values (as they are)."""
    features: dict[str, FloatArray] = {}
    for name, scores in signals.items():
        features[f"{name}.share"] = share(scores)
        features[f"{name}.rank"] = reciprocal_rank(scores)
    return features | dict(raw)


def weighted_sum(features: Mapping[str, FloatArray], weights: Mapping[str, float], count: int) -> FloatArray:
    """Score of every candidate. A feature without a weight counts nothing."""
    total = np.zeros(count)
    for name, values in features.items():
        weight = weights.get(name, 0.0)
        if weight:
            total += weight * values
    return total


def probabilities(scores: FloatArray) -> FloatArray:
    """Softmax."""
    if not len(scores):
        return scores
    spread = np.exp(scores - scores.max())
    normal: FloatArray = spread / spread.sum()
    return normal


def explain(
    candidate: int,
    features: Mapping[str, FloatArray],
    weights: Mapping[str, float],
    details: Mapping[str, str],
) -> tuple[Evidence, ...]:
    """The signals that speak for a candidate, strongest first, each with its share of the (positive) sum.

    A raw value counts by how far it is from the average candidate's: every file has a size. `details` say what a signal saw;
    a signal that they do not know is told by its rank or value.
    """
    parts: dict[str, float] = {}
    for name, values in features.items():
        signal = name.rpartition(".")[0] or name
        value = float(values[candidate])
        usual = float(values.mean()) if signal == name and value else 0.0
        parts[signal] = parts.get(signal, 0.0) + weights.get(name, 0.0) * (value - usual)
    positive = sum(part for part in parts.values() if part > 0) or 1.0
    ranked = sorted(
        ((part / positive, signal) for signal, part in parts.items() if part > 0), key=lambda p: (-p[0], p[1])
    )
    return tuple(
        Evidence(signal, details.get(signal) or _detail(candidate, features, signal), round(part, 4))
        for part, signal in ranked
        if part >= _LEAST_SHARE
    )


def _detail(candidate: int, features: Mapping[str, FloatArray], signal: str) -> str:
    ranks = features.get(f"{signal}.rank")
    if ranks is None or ranks[candidate] <= 0:
        return f"{float(features[signal][candidate]):.2f}" if signal in features else ""
    place = round(_RANK_CONSTANT / float(ranks[candidate]) - _RANK_CONSTANT) + 1
    return f"its file is number {place}" if signal == "file" else f"number {place} by this signal"
