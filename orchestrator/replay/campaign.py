"""A trial of a prompt set over many recorded inputs: both sides, the paired table, and the line in the set's log."""

from __future__ import annotations

import contextlib
import secrets
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from orchestrator.errors import PromptError, UserError
from orchestrator.ledger import LEDGER, Ledger
from orchestrator.machine import Machine, load_machine
from orchestrator.prompt_checks import LogEntry, append_log, require_sound
from orchestrator.prompts import PromptSet
from orchestrator.replay.trial import UNTIL, Pairing, Result, flips, inputs_of, rates, try_once
from orchestrator.report.statistics import mcnemar_exact
from orchestrator.resources import find_resource
from orchestrator.settings import Settings, change_settings, recorded_settings
from orchestrator.steps import Tools
from orchestrator.text import clip_columns, first_sentence, visible

EXAMPLES = 3

MakeTools = Callable[[Ledger, Settings], Tools]
RefuseShared = Callable[[PromptSet, dict[str, str]], None]


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


def run_trial(
    folder: Path,
    prompt_set: PromptSet,
    ask: Ask,
    *,
    refuse_shared: RefuseShared,
    make_tools: MakeTools | None = None,
    machine: Machine | None = None,
) -> Trial:
    """Try `prompt_set` on what the run in `folder` recorded. Raises UserErrors before any model is asked."""
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
            for given in inputs:
                sides: list[tuple[Result, ...]] = []
                for side, prompts in (("old", old), ("new", prompt_set)):
                    results = []
                    for number in range(ask.repeat):
                        seeded = settings.model_copy(update={"seed": settings.seed + number})
                        place = Path(scratch) / f"{given.task.instance_id}-{side}-{number}"
                        results.append(
                            try_once(given, recorded=ledger, tools=tools, machine=machine, prompts=prompts,
                                     settings=seeded, until=ask.until, folder=place)
                        )  # fmt: skip
                    sides.append(tuple(results))
                pairings.append(Pairing(given.task.instance_id, sides[0], sides[1]))
    return Trial(folder.name, old, prompt_set, ask, tuple(pairings))


def trial_lines(trial: Trial) -> Iterator[str]:
    """The paired table, what changed, what it cost, and examples of both kinds."""
    tries = len(trial.pairings) * trial.ask.repeat
    yield f"{len(trial.pairings)} instances, {tries} tries a side, inputs of attempt {trial.ask.attempt} of {trial.run}"
    yield f"{'passed':20} {trial.old.name[:12]:>12} {trial.new.name[:12]:>12}"
    for state, before, after in rates(trial.pairings, trial.ask.until):
        yield f"{state:20} {before:12.0%} {after:12.0%}"
    better, worse = flips(trial.pairings, trial.ask.until)
    p = mcnemar_exact(len(better), len(worse)).p_value
    yield f"better on {len(better)}, worse on {len(worse)} instances; McNemar, exact, two-sided: p = {p:.3f}"
    for name, side in (
        (trial.old.name, [r for p in trial.pairings for r in p.old]),
        (trial.new.name, [r for p in trial.pairings for r in p.new]),
    ):
        asked = sum(r.asked for r in side)
        tokens = f"{sum(r.input_tokens for r in side)} tokens in, {sum(r.output_tokens for r in side)} out"
        yield f"{name}: {tokens}, {sum(r.duration_s for r in side):.1f} s, {asked} model calls ({len(side) - asked} as recorded)"
    for label, pairings in (("better", better), ("worse", worse)):
        for pairing in pairings[:EXAMPLES]:
            yield f"{label}: {pairing.instance_id}"
            yield f"  {trial.old.name}: {_reason(pairing.old)}"
            yield f"  {trial.new.name}: {_reason(pairing.new)}"


def log_trial(trial: Trial, changed: str = "") -> LogEntry:
    """Write the trial into the set's own log. Raises PromptError where the set has no folder."""
    better, worse = flips(trial.pairings, trial.ask.until)
    entry = LogEntry(
        date=datetime.now(UTC).date().isoformat(),
        changed=changed or f"tried against {trial.old.name}",
        sha256=trial.new.sha256,
        instances=tuple(pairing.instance_id for pairing in trial.pairings),
        result=f"on {trial.run} up to {trial.ask.until}: better on {len(better)}, worse on {len(worse)} of {len(trial.pairings)}",
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
        from orchestrator.session import StopSwitch
        from orchestrator.steps.workbench import Silent
        from orchestrator.wiring import Wiring

        wiring = Wiring(settings, f"{folder.name}-try", folder.parent)
        tools = wiring.tools(ledger, settings, StopSwitch(Clock()), Silent())
        return replace(tools, models=wiring.models)

    return make


def _reason(results: tuple[Result, ...]) -> str:
    return visible(clip_columns(first_sentence(next((r.reason for r in results if r.reason), "passed")), 160))
