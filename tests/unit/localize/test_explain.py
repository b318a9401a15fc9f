"""What the evidence of a ranking says."""

from pathlib import Path

import numpy as np
import pytest

from orchestrator.localize.fusion import explain
from orchestrator.localize.index import open_index
from orchestrator.localize.rank import localize
from orchestrator.protocols import CommitInfo
from orchestrator.records import RankedLocation
from tests.unit.localize.fakes import SHOP, MemoryRepository

ISSUE = """parse_shape() refuses the unknown kind of shape "square"

`shop.shapes.parse_shape` should take it; see shop/shapes.py, and #41 which made Circle.

Traceback (most recent call last):
  File "/site-packages/shop/shapes.py", line 29, in parse_shape
ShapeError: unknown kind of shape
"""


@pytest.fixture
def told(tmp_path: Path) -> dict[str, dict[str, str]]:
    """Evidence of the first file and of the first function, by signal."""
    commits = (
        CommitInfo("a1" + "0" * 38, "Parse the kind of a shape (#41)\n\nAnd more.", 9, ("shop/shapes.py",)),
        CommitInfo("b2" + "0" * 38, "Discounts", 8, ("shop/basket.py",)),
    )
    repository = MemoryRepository(SHOP, commits=commits)
    found = localize(open_index(tmp_path).load(repository), repository, ISSUE)
    assert (found.files[0].location.path, found.functions[0].location.qualified_name) == (
        "shop/shapes.py",
        "parse_shape",
    )

    def by_signal(place: RankedLocation) -> dict[str, str]:
        return {e.signal: e.detail for e in place.evidence}

    return {"file": by_signal(found.files[0]), "function": by_signal(found.functions[0])}


def test_words_that_matched_are_named_rarest_first(told: dict[str, dict[str, str]]) -> None:
    """A text signal says which of the issue's words the function holds, and none that it does not hold."""
    words = told["function"]["text"].split(", ")
    assert {"parse_shape", "unknown"} <= set(words)
    assert "refuses" not in words


def test_a_frame_is_quoted_as_printed(told: dict[str, dict[str, str]]) -> None:
    """The traceback's line that led to the function is there."""
    assert told["function"]["frame"] == 'File "/site-packages/shop/shapes.py", line 29, in parse_shape'


def test_a_dotted_name_is_quoted(told: dict[str, dict[str, str]]) -> None:
    """The name that resolved to the function is there as the issue writes it."""
    assert "shop.shapes.parse_shape" in told["function"]["dotted"]


def test_past_commits_are_named_by_id_and_first_line(told: dict[str, dict[str, str]]) -> None:
    """History says which commit, not only that there is one."""
    assert told["file"]["commits_title"] == "a100000000 Parse the kind of a shape (#41)"


def test_files_say_which_of_their_functions_and_which_printed_path(told: dict[str, dict[str, str]]) -> None:
    """A file's evidence leads to its best function, and to the path as printed."""
    assert told["file"]["unit_text"].startswith("parse_shape")
    assert "shop/shapes.py" in told["file"]["path_mention"]


def test_no_evidence_is_a_bare_rank(told: dict[str, dict[str, str]]) -> None:
    """Every signal says what it saw."""
    for details in told.values():
        assert not [text for text in details.values() if not text or text.startswith("number ")]


def test_a_raw_value_is_evidence_only_where_it_is_above_the_usual() -> None:
    """Every file has a size; what is told is that this one is larger than most."""
    features = {
        "size": np.array([8.0, 8.0, 2.0]),
        "is_class": np.array([1.0, 0.0, 0.0]),
        "path.share": np.array([0.5, 0.0, 0.0]),
    }
    weights = {"size": 1.0, "path.share": 1.0, "is_class": -2.0}
    large, small = (explain(n, features, weights, {}) for n in (0, 2))
    assert [(e.signal, round(e.weight, 2)) for e in large] == [("size", 0.8), ("path", 0.2)]
    assert small == ()
