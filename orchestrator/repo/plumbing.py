"""Starting git so that nothing but our own files decides what it does.

Every command runs in a bare git directory that we wrote ourselves. Objects of other repositories are borrowed
through `objects/info/alternates`, so their config, hooks, info/attributes, refs, reflogs and grafts are never
looked at, their owner does not matter (`safe.directory`), and nothing is ever written into them.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import weakref
from pathlib import Path
from typing import IO, Self

from orchestrator.errors import MissingPiece, RepositoryError
from orchestrator.scratch import make_scratch

_GIT = ("git", "-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "--no-optional-locks")
_CONFIG = """\
[core]
	repositoryformatversion = 0
	bare = true
	fsmonitor = false
	hooksPath = /dev/null
	attributesFile = /dev/null
	logAllRefUpdates = false
	fsync = none
[tar]
	umask = 0022
[gc]
	auto = 0
[protocol]
	allow = never
"""
# info/attributes outranks every .gitattributes: what we read and archive are the blobs' own bytes, whatever the tree says.
NO_ATTRIBUTES = "* -text !eol -filter -ident -working-tree-encoding -export-ignore -export-subst !diff !merge\n"


def git_environment(git_dir: Path) -> dict[str, str]:
    """The hardening variables for one git directory; enough even where the parent's environment is inherited."""
    return {
        "GIT_DIR": str(git_dir),
        "GIT_OBJECT_DIRECTORY": str(git_dir / "objects"),
        "GIT_ALTERNATE_OBJECT_DIRECTORIES": "",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_SYSTEM": os.devnull,
        "GIT_CONFIG_COUNT": "0",
        "GIT_CONFIG_PARAMETERS": "",
        "GIT_ATTR_NOSYSTEM": "1",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_NO_REPLACE_OBJECTS": "1",
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_PAGER": "cat",
        "LC_ALL": "C",
    }


def run_git(git_dir: Path, *arguments: str, stdin: bytes = b"", index: Path | None = None) -> bytes:
    """Run git in `git_dir` with a closed environment and return its stdout.

    Raises RepositoryError with git's own words where it fails, MissingPiece where git is not installed.
    """
    done = try_git(git_dir, *arguments, stdin=stdin, index=index)
    if done.returncode:
        words = done.stderr.decode("utf-8", "replace").strip()[-2000:]
        raise RepositoryError(f"git {arguments[0]} failed with status {done.returncode}: {words or 'it said nothing'}")
    return done.stdout


def try_git(
    git_dir: Path, *arguments: str, stdin: bytes = b"", index: Path | None = None
) -> subprocess.CompletedProcess[bytes]:
    """Like run_git, for commands whose failure is an answer."""
    environment = _closed_environment(git_dir)
    if index is not None:
        environment["GIT_INDEX_FILE"] = str(index)
    command = [*_GIT, *arguments]
    try:
        return subprocess.run(command, input=stdin, capture_output=True, env=environment, cwd=git_dir, check=False)
    except FileNotFoundError as error:
        raise _not_started(git_dir) from error


def start_git(git_dir: Path, *arguments: str, stdin: IO[bytes]) -> subprocess.Popen[bytes]:
    """Start git in a closed environment, to be read as it goes; what it complains of is thrown away."""
    try:
        return subprocess.Popen(
            [*_GIT, *arguments], stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            env=_closed_environment(git_dir), cwd=git_dir,
        )  # fmt: skip
    except FileNotFoundError as error:
        raise _not_started(git_dir) from error


def _closed_environment(git_dir: Path) -> dict[str, str]:
    return {"PATH": os.environ.get("PATH", os.defpath), "HOME": os.devnull, **git_environment(git_dir)}


def _not_started(git_dir: Path) -> RepositoryError | MissingPiece:
    if not git_dir.is_dir():
        return RepositoryError(f"the scratch git directory {git_dir} is gone; start the command again")
    return no_git()


def no_git() -> MissingPiece:
    """What to say where git is not installed."""
    return MissingPiece("git is not installed", "Install it, for example with `apt-get install git`.")


def make_git_dir(directory: Path, borrow_from: Path | None = None) -> Path:
    """Write an empty bare git directory of ours, borrowing the objects of the git directory `borrow_from`.

    A shallow clone's boundary is carried over, so that its missing parents are no error.
    """
    (directory / "objects" / "info").mkdir(parents=True)
    (directory / "refs" / "heads").mkdir(parents=True)
    (directory / "info").mkdir()
    (directory / "HEAD").write_text("ref: refs/heads/main\n")
    (directory / "config").write_text(_CONFIG)
    (directory / "info" / "attributes").write_text(NO_ATTRIBUTES)
    if borrow_from is not None:
        objects = str((borrow_from / "objects").resolve())
        if "\n" in objects:
            raise RepositoryError(f"the folder {objects!r} has a line feed in its name; rename it")
        # git reads a leading double quote as the start of a C string; no other byte is special in this file.
        (directory / "objects" / "info" / "alternates").write_bytes(os.fsencode(objects) + b"\n")
        if (borrow_from / "shallow").is_file():
            shutil.copyfile(borrow_from / "shallow", directory / "shallow")
    return directory


class ScratchGitDir:
    """A git directory of ours in a temporary folder, removed with the object or by `close`."""

    def __init__(self, parent: Path | None = None, borrow_from: Path | None = None) -> None:
        root = make_scratch("git", parent)
        self._clean_up = weakref.finalize(self, shutil.rmtree, root, ignore_errors=True)
        self.path = make_git_dir(root / "git", borrow_from)

    def close(self) -> None:
        """Remove the folder now."""
        self._clean_up()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
