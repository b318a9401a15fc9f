"""A repository in memory, and a small package to rank."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence

from orchestrator.errors import RepositoryError
from orchestrator.protocols import CommitInfo, FileChange, TreeEntry

SHAPES = b'''"""Shapes and their areas."""

import math

from shop.errors import ShapeError


class Circle:
    """A circle."""

    sides = 0

    def __init__(self, radius):
        self.radius = radius

    def area(self):
        """Area of the circle."""
        return math.pi * self._squared_radius()

    def _squared_radius(self):
        return self.radius**2


def parse_shape(text):
    """Read a shape from text."""
    kind, _, size = text.partition(":")
    if kind != "circle":
        raise ShapeError("unknown kind of shape")
    return Circle(float(size))
'''
BASKET = b'''"""The shopping basket."""

from shop.shapes import parse_shape


def total_price(items, discount_rate=0):
    """Sum of all prices less the discount."""
    return sum(item.price for item in items) * (1 - discount_rate)


def add_shape(basket, text):
    basket.append(parse_shape(text))
'''
TEST_SHAPES = b"""from shop.shapes import Circle, parse_shape


def test_area():
    assert Circle(1).area() > 3


def test_parse_shape_circle():
    assert parse_shape("circle:2").radius == 2
"""
TEST_BASKET = b"""from shop import basket


def test_total_price():
    assert basket.total_price([]) == 0
"""
SHOP: dict[str, bytes] = {
    "README.md": b"# shop\n",
    "shop/__init__.py": b"",
    "shop/basket.py": BASKET,
    "shop/errors.py": b"class ShapeError(ValueError):\n    pass\n",
    "shop/shapes.py": SHAPES,
    "tests/conftest.py": b"import pytest\n",
    "tests/test_basket.py": TEST_BASKET,
    "tests/test_shapes.py": TEST_SHAPES,
}


class MemoryRepository:
    """Implements Repository; counts the blobs that were read."""

    def __init__(
        self,
        files: Mapping[str, bytes],
        *,
        commits: tuple[CommitInfo, ...] = (),
        changes: tuple[FileChange, ...] = (),
        base_commit: str = "c" * 40,
        others: Iterable[TreeEntry] = (),
        absent: Iterable[str] = (),
    ) -> None:
        self.base_commit = base_commit
        self.blobs_read: list[str] = []
        self._commits = commits
        self._changes = changes
        self._absent = {blob_id(files[path]) for path in absent}
        self._blobs = {blob_id(data): data for data in files.values()}
        self._files = dict(files)
        sizes = {p: -1 if blob_id(d) in self._absent else len(d) for p, d in files.items()}
        self._entries = {p: TreeEntry(p, "100644", blob_id(d), sizes[p]) for p, d in files.items()}
        self._entries.update((entry.path, entry) for entry in others)

    def entries(self) -> Mapping[str, TreeEntry]:
        """All entries."""
        return self._entries

    def read(self, path: str) -> bytes:
        """A file."""
        return self._files[path]

    def read_blobs(self, blob_ids: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        """Blobs in order; an absent one raises."""
        for each in blob_ids:
            if each in self._absent:
                raise RepositoryError(f"blob {each} is not there")
            self.blobs_read.append(each)
            yield each, self._blobs[each]

    def history(self, limit: int) -> tuple[CommitInfo, ...]:
        """The commits given."""
        return self._commits[:limit]

    def changes(self, commit_ids: Sequence[str]) -> tuple[FileChange, ...]:
        """Those of the changes given that are of the commits."""
        return tuple(change for change in self._changes if change.commit_id in commit_ids)

    def archive(self) -> bytes:
        """Not used here."""
        return b""


def blob_id(data: bytes) -> str:
    """Git's id of a blob."""
    return hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()


def count_tokens(text: str) -> int:
    """One token for three characters, rounded up."""
    return -(-len(text) // 3)
