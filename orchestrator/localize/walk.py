"""A walk over who calls whom, from what the issue names to what it runs into: a stand-in for execution that needs none."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from orchestrator.localize.bm25 import FloatArray, idf
from orchestrator.localize.corpus import RepositoryIndex
from orchestrator.localize.evidence import Clues
from orchestrator.localize.fusion import share
from orchestrator.localize.snippet import Uses, read_uses

_FEW_DEFINITIONS = 3
_MOST_DEFINITIONS = 60
_FRONTIER = 80
_LEAST_LIKENESS = 0.05


class CallResolver:
    """Which definitions a unit's names mean.

    Those of its class, else of a class that it names too, else of its file, else of what its file imports, else any if few.
    """

    def __init__(self, index: RepositoryIndex) -> None:
        self._index = index
        self._imports: dict[int, frozenset[int]] = {}
        self._known: dict[int, dict[int, float]] = {}

    def used_by(self, unit: int) -> Mapping[int, float]:
        """Units that `unit` names, with weights that sum to at most 1: rare names weigh more."""
        if unit not in self._known:
            found: dict[int, float] = {}
            for token, targets in self._targets(unit):
                starts, _ = self._index.uses
                holding = int(starts[token + 1] - starts[token])
                weight = idf(len(self._index.sources.units), holding) / len(targets)
                for target in targets:
                    found[target] = found.get(target, 0.0) + weight
            total = sum(found.values())
            self._known[unit] = {target: weight / total for target, weight in found.items()}
        return self._known[unit]

    def _targets(self, unit: int) -> Iterator[tuple[int, list[int]]]:
        index = self._index
        own = self._last_name(unit)
        held = list(index.tokens_of(unit))
        names = frozenset(index.vocabulary[token] for token, _ in held)
        for token, count in held:
            name = index.vocabulary[token]
            if name == own and count == 1:
                continue  # its own definition line; a second time it hands over to a namesake
            units = index.by_name.get(name, ())
            if len(name) > 2 and 0 < len(units) <= _MOST_DEFINITIONS:
                chosen = self._meant(unit, units, names)
                if chosen:
                    yield token, chosen

    def _meant(self, unit: int, units: tuple[int, ...], names: frozenset[str]) -> list[int]:
        index = self._index
        owner, classes = index.sources.unit_files, index.class_units
        around = classes[unit]
        others = [u for u in units if u != unit]
        same_class = [u for u in others if classes[u] == around and around not in (u, unit)]
        if same_class:
            return same_class
        of_named = [u for u in others if classes[u] != u and self._last_name(int(classes[u])) in names]
        if 0 < len(of_named) <= _FEW_DEFINITIONS:
            return of_named
        same_file = [u for u in others if owner[u] == owner[unit]]
        if same_file:
            return same_file[:_FEW_DEFINITIONS]
        imported = [u for u in others if int(owner[u]) in self._imported(int(owner[unit]))]
        if 0 < len(imported) <= _FEW_DEFINITIONS:
            return imported
        return others if len(others) <= _FEW_DEFINITIONS else []

    def _last_name(self, unit: int) -> str:
        definition = self._index.sources.units[unit].definition
        return definition.qualified_name.rpartition(".")[2] if definition else ""

    def _imported(self, file: int) -> frozenset[int]:
        if file not in self._imports:
            graph = self._index.imports
            direct = graph.imported[graph.importer == file].tolist()
            self._imports[file] = frozenset([*direct, *(n for d in direct for n in self._index.exports.get(d, ()))])
        return self._imports[file]


def seeds(index: RepositoryIndex, named: FloatArray, uses: Uses, resolver: CallResolver) -> FloatArray:
    """`named` units, with the constructors of named classes and the special methods that the issue's code needs."""
    scores = named.copy()
    wanted = ("__init__", "__new__", *uses.special)
    called = {*uses.called, *uses.bases}
    for unit in np.flatnonzero(named > 0).tolist():
        definition = index.sources.units[unit].definition
        if definition is None or definition.kind != "class":
            continue
        own = definition.qualified_name.rpartition(".")[2]
        for name in wanted:
            if name in {"__init__", "__new__"} and own not in called:
                continue
            method = method_of(index, resolver, unit, name)
            if method is not None:
                scores[method] += named[unit]
    return scores


def method_of(index: RepositoryIndex, resolver: CallResolver, unit: int, name: str, depth: int = 4) -> int | None:
    """The method of a class, or of the nearest class that its own lines name (its bases stand there)."""
    frontier, seen = [unit], {unit}
    for _ in range(depth):
        for each in frontier:
            found = [u for u in index.by_name.get(name, ()) if index.class_units[u] == each]
            if found:
                return found[0]
        following: list[int] = []
        for each in frontier:
            for other in resolver.used_by(each):
                definition = index.sources.units[other].definition
                if other not in seen and definition is not None and definition.kind == "class":
                    seen.add(other)
                    following.append(other)
        frontier = following[:12]
    return None


def reached(start: FloatArray, resolver: CallResolver, *, steps: int = 3, damping: float = 0.6) -> FloatArray:
    """Chance that a walk from the seeds along calls enters each unit, the seeds' own share left out."""
    total = np.zeros(len(start))
    current = start / (start.sum() or 1.0)
    for _ in range(steps):
        following = np.zeros(len(start))
        for unit in np.argsort(-current, kind="stable")[:_FRONTIER].tolist():
            if current[unit] > 0:
                for target, weight in resolver.used_by(unit).items():
                    following[target] += damping * current[unit] * weight
        total += following
        current = following
    return total


def reached_and_alike(index: RepositoryIndex, clues: Clues, named: FloatArray, likeness: FloatArray) -> FloatArray:
    """Units that a walk from the `named` ones enters, by the chance of that times their likeness to the issue (0 to 1).

    The product, since a library's inner calls reach far more than the issue is about, and its words are found in far more
    than what it calls.
    """
    resolver = CallResolver(index)
    walked = reached(seeds(index, named, read_uses(clues), resolver), resolver)
    return np.sqrt(share(walked)) * (_LEAST_LIKENESS + likeness)
