"""`--grade-all`: official verdicts on every candidate, after all patches are frozen, where only the report looks."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest

from orchestrator.cli.tables import summary_lines
from orchestrator.launch.session import grade_run
from orchestrator.ledger import Ledger
from orchestrator.memory.copy import count_steps
from orchestrator.memory.grades import grades_of
from orchestrator.report.load import load_results
from orchestrator.report.page import write_page
from orchestrator.report.timeline import instance_lines
from tests.flow.lab import Lab, without_times


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Lab:
    """A lab whose run is over and wholly graded."""
    done = Lab(tmp_path_factory.mktemp("lab"), changes={"evaluate": {"grade_all": True}})
    done.start()
    return done


def test_each_different_patch_is_graded_once_and_the_frozen_one_not_again(lab: Lab) -> None:
    """Two instances have a refused candidate beside their patch; the third's refused ones are two."""
    assert sorted(lab.grader.graded) == [
        "lab__first-1",
        "lab__second-1",
        "lab__second-1",
        "lab__third-1",
        "lab__third-1",
    ]
    assert lab.results()["grade_all"]["patches"] == 5


def test_choices_are_compared_over_the_same_instances(lab: Lab) -> None:
    """First sample: one right. At random: half of the second's two. Best possible: as many as were chosen."""
    choices = lab.results()["grade_all"]["choices"]
    found = {
        name: choices[name]["resolved"] for name in ("first sample", "random candidate", "chosen", "best possible")
    }
    assert choices["instances"] == 4
    assert found == {"first sample": 1.0, "random candidate": 1.5, "chosen": 2.0, "best possible": 2.0}


def test_pass_at_k_counts_replies_and_names_its_source(lab: Lab) -> None:
    """One sample in the first attempt: only k = 1, one of four."""
    found = lab.results()["grade_all"]["pass_at_k"]
    assert found["first_attempt"] == [{"k": 1, "value": 0.25, "instances": 4}]
    assert "Chen et al. 2021" in found["source"]


def test_each_stage_has_its_confusion_matrix(lab: Lab) -> None:
    """The lints refused two broken candidates rightly; the judge accepted one wrong one."""
    table = {row["stage"]: row for row in lab.results()["grade_all"]["calibration"]}
    lints, judge = table["lints"], table["judge as a whole"]
    assert (lints["true_accepts"], lints["false_accepts"], lints["true_rejects"], lints["false_rejects"]) == (
        2,
        1,
        2,
        0,
    )
    assert (judge["true_accepts"], judge["false_accepts"], judge["false_rejects"]) == (2, 1, 0)
    assert lints["precision"] == pytest.approx(2 / 3)
    assert table["scope"]["adds_nothing"]


def test_without_it_there_is_no_pass_at_k(tmp_path: Path) -> None:
    """Absent, not zero; and all else comes out the same."""
    plain = Lab(tmp_path)
    plain.start()
    assert "grade_all" not in plain.results()
    assert not any("pass@" in line for line in summary_lines(plain.results()))


def test_the_loop_never_sees_a_grade(lab: Lab, tmp_path: Path) -> None:
    """A run with it takes the same steps to the same ends as one without."""
    plain = Lab(tmp_path)
    plain.start()

    def steps(of: Lab) -> list[dict[str, object]]:
        rows = without_times(of.results())["results"]
        return [{key: value for key, value in row.items() if key != "model"} for row in rows]

    assert steps(lab) == steps(plain)
    assert lab.results()["funnel"] == plain.results()["funnel"]


def test_a_finished_run_can_be_graded_later(tmp_path: Path) -> None:
    """What is graded already is not run again; the results are made anew."""
    lab = Lab(tmp_path)
    lab.start()
    before = len(lab.grader.graded)
    for _ in range(2):
        grade_run(lab.run_folder, lab.make_tools, lab.machine, clock=lab.clock)
    assert len(lab.grader.graded) == before + 2
    assert load_results(lab.run_folder)["grade_all"]["patches"] == 5
    assert load_results(lab.run_folder)["ledger_steps"] == count_steps(lab.run_folder / "ledger.db")


def test_the_numbers_are_shown(lab: Lab, tmp_path: Path) -> None:
    """In the terminal's summary, in an instance's timeline, and in the page."""
    lines = "\n".join(summary_lines(lab.results()))
    assert "first sample 1, random candidate 1.5, chosen 2, best possible 2" in lines
    assert "pass@1 0.25 (n = 4)" in lines
    with contextlib.closing(Ledger(lab.run_folder / "ledger.db", read_only=True)) as ledger:
        shown = "\n".join(instance_lines(ledger, lab.machine, "lab__second-1"))
        assert len(grades_of(ledger, "lab__second-1")) == 2
    assert "does not resolve refused by lints" in shown
    assert "resolves         refused by no stage, the frozen patch" in shown
    write_page(tmp_path / "report.html", [lab.run_folder])
    assert "Every candidate graded" in (tmp_path / "report.html").read_text()


def test_a_run_without_a_sandbox_says_so_at_its_end(tmp_path: Path) -> None:
    """The stamp is in the printed summary too, and in no other run's."""
    lab = Lab(tmp_path)
    lab.start()
    results = lab.results()
    assert not any("NO ISOLATION" in line for line in summary_lines(results))
    results["config"]["stamps"]["isolation"] = "unsafe-local"
    assert any("NO ISOLATION" in line for line in summary_lines(results))
