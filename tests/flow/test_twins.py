"""Two arms at once: they take turns, each leaves a run of its own, and a comparison of the two says what differs."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from orchestrator.journey import Journey, Transition
from orchestrator.launch.twins import start_interleaved, turns
from orchestrator.report.compare import compare_results
from tests.flow.lab import RIGHT, SCRIPTS, Lab


class Order:
    """Notes which instance ends when."""

    def __init__(self) -> None:
        self.claimed: list[str] = []

    def moved(self, journey: Journey, transition: Transition) -> None:
        """An instance took a step."""
        if transition.state == "QUEUED":
            self.claimed.append(journey.instance_id)


def test_turns_alternate_and_swap_who_goes_first() -> None:
    """A B, B A, A B: neither arm always meets the machine in the same mood."""
    assert [side for side, _ in turns(["abcd", "abcd"], 1)] == [0, 1, 1, 0, 0, 1, 1, 0]
    assert [block for _, block in turns([("a", "b", "c"), ("a",)], 2)] == [("a", "b"), ("a",), ("c",)]


def test_both_arms_run_in_turns_and_are_compared(tmp_path: Path) -> None:
    """The same instance of both arms runs one after the other; the better arm's flips are named."""
    a = Lab(tmp_path / "a", changes={"workers": 1})
    b = Lab(tmp_path / "b", changes={"workers": 1}, scripts=dict.fromkeys(SCRIPTS, (RIGHT,)))
    watch = Order()
    prepared = [(lab.plan(), lab.make_tools) for lab in (a, b)]
    start_interleaved(prepared, watch)
    assert watch.claimed == [name for name in SCRIPTS for _ in range(2)]
    found = compare_results(a.results(), b.results())
    assert found["gained"] == ["lab__third-1", "lab__fourth-1"]
    assert found["lost"] == []
    assert found["resolved"]["mcnemar"]["shows"].startswith("NOT SHOWN: 2 flips")


def test_an_arm_that_is_stopped_leaves_two_runs_that_can_be_resumed(tmp_path: Path) -> None:
    """Time runs out between two instances: both ledgers are whole, and what is left is unfinished."""
    labs = [Lab(tmp_path / name, changes={"workers": 1, "budget": {"minutes": 1e-9}}) for name in "ab"]
    start_interleaved([(replace(lab.plan()), lab.make_tools) for lab in labs], Order())
    for lab in labs:
        assert json.loads((lab.run_folder / "phase_1_results.json").read_text())["status"] == "partial"
        lab.settings = lab.settings.model_copy(update={"budget": type(lab.settings.budget)()})
    results: dict[str, Any] = labs[0].results()
    assert {row["state"] for row in results["results"]} <= {"UNFINISHED", "STOPPED"}
