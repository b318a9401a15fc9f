"""A second search, of the files alone that a first one likes best.

There, what is rare is what tells their functions apart: the name of a class that the issue is about is rare in a repository,
and says nothing among its methods.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from orchestrator.localize.bm25 import FloatArray, bm25
from orchestrator.localize.corpus import RepositoryIndex
from orchestrator.localize.evidence import Clues
from orchestrator.localize.fusion import share
from orchestrator.localize.packing import IntArray
from orchestrator.localize.queries import title_and_text

_FIRST_SEARCH = ("unit_context", "best_context_title", "file_text", "file_title", "path_text", "history_title")


def best_files(files: Mapping[str, FloatArray], count: int) -> IntArray:
    """The `count` files that a first search, by some of `file_signals`, likes best."""
    liking = np.sum([share(files[name]) for name in _FIRST_SEARCH], axis=0)
    return np.argsort(-liking, kind="stable")[:count].astype(np.int32)


def search_files(index: RepositoryIndex, clues: Clues, files: IntArray) -> FloatArray:
    """BM25 over the functions of a few files."""
    chosen = np.zeros(len(index.sources.files), bool)
    chosen[files] = True
    within = chosen[index.sources.unit_files] & index.is_function
    return bm25(index.context_postings, title_and_text(clues), within=within)
