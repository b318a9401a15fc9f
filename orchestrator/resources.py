"""Where prompts/, states/ and phases/ are: the user's workspace first, then the copy that was installed with the program."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from orchestrator.errors import MissingPiece

Kind = Literal["prompts", "states", "phases"]

# A folder of this name counts only with one of our files in it: `states/` is a common name.
_MARKERS: dict[Kind, str] = {"prompts": "*/set.toml", "states": "machine.toml", "phases": "arms.toml"}


def find_resource(kind: Kind, start: Path | None = None) -> Path:
    """The folder `kind` in `start` or the nearest folder above it, else the installed one.

    `start` is where the user works (None: use the installed one). Raises MissingPiece where there is neither.
    """
    if start is not None:
        here = start.absolute()
        for folder in (here, *here.parents):
            if is_resource(kind, folder / kind):
                return folder / kind
    return installed_resource(kind)


def installed_resource(kind: Kind) -> Path:
    """The folder `kind` as shipped: in the wheel under `_resources/`, in a source checkout beside the package."""
    package = Path(__file__).resolve().parent
    for folder in (package / "_resources" / kind, package.parent / kind):
        if is_resource(kind, folder):
            return folder
    raise MissingPiece(
        f"the folder {kind}/ ({_MARKERS[kind]}) is neither in your workspace nor in this installation",
        "Install swe-ramp again, or run inside a folder made by `ramp init DIR`.",
    )


def is_resource(kind: Kind, folder: Path) -> bool:
    """Whether `folder` holds what a folder of this kind must hold."""
    return folder.is_dir() and next(folder.glob(_MARKERS[kind]), None) is not None
