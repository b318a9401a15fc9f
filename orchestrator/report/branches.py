"""The branches of a run, for its page: where each left it, how it ended, and the way to what stands side by side."""

from __future__ import annotations

import contextlib
import glob
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from shlex import quote
from urllib.parse import quote as quote_url

from orchestrator.errors import LedgerError
from orchestrator.ledger import LEDGER, Ledger


@dataclass(frozen=True, slots=True)
class Branch:
    """One branch. `link` leads from the page to the branch's own page and is empty where that was not made yet."""

    name: str
    instance_id: str
    attempt: int
    state: str
    ended: str
    link: str
    command: str


def branches_of(folder: Path, page: Path) -> tuple[Branch, ...]:
    """The branches beside the run in `folder`, by name, as a page at `page` links to them; what cannot be read is left out."""
    beside = sorted(folder.parent.glob(f"{glob.escape(folder.name)}+*/{LEDGER}"))
    return tuple(branch for ledger in beside for branch in _branch(ledger.parent, folder.name, page))


def _branch(folder: Path, parent: str, page: Path) -> Iterator[Branch]:
    with (
        contextlib.suppress(LedgerError),
        contextlib.closing(Ledger(folder / LEDGER, read_only=True, whole=False)) as ledger,
    ):
        point = ledger.meta().get("branch") or {}
        if point.get("parent") != parent:
            return
        _, state = ledger.last_states().get(point["instance_id"], ("", "not begun"))
        own = folder / "report.html"
        link = quote_url(Path(os.path.relpath(own, page.parent)).as_posix()) if own.is_file() else ""
        yield Branch(
            folder.name,
            point["instance_id"],
            point["attempt"],
            point["state"],
            state,
            link,
            f"ramp report {quote(str(folder))} --html",
        )
