"""Which files a gold patch touches, asked after a run is complete to tell where localization missed."""

from __future__ import annotations

from collections.abc import Callable

from orchestrator.diffs import touched_paths
from orchestrator.protocols import Benchmark


def gold_files(benchmark: Benchmark) -> Callable[[str], frozenset[str]]:
    """The files of an instance's gold patch, by instance id. The caller answers for asking only after the run."""
    return lambda instance_id: frozenset(touched_paths(benchmark.sealed(instance_id).patch))
