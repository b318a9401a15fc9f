"""`phase_N_results.json`: the seed schema, with more keys; every number has its denominator.

Instances stream by one at a time: a journey becomes a row and is let go, so memory stays flat however large the run.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

from orchestrator.journey import Journey, replay_journey
from orchestrator.ledger import Ledger
from orchestrator.machine import Machine
from orchestrator.memory.grades import Grade, grades_of
from orchestrator.models import CallRecord
from orchestrator.report.calls import CallTable, calls_in_row, calls_of, cost_usd
from orchestrator.report.choices import GradedCandidates
from orchestrator.report.rows import FORMAT, Counts, row_of
from orchestrator.report.summary import (
    calibration_of,
    heat_of,
    instance_funnel_of,
    latency_of,
    repositories_of,
    summary_of,
)
from orchestrator.steps.deliver import patch_so_far


class ResultsBuilder:
    """Takes a run's journeys one by one, in any order, and makes its results."""

    def __init__(self, meta: Mapping[str, Any], machine: Machine, run_id: str) -> None:
        self._meta = meta
        self._run_id = run_id
        self._finals = frozenset(machine.finals)
        self._earlier = frozenset(meta.get("earlier_ids", ()))
        self._tuned = frozenset(meta.get("tuned_on", ()))
        self._reused: Mapping[str, str] = meta.get("reused_from", {})
        self._ladder = [rung["model"] for rung in meta["settings"]["ladder"]]
        self._counts = Counts()
        self._graded = GradedCandidates()
        self._calls = CallTable()
        self._steps = 0
        self._rows: list[dict[str, Any]] = []

    def add(
        self,
        journey: Journey,
        grades: Mapping[str, Grade] = MappingProxyType({}),
        calls: Sequence[CallRecord] = (),
    ) -> dict[str, Any]:
        """Take in one instance with its calls to models, and return its row. `grades` are by patch hash, of `--grade-all`."""
        name = journey.instance_id
        row = row_of(
            journey,
            self._finals,
            fresh=name not in self._earlier,
            tuned_on=name in self._tuned,
            reused_from=self._reused.get(name),
        )
        row |= calls_in_row(calls, self._ladder, made=bool(row["samples"]))
        if calls:
            row["cost_usd"] = cost_usd(calls)
        self._counts.add(journey)
        self._graded.add(journey, grades)
        self._calls.add(calls)
        self._rows.append(row)
        self._steps += journey.seq + len(grades)
        return row

    def results(self) -> dict[str, Any]:
        """The results of what was taken in. `verified` counts official verdicts; rates are fractions of `total`."""
        rows, settings = self._rows, self._meta["settings"]
        graded = self._graded.results()
        return {
            "phase": settings["phase"],
            "timestamp": datetime.fromtimestamp(self._meta["began_s"], UTC).isoformat(),
            "config": config_of(self._meta, self._run_id),
            "format": FORMAT,
            "ledger_steps": self._steps,
            "status": "complete" if all(is_over(row) for row in rows) else "partial",
            "summary": summary_of(rows),
            "funnel": dict(self._counts.funnel),
            "instance_funnel": instance_funnel_of(rows),
            "stage_verdicts": {stage: dict(said) for stage, said in self._counts.verdicts.items()},
            "calibration": calibration_of(rows),
            **({"grade_all": graded} if graded else {}),
            "attempt_ends": heat_of(rows),
            "categories": dict(Counter(row["category"] for row in rows if row["category"]).most_common()),
            "repositories": repositories_of(rows),
            "models": self._calls.rows(),
            "latency": latency_of(rows, self._counts.call_seconds),
            "results": rows,
        }


def read_journeys(ledger: Ledger, machine: Machine) -> Iterator[Journey]:
    """Every instance's journey, in the run's order, one at a time."""
    for instance_id in ledger.instance_ids():
        yield replay_journey(instance_id, machine.start, ledger.transitions(instance_id))


def with_patch_so_far(journey: Journey, machine: Machine) -> Journey:
    """A stopped instance with the best patch that it has, ungraded; any other as it is."""
    if journey.state != machine.always["stopped"] or journey.patch is not None:
        return journey
    return replace(journey, patch=patch_so_far(journey))


def phase_results(ledger: Ledger, machine: Machine) -> dict[str, Any]:
    """The results of a run, straight from its ledger."""
    builder = ResultsBuilder(ledger.meta(), machine, ledger.path.parent.name)
    for journey in read_journeys(ledger, machine):
        instance_id = journey.instance_id
        builder.add(with_patch_so_far(journey, machine), grades_of(ledger, instance_id), calls_of(ledger, instance_id))
    return builder.results()


def config_of(meta: Mapping[str, Any], run_id: str) -> dict[str, Any]:
    """What the run was: models, arm, limits, tiers of optimisation, stamps."""
    settings = meta["settings"]
    return {
        "model": settings["ladder"][0]["model"],
        "approach": settings["arm"],
        "max_attempts": settings["attempts"],
        "benchmark": settings["benchmark"],
        "ladder": [rung["model"] for rung in settings["ladder"]],
        "disclosure": settings["disclosure"],
        "run": run_id,
        "phase_name": settings["name"],
        "size": settings["size"],
        "is_subset": meta.get("is_subset", False),
        "seed": settings["seed"],
        "override": meta.get("override"),
        "tiers": meta.get("tiers", {}),
        "stamps": meta["stamps"],
    }


def is_over(row: Mapping[str, Any]) -> bool:
    """Whether an instance came to an end that is not "stopped for now"."""
    return row["state"] not in ("UNFINISHED", "STOPPED")
