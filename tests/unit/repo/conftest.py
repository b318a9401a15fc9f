"""Real git repositories, made by the git command line like a user's."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

GitCall = Callable[..., str]


def git_in(folder: Path) -> GitCall:
    """A function that runs git in `folder` with a fixed identity and clock."""
    environment = {
        "PATH": os.environ["PATH"], "HOME": str(folder), "GIT_CONFIG_NOSYSTEM": "1",
        **{f"GIT_{who}_{what}": value for who in ("AUTHOR", "COMMITTER")
           for what, value in (("NAME", "A"), ("EMAIL", "a@localhost"), ("DATE", "2020-01-02T03:04:05+00:00"))},
    }  # fmt: skip

    def call(*arguments: str, stdin: bytes = b"") -> str:
        done = subprocess.run(
            ["git", *arguments], cwd=folder, env=environment, input=stdin, capture_output=True, check=True
        )
        return done.stdout.decode("utf-8", "surrogateescape").strip()

    return call


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A plain clone with three commits; `main~1` is the base that most tests use, `main` is its future."""
    folder = tmp_path / "clone"
    folder.mkdir()
    git = git_in(folder)
    git("init", "-q", "-b", "main")
    (folder / "old.py").write_bytes(b"print('old')\n")
    git("add", "-A")
    git("commit", "-q", "-m", "first")
    (folder / "pkg").mkdir()
    (folder / "pkg" / "crlf.py").write_bytes(b"a = 1\r\nb = 2\r\n")
    (folder / "pkg" / "no_newline.py").write_bytes(b"x = 1")
    (folder / "latin.py").write_bytes(b"# -*- coding: latin-1 -*-\ns = '\xe9'\n")
    (folder / "run.sh").write_bytes(b"#!/bin/sh\n")
    (folder / "run.sh").chmod(0o755)
    (folder / "link.py").symlink_to("old.py")
    (folder / os.fsdecode(b"nam\xe9.txt")).write_bytes(b"odd name\n")
    git("add", "-A")
    git("commit", "-q", "-m", "second\n\nwith a body")
    (folder / "old.py").write_bytes(b"print('the future fix')\n")
    git("commit", "-q", "-a", "-m", "third: the fix")
    return folder


@pytest.fixture
def base(clone: Path) -> str:
    """The id of the commit before the last."""
    return git_in(clone)("rev-parse", "main~1")
