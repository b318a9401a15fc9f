"""Images with the byte code of what tests load: compiled once, instead of in every container.

In a fresh container Python compiles all that a test imports, which is most of a short run's time. One run tells which
byte code it left behind, and the sources of that (names only: a run's own byte code is never taken) are compiled in a
container of the pristine image, in which nothing of the repository runs. Python takes byte code only for a source whose
modification time and size are those that it was compiled from, so what a patch changes is compiled anew. An engine removes
these images when it stops; a killed run's go with its containers.
"""

from __future__ import annotations

import enum
import threading
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable
from contextlib import suppress
from dataclasses import dataclass

from orchestrator.errors import SandboxError
from orchestrator.protocols import SandboxCommand
from orchestrator.sandbox.docker_connection import ContainerVanished

_MANY_RUNS = 4
_TIMEOUT_S = 120.0
_NAMES = "/tmp/ramp-names"  # noqa: S108 - inside the sandbox
# Names come from a run that may lie, so only files of the repository count; what the container itself got is not to stay.
_SCRIPT = """\
{setup}
sed -n 's#^\\./\\(.*/\\)\\?__pycache__/\\([^/]*\\)\\.cpython-[0-9]*\\.pyc$#\\1\\2.py#p' {names} > {names}.py
git -c safe.directory='*' ls-files -z -- '*.py' | tr '\\0' '\\n' | grep -Fxf {names}.py > {names}
python -m compileall -q -i {names} > /dev/null 2>&1
rm -rf /tmp/ramp-names* /tmp/.ramp-*
exit 0
"""


def runs_before_preparing(expected_runs: float) -> int:
    """How many runs of an image to await, given how many are expected: preparing it costs about what two or three save.

    Where many are known to come the first one is enough; else that they come has to turn out.
    """
    return 1 if expected_runs >= _MANY_RUNS else 3


def compiling(setup_script: str, byte_code: bytes) -> SandboxCommand:
    """The command that compiles the sources of byte code, one path a line; it ends well whatever does not compile."""
    return SandboxCommand(
        _SCRIPT.format(setup=setup_script, names=_NAMES),
        files={_NAMES: byte_code},
        timeout_s=_TIMEOUT_S,
        purpose="byte code",
    )


class _State(enum.Enum):
    WAITING = "no run has told yet what it compiled"
    ASKED = "a run is going to tell"
    TOLD = "it can be made"
    MAKING = "somebody makes it"
    MADE = "it is there"
    GIVEN_UP = "there is nothing to compile, or it cannot be made"


@dataclass(slots=True)
class _Origin:
    """What is known of the prepared image of one origin (an image and a set-up script)."""

    runs: int = 0
    state: _State = _State.WAITING
    byte_code: bytes = b""
    image_id: str | None = None


class PreparedImages:
    """Prepared images by their origin. Run number `after_runs` is asked to tell, and the next use makes the image.

    With 0 none is ever made. `remove` takes the ids of images that are not wanted any more.
    """

    def __init__(self, after_runs: int, remove: Callable[[Iterable[str]], None]) -> None:
        self._after_runs = after_runs
        self._remove = remove
        self._lock = threading.Lock()
        self._origins: defaultdict[Hashable, _Origin] = defaultdict(_Origin)
        self._closed = False

    def find(self, made_from: Hashable, make: Callable[[bytes], str | None]) -> str | None:
        """The prepared image's id; None where there is none, or none yet. That it cannot be made is no error here.

        `make` gets what a run told. While one thread makes it, the others go on without.
        """
        with self._lock:
            origin = self._origins[made_from]
            if origin.state is not _State.TOLD:
                return origin.image_id
            origin.state = _State.MAKING
        image_id = None
        # The run that wanted it meets the same trouble and tells of it.
        with suppress(SandboxError, ContainerVanished):
            image_id = make(origin.byte_code)
        with self._lock:
            origin.state = _State.MADE if image_id else _State.GIVEN_UP
            if image_id is None or not self._closed:
                origin.image_id = image_id
                return image_id
        self._remove([image_id])
        return None

    def asks(self, made_from: Hashable) -> bool:
        """Whether the run that starts now, without a prepared image, is to tell; `told` has to follow then."""
        with self._lock:
            origin = self._origins[made_from]
            origin.runs += 1
            if origin.state is not _State.WAITING or not 0 < self._after_runs <= origin.runs:
                return False
            origin.state = _State.ASKED
            return True

    def told(self, made_from: Hashable, byte_code: bytes | None) -> None:
        """Take the paths of the byte code that a run left behind; None where it cannot tell: the next one is asked."""
        with self._lock:
            origin = self._origins[made_from]
            origin.byte_code = byte_code or b""
            if byte_code is None:
                origin.state = _State.WAITING
            else:
                origin.state = _State.TOLD if byte_code.strip() else _State.GIVEN_UP

    def close(self) -> None:
        """Remove all images; what is still being made goes as soon as it is done."""
        with self._lock:
            self._closed = True
            made = [origin for origin in self._origins.values() if origin.image_id]
            ids = [str(origin.image_id) for origin in made]
            for origin in made:
                origin.state, origin.image_id = _State.GIVEN_UP, None
        self._remove(ids)
