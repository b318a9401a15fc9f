"""Law: no accepted upstream repair is refused by a stage that only reads: applies, scope, parses, lints."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from orchestrator.judge.applies import edits_apply
from orchestrator.judge.lints import adds_no_lint
from orchestrator.judge.parses import still_parses
from orchestrator.judge.scope import stays_in_scope
from orchestrator.protocols import TreeEntry
from orchestrator.records import Candidate, Edits, FileChange, Judgement
from tests.unit.judge.fakes import case

_SHARED = Path(os.environ.get("RAMP_SHARED", Path(__file__).resolve().parents[3] / "shared"))
_ROWS = _SHARED / "swebench" / "lite-dev.jsonl"
_MIRRORS = Path(os.environ.get("RAMP_MIRRORS", "/nonexistent"))

pytestmark = [
    pytest.mark.shared,
    pytest.mark.slow,
    pytest.mark.skipif(not _ROWS.is_file(), reason="no development data; set RAMP_SHARED"),
    pytest.mark.skipif(not _MIRRORS.is_dir(), reason="no mirrors of the benchmark's repositories; set RAMP_MIRRORS"),
]


def _git(mirror: Path, *arguments: str, data: bytes = b"", cwd: Path | None = None) -> bytes:
    command = ["git", *(("-C", str(mirror)) if cwd is None else ()), *arguments]
    return subprocess.run(command, input=data, cwd=cwd, capture_output=True, check=True).stdout


class _CommitTree:
    """The tree of one commit of a bare mirror."""

    def __init__(self, mirror: Path, commit: str) -> None:
        self._mirror = mirror
        listing = _git(mirror, "ls-tree", "-r", "-z", commit).decode("utf-8", "surrogateescape")
        rows = [line.split("\t", 1) for line in listing.split("\0") if line]
        self._entries = {path: TreeEntry(path, about.split()[0], about.split()[2]) for about, path in rows}

    def entries(self) -> dict[str, TreeEntry]:
        return self._entries

    def read(self, path: str) -> bytes:
        return _git(self._mirror, "cat-file", "blob", self._entries[path].blob_id)


def _mirror_of(repo: str) -> Path | None:
    owner, name = repo.split("/")
    names = (f"{owner}__{name}", f"{owner}+{name}/repo", f"{owner}/{name}", f"swe-bench+{owner}__{name}/repo")
    return next((_MIRRORS / n for n in names if (_MIRRORS / n).is_dir()), None)


def candidate_of(tree: _CommitTree, patch: str, folder: Path) -> Candidate | None:
    """The candidate that `patch` (of any system) makes of `tree`; None where it does not apply."""
    paths = sorted({line.split(" b/", 1)[1] for line in patch.split("\n") if line.startswith("diff --git ")})
    before = {path: tree.read(path) if path in tree.entries() else None for path in paths}
    for path, data in before.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        if data is not None:
            (folder / path).write_bytes(data)
    try:
        subprocess.run(["git", "apply", "--recount"], input=patch.encode(), cwd=folder, capture_output=True, check=True)
    except subprocess.CalledProcessError:
        return None
    after = {path: (folder / path).read_bytes() if (folder / path).is_file() else None for path in paths}
    modes = {path: tree.entries()[path].mode if path in tree.entries() else "100644" for path in paths}
    changes = tuple(FileChange(path, before[path], after[path], modes[path]) for path in paths)
    return Candidate("gold", 1, 0, 0, "gold", Edits("unified-diff", ()), changes, diff=patch.encode())


def _rows() -> list[dict[str, str]]:
    return [json.loads(line) for line in _ROWS.read_text().splitlines()] if _ROWS.is_file() else []


@pytest.mark.parametrize("row", _rows(), ids=lambda row: row["instance_id"])
def test_no_gold_patch_is_refused_by_a_reading_stage(row: dict[str, str], tmp_path: Path) -> None:
    """What upstream accepted passes applies, scope, parses and lints."""
    mirror = _mirror_of(row["repo"])
    if mirror is None:
        pytest.skip(f"no mirror of {row['repo']}")
    tree = _CommitTree(mirror, row["base_commit"])
    gold = candidate_of(tree, row["patch"], tmp_path)
    assert gold is not None
    findings = [stage(gold, case(tree=tree)) for stage in (edits_apply, stays_in_scope, still_parses, adds_no_lint)]
    assert not [finding for finding in findings if finding.judgement is Judgement.FAIL]
    assert findings[0].judgement is Judgement.PASS
    assert findings[1].judgement is Judgement.PASS
