"""The signals that are BM25 over one table with one query; both the ranking and its explanation read them here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from orchestrator.localize.bm25 import FloatArray, Postings, bm25
from orchestrator.localize.corpus import RepositoryIndex
from orchestrator.localize.evidence import Clues
from orchestrator.localize.terms import term_counts, terms, tokens


@dataclass(frozen=True, slots=True)
class TextSignal:
    """BM25 of a query, made from the clues, over the documents of one table of the index."""

    postings: Callable[[RepositoryIndex], Postings]
    query: Callable[[Clues], dict[str, float]]
    k1: float = 1.2
    b: float = 0.75

    def scores(self, index: RepositoryIndex, clues: Clues) -> FloatArray:
        """Score of every document of the table."""
        return bm25(self.postings(index), self.query(clues), k1=self.k1, b=self.b)


def weighted_query(text: str) -> dict[str, float]:
    """Terms of a text; repeats count by 1 + ln(n), so that a long log does not drown the rest."""
    return {term: 1.0 + float(np.log(n)) for term, n in term_counts(terms(text)).items()}


def pair_query(text: str) -> dict[str, float]:
    """Neighbouring words as one identifier: "bulk create" finds `bulk_create` and `BulkCreate`."""
    words = [t.lower() for t in tokens(text)]
    pairs = [p for a, b in pairwise(words) for p in (f"{a}_{b}", a + b)]
    return {pair: 1.0 + float(np.log(n)) for pair, n in term_counts(pairs).items()}


def _text(clues: Clues) -> dict[str, float]:
    return weighted_query(clues.text)


def _title(clues: Clues) -> dict[str, float]:
    return weighted_query(clues.title)


def _prose(clues: Clues) -> dict[str, float]:
    return weighted_query(clues.prose)


def _code(clues: Clues) -> dict[str, float]:
    return weighted_query(clues.code)


def _errors(clues: Clues) -> dict[str, float]:
    return weighted_query("\n".join(message for _, message in clues.errors))


def title_and_text(clues: Clues) -> dict[str, float]:
    """Terms of the whole statement, those of the title weighing more."""
    return weighted_query(f"{clues.title}\n" * 3 + clues.text)


def _title_and_prose(clues: Clues) -> dict[str, float]:
    return weighted_query(f"{clues.title}\n" * 3 + clues.prose)


def _pairs(clues: Clues) -> dict[str, float]:
    return pair_query(clues.prose)


def _units(index: RepositoryIndex) -> Postings:
    return index.unit_postings


def _names(index: RepositoryIndex) -> Postings:
    return index.name_postings


def _context(index: RepositoryIndex) -> Postings:
    return index.context_postings


def _files(index: RepositoryIndex) -> Postings:
    return index.file_postings


def _paths(index: RepositoryIndex) -> Postings:
    return index.path_postings


def _history(index: RepositoryIndex) -> Postings:
    return index.past.by_file


UNIT_TEXTS: Mapping[str, TextSignal] = {
    "text": TextSignal(_units, _text),
    "title": TextSignal(_units, _title),
    "prose": TextSignal(_units, _prose),
    "code": TextSignal(_units, _code),
    "errors": TextSignal(_units, _errors),
    "name": TextSignal(_names, _text, k1=0.6, b=0.4),
    "name_title": TextSignal(_names, _title, k1=0.6, b=0.4),
    "context": TextSignal(_context, title_and_text),
    "context_prose": TextSignal(_context, _title_and_prose),
    "context_flat": TextSignal(_context, title_and_text, b=0.4),
    "context_title": TextSignal(_context, _title, b=0.6),
    "pairs": TextSignal(_context, _pairs),
}
"""By name: signals whose documents are source units."""

FILE_TEXTS: Mapping[str, TextSignal] = {
    "file_text": TextSignal(_files, _text),
    "file_title": TextSignal(_files, _title),
    "path_text": TextSignal(_paths, _text, k1=0.6, b=0.3),
    "path_title": TextSignal(_paths, _title, k1=0.6, b=0.3),
    "history_text": TextSignal(_history, _text),
    "history_title": TextSignal(_history, _title),
}
"""By name: signals whose documents are source files."""
