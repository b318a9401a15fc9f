"""One score per file, and per function-sized unit, for each reason to suspect it. Fusion happens in `rank`."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from orchestrator.localize import resolve
from orchestrator.localize.bm25 import FloatArray, bm25, top_sums
from orchestrator.localize.corpus import RepositoryIndex
from orchestrator.localize.evidence import Clues
from orchestrator.localize.fusion import share
from orchestrator.localize.paths import is_side_path
from orchestrator.localize.queries import FILE_TEXTS, UNIT_TEXTS, weighted_query
from orchestrator.localize.terms import tokens
from orchestrator.localize.walk import reached_and_alike

Signals = dict[str, FloatArray]
_TESTS_READ = 12
_NOT_SUMMED = frozenset(
    {"of_class", "class_text", "context_flat", "context_title", "past_hunks", "past_lines", "reached"}
)
_BEST_OF_FILE = ("text", "title", "context_title", "past_hunks", "past_lines")


def unit_signals(index: RepositoryIndex, clues: Clues) -> Signals:
    """Scores of source units (`index.sources.units`)."""
    signals: Signals = {name: each.scores(index, clues) for name, each in UNIT_TEXTS.items()}
    signals["symbol"] = exact_symbols(index, clues)
    signals["frame"] = frame_units(index, clues)
    signals["dotted"] = dotted_units(index, clues)
    named = signals["symbol"] + signals["dotted"] + signals["frame"]
    signals["of_class"] = np.where(index.class_units != np.arange(len(named)), named[index.class_units], 0.0)
    signals["class_text"] = class_texts(index, signals["context"])
    seeds = share(signals["context"]) ** 3
    signals["used"] = index.calls.to_used(seeds)
    signals["users"] = index.calls.to_users(seeds)
    signals["named_used"] = index.calls.to_used(named)
    signals["named_users"] = index.calls.to_users(named)
    signals["reached"] = reached_and_alike(index, clues, named, share(signals["context"]))
    return signals


def class_texts(index: RepositoryIndex, scores: FloatArray) -> FloatArray:
    """For each method, the sum of the three best scores of its class."""
    return top_sums(scores, index.class_units, len(scores), 3)[index.class_units]


def exact_symbols(index: RepositoryIndex, clues: Clues) -> FloatArray:
    """Definitions whose own name stands in the issue as an identifier; a name with many definitions shares its weight."""
    scores = np.zeros(len(index.sources.units))
    weights: dict[str, float] = {}
    options = tuple(option.replace("-", "_") for option in clues.options)
    for names, weight in ((clues.code_symbols, 0.5), (clues.calls, 0.7), (clues.symbols, 1.0), (options, 1.0)):
        for name in names:
            weights[name] = max(weights.get(name, 0.0), weight)
    for quoted in clues.quoted:
        name = quoted.rstrip("()").rsplit(".", 1)[-1]
        weights[name] = max(weights.get(name, 0.0), 1.2)
    for name in terms_of_title(clues):
        weights[name] = max(weights.get(name, 0.0), 1.5)
    for name, weight in weights.items():
        units = index.by_name.get(name, ())
        if units:
            scores[list(units)] += weight / len(units) ** 0.7
    return scores


def terms_of_title(clues: Clues) -> tuple[str, ...]:
    """Words of the title as written."""
    return tuple(t for t in dict.fromkeys(tokens(clues.title)) if len(t) > 2)


def frame_units(index: RepositoryIndex, clues: Clues) -> FloatArray:
    """Functions of traceback frames inside the repository; each step up from the deepest halves the weight."""
    scores = np.zeros(len(index.sources.units))
    depth = 0
    for frame in reversed(clues.frames):
        files = resolve.files_of_path(index, frame.path)
        if not files or len(files) > 2:
            continue
        if frame.depth == 0:
            depth = 0
        for number in files:
            indexed = index.sources.files[number]
            named = [u for u in index.by_name.get(frame.function, ()) if index.sources.units[u].file == number]
            unit = _nearest(index, named, frame.line) if named else index.unit_at(indexed.path, frame.line)
            if unit is not None:
                scores[unit] = max(scores[unit], 0.7**depth)
        depth += 1
    return scores


def _nearest(index: RepositoryIndex, units: list[int], line: int) -> int:
    def distance(unit: int) -> int:
        definition = index.sources.units[unit].definition
        return abs(definition.start_line - line) if definition else line

    return min(units, key=distance)


def dotted_units(index: RepositoryIndex, clues: Clues) -> FloatArray:
    """Definitions that dotted names resolve to."""
    scores = np.zeros(len(index.sources.units))
    for dotted in clues.dotted:
        units = resolve.units_of_dotted(index, dotted)
        for unit in units:
            scores[unit] += 1.0 / len(units)
    return scores


def file_signals(index: RepositoryIndex, clues: Clues, units: Mapping[str, FloatArray]) -> Signals:
    """Scores of source files (`index.sources.files`), given `unit_signals` and `change_signals`."""
    owner, count = index.sources.unit_files, len(index.sources.files)
    full, title = weighted_query(clues.text), weighted_query(clues.title)
    signals: Signals = {
        **{name: each.scores(index, clues) for name, each in FILE_TEXTS.items()},
        "commits_text": index.past.resembling(full),
        "commits_title": index.past.resembling(title),
        "commit_mention": index.past.mentioned(clues.text),
        "changes": np.log1p(index.past.changes()),
        "path_mention": path_mentions(index, clues),
        "module_mention": module_mentions(index, clues),
        "tests": similar_tests(index, full),
        "tests_title": similar_tests(index, title),
        "side": np.array([float(is_side_path(f.path)) for f in index.sources.files]),
        "size": np.log1p(index.file_postings.lengths),
    }
    for name, scores in units.items():
        if name not in _NOT_SUMMED:
            signals[f"unit_{name}"] = top_sums(scores, owner, count, 3)
    for name in _BEST_OF_FILE:
        signals[f"best_{name}"] = top_sums(units[name], owner, count, 1)
    base = share(signals["unit_context"])
    signals["imported"] = index.imports.to_imported(base)
    signals["importers"] = index.imports.to_importers(base)
    return signals


def path_mentions(index: RepositoryIndex, clues: Clues) -> FloatArray:
    """Files named by path or by link; a name that fits several shares its weight."""
    scores = np.zeros(len(index.sources.files))
    for printed in [*clues.paths, *(path for path, _ in clues.links)]:
        files = resolve.files_of_path(index, printed)
        for number in files:
            scores[number] = max(scores[number], 1.0 / len(files))
    return scores


def module_mentions(index: RepositoryIndex, clues: Clues) -> FloatArray:
    """Files whose module a dotted name names, deeper modules counting more."""
    scores = np.zeros(len(index.sources.files))
    for dotted in clues.dotted:
        found = resolve.module_of_dotted(index, dotted)
        if found:
            number, rest = found
            depth = index.sources.files[number].module.count(".") + 1
            scores[number] += (
                depth / (1.0 + len(rest)) * (0.3 if index.sources.files[number].path.endswith("__init__.py") else 1.0)
            )
    return scores


def similar_tests(index: RepositoryIndex, query: Mapping[str, float]) -> FloatArray:
    """Files that the tests most like the issue import, or are named after."""
    scores = np.zeros(len(index.sources.files))
    found = bm25(index.test_postings, query)
    for test in np.argsort(-found, kind="stable")[:_TESTS_READ]:
        if found[test] > 0:
            for number, share in index.test_links.shares[int(test)].items():
                scores[number] += found[test] * share
    return scores
