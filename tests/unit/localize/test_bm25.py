"""BM25 and grouping."""

import math

import numpy as np
import pytest

from orchestrator.localize.bm25 import bm25, build_postings, top_sums


def _postings(documents: list[list[str]]):
    ids: dict[str, int] = {}
    pairs = [(ids.setdefault(t, len(ids)), n) for n, d in enumerate(documents) for t in d]
    term, document = (np.array(column, np.int32) for column in zip(*pairs, strict=True))
    return build_postings(ids, term, document, np.ones(len(pairs), np.int32), len(documents))


def test_scores_follow_the_formula() -> None:
    """Checked by hand: idf * tf * (k1 + 1) / (tf + k1 * (1 - b + b * length / average))."""
    postings = _postings([["a", "a", "b"], ["b"], ["c", "d"]])
    idf = math.log(1 + (3 - 1 + 0.5) / (1 + 0.5))
    expected = idf * 2 * 2.2 / (2 + 1.2 * (0.25 + 0.75 * 3 / 2))
    assert bm25(postings, {"a": 1.0}) == pytest.approx([expected, 0, 0])


def test_a_document_is_listed_once_for_a_term_in_whatever_order_it_comes() -> None:
    """Counts add up; documents are in order."""
    columns = ([1, 0, 1, 1, 0], [2, 1, 0, 2, 0], [3, 1, 4, 5, 9])
    term, document, count = (np.array(column, np.int32) for column in columns)
    postings = build_postings({"a": 0, "b": 1}, term, document, count, 3)
    told = {name: [column.tolist() for column in postings.occurrences(name)] for name in ("a", "b", "c")}
    assert told == {"a": [[0, 1], [9, 1]], "b": [[0, 2], [4, 8]], "c": [[], []]}


def test_weights_and_unknown_terms() -> None:
    """A term's weight scales its part; a term that occurs nowhere changes nothing."""
    postings = _postings([["a"], ["b"]])
    assert bm25(postings, {"a": 2.0, "z": 9.0}) == pytest.approx(2 * bm25(postings, {"a": 1.0}))


def test_an_empty_corpus_scores_nothing() -> None:
    """No document, no score, no division by zero."""
    empty = np.empty(0, np.int32)
    assert bm25(build_postings({}, empty, empty, empty, 0), {"a": 1.0}).shape == (0,)


def test_top_sums_takes_the_best_of_each_group() -> None:
    """The best two of each group are summed; a group without members is 0."""
    scores = np.array([1.0, 5.0, 2.0, 7.0, 3.0])
    assert top_sums(scores, np.array([0, 0, 0, 2, 2]), 4, 2).tolist() == [7.0, 0.0, 10.0, 0.0]


def test_a_search_within_some_documents_counts_rarity_among_them() -> None:
    """A word that is rare on the whole, but in all that is searched, weighs less than one that tells these apart."""
    ids = {"engine": 0, "valve": 1}
    term, document = np.array([0, 0, 1, 1, 1, 1], np.int32), np.array([0, 1, 1, 2, 3, 4], np.int32)
    postings = build_postings(ids, term, document, np.ones(6, np.int32), 5)
    within = np.array([True, True, False, False, False])
    everywhere, inside = (bm25(postings, {"engine": 1.0, "valve": 1.0}, within=w) for w in (None, within))
    assert everywhere[0] > everywhere[2] > 0
    assert inside[2:].tolist() == [0, 0, 0]
    assert inside[1] > inside[0]
    assert bm25(postings, {"valve": 1.0}, within=within)[1] > bm25(postings, {"engine": 1.0}, within=within)[1]
