"""Functions that past commits changed, as evidence."""

from pathlib import Path

from orchestrator.localize.evidence import read_clues
from orchestrator.localize.index import open_index
from orchestrator.localize.pastchanges import change_signals, functions_named, similar_commits
from orchestrator.protocols import CommitInfo, FileChange
from tests.unit.localize.fakes import SHOP, MemoryRepository

LIKE, UNLIKE = "a1" + "0" * 38, "b2" + "0" * 38
COMMITS = (
    CommitInfo(LIKE, "Overflow of large radius", 9, ("shop/shapes.py",)),
    CommitInfo(UNLIKE, "Discounts add up", 8, ("shop/basket.py",)),
)
CHANGES = (
    FileChange(LIKE, "shop/shapes.py", ("area", "gone"), "overflow radius"),
    FileChange(UNLIKE, "shop/basket.py", ("total_price",), "discount"),
    FileChange(LIKE, "tests/test_shapes.py", ("test_area",), "overflow overflow"),
)
CLUES = read_clues("Overflow for a large circle\n\nIt overflows.")


def test_the_commit_most_like_the_title_points_at_what_it_changed(tmp_path: Path) -> None:
    """A function changed by a like commit scores; names that are gone, tests and unlike commits do not."""
    index = open_index(tmp_path).load(MemoryRepository(SHOP, commits=COMMITS))
    commits = similar_commits(index, CLUES)
    assert commits[LIKE] > commits.get(UNLIKE, 0.0) == 0.0
    signals = change_signals(index, CLUES, commits, CHANGES)
    (area,) = functions_named(index, "shop/shapes.py", "area")
    for scores in signals.values():
        assert scores[area] > 0
        assert [n for n in range(len(scores)) if scores[n] > 0] == [area]


def test_without_history_there_is_no_score(tmp_path: Path) -> None:
    """A shallow clone gives zeros, not an error."""
    index = open_index(tmp_path).load(MemoryRepository(SHOP))
    assert similar_commits(index, CLUES) == {}
    assert not any(scores.any() for scores in change_signals(index, CLUES, {}, ()).values())


def test_a_class_is_no_function(tmp_path: Path) -> None:
    """Functions are found by file and last name."""
    index = open_index(tmp_path).load(MemoryRepository(SHOP))
    assert functions_named(index, "shop/shapes.py", "Circle") == []
    assert functions_named(index, "shop/basket.py", "area") == []
