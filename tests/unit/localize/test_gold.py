"""How the benches count what a gold patch changed."""

import difflib

import pytest

from orchestrator.records import Location, RankedLocation
from tests.bench.gold import gold_files, gold_functions
from tests.bench.localization import at, worst_place
from tests.unit.localize.fakes import SHAPES, MemoryRepository


def _patch(old: str, new: str, *, shift: int = 0) -> str:
    """A patch of shop/shapes.py, its hunks' line numbers off by `shift`."""
    before = SHAPES.decode()
    after = before.replace(old, new)
    moved = "x = 1\n" * shift + before, "x = 1\n" * shift + after
    lines = difflib.unified_diff(*(m.splitlines(keepends=True) for m in moved), "a/shop/shapes.py", "b/shop/shapes.py")
    return "diff --git a/shop/shapes.py b/shop/shapes.py\n" + "".join(lines)


@pytest.mark.parametrize("shift", [0, 3])
def test_the_function_whose_source_differs_is_gold(shift: int) -> None:
    """Also where the patch's line numbers are off, as `git apply` allows."""
    patch = _patch("self.radius**2", "self.radius * self.radius", shift=shift)
    assert gold_files(patch) == ("shop/shapes.py",)
    assert gold_functions(patch, MemoryRepository({"shop/shapes.py": SHAPES})) == (
        ("shop/shapes.py", "Circle._squared_radius"),
    )


def test_a_new_function_is_not_gold_but_its_neighbours_are_not_either() -> None:
    """A function that did not exist cannot be found, and the one above it did not change."""
    patch = _patch("def parse_shape", "def helper():\n    pass\n\n\ndef parse_shape")
    assert gold_functions(patch, MemoryRepository({"shop/shapes.py": SHAPES})) == ()


def test_a_class_attribute_is_no_function() -> None:
    """A change outside functions counts for files only."""
    assert gold_functions(_patch("sides = 0", "sides = 1"), MemoryRepository({"shop/shapes.py": SHAPES})) == ()


def test_all_gold_locations_must_be_found() -> None:
    """The place that counts is that of the last one."""
    ranked = [RankedLocation(Location(path), 1.0) for path in ("a", "b", "c")]
    assert worst_place(ranked, [("a", None), ("c", None)]) == 2
    assert worst_place(ranked, [("a", None), ("z", None)]) > 100
    assert at([0, 2, 7], (1, 3, 10)) == "33.3 / 66.7 / 100.0"
