"""`ramp report RUN...`: numbers, tables and pages from ledgers; needs no network, no model and no Docker."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from orchestrator.cli.options import RUNS, AsJson, OutputFolder

if TYPE_CHECKING:
    from collections.abc import Sequence


def report(
    runs: Annotated[list[str] | None, typer.Argument(metavar="[RUN]...", help="Runs; default: the newest.")] = None,
    output: OutputFolder = RUNS,
    html: Annotated[
        bool,
        typer.Option("--html", help="Write report.html into each run's folder, and of several runs one beside them."),
    ] = False,
    html_file: Annotated[
        Path | None, typer.Option("--html-file", help="Write one page of all these runs to this file.")
    ] = None,
    notebook: Annotated[Path | None, typer.Option("--notebook", help="Write and execute a notebook.")] = None,
    csv: Annotated[Path | None, typer.Option("--csv", help="Write one line per instance and run.")] = None,
    as_json: AsJson = False,
) -> None:
    """Report one run or several."""
    import json

    from orchestrator.cli.common import find_run
    from orchestrator.report.load import load_results

    folders = [find_run(run, output) for run in runs or [_newest(output)]]
    found = [load_results(folder) for folder in folders]
    if as_json:
        typer.echo(json.dumps(found[0] if len(found) == 1 else found, indent=2))
    elif not (html or html_file or notebook or csv):
        _print(found, folders)
    if csv:
        from orchestrator.report.table import write_csv

        write_csv(csv, found)
        typer.echo(f"wrote {csv}", err=as_json)
    if html or html_file:
        _pages(folders, html_file, as_json)
    if notebook:
        from orchestrator.report.notebook import write_notebook

        write_notebook(notebook, found)
        typer.echo(f"wrote {notebook}, executed", err=as_json)


def _newest(output: Path) -> str:
    from orchestrator.errors import LedgerError
    from orchestrator.ledger import run_folders

    if not (folders := run_folders(output)):
        raise LedgerError(f"there is no run in {output}; make one with `ramp run 1 -b starter -m mutation`")
    return str(folders[0])


def _print(found: Sequence[dict[str, Any]], folders: Sequence[Path]) -> None:
    from orchestrator.cli.tables import print_results
    from orchestrator.report.gate import read_gate

    for results, folder in zip(found, folders, strict=True):
        print_results(results, folder, read_gate(folder))


def _pages(folders: Sequence[Path], together: Path | None, quiet: bool) -> None:
    from orchestrator.report.page import write_page

    pages: list[tuple[Path, Sequence[Path]]] = (
        [(together, folders)] if together else [(folder / "report.html", [folder]) for folder in folders]
    )
    if not together and len(folders) > 1:
        pages.append((folders[0].parent / "report.html", folders))
    for page, shown in pages:
        write_page(page, shown)
        typer.echo(f"wrote {page}", err=quiet)
