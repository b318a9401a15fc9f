"""A deterministic commit made from files in memory: the same files give the same commit id on every machine."""

from __future__ import annotations

import shutil
import weakref
from datetime import datetime
from pathlib import Path

from orchestrator.errors import RepositoryError
from orchestrator.repo.fastimport import Files, commit_command, import_commits
from orchestrator.repo.objects import GitRepository
from orchestrator.repo.plumbing import make_git_dir, run_git
from orchestrator.scratch import make_scratch


def commit_tree(files: Files, message: str, author: str, date: str, scratch: Path | None = None) -> GitRepository:
    """Commit `files` (path to git mode and content) without a parent; author and committer are the same.

    `author` is `Name <mail>`, `date` is ISO 8601 with its UTC offset, `scratch` a folder for the temporary repository,
    which lives as long as the result. Raises RepositoryError for paths or modes a tree must not hold.
    """
    moment = datetime.fromisoformat(date)
    if moment.tzinfo is None:
        raise RepositoryError(f"the date {date!r} has no UTC offset; add one such as +00:00")
    when = f"{int(moment.timestamp())} {moment.strftime('%z')}"
    root = make_scratch("seed", scratch)
    git_dir = make_git_dir(root / "seed.git")
    command = commit_command("main", files, message, author, when)
    import_commits(git_dir, {"main": command})
    commit = run_git(git_dir, "rev-parse", "refs/heads/main").decode().strip()
    repository = GitRepository(git_dir, commit)
    weakref.finalize(repository, shutil.rmtree, root, ignore_errors=True)
    return repository
