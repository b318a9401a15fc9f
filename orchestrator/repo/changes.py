"""What past commits changed, function by function, as git's own hunk headers tell it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from orchestrator.protocols import FileChange
from orchestrator.repo.plumbing import try_git

TEXT_KEPT_BYTES = 4_000
_MOST_BYTES = 20_000_000
_HEADER = r"^[ \t]*((class|(async[ \t]+)?def)[ \t].*)$"
_COMMIT = re.compile(rb"[0-9a-f]{40}")
_HUNK = re.compile(rb"@@ -\S+ \+\S+ @@ ?(.*)")
_DEFINITION = re.compile(rb"\s*(?:async\s+)?def\s+(\w+)")


def read_changes(git_dir: Path, commit_ids: Sequence[str]) -> tuple[FileChange, ...]:
    """Python files that each commit modified; merges give none. What the clone lacks is left out, with all that follows it."""
    done = try_git(
        git_dir, "-c", f"diff.default.xfuncname={_HEADER}", "diff-tree", "--stdin", "-r", "-p", "-U0", "--no-renames",
        "--diff-filter=M", "--no-ext-diff", "--no-textconv", "--no-color", "--", "*.py",
        stdin="".join(f"{commit_id}\n" for commit_id in commit_ids).encode(),
    )  # fmt: skip
    found: list[FileChange] = []
    commit = path = ""
    names: dict[str, None] = {}
    lines: list[bytes] = []
    for line in [*done.stdout[:_MOST_BYTES].split(b"\n"), b"diff --git"]:
        if line.startswith(b"diff --git") or _COMMIT.fullmatch(line):
            if path:
                text = b"\n".join(lines)[:TEXT_KEPT_BYTES].decode("utf-8", "replace")
                found.append(FileChange(commit, path, tuple(names), text))
            path, names, lines = "", {}, []
            commit = line.decode() if _COMMIT.fullmatch(line) else commit
        elif line.startswith(b"+++ b/") and not path:
            path = line[6:].decode("utf-8", "surrogateescape")
        elif hunk := _HUNK.match(line):
            if named := _DEFINITION.match(hunk[1]):
                names[named[1].decode()] = None
        elif path and line.startswith((b"+", b"-")):
            lines.append(line[1:])
            if named := _DEFINITION.match(line[1:]):
                names[named[1].decode()] = None
    return tuple(found)
