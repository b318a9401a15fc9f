"""Functions that past commits like the issue changed: history as evidence, one level below files."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from orchestrator.localize.bm25 import FloatArray, bm25, idf
from orchestrator.localize.corpus import RepositoryIndex
from orchestrator.localize.evidence import Clues
from orchestrator.localize.paths import FileKind, kind_of
from orchestrator.localize.queries import title_and_text, weighted_query
from orchestrator.localize.terms import term_counts, terms
from orchestrator.protocols import FileChange

_MOST_SIMILAR = 60
_USUAL_TERMS = 100.0
_K1, _B = 1.2, 0.75


def similar_commits(index: RepositoryIndex, clues: Clues) -> dict[str, float]:
    """Past commits whose message is most like the issue or its title: likeness to the title by commit id (0 for none)."""
    past = index.past
    by_title = bm25(past.by_commit, weighted_query(clues.title))
    by_text = bm25(past.by_commit, weighted_query(clues.text))
    best = [np.argsort(-scores, kind="stable")[:_MOST_SIMILAR].tolist() for scores in (by_text, by_title)]
    return {past.commit_ids[n]: float(by_title[n]) for n in dict.fromkeys([*best[0], *best[1]])}


def change_signals(
    index: RepositoryIndex, clues: Clues, commits: Mapping[str, float], changes: Sequence[FileChange]
) -> dict[str, FloatArray]:
    """Scores of source units: `past_hunks` by the titles of commits that changed them, `past_lines` by the changed lines.

    A commit's likeness is shared among the functions that it changed, and a name among the definitions of that name in the file.
    """
    named: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for change in changes:
        named[change.commit_id].extend((change.path, name) for name in change.names)
    hunks, lines = np.zeros(len(index.sources.units)), np.zeros(len(index.sources.units))
    for commit_id, likeness in commits.items():
        _share_out(index, hunks, named[commit_id], likeness)
    sources = [change for change in changes if kind_of(change.path) is FileKind.SOURCE]
    for change, likeness in zip(sources, _likeness(clues, sources), strict=True):
        _share_out(index, lines, [(change.path, name) for name in change.names], likeness)
    return {"past_hunks": hunks, "past_lines": lines}


def _likeness(clues: Clues, changes: Sequence[FileChange]) -> Iterable[float]:
    """BM25 of the issue over the changed lines, each change a document of a usual length."""
    query = title_and_text(clues)
    counted = [term_counts(terms(change.text)) for change in changes]
    holding = term_counts(term for counts in counted for term in counts)
    for counts in counted:
        damping = _K1 * (1 - _B + _B * sum(counts.values()) / _USUAL_TERMS)
        yield sum(
            query[term] * idf(len(changes), holding[term]) * tf * (_K1 + 1) / (tf + damping)
            for term, tf in counts.items()
            if term in query
        )


def _share_out(index: RepositoryIndex, scores: FloatArray, named: Iterable[tuple[str, str]], likeness: float) -> None:
    """Share a likeness among the named functions that still exist."""
    found = {each: units for each in named if (units := functions_named(index, *each))}
    for units in found.values():
        scores[units] += likeness / len(found) ** 0.5 / len(units) ** 0.5


def functions_named(index: RepositoryIndex, path: str, name: str) -> list[int]:
    """Functions and methods of a file whose last name is `name`."""
    number = index.file_numbers.get(path)
    units = index.sources.units
    return [
        unit
        for unit in index.by_name.get(name, ())
        if units[unit].file == number and (d := units[unit].definition) and d.kind == "function"
    ]
