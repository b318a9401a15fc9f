"""Another prompt set on what a run recorded: the same context and feedback, up to a stage, beside what came of the old set.

What was recorded is not asked again: a request in the very words of a recorded one gets the recorded reply. Nothing is opened
before it is needed, so up to JUDGE_LINTS a trial needs a model and no sandbox.
"""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

from orchestrator.errors import LedgerError, ModelUnavailable, ReplayDiffers, SandboxError
from orchestrator.journey import Journey, Transition, replay_journey
from orchestrator.ledger import LEDGER, Ledger
from orchestrator.machine import Machine
from orchestrator.memory.recording import (
    CALLS,
    TOKEN_COUNTS,
    RecordedCall,
    RecordingSandbox,
    RecordingTree,
    request_hash,
)
from orchestrator.prompts import PromptSet
from orchestrator.protocols import (
    Model,
    ModelIdentity,
    Sandbox,
    SandboxCommand,
    SandboxProfile,
    SandboxResult,
    Tree,
    TreeEntry,
)
from orchestrator.records import ModelRequest, Reply, Task
from orchestrator.report.timeline import attempt_of
from orchestrator.settings import Settings
from orchestrator.steps import STEPS, Tools, Workbench

FIRST = "GENERATING"
UNTIL = ("PARSING_EDITS", "JUDGE_APPLIES", "JUDGE_SCOPE", "JUDGE_PARSES", "JUDGE_LINTS",
         "JUDGE_IMPORTS", "JUDGE_REPRODUCTION", "JUDGE_REGRESSION")  # fmt: skip
"""The states that a trial can go up to, in their order."""


@dataclass(frozen=True, slots=True)
class Input:
    """A journey as it was before it asked for an edit, and the number of the step that asked."""

    journey: Journey
    seq: int
    task: Task


@dataclass(frozen=True, slots=True)
class Result:
    """How far one try came: how many of the states up to `until` it passed, why it stopped, and what it cost."""

    passed: int
    reason: str
    reply: str
    input_tokens: int
    output_tokens: int
    duration_s: float
    asked: int


@dataclass(frozen=True, slots=True)
class Pairing:
    """One instance under the old set and the new one, try by try."""

    instance_id: str
    old: tuple[Result, ...]
    new: tuple[Result, ...]


class AskedBefore:
    """A model behind a run's recordings: the same request gets the recorded reply, any other goes to the model."""

    def __init__(self, model: Model, name: str, recorded: Ledger) -> None:
        self._model = model
        self._name = name
        self._recorded = recorded
        self.asked = 0

    @property
    def name(self) -> str:
        """The model's name as typed."""
        return self._name

    def identify(self) -> ModelIdentity:
        """Who answers what was not recorded."""
        return self._model.identify()

    def count_tokens(self, text: str) -> int:
        """The model's own estimate."""
        return self._model.count_tokens(text)

    def complete(self, request: ModelRequest) -> Reply:
        """The recorded reply to this very request, else the model's."""
        key = f"{request.instance_id}/{request.attempt}/{request.sample}/{request.purpose}/{request.model}"
        recorded: RecordedCall | None = self._recorded.recall(CALLS, key, RecordedCall)
        if recorded is not None and recorded.request_sha256 == request_hash(request):
            return recorded.reply
        self.asked += 1
        return self._model.complete(request)


class RecordedFirst:
    """A Tree from a run's recordings; the repository is opened only for a file that the run never read."""

    def __init__(self, recorded: RecordingTree, open_tree: Callable[[], Tree]) -> None:
        self._recorded = recorded
        self._open_tree = open_tree
        self._tree: Tree | None = None

    def entries(self) -> Mapping[str, TreeEntry]:
        """Every entry by path."""
        try:
            return self._recorded.entries()
        except ReplayDiffers:
            return self._opened().entries()

    def read(self, path: str) -> bytes:
        """A file's content. Raises KeyError where there is none."""
        try:
            return self._recorded.read(path)
        except ReplayDiffers:
            return self._opened().read(path)

    def _opened(self) -> Tree:
        if self._tree is None:
            self._tree = self._open_tree()
        return self._tree


class OpenedLate:
    """A Sandbox that is opened for its first command."""

    def __init__(self, open_sandbox: Callable[[], Sandbox]) -> None:
        self._open = open_sandbox
        self._sandbox: Sandbox | None = None

    @property
    def profile(self) -> SandboxProfile:
        """The isolation in effect once it is open."""
        return self._sandbox.profile if self._sandbox else SandboxProfile("unopened")

    def run(self, command: SandboxCommand) -> SandboxResult:
        """Run one command."""
        if self._sandbox is None:
            self._sandbox = self._open()
        return self._sandbox.run(command)


def inputs_of(ledger: Ledger, machine: Machine, attempt: int, *, only_failed: bool, limit: int) -> tuple[Input, ...]:
    """The recorded inputs of an attempt's GENERATING, at most `limit`, in the run's order. Raises LedgerError for none."""
    found: list[Input] = []
    ends = {instance_id: after for instance_id, (_, after) in ledger.last_states().items()}
    for instance_id in ledger.instance_ids():
        if len(found) == limit or (only_failed and ends.get(instance_id) == "RESOLVED"):
            continue
        steps = tuple(ledger.transitions(instance_id))
        at = next((t for t in steps if t.state == FIRST and attempt_of(t) == attempt), None)
        if at is not None:
            journey = replay_journey(instance_id, machine.start, (t for t in steps if t.seq < at.seq))
            found.append(Input(replace(journey, state=FIRST), at.seq, journey.the_task))
    if not found:
        failed = " failed" if only_failed else ""
        raise LedgerError(
            f"{ledger.path.parent.name} has no{failed} instance with an attempt {attempt} that asked a model"
        )
    return tuple(found)


def try_once(
    given: Input,
    *,
    recorded: Ledger,
    tools: Tools,
    machine: Machine,
    prompts: PromptSet,
    settings: Settings,
    until: str,
    folder: Path,
) -> Result:
    """Go from a recorded input up to `until` with `prompts`. Of a run's `tools`, the ledger is replaced by one in `folder`."""
    journey = given.journey
    meta = {"settings": settings.model_dump(mode="json")}
    with contextlib.closing(Ledger.create(folder / LEDGER, meta, (journey.instance_id,))) as ledger:
        _copy_counts(recorded, ledger, given)
        models = tuple(
            AskedBefore(model, rung.model, recorded) for model, rung in zip(tools.models, settings.ladder, strict=True)
        )
        own = replace(tools, settings=settings, ledger=ledger, models=models, prompts=prompts)
        bench = _bench(own, given, recorded)
        try:
            journey, passed, reason = _walk(journey, given.seq, bench, machine, until)
        finally:
            bench.close()
    replies = journey.attempt.replies
    return Result(
        passed=passed,
        reason=reason,
        reply=replies[0].text if replies else "",
        input_tokens=sum(reply.usage.input_tokens for reply in replies),
        output_tokens=sum(reply.usage.output_tokens for reply in replies),
        duration_s=sum(reply.duration_s for reply in replies),
        asked=sum(model.asked for model in models),
    )


def _bench(tools: Tools, given: Input, recorded: Ledger) -> Workbench:
    task, clock = given.task, tools.clock
    repository = functools.cache(lambda: tools.benchmark.repository(task))
    late = OpenedLate(lambda: tools.engine_for(task).open(task, repository()))
    return Workbench(
        tools,
        given.journey,
        tree=RecordedFirst(RecordingTree(None, task.instance_id, recorded, clock.wall), repository),
        sandbox=RecordingSandbox(late, task.instance_id, tools.ledger, tools.secret, clock.wall),
    )


def _walk(journey: Journey, seq: int, bench: Workbench, machine: Machine, until: str) -> tuple[Journey, int, str]:
    """Take steps up to `until`; the journey then, how many states were passed, and why no more (empty: all were)."""
    states = (FIRST, *UNTIL[: UNTIL.index(until) + 1])
    for position, state in enumerate(states):
        bench.enter_step(seq + position)
        try:
            said = STEPS[state](journey, bench)
        except SandboxError as error:
            raise SandboxError(f"{journey.instance_id}: {error}; nothing is said of the prompts") from error
        if state == FIRST and not any(isinstance(record, Reply) for record in said.records):
            raise ModelUnavailable(said.note)
        target = machine.events(state)[said.event]
        journey = journey.after(Transition(seq + position, state, said.event, target, said.records))
        going_on = target == (states[position + 1] if position + 1 < len(states) else _next(state))
        if not going_on:
            return journey, position, _why(journey, said.note or said.event)
    return journey, len(states), ""


def _next(state: str) -> str:
    """The state that follows `state` where all goes well."""
    following = {**dict(pairwise(UNTIL)), "JUDGE_REGRESSION": "JUDGE_REVIEW"}
    return following[state]


def _why(journey: Journey, otherwise: str) -> str:
    attempt = journey.attempt
    if attempt.refusals and not attempt.candidates:
        return f"{attempt.refusals[0].code}: {attempt.refusals[0].message}"
    return f"{attempt.findings[-1].stage}: {attempt.findings[-1].reason}" if attempt.findings else otherwise


def _copy_counts(recorded: Ledger, ledger: Ledger, given: Input) -> None:
    prefix = f"{given.journey.instance_id}/{given.seq}/"
    for key, owner, counts in recorded.memos(TOKEN_COUNTS, dict[str, int], given.journey.instance_id):
        if key.startswith(prefix):
            ledger.remember(TOKEN_COUNTS, key, owner, counts, 0.0, wait=False)
    ledger.settle()


@dataclass(frozen=True, slots=True)
class Comparison:
    """One state under both sets: the share of tries that passed it, and the instances of which more or fewer passed."""

    state: str
    old_rate: float
    new_rate: float
    better: tuple[Pairing, ...]
    worse: tuple[Pairing, ...]


def compare_states(pairings: Sequence[Pairing], until: str) -> tuple[Comparison, ...]:
    """Every state up to `until`, paired by instance; the last one is what a trial is judged by."""
    states = (FIRST, *UNTIL[: UNTIL.index(until) + 1])
    return tuple(_compare_state(pairings, state, position) for position, state in enumerate(states))


def _compare_state(pairings: Sequence[Pairing], state: str, position: int) -> Comparison:
    def share(results: Sequence[Result]) -> float:
        return sum(result.passed > position for result in results) / len(results)

    shares = [(pairing, share(pairing.old), share(pairing.new)) for pairing in pairings]
    return Comparison(
        state,
        old_rate=sum(old for _, old, _ in shares) / len(shares),
        new_rate=sum(new for _, _, new in shares) / len(shares),
        better=tuple(pairing for pairing, old, new in shares if new > old),
        worse=tuple(pairing for pairing, old, new in shares if new < old),
    )
