"""Prepare: from a row to a repository and an environment."""

from __future__ import annotations

from orchestrator.journey import Journey
from orchestrator.steps.said import Said, thought
from orchestrator.steps.workbench import Workbench


def queued(journey: Journey, bench: Workbench) -> Said:
    """A worker has taken the instance."""
    del journey, bench
    return thought("claimed")


def loading(journey: Journey, bench: Workbench) -> Said:
    """Split the row: the Task goes on, what is sealed stays with the benchmark."""
    return thought("loaded", bench.benchmark.task(journey.instance_id))


def opening_repository(journey: Journey, bench: Workbench) -> Said:
    """Find the repository at base_commit in git objects."""
    bench.open_repository(journey.the_task)
    return thought("opened")


def preparing_sandbox(journey: Journey, bench: Workbench) -> Said:
    """Open the environment; a command that does nothing shows that it stands."""
    bench.open_sandbox(journey.the_task)
    return Said("ready", note=bench.sandbox.profile.kind)
