"""`--lean`: the grading script without what cannot change a verdict. Opt-in, and stamped on every verdict.

Left out: git's informational calls (`status`, `show`, `diff`: in a fresh container they hash the whole tree), and the
re-install, where it is editable and neither patch touches packaging or compiled files. A Docker engine may also run in an
image that holds the byte code of what its own tests load (`sandbox/docker_prepared.py`).
"""

from __future__ import annotations

import re

from orchestrator.diffs import touched_paths

_LOOKING = re.compile(r"git (status|show|(-c \S+ )?diff [0-9a-f]{40})\s*$")
_EDITABLE_INSTALL = re.compile(r"(python3? -m )?pip3? install\b.*\s-e\s+\S+(\s+--\S+)*\s*$")
_NEEDS_INSTALL = re.compile(
    r"(^|/)(setup\.(py|cfg)|pyproject\.toml|MANIFEST\.in|requirements[^/]*|meson\.build|CMakeLists\.txt|[^/]*\.pth|[^/]*\.toml)$"
    r"|(^|/)requirements/|\.(pyx|pxd|pxi|c|cc|cpp|h|hpp|f|f90|so|in|cfg)$"
)


def lean_script(eval_script: str, *patches: str) -> str:
    """The script with the lines above left out; unknown lines stay."""
    keep_install = any(_NEEDS_INSTALL.search(path) for patch in patches for path in touched_paths(patch))
    lines = eval_script.split("\n")
    # Only what comes before the test patch: from there on lines may be its own.
    end = next((i for i, line in enumerate(lines) if line.startswith(("git checkout", "git apply"))), len(lines))
    head = [line for line in lines[:end] if not _leaves_out(line, keep_install=keep_install)]
    return "\n".join(head + lines[end:])


def _leaves_out(line: str, *, keep_install: bool) -> bool:
    return bool(_LOOKING.match(line) or (not keep_install and _EDITABLE_INSTALL.match(line)))
