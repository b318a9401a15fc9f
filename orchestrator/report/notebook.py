"""A notebook that loads the phase files, draws them, and concludes from the data, "not shown" included.

It is made with nbformat and executed with nbclient in the folder where it is written, so that what it says is what it computed.
The results it reads are written beside it (`NAME_data/`), and its cells use pandas, matplotlib, scipy and statsmodels only:
it can be read and run again without this program.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

from orchestrator.errors import MissingPiece
from orchestrator.report.files import write_json, write_whole

TIMEOUT_S = 300
_MARK = "# %%"


def write_notebook(path: Path, found: Sequence[Mapping[str, Any]]) -> None:
    """Write and execute a notebook on these results, in the order given: the first two are "before" and "after".

    Raises MissingPiece where the notebook extra is not installed.
    """
    try:
        import nbformat
        from nbclient import NotebookClient
        from traitlets.config import Config
    except ImportError as error:
        raise MissingPiece(
            f"a notebook needs {error.name}, which is not installed",
            "Install it with: pip install 'swe-ramp[notebook]'",
        ) from error
    folder = path.with_name(f"{path.stem}_data")
    names = []
    for number, results in enumerate(found, 1):
        name = f"{number}_{results['config']['run']}_phase_{results['phase']}_results.json"
        write_json(folder / name, results, durable=False)
        names.append(f"{folder.name}/{name}")
    notebook = nbformat.v4.new_notebook(cells=cells_of(names))
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    with tempfile.TemporaryDirectory(prefix="ramp-kernel-") as sockets:
        # Not TCP, which others on the machine could read.
        config = Config({"KernelManager": {"transport": "ipc", "ip": f"{sockets}/kernel"}})
        where = {"metadata": {"path": str(path.parent)}}
        NotebookClient(notebook, timeout=TIMEOUT_S, kernel_name="python3", resources=where, config=config).execute()
    write_whole(path, nbformat.writes(notebook).encode())


def cells_of(names: Sequence[str]) -> list[Any]:
    """The cells of the template with the names of the phase files filled in."""
    from nbformat.v4 import new_code_cell, new_markdown_cell

    template = files("orchestrator.report").joinpath("templates", "notebook.txt").read_text(encoding="utf-8")
    cells: list[Any] = []
    for part in template.split(_MARK)[1:]:
        head, _, body = part.partition("\n")
        body = body.strip().replace('["FILES"]', json.dumps(list(names)))
        if head.strip() == "[markdown]":
            cells.append(
                new_markdown_cell("\n".join(line.removeprefix("# ").removeprefix("#") for line in body.split("\n")))
            )
        else:
            cells.append(new_code_cell(body))
    return cells
