"""A branch goes on from a point of a recorded run, with another model, prompt or setting."""

from __future__ import annotations

import contextlib
import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from orchestrator.errors import LedgerError, PromptError, SandboxError, SettingsError, UserError
from orchestrator.launch.session import resume_run
from orchestrator.ledger import LEDGER
from orchestrator.models import open_model
from orchestrator.prompts import PromptSet
from orchestrator.protocols import SandboxProfile
from orchestrator.replay.branch import Change, check_image, find_point, open_branch, plan_branch
from orchestrator.replay.live import branch_live
from orchestrator.report.beside import beside_lines, branch_beside
from orchestrator.report.results import read_journeys
from tests.flow.lab import RIGHT, Lab
from tests.flow.recorded import PROMPTS, differing, make_set, opened


def branch_of(lab: Lab, folder: Path, instance: str, state: str, attempt: int | None, change: Change) -> Path:
    """Open a branch in `folder`'s place and drive it to its end with the lab's tools."""
    with opened(folder) as ledger:
        point = find_point(ledger, lab.machine, instance, state, attempt)
        settings, prompts = plan_branch(ledger, point, change, PROMPTS)
        branch = open_branch(folder, ledger, point, settings, prompts, 1.0)
    resume_run(branch, lab.machine, lab.make_tools)
    return branch


def test_a_branch_goes_on_from_the_point_with_another_model(lab: Lab, copied: Path, tmp_path: Path) -> None:
    """Up to attempt 2 as recorded, then the other model's reply; the parent is named, and both replay."""
    other = tmp_path / "other.jsonl"
    other.write_text(json.dumps({"instance": "lab__second-1", "text": RIGHT}) + "\n")
    branch = branch_of(lab, copied, "lab__second-1", "GENERATING", 2, Change(model=f"scripted:{other}"))
    with opened(branch) as ledger, opened(copied) as parent:
        assert ledger.meta()["branch"]["parent"] == copied.name
        assert ledger.meta()["branch"]["state"] == "GENERATING"
        assert ledger.meta()["stamps"]["branch"]["attempt"] == 2
        point = find_point(parent, lab.machine, "lab__second-1", "GENERATING", 2)
        before = [t for t in parent.transitions("lab__second-1") if t.seq < point.seq]
        assert list(ledger.transitions("lab__second-1"))[: len(before)] == before
        (journey,) = read_journeys(ledger, lab.machine)
    assert (journey.state, len(journey.attempts)) == ("RESOLVED", 2)
    assert differing(branch, lab) == []
    assert differing(copied, lab) == []
    beside = branch_beside(branch, lab.machine)
    assert beside is not None
    shown = "\n".join(map(str, beside_lines(beside)))
    assert "-    return wdith * height" in shown
    assert "+    return width * height" in shown
    assert "lab: RESOLVED after 3 attempts" in shown
    assert f"{branch.name}: RESOLVED after 2 attempts" in shown
    assert json.loads((branch / "phase_1_results.json").read_text())["summary"]["total"] == 1
    assert not (branch.parent / "phase_1_results.json").exists()


def test_a_branch_asks_again_even_where_nothing_is_changed(lab: Lab, copied: Path) -> None:
    """The recorded reply of the attempt in hand is not taken: the model is called."""
    with opened(copied) as ledger:
        point = find_point(ledger, lab.machine, "lab__first-1", "GENERATING")
        settings, prompts = plan_branch(ledger, point, Change(), PROMPTS)
        branch = open_branch(copied, ledger, point, settings, prompts, 1.0)
    with contextlib.closing(sqlite3.connect(branch / LEDGER)) as connection:
        assert connection.execute("SELECT count(*) FROM memos WHERE kind = 'call'").fetchone() == (0,)


def test_a_branch_with_other_prompts_shows_their_difference(lab: Lab, copied: Path, tmp_path: Path) -> None:
    """--prompts takes a set's folder; the branch keeps and is stamped with it."""
    mine = make_set(tmp_path / "sets", "mine", "Take your time.")
    branch = branch_of(lab, copied, "lab__first-1", "GENERATING", 1, Change(prompts=mine))
    with opened(branch) as ledger:
        meta = ledger.meta()
    assert meta["settings"]["prompt_set"] == "mine"
    assert "Take your time." in meta["prompt_files"]["edit-now.md"]
    assert meta["stamps"]["prompts_sha256"] == PromptSet.load(mine.parent, "mine").sha256


@pytest.mark.parametrize(
    ("change", "error", "told"),
    [
        (
            Change(overrides=("policy.repairss=1",)),
            SettingsError,
            r"-c policy\.repairss=1: policy\.repairss: unknown key",
        ),
        (Change(prompts=Path("/nowhere/set")), PromptError, r"/nowhere/set.*ramp prompts new"),
    ],
)
def test_a_change_that_cannot_be_is_named(lab: Lab, change: Change, error: type[UserError], told: str) -> None:
    """Before anything is made."""
    with opened(lab.run_folder) as ledger, pytest.raises(error, match=told):
        plan_branch(ledger, find_point(ledger, lab.machine, "lab__first-1", "GENERATING"), change, PROMPTS)


def test_a_model_that_is_not_there_stops_a_branch_before_it_is_made(lab: Lab, copied: Path) -> None:
    """The check comes first; no folder is left behind."""

    def check(settings: Any, point: Any, digest: str) -> dict[str, Any]:
        del point, digest
        open_model(settings.ladder[0].model).identify()
        return {}

    with opened(copied) as ledger:
        point = find_point(ledger, lab.machine, "lab__first-1", "GENERATING")
        with pytest.raises(UserError, match=r"nowhere\.jsonl"):
            branch_live(copied, ledger, point, Change(model="scripted:/nowhere.jsonl"), PROMPTS, check)
    assert [path.name for path in copied.parent.iterdir()] == ["lab"]


def test_another_image_is_refused_with_both_digests() -> None:
    """What came before the point and what comes after must belong together."""
    check_image("sha256:aa", SandboxProfile("docker", "sha256:aa"), "img:1")
    check_image("", SandboxProfile("bubblewrap"), None)
    with pytest.raises(SandboxError, match=r"(?s)now sha256:bb, the run used sha256:aa.*docker pull img@sha256:aa"):
        check_image("sha256:aa", SandboxProfile("docker", "sha256:bb"), "img:1")
    with pytest.raises(
        SandboxError, match=r"docker tag sha256:aa host:5000/a/img` .*docker pull host:5000/a/img@sha256:aa"
    ):
        check_image("sha256:aa", SandboxProfile("docker", "sha256:bb"), "host:5000/a/img")


def test_a_point_that_was_never_reached_names_those_that_were(lab: Lab) -> None:
    """The attempts that did reach the state are listed."""
    with (
        opened(lab.run_folder) as ledger,
        pytest.raises(LedgerError, match=r"attempt 1 never reached JUDGE_LINTS; .* attempt 2, 3"),
    ):
        find_point(ledger, lab.machine, "lab__second-1", "JUDGE_LINTS", 1)
