"""READ FIRST: one instance, from the state it is in to a final one.

A step says what happened; the table in states/machine.toml says where to go; the ledger has it before it counts; the journey
is what the ledger has. That is all there is to it.
"""

from __future__ import annotations

from collections.abc import Mapping

from orchestrator.errors import BudgetExhausted, InfrastructureError, MissingPiece
from orchestrator.journey import Journey, Transition
from orchestrator.ledger import Ledger
from orchestrator.machine import Machine
from orchestrator.steps import Said, Step, Workbench


def repair(journey: Journey, machine: Machine, steps: Mapping[str, Step], bench: Workbench, ledger: Ledger) -> Journey:
    """Drive one instance to a final state and return its whole journey."""
    walker = machine.walker(journey.state)
    while not machine.is_final(journey.state):
        began_s = bench.clock.monotonic()
        said = take_step(steps[journey.state], journey, bench)
        transition = Transition(
            seq=journey.seq,
            state=journey.state,
            event=said.event,
            next_state=walker.fire(said.event),
            records=said.records,
            attempt=len(journey.attempts),
            duration_s=bench.clock.monotonic() - began_s,
            at_s=bench.clock.wall(),
            note=said.note,
        )
        bench.faults.reach(f"before_commit/{journey.state}")
        ledger.commit(journey.instance_id, transition, wait=said.has_effects or machine.is_final(walker.state))
        bench.faults.reach(f"after_commit/{journey.state}")
        journey = journey.after(transition)
        bench.observer.moved(journey, transition)
    return journey


def take_step(step: Step, journey: Journey, bench: Workbench) -> Said:
    """Take one step. What broke around us is an event too; a bug of ours is not caught here."""
    if reason := bench.stop_reason():
        return Said("stopped", note=reason)
    bench.enter_step(journey.seq)
    try:
        return step(journey, bench)
    except BudgetExhausted as error:
        return Said("stopped", note=str(error))
    except (InfrastructureError, MissingPiece) as error:
        return Said("broke", note=f"{type(error).__name__}: {error}")
