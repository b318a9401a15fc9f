"""Whatever happens in each state, the machine ends, attempts stay within their limits, and no state is outside of the table."""

from __future__ import annotations

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from orchestrator.feedback.history import AttemptHistory
from orchestrator.feedback.policy import decide
from orchestrator.feedback.signals import AttemptSummary
from orchestrator.machine import load_machine
from orchestrator.records import Decision
from orchestrator.resources import installed_resource
from orchestrator.settings import PolicySettings, Rung

MACHINE = load_machine(installed_resource("states") / "machine.toml")

LADDERS = st.lists(st.integers(1, 6), min_size=1, max_size=3).map(
    lambda attempts: tuple(Rung(model=f"scripted:{n}", attempts=a) for n, a in enumerate(attempts))
)
SUMMARIES = st.builds(
    AttemptSummary,
    attempt=st.just(0),
    rung=st.just(0),
    fingerprints=st.lists(st.sampled_from("ab"), max_size=2).map(tuple),
    stage_reached=st.integers(0, 9),
    failure_signature=st.sampled_from(["", "x", "y"]),
    refusal_code=st.sampled_from(["", "no_code"]),
    confidence=st.sampled_from([None, 0.2, 0.9]),
    unavailable=st.booleans(),
    context_too_small=st.booleans(),
)


@settings(max_examples=300, deadline=None)
@given(data=st.data(), ladder=LADDERS, limit=st.integers(1, 10), repairs=st.integers(0, 3))
def test_any_sequence_of_events_ends(data: st.DataObject, ladder: tuple[Rung, ...], limit: int, repairs: int) -> None:
    """Steps say anything that the table allows; the decision is the real one."""
    walker = MACHINE.walker()
    attempts: list[AttemptSummary] = []
    decisions: list[Decision] = []
    unavailable: set[int] = set()
    rung = 0
    for _ in range(60 * (limit + len(ladder))):
        state = walker.state
        if MACHINE.is_final(state):
            break
        assert state in MACHINE.states
        if state == "BUILDING_CONTEXT":
            summary = data.draw(SUMMARIES)
            fields = {name: getattr(summary, name) for name in summary.__dataclass_fields__}
            attempts.append(AttemptSummary(**{**fields, "attempt": len(attempts) + 1, "rung": rung}))
        if state == "DECIDING":
            history = AttemptHistory(tuple(attempts), tuple(decisions), frozenset(unavailable))
            decision = decide(history, ladder, PolicySettings(repairs=repairs), limit)
            decisions.append(decision)
            rung = decision.rung
            walker.fire(decision.event)
            continue
        event = data.draw(st.sampled_from(sorted(MACHINE.states[state].on)))
        if event == "rung_unavailable":
            unavailable.add(rung)
        walker.fire(event)
    assert MACHINE.is_final(walker.state)
    assert len(attempts) <= limit
    assert all(count <= ladder[rung].attempts for rung, count in Counter(a.rung for a in attempts).items())
