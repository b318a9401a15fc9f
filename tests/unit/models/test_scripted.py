"""Scripted and replayed models: replies by request, failures first, bad files refused as a whole."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from orchestrator.clock import SkippingClock
from orchestrator.errors import MissingPiece, ModelUnavailable, ReplayDiffers, SettingsError
from orchestrator.models.failures import FailureKind
from orchestrator.models.opening import Recorded
from orchestrator.protocols import ModelIdentity
from orchestrator.records import FinishReason, Usage
from tests.unit.models.support import a_reply, a_request, opened


def script(folder: Path, *lines: dict[str, Any] | str) -> str:
    """Write a file and give the model's name."""
    path = folder / "script.jsonl"
    path.write_text("".join((line if isinstance(line, str) else json.dumps(line)) + "\n" for line in lines))
    return f"scripted:{path}"


def test_the_most_specific_line_answers(tmp_path: Path) -> None:
    """Instance, attempt, sample and purpose narrow the choice; of equals the first counts."""
    lines = (
        {"text": "any"},
        {"instance": "a__b-1", "text": "instance"},
        {"instance": "a__b-1", "attempt": 2, "text": "attempt"},
        {"instance": "a__b-1", "attempt": 2, "text": "too late"},
        {"instance": "a__b-1", "attempt": 2, "sample": 1, "text": "sample"},
        {"purpose": "review", "text": "review"},
    )
    with opened(script(tmp_path, *lines)) as (model, _):
        asked = [a_request(), a_request(attempt=2), a_request(attempt=2, sample=1), a_request(instance="x__y-2")]
        assert [model.complete(request).text for request in asked] == ["instance", "attempt", "sample", "any"]


def test_where_nothing_fits_the_engine_is_exhausted(tmp_path: Path) -> None:
    """No line is an outcome, not an error."""
    with opened(script(tmp_path, {"instance": "other", "text": "x"})) as (model, records):
        assert model.complete(a_request()).finish is FinishReason.EXHAUSTED
    assert records[0].outcome == "exhausted"


def test_delay_finish_usage_and_note_are_as_scripted(tmp_path: Path) -> None:
    """What the line says is what the loop sees, at no cost."""
    line = {
        "text": "t",
        "finish": "length",
        "delay_s": 2.5,
        "note": "n",
        "usage": {"input": 900, "output": 60, "cached": 800},
    }
    clock = SkippingClock()
    with opened(script(tmp_path, line), clock=clock) as (model, _):
        reply = model.complete(a_request())
    assert (reply.finish, reply.usage, reply.note) == (FinishReason.LENGTH, Usage(900, 60, 800), "n")
    assert (reply.duration_s, clock.slept, reply.cost_usd) == (2.5, [2.5], 0.0)


def test_failures_come_first_and_pass_through_the_retries(tmp_path: Path) -> None:
    """Each listed failure happens once; two fit into three tries."""
    line = {"text": "fine", "failures": ["refused", "overloaded"]}
    with opened(script(tmp_path, line)) as (model, records):
        reply = model.complete(a_request())
    assert (reply.text, reply.retries, records[0].retries) == ("fine", 2, 2)


def test_more_failures_than_tries_are_model_unavailable(tmp_path: Path) -> None:
    """The last failure is the outcome."""
    with opened(script(tmp_path, {"failures": ["cut"] * 9})) as (model, records), pytest.raises(ModelUnavailable):
        model.complete(a_request())
    assert (records[0].outcome, records[0].retries) == ("cut", 2)


def test_every_kind_of_failure_can_be_scripted(tmp_path: Path) -> None:
    """The names in a file are those of the reports."""
    for kind in FailureKind:
        with opened(script(tmp_path, {"failures": [kind.value] * 9})) as (model, _), pytest.raises(ModelUnavailable):
            model.complete(a_request())


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ('{"text": "x"', "line 2: not JSON"),
        ("[]", "line 2"),
        ('{"texts": "x"}', "line 2: texts"),
        ('{"text": "x", "attempt": 0}', "line 2: attempt"),
        ('{"text": "x", "delay_s": -1}', "line 2: delay_s"),
        ('{"text": "x", "failures": ["boredom"]}', r"line 2: failures\.0"),
        ('{"text": "x", "finish": "maybe"}', "line 2: finish"),
        ('{"text": "x", "usage": {"inputs": 1}}', r"line 2: usage\.inputs"),
    ],
)
def test_a_bad_line_is_refused_before_anything_runs(tmp_path: Path, line: str, says: str) -> None:
    """File, line and field are named."""
    name = script(tmp_path, {"text": "good"}, line)
    with pytest.raises(SettingsError, match=says), opened(name):
        pass


def test_a_file_that_is_not_there_is_a_missing_piece(tmp_path: Path) -> None:
    """The path is named."""
    with pytest.raises(MissingPiece, match=r"nowhere\.jsonl"), opened(f"scripted:{tmp_path}/nowhere.jsonl"):
        pass


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    """Bytes that are not UTF-8 are named by place."""
    (tmp_path / "latin.jsonl").write_bytes(b'{"text": "\xe9"}')
    with pytest.raises(SettingsError, match="not UTF-8"), opened(f"scripted:{tmp_path}/latin.jsonl"):
        pass


def test_line_separators_within_a_reply_are_no_line_ends(tmp_path: Path) -> None:
    """Only a newline ends a line: U+2028 belongs to the text, and a byte order mark to nothing."""
    path = tmp_path / "bom.jsonl"
    path.write_text('\ufeff{"text": "a\u2028b"}\n\n', encoding="utf-8")
    with opened(f"scripted:{path}") as (model, _):
        assert model.complete(a_request()).text == "a\u2028b"


def test_a_replay_gives_what_was_recorded() -> None:
    """The ledger's look-up answers under the recorded identity, at no cost."""
    identity = ModelIdentity("ollama/m", "ollama", digest="d9")
    services = {"recorded": lambda run: Recorded({"r1": lambda _: a_reply("recorded")}[run], identity)}
    with opened("replay:r1", **services) as (model, _):
        assert model.identify() == identity
        assert (model.complete(a_request()).text, model.complete(a_request()).cost_usd) == ("recorded", 0.0)


def test_a_request_that_was_never_made_differs() -> None:
    """The message says which request it was."""
    with (
        opened("replay:r1", recorded=lambda _: Recorded(lambda _: None)) as (model, _),
        pytest.raises(ReplayDiffers, match="a__b-1, attempt 1, sample 0"),
    ):
        model.complete(a_request())


def test_a_replay_without_a_ledger_is_refused() -> None:
    """The command to use is named."""
    with pytest.raises(SettingsError, match="ramp replay"), opened("replay:r1"):
        pass
