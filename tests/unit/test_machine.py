"""The machine: loaded, proved, drawn and walked."""

from __future__ import annotations

from pathlib import Path

import pytest

from orchestrator.drawing import draw_mermaid, draw_page, draw_table
from orchestrator.errors import MachineError
from orchestrator.machine import load_machine, prove_steps

ROOT = Path(__file__).resolve().parents[2]
TABLE = ROOT / "states" / "machine.toml"

SMALL = """
start = "A"
[always]
broke = "LOST"
[finals]
DONE = "done"
LOST = "lost"
[states.A]
part = "p"
does = "d"
on = { go = "B" }
[states.B]
part = "p"
does = "d"
on = { again = "A", end = "DONE" }
"""


def load(tmp_path: Path, text: str):
    path = tmp_path / "machine.toml"
    path.write_text(text)
    return load_machine(path)


def test_a_walker_goes_where_the_table_says(tmp_path: Path) -> None:
    """Events lead along the rows, and [always] holds in every working state."""
    machine = load(tmp_path, SMALL)
    walker = machine.walker()
    assert [walker.fire(event) for event in ("go", "again", "go", "end")] == ["B", "A", "B", "DONE"]
    assert machine.walker("B").fire("broke") == "LOST"


def test_an_event_that_the_table_does_not_have_is_refused(tmp_path: Path) -> None:
    """The message names the state, the event and what would have been possible."""
    with pytest.raises(MachineError, match=r"A has no event 'end'.*go, broke"):
        load(tmp_path, SMALL).walker().fire("end")


def test_a_final_state_takes_no_event(tmp_path: Path) -> None:
    """Nothing leaves a final state."""
    with pytest.raises(MachineError, match="nothing, it is final"):
        load(tmp_path, SMALL).walker("DONE").fire("broke")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (('start = "A"', 'start = "X"'), "start 'X' is not a working state"),
        (('start = "A"', 'begin = "A"'), "unknown key 'begin'"),
        (('on = { go = "B" }', 'on = { go = "C" }'), "event 'go' leads to 'C', which does not exist"),
        (('on = { go = "B" }', 'on = { go = "DONE" }'), "B cannot be reached from A"),
        (('end = "DONE"', 'end = "A"'), "DONE cannot be reached"),
        (('on = { go = "B" }', "on = {}"), "state A has no events"),
        (('on = { go = "B" }', 'on = { broke = "B" }'), "event 'broke' is already in"),
        (('DONE = "done"', 'DONE = "done"\nA = "too"'), "A is final and has exits"),
        (('broke = "LOST"', 'broke = "B"'), "leads to 'B', which is not a final state"),
        (('does = "d"\non = { go', 'dose = "d"\non = { go'), "state A: unknown key 'dose'"),
        (('part = "p"\ndoes = "d"\non = { go', 'does = "d"\non = { go'), "state A: the key 'part' is missing"),
        (("[finals]", "[finals"), "is not TOML"),
    ],
)
def test_each_kind_of_fault_has_its_own_message(tmp_path: Path, change: tuple[str, str], message: str) -> None:
    """A broken table is refused when it is loaded, with the file and the place named."""
    assert change[0] in SMALL
    with pytest.raises(MachineError, match=message) as refused:
        load(tmp_path, SMALL.replace(*change, 1))
    assert "machine.toml" in str(refused.value)


def test_a_state_that_cannot_finish_by_its_own_events_is_refused(tmp_path: Path) -> None:
    """A circle whose only way out is a fault would never end by itself."""
    circle = SMALL.replace('on = { go = "B" }', 'on = { go = "B", turn = "C" }') + (
        '[states.C]\npart = "p"\ndoes = "d"\non = { turn = "C" }\n'
    )
    with pytest.raises(MachineError, match="C cannot finish"):
        load(tmp_path, circle)


def test_every_state_needs_a_step_and_every_step_a_state(tmp_path: Path) -> None:
    """The table and the steps are proved against each other."""
    machine = load(tmp_path, SMALL)
    with pytest.raises(MachineError, match="state B has no step"):
        prove_steps(machine, ["A"])
    with pytest.raises(MachineError, match="step c has no state"):
        prove_steps(machine, ["A", "B", "C"])


def test_the_hash_is_of_the_meaning(tmp_path: Path) -> None:
    """Another comment or description is the same machine; another target is not."""
    first = load(tmp_path, SMALL).sha256
    assert load(tmp_path, SMALL.replace('"d"', '"other words"')).sha256 == first
    assert load(tmp_path, SMALL.replace('again = "A"', 'again = "DONE"')).sha256 != first


def test_the_drawings_show_every_state_and_event() -> None:
    """The shipped machine's table and diagram name every state and every transition."""
    machine = load_machine(TABLE)
    table, mermaid = draw_table(machine), draw_mermaid(machine)
    for state in machine.states.values():
        assert f"| {state.name} |" in table
        for event, target in state.on.items():
            assert f"{event} → {target}" in table
            assert any(f"{state.name} --> {target}:" in line and event in line for line in mermaid.splitlines())


def test_the_generated_page_is_up_to_date() -> None:
    """states/MACHINE.md is what `ramp states --write` would write."""
    assert (TABLE.parent / "MACHINE.md").read_text(encoding="utf-8") == draw_page(load_machine(TABLE))
