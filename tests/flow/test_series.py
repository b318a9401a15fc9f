"""Growing a series: what holds is taken over whole, what changed is run, and a gate that said no is heard."""

from __future__ import annotations

import contextlib
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from orchestrator.errors import GateRefused
from orchestrator.launch.session import LEDGER, start_run
from orchestrator.ledger import Ledger
from orchestrator.report.gate import read_gate
from orchestrator.series.growth import Growth, check_gate, earlier_runs, gate_anew, plan_growth
from orchestrator.settings import Settings
from tests.flow.lab import Lab, without_times

STAMPS = {"code_version": "0.1.0", "lab": True}


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Lab:
    """A complete run of the lab's phase 1."""
    lab = Lab(tmp_path_factory.mktemp("series"))
    lab.start()
    return lab


def growth_of(lab: Lab, **changes: Any) -> Growth:
    """What the first run spares another one with these settings."""
    settings = {**lab.settings.model_dump(mode="json"), **changes}
    (base,) = (run for run in earlier_runs(lab.folder / "runs", settings) if run.folder == lab.run_folder)
    stamps = {"machine_sha256": lab.machine.sha256, "code_version": base.meta["stamps"]["code_version"]}
    return plan_growth(base, lab.benchmark.instance_ids(), settings, stamps)


def grow(lab: Lab, name: str, **changes: Any) -> tuple[Path, Growth]:
    """Run it."""
    growth = growth_of(lab, **changes)
    settings = Settings.model_validate({**lab.settings.model_dump(mode="json"), **changes})
    plan = replace(lab.plan(), folder=lab.folder / "runs" / name, settings=settings, growth=growth)
    start_run(plan, lab.make_tools)
    return plan.folder, growth


def test_what_holds_is_taken_over_whole(first: Lab) -> None:
    """The next phase runs nothing again, and its ledger stands alone: same records, same files, marked as taken over."""
    first.grader.graded.clear()
    folder, growth = grow(first, "second", phase=2, workers=1, notes="bigger")
    assert (len(growth.reuse), growth.regrade, growth.rerun) == (4, (), ())
    assert first.grader.graded == []
    found = json.loads((folder / "phase_2_results.json").read_text())
    assert {row["reused_from"] for row in found["results"]} == {"lab"}
    theirs, ours = without_times(first.results()), without_times(found)
    for rows in (theirs["results"], ours["results"]):
        for row in rows:
            row.pop("reused_from")
    assert ours["results"] == theirs["results"]
    with (
        contextlib.closing(Ledger(folder / LEDGER)) as ledger,
        contextlib.closing(Ledger(first.run_folder / LEDGER)) as old,
    ):
        assert ledger.meta()["secret"] == old.meta()["secret"]
        for name in first.scripts:
            assert list(ledger.transitions(name)) == list(old.transitions(name))
            calls = [(key, call) for key, who, call in _calls(ledger) if who == name]
            assert calls == [(key, call) for key, who, call in _calls(old) if who == name]


def _calls(ledger: Ledger) -> list[tuple[str, str, Any]]:
    from orchestrator.memory.recording import CALLS, RecordedCall

    return list(ledger.memos(CALLS, RecordedCall))


def test_taken_over_twice_still_names_the_run_that_did_the_work(first: Lab) -> None:
    """A chain of phases points at the origin."""
    folder, _ = grow(first, "third", phase=3)
    base = next(run for run in earlier_runs(first.folder / "runs", first.settings.model_dump()) if run.folder == folder)
    again = plan_growth(base, ("lab__first-1",), first.settings.model_dump(), {})
    assert again.meta["reused_from"] == {"lab__first-1": "lab"}


def test_other_grading_grades_again_and_asks_no_model(first: Lab) -> None:
    """Patches are kept, verdicts are not."""
    first.grader.graded.clear()
    folder, growth = grow(first, "regraded", phase=2, evaluate={"timeout_s": 99.0})
    assert set(growth.regrade) == {"lab__first-1", "lab__second-1", "lab__third-1"}
    assert growth.reuse == ("lab__fourth-1",)  # it has no patch to grade
    assert sorted(first.grader.graded) == sorted(growth.regrade)
    assert json.loads((folder / "phase_2_results.json").read_text())["summary"]["verified"] == 2


@pytest.mark.parametrize(
    "changes",
    [{"attempts": 3}, {"seed": 1}, {"judge": {"stages": ["applies"]}}, {"feedback": {"detail": "none"}}],
)
def test_settings_that_matter_run_everything_anew(first: Lab, changes: dict[str, Any]) -> None:
    """A result made under other settings does not hold, and the plan says which setting it was."""
    settings = Settings.model_validate({**first.settings.model_dump(mode="json"), **changes}).model_dump(mode="json")
    growth = growth_of(first, **{key: settings[key] for key in changes})
    assert (growth.reuse, len(growth.rerun), growth.why) == ((), 4, tuple(changes))


@pytest.mark.parametrize("stamp", ["prompts_sha256", "dataset_sha256", "machine_sha256", "code_version", "models"])
def test_other_hashes_run_everything_anew(first: Lab, stamp: str) -> None:
    """Prompts, dataset, machine, code and models each make their results their own."""
    settings = first.settings.model_dump(mode="json")
    base = next(iter(earlier_runs(first.folder / "runs", settings)))
    assert plan_growth(base, ("lab__first-1",), settings, {stamp: "other"}).why == (stamp,)


def test_errors_are_no_results(tmp_path: Path) -> None:
    """What the environment broke is run again; what else holds is not."""
    lab = Lab(tmp_path, changes={"judge": {"stages": ["applies", "scope", "parses", "lints", "imports"]}})
    lab.start()
    assert lab.states()["lab__first-1"] == "INFRA_FAILED"  # the lab has no sandbox for the imports stage
    growth = growth_of(lab)
    assert "lab__first-1" in growth.rerun
    assert growth.reuse == ("lab__fourth-1",)


def test_subsets_unfinished_runs_and_other_arms_are_no_base(tmp_path: Path) -> None:
    """Only complete runs of a whole phase of the same series spare anything."""
    lab = Lab(tmp_path)
    start_run(replace(lab.plan(), is_subset=True), lab.make_tools)
    settings = lab.settings.model_dump(mode="json")
    assert list(earlier_runs(tmp_path / "runs", settings)) == []
    start_run(replace(lab.plan(), folder=tmp_path / "runs" / "whole"), lab.make_tools)
    assert [run.folder.name for run in earlier_runs(tmp_path / "runs", settings)] == ["whole"]
    assert list(earlier_runs(tmp_path / "runs", {**settings, "arm": "direct"})) == []


def test_a_gate_that_said_no_is_heard_and_can_be_overridden(tmp_path: Path) -> None:
    """Phase N is refused while phase N - 1 of the same series says no; a reason lets it start."""
    gate = {"decides": "label", "refuse": ["stop"], "labels": [{"label": "stop", "at_least": 0.0}]}
    lab = Lab(tmp_path, changes={"gate": gate})
    lab.start()
    assert read_gate(lab.run_folder)["verdict"] == "no"
    second = lab.settings.model_copy(update={"phase": 2})
    with pytest.raises(GateRefused, match="said no"):
        check_gate(tmp_path / "runs", second, None)
    assert check_gate(tmp_path / "runs", second, "to learn").folder == lab.run_folder
    assert check_gate(tmp_path / "runs", lab.settings.model_copy(update={"phase": 3}), None) is None
    kinder = lab.settings.model_copy(update={"gate": type(lab.settings.gate)()})
    assert gate_anew(lab.run_folder, kinder)["verdict"] == "go"
    assert check_gate(tmp_path / "runs", second, None) is None


def test_the_five_line_script_works_in_the_runs_folder(first: Lab) -> None:
    """Copies of complete phases stand in runs/ in the seed schema."""
    runs = first.folder / "runs"
    grow(first, "second-for-the-script", phase=2, workers=1)
    for phase in (1, 2):
        data = json.loads((runs / f"phase_{phase}_results.json").read_text())["summary"]
        assert (data["total"], data["verified"], data["success_rate"]) == (4, 2, 0.5)


def test_a_series_that_comes_back_brings_its_phases_along(tmp_path: Path) -> None:
    """Another series' run replaces the copies in runs/, an oracle run too; the next phase of the first puts them all back."""
    lab = Lab(tmp_path)
    lab.start()
    runs = tmp_path / "runs"

    def copies() -> dict[str, str]:
        found = {path.name: json.loads(path.read_text())["config"]["run"] for path in runs.glob("phase_*.json")}
        index = json.loads((runs / "series.json").read_text())["runs"]
        assert found == {f"phase_{phase}_results.json": run for phase, run in index.items()}
        return found

    shown = lab.settings.model_copy(update={"disclosure": "oracle"})
    start_run(replace(lab.plan(), folder=runs / "shown", settings=shown), lab.make_tools)
    assert copies() == {"phase_1_results.json": "shown"}
    grow(lab, "second", phase=2)
    assert copies() == {"phase_1_results.json": "lab", "phase_2_results.json": "second"}
