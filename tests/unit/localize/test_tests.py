"""Which tests reach a function."""

from pathlib import Path

import pytest

from orchestrator.localize import tests as reach
from orchestrator.localize.corpus import RepositoryIndex
from orchestrator.localize.index import open_index
from orchestrator.records import Location
from tests.unit.localize.fakes import SHOP, MemoryRepository

AREA = Location("shop/shapes.py", "Circle.area", 18, 20)
TOTAL = Location("shop/basket.py", "total_price", 6, 8)


@pytest.fixture
def index(tmp_path: Path) -> RepositoryIndex:
    """The shop, with a test that reaches shapes only through the package."""
    package = {
        "shop/__init__.py": b"from shop.shapes import Circle\n",
        "tests/test_api.py": b"import shop\nshop.anything\n",
    }
    return open_index(tmp_path).load(MemoryRepository(SHOP | package))


def test_the_test_that_uses_the_function_comes_first(index: RepositoryIndex) -> None:
    """Direct use and import outweigh reaching it through the package."""
    assert reach.tests_reaching(index, [AREA], 60, {}) == ("tests/test_shapes.py", "tests/test_api.py")
    assert reach.tests_reaching(index, [TOTAL], 60, {})[0] == "tests/test_basket.py"


def test_earlier_locations_weigh_more(index: RepositoryIndex) -> None:
    """The most suspicious function's tests come first."""
    assert reach.tests_reaching(index, [TOTAL, AREA], 60, {})[0] == "tests/test_basket.py"
    assert reach.tests_reaching(index, [AREA, TOTAL], 60, {})[0] == "tests/test_shapes.py"


def test_the_budget_is_kept(index: RepositoryIndex) -> None:
    """A file that does not fit is passed over for a shorter one; unknown files count as 5 s."""
    assert reach.tests_reaching(index, [AREA], 4, {"tests/test_shapes.py": 9, "tests/test_api.py": 3}) == (
        "tests/test_api.py",
    )
    assert reach.tests_reaching(index, [AREA], 5, {}) == ("tests/test_shapes.py",)
    assert reach.tests_reaching(index, [AREA], 0, {}) == ()


def test_an_unknown_place_reaches_nothing(index: RepositoryIndex) -> None:
    """A file that is not there has no tests."""
    assert reach.tests_reaching(index, [Location("gone.py", "f")], 60, {}) == ()


@pytest.mark.parametrize(
    ("path", "runnable"), [("tests/conftest.py", False), ("tests/models.py", False), ("tests/q/tests.py", True)]
)
def test_support_files_are_not_run(path: str, *, runnable: bool) -> None:
    """Only files that hold tests by name are named."""
    assert reach.is_runnable(path) is runnable
