"""`ramp inspect --why`: the failures of a run in classes, for reading."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from shlex import quote

from orchestrator.errors import RampError
from orchestrator.journey import Journey, replay_journey
from orchestrator.ledger import Ledger
from orchestrator.machine import Machine
from orchestrator.report.lines import Line, Marked
from orchestrator.report.taxonomy import CLASSES, Failure, FailureClass, GoldPaths, classify, group
from orchestrator.report.timeline import journey_of
from orchestrator.text import clip_columns, first_sentence, visible

EXAMPLES = 3
NEW_SET = "mine"
"""What a prompt set is called in commands as long as there is none to be tried."""


def why_lines(
    ledger: Ledger,
    machine: Machine,
    instance_id: str | None = None,
    open_gold: Callable[[], GoldPaths] | None = None,
    other_set: str = "",
) -> Iterator[Line]:
    """Counts, examples, the command to replay each, and the tier each class calls for; of one instance where it is given.

    Commands name the run by its folder, so that they work where this is called, and `other_set` as the prompt set to try;
    where there is none, the first command makes one.

    `open_gold` is called only where every instance of the run has come to its end.
    """
    run = quote(str(ledger.path.parent))
    complete = is_complete(ledger, machine)
    gold, notes = _gold(open_gold) if complete and open_gold else (None, [])
    if not complete:
        notes = ["the run is not complete: the gold patches stay closed, so 'localization missed' is not told apart"]
    ids = ledger.instance_ids() if instance_id is None else (journey_of(ledger, machine, instance_id).instance_id,)
    failures = failures_of(ledger, machine, ids, gold)
    yield f"{len(failures)} of {len(ids)} instances failed"
    yield from notes
    for name, members in group(failures).items():
        kind = CLASSES[name]
        mark = " [from the gold patch, after the run]" if any(f.looked_at_gold for f in members) else ""
        yield ""
        yield Marked(f"{name}: {len(members)}  ({kind.meaning}){mark}", "heading")
        yield f"  calls for: {kind.tier}: {kind.advice}"
        yield from (f"    {command}" for command in _commands(kind, run, other_set))
        for failure in members[:EXAMPLES]:
            at = f" --attempt {failure.attempt}" if failure.attempt else ""
            yield f"  {failure.instance_id}: {visible(clip_columns(first_sentence(failure.reason), 200))}"
            yield f"    ramp replay {run} {quote(failure.instance_id)}{at} -v"
        if len(members) > EXAMPLES:
            yield f"  and {len(members) - EXAMPLES} more: {', '.join(f.instance_id for f in members[EXAMPLES:])}"


def failures_of(ledger: Ledger, machine: Machine, ids: tuple[str, ...], gold: GoldPaths | None) -> list[Failure]:
    """The failures among `ids`; what is not over and was not stopped is no failure yet."""
    found = []
    for instance_id in ids:
        journey: Journey = replay_journey(instance_id, machine.start, ledger.transitions(instance_id))
        if machine.is_final(journey.state) and (failure := classify(journey, gold)):
            found.append(failure)
    return found


def is_complete(ledger: Ledger, machine: Machine) -> bool:
    """Whether every instance of the run has come to its end, none stopped on the way."""
    last = ledger.last_states()
    ends = [last.get(instance_id, ("", ""))[1] for instance_id in ledger.instance_ids()]
    return all(machine.is_final(end) and end != machine.always["stopped"] for end in ends)


def _commands(kind: FailureClass, run: str, other_set: str) -> Iterator[str]:
    if "{set}" in kind.command and not other_set:
        yield f"ramp prompts new {NEW_SET}"
    if kind.command:
        yield kind.command.format(run=run, set=quote(other_set or NEW_SET))


def _gold(open_gold: Callable[[], GoldPaths]) -> tuple[GoldPaths | None, list[str]]:
    try:
        return open_gold(), ["the run is complete: the gold patches were looked at, for 'localization missed' only"]
    except RampError as error:
        return None, [f"the benchmark cannot be opened, so 'localization missed' is not told apart: {error}"]
