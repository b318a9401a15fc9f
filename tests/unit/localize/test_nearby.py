"""A second search, of the best files alone."""

from pathlib import Path

import numpy as np
import pytest

from orchestrator.localize.corpus import RepositoryIndex
from orchestrator.localize.evidence import read_clues
from orchestrator.localize.index import open_index
from orchestrator.localize.nearby import best_files, search_files
from orchestrator.localize.signals import file_signals, unit_signals
from tests.unit.localize.fakes import MemoryRepository

MAILER = b"""class Mailer:
    def deliver(self, envelope):
        transport = self.connect(envelope)
        transport.handshake(envelope)

    def connect(self, envelope):
        return open_socket(envelope.relay)
"""
SPOOL = b"""def handshake(transport, envelope):
    transport.greet(envelope.relay)


def rotate_logs(folder):
    return sorted(folder)
"""


@pytest.fixture
def index(tmp_path: Path) -> RepositoryIndex:
    """A mailer, a file that shares its words but not those of the issue, and files that share none."""
    others = {f"post/other{n}.py": b"def unrelated():\n    return 1\n" for n in range(6)}
    files = {"post/__init__.py": b"", "post/mailer.py": MAILER, "post/spool.py": SPOOL, **others}
    return open_index(tmp_path).load(MemoryRepository(files))


def _unit(index: RepositoryIndex, name: str) -> int:
    return index.by_name[name][0]


def test_a_search_of_the_best_files_scores_their_functions_only(index: RepositoryIndex) -> None:
    """Functions of other files, classes and modules score nothing."""
    clues = read_clues("Mailer.deliver fails to connect in unrelated cases")
    files = file_signals(index, clues, unit_signals(index, clues) | _nothing(index))
    scores = search_files(index, clues, best_files(files, 1))
    assert set(np.flatnonzero(scores).tolist()) == {_unit(index, "deliver"), _unit(index, "connect")}
    assert search_files(index, clues, best_files(files, 9))[_unit(index, "unrelated")] > 0


def _nothing(index: RepositoryIndex) -> dict[str, np.ndarray]:
    return {name: np.zeros(len(index.sources.units)) for name in ("past_hunks", "past_lines")}
