"""Where a repository's objects come from: local mirrors first, then a cached partial clone of its origin."""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

from orchestrator.errors import MissingPiece, RepositoryError
from orchestrator.repo.objects import GitRepository
from orchestrator.repo.plumbing import no_git

Origin = Callable[[str], str]
"""From `owner/name` to the URL to clone."""

_CLONE_TIMEOUT_S = 1800
_KEPT_FOR_NETWORK = (
    *("PATH", "HOME", "SSL_CERT_FILE", "SSL_CERT_DIR"),
    *("http_proxy", "https_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY"),
)
_NETWORK_ENVIRONMENT = {
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_ALLOW_PROTOCOL": "https:http:ssh:file",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "LC_ALL": "C",
}
_REPOSITORY_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*/[A-Za-z0-9_.-]+")


def find_repository(
    repo: str, base_commit: str, mirrors: tuple[Path, ...], cache_dir: Path, origin: Origin | None = None
) -> GitRepository:
    """The repository `owner/name` at `base_commit`, from the first source that has the commit.

    Each folder of `mirrors` may hold bare or plain clones under the names of `mirror_names`. Then comes the partial clone
    kept in `cache_dir`, made or refreshed from `origin(repo)`; with `origin=None` nothing is fetched. Raises MissingPiece
    that lists why each source was passed over.
    """
    if not _REPOSITORY_NAME.fullmatch(repo) or ".." in repo:
        raise RepositoryError(f"{repo!r} is not a repository name of the form owner/name")
    reasons: list[str] = []
    cached = cache_dir / f"{repo.replace('/', '__')}.git"
    for folder in [*(m / name for m in mirrors for name in mirror_names(repo)), cached]:
        found = _try_folder(folder, base_commit, reasons)
        if found is not None:
            return found
    if origin is None:
        reasons.append("fetching from the origin is switched off")
    else:
        try:
            _fetch(origin(repo), cached, base_commit)
            return GitRepository(cached, base_commit)
        except RepositoryError as error:
            reasons.append(str(error))
    looked_at = "".join(f"\n  - {reason}" for reason in reasons)
    remedy = "Put a clone into a mirrors folder as owner__name (RAMP_MIRRORS or -c mirrors=DIR), or make the origin reachable."
    raise MissingPiece(f"no source has {repo} at {base_commit}:{looked_at}\n", remedy)


def mirror_names(repo: str) -> tuple[str, ...]:
    """The folder names under which a mirror of `owner/name` is looked for, in order."""
    flat, plus = repo.replace("/", "__"), repo.replace("/", "+")
    return (flat, f"{flat}.git", f"{plus}/repo", plus, f"{plus}.git", repo, f"{repo}.git", f"swe-bench+{flat}/repo")


def _try_folder(folder: Path, base_commit: str, reasons: list[str]) -> GitRepository | None:
    if not folder.is_dir():
        return None
    try:
        repository = GitRepository(folder, base_commit)
    except RepositoryError as error:
        reasons.append(str(error))
        return None
    missing = next(
        (entry.path for entry in repository.entries().values() if _is_absent(entry.mode, entry.size_bytes)), None
    )
    if missing is not None:
        reasons.append(f"{folder} lacks the content of {missing!r} at {base_commit}")
        return None
    return repository


def _is_absent(mode: str, size_bytes: int) -> bool:
    return mode != "160000" and size_bytes < 0


def _fetch(url: str, cached: Path, base_commit: str) -> None:
    """Make or refresh the partial clone, then bring in the commit's blobs in one request instead of one by one."""
    cached.parent.mkdir(parents=True, exist_ok=True)
    with (cached.parent / f"{cached.name}.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not cached.is_dir():
            _clone(url, cached)
        elif _network_git(cached, "cat-file", "-e", f"{base_commit}^{{commit}}", check=False).returncode:
            _network_git(cached, "fetch", "--quiet", "--filter=blob:none", "origin", base_commit)
        listed = _network_git(cached, "rev-list", "--objects", "--missing=print", f"{base_commit}^{{tree}}").stdout
        missing = [line[1:] for line in listed.split(b"\n") if line.startswith(b"?")]
        if missing:
            wanted = b"".join(blob + b"\n" for blob in missing)
            # What git itself does when it fills gaps in a partial clone (promisor-remote.c), for all blobs at once.
            command = (
                "-c",
                "fetch.negotiationAlgorithm=noop",
                "fetch",
                "origin",
                "--quiet",
                "--no-tags",
                "--no-write-fetch-head",
            )
            _network_git(cached, *command, "--filter=blob:none", "--stdin", stdin=wanted)


def _clone(url: str, cached: Path) -> None:
    with tempfile.TemporaryDirectory(prefix=f".{cached.name}.", dir=cached.parent) as half_made:
        fresh = Path(half_made) / "clone.git"
        _network_git(cached.parent, "clone", "--quiet", "--bare", "--filter=blob:none", "--", url, str(fresh))
        shutil.move(fresh, cached)


def _network_git(
    folder: Path, *arguments: str, stdin: bytes = b"", check: bool = True
) -> subprocess.CompletedProcess[bytes]:
    """Git with our own clone's configuration, which only we write, and the network; no prompts, no local configuration."""
    environment = {name: os.environ[name] for name in _KEPT_FOR_NETWORK if name in os.environ} | _NETWORK_ENVIRONMENT
    command = ["git", "-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "-c", "gc.auto=0", *arguments]
    try:
        done = subprocess.run(
            command,
            input=stdin,
            capture_output=True,
            env=environment,
            cwd=folder,
            check=False,
            timeout=_CLONE_TIMEOUT_S,
        )
    except FileNotFoundError as error:
        raise no_git() from error
    except subprocess.TimeoutExpired as error:
        raise RepositoryError(
            f"git did not end within {_CLONE_TIMEOUT_S} s in {folder}; look at the network"
        ) from error
    if check and done.returncode:
        raise RepositoryError(f"git could not fetch: {done.stderr.decode('utf-8', 'replace').strip()[-1000:]}")
    return done
