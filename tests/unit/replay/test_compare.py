"""Recorded and recomputed records are compared field by field."""

from __future__ import annotations

from dataclasses import replace

from orchestrator.records import Finding, Judgement, Message, ModelRequest, Sampling
from orchestrator.replay.compare import Difference, compare_records, difference_lines

FINDING = Finding("lints", "1.0", Judgement.PASS, "fine", behaviour={"a": "b"}, output=b"\xff\n", duration_s=1.0)
REQUEST = ModelRequest("m", "edit", "a__b-1", 1, 0, (Message("system", "one\ntwo\n"),), Sampling())


def test_durations_do_not_count() -> None:
    """The clock is not part of a result."""
    assert compare_records((FINDING,), (replace(FINDING, duration_s=9.0),)) is None


def test_the_place_of_a_difference_is_named() -> None:
    """Down to the field of the message, with both values."""
    now = replace(REQUEST, messages=(Message("system", "one\nthree\n"),))
    found = compare_records((FINDING, REQUEST), (FINDING, now))
    assert found == Difference("ModelRequest.messages[0].content", "one\ntwo\n", "one\nthree\n")
    lines = "\n".join(difference_lines(found))
    assert "-two" in lines
    assert "+three" in lines


def test_bytes_that_look_alike_differ() -> None:
    """No lenient decoding hides a byte."""
    assert compare_records((FINDING,), (replace(FINDING, output=b"\xfe\n"),)) is not None


def test_a_record_too_few_or_of_another_kind_differs() -> None:
    """The missing one is named by its kind."""
    assert compare_records((FINDING,), ()) == Difference("record 1", "a Finding", "no record")
    assert compare_records((FINDING,), (REQUEST,)) == Difference("record 1", "a Finding", "a ModelRequest")


def test_control_characters_are_shown_not_sent() -> None:
    """What a model wrote cannot act on the terminal."""
    assert "\x1b" not in "\n".join(difference_lines(Difference("x", "\x1b[2J", "y")))
