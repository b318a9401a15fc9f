"""Temporary folders of processes that are gone."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from orchestrator.scratch import lives, make_scratch, sweep_scratch

MAKE_AND_DIE = """
import os, signal, sys
from pathlib import Path
from orchestrator.scratch import make_scratch
(make_scratch("seed", Path(sys.argv[1])) / "file").write_text("left")
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_only_what_a_killed_process_left_is_removed(tmp_path: Path) -> None:
    """Our own folders, other people's and links stay."""
    mine = make_scratch("git", tmp_path)
    child = subprocess.Popen([sys.executable, "-c", MAKE_AND_DIE, str(tmp_path)])
    child.wait()
    assert not lives(child.pid)
    others = [tmp_path / f"ramp-seed-p{child.pid}", tmp_path / f"else-ramp-git-p{child.pid}-abc"]
    for folder in others:
        folder.mkdir()
    link = tmp_path / f"ramp-git-p{child.pid}-link"
    link.symlink_to(mine)
    assert len(list(tmp_path.glob(f"ramp-seed-p{child.pid}-*"))) == 1
    assert sweep_scratch(tmp_path) == 1
    assert sorted(tmp_path.iterdir()) == sorted([mine, *others, link])
