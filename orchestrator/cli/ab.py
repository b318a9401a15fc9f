"""`ramp ab A B`: two arms, interleaved, and compared."""

from __future__ import annotations

from typing import Annotated

import typer

from orchestrator.cli.options import RUNS, BenchmarkName, OutputFolder, Pull


def ab(
    arm_a: Annotated[str, typer.Argument(metavar="ARM_A", help="An arm of phases/arms.toml.")],
    arm_b: Annotated[str, typer.Argument(metavar="ARM_B", help="The arm that is compared with it.")],
    phase: Annotated[str, typer.Option("--phase", help="1..5, or a phase file (.toml).")],
    benchmark: BenchmarkName = None,
    overrides: Annotated[list[str] | None, typer.Option("-c", help="key.sub=value over both arms; repeatable.")] = None,
    override_gate: Annotated[
        str | None, typer.Option("--override", metavar="WHY", help="Go on although an arm's last gate said no.")
    ] = None,
    output: OutputFolder = RUNS,
    pull: Pull = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the comparison as JSON.")] = False,
) -> None:
    """Run both arms of a phase, one instance of each in turn, so that time and load fall on both alike; then compare.

    Nothing is taken over from earlier runs: what was done on another day was not done side by side.
    """
    from orchestrator.cli.common import show_comparison, watcher
    from orchestrator.launch.request import Request
    from orchestrator.launch.twins import run_interleaved
    from orchestrator.report.load import load_results

    requests = [
        Request(
            phase=phase,
            benchmark=benchmark,
            arm=arm,
            overrides=tuple(overrides or ()),
            output=output,
            again="redo-existing",
            override_gate=override_gate,
        )
        for arm in (arm_a, arm_b)
    ]
    with watcher(as_json) as observer:
        folders = run_interleaved(requests, observer, pull=pull)
    show_comparison(load_results(folders[0]), load_results(folders[1]), as_json)
