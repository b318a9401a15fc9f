"""Replies written by hand."""

from __future__ import annotations

from tests.bench.corpus.generate import Case


def handwritten() -> list[Case]:
    """All of them."""
    return []
