"""Between changed files and a patch, both ways by git itself, on minimal trees that hold only the touched files.

Because only the touched files are needed, a replay can make the same patch again without the repository.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Sequence
from pathlib import Path

from orchestrator.errors import RepositoryError
from orchestrator.protocols import Tree, TreeEntry
from orchestrator.records import EditRefusal, FileChange
from orchestrator.repo.fastimport import commit_command, import_commits
from orchestrator.repo.overlay import REGULAR_MODES
from orchestrator.repo.plumbing import ScratchGitDir, run_git, try_git
from orchestrator.repo.trees import TreeWriter

_DIFF = ("--no-ext-diff", "--no-textconv", "--no-renames", "--no-color", "--full-index")
# Printed before each patch. No line of a patch looks like it: they begin with other words, a sign, or base 85 without spaces.
_PAIR = re.compile(rb"^[0-9a-f]{40} [0-9a-f]{40}\n", re.MULTILINE)
_HEADER = re.compile(rb"^(?:--- |\+\+\+ |rename from |rename to |copy from |copy to |diff --git )(.*)$", re.MULTILINE)
_ESCAPES = {
    b"n": b"\n",
    b"t": b"\t",
    b"r": b"\r",
    b"a": b"\a",
    b"b": b"\b",
    b"f": b"\f",
    b"v": b"\v",
    b'"': b'"',
    b"\\": b"\\",
}


def is_binary(content: bytes) -> bool:
    """Whether git would call this content binary: a NUL within its first 8000 bytes (git's `buffer_is_binary`)."""
    return b"\0" in content[:8000]


def make_patch(changes: Sequence[FileChange], scratch: Path | None = None) -> bytes:
    """The patch from every `before` to every `after`, in git's own format, in path order; b"" for no change.

    Right for new and deleted files, modes, CRLF, a missing last newline, and content and paths in no known encoding;
    binary content becomes a git binary patch (whether that is wanted is the judge's business: `is_binary`).
    `scratch` is a folder for temporary files. Raises RepositoryError where git refuses a path or mode.
    """
    with ScratchGitDir(scratch) as git:
        return _patches_in(git.path, [changes])[0]


class PatchMaker:
    """`make_patch` for many: one scratch git directory for all, one git process a batch. Safe under several threads."""

    def __init__(self, scratch: Path | None = None) -> None:
        self._git = ScratchGitDir(scratch)
        self._lock = threading.Lock()

    def make(self, batch: Sequence[Sequence[FileChange]]) -> list[bytes]:
        """The patch of each set of changes, in order. See `make_patch`."""
        with self._lock:
            return _patches_in(self._git.path, batch)


def _patches_in(git_dir: Path, batch: Sequence[Sequence[FileChange]]) -> list[bytes]:
    if not batch:
        return []
    trees = TreeWriter(git_dir)
    pairs = b""
    for changes in batch:
        before = trees.write({c.path: (c.mode, c.before) for c in changes if c.before is not None})
        after = trees.write({c.path: (c.mode, c.after) for c in changes if c.after is not None})
        pairs += f"{before.hex()} {after.hex()}\n".encode()
    options = ("-p", "--binary", *_DIFF, "--src-prefix=a/", "--dst-prefix=b/")
    printed = run_git(git_dir, "diff-tree", "--stdin", *options, stdin=pairs)
    return _PAIR.split(printed)[1:]


def apply_patch(tree: Tree, patch: bytes, scratch: Path | None = None) -> tuple[FileChange, ...] | EditRefusal:
    """What `git apply` would make of `patch` on `tree`, in path order, or a refusal in git's own words.

    No fuzz, no three-way merge; whitespace is left alone. A rename comes back as a deletion and a new file. A patch that
    changes a mode alone gives a change with equal contents and the new mode. Renames that leave out the contents of a
    symlink or touch a submodule are refused.
    """
    if not patch.strip():
        return ()
    before = {path: (entry, tree.read(path)) for path, entry in _touched(tree, patch).items()}
    with ScratchGitDir(scratch) as git:
        files = {path: (entry.mode, content) for path, (entry, content) in before.items()}
        import_commits(git.path, {"before": commit_command("before", files)})
        index = git.path / "index"
        run_git(git.path, "read-tree", "refs/heads/before", index=index)
        options = ("--cached", "--whitespace=nowarn", "-p1")
        done = try_git(git.path, "apply", *options, "-", stdin=patch, index=index)
        if done.returncode:
            return _refusal(done.stderr)
        raw = run_git(git.path, "diff-index", "--cached", "--raw", "-z", *_DIFF, "refs/heads/before", index=index)
        return _changes(git.path, raw, {path: content for path, (_, content) in before.items()})


def _touched(tree: Tree, patch: bytes) -> dict[str, TreeEntry]:
    """Entries that the patch may read or collide with: all paths its headers name, and whatever stands above them."""
    entries = tree.entries()
    named: set[str] = set()
    for header in _HEADER.findall(patch):
        for path in _header_paths(header.rstrip(b"\r")):
            parts = path.split("/")
            named.update("/".join(parts[:count]) for count in range(1, len(parts) + 1))
    return {path: entries[path] for path in sorted(named) if path in entries and entries[path].mode in REGULAR_MODES}


def _header_paths(header: bytes) -> list[str]:
    """Every reading of a header's path, with and without its first component; too many readings do no harm."""
    raw = [_unquote(header) if header.startswith(b'"') else header.split(b"\t")[0]]
    if b" " in header and not header.startswith(b'"'):
        # `diff --git a/x b/x` has no separator that a path could not hold: each split is a reading.
        words = header.split(b" ")
        raw += [b" ".join(words[count:]) for count in range(1, len(words))]
    found = [path.decode("utf-8", "surrogateescape") for path in raw]
    return found + [path.partition("/")[2] for path in found if "/" in path]


def _unquote(quoted: bytes) -> bytes:
    body = quoted[1:].rpartition(b'"')[0]

    def plain(match: re.Match[bytes]) -> bytes:
        code = match.group(1)
        return _ESCAPES[code] if code in _ESCAPES else bytes([int(code, 8) & 0xFF])

    return re.sub(rb'\\([0-7]{3}|[ntrabfv"\\])', plain, body)


def _refusal(stderr: bytes) -> EditRefusal:
    words = stderr.decode("utf-8", "replace").strip()
    first = next((line for line in words.split("\n") if line.startswith("error: ")), words).removeprefix("error: ")
    corrupt = "corrupt patch" in words or "No valid patches" in words or "unrecognized input" in words
    return EditRefusal(
        "patch_malformed" if corrupt else "patch_does_not_apply", f"git apply says: {first or 'nothing'}"
    )


def _changes(git_dir: Path, raw: bytes, before: dict[str, bytes]) -> tuple[FileChange, ...]:
    fields = raw.split(b"\0")[:-1]
    changes = []
    for meta, name in zip(fields[::2], fields[1::2], strict=True):
        old_mode, new_mode, _, new_id, status = meta.decode("ascii").removeprefix(":").split(" ")
        path = name.decode("utf-8", "surrogateescape")
        if status == "D":
            changes.append(FileChange(path, before[path], None, old_mode))
            continue
        if new_mode == "160000":
            raise RepositoryError(f"{path!r} would become a submodule; only files can be changed")
        content = run_git(git_dir, "cat-file", "blob", new_id)
        changes.append(FileChange(path, before.get(path), content, new_mode))
    return tuple(changes)
