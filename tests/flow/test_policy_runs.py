"""The attempt policy in whole runs: what scripted models say, and what the run asks for next."""

from __future__ import annotations

import contextlib
from pathlib import Path

from orchestrator.journey import Journey
from orchestrator.ledger import Ledger
from orchestrator.report.results import read_journeys
from tests.flow.lab import BROKEN, PROSE, RIGHT, WRONG, Lab

NAME = "lab__one-1"


def journey_of(folder: Path, *replies: str, attempts: int = 6) -> Journey:
    """One instance whose only model gives these replies, attempt by attempt, and has a fallback format."""
    rung = {
        "model": f"scripted:{folder / 'primary.jsonl'}",
        "attempts": attempts,
        "format": "function",
        "fallback_format": "search-replace",
    }
    lab = Lab(folder, scripts={NAME: replies}, changes={"attempts": attempts, "ladder": [rung], "size": 1})
    lab.start()
    with contextlib.closing(Ledger(lab.run_folder / "ledger.db", read_only=True)) as ledger:
        (journey,) = read_journeys(ledger, lab.machine)
    return journey


def formats(journey: Journey) -> list[str]:
    """The format that each attempt was asked for."""
    return [attempt.requests[0].edit_format for attempt in journey.attempts]


def test_two_unreadable_replies_bring_the_fallback_format(tmp_path: Path) -> None:
    """The third attempt is asked for it, and lands."""
    journey = journey_of(tmp_path, PROSE, PROSE, RIGHT)
    assert formats(journey) == ["function", "function", "search-replace"]
    assert journey.state == "RESOLVED"


def test_ten_attempts_may_be_asked_for_and_are_all_that_there_are(tmp_path: Path) -> None:
    """A model that never gives an edit is asked ten times, and then the instance is given up."""
    journey = journey_of(tmp_path, *[PROSE] * 12, attempts=10)
    assert len(journey.attempts) == 10
    assert journey.state == "GAVE_UP"
    assert journey.decisions[-1].event == "give_up"


def test_the_same_reply_again_leads_to_something_else(tmp_path: Path) -> None:
    """A repetition is no candidate, and the next attempt is a fresh one with another context or temperature."""
    journey = journey_of(tmp_path, BROKEN, BROKEN, RIGHT)
    second = journey.attempts[1]
    assert [refusal.same_as for refusal in second.refusals] == ["1.0"]
    assert second.decision is not None
    assert second.decision.event == "fresh"
    assert (second.decision.strategy, second.decision.temperature_shift) != ("functions", 0.0)
    assert journey.state == "RESOLVED"


def test_two_repairs_then_a_fresh_start(tmp_path: Path) -> None:
    """What differs each time is repaired twice at most."""
    bodies = ("wdith * height", "width * hieght", "wdth * height", "width * heigth")
    journey = journey_of(tmp_path, *(BROKEN.replace("wdith * height", body) for body in bodies), RIGHT)
    events = [attempt.decision.event for attempt in journey.attempts if attempt.decision]
    assert "fresh" in events[:3]
    assert events[0] == "again"
    assert journey.state == "RESOLVED"


def test_an_accepted_wrong_repair_ends_the_instance(tmp_path: Path) -> None:
    """The loop never learns the official verdict: what the judge accepts is exported."""
    journey = journey_of(tmp_path, WRONG, RIGHT)
    assert (len(journey.attempts), journey.state) == (1, "UNRESOLVED")
