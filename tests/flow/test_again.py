"""What a run makes of an earlier one of its series, through the real command line; the earlier one is a ledger made by hand."""

from __future__ import annotations

import contextlib
import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from orchestrator import __version__
from orchestrator.cli.app import app
from orchestrator.errors import GateRefused, SettingsError
from orchestrator.journey import Transition
from orchestrator.launch.plan import plan_run, stamps_of
from orchestrator.launch.request import Request
from orchestrator.launch.wiring import Wiring
from orchestrator.ledger import LEDGER, Ledger
from orchestrator.report.gate import read_gate, write_gate
from orchestrator.resources import installed_resource
from orchestrator.series.selection import Selection
from orchestrator.tuning.checks import LogEntry, append_log

ENDS = ("RESOLVED", "UNRESOLVED", "GAVE_UP", "INFRA_FAILED", "CRASHED")
"""How phase 1's five instances ended, in the order of the list."""


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to work in, with a scripted model that never says anything."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "silent.jsonl").write_text("")
    return tmp_path


def asked(phase: str = "1", **more: Any) -> Request:
    """A phase of the starter benchmark with the silent model."""
    return Request(phase, benchmark="starter", model="scripted:silent.jsonl", **more)


def past_run(
    name: str, ends: Mapping[str, str] | None = None, *, verdict: str = "go", began_s: float = 1.0
) -> tuple[str, ...]:
    """An earlier phase 1 as its ledger and its gate tell it; returns its instances."""
    plan = plan_run(asked(run_id=name))
    stamps = {"code_version": __version__, "machine_sha256": plan.machine.sha256, **plan.stamps}
    stamps |= stamps_of(Wiring(plan.settings, name, Path("runs")))
    meta = {"settings": plan.settings.model_dump(mode="json"), "stamps": stamps, "began_s": began_s, "secret": "00"}
    plan.folder.mkdir(parents=True)
    with contextlib.closing(Ledger.create(plan.folder / LEDGER, meta, plan.instance_ids)) as ledger:
        for name_of, end in (ends or dict(zip(plan.instance_ids, ENDS, strict=True))).items():
            ledger.commit(name_of, Transition(0, "QUEUED", "made", end))
    write_gate(plan.folder, {"verdict": verdict, "phase": 1, "reasons": ["it was made so"], "override": None})
    return plan.instance_ids


def ramp(*arguments: str) -> Result:
    """The command line; SystemExit and errors come back in the result."""
    return CliRunner().invoke(app, ["run", *arguments, "-b", "starter", "-m", "scripted:silent.jsonl", "--dry-run"])


def planned(*arguments: str) -> dict[str, Any]:
    """What --dry-run --json says would be done with each instance."""
    done = ramp(*arguments, "--json")
    assert done.exit_code == 0, done.output
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_a_second_run_takes_over_what_holds_and_runs_the_rest(place: Path) -> None:
    """Results are taken over, graded or not; what broke is no result and runs again."""
    ids = past_run("first")
    plan = planned("1")
    assert plan["base"] == "first"
    assert tuple(plan["reuse"]) == ids[:3]
    assert tuple(plan["rerun"]) == ids[3:]


def test_growing_runs_only_what_is_new(place: Path) -> None:
    """Phase 2 takes phase 1's five over and runs the five that are new in it."""
    ids = past_run("first", dict.fromkeys(plan_run(asked()).instance_ids, "RESOLVED"))
    plan = planned("2")
    assert tuple(plan["reuse"]) == ids
    assert len(plan["rerun"]) == 5
    assert not set(plan["rerun"]) & set(ids)
    (line, *_) = ramp("2").stdout.splitlines()
    assert line == "reuse 5 from first, re-grade 0, run 5"


def test_other_grading_grades_again_and_another_seed_runs_again(place: Path) -> None:
    """The plan says which setting changed, before a token is spent."""
    ids = past_run("first")
    regraded = planned("1", "-c", "evaluate.timeout_s=77")
    assert tuple(regraded["regrade"]) == ids[:2]
    assert tuple(regraded["reuse"]) == (ids[2],)  # it gave up: there is no patch to grade
    anew = planned("1", "-c", "seed=5")
    assert (anew["reuse"], anew["changed"], tuple(anew["rerun"])) == ([], ["seed"], ids)


def test_redo_existing_takes_nothing_over(place: Path) -> None:
    """Everything is run, though results hold."""
    ids = past_run("first")
    assert tuple(planned("1", "--redo-existing")["rerun"]) == ids


def test_retry_errors_runs_what_broke_and_nothing_else(place: Path) -> None:
    """INFRA_FAILED and CRASHED run again, the rest is taken over, and the run is a whole phase."""
    ids = past_run("first")
    plan = planned("1", "--retry-errors")
    assert (tuple(plan["reuse"]), tuple(plan["rerun"])) == (ids[:3], ids[3:])
    assert not plan_run(asked(again="retry-errors")).is_subset


def test_retry_errors_refuses_to_run_more(place: Path) -> None:
    """Where a setting changed, everything would run: that is said, with the setting."""
    past_run("first")
    with pytest.raises(SettingsError, match=r"more than the errors of first .* changed: seed"):
        CliRunner().invoke(
            app,
            ["run", "1", "-b", "starter", "-m", "scripted:silent.jsonl", "--retry-errors", "-c", "seed=5", "--dry-run"],
            catch_exceptions=False,
        )


def test_retry_errors_without_errors_is_refused(place: Path) -> None:
    """There is nothing to run, and which run was looked at is said."""
    past_run("first", dict.fromkeys(plan_run(asked()).instance_ids, "GAVE_UP"))
    with pytest.raises(SettingsError, match="first has no INFRA_FAILED or CRASHED"):
        plan_run(asked(again="retry-errors"))


def test_only_failed_runs_what_was_not_resolved_as_a_subset(place: Path) -> None:
    """Whatever ended other than resolved runs anew, and is no phase: it would flatter."""
    ids = past_run("first")
    plan = planned("1", "--only-failed")
    assert (plan["base"], plan["reuse"], tuple(plan["rerun"])) == (None, [], ids[1:])
    assert plan_run(asked(again="only-failed")).is_subset


def test_only_failed_looks_at_the_newest_run_of_its_own_phase(place: Path) -> None:
    """Phase 2 has no earlier run, so that there is nothing that failed."""
    past_run("first")
    with pytest.raises(SettingsError, match="no complete run of phase 2"):
        plan_run(asked("2", again="only-failed"))
    past_run("all-done", dict.fromkeys(plan_run(asked()).instance_ids, "RESOLVED"), began_s=2.0)
    with pytest.raises(SettingsError, match="resolved every chosen instance"):
        plan_run(asked(again="only-failed", run_id="x", selection=Selection(pattern="diff")))


def test_the_three_ways_exclude_each_other(place: Path) -> None:
    """Two of them at once are a usage error."""
    assert ramp("1", "--only-failed", "--redo-existing").exit_code == 2


def test_flags_choose_in_their_order(place: Path) -> None:
    """A filter, a shuffle with its seed, then the slice; the same seed gives the same order again."""
    ids = plan_run(asked("2")).instance_ids
    shuffled = planned("2", "--shuffle", "7", "--slice", "0:4")["rerun"]
    assert shuffled == planned("2", "--shuffle", "7", "--slice", "0:4")["rerun"]
    assert (len(shuffled), set(shuffled) <= set(ids)) == (4, True)
    assert shuffled != list(ids[:4])
    assert planned("1", "-i", ids[9])["rerun"] == [ids[9]]
    assert planned("2", "--filter", "diff|cron")["rerun"] == [i for i in ids if "diff" in i or "cron" in i]


def test_a_gate_that_said_no_refuses_the_next_phase(place: Path) -> None:
    """Phase 2 is refused with the reasons and the way out; a reason of one's own lets it through and is kept."""
    past_run("first", verdict="no")
    with pytest.raises(GateRefused, match=r"gate of phase 1 said no .*it was made so.* --override"):
        plan_run(asked("2"))
    plan = plan_run(asked("2", override_gate="to learn"))
    assert plan.more_meta["override"] | {"by": ""} == {"by": "", "why": "to learn", "against": "first"}
    assert planned("2", "--override", "to learn")["base"] == "first"
    assert (read_gate(place / "runs" / "first") or {})["override"] is None  # a plan alone overrides nothing


def test_a_phase_that_was_not_finished_says_no_until_a_complete_one_speaks(place: Path) -> None:
    """Half of phase 1 is no ground for phase 2, however it went; a complete run of it is, also an older one."""
    ids = plan_run(asked()).instance_ids
    past_run("half", dict.fromkeys(ids[:2], "RESOLVED"), verdict="no", began_s=2.0)
    with pytest.raises(GateRefused, match="half"):
        plan_run(asked("2"))
    past_run("whole", dict.fromkeys(ids, "RESOLVED"), began_s=1.0)
    assert planned("2")["base"] == "whole"


def test_what_the_prompts_were_tuned_on_is_stamped(place: Path) -> None:
    """The log of the prompt set flags instances of the phase in the plan, with the tiers of optimisation beside it."""
    shutil.copytree(installed_resource("prompts"), place / "prompts")
    ids = plan_run(asked()).instance_ids
    assert plan_run(asked()).more_meta["tuned_on"] == []
    tried = LogEntry("2026-01-01", "a try", "0" * 64, (ids[1], "lite__of-another-benchmark-1"))
    append_log(place / "prompts" / "default", tried)
    meta = plan_run(asked()).more_meta
    assert meta["tuned_on"] == [ids[1]]
    assert meta["tiers"]["prompt set"] == "default"


def test_phase_1_and_other_series_ask_no_gate(place: Path) -> None:
    """A verdict speaks to the phase after it in its own series."""
    past_run("first", verdict="no")
    plan_run(asked("1"))
    plan_run(asked("3"))
    plan_run(Request("2", benchmark="starter", model="mutation"))
