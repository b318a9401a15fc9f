"""The whole machine with scripted models: every way through it that needs no sandbox."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from pathlib import Path

import pytest

from orchestrator.clock import Faults
from orchestrator.errors import InfrastructureError
from orchestrator.journey import Journey, Transition
from orchestrator.ledger import LEDGER, Ledger
from orchestrator.records import Judgement
from orchestrator.report.results import read_journeys
from tests.flow.lab import BROKEN, PROSE, RIGHT, WRONG, Lab


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Lab:
    """A lab whose run is over."""
    done = Lab(tmp_path_factory.mktemp("lab"))
    done.start()
    return done


@pytest.fixture(scope="module")
def journeys(lab: Lab) -> dict[str, Journey]:
    """The journeys of that run by instance."""
    ledger = Ledger(lab.run_folder / "ledger.db", read_only=True)
    found = {journey.instance_id: journey for journey in read_journeys(ledger, lab.machine)}
    ledger.close()
    return found


def test_each_instance_ends_as_its_script_deserves(lab: Lab) -> None:
    """Repair, repair after feedback, a wrong patch after all, and nothing at all."""
    assert lab.states() == {
        "lab__first-1": "RESOLVED",
        "lab__second-1": "RESOLVED",
        "lab__third-1": "UNRESOLVED",
        "lab__fourth-1": "GAVE_UP",
    }


def test_results_count_what_was_graded(lab: Lab) -> None:
    """`verified` is the grader's word; rates have the whole run as denominator."""
    results = lab.results()
    assert results["summary"]["verified"] == 2
    assert results["summary"]["total"] == 4
    assert results["summary"]["success_rate"] == 0.5
    assert results["status"] == "complete"
    assert sorted(lab.grader.graded) == ["lab__first-1", "lab__second-1", "lab__third-1"]


def test_a_refused_attempt_is_told_to_the_next(journeys: dict[str, Journey]) -> None:
    """The second prompt holds what the first attempt did wrong."""
    second = journeys["lab__second-1"]
    prompts = ["".join(m.content for m in a.requests[0].messages) for a in second.attempts]
    assert second.attempts[1].feedback is not None
    assert second.attempts[1].feedback.stage == "lints"
    assert "wdith" not in prompts[0]
    assert "wdith" in prompts[2]


def test_stages_filter_in_their_order(journeys: dict[str, Journey]) -> None:
    """A candidate with a new undefined name passes three stages and no more."""
    attempt = journeys["lab__second-1"].attempts[1]
    assert [(f.stage, f.judgement) for f in attempt.findings] == [
        ("applies", Judgement.PASS),
        ("scope", Judgement.PASS),
        ("parses", Judgement.PASS),
        ("lints", Judgement.FAIL),
    ]


def test_files_for_reading_are_made_from_the_ledger(lab: Lab) -> None:
    """Prompt, reply, edits, diff, findings and feedback of each attempt lie in its folder."""
    folder = lab.run_folder / "lab__second-1"
    names = {path.name for path in (folder / "attempt-2").iterdir()}
    assert {"prompt.md", "reply-0.md", "edits-0.json", "candidate-0.diff", "findings.json", "feedback.md"} <= names
    assert b"width * height" in (folder / "patch.diff").read_bytes()
    assert (lab.run_folder.parent / "phase_1_results.json").read_bytes() == (
        lab.run_folder / "phase_1_results.json"
    ).read_bytes()


def test_a_model_that_goes_silent_leads_to_the_next_rung(tmp_path: Path) -> None:
    """Two attempts that cannot be read, and the second rung takes over and resolves."""
    lab = Lab(tmp_path, scripts={"lab__third-1": (PROSE, PROSE, PROSE, PROSE)})
    lab.start()
    (row,) = lab.results()["results"]
    assert (row["state"], row["rung"]) == ("RESOLVED", 1)
    assert row["escalated_because"]
    assert lab.results()["summary"]["verified_escalated"] == 1


def test_the_same_repair_in_other_words_is_not_judged_again(tmp_path: Path) -> None:
    """A repeated candidate is refused before any stage sees it."""
    again = BROKEN.replace("return wdith", "result = wdith").replace(" * height", " * height\n    return result")
    lab = Lab(
        tmp_path, scripts={"lab__first-1": (BROKEN, BROKEN.replace("    return", "    # now\n    return"), again)}
    )
    lab.start()
    ledger = Ledger(lab.run_folder / "ledger.db", read_only=True)
    (journey,) = read_journeys(ledger, lab.machine)
    ledger.close()
    assert [r.code for r in journey.attempts[1].refusals] == ["repeated"]
    assert journey.attempts[1].findings == ()


def test_giving_up_exports_the_best_candidate_unaccepted(tmp_path: Path) -> None:
    """A candidate that parses but was refused later is graded, and flagged."""
    lab = Lab(tmp_path, scripts={"lab__first-1": (BROKEN,)}, changes={"attempts": 1})
    lab.start()
    (row,) = lab.results()["results"]
    assert (row["state"], row["judge_accepted"]) == ("UNRESOLVED", False)
    assert row["patch_sha256"]


def test_what_breaks_around_us_is_not_held_against_the_model(tmp_path: Path) -> None:
    """An environment that fails ends the instance apart, in the denominator, and a retry goes on from there."""

    class Unreachable(Lab):
        broken = True

        def make_tools(self, *args, **kwargs):
            tools = super().make_tools(*args, **kwargs)
            grade = self.grader.grade

            class Flaky:
                def grade(_, *a, **k):  # noqa: N805
                    if self.broken:
                        raise InfrastructureError("the engine is gone")
                    return grade(*a, **k)

            return type(tools)(**{**tools.__dict__, "grader": Flaky()})

    lab = Unreachable(tmp_path, scripts={"lab__first-1": (RIGHT,)})
    lab.start()
    (row,) = lab.results()["results"]
    assert (row["state"], row["verified"]) == ("INFRA_FAILED", False)
    assert "the engine is gone" in row["error"]
    assert lab.results()["summary"] | {"total": 1, "infra_failed": 1} == lab.results()["summary"]
    lab.broken = False
    lab.resume(retry=frozenset({"INFRA_FAILED"}))
    (row,) = lab.results()["results"]
    assert (row["state"], row["attempts"]) == ("RESOLVED", 1)


def test_a_bug_of_ours_ends_one_instance_and_not_the_others(tmp_path: Path) -> None:
    """The trace is kept with the instance; the other one is graded."""

    class Nosy:
        def moved(self, journey: Journey, transition: Transition) -> None:
            if journey.instance_id == "lab__third-1" and transition.state == "GENERATING":
                raise ZeroDivisionError("a bug")

    lab = Lab(tmp_path, scripts={"lab__first-1": (RIGHT,), "lab__third-1": (WRONG,)})
    lab.start(Nosy())
    assert lab.states() == {"lab__first-1": "RESOLVED", "lab__third-1": "CRASHED"}
    assert lab.results()["summary"]["crashed"] == 1


def test_a_bug_after_a_step_that_is_not_on_disk_yet_gets_the_next_number(tmp_path: Path) -> None:
    """A crash right behind a commit that nobody waited for ends the instance as CRASHED, and the run goes on."""
    lab = Lab(tmp_path, scripts={"lab__first-1": (RIGHT,)})

    class SlowDisk(Faults):
        def reach(self, point: str) -> None:
            if point == "before_commit/PARSING_EDITS":
                self.held = sqlite3.connect(lab.run_folder / LEDGER, isolation_level=None, check_same_thread=False)
                self.held.execute("BEGIN IMMEDIATE")
                threading.Timer(0.3, self.held.close).start()
            elif point == "after_commit/PARSING_EDITS":
                raise ZeroDivisionError("a bug")

    lab.faults = SlowDisk()
    lab.start()
    assert lab.states() == {"lab__first-1": "CRASHED"}
    with contextlib.closing(Ledger(lab.run_folder / LEDGER, read_only=True)) as ledger:
        steps = list(ledger.transitions("lab__first-1"))
    assert [t.seq for t in steps] == list(range(len(steps)))
    assert [(t.state, t.event) for t in steps[-2:]] == [("PARSING_EDITS", "parsed"), ("JUDGE_APPLIES", "crashed")]


def test_the_same_settings_give_the_same_results(lab: Lab, tmp_path: Path) -> None:
    """But for times, a second run comes out as the first."""
    from tests.flow.lab import without_times

    again = Lab(tmp_path)
    again.start()
    first, second = without_times(lab.results()), without_times(again.results())
    for results in (first, second):
        for part in (results["config"], results["summary"], *results["results"]):
            part.pop("model", None)
            part.pop("ladder", None)
    assert first == second
