"""Law: no accepted upstream repair is refused by a stage that only reads: applies, scope, parses, lints."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from orchestrator.judge.applies import edits_apply
from orchestrator.judge.lints import adds_no_lint
from orchestrator.judge.parses import still_parses
from orchestrator.judge.scope import stays_in_scope
from orchestrator.records import Candidate, EditRefusal, Edits, Judgement
from orchestrator.repo.diff import apply_patch
from orchestrator.repo.objects import GitRepository
from orchestrator.repo.sources import mirror_names
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


def mirror_of(repo: str) -> Path | None:
    """The local mirror of a repository, if there is one."""
    owner, name = repo.split("/")
    # Forks that keep the benchmark's commits are named by another owner.
    names = (*mirror_names(repo), f"swe-bench+{owner}__{name}/repo")
    return next((_MIRRORS / known for known in names if (_MIRRORS / known).is_dir()), None)


def _rows() -> list[dict[str, str]]:
    return [json.loads(line) for line in _ROWS.read_text().splitlines()] if _ROWS.is_file() else []


@pytest.mark.parametrize("row", _rows(), ids=lambda row: row["instance_id"])
def test_no_gold_patch_is_refused_by_a_reading_stage(row: dict[str, str]) -> None:
    """What upstream accepted passes applies, scope, parses and lints."""
    mirror = mirror_of(row["repo"])
    if mirror is None:
        pytest.skip(f"no mirror of {row['repo']}")
    tree = GitRepository(mirror, row["base_commit"])
    changes = apply_patch(tree, row["patch"].encode())
    assert not isinstance(changes, EditRefusal)
    gold = Candidate("gold", 1, 0, 0, "gold", Edits("unified-diff", ()), changes, diff=row["patch"].encode())
    findings = [stage(gold, case(tree=tree)) for stage in (edits_apply, stays_in_scope, still_parses, adds_no_lint)]
    tree.close()
    assert not [finding for finding in findings if finding.judgement is Judgement.FAIL]
    assert [finding.judgement for finding in findings[:2]] == [Judgement.PASS] * 2
