"""DECIDING, as a table of situations and as properties over every course that a run can take."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.feedback.history import AttemptHistory
from orchestrator.feedback.policy import RULES, decide, opening
from orchestrator.feedback.signals import AttemptSummary, InstanceOutlook
from orchestrator.records import Decision


@dataclass(frozen=True)
class Rung:
    """A rung as the policy reads it."""

    model: str = "small"
    attempts: int = 4
    format: str = "function"
    fallback_format: str | None = "search-replace"


@dataclass(frozen=True)
class Policy:
    """The policy's settings."""

    repairs: int = 2
    story_for_next_rung: bool = True
    hard_case_escalation: bool = False


LADDER = (Rung(), Rung("large", 2))
ALONE = (Rung(),)

Fill = Callable[[AttemptSummary], AttemptSummary]


def applied(fingerprint: str, stage: int = 5, signature: str = "") -> Fill:
    """An attempt whose candidate was judged."""
    return lambda attempt: replace(
        attempt, fingerprints=(fingerprint,), stage_reached=stage, failure_signature=signature or f"fails-{fingerprint}"
    )


def unreadable(attempt: AttemptSummary) -> AttemptSummary:
    """An attempt whose reply could not be read as edits."""
    return replace(attempt, refusal_code="no_edit")


def unsure(attempt: AttemptSummary) -> AttemptSummary:
    """An attempt with survivors that disagree."""
    return replace(attempt, fingerprints=(f"u{attempt.attempt}",), stage_reached=9, confidence=0.3)


def unanswered(attempt: AttemptSummary) -> AttemptSummary:
    """An attempt that the endpoint never answered."""
    return replace(attempt, unavailable=True)


def too_long(attempt: AttemptSummary) -> AttemptSummary:
    """An attempt whose prompt did not fit."""
    return replace(attempt, context_too_small=True)


def play(
    *attempts: Fill,
    ladder: tuple[Rung, ...] = LADDER,
    policy: Policy | None = None,
    start: AttemptHistory | None = None,
    max_attempts: int = 6,
) -> list[Decision]:
    """Open attempts as the decisions say, fill each one in, and return every decision made."""
    history, made = start or AttemptHistory(), []
    for fill in attempts:
        rung = made[-1].rung if made else 0
        attempt = fill(AttemptSummary(len(history.attempts) + 1, rung))
        history = replace(history, attempts=(*history.attempts, attempt))
        decision = decide(history, ladder, policy or Policy(), max_attempts)
        history = replace(history, decisions=(*history.decisions, decision))
        made.append(decision)
    return made


def course(decisions: list[Decision]) -> list[str]:
    """The decisions in short: event, rung, strategy, format where it is not the rung's."""
    return [" ".join(filter(None, (d.event, str(d.rung), d.strategy, d.edit_format))) for d in decisions]


TABLE = {
    "two repairs, a fresh sample of the next function, then the next rung, then the end": (
        [applied("a", 5), applied("b", 6), applied("c", 7), applied("d", 8), applied("e", 8), applied("f", 8)],
        ["again 0 functions", "again 0 functions", "fresh 0 next-function", "escalate 1 functions", "again 1 functions",
         "give_up 1 functions"],
    ),
    "the same result again leads to another function, then another file": (
        [applied("a"), applied("a"), applied("a")],
        ["again 0 functions", "fresh 0 next-function", "fresh 0 next-file"],
    ),
    "A/B/A is seen as a circle": (
        [applied("a", 5), applied("b", 6), applied("a", 5)],
        ["again 0 functions", "again 0 functions", "fresh 0 next-function"],
    ),
    "another result with the same failure leads to another function": (
        [applied("a", 5, "same"), applied("b", 5, "same")],
        ["again 0 functions", "fresh 0 next-function"],
    ),
    "two unreadable replies lead to the fallback format, two more to the next model": (
        [unreadable, unreadable, unreadable, unreadable],
        ["again 0 functions", "again 0 functions search-replace", "again 0 functions search-replace", "escalate 1 functions"],
    ),
    "one unreadable reply among readable ones is repaired": (
        [unreadable, applied("a", 5), unreadable],
        ["again 0 functions", "again 0 functions", "fresh 0 next-function"],
    ),
    "a first doubt gets one fresh batch, a second doubt the stronger model": (
        [unsure, unsure],
        ["fresh 0 functions", "escalate 1 functions"],
    ),
    "a model that does not answer costs its rung": (
        [unanswered, applied("a", 5)],
        ["escalate 1 functions", "again 1 functions"],
    ),
    "a prompt that does not fit is not sent again": ([too_long], ["escalate 1 functions"]),
}  # fmt: skip


@pytest.mark.parametrize("name", TABLE)
def test_situation(name: str) -> None:
    """Each row of the table takes the course that its name says."""
    attempts, expected = TABLE[name]
    assert course(play(*attempts)) == expected


def test_a_fresh_start_is_warmer_and_hears_no_story() -> None:
    """A fresh sample is a new idea: warmer with each start, without the failures before it."""
    decisions = play(applied("a"), applied("a"), applied("a"))
    assert [d.temperature_shift for d in decisions] == pytest.approx([0.0, 0.2, 0.4])
    assert [d.story for d in decisions] == [True, False, False]


def test_after_function_and_file_come_format_then_model() -> None:
    """The different approaches are taken in order: other function, other file, other format, other model."""
    ladder = (Rung(attempts=9), Rung("large"))
    made = course(play(*[applied("a")] * 5, ladder=ladder, max_attempts=10))
    assert made[1:4] == ["fresh 0 next-function", "fresh 0 next-file", "fresh 0 functions search-replace"]
    assert made[4] == "fresh 0 next-function search-replace"
    made = course(play(*[applied("a")] * 7, ladder=ladder, max_attempts=10))
    assert made[-2:] == ["fresh 0 next-file search-replace", "escalate 1 functions"]


def test_a_strategy_of_an_arm_is_kept() -> None:
    """An arm that shows the first bytes of files goes on showing them: only temperature and format differ."""
    start = AttemptHistory(strategy="first-bytes")
    assert course(play(applied("a"), applied("a"), start=start))[-1] == "fresh 0 first-bytes search-replace"


def test_as_many_repairs_as_attempts_is_the_naive_loop() -> None:
    """The baseline arm with feedback repairs whatever happens, until its attempts are used up."""
    made = play(*[applied("a")] * 6, ladder=(Rung(attempts=6),), policy=Policy(repairs=6))
    assert [d.event for d in made] == ["again"] * 5 + ["give_up"]


def test_an_engine_without_ideas_ends_or_hands_over() -> None:
    """EXHAUSTED closes the rung: the next one takes over, and without one the instance is given up."""
    tired = AttemptHistory((AttemptSummary(1, 0, ("a",), 5),), exhausted_rungs=frozenset({0}))
    assert decide(tired, LADDER, Policy()).event == "escalate"
    assert decide(tired, ALONE, Policy()).event == "give_up"


def test_a_rung_that_cannot_be_opened_leaves_what_remains_of_the_one_below() -> None:
    """Attempts left on the rung that answers are used before anything is given up."""
    circle = (AttemptSummary(1, 0, ("a",), 5), AttemptSummary(2, 0, ("a",), 5), AttemptSummary(3, 0, ("a",), 5))
    asked = (
        Decision("again", "", 0),
        Decision("fresh", "", 0, "next-file", 0.2, "search-replace"),
        Decision("escalate", "", 1),
    )
    refused = AttemptHistory(circle, asked, unavailable_rungs=frozenset({1}))
    decision = decide(refused, LADDER, Policy())
    assert (decision.event, decision.rung) == ("fresh", 0)


def test_no_answer_at_all_is_not_held_against_the_model() -> None:
    """Where no model ever answered the environment broke: nothing was given up."""
    assert course(play(unanswered, unanswered)) == ["escalate 1 functions", "broke 0 functions"]


def test_a_doubted_choice_is_kept_in_the_end() -> None:
    """With no stronger model and two doubts the best survivor is exported, not sampled away."""
    made = play(unsure, unsure, ladder=ALONE)
    assert made[-1].event == "give_up"
    assert "best survivor is kept" in made[-1].why


def test_what_the_stronger_model_hears_is_a_setting() -> None:
    """A fresh start or the story so far."""
    for told in (True, False):
        assert play(too_long, policy=Policy(story_for_next_rung=told))[-1].story is told


def test_a_hard_case_starts_on_the_second_rung_only_where_asked() -> None:
    """Two hard-case signals before the first attempt start higher, where the policy says so and there is a rung."""
    hard = InstanceOutlook(localization_confidence=0.05, context_tokens=100, budget_tokens=6000, reproduced=False)
    plain = InstanceOutlook(localization_confidence=0.9, context_tokens=100, budget_tokens=6000, reproduced=True)
    asked = Policy(hard_case_escalation=True)
    assert opening(hard, LADDER, asked).rung == 1
    assert [
        opening(hard, LADDER, Policy()).rung,
        opening(hard, ALONE, asked).rung,
        opening(plain, LADDER, asked).rung,
    ] == [0] * 3
    assert opening(hard, LADDER, Policy()).signals == ("unsure_localization", "no_reproduction")


def test_every_decision_says_why_and_names_its_signals() -> None:
    """A decision can be read in the ledger: a reason, and the signals that were seen."""
    decision = play(applied("a"), applied("a"))[-1]
    assert "not tried before" in decision.why
    assert decision.signals == ("same_result",)


def test_one_rule_always_applies() -> None:
    """The last rule has no condition, so that a decision always exists."""
    assert RULES[-1].__name__ == "repair"


FILLS = st.sampled_from(
    [
        applied("a"),
        applied("b", 6),
        applied("c", 8, "same"),
        applied("d", 3, "same"),
        unreadable,
        unsure,
        unanswered,
        too_long,
    ]
)
RUNGS = st.lists(
    st.builds(
        Rung, st.just("m"), st.integers(1, 10), fallback_format=st.sampled_from([None, "search-replace", "function"])
    ),
    min_size=1,
    max_size=3,
)


@given(
    rungs=RUNGS,
    repairs=st.integers(0, 10),
    max_attempts=st.integers(1, 10),
    fills=st.lists(FILLS, min_size=15, max_size=15),
    shut=st.sets(st.integers(0, 2)),
    tired=st.dictionaries(st.integers(1, 10), st.booleans()),
)
def test_every_course_ends_within_its_limits(
    rungs: list[Rung],
    repairs: int,
    max_attempts: int,
    fills: list[Fill],
    shut: set[int],
    tired: dict[int, bool],
) -> None:
    """Whatever happens: limits hold, rungs only rise, the run ends, and it gives up only when nothing is left to try."""
    history, rung, ended = AttemptHistory(), 0, ""
    for _ in range(4 * max_attempts + 4 * len(rungs)):
        number = len(history.attempts) + 1
        attempt = fills[number](AttemptSummary(number, rung))
        gone = {rung} if tired.get(number) and not attempt.unavailable else set()
        history = replace(
            history, attempts=(*history.attempts, attempt), exhausted_rungs=history.exhausted_rungs | gone
        )
        decision = decide(history, rungs, Policy(repairs), max_attempts)
        history = replace(history, decisions=(*history.decisions, decision))
        while decision.event == "escalate" and decision.rung in shut:
            history = replace(history, unavailable_rungs=history.unavailable_rungs | {decision.rung})
            decision = decide(history, rungs, Policy(repairs), max_attempts)
            history = replace(history, decisions=(*history.decisions, decision))
        ended, rung = decision.event, decision.rung
        if ended in ("give_up", "broke"):
            break
    assert ended in ("give_up", "broke")
    assert len(history.attempts) <= max_attempts
    for index, each in enumerate(rungs):
        assert sum(attempt.rung == index for attempt in history.attempts) <= each.attempts
    answered = [attempt.rung for attempt in history.attempts if not attempt.unavailable]
    assert answered == sorted(answered)
    assert (ended == "broke") is (not answered)
    if ended == "give_up" and len(history.attempts) < max_attempts:
        last = [attempt for attempt in history.attempts if not attempt.unavailable][-1]
        assert _nothing_left(history, rungs) or last.context_too_small or _doubts(history)


def _nothing_left(history: AttemptHistory, rungs: list[Rung]) -> bool:
    lost = {a.rung for a in history.attempts if a.unavailable} | history.unavailable_rungs | history.exhausted_rungs
    here = max((a.rung for a in history.attempts if not a.unavailable), default=0)
    used = [sum(a.rung == index for a in history.attempts) for index in range(len(rungs))]
    return all(index in lost or used[index] >= rungs[index].attempts for index in range(here, len(rungs)))


def _doubts(history: AttemptHistory) -> bool:
    return sum(attempt.confidence is not None for attempt in history.attempts) >= 2
