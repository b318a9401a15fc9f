"""The walk along calls from what an issue names."""

from pathlib import Path

import numpy as np
import pytest

from orchestrator.localize.bm25 import FloatArray
from orchestrator.localize.corpus import RepositoryIndex
from orchestrator.localize.index import open_index
from orchestrator.localize.snippet import Uses
from orchestrator.localize.walk import CallResolver, method_of, reached, seeds
from tests.unit.localize.fakes import MemoryRepository

QUERY = b"""from lib.engine import Engine


class Base:
    def __init__(self):
        self.start()

    def start(self):
        pass


class Query(Base):
    def run(self):
        return self.prepare() + Engine().execute()

    def prepare(self):
        return 1


class Other:
    def prepare(self):
        return 2
"""
ENGINE = b"""class Engine:
    def execute(self):
        return evaluate_tree()

    def prepare(self):
        return 3


def evaluate_tree():
    return 4
"""


@pytest.fixture
def index(tmp_path: Path) -> RepositoryIndex:
    """A facade that hands over to an engine; three definitions are called `prepare`."""
    files = {"lib/__init__.py": b"", "lib/query.py": QUERY, "lib/engine.py": ENGINE}
    return open_index(tmp_path).load(MemoryRepository(files))


def _unit(index: RepositoryIndex, name: str) -> int:
    units = index.by_name[name.rpartition(".")[2]]
    return next(u for u in units if index.location(u).qualified_name == name)


def _named(index: RepositoryIndex, name: str) -> FloatArray:
    scores = np.zeros(len(index.sources.units))
    scores[_unit(index, name)] = 1.0
    return scores


def test_a_name_means_the_method_of_its_own_class_first(index: RepositoryIndex) -> None:
    """`self.prepare` in a class is that class's, whoever else has one."""
    used = CallResolver(index).used_by(_unit(index, "Query.run"))
    assert _unit(index, "Query.prepare") in used
    assert _unit(index, "Other.prepare") not in used
    assert _unit(index, "Engine.prepare") not in used
    assert sum(used.values()) == pytest.approx(1.0)


def test_the_walk_reaches_what_the_named_function_hands_over_to(index: RepositoryIndex) -> None:
    """Two steps away too, with less chance; what nothing calls is not reached, nor is the seed for being one."""
    walked = reached(_named(index, "Query.run"), CallResolver(index))
    near, far = walked[_unit(index, "Engine.execute")], walked[_unit(index, "evaluate_tree")]
    assert near > far > 0
    assert walked[_unit(index, "Other.prepare")] == 0
    assert walked[_unit(index, "Query.run")] == 0


def test_a_class_that_is_made_starts_at_its_constructor(index: RepositoryIndex) -> None:
    """Also at one that it inherits, and only where the issue's code makes or extends the class."""
    resolver = CallResolver(index)
    named = _named(index, "Query")
    inherited = _unit(index, "Base.__init__")
    assert seeds(index, named, Uses(("Query",), (), ()), resolver)[inherited] > 0
    assert seeds(index, named, Uses((), ("Query",), ()), resolver)[inherited] > 0
    assert seeds(index, named, Uses((), (), ()), resolver)[inherited] == 0


def test_a_method_that_no_class_has_is_not_found(index: RepositoryIndex) -> None:
    """Neither in the class nor in its bases."""
    assert method_of(index, CallResolver(index), _unit(index, "Query"), "__len__") is None


def test_nothing_named_reaches_nothing(index: RepositoryIndex) -> None:
    """All zero, without a division by it."""
    assert not reached(np.zeros(len(index.sources.units)), CallResolver(index)).any()
