"""The table of verbs. Each verb's own file imports what it needs when it runs, so `ramp --help` stays quick."""

from __future__ import annotations

import typer

from orchestrator.cli import (
    ab,
    compare,
    doctor,
    evaluate,
    export,
    gate,
    init,
    inspect,
    localize,
    prompts,
    replay,
    report,
    resume,
    run,
    states,
)

app = typer.Typer(
    name="ramp",
    help="Repair repositories, SWE-bench instance by instance, under a state machine; and show what that is worth.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command("run")(run.run)
app.command("resume")(resume.resume)
app.command("replay")(replay.replay)
app.command("inspect")(inspect.inspect)
app.command("export")(export.export)
app.command("localize")(localize.localize)
app.command("states")(states.states)
app.command("evaluate")(evaluate.evaluate)
app.command("doctor")(doctor.doctor)
app.command("init")(init.init)
app.command("report")(report.report)
app.command("compare")(compare.compare)
app.command("ab")(ab.ab)
app.command("gate")(gate.gate)
app.add_typer(prompts.app, name="prompts")
