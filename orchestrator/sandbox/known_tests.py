"""Outcomes of test files at base_commit that earlier runs found out, by image digest: no image is asked the same twice.

One small file for each test file, written beside and renamed, so that any number of threads and processes may share the
folder. It can be deleted at any time.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from orchestrator.records import Task, TestFileBaseline

if TYPE_CHECKING:
    from pydantic import TypeAdapter

_VERSION = 1
_BUSY = 1.5


def machine_is_busy() -> bool:
    """Whether so much runs here that what a command took says little about it."""
    return os.getloadavg()[0] > _BUSY * (os.cpu_count() or 1)


class KnownTests:
    """The test files known of one task's image. With an empty digest nothing is known and nothing is kept.

    A file that a busy machine had to cut, or in which nothing ended, is not kept: the next run may have the time.
    """

    def __init__(
        self, folder: Path, task: Task, image_digest: str, is_busy: Callable[[], bool] = machine_is_busy
    ) -> None:
        self._is_busy = is_busy
        said = [_VERSION, image_digest, task.base_commit, task.setup_script, task.test_command, task.log_parser]
        name = hashlib.sha256(json.dumps(said).encode()).hexdigest()[:32]
        self._folder = folder / name if image_digest else None

    def find(self, test_file: str, limit_s: float) -> TestFileBaseline | None:
        """What is known of a file; None where nothing is, or where it was cut at a shorter limit than `limit_s`."""
        kept = self._folder and _read(self._path(self._folder, test_file))
        found = kept[1] if kept else None
        return None if found is None or (not found.ended and found.limit_s < limit_s) else found

    def keep(self, test_file: str, found: TestFileBaseline) -> None:
        """Keep what was found out of a file."""
        if self._folder is None or (not found.ended and (not found.statuses or self._is_busy())):
            return
        self._folder.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=self._folder, prefix=".new-")
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump({"path": test_file, "found": asdict(found)}, file)
        Path(temporary).replace(self._path(self._folder, test_file))

    def seconds(self) -> Mapping[str, float]:
        """How long files take, by path; one that was cut takes at least its limit."""
        if self._folder is None or not self._folder.is_dir():
            return {}
        kept = filter(None, (_read(path) for path in self._folder.glob("*.json")))
        return {path: found.duration_s if found.ended else found.limit_s for path, found in kept}

    @staticmethod
    def _path(folder: Path, test_file: str) -> Path:
        return folder / f"{hashlib.sha256(test_file.encode('utf-8', 'surrogateescape')).hexdigest()[:32]}.json"


def _read(path: Path) -> tuple[str, TestFileBaseline] | None:
    try:
        data: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        found: TestFileBaseline = _adapter().validate_python(data["found"])
    except (FileNotFoundError, ValueError, KeyError):
        # A damaged file is an unknown one; it is written anew.
        return None
    return str(data["path"]), found


@cache
def _adapter() -> TypeAdapter[TestFileBaseline]:
    from pydantic import TypeAdapter

    return TypeAdapter(TestFileBaseline)
