"""A trial of a prompt set over many recorded inputs: both sides, the paired table, and the line in the set's log."""

from __future__ import annotations

import contextlib
import secrets
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from orchestrator.errors import PromptError, UserError
from orchestrator.ledger import LEDGER, Ledger
from orchestrator.machine import Machine, load_machine
from orchestrator.prompts import PromptSet
from orchestrator.replay.trial import UNTIL, Input, Pairing, Result, compare_states, inputs_of, try_once
from orchestrator.report.lines import Line, Marked
from orchestrator.report.statistics import mcnemar_exact
from orchestrator.resources import find_resource
from orchestrator.settings import Settings, change_settings, recorded_settings
from orchestrator.steps import Tools
from orchestrator.text import clip_columns, first_sentence, visible
from orchestrator.tuning.checks import LogEntry, append_log, refuse_shared, require_sound

EXAMPLES = 3

MakeTools = Callable[[Ledger, Settings], Tools]


@dataclass(frozen=True, slots=True)
class Ask:
    """What to try: inputs of which attempt, of which and how many instances, how far, how often, with which model."""

    attempt: int = 1
    only_failed: bool = False
    limit: int = 20
    until: str = "JUDGE_LINTS"
    repeat: int = 1
    model: str | None = None


@dataclass(frozen=True, slots=True)
class Trial:
    """A finished trial."""

    run: str
    old: PromptSet
    new: PromptSet
    ask: Ask
    pairings: tuple[Pairing, ...]

    def names(self) -> tuple[str, str]:
        """What to call the two sets: a set that was changed since the run has one name for both."""
        old, new = self.old.name, self.new.name
        return (old, new) if old != new else (f"{old} then", f"{new} now")


def run_trial(
    folder: Path,
    prompt_set: PromptSet,
    ask: Ask,
    *,
    make_tools: MakeTools | None = None,
    machine: Machine | None = None,
    on_pair: Callable[[Pairing], object] = bool,
) -> Trial:
    """Try `prompt_set` on what the run in `folder` recorded. Raises UserErrors before any model is asked.

    `on_pair` is told of each instance when both sides of it are done.
    """
    if ask.until not in UNTIL:
        raise UserError(f"--until {ask.until}: a trial can go up to {', '.join(UNTIL)}")
    require_sound(prompt_set)
    machine = machine or load_machine(find_resource("states", Path.cwd()) / "machine.toml")
    with contextlib.closing(Ledger(folder / LEDGER, read_only=True)) as ledger:
        meta = ledger.meta()
        settings = _settings(recorded_settings(meta, ledger.path), ask.model)
        old = PromptSet(str(meta["settings"]["prompt_set"]), dict(meta["prompt_files"]))
        inputs = inputs_of(ledger, machine, ask.attempt, only_failed=ask.only_failed, limit=ask.limit)
        refuse_shared(prompt_set, {given.task.instance_id: given.task.problem_statement for given in inputs})
        tools = replace((make_tools or _wired(folder))(ledger, settings), secret=secrets.token_bytes(32))
        pairings = []
        with tempfile.TemporaryDirectory(prefix="ramp-try-") as scratch:
            trying = partial(_try_side, ask=ask, recorded=ledger, tools=tools, machine=machine, scratch=Path(scratch))
            for given in inputs:
                pairing = Pairing(given.task.instance_id, trying(given, old, "old"), trying(given, prompt_set, "new"))
                on_pair(pairing)
                pairings.append(pairing)
    return Trial(folder.name, old, prompt_set, ask, tuple(pairings))


def _try_side(
    given: Input,
    prompts: PromptSet,
    side: str,
    *,
    ask: Ask,
    recorded: Ledger,
    tools: Tools,
    machine: Machine,
    scratch: Path,
) -> tuple[Result, ...]:
    """One instance under one set, once for each sample; each sample has its own seed."""
    settings, results = tools.settings, []
    for number in range(ask.repeat):
        place = scratch / f"{given.task.instance_id}-{side}-{number}"
        seeded = settings.model_copy(update={"seed": settings.seed + number})
        results.append(
            try_once(
                given, recorded=recorded, tools=tools, machine=machine, prompts=prompts,
                settings=seeded, until=ask.until, folder=place,
            )
        )  # fmt: skip
    return tuple(results)


def trial_lines(trial: Trial) -> Iterator[Line]:
    """The paired table, what changed, what it cost, and examples of both kinds."""
    tries = len(trial.pairings) * trial.ask.repeat
    old, new = trial.names()
    yield f"{len(trial.pairings)} instances, {tries} tries a side, inputs of attempt {trial.ask.attempt} of {trial.run}"
    if trial.old.sha256 == trial.new.sha256:
        yield f"note: {new} has the very templates that {old} had in this run; copy one into its folder and change it"
    compared = compare_states(trial.pairings, trial.ask.until)
    yield Marked(f"{'passed':20} {old[:12]:>12} {new[:12]:>12} {'better':>8} {'worse':>8}", "heading")
    for c in compared:
        yield f"{c.state:20} {c.old_rate:12.0%} {c.new_rate:12.0%} {len(c.better):8} {len(c.worse):8}"
    goal = compared[-1]
    gained, lost = len(goal.better), len(goal.worse)
    p = mcnemar_exact(gained, lost).p_value
    yield f"{goal.state}: {new} better on {gained}, worse on {lost} instances; McNemar, exact, two-sided: p = {p:.3f}"
    for name, side in (
        (old, [r for p in trial.pairings for r in p.old]),
        (new, [r for p in trial.pairings for r in p.new]),
    ):
        asked = sum(r.asked for r in side)
        tokens = f"{sum(r.input_tokens for r in side)} tokens in, {sum(r.output_tokens for r in side)} out"
        yield f"{name}: {tokens}, {sum(r.duration_s for r in side):.1f} s, {asked} model calls ({len(side) - asked} as recorded)"
    yield from _examples("better", goal.better, trial)
    yield from _examples("worse", goal.worse, trial)


def _examples(label: str, pairings: tuple[Pairing, ...], trial: Trial) -> Iterator[Line]:
    for pairing in pairings[:EXAMPLES]:
        yield Marked(f"{label}: {pairing.instance_id}", "heading")
        for name, results in zip(trial.names(), (pairing.old, pairing.new), strict=True):
            yield f"  {name}: {_reason(results)}"
    if more := pairings[EXAMPLES:]:
        yield f"{label} too: {', '.join(pairing.instance_id for pairing in more)}"


def log_trial(trial: Trial, changed: str = "") -> LogEntry:
    """Write the trial into the set's own log. Raises PromptError where the set has no folder."""
    goal = compare_states(trial.pairings, trial.ask.until)[-1]
    flips = f"better on {len(goal.better)}, worse on {len(goal.worse)} of {len(trial.pairings)}"
    entry = LogEntry(
        date=datetime.now(UTC).date().isoformat(),
        changed=changed or f"tried against {trial.old.name}",
        sha256=trial.new.sha256,
        instances=tuple(pairing.instance_id for pairing in trial.pairings),
        result=f"on {trial.run} up to {trial.ask.until}, {goal.old_rate:.0%} to {goal.new_rate:.0%}: {flips}",
    )
    if trial.new.folder is None:
        raise PromptError(f"prompt set {trial.new.name!r} was not read from a folder, so it has no log")
    append_log(trial.new.folder, entry)
    return entry


def _settings(settings: Settings, model: str | None) -> Settings:
    if model is None:
        return settings
    rungs = [rung.model_dump(mode="json") for rung in settings.ladder]
    return change_settings(settings, [("-m", {"ladder": [{**rungs[0], "model": model}, *rungs[1:]]})])


def _wired(folder: Path) -> MakeTools:
    def make(ledger: Ledger, settings: Settings) -> Tools:
        from orchestrator.clock import Clock
        from orchestrator.launch.session import StopSwitch
        from orchestrator.launch.wiring import Wiring
        from orchestrator.steps.workbench import Silent

        wiring = Wiring(settings, f"{folder.name}-try", folder.parent)
        tools = wiring.tools(ledger, settings, StopSwitch(Clock()), Silent())
        return replace(tools, models=wiring.models)

    return make


def _reason(results: tuple[Result, ...]) -> str:
    return visible(clip_columns(first_sentence(next((r.reason for r in results if r.reason), "passed")), 160))
