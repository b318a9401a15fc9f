"""A finished run of the laboratory, and a copy of it; modules that need another have their own."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.flow.lab import Lab


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Lab:
    """A lab whose run is over: repairs, refusals, an escalation, a wrong patch and nothing at all."""
    done = Lab(tmp_path_factory.mktemp("lab"))
    done.start()
    return done


@pytest.fixture
def copied(lab: Lab, tmp_path: Path) -> Path:
    """A copy of that run, to be changed."""
    return Path(shutil.copytree(lab.run_folder, tmp_path / "runs" / "lab"))
