"""Parent and branch side by side: prompt, reply, feedback, findings and outcome of each attempt from the point on."""

from __future__ import annotations

import contextlib
import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from orchestrator.journey import Attempt, Journey, replay_journey
from orchestrator.ledger import LEDGER, Ledger
from orchestrator.machine import Machine
from orchestrator.report.lines import Line, Marked, heading, marked_diff
from orchestrator.report.timeline import finding_lines
from orchestrator.text import clip_columns, visible

_SAME = "(the same)"


@dataclass(frozen=True, slots=True)
class Pair:
    """One attempt in the parent and in the branch (None: it made none there), with unified diffs of what was said."""

    number: int
    parent: Attempt | None
    branch: Attempt | None
    prompt_diff: str = ""
    reply_diff: str = ""
    feedback_diff: str = ""

    def diffs(self) -> tuple[tuple[str, str], ...]:
        """Name and diff of each text; none where only one side made the attempt."""
        if self.parent is None or self.branch is None:
            return ()
        return ("prompt", self.prompt_diff), ("reply", self.reply_diff), ("feedback", self.feedback_diff)

    def parts(self) -> bool:
        """Whether anything that was said differs."""
        return any(diff for _, diff in self.diffs())

    def findings(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """What the judge said in the parent and in the branch, a line each."""
        return tuple(_findings(self.parent)), tuple(_findings(self.branch))


@dataclass(frozen=True, slots=True)
class Beside:
    """Two journeys of one instance from the point where they part, with the names of their runs."""

    parent: Journey
    branch: Journey
    parent_name: str
    branch_name: str
    first_attempt: int
    state: str
    pairs: tuple[Pair, ...]


def branch_beside(folder: Path, machine: Machine) -> Beside | None:
    """A branch and its parent, laid side by side from their ledgers; None where the run is no branch.

    Raises LedgerError where the parent is not there any more.
    """
    with contextlib.closing(Ledger(folder / LEDGER, read_only=True)) as ledger:
        point = ledger.meta().get("branch")
        if not point:
            return None
        branch = _journey(ledger, machine, point["instance_id"])
    parent_folder = _parent_folder(folder, point)
    with contextlib.closing(Ledger(parent_folder / LEDGER, read_only=True)) as ledger:
        parent = _journey(ledger, machine, point["instance_id"])
    return lay_beside(parent, branch, point["attempt"], names=(point["parent"], folder.name), state=point["state"])


def lay_beside(parent: Journey, branch: Journey, first_attempt: int, *, names: tuple[str, str], state: str) -> Beside:
    """The attempts of both from `first_attempt` (from 1) on, paired by number. The branch left in `state`."""
    count = max(len(parent.attempts), len(branch.attempts))
    numbers = range(max(1, first_attempt), count + 1)
    return Beside(
        parent, branch, *names, first_attempt, state, tuple(_pair(number, parent, branch) for number in numbers)
    )


def beside_lines(beside: Beside) -> Iterator[Line]:
    """For a terminal: the diffs of each pair up to the first that parts, the findings of all, and both ends."""
    parted = False
    for pair in beside.pairs:
        yield Marked(f"=== attempt {pair.number} ===", "heading")
        for what, diff in () if parted else pair.diffs():
            yield heading(f"{what}, parent to branch")
            yield from marked_diff(diff) if diff else (_SAME,)
        parted = parted or pair.parts()
        of_parent, of_branch = pair.findings()
        if of_parent == of_branch:
            yield heading("findings, the same in both")
            yield from of_parent
            continue
        for name, lines in ((beside.parent_name, of_parent), (beside.branch_name, of_branch)):
            yield heading(f"findings in {name}")
            yield from lines
    yield from (f"{name}: {end}" for name, end in ends(beside))


def ends(beside: Beside) -> Iterator[tuple[str, str]]:
    """Name of each run and how the instance ended there."""
    for name, journey in ((beside.parent_name, beside.parent), (beside.branch_name, beside.branch)):
        note = f": {visible(journey.note.strip().splitlines()[-1])}" if journey.note.strip() else ""
        yield name, f"{journey.state} after {len(journey.attempts)} attempts and {journey.duration_s:.1f} s{note}"


def text_diff(before: str, after: str) -> str:
    """A unified diff for reading, control characters shown; empty where nothing differs."""
    if not (before and after):
        return "" if before == after else f"(nothing in the {'branch' if before else 'parent'})"
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), "parent", "branch", lineterm="", n=2)
    return visible(clip_columns("\n".join(lines)))


def _journey(ledger: Ledger, machine: Machine, instance_id: str) -> Journey:
    return replay_journey(instance_id, machine.start, ledger.transitions(instance_id))


def _parent_folder(folder: Path, point: Mapping[str, Any]) -> Path:
    """Beside the branch, or, of a branch that was moved, where the parent was when it was made."""
    beside = folder.parent / str(point["parent"])
    return beside if (beside / LEDGER).is_file() else Path(point["parent_path"])


def _pair(number: int, parent: Journey, branch: Journey) -> Pair:
    one, other = (_attempt(journey, number) for journey in (parent, branch))
    if one is None or other is None:
        return Pair(number, one, other)
    diffs = (text_diff(said(one), said(other)) for said in (_prompt, _replies, _feedback))
    return Pair(number, one, other, *diffs)


def _attempt(journey: Journey, number: int) -> Attempt | None:
    return journey.attempts[number - 1] if number <= len(journey.attempts) else None


def _prompt(attempt: Attempt) -> str:
    messages = attempt.requests[-1].messages if attempt.requests else ()
    return "\n".join(f"## {message.role}\n{message.content}" for message in messages)


def _replies(attempt: Attempt) -> str:
    return "\n".join(reply.text for reply in attempt.replies)


def _feedback(attempt: Attempt) -> str:
    told = attempt.feedback
    return f"{told.stage}: {told.reason}\n{told.advice}" if told else ""


def _findings(attempt: Attempt | None) -> Iterator[str]:
    if attempt is None:
        yield "(there is no such attempt)"
        return
    for refusal in attempt.refusals:
        yield f"refused: {refusal.code}: {visible(refusal.message)}"
    for finding in attempt.findings:
        yield from finding_lines(finding)
