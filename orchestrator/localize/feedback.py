"""Second searches that build on a first: a title expanded by what was found, and a search of the best files alone.

Expansion is a relevance model (Lavrenko and Croft 2001, as RM3 of Abdul-Jaleel et al. 2004): the best functions of a first
search are taken for relevant, and terms that are common in them and rare elsewhere join the query. It bridges from the words
of the one who reports to the words of the code. Within the best files, what is rare is what tells their functions apart: the
name of a class that the issue is about is rare in a repository, and says nothing among its methods.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

import numpy as np

from orchestrator.localize.bm25 import FloatArray, bm25, idf
from orchestrator.localize.corpus import RepositoryIndex
from orchestrator.localize.evidence import Clues
from orchestrator.localize.fusion import share
from orchestrator.localize.queries import title_and_text, weighted_query
from orchestrator.localize.terms import split_identifier

_FUNCTIONS_READ = 10
_TERMS_ADDED = 25
_SHARE_OF_FEEDBACK = 0.4
_FIRST_SEARCH = ("unit_context", "best_context_title", "file_text", "file_title", "path_text", "history_title")


def title_feedback(index: RepositoryIndex, clues: Clues, first: FloatArray) -> FloatArray:
    """BM25 of the expanded title over source units, given the scores of a `first` search."""
    return bm25(index.context_postings, expanded_title(index, clues, first))


def expanded_title(index: RepositoryIndex, clues: Clues, first: FloatArray) -> dict[str, float]:
    """Terms of the title and of the best functions of a first search; weights sum to 1. Just the title's where none scored."""
    title = weighted_query(clues.title)
    added = _relevance_model(index, first)
    title_share = 1.0 - _SHARE_OF_FEEDBACK if added else 1.0
    total = sum(title.values()) or 1.0
    query = {term: title_share * weight / total for term, weight in title.items()}
    total = sum(added.values()) or 1.0
    for term, weight in added.items():
        query[term] = query.get(term, 0.0) + _SHARE_OF_FEEDBACK * weight / total
    return query


def _relevance_model(index: RepositoryIndex, first: FloatArray) -> Mapping[str, float]:
    scores = np.where(index.is_function, first, 0.0)
    best = [unit for unit in np.argsort(-scores, kind="stable")[:_FUNCTIONS_READ].tolist() if scores[unit] > 0]
    model: dict[str, float] = defaultdict(float)
    for unit in best:
        counts: dict[str, int] = defaultdict(int)
        for token, count in index.tokens_of(unit):
            for term in split_identifier(index.vocabulary[token]):
                counts[term] += count
        length = sum(counts.values())
        for term, count in counts.items():
            model[term] += float(scores[unit]) * count / length
    kept = sorted(model, key=lambda term: (-model[term] * _rarity(index, term), term))
    return {term: model[term] for term in kept[:_TERMS_ADDED]}


def _rarity(index: RepositoryIndex, term: str) -> float:
    postings = index.context_postings
    number = postings.ids.get(term)
    if number is None:
        return 0.0
    total = len(postings.lengths)
    return idf(total, min(int(postings.starts[number + 1] - postings.starts[number]), total))


def search_best_files(index: RepositoryIndex, clues: Clues, files: Mapping[str, FloatArray], count: int) -> FloatArray:
    """BM25 over the functions of the `count` files that a first search, by some of `file_signals`, likes best."""
    liking = np.sum([share(files[name]) for name in _FIRST_SEARCH], axis=0)
    best = np.zeros(len(liking), bool)
    best[np.argsort(-liking, kind="stable")[:count]] = True
    within = best[index.sources.unit_files] & index.is_function
    return bm25(index.context_postings, title_and_text(clues), within=within)
