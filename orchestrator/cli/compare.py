"""`ramp compare A B`: two runs on their common instances."""

from __future__ import annotations

from typing import Annotated

import typer

from orchestrator.cli.options import RUNS, OutputFolder


def compare(
    run_a: Annotated[str, typer.Argument(metavar="A", help="The run to compare with.")],
    run_b: Annotated[str, typer.Argument(metavar="B", help="The run that is compared.")],
    output: OutputFolder = RUNS,
    as_json: Annotated[bool, typer.Option("--json", help="Print the comparison as JSON.")] = False,
) -> None:
    """Compare B with A, paired: flips by name, McNemar's exact test, intervals, cost; and what n cannot show."""
    from orchestrator.cli.common import find_run, show_comparison
    from orchestrator.report.load import load_results

    show_comparison(load_results(find_run(run_a, output)), load_results(find_run(run_b, output)), as_json)
