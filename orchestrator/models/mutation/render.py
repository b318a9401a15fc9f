"""Proposals as replies in the edit formats."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable

from orchestrator.models.mutation.ideas import Proposal
from orchestrator.models.mutation.unit import Unit

_HUNK = re.compile(r"^@@ -(\d+)((?:,\d+)?) \+(\d+)((?:,\d+)?) @@")


def _fenced(language: str, body: str) -> str:
    longest = max((len(run) for run in re.findall(r"`{3,}", body)), default=2)
    fence = "`" * (longest + 1)
    return f"{fence}{language}\n{body}{fence}\n"


def _function(unit: Unit, text: str) -> str:
    return f"### {unit.path} :: {unit.name}\n" + _fenced("python", text)


def _search_replace(unit: Unit, text: str) -> str:
    body = f"<<<<<<< SEARCH\n{unit.text}=======\n{text}>>>>>>> REPLACE\n"
    return f"### {unit.path} :: {unit.name}\n" + _fenced("python", body)


def _unified_diff(unit: Unit, text: str) -> str:
    names = (f"a/{unit.path}", f"b/{unit.path}")
    lines = difflib.unified_diff(unit.text.splitlines(keepends=True), text.splitlines(keepends=True), *names)
    shift = unit.first_line - 1
    body = (_HUNK.sub(lambda m: f"@@ -{int(m[1]) + shift}{m[2]} +{int(m[3]) + shift}{m[4]} @@", line) for line in lines)
    return _fenced("diff", "".join(body))


RENDERERS: dict[str, Callable[[Unit, str], str]] = {
    "function": _function,
    "search-replace": _search_replace,
    "unified-diff": _unified_diff,
}


def render(proposal: Proposal, edit_format: str) -> str | None:
    """The reply's text, or None for a format that needs more than was shown (whole files)."""
    renderer = RENDERERS.get(edit_format)
    if renderer is None:
        return None
    return "\n".join(renderer(unit, text) for unit, text in proposal.texts)
