"""Drive the machine again from the ledger alone, and hold each step against what was recorded.

Each step is taken on the recorded journey before it, so that one difference does not hide or make another.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from shlex import quote

from orchestrator import __version__
from orchestrator.errors import InfrastructureError, LedgerError, ReplayDiffers
from orchestrator.journey import Journey, Transition
from orchestrator.ledger import Ledger
from orchestrator.machine import Machine
from orchestrator.prompts import PromptSet
from orchestrator.records import Baseline, Reproduction
from orchestrator.replay.bench import Recorded, recorded_models, remembering_bench
from orchestrator.replay.compare import Difference, compare_records, difference_lines
from orchestrator.repo.diff import PatchMaker
from orchestrator.report.timeline import attempt_of
from orchestrator.settings import Settings, recorded_settings
from orchestrator.steps import STEPS, Said, Step, Workbench
from orchestrator.steps.understand import measure_baseline, reproducing

AS_RECORDED: Mapping[str, str] = {
    "LOADING": "the row stays with the benchmark",
    "OPENING_REPOSITORY": "a replay has no repository",
    "PREPARING_SANDBOX": "a replay has no sandbox",
    "LOCALIZING": "needs the index of the whole repository",
    "BUILDING_CONTEXT": "needs the index of the whole repository",
    "ESCALATING": "the model's own word on what it is",
    "EVALUATING": "graded once, with the sealed tests",
}
"""States whose outcome comes from outside of the ledger, and why; each is taken as it was recorded."""

_FROM_OUTSIDE = frozenset({"broke", "stopped", "crashed"})


@dataclass(frozen=True, slots=True)
class Checked:
    """One recorded step beside what it comes to now. `why_taken` is set where it was taken as recorded."""

    transition: Transition
    attempt: int
    difference: Difference | None = None
    why_taken: str = ""


@dataclass(frozen=True, slots=True)
class Window:
    """Which steps to look at: those of one attempt, from the first in one state to the last in another."""

    attempt: int | None = None
    start: str | None = None
    end: str | None = None


@dataclass(frozen=True)
class Replayer:
    """What the replays of one run share, so that templates are compiled and settings read once."""

    ledger: Ledger
    machine: Machine
    settings: Settings
    prompts: PromptSet
    patches: PatchMaker

    @classmethod
    def of(cls, ledger: Ledger, machine: Machine) -> Replayer:
        """For a ledger that is open for reading. Raises LedgerError for a run that cannot be replayed."""
        check_machine(ledger, machine)
        meta = ledger.meta()
        settings = recorded_settings(meta, ledger.path)
        # Nothing is waited for in a replay, so threads would only get in each other's way.
        alone = settings.model_copy(update={"sandbox": settings.sandbox.model_copy(update={"pool": 1})})
        return cls(ledger, machine, alone, PromptSet(settings.prompt_set, dict(meta["prompt_files"])), PatchMaker())

    def replay(self, instance_id: str) -> Iterator[Checked]:
        """Every recorded step of an instance, taken again. Needs neither model nor sandbox nor repository nor network."""
        require_instance(self.ledger, instance_id)
        models = recorded_models(self.settings, self.ledger)
        bench = remembering_bench(
            self.ledger,
            instance_id,
            patches=self.patches,
            models=models,
            settings=self.settings,
            prompts=self.prompts,
        )
        journey = Journey(instance_id, self.machine.start)
        branch = self.ledger.meta().get("branch") or {"seq": 0, "parent": ""}
        for recorded in self.ledger.transitions(instance_id):
            at = journey_at(journey, recorded)
            if recorded.seq < branch["seq"]:
                yield Checked(recorded, attempt_of(recorded), why_taken=f"copied from {branch['parent']}; replay that")
            else:
                yield _check(at, recorded, self.machine, bench, models)
            journey = at.after(recorded)


def replay_instance(ledger: Ledger, machine: Machine, instance_id: str) -> Iterator[Checked]:
    """One instance of a run, replayed."""
    return Replayer.of(ledger, machine).replay(instance_id)


def journey_at(journey: Journey, recorded: Transition) -> Journey:
    """The journey where the recorded step began: a stopped or retried one goes on in the state it had left off in."""
    return journey if journey.state == recorded.state else replace(journey, state=recorded.state)


def check_machine(ledger: Ledger, machine: Machine) -> None:
    """Refuse a run that another table drove. Raises LedgerError naming both."""
    stamps = ledger.stamps()
    if stamps["machine_sha256"] != machine.sha256:
        raise LedgerError(
            f"{ledger.path} was made by ramp {stamps['code_version']} with another states/machine.toml "
            f"({stamps['machine_sha256'][:12]}, now {machine.sha256[:12]}); put that one back to replay"
        )


def require_instance(ledger: Ledger, instance_id: str) -> None:
    """Raise LedgerError where the run has no such instance."""
    if instance_id not in ledger.instance_ids():
        raise LedgerError(f"this run has no instance {instance_id}; `ramp inspect {ledger.path.parent}` lists them")


def _check(
    journey: Journey, recorded: Transition, machine: Machine, bench: Workbench, models: tuple[Recorded, ...]
) -> Checked:
    attempt = attempt_of(recorded)
    if recorded.event in _FROM_OUTSIDE:
        return Checked(recorded, attempt, why_taken=f"{recorded.event}: {last_line(recorded.note)}")
    if recorded.state in AS_RECORDED:
        return Checked(recorded, attempt, why_taken=AS_RECORDED[recorded.state])
    for model in models:
        model.transition = recorded
    bench.enter_step(recorded.seq)
    try:
        said = _step(recorded)(journey, bench)
    except (ReplayDiffers, InfrastructureError) as error:
        return Checked(
            recorded, attempt, Difference("the step itself", recorded.event, f"{type(error).__name__}: {error}")
        )
    return Checked(recorded, attempt, _compare(recorded, said, machine))


def last_line(note: str) -> str:
    """The last line of a note: of a traceback, the exception."""
    return note.strip().splitlines()[-1] if note.strip() else "(no note)"


def _step(recorded: Transition) -> Step:
    if recorded.state == "REPRODUCING":
        # A run of a version before there was one has no walk through the code.
        walked = any(isinstance(record, Reproduction) and record.walked for record in recorded.records)
        return partial(reproducing, walks=walked)
    if recorded.state != "RUNNING_BASELINE":
        return STEPS[recorded.state]
    baseline = next((record for record in recorded.records if isinstance(record, Baseline)), None)
    if baseline is None or not baseline.test_files:
        return lambda _journey, _bench: Said(recorded.event, recorded.records, recorded.note)
    # Which tests reach the top functions is the index's word; what their runs say is read again.
    return lambda journey, bench: measure_baseline(journey, bench, baseline.test_files)


def _compare(recorded: Transition, said: Said, machine: Machine) -> Difference | None:
    if found := compare_records(recorded.records, said.records):
        return found
    if said.event != recorded.event:
        return Difference("the event", recorded.event, said.event)
    if said.note != recorded.note:
        return Difference("the note", recorded.note, said.note)
    target = machine.events(recorded.state)[said.event]
    return None if target == recorded.next_state else Difference("the next state", recorded.next_state, target)


def within(steps: Iterator[Checked], window: Window, machine: Machine) -> tuple[Checked, ...]:
    """The steps in a window. Raises LedgerError where it names a state or an attempt that was never reached."""
    chosen = list(steps)
    attempts = max((step.attempt for step in chosen), default=0)
    if window.attempt is not None:
        if not 1 <= window.attempt <= attempts:
            raise LedgerError(f"attempt {window.attempt} was never reached; this instance made {attempts} attempts")
        chosen = [step for step in chosen if step.attempt == window.attempt]
    for name in (window.start, window.end):
        require_state([step.transition for step in chosen], name, machine)
    if window.start:
        first = next(i for i, step in enumerate(chosen) if step.transition.state == window.start)
        chosen = chosen[first:]
    if window.end:
        last = max((i for i, step in enumerate(chosen) if step.transition.state == window.end), default=-1)
        if last < 0:
            raise LedgerError(f"--until {window.end} lies before --from {window.start} in this instance; swap them")
        chosen = chosen[: last + 1]
    return tuple(chosen)


def require_state(transitions: list[Transition], state: str | None, machine: Machine) -> None:
    """Raise LedgerError where `state` is no working state, or was never reached in `transitions`; it names those that were."""
    if state is None or any(transition.state == state for transition in transitions):
        return
    if state not in machine.states:
        raise LedgerError(f"there is no state {state}; `ramp states` lists them")
    reached = ", ".join(dict.fromkeys(transition.state for transition in transitions)) or "none"
    raise LedgerError(f"{state} was never reached here; reached were: {reached}")


def first_differing(steps: tuple[Checked, ...]) -> Checked | None:
    """The first step that did not come out as recorded."""
    return next((step for step in steps if step.difference is not None), None)


def difference_of(ledger: Ledger, instance_id: str, differing: Checked) -> ReplayDiffers:
    """The error that shows a step that differs: state, recorded and now, and the command that goes on from there."""
    t, folder, made_by = differing.transition, ledger.path.parent, ledger.stamps()["code_version"]
    assert differing.difference is not None, "only a step that differs is shown"
    shown = "\n".join(difference_lines(differing.difference))
    older = "" if made_by == __version__ else f"\nthe run was made by ramp {made_by}, this is {__version__}"
    at = f" --attempt {differing.attempt}" if differing.attempt else ""
    return ReplayDiffers(
        f"{instance_id}, step {t.seq}, attempt {differing.attempt}, {t.state}: does not come out as recorded\n{shown}{older}\n"
        f"to go on from there with today's code, prompts and models:\n"
        f"  ramp replay {quote(str(folder))} {quote(instance_id)}{at} --live-from {t.state}"
    )
