"""The machine's own pictures: a table, a Mermaid diagram, and the page `states/MACHINE.md`."""

from __future__ import annotations

from orchestrator.machine import Machine


def draw_table(machine: Machine) -> str:
    """One line per state: part, name, what it does, and its events; Markdown."""
    lines = ["| part | state | does | on event, go to |", "|---|---|---|---|"]
    for state in machine.states.values():
        ways = "<br>".join(f"{event} → {target}" for event, target in state.on.items())
        lines.append(f"| {state.part} | {state.name} | {state.does} | {ways} |")
    lines.extend(f"| final | {name} | {meaning} | |" for name, meaning in machine.finals.items())
    always = ", ".join(f"{event} → {target}" for event, target in machine.always.items())
    return "\n".join([*lines, "", f"In every working state also: {always}."]) + "\n"


def draw_mermaid(machine: Machine) -> str:
    """A Mermaid state diagram; what can always happen is left out of the arrows, for the sake of the eye."""
    lines = ["stateDiagram-v2", f"    [*] --> {machine.start}"]
    for state in machine.states.values():
        by_target: dict[str, list[str]] = {}
        for event, target in state.on.items():
            by_target.setdefault(target, []).append(event)
        lines.extend(f"    {state.name} --> {target}: {', '.join(events)}" for target, events in by_target.items())
    lines.extend(f"    {name} --> [*]" for name in machine.finals)
    return "\n".join(lines) + "\n"


def draw_page(machine: Machine) -> str:
    """The whole of states/MACHINE.md; `ramp states --check` compares it with the file."""
    return (
        "# The machine\n\nGenerated from machine.toml by `ramp states --write`; do not edit.\n\n"
        f"{draw_table(machine)}\n```mermaid\n{draw_mermaid(machine)}```\n\n"
        f"{len(machine.states)} working states, {len(machine.finals)} final ones. Hash `{machine.sha256[:12]}`.\n"
    )
