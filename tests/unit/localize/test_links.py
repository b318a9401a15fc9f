"""Paths, names and imports resolved to places."""

from pathlib import Path

import numpy as np
import pytest

from orchestrator.localize.corpus import RepositoryIndex
from orchestrator.localize.index import open_index
from orchestrator.localize.propagation import CallGraph, name_under_test
from orchestrator.localize.resolve import files_of_path, module_of_dotted, units_of_dotted
from tests.unit.localize.fakes import SHOP, MemoryRepository


@pytest.fixture
def index(tmp_path: Path) -> RepositoryIndex:
    """The shop below src/, with a package that re-exports, and a second file of the same name."""
    files = {f"src/{p}" if p.startswith("shop") else p: d for p, d in SHOP.items()}
    files["src/shop/__init__.py"] = b"from .shapes import Circle\n"
    files["src/other/shapes.py"] = b"def area():\n    pass\n"
    return open_index(tmp_path).load(MemoryRepository(files))


def _paths(index: RepositoryIndex, numbers: tuple[int, ...]) -> set[str]:
    return {index.sources.files[n].path for n in numbers}


@pytest.mark.parametrize(
    ("printed", "expected"),
    [
        ("src/shop/basket.py", {"src/shop/basket.py"}),
        ("/usr/lib/python3/site-packages/shop/basket.py", {"src/shop/basket.py"}),
        ("C:\\work\\shop\\basket.py", {"src/shop/basket.py"}),
        ("./shop/basket.py", {"src/shop/basket.py"}),
        ("shapes.py", {"src/shop/shapes.py", "src/other/shapes.py"}),
        ("/usr/lib/python3/json/basket.py", set()),
        ("tbasket.py", set()),
    ],
)
def test_printed_paths(index: RepositoryIndex, printed: str, expected: set[str]) -> None:
    """Installed and short paths find their file; a namesake elsewhere does not count; an unclear one gives all."""
    assert _paths(index, files_of_path(index, printed)) == expected


@pytest.mark.parametrize(
    ("dotted", "expected"),
    [
        ("shop.shapes.Circle.area", ["Circle.area"]),
        ("Circle.area", ["Circle.area"]),
        ("shop.Circle", ["Circle"]),
        ("numpy.linspace", []),
        ("self.area", []),
    ],
)
def test_dotted_names(index: RepositoryIndex, dotted: str, expected: list[str]) -> None:
    """By module, by class, through a package that re-exports; other names find nothing."""
    found = [index.sources.units[n].definition for n in units_of_dotted(index, dotted)]
    assert [d.qualified_name for d in found if d] == expected


def test_the_longest_module_wins(index: RepositoryIndex) -> None:
    """What is left of a dotted name are names within the module."""
    found = module_of_dotted(index, "shop.shapes.Circle.area")
    assert found is not None
    assert (index.sources.files[found[0]].path, found[1]) == ("src/shop/shapes.py", ("Circle", "area"))


def test_imports_between_sources(index: RepositoryIndex) -> None:
    """Absolute and relative imports are edges; other packages are not."""
    graph = index.imports
    edges = {
        (index.sources.files[a].path, index.sources.files[b].path)
        for a, b in zip(graph.importer.tolist(), graph.imported.tolist(), strict=True)
    }
    assert edges == {
        ("src/shop/__init__.py", "src/shop/shapes.py"),
        ("src/shop/basket.py", "src/shop/shapes.py"),
        ("src/shop/shapes.py", "src/shop/errors.py"),
    }


def test_uses_of_a_name_with_few_definitions_are_calls(index: RepositoryIndex) -> None:
    """add_shape uses parse_shape; a definition does not use itself."""
    names = [u.definition.qualified_name if u.definition else "" for u in index.sources.units]
    edges = {(names[a], names[b]) for a, b in zip(index.calls.user.tolist(), index.calls.used.tolist(), strict=True)}
    assert ("add_shape", "parse_shape") in edges
    assert ("Circle.area", "Circle._squared_radius") in edges
    assert all(a != b or not a for a, b in edges)


def test_scores_spread_along_edges() -> None:
    """What is used gets its user's score, damped by how much the user uses."""
    graph = CallGraph(np.array([0, 0], np.int32), np.array([1, 2], np.int32), 3)
    assert graph.to_used(np.array([1.0, 0.0, 0.0])) == pytest.approx([0, 0.5**0.5, 0.5**0.5])
    assert graph.to_users(np.array([0.0, 1.0, 1.0])) == pytest.approx([2, 0, 0])


def test_tests_share_out_what_they_exercise(index: RepositoryIndex) -> None:
    """Shares sum to one, over what is imported and the namesake."""
    test = next(n for n, f in enumerate(index.tests.files) if f.path == "tests/test_shapes.py")
    shares = index.test_links.shares[test]
    assert sum(shares.values()) == pytest.approx(1.0)
    assert max(shares, key=lambda n: shares[n]) == index.file_numbers["src/shop/shapes.py"]


@pytest.mark.parametrize(
    ("path", "stem"),
    [("tests/test_lexer.py", "lexer"), ("tests/queries/tests.py", "queries"), ("tests/conftest.py", "")],
)
def test_what_a_test_file_is_named_after(path: str, stem: str) -> None:
    """Its own name, or its folder's where that says nothing."""
    assert name_under_test(path) == stem
