"""`ramp prompts`: list, show, check, compare, make and try prompt sets."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from orchestrator.cli.options import RUNS, OutputFolder

if TYPE_CHECKING:
    from orchestrator.prompts import PromptSet
    from orchestrator.replay.trial import Pairing
    from orchestrator.text import CountTokens

app = typer.Typer(
    help="Prompt sets: see them, check them, compare them, make them, and try them on what a run recorded.",
    no_args_is_help=True,
)

_SetName = Annotated[str, typer.Argument(metavar="SET", help="A prompt set's name.")]


@app.command("list")
def list_sets() -> None:
    """The sets there are, with the hash that stamps results."""
    from orchestrator.prompts import available_sets
    from orchestrator.tuning.checks import read_log

    for name in available_sets(_root()):
        prompt_set = _load(name)
        own = sum(origin == name for origin in prompt_set.origins.values())
        inherits = f" of its own, the others from {' → '.join(prompt_set.inherits)}" if prompt_set.inherits else ""
        log = read_log(prompt_set.folder) if prompt_set.folder else ()
        typer.echo(f"{name:16} {prompt_set.sha256[:12]}  {own} templates{inherits}")
        for line in (prompt_set.about, f"{log[-1].date} {log[-1].changed}: {log[-1].result}" if log else ""):
            if line:
                typer.echo(f"{'':16} {line}")


@app.command("show")
def show(
    name: _SetName,
    template: Annotated[
        str | None, typer.Argument(help="One template, such as edit-now.md; without it, all names, and the set's log.")
    ] = None,
    example: Annotated[
        bool, typer.Option("--example", help="Rendered for a made-up instance, as a model sees it.")
    ] = False,
    edit_format: Annotated[str, typer.Option("--format", help="The example's edit format.")] = "function",
) -> None:
    """A set's templates and its log, one template, or what it renders to."""
    from orchestrator.errors import PromptError
    from orchestrator.tuning.checks import read_log
    from orchestrator.tuning.examples import example_messages

    prompt_set = _load(name)
    if example:
        for message in example_messages(prompt_set, edit_format):
            typer.echo(f"--- {message.role} ---\n{message.content}")
    elif template is None:
        typer.echo(f"{name} {prompt_set.sha256}")
        for path in prompt_set.files:
            uses = ", ".join(sorted(prompt_set.variables(path))) or "nothing"
            typer.echo(f"  {path:28} from {prompt_set.origins[path]}, uses {uses}")
        for entry in read_log(prompt_set.folder) if prompt_set.folder else ():
            typer.echo(f"{entry.date} {entry.sha256[:12]} {entry.changed}: {entry.result}")
            typer.echo(f"  tuned on {', '.join(entry.instances) or 'nothing'}")
    elif template not in prompt_set.files:
        raise PromptError(f"prompt set {name!r} has no template {template}; it has {', '.join(prompt_set.files)}")
    else:
        typer.echo(prompt_set.files[template], nl=False)


@app.command("check")
def check(
    name: _SetName,
    benchmark: Annotated[
        str | None, typer.Option("-b", "--benchmark", help="Also look for words shared with its issues.")
    ] = None,
    model: Annotated[str | None, typer.Option("-m", "--model", help="Count tokens as this model's estimate.")] = None,
) -> None:
    """Variables used and missing, tokens, hash; with -b, runs of 8 words shared with a problem statement are refused."""
    from orchestrator.errors import PromptError
    from orchestrator.text import estimate_tokens
    from orchestrator.tuning.checks import check_set, refuse_shared
    from orchestrator.tuning.examples import FORMATS, example_messages

    prompt_set = _load(name)
    count = _counter(model) if model else estimate_tokens
    typer.echo(f"{name} {prompt_set.sha256}")
    problems = []
    for made in check_set(prompt_set):
        tokens = count(prompt_set.files[made.template]) if made.template in prompt_set.files else 0
        typer.echo(f"  {made.template:28} {tokens:5} tokens  uses {', '.join(made.variables) or 'nothing'}")
        if made.problem:
            problems.append(f"{made.template} {made.problem}")
    if problems:
        raise PromptError(f"prompt set {name!r}: " + "\n  ".join(problems))
    for edit_format in FORMATS:
        tokens = sum(count(message.content) for message in example_messages(prompt_set, edit_format))
        typer.echo(f"  {'an example, ' + edit_format:28} {tokens:5} tokens")
    if benchmark:
        from orchestrator.launch.wiring import open_benchmark_by_name

        opened = open_benchmark_by_name(benchmark)
        statements = {i: opened.task(i).problem_statement for i in opened.instance_ids()}
        refuse_shared(prompt_set, statements)
        allowed = sorted(statements.keys() & set(prompt_set.allow_overlap))
        but = f" but {', '.join(allowed)}, allowed by name" if allowed else ""
        typer.echo(f"shares no 8 words in a row with any of {len(statements)} problem statements{but}")
    typer.echo("no problem found")


@app.command("diff")
def diff(old: _SetName, new: _SetName) -> None:
    """What changes between two sets, template by template, inherited ones included."""
    import difflib

    from orchestrator.cli.paint import show as show_lines
    from orchestrator.report.lines import marked_diff

    one, other = _load(old), _load(new)
    if one.sha256 == other.sha256:
        typer.echo(f"{old} and {new} have the same templates")
    for path in sorted({*one.files, *other.files}):
        before, after = (s.files.get(path, "").splitlines() for s in (one, other))
        lines = difflib.unified_diff(before, after, f"{old}/{path}", f"{new}/{path}", lineterm="")
        show_lines(marked_diff("\n".join(lines)))


@app.command("new")
def new(
    name: _SetName,
    base: Annotated[str, typer.Option("--from", metavar="SET", help="The set it inherits from.")] = "default",
) -> None:
    """A new set that inherits everything; copy a template into it to change it."""
    from orchestrator.tuning.tiers import new_set

    folder = new_set(_root(), name, base, Path.cwd())
    typer.echo(f"made {folder}/set.toml, which inherits {base}; copy a template from {base} into it and change it")
    typer.echo(f"next: ramp prompts check {name}; ramp prompts try {name} --on RUN")


@app.command("try")
def try_set(
    name: _SetName,
    run: Annotated[str, typer.Option("--on", metavar="RUN", help="The run whose inputs are taken.")],
    only_failed: Annotated[bool, typer.Option("--only-failed", help="Only instances that were not resolved.")] = False,
    limit: Annotated[int, typer.Option("-n", min=1, help="At most so many instances.")] = 20,
    until: Annotated[
        str, typer.Option("--until", metavar="STATE", help="The last state to go through.")
    ] = "JUDGE_LINTS",
    repeat: Annotated[
        int, typer.Option("--repeat", min=1, help="Samples of each; above 1 the old set is asked again too.")
    ] = 1,
    attempt: Annotated[int, typer.Option("--attempt", min=1, help="The attempt whose inputs are taken.")] = 1,
    model: Annotated[str | None, typer.Option("-m", "--model", help="Another model, for both sets.")] = None,
    changed: Annotated[str, typer.Option("--changed", help="What is new in the set, for its log.")] = "",
    output: OutputFolder = RUNS,
) -> None:
    """Run a set's prompts on recorded inputs and compare with the old ones, without running a test."""
    from orchestrator.cli.common import find_run
    from orchestrator.cli.paint import show as show_lines
    from orchestrator.replay.campaign import Ask, log_trial, run_trial, trial_lines
    from orchestrator.tuning.tiers import require_workspace

    prompt_set = _load(name)
    require_workspace(_root(), Path.cwd())
    folder = find_run(run, output)
    ask = Ask(attempt=attempt, only_failed=only_failed, limit=limit, until=until.upper(), repeat=repeat, model=model)
    trial = run_trial(folder, prompt_set, ask, on_pair=_progress)
    show_lines(trial_lines(trial))
    log_trial(trial, changed)
    typer.echo(f"written to {prompt_set.folder}/log.jsonl: reports flag these instances as tuned on")


def _progress(pairing: Pairing) -> None:
    """What came of one instance, while a trial goes on: states passed by each try, old set to new."""
    old, new = (" ".join(str(result.passed) for result in side) for side in (pairing.old, pairing.new))
    typer.echo(f"{pairing.instance_id}: {old} → {new} states passed", err=True)


def _counter(model: str) -> CountTokens:
    from orchestrator.models import open_model

    return open_model(model).count_tokens


def _root() -> Path:
    from orchestrator.resources import find_resource

    return find_resource("prompts", Path.cwd())


def _load(name: str) -> PromptSet:
    from orchestrator.prompts import PromptSet

    return PromptSet.load(_root(), name)
