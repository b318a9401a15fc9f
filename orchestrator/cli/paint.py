"""Lines on a terminal in colours, in a pipe without: typer takes the colours out again where nobody would see them."""

from __future__ import annotations

import re
from collections.abc import Iterable

import typer

from orchestrator.report.lines import Line, Marked

_WORD_COLOURS = {
    "RESOLVED": "green",
    "UNRESOLVED": "yellow",
    "GAVE_UP": "yellow",
    "INFRA_FAILED": "magenta",
    "CRASHED": "red",
    "STOPPED": "magenta",
    "DIFFERS": "red",
    "pass:": "green",
    "fail:": "red",
    "abstain:": "blue",
}
_WORDS = re.compile(r"(?<![A-Z_])(" + "|".join(map(re.escape, _WORD_COLOURS)) + r")(?![A-Z_])")
_KIND_COLOURS = {"added": "green", "removed": "red", "hunk": "cyan"}


def show(lines: Iterable[Line]) -> None:
    """Print lines as they come."""
    for line in lines:
        typer.echo(_marked(line) if isinstance(line, Marked) else _WORDS.sub(_word, line))


def _marked(line: Marked) -> str:
    return typer.style(line.text, fg=_KIND_COLOURS.get(line.kind), bold=line.kind in ("heading", "head") or None)


def _word(match: re.Match[str]) -> str:
    return typer.style(match[0], fg=_WORD_COLOURS[match[0]])
