"""Proposals as replies in the edit formats."""

from __future__ import annotations

import re
from collections.abc import Callable

from orchestrator.models.mutation.ideas import Proposal
from orchestrator.models.mutation.unit import Unit


def _fenced(language: str, body: str) -> str:
    longest = max((len(run) for run in re.findall(r"`{3,}", body)), default=2)
    fence = "`" * (longest + 1)
    return f"{fence}{language}\n{body}{fence}\n"


def _function(unit: Unit, text: str) -> str:
    return f"### {unit.path} :: {unit.name}\n" + _fenced("python", text)


def _search_replace(unit: Unit, text: str) -> str:
    body = f"<<<<<<< SEARCH\n{unit.text}=======\n{text}>>>>>>> REPLACE\n"
    return f"### {unit.path} :: {unit.name}\n" + _fenced("python", body)


RENDERERS: dict[str, Callable[[Unit, str], str]] = {
    "function": _function,
    "search-replace": _search_replace,
}


def render(proposal: Proposal, edit_format: str) -> str | None:
    """The reply's text, or None for a format that needs more than was shown.

    That is whole files, and diffs: git and patch want to see what follows a place, and an excerpt may end there.
    """
    renderer = RENDERERS.get(edit_format)
    if renderer is None:
        return None
    return "\n".join(renderer(unit, text) for unit, text in proposal.texts)
