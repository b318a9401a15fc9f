"""`ramp prompts`: list, show, check, compare, make and try prompt sets."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from orchestrator.cli.options import RUNS, OutputFolder

if TYPE_CHECKING:
    from orchestrator.prompts import PromptSet
    from orchestrator.text import CountTokens

app = typer.Typer(
    help="Prompt sets: see them, check them, compare them, make them, and try them on what a run recorded.",
    no_args_is_help=True,
)

_SetName = Annotated[str, typer.Argument(metavar="SET", help="A prompt set's name.")]


@app.command("list")
def list_sets() -> None:
    """The sets there are, with the hash that stamps results."""
    from orchestrator.prompt_checks import read_log
    from orchestrator.prompts import available_sets

    for name in available_sets(_root()):
        prompt_set = _load(name)
        tries = len(read_log(prompt_set.folder)) if prompt_set.folder else 0
        inherits = f", inherits {' → '.join(prompt_set.inherits)}" if prompt_set.inherits else ""
        typer.echo(
            f"{name:16} {prompt_set.sha256[:12]}  {len(prompt_set.files)} templates{inherits}, {tries} log entries"
        )
        typer.echo(f"{'':16} {prompt_set.about}")


@app.command("show")
def show(
    name: _SetName,
    template: Annotated[
        str | None, typer.Argument(help="One template, such as edit-now.md; without it, all names.")
    ] = None,
    example: Annotated[
        bool, typer.Option("--example", help="Rendered for a made-up instance, as a model sees it.")
    ] = False,
    edit_format: Annotated[str, typer.Option("--format", help="The example's edit format.")] = "function",
) -> None:
    """A set's templates, one template, or what it renders to."""
    from orchestrator.errors import PromptError
    from orchestrator.prompts import edit_messages

    prompt_set = _load(name)
    if example:
        from orchestrator import prompt_examples as made_up

        if f"formats/{edit_format}.md" not in prompt_set.files:
            raise PromptError(
                f"prompt set {name!r} has no formats/{edit_format}.md; it has {', '.join(sorted(prompt_set.files))}"
            )
        messages = edit_messages(
            prompt_set,
            task=made_up.TASK,
            context=made_up.CONTEXT,
            reproduction=made_up.REPRODUCTION,
            feedback=made_up.FEEDBACK,
            edit_format=edit_format,
        )
        for message in messages:
            typer.echo(f"--- {message.role} ---\n{message.content}")
    elif template is None:
        typer.echo(f"{name} {prompt_set.sha256}")
        for path in prompt_set.files:
            typer.echo(f"  {path}  uses {', '.join(sorted(prompt_set.variables(path))) or 'nothing'}")
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
    from orchestrator.prompt_checks import check_set
    from orchestrator.text import estimate_tokens

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
    if benchmark:
        from orchestrator.wiring import open_benchmark_by_name

        opened = open_benchmark_by_name(benchmark)
        _refuse_shared(prompt_set, {i: opened.task(i).problem_statement for i in opened.instance_ids()})
    typer.echo("no problem found")


@app.command("diff")
def diff(old: _SetName, new: _SetName) -> None:
    """What changes between two sets, template by template, inherited ones included."""
    import difflib

    one, other = _load(old), _load(new)
    for path in sorted({*one.files, *other.files}):
        before, after = (s.files.get(path, "").splitlines() for s in (one, other))
        for line in difflib.unified_diff(before, after, f"{old}/{path}", f"{new}/{path}", lineterm=""):
            typer.echo(line)


@app.command("new")
def new(
    name: _SetName,
    base: Annotated[str, typer.Option("--from", metavar="SET", help="The set it inherits from.")] = "default",
) -> None:
    """A new set that inherits everything; copy a template into it to change it."""
    from orchestrator.tuning import new_set

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
    from orchestrator.replay.campaign import Ask, log_trial, run_trial, trial_lines

    prompt_set = _load(name)
    folder = find_run(run, output)
    ask = Ask(attempt=attempt, only_failed=only_failed, limit=limit, until=until.upper(), repeat=repeat, model=model)
    trial = run_trial(folder, prompt_set, ask, refuse_shared=_refuse_shared)
    for line in trial_lines(trial):
        typer.echo(line)
    log_trial(trial, changed)
    typer.echo(f"written to {prompt_set.folder}/log.jsonl: reports flag these instances as tuned on")


def _refuse_shared(prompt_set: PromptSet, statements: dict[str, str]) -> None:
    """Raise PromptError where a prompt shares a run of words with a problem statement."""
    from orchestrator.errors import PromptError
    from orchestrator.prompt_checks import shared_runs

    found = shared_runs(prompt_set, statements)
    if found:
        lines = "\n".join(f"  {o.template} and {o.instance_id}: {o.words!r}" for o in found[:10])
        raise PromptError(
            f"prompt set {prompt_set.name!r} shares words with {len(found)} problem statement(s):\n{lines}\n"
            "say it in other words, or allow the instance by name in set.toml: allow_overlap = [...]"
        )


def _counter(model: str) -> CountTokens:
    from orchestrator.models import open_model

    return open_model(model).count_tokens


def _root() -> Path:
    from orchestrator.resources import find_resource

    return find_resource("prompts", Path.cwd())


def _load(name: str) -> PromptSet:
    from orchestrator.prompts import PromptSet

    return PromptSet.load(_root(), name)
