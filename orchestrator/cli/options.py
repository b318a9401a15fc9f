"""Arguments and options that several verbs take, each with its help: `name: RunName`, `output: OutputFolder = RUNS`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

RUNS = Path("runs")
"""Where runs are kept unless -o says otherwise."""

RunName = Annotated[str, typer.Argument(metavar="RUN", help="A run's name in the output folder, or its path.")]
OutputFolder = Annotated[Path, typer.Option("-o", "--output", help="Where runs are kept.")]
PhaseName = Annotated[str, typer.Argument(help="1..5, or a phase file (.toml).")]
BenchmarkName = Annotated[
    str | None, typer.Option("-b", "--benchmark", help="starter, lite, verified, full, multilingual, or a path.")
]
Overrides = Annotated[list[str] | None, typer.Option("-c", help="key.sub=value over the phase file; repeatable.")]
Pull = Annotated[bool, typer.Option("--pull", help="Pull missing models and images.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print the results as JSON.")]

# --- of `ramp run` alone ------------------------------------------------------------------------------------

Model = Annotated[str | None, typer.Option("-m", "--model", help="The primary model, alone on the ladder.")]
EscalateTo = Annotated[str | None, typer.Option("--escalate-to", help="The second rung's model, or none.")]
Arm = Annotated[str | None, typer.Option("--arm", help="An arm of phases/arms.toml.")]
Disclosure = Annotated[str, typer.Option("--feedback", help="repo-tests, or oracle (an upper bound).")]
Instances = Annotated[list[str] | None, typer.Option("-i", "--instance", help="Only this instance; repeatable.")]
Pattern = Annotated[str | None, typer.Option("--filter", help="Only ids that match this expression.")]
Slice = Annotated[str | None, typer.Option("--slice", help="Only a:b of what is left.")]
Shuffle = Annotated[int | None, typer.Option("--shuffle", help="Shuffle with this seed.")]
Workers = Annotated[int | None, typer.Option("-w", "-j", "--workers", help="Instances at a time.")]
RunId = Annotated[str | None, typer.Option("--run-id", help="The run's name; default: phase, benchmark, arm, time.")]
RedoExisting = Annotated[
    bool, typer.Option("--redo-existing", help="Take nothing over from earlier runs of the series.")
]
RetryErrors = Annotated[
    bool, typer.Option("--retry-errors", help="Run only what the environment or a bug broke last time.")
]
OnlyFailed = Annotated[
    bool, typer.Option("--only-failed", help="Run only what was not resolved last time; a subset, never a phase.")
]
OverrideGate = Annotated[
    str | None, typer.Option("--override", metavar="WHY", help="Go on although the last phase's gate said no.")
]
SpendLimit = Annotated[float | None, typer.Option("-l", "--limit", help="Dollars for the whole phase.")]
GradeAll = Annotated[
    bool, typer.Option("--grade-all", help="Grade every candidate once all patches are frozen: pass@k, calibration.")
]
UnsafeLocal = Annotated[bool, typer.Option("--unsafe-local", help="No sandbox; stamped on every result.")]
NoCache = Annotated[bool, typer.Option("--no-cache", help="Ask models even where a reply is cached.")]
DryRun = Annotated[
    bool, typer.Option("--dry-run", help="Print what would run and what a change of each tier costs; stop.")
]
