"""Parent and branch side by side: prompt, reply, findings and outcome of each attempt from the point on."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from dataclasses import dataclass

from orchestrator.journey import Attempt, Journey
from orchestrator.report.timeline import finding_lines
from orchestrator.text import clip_columns, visible

_SAME = "(the same)"


@dataclass(frozen=True, slots=True)
class Pair:
    """One attempt in the parent and in the branch (None: it made none), with the differences of its texts as unified diffs."""

    number: int
    parent: Attempt | None
    branch: Attempt | None
    prompt_diff: str
    reply_diff: str


@dataclass(frozen=True, slots=True)
class Beside:
    """Two journeys of one instance from the point where they part."""

    parent: Journey
    branch: Journey
    pairs: tuple[Pair, ...]


def lay_beside(parent: Journey, branch: Journey, first_attempt: int) -> Beside:
    """The attempts of both from `first_attempt` (from 1) on, paired by number."""
    count = max(len(parent.attempts), len(branch.attempts))
    numbers = range(max(1, first_attempt), count + 1)
    return Beside(parent, branch, tuple(_pair(number, parent, branch) for number in numbers))


def beside_lines(beside: Beside, parent_name: str, branch_name: str) -> Iterator[str]:
    """For a terminal: the first pair whole, later ones by their findings, and both ends."""
    for position, pair in enumerate(beside.pairs):
        yield f"=== attempt {pair.number} ==="
        if position == 0:
            yield "--- prompt, parent to branch ---"
            yield pair.prompt_diff or _SAME
            yield "--- reply, parent to branch ---"
            yield pair.reply_diff or _SAME
        for name, attempt in ((parent_name, pair.parent), (branch_name, pair.branch)):
            yield f"--- findings in {name} ---"
            yield from _findings(attempt)
    for name, journey in ((parent_name, beside.parent), (branch_name, beside.branch)):
        yield f"{name}: {journey.state} after {len(journey.attempts)} attempts"


def prompt_of(attempt: Attempt | None) -> str:
    """The messages that an attempt was asked with, as one text."""
    messages = attempt.requests[-1].messages if attempt and attempt.requests else ()
    return "\n".join(f"## {message.role}\n{message.content}" for message in messages)


def text_diff(before: str, after: str) -> str:
    """A unified diff for reading, control characters shown; empty where nothing differs."""
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), "parent", "branch", lineterm="", n=2)
    return visible(clip_columns("\n".join(lines)))


def _pair(number: int, parent: Journey, branch: Journey) -> Pair:
    one, other = (_attempt(journey, number) for journey in (parent, branch))
    prompts = text_diff(prompt_of(one), prompt_of(other))
    return Pair(number, one, other, prompts, text_diff(_replies(one), _replies(other)))


def _attempt(journey: Journey, number: int) -> Attempt | None:
    return journey.attempts[number - 1] if number <= len(journey.attempts) else None


def _replies(attempt: Attempt | None) -> str:
    return "\n".join(reply.text for reply in attempt.replies) if attempt else ""


def _findings(attempt: Attempt | None) -> Iterator[str]:
    if attempt is None:
        yield "(there is no such attempt)"
        return
    for refusal in attempt.refusals:
        yield f"refused: {refusal.code}: {visible(refusal.message)}"
    for finding in attempt.findings:
        yield from finding_lines(finding)
