"""A journey, read for the attempt policy."""

from __future__ import annotations

from dataclasses import replace

from orchestrator.feedback.policy import decide
from orchestrator.feedback.summary import history_of, summarise
from orchestrator.journey import Attempt, Journey
from orchestrator.records import (
    Candidate,
    Context,
    Decision,
    EditRefusal,
    Edits,
    Finding,
    FinishReason,
    Judgement,
    ModelRequest,
    Reply,
    Sampling,
    Verdict,
)
from tests.unit.feedback.test_policy import LADDER, Policy

CONTEXT = Context("functions", (), (), 10, 100)
ATTEMPT = Attempt(1, 0, CONTEXT)
CANDIDATE = Candidate("1.0", 1, 0, 0, "m", Edits("function", ()), fingerprint="f")


def reply(finish: FinishReason = FinishReason.STOP) -> Reply:
    """A reply that ended so."""
    return Reply("text", finish, "m")


def journey(*attempts: Attempt, decisions: tuple[Decision, ...] = ()) -> Journey:
    """A journey of these attempts."""
    return Journey("a__b-1", "DECIDING", attempts=attempts, decisions=decisions)


def test_an_attempt_is_summed_up() -> None:
    """Fingerprints, the furthest stage entered, the failure's signature, the confidence."""
    findings = (
        Finding("applies", "1.0", Judgement.PASS, ""),
        Finding("scope", "1.0", Judgement.PASS, ""),
        Finding("parses", "1.0", Judgement.FAIL, "", signature="sig"),
    )
    summed = summarise(
        replace(ATTEMPT, candidates=(CANDIDATE,), findings=findings, verdict=Verdict(1, "1.0", 0.25, ""))
    )
    assert (summed.fingerprints, summed.stage_reached, summed.failure_signature) == (("f",), 3, "sig")
    assert summed.confidence == 0.25
    assert summarise(replace(ATTEMPT, verdict=Verdict(1, None, 0.0, ""))).confidence is None


def test_a_repetition_is_no_format_failure() -> None:
    """A reply that could be read but brought nothing new counts as going in circles, not as unreadable."""
    repeated = replace(ATTEMPT, refusals=(EditRefusal("repeated", ""),), replies=(reply(),))
    history = history_of(journey(repeated))
    assert history.attempts[0].refusal_code == ""
    assert history.repeated == {1}
    assert decide(history, LADDER, Policy()).event == "fresh"


def test_a_reply_that_was_cut_off_is_a_format_failure() -> None:
    """A reply that ran into the output limit holds no edit, with or without a refusal of its own."""
    assert summarise(replace(ATTEMPT, replies=(reply(FinishReason.LENGTH),))).refusal_code == "length"
    assert (
        summarise(replace(ATTEMPT, replies=(reply(FinishReason.LENGTH), reply()), candidates=(CANDIDATE,))).refusal_code
        == ""
    )


def test_code_that_is_wrong_is_no_format_failure() -> None:
    """Another format would not have spared a syntax error; an edit that finds no place, it might."""
    wrong = replace(ATTEMPT, refusals=(EditRefusal("syntax_error", ""),), replies=(reply(),))
    assert summarise(wrong).refusal_code == ""
    lost = replace(CANDIDATE, refusal=EditRefusal("not_found", ""), fingerprint="")
    assert summarise(replace(ATTEMPT, candidates=(lost,))).refusal_code == "not_found"
    assert summarise(replace(ATTEMPT, candidates=(lost, CANDIDATE))).refusal_code == ""


def test_what_closes_a_rung_is_seen() -> None:
    """An engine without ideas, and a prompt that does not fit."""
    history = history_of(journey(replace(ATTEMPT, replies=(reply(FinishReason.EXHAUSTED),))))
    assert history.exhausted_rungs == {0}
    small = history_of(journey(replace(ATTEMPT, replies=(reply(FinishReason.CONTEXT_TOO_SMALL),))))
    assert small.attempts[0].context_too_small


def test_an_endpoint_that_never_answers_closes_its_rung_at_once() -> None:
    """A request without a reply is no attempt of the model's: the next rung goes on, and without one the environment broke."""
    asked = ModelRequest("m", "edit", "a__b-1", 1, 0, (), Sampling())
    silent = history_of(journey(replace(ATTEMPT, requests=(asked,))))
    assert silent.attempts[0].unavailable
    assert decide(silent, LADDER, Policy()).event == "escalate"
    assert decide(silent, LADDER[:1], Policy()).event == "broke"


def test_decisions_and_strategy_come_from_the_journey() -> None:
    """What was decided before, and how the first attempt was asked."""
    made = (Decision("again", "", 0), Decision("escalate", "", 1))
    first = replace(ATTEMPT, context=replace(CONTEXT, strategy="first-bytes"))
    history = history_of(replace(journey(first, decisions=made), unavailable_rungs=(1,)))
    assert (history.decisions, history.unavailable_rungs, history.strategy) == (made, {1}, "first-bytes")
