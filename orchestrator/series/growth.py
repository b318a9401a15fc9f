"""Runs of one series (benchmark, arm, ladder): what an earlier run spares a new one, and whether its gate lets the new one start.

A result holds while nothing that made it has changed: dataset, prompts, machine, code, models and the settings that matter.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from orchestrator.errors import GateRefused
from orchestrator.ledger import LEDGER
from orchestrator.memory.copy import copy_instances, read_ends, read_meta, read_states
from orchestrator.report.gate import decide_gate, read_gate, says_no, write_gate
from orchestrator.report.load import load_results
from orchestrator.settings import Settings
from orchestrator.tuning.tiers import Price, price_of_changes

HOLDS = frozenset({"RESOLVED", "UNRESOLVED", "GAVE_UP"})  # errors are no results: they are run again
ERRORS = frozenset({"INFRA_FAILED", "CRASHED"})
GRADING = "EVALUATING"

# What may change without touching a result: where, how many at once, how much money, and what is thought of the outcome.
_FREE = {"phase", "name", "size", "workers", "notes", "gate", "budget", "mirrors", "models", "evaluate"}
_STAMPS = ("code_version", "machine_sha256", "prompts_sha256", "dataset_sha256", "models", "isolation")


@dataclass(frozen=True, slots=True)
class Earlier:
    """A complete run of a whole phase, as its ledger tells."""

    folder: Path
    meta: Mapping[str, Any]
    ends: Mapping[str, str]

    @property
    def phase(self) -> int:
        """The phase it ran."""
        return int(self.meta["settings"]["phase"])

    @property
    def errors(self) -> tuple[str, ...]:
        """Its instances that the environment or a bug of ours broke."""
        return tuple(name for name, state in self.ends.items() if state in ERRORS)

    @property
    def failed(self) -> tuple[str, ...]:
        """Its instances that were not resolved, for whatever reason."""
        return tuple(name for name, state in self.ends.items() if state != "RESOLVED")


@dataclass(frozen=True, slots=True)
class Growth:
    """What becomes of each instance of a new run: taken over, graded again, or run. `why` says what changed."""

    rerun: tuple[str, ...]
    base: Earlier | None = None
    reuse: tuple[str, ...] = ()
    regrade: tuple[str, ...] = ()
    why: tuple[str, ...] = ()
    meta: Mapping[str, Any] = field(default_factory=dict)

    def carry_over(self, target: Path) -> None:
        """Copy what is taken over into a new ledger. Raises LedgerError."""
        if self.base is not None:
            copy_instances(self.base.folder / LEDGER, target, self.reuse)
            copy_instances(self.base.folder / LEDGER, target, self.regrade, until_state=GRADING)

    def lines(self) -> Iterator[str]:
        """The plan in words."""
        where = f" from {self.base.folder.name}" if self.base is not None else ""
        yield f"reuse {len(self.reuse)}{where}, re-grade {len(self.regrade)}, run {len(self.rerun)}"
        yield from (f"  changed since: {what}" for what in self.why)
        for verb, names in (("reuse", self.reuse), ("re-grade", self.regrade), ("run", self.rerun)):
            yield from (f"  {verb:9} {name}" for name in names)


def earlier_runs(
    output: Path, settings: Mapping[str, Any], *, but: Path | None = None, partial: bool = False
) -> Iterator[Earlier]:
    """The complete runs of the series of `settings`, newest first, or with `partial` all; subsets belong to no series."""
    found = []
    for path in output.glob(f"*/{LEDGER}"):
        meta = read_meta(path) if path.parent != but else None
        if meta is None or meta.get("is_subset") or series_of(meta["settings"]) != series_of(settings):
            continue
        found.append((meta["began_s"], path, meta))
    for _, path, meta in sorted(found, key=lambda row: row[0], reverse=True):
        ends = read_ends(path)
        if ends and (partial or all(state in HOLDS | ERRORS for state in ends.values())):
            yield Earlier(path.parent, meta, ends)


def series_of(settings: Mapping[str, Any]) -> tuple[Any, ...]:
    """Benchmark, arm and the ladder's models; what the graded tests were shown to is another series."""
    ladder = tuple(rung["model"] for rung in settings["ladder"])
    return settings["benchmark"], settings["arm"], ladder, settings["disclosure"]


def plan_growth(
    base: Earlier | None, ids: Sequence[str], settings: Mapping[str, Any], stamps: Mapping[str, Any]
) -> Growth:
    """Sort the instances of a new run by what `base` spares them. `stamps` without models leave the models unchecked."""
    if base is None:
        return Growth(tuple(ids))
    changed = tuple(_changes(base, settings, stamps))
    held = [name for name in ids if base.ends.get(name) in HOLDS]
    if changed or not held:
        return Growth(tuple(ids), base=None, why=changed)
    same_grading = _grading(base.meta["settings"]) == _grading(_plain(settings))
    graded = [name for name in held if base.ends[name] != "GAVE_UP"]
    regrade = () if same_grading else tuple(graded)
    reuse = tuple(name for name in held if name not in set(regrade))
    origins = base.meta.get("reused_from", {})
    taken = {name: origins.get(name, base.folder.name) for name in (*reuse, *regrade)}
    # The nonces in what is taken over were made with the old run's secret; a replay makes them again.
    meta = {"reused_from": taken, "secret": base.meta["secret"]}
    why = () if same_grading else ("evaluate: patches are graded again",)
    return Growth(tuple(n for n in ids if n not in taken), base, reuse, regrade, why, meta)


def _changes(base: Earlier, settings: Mapping[str, Any], stamps: Mapping[str, Any]) -> Iterator[str]:
    old, new = base.meta["settings"], _plain(settings)
    yield from (key for key in new if key not in _FREE and new[key] != old.get(key))
    if new["models"]["total_timeout_s"] != old["models"]["total_timeout_s"]:
        yield "models.total_timeout_s"
    now = _plain(stamps)
    yield from (key for key in _STAMPS if key in now and now[key] != base.meta["stamps"].get(key))


def _grading(settings: Mapping[str, Any]) -> dict[str, Any]:
    """What verdicts depend on; how many candidates get one changes none."""
    return {key: value for key, value in settings["evaluate"].items() if key != "grade_all"}


def _plain(value: Any) -> Any:
    """As it comes back from a ledger."""
    return json.loads(json.dumps(value))


def price_changes(base: Earlier | None, ids: Sequence[str], settings: Settings) -> tuple[Price, ...]:
    """For --dry-run: which of the results in `base` a change of each tier of optimisation would invalidate."""
    recorded = read_states(base.folder / LEDGER) if base else {}
    return price_of_changes(settings, {name: states for name, states in recorded.items() if name in set(ids)})


# --- the gate of the phase before -------------------------------------------------------------------


def check_gate(output: Path, settings: Settings, override: str | None) -> Earlier | None:
    """Raise GateRefused where the phase before said no in this series and no `override` says why to go on.

    The newest complete run speaks for its phase; where none is complete, a partial one, which always says no. Returns the run
    that was overridden, if one was. A series without the phase before has nobody to say no.
    """
    series = settings.model_dump(mode="json")
    known = [*earlier_runs(output, series), *earlier_runs(output, series, partial=True)]
    before = next((run for run in known if run.phase == settings.phase - 1), None)
    if before is None:
        return None
    decision = read_gate(before.folder) or gate_anew(before.folder)
    if not says_no(decision):
        return None
    if override:
        return before
    reasons = "; ".join(decision["reasons"])
    raise GateRefused(
        f"the gate of phase {before.phase} said no ({before.folder.name}: {reasons}). `ramp gate {before.folder.name}` shows it;"
        ' improve and run that phase again, or go on with --override "why"'
    )


def gate_anew(folder: Path, rules: Settings | None = None) -> dict[str, Any]:
    """Decide a run's gate by the rules that it was run with, or by those of `rules`, and record it."""
    meta = read_meta(folder / LEDGER)
    settings = rules or Settings.model_validate(meta["settings"] if meta else {})
    return write_gate(folder, decide_gate(load_results(folder), settings.gate))
