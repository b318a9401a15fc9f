"""Kill a run at every named point and at random moments, resume it, and it comes out as if nothing had happened."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from orchestrator.clock import Faults
from orchestrator.errors import Interrupted
from orchestrator.ledger import Ledger
from orchestrator.machine import load_machine
from orchestrator.resources import installed_resource
from tests.flow.lab import Lab, without_times

MACHINE = load_machine(installed_resource("states") / "machine.toml")
# Every state that the lab's journeys pass through, before and after its commit, and the moment after a paid call.
WALKED = [
    "QUEUED",
    "LOADING",
    "OPENING_REPOSITORY",
    "PREPARING_SANDBOX",
    "REPRODUCING",
    "LOCALIZING",
    "RUNNING_BASELINE",
    "BUILDING_CONTEXT",
    "GENERATING",
    "PARSING_EDITS",
    "JUDGE_APPLIES",
    "JUDGE_SCOPE",
    "JUDGE_PARSES",
    "JUDGE_LINTS",
    "JUDGE_IMPORTS",
    "JUDGE_REPRODUCTION",
    "JUDGE_REGRESSION",
    "JUDGE_REVIEW",
    "JUDGE_CONSENSUS",
    "DIAGNOSING",
    "DECIDING",
    "ESCALATING",
    "EXPORTING_PATCH",
    "EVALUATING",
]
POINTS = [f"{when}/{state}" for state in WALKED for when in ("before_commit", "after_commit")] + ["after_call"]
RANDOM_KILLS = 60


def in_child(work: Callable[[], None]) -> int:
    """Run `work` in a forked process and return its process id; the caller waits."""
    child = os.fork()
    if child == 0:
        try:
            work()
        except Interrupted as stop:
            os._exit(stop.exit_code)
        except BaseException:  # noqa: BLE001
            import traceback

            traceback.print_exc()
            os._exit(99)
        os._exit(0)
    return child


def wait(child: int) -> int:
    """The exit code of a child, negative for a signal."""
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Lab:
    """The run as it is without any fault, in a folder of the same name."""
    lab = Lab(tmp_path_factory.mktemp("undisturbed"))
    assert wait(in_child(lab.start)) == 0
    return lab


def test_the_points_are_the_whole_machine() -> None:
    """No working state is left out."""
    assert list(MACHINE.states) == WALKED


def finish_and_compare(lab: Lab, undisturbed: Lab) -> None:
    """Resume (or start, if the run had not begun) and compare: nothing lost, nothing twice."""
    begun = (lab.run_folder / "ledger.db").is_file()
    lab.faults = Faults()
    assert wait(in_child(lab.resume if begun else lab.start)) == 0
    ours, theirs = without_times(lab.results()), without_times(undisturbed.results())
    for results in (ours, theirs):
        for part in (results["config"], *results["results"]):
            part.pop("model"), part.pop("ladder", None)
    assert ours == theirs
    connection = sqlite3.connect(lab.run_folder / "ledger.db")
    for instance_id in lab.scripts:
        seqs = [
            row[0] for row in connection.execute("SELECT seq FROM transitions WHERE instance_id = ?", (instance_id,))
        ]
        assert sorted(seqs) == list(range(len(seqs)))
    calls = connection.execute("SELECT count(*) FROM memos WHERE kind = 'call'").fetchone()[0]
    connection.close()
    assert calls == sum(row["samples"] for row in ours["results"])


@pytest.mark.parametrize("point", POINTS)
def test_killed_at_a_named_point(point: str, tmp_path: Path, undisturbed: Lab) -> None:
    """The process dies as by a power cut; the resumed run ends equal to the undisturbed one."""
    lab = Lab(tmp_path, faults=Faults(point, nth=random.Random(point).randint(1, 2)))
    died = wait(in_child(lab.start))
    if died == 0:  # the second visit of a point that is passed once
        lab = Lab(tmp_path / "once", faults=Faults(point))
        died = wait(in_child(lab.start))
    assert died == -signal.SIGKILL
    finish_and_compare(lab, undisturbed)


@pytest.mark.parametrize("batch", range(6))
def test_killed_at_random_moments(batch: int, tmp_path: Path, undisturbed: Lab) -> None:
    """Ten runs, each killed one to three times somewhere between its start and its end."""
    for number in range(RANDOM_KILLS // 6):
        dice = random.Random(f"{batch}.{number}")
        lab = Lab(tmp_path / str(number))
        for _ in range(dice.randint(1, 3)):
            begun = (lab.run_folder / "ledger.db").is_file()
            child = in_child(lab.resume if begun else lab.start)
            time.sleep(dice.uniform(0.0, 0.6))
            os.kill(child, signal.SIGKILL)
            wait(child)
        finish_and_compare(lab, undisturbed)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_stops_cleanly_and_resumably(number: int, code: int, tmp_path: Path, undisturbed: Lab) -> None:
    """Steps under way are finished, the results say partial, the exit code names the signal, and resume completes it."""
    lab = Lab(tmp_path, delay_s=0.3)
    child = in_child(lab.start)
    while not (lab.run_folder / "ledger.db").is_file():
        time.sleep(0.01)
    time.sleep(0.5)
    os.kill(child, number)
    began_s = time.monotonic()
    assert wait(child) == code
    assert time.monotonic() - began_s < 15
    assert lab.results()["status"] == "partial"
    assert lab.results()["summary"]["total"] == 4
    finish_and_compare(lab, undisturbed)


def test_a_step_that_does_not_end_is_left_behind(tmp_path: Path, undisturbed: Lab) -> None:
    """A call that takes minutes does not hold up a stop: the run leaves it after a grace, with the signal's exit code."""
    lab = Lab(tmp_path, delay_s=120.0)
    child = in_child(lab.start)
    while not (lab.run_folder / "ledger.db").is_file():
        time.sleep(0.01)
    time.sleep(1.0)
    os.kill(child, signal.SIGTERM)
    began_s = time.monotonic()
    assert wait(child) == 143
    assert time.monotonic() - began_s < 15
    assert lab.results()["status"] == "partial"
    lab.delay_s = 0.0
    lab.write_scripts()
    finish_and_compare(lab, undisturbed)


def test_a_ledger_killed_in_its_first_moments_opens(tmp_path: Path) -> None:
    """From the moment at which the file is there, through its first opening: never called damaged."""
    for number in range(60):
        path = tmp_path / str(number) / "ledger.db"
        child = in_child(lambda path=path: Ledger.create(path, {"a": 1}, ("x",)).set_meta("b", 2))  # type: ignore[misc]
        while not path.exists():
            time.sleep(0)
        time.sleep(number % 20 / 20_000)
        os.kill(child, signal.SIGKILL)
        wait(child)
        with contextlib.closing(Ledger(path)) as ledger:
            assert ledger.instance_ids() == ("x",)
