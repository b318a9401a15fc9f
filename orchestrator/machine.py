"""The state machine: read from `states/machine.toml`, proved before anything runs, driven by `transitions`, drawn by itself.

A state's step returns an event; only this table says where to go. Each kind of fault in the table has its own message.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from orchestrator.errors import MachineError

_STATE_KEYS = {"part", "does", "on"}
_TOP_KEYS = {"start", "always", "finals", "states"}


@dataclass(frozen=True, slots=True)
class State:
    """A working state: its part of the journey, what its step does, and where each of its events leads."""

    name: str
    part: str
    does: str
    on: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Machine:
    """A proved table. `sha256` stamps results; two tables with the same meaning have the same hash."""

    start: str
    states: Mapping[str, State]
    always: Mapping[str, str]
    finals: Mapping[str, str]
    sha256: str

    def is_final(self, state: str) -> bool:
        """Whether the journey ends in `state`."""
        return state in self.finals

    def events(self, state: str) -> Mapping[str, str]:
        """Every event of a working state, the ones that can always happen last."""
        return {**self.states[state].on, **self.always}

    def walker(self, state: str | None = None) -> Walker:
        """A cursor that starts in `state` (default: the start)."""
        return Walker(self, state or self.start)


class _Cursor:
    """What `transitions` hangs its convenience methods on, so that no event can shadow a method of ours."""

    state: str


class Walker:
    """One journey's cursor over the machine, driven by the `transitions` package."""

    def __init__(self, machine: Machine, state: str) -> None:
        from transitions import Machine as Driver

        self._machine = machine
        self._cursor = _Cursor()
        self._driver = Driver(
            model=self._cursor,
            states=[*machine.states, *machine.finals],
            transitions=[
                {"trigger": event, "source": name, "dest": target}
                for name in machine.states
                for event, target in machine.events(name).items()
            ],
            initial=state,
            auto_transitions=False,
        )

    @property
    def state(self) -> str:
        """Where the journey stands."""
        return self._cursor.state

    def fire(self, event: str) -> str:
        """Take the transition of `event` and return the new state. Raises MachineError where the table has none."""
        from transitions import MachineError as Refused

        source = self.state
        if self._machine.is_final(source) or event not in self._machine.events(source):
            raise MachineError(f"{source} has no event {event!r}; its row in machine.toml has: {self._known(source)}")
        try:
            self._driver.events[event].trigger(self._cursor)
        except Refused as error:
            raise MachineError(f"{source} refuses {event!r}: {error}") from error
        return self.state

    def _known(self, state: str) -> str:
        return "nothing, it is final" if self._machine.is_final(state) else ", ".join(self._machine.events(state))


def load_machine(path: Path) -> Machine:
    """Read and prove a machine. Raises MachineError, naming the file and the state or event at fault."""
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise MachineError(f"{path}: cannot be read: {error}") from error
    except tomllib.TOMLDecodeError as error:
        raise MachineError(f"{path}: is not TOML: {error}") from error
    try:
        machine = _read(table)
        prove(machine)
    except MachineError as error:
        raise MachineError(f"{path}: {error}") from None
    return machine


def _read(table: Mapping[str, Any]) -> Machine:
    if unknown := sorted(set(table) - _TOP_KEYS):
        raise MachineError(f"unknown key {unknown[0]!r}; known are {', '.join(sorted(_TOP_KEYS))}")
    if missing := sorted(_TOP_KEYS - set(table)):
        raise MachineError(f"the key {missing[0]!r} is missing")
    for name, row in table["states"].items():
        if unknown := sorted(set(row) - _STATE_KEYS):
            raise MachineError(f"state {name}: unknown key {unknown[0]!r}; known are part, does, on")
        if missing := sorted(_STATE_KEYS - set(row)):
            raise MachineError(f"state {name}: the key {missing[0]!r} is missing")
    states = {name: State(name, row["part"], row["does"], dict(row["on"])) for name, row in table["states"].items()}
    digest = hashlib.sha256(_canonical(table["start"], states, table["always"], table["finals"]).encode()).hexdigest()
    return Machine(table["start"], states, dict(table["always"]), dict(table["finals"]), digest)


def _canonical(start: str, states: Mapping[str, State], always: Mapping[str, str], finals: Mapping[str, str]) -> str:
    rows = [f"{name}:{event}>{target}" for name, s in states.items() for event, target in s.on.items()]
    return "\n".join([start, *sorted(rows), *sorted(f"*:{e}>{t}" for e, t in always.items()), *sorted(finals)])


def prove(machine: Machine) -> None:
    """Prove the table: one start, finals without exits, every target there, every state reachable and able to finish."""
    if machine.start not in machine.states:
        raise MachineError(f"start {machine.start!r} is not a working state")
    if both := sorted(set(machine.states) & set(machine.finals)):
        raise MachineError(f"{both[0]} is final and has exits; a final state has none")
    if not machine.finals:
        raise MachineError("there is no final state, so no journey could end")
    _prove_targets(machine)
    reachable = _closure({machine.start}, machine)
    if lost := [name for name in (*machine.states, *machine.finals) if name not in reachable]:
        raise MachineError(f"{lost[0]} cannot be reached from {machine.start}")
    for name in machine.states:
        if not any(target in machine.finals for target in _closure({name}, machine, own_events_only=True)):
            raise MachineError(f"{name} cannot finish: none of its own events leads to a final state")


def prove_steps(machine: Machine, steps: Iterable[str]) -> None:
    """Prove that every working state has a step and every step a state."""
    named = set(steps)
    if missing := [name for name in machine.states if name not in named]:
        raise MachineError(f"state {missing[0]} has no step in orchestrator/steps")
    if extra := sorted(named - set(machine.states)):
        raise MachineError(f"step {extra[0].lower()} has no state in machine.toml")


def _prove_targets(machine: Machine) -> None:
    known = {*machine.states, *machine.finals}
    for name, state in machine.states.items():
        if not state.on:
            raise MachineError(f"state {name} has no events; make it final or give it a way on")
        if clash := sorted(set(state.on) & set(machine.always)):
            raise MachineError(f"state {name}: event {clash[0]!r} is already in [always]")
        for event, target in state.on.items():
            if target not in known:
                raise MachineError(f"state {name}: event {event!r} leads to {target!r}, which does not exist")
    for event, target in machine.always.items():
        if target not in machine.finals:
            raise MachineError(f"[always] {event!r} leads to {target!r}, which is not a final state")


def _closure(start: set[str], machine: Machine, *, own_events_only: bool = False) -> set[str]:
    seen, pending = set(start), list(start)
    while pending:
        name = pending.pop()
        if name in machine.finals:
            continue
        ways = machine.states[name].on if own_events_only else machine.events(name)
        for target in ways.values():
            if target not in seen:
                seen.add(target)
                pending.append(target)
    return seen
