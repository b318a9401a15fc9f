"""Images with the byte code of their own repository: compiled once, instead of in every container.

In a fresh container Python compiles all that a test imports, which is most of a short run's time. It takes byte code only
for a source whose modification time and size are those that it was compiled from, so what a patch changes is compiled
anew. The code is made in a container of the pristine image, in which nothing of the repository runs. An engine removes
these images when it stops; a killed run's go with its containers.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Hashable, Iterable

from orchestrator.errors import SandboxError
from orchestrator.protocols import SandboxCommand
from orchestrator.sandbox.docker_connection import ContainerVanished

_TIMEOUT_S = 120.0
# Tests are left out: there are many, and a run needs few of them. What the container itself got is not to stay in the image.
_SCRIPT = """\
{setup}
git -c safe.directory='*' ls-files -z -- '*.py' | tr '\\0' '\\n' | grep -vE '(^|/)(tests?/|test_[^/]*$)' > /tmp/ramp-sources
python -m compileall -q -j 2 -i /tmp/ramp-sources > /dev/null 2>&1
rm -rf /tmp/ramp-sources /ramp-*
exit 0
"""


def compiling(setup_script: str) -> SandboxCommand:
    """The command that compiles a repository's sources; it ends well whatever does not compile."""
    return SandboxCommand(_SCRIPT.format(setup=setup_script), timeout_s=_TIMEOUT_S, purpose="byte code")


class PreparedImages:
    """Prepared images by what each was made from, each made on use number `on_use`: it costs about what three runs save.

    `remove` takes the ids of images that are not wanted any more.
    """

    def __init__(self, on_use: int, remove: Callable[[Iterable[str]], None]) -> None:
        self._on_use = on_use
        self._remove = remove
        self._lock = threading.Lock()
        self._uses: Counter[Hashable] = Counter()
        self._made: dict[Hashable, str] = {}
        self._closed = False

    def find(self, made_from: Hashable, make: Callable[[], str | None]) -> str | None:
        """The id of the prepared image; None where there is none, or none yet. That it cannot be made is no error here."""
        with self._lock:
            self._uses[made_from] += 1
            # While one thread makes it, the others go on without.
            if self._uses[made_from] != self._on_use:
                return self._made.get(made_from)
        try:
            image_id = make()
        except (SandboxError, ContainerVanished):
            # The run that wanted it meets the same trouble and tells of it.
            return None
        if image_id is None:
            return None
        with self._lock:
            if not self._closed:
                self._made[made_from] = image_id
                return image_id
        self._remove([image_id])
        return None

    def close(self) -> None:
        """Remove all images; what is still being made goes as soon as it is done."""
        with self._lock:
            self._closed, ids = True, tuple(self._made.values())
            self._made.clear()
        self._remove(ids)
