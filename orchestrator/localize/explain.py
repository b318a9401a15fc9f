"""What each signal saw in a file or function: words, frames, names, commits, tests. For people; scores are made elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from orchestrator.localize import resolve
from orchestrator.localize.bm25 import FloatArray, bm25, matched_terms
from orchestrator.localize.corpus import RepositoryIndex
from orchestrator.localize.evidence import Clues, FrameMention
from orchestrator.localize.packing import IntArray
from orchestrator.localize.queries import FILE_TEXTS, UNIT_TEXTS, weighted_query
from orchestrator.localize.signals import Signals, terms_of_title
from orchestrator.localize.spectrum import entered_by
from orchestrator.records import Execution

Details = Mapping[int, Mapping[str, str]]
"""For each candidate, words by signal."""

_QUOTED = {"quoted_strings": "its string constants", "quoted_messages": "its messages", "quoted_code": "its lines"}
_WORDS = 5
_NAMES = 3


def unit_details(
    index: RepositoryIndex,
    clues: Clues,
    signals: Signals,
    candidates: Sequence[int],
    walked: Execution | None = None,
) -> Details:
    """What the signals of `unit_signals` saw in each of a few source units."""
    found: dict[int, dict[str, str]] = {unit: {} for unit in candidates}
    for name, text in UNIT_TEXTS.items():
        for unit, pairs in matched_terms(text.postings(index), text.query(clues), candidates).items():
            found[unit][name] = _words(pairs)
    titled = frozenset(terms_of_title(clues))
    graph = index.calls
    ran = entered_by(index, walked, candidates)
    for unit in candidates:
        said = found[unit]
        definition = index.sources.units[unit].definition
        own = definition.qualified_name.rpartition(".")[2] if definition else ""
        said["symbol"] = f"`{own}` stands in the {'title' if own in titled else 'issue'}"
        said["frame"] = _frame(index, clues.frames, unit)
        said["dotted"] = ", ".join(_some(d for d in clues.dotted if unit in resolve.units_of_dotted(index, d)))
        around = _name(index, int(index.class_units[unit]))
        said["of_class"] = f"its class {around} is named"
        said["class_text"] = f"the issue's words in class {around}"
        for name, by in (("used", "context"), ("named_used", "symbol")):
            said[name] = "used by " + _origins(index, graph.user[graph.used == unit], signals[by])
        for name, by in (("users", "context"), ("named_users", "symbol")):
            said[name] = "uses " + _origins(index, graph.used[graph.user == unit], signals[by])
        callers = index.units_using(own)
        said["reached"] = "may be run by " + _origins(index, callers[callers != unit], signals["context"])
        said["past_hunks"] = said["past_lines"] = "changed by past commits like the issue"
        said["near"] = "searched for in the best files alone: " + said.get("context", "")
        said |= {name: f"{what} stand in the issue" for name, what in _QUOTED.items()}
        said["length"] = f"{int(index.unit_postings.lengths[unit])} terms long"
        said["ran"] = ran.get(unit, "entered by the issue's own code")
        said["ran_alone"] = "entered by the issue's own code, by few neutral runs"
        said["raised"] = "on the traceback of the exception that the issue names"
    return found


def file_details(index: RepositoryIndex, clues: Clues, units: Signals, candidates: Sequence[int]) -> Details:
    """What the signals of `file_signals` saw in each of a few source files; `units` are the signals of units."""
    found: dict[int, dict[str, str]] = {number: {} for number in candidates}
    for name, text in FILE_TEXTS.items():
        before = "past commits say: " if name.startswith("history") else ""
        for number, pairs in matched_terms(text.postings(index), text.query(clues), candidates).items():
            found[number][name] = before + _words(pairs)
    for name, query in (("text", clues.text), ("title", clues.title)):
        commits = _commits(index, bm25(index.past.by_commit, weighted_query(query)), candidates)
        tests = _tests(index, bm25(index.test_postings, weighted_query(query)), candidates)
        for number in candidates:
            found[number][f"commits_{name}"] = commits[number]
            found[number]["tests" if name == "text" else "tests_title"] = tests[number]
    changed = np.bincount(index.past.file, minlength=len(index.sources.files))
    for name, scores in units.items():
        for number, inner in _inner(index, clues, name, scores, candidates).items():
            found[number] |= inner
    for number in candidates:
        said = found[number]
        said |= {name: f"{what} stand in the issue: {said.get(name, '')}" for name, what in _QUOTED.items()}
        said["changes"] = f"changed by {changed[number]} of the last {len(index.past.commit_ids)} commits"
        said["commit_mention"] = "changed by a commit that the issue names, or that names the same ticket"
        printed = [*clues.paths, *(path for path, _ in clues.links)]
        said["path_mention"] = ", ".join(_some(p for p in printed if number in resolve.files_of_path(index, p)))
        modules = (d for d in clues.dotted if (resolve.module_of_dotted(index, d) or (None,))[0] == number)
        said["module_mention"] = ", ".join(_some(modules))
        said["imported"] = "imported by " + _files(index, index.imports.importer[index.imports.imported == number])
        said["importers"] = "imports " + _files(index, index.imports.imported[index.imports.importer == number])
    return found


def _inner(
    index: RepositoryIndex, clues: Clues, name: str, scores: FloatArray, candidates: Sequence[int]
) -> dict[int, dict[str, str]]:
    """The units of each file that one signal of units points at, and what it saw in the first."""
    best: dict[int, list[int]] = {}
    for number in candidates:
        first = index.sources.files[number].first_unit
        inside = scores[first : index.sources.files[number].last_unit]
        order = np.argsort(-inside, kind="stable")[:_NAMES]
        best[number] = [first + n for n in order.tolist() if inside[n] > 0]
    firsts = [found[0] for found in best.values() if found]
    text = UNIT_TEXTS.get(name)
    matched = matched_terms(text.postings(index), text.query(clues), firsts) if text else {}
    said: dict[int, dict[str, str]] = {}
    for number, found in best.items():
        if found:
            words = _words(matched.get(found[0], ()))
            after = f": {words}" if words else ""
            inner = ", ".join(_name(index, unit) for unit in found)
            said[number] = {
                f"unit_{name}": inner + after, f"best_{name}": _name(index, found[0]) + after, name: inner,
            }  # fmt: skip
    return said


def _commits(index: RepositoryIndex, scores: FloatArray, candidates: Iterable[int]) -> dict[int, str]:
    """The commits most like the issue that changed each file, by short id and first line."""
    messages = {commit.commit_id: commit.message for commit in index.history}
    past = index.past
    named: dict[int, list[str]] = {number: [] for number in candidates}
    for commit in np.argsort(-scores, kind="stable")[:60].tolist():
        for number in past.file[past.starts[commit] : past.starts[commit + 1]].tolist():
            if number in named and len(named[number]) < 2:
                commit_id = past.commit_ids[commit]
                subject = messages[commit_id].strip().partition("\n")[0][:80]
                named[number].append(f"{commit_id[:10]} {subject}")
    return {number: "; ".join(lines) for number, lines in named.items()}


def _tests(index: RepositoryIndex, scores: FloatArray, candidates: Iterable[int]) -> dict[int, str]:
    """The test files most like the issue that exercise each file."""
    named: dict[int, list[str]] = {number: [] for number in candidates}
    for test in np.argsort(-scores, kind="stable")[:12].tolist():
        for number in index.test_links.shares[test]:
            if number in named:
                named[number].append(index.tests.files[test].path)
    return {number: ", ".join(_some(paths)) for number, paths in named.items()}


def _origins(index: RepositoryIndex, units: IntArray, scores: FloatArray) -> str:
    best = sorted(set(units.tolist()), key=lambda u: (-scores[u], u))
    return ", ".join(_name(index, unit) for unit in best[:_NAMES])


def _files(index: RepositoryIndex, numbers: IntArray) -> str:
    paths = [index.sources.files[n].path for n in numbers.tolist()]
    more = f" and {len(paths) - _NAMES} more" if len(paths) > _NAMES else ""
    return ", ".join(paths[:_NAMES]) + more


def _frame(index: RepositoryIndex, frames: Sequence[FrameMention], unit: int) -> str:
    indexed = index.sources.files[index.sources.units[unit].file]
    own = _name(index, unit).rpartition(".")[2]
    for frame in reversed(frames):
        inside = index.file_numbers[indexed.path] in resolve.files_of_path(index, frame.path)
        if inside and (frame.function == own or index.unit_at(indexed.path, frame.line) == unit):
            return f'File "{frame.path}", line {frame.line}, in {frame.function or "?"}'
    return ""


def _name(index: RepositoryIndex, unit: int) -> str:
    definition = index.sources.units[unit].definition
    return definition.qualified_name if definition else "the module's own lines"


def _words(pairs: Sequence[tuple[str, float]]) -> str:
    return ", ".join(term for term, _ in pairs[:_WORDS])


def _some(items: Iterable[str], most: int = _NAMES) -> list[str]:
    return list(dict.fromkeys(items))[:most]
