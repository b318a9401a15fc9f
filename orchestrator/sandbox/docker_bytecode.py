"""Byte code of the repository in an image: compiled once, and put into every later container of that image.

In a fresh container Python compiles all that a test imports, which is most of a short run's time. It takes byte code only
for a source whose modification time and size are those that it was compiled from, so what a patch changes is compiled
anew. The code comes from a container of the pristine image in which nothing of the repository was run.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
import threading
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from orchestrator.errors import SandboxError
from orchestrator.protocols import SandboxCommand, SandboxOutcome, SandboxResult

_VERSION = 1
_TIMEOUT_S = 120.0
_LIMIT_BYTES = 200_000_000
_RESULT = "/tmp/ramp-bytecode.tar.gz"  # noqa: S108 - inside the sandbox, where /tmp is private
# Tests are left out: there are many, and a run needs few of them.
_SCRIPT = """\
{setup}
set +u
touch /tmp/ramp-before
git -c safe.directory='*' ls-files -z -- '*.py' | tr '\\0' '\\n' | grep -vE '(^|/)(tests?/|test_[^/]*$)' |
  python -m compileall -q -j 2 -i - >/dev/null 2>&1
find "$PWD" -name '*.pyc' -newer /tmp/ramp-before -print0 | tar --null -cf - -T - 2>/dev/null | gzip -1 > {result}
"""


class Bytecode:
    """Packed byte code by image, on disk; shared by threads and processes, and it can be deleted at any time.

    An image's is made on its second use in this process: compiling costs about as much as two runs save.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._uses: Counter[str] = Counter()

    def packed(self, image_id: str, setup_script: str, run: Callable[[SandboxCommand], SandboxResult]) -> bytes:
        """A gzipped tar to be unpacked at /; empty where there is none, or none yet.

        `run` runs a command in a fresh container of the image. That it fails is never an error here.
        """
        said = f"{_VERSION}\0{image_id}\0{setup_script}"
        path = self._folder / f"{hashlib.sha256(said.encode()).hexdigest()[:32]}.tar.gz"
        try:
            return path.read_bytes()
        except FileNotFoundError:
            pass
        with self._lock:
            self._uses[path.name] += 1
            # The others do not wait for it.
            if self._uses[path.name] != 2:
                return b""
        packed = _compiled(setup_script, run)
        if packed is not None:
            _write(path, packed)
        return packed or b""


def _compiled(setup_script: str, run: Callable[[SandboxCommand], SandboxResult]) -> bytes | None:
    """What compiling comes to: empty where the image has nothing to compile, None where that is not known."""
    command = SandboxCommand(
        _SCRIPT.format(setup=setup_script, result=_RESULT),
        results_path=_RESULT,
        results_limit_bytes=_LIMIT_BYTES,
        timeout_s=_TIMEOUT_S,
        purpose="byte code",
    )
    try:
        result = run(command)
    except SandboxError:
        # The run that wanted it meets the same trouble and tells of it.
        return None
    if result.outcome is not SandboxOutcome.EXITED:
        return None
    return result.results if result.exit_code == 0 and result.results else b""


def _write(path: Path, packed: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".new-")
    with os.fdopen(handle, "wb") as file:
        file.write(packed)
    Path(temporary).replace(path)
