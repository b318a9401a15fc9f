"""Temporary folders that carry the id of the process that made them, so that a later one can clear up after a killed one."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from pathlib import Path

_NAME = re.compile(r"ramp-(?:seed|git)-p(\d+)-\w+")


def make_scratch(kind: str, parent: Path | None = None) -> Path:
    """A new folder of a `kind` (seed or git) in `parent`, by default the system's place for temporary files."""
    return Path(tempfile.mkdtemp(prefix=f"ramp-{kind}-p{os.getpid()}-", dir=parent))


def sweep_scratch(parent: Path | None = None) -> int:
    """Remove such folders of processes that are gone; returns how many. Other users' folders are left alone."""
    swept = 0
    for entry in os.scandir(parent or tempfile.gettempdir()):
        found = _NAME.fullmatch(entry.name)
        if found and entry.is_dir(follow_symlinks=False) and not lives(int(found[1])):
            shutil.rmtree(entry.path, ignore_errors=True)
            swept += not Path(entry.path).exists()
    return swept


def lives(process_id: int) -> bool:
    """Whether a process of this machine is there, whoever owns it."""
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
