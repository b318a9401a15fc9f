"""Okapi BM25 over postings (Robertson and Zaragoza 2009, k1 and b as given there)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from orchestrator.localize.packing import IntArray

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Postings:
    """Term t occurs `count[i]` times in `document[i]` for i in `starts[t]:starts[t + 1]`; `lengths` are in terms.

    The documents of a term are in order, each once.
    """

    ids: Mapping[str, int]
    starts: IntArray
    document: IntArray
    count: IntArray
    lengths: FloatArray

    def occurrences(self, term: str) -> tuple[IntArray, IntArray]:
        """The documents that hold `term`, and how often each does."""
        number = self.ids.get(term)
        span = slice(0, 0) if number is None else slice(self.starts[number], self.starts[number + 1])
        return self.document[span], self.count[span]


def build_postings(
    ids: Mapping[str, int], term: IntArray, document: IntArray, count: IntArray, document_count: int
) -> Postings:
    """Sort parallel arrays by term; counts of a term in one document add up. `ids` numbers the terms from 0 without gaps."""
    lengths = np.bincount(document, count, document_count).astype(np.float64)
    # Two stable sorts, because what comes in is in runs of ascending documents, which the first one merges in a moment.
    order = np.argsort(document, kind="stable")
    order = order[np.argsort(term[order], kind="stable")]
    term, document, count = term[order], document[order], count[order]
    if len(term):
        first = np.flatnonzero(np.concatenate([[True], (term[1:] != term[:-1]) | (document[1:] != document[:-1])]))
        term, document, count = term[first], document[first], np.add.reduceat(count, first)
    starts = np.searchsorted(term, np.arange(len(ids) + 1)).astype(np.int32)
    return Postings(ids, starts, document, count, lengths)


def expand_ranges(starts: IntArray, widths: IntArray) -> tuple[IntArray, IntArray]:
    """Flatten the ranges `starts[i]` to `starts[i] + widths[i]`: which range each position came from, and the position."""
    origin = np.repeat(np.arange(len(widths), dtype=np.int32), widths)
    before = np.cumsum(widths) - widths
    position = starts[origin] + np.arange(len(origin)) - before[origin]
    return origin, position.astype(np.int32)


def idf(document_count: int, holding: int) -> float:
    """Inverse document frequency, never negative."""
    return float(np.log1p((document_count - holding + 0.5) / (holding + 0.5)))


def bm25(
    postings: Postings,
    query: Mapping[str, float],
    *,
    k1: float = 1.2,
    b: float = 0.75,
    within: npt.NDArray[np.bool_] | None = None,
) -> FloatArray:
    """Score of every document for weighted query terms.

    `within` marks the documents that are searched: only they score, and rarity and mean length are those among them.
    """
    searched = np.ones(len(postings.lengths), bool) if within is None else within
    total = int(searched.sum())
    scores = np.zeros(len(postings.lengths))
    if not total:
        return scores
    average = postings.lengths[searched].mean() or 1.0
    damping = k1 * (1 - b + b * postings.lengths / average)
    for term, weight in query.items():
        holding, tf = postings.occurrences(term)
        if within is not None:
            kept = within[holding]
            holding, tf = holding[kept], tf[kept]
        if len(holding):
            scores[holding] += weight * idf(total, len(holding)) * tf * (k1 + 1) / (tf + damping[holding])
    return scores


def matched_terms(
    postings: Postings, query: Mapping[str, float], documents: Sequence[int]
) -> dict[int, list[tuple[str, float]]]:
    """For each of a few documents, the query terms that it holds, those that say most first (weight times idf)."""
    total = len(postings.lengths)
    wanted = np.zeros(total, bool)
    wanted[list(documents)] = True
    found: dict[int, list[tuple[str, float]]] = {document: [] for document in documents}
    for term, weight in query.items():
        number = postings.ids.get(term)
        if number is None:
            continue
        holding = postings.document[postings.starts[number] : postings.starts[number + 1]]
        value = weight * idf(total, min(len(holding), total))
        for document in set(holding[wanted[holding]].tolist()):
            found[document].append((term, value))
    return {document: sorted(pairs, key=lambda p: (-p[1], p[0])) for document, pairs in found.items()}


def top_sums(scores: FloatArray, groups: IntArray, group_count: int, top: int) -> FloatArray:
    """For each group, the sum of its `top` highest scores."""
    sums = np.zeros(group_count)
    if not len(scores):
        return sums
    order = np.lexsort((-scores, groups))
    ordered = groups[order]
    first = np.searchsorted(ordered, np.arange(group_count))
    kept = order[np.arange(len(order)) - first[ordered] < top]
    np.add.at(sums, groups[kept], scores[kept])
    return sums
