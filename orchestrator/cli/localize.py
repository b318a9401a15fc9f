"""`ramp localize`: the files and functions that an issue points to, with the evidence."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from orchestrator.protocols import Repository
    from orchestrator.records import Reproduction, Task


def localize(
    instance: Annotated[str | None, typer.Option("-i", "--instance", help="An instance of the benchmark.")] = None,
    benchmark: Annotated[str, typer.Option("-b", "--benchmark", help="starter, lite, ..., or a path.")] = "lite",
    repo: Annotated[Path | None, typer.Option("--repo", help="A clone, plain or bare, instead of a benchmark.")] = None,
    commit: Annotated[str, typer.Option("--commit", help="The commit to look at.")] = "HEAD",
    issue: Annotated[Path | None, typer.Option("--issue", help="A file with the issue's text.")] = None,
    count: Annotated[int, typer.Option("-k", help="How many files and functions to print.")] = 10,
    execute: Annotated[
        bool, typer.Option("--execute", help="With -i: run the issue's code in its sandbox, and rank by it, too.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Scores and evidence as JSON.")] = False,
) -> None:
    """Rank files, then functions, by how likely the issue is repaired there; no model is asked, nothing run but with --execute."""
    import json
    from dataclasses import asdict

    from orchestrator.errors import SettingsError
    from orchestrator.launch.wiring import cache_folder, open_benchmark_by_name
    from orchestrator.localize.index import open_index
    from orchestrator.localize.rank import localize as rank
    from orchestrator.repo.heads import head_commit
    from orchestrator.repo.objects import GitRepository, resolve_git_dir

    repository: Repository
    seen: Reproduction | None = None
    if repo is not None and issue is not None:
        repository = GitRepository(resolve_git_dir(repo), head_commit(repo) if commit == "HEAD" else commit)
        try:
            statement = issue.read_text(encoding="utf-8", errors="replace")
        except OSError as error:
            raise SettingsError(f"the issue {issue} cannot be read: {error.strerror}") from error
    elif instance is not None:
        rows = open_benchmark_by_name(benchmark)
        task = rows.task(instance)
        repository, statement = rows.repository(task), task.problem_statement
        seen = _executed(benchmark, task, repository) if execute else None
    else:
        raise SettingsError("say what to look at: -i ID [-b BENCHMARK], or --repo DIR --issue FILE [--commit SHA]")
    if execute and seen is None:
        raise SettingsError("--execute needs a benchmark's instance, which has a sandbox: give -i ID")
    executed, walked = (seen.executed, seen.walked) if seen else ((), None)
    loaded = open_index(cache_folder() / "index").load(repository)
    found = rank(loaded, repository, statement, executed=executed, walked=walked)
    if as_json:
        shown = {"files": found.files[:count], "functions": found.functions[:count]}
        ranked = {kind: [asdict(each) for each in places] for kind, places in shown.items()}
        typer.echo(json.dumps({**ranked, "confidence": found.confidence, "notes": found.notes}, indent=2))
        return
    for kind, places in (("files", found.files), ("functions", found.functions)):
        typer.echo(f"{kind}:")
        for place in places[:count]:
            where = place.location
            name = f" {where.qualified_name} ({where.start_line}-{where.end_line})" if where.qualified_name else ""
            why = ", ".join(f"{e.signal} {e.detail}" for e in place.evidence[:3])
            typer.echo(f"  {place.score:6.3f}  {where.path}{name}  {why}")
    typer.echo(f"confidence {found.confidence:.2f}" + "".join(f"\nnote: {note}" for note in found.notes))


def _executed(benchmark: str, task: Task, repository: Repository) -> Reproduction:
    """What the issue's code ran through in the task's sandbox."""
    from orchestrator.launch.pieces import check_pieces
    from orchestrator.launch.wiring import grading_wiring
    from orchestrator.steps.understand import observe

    wiring = grading_wiring(benchmark, lean=False, repeat=1)
    check_pieces(wiring.engine_checks([task]))
    try:
        return observe(task, wiring.engine_for(task).open(task, repository))
    finally:
        wiring.close()
