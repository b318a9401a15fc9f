"""What a finished diff (a dataset's, a prediction's) touches, read by unidiff. Models' replies are read by `edits`."""

from __future__ import annotations

import re

_HEADER = re.compile(r"^(?:---|\+\+\+) (.+?)(?:\t.*)?\s*$", re.MULTILINE)


def touched_paths(patch: str) -> tuple[str, ...]:
    """Every path that a git or plain unified diff names, old and new, in its order, each once.

    Where unidiff refuses it (a miscounted hunk, which `patch` takes all the same), the paths that its header lines name.
    """
    from unidiff.errors import UnidiffParseError
    from unidiff.patch import PatchSet

    try:
        named = [path for file in PatchSet(patch) for path in (file.source_file, file.target_file)]
    except UnidiffParseError:
        named = _HEADER.findall(patch)
    plain = (path[2:] if path.startswith(("a/", "b/")) else path for path in named if path != "/dev/null")
    return tuple(dict.fromkeys(plain))
