"""`ramp init DIR`: a workspace with copies of its own of what is there to be tuned."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def init(folder: Annotated[Path, typer.Argument(metavar="DIR", help="A new or empty folder.")]) -> None:
    """Make a workspace: prompts/, states/ and phases/ to edit, runs/ for what comes out."""
    import shutil

    from orchestrator.errors import SettingsError
    from orchestrator.resources import installed_resource

    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise SettingsError(f"{folder} is not an empty folder; choose a new one")
    for kind in ("prompts", "states", "phases"):
        shutil.copytree(installed_resource(kind), folder / kind)
    (folder / "runs").mkdir()
    typer.echo(f"made {folder}: prompts/, states/ and phases/ are yours to edit; runs/ is where results go")
    typer.echo(f"next: cd {folder} && ramp run 1 -b starter -m mutation")
