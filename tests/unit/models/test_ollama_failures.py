"""What becomes of Ollama's failures: a server that goes away, errors, silence, and streams that are none."""

from __future__ import annotations

import dataclasses
import time

import pytest

from orchestrator.clock import SkippingClock
from orchestrator.errors import MissingPiece, ModelUnavailable, SettingsError
from orchestrator.models.failures import CallFailure
from orchestrator.models.ollama import OllamaModel
from orchestrator.models.options import Clocks, RetryPolicy
from orchestrator.models.retry import Breaker, Retried
from orchestrator.models.tokens import TokenEstimator
from tests.servers import ollama as fake
from tests.servers.base import free_port
from tests.servers.ollama import OllamaServer
from tests.unit.models.support import NAME, QUICK, a_request, at, opened, quick


def test_no_server_is_a_missing_piece_at_the_start() -> None:
    """Identify says where it looked and how to start Ollama."""
    with (
        opened(NAME, environment={"OLLAMA_HOST": f"127.0.0.1:{free_port()}"}) as (model, _),
        pytest.raises(MissingPiece, match="ollama serve"),
    ):
        model.identify()


def test_a_server_that_goes_away_is_waited_for() -> None:
    """During a run a refused connection is tried again until the wait is over, then the model is unavailable."""
    policy, clock = RetryPolicy(attempts=2, wait_for_server_s=300.0), SkippingClock()
    url = f"http://127.0.0.1:{free_port()}"
    adapter = OllamaModel(NAME, fake.MODEL, url, quick(), clock=clock, estimator=TokenEstimator())
    with pytest.raises(ModelUnavailable, match="refused"):
        Retried(adapter, policy, Breaker(policy, clock), clock).complete(a_request())
    assert 250 < sum(clock.slept) < 400


@pytest.mark.parametrize(("code", "kind"), [(500, "server_error"), (503, "overloaded"), (499, "server_error")])
def test_server_errors_are_tried_again(server: OllamaServer, code: int, kind: str) -> None:
    """A 500 or 503 that passes costs retries and no attempt; one that stays is ModelUnavailable."""
    server.chat(fake.status(code), fake.answer("fine"), fake.status(code, "runner died"))
    with opened(NAME, environment=at(server)) as (model, records):
        assert model.complete(a_request()).retries == 1
        with pytest.raises(ModelUnavailable, match="after 3 tries: runner died"):
            model.complete(a_request())
    assert [record.outcome for record in records] == ["stop", kind]


def test_a_rejected_request_is_not_tried_again(server: OllamaServer) -> None:
    """A 400 that is not about the context is for the user."""
    server.chat(fake.status(400, "invalid option"))
    with opened(NAME, environment=at(server)) as (model, _), pytest.raises(SettingsError, match="invalid option"):
        model.complete(a_request())
    assert len(server.calls("/api/chat")) == 1


def test_silence_before_the_first_token_is_its_own_outcome(server: OllamaServer) -> None:
    """The first-token clock runs out, and the call is tried again."""
    server.chat(fake.silence(5.0), fake.answer("fine"))
    with opened(NAME, quick(clocks=QUICK), at(server)) as (model, _):
        assert model.complete(a_request()).retries == 1
    server.chat(fake.silence(5.0))
    with (
        opened(NAME, quick(retry=RetryPolicy(attempts=1), clocks=QUICK), at(server)) as (model, records),
        pytest.raises(CallFailure, match="first_token_timeout"),
    ):
        model.complete(a_request())
    assert records[0].outcome == "first_token_timeout"


def test_a_slow_load_within_the_first_token_clock_is_waited_for(server: OllamaServer) -> None:
    """A cold load takes longer than the clock between tokens and is no stall."""
    server.chat(fake.answer("fine", load_s=0.9))
    clocks = Clocks(connect_s=1.0, first_token_s=10.0, between_tokens_s=0.5, total_s=20.0)
    with opened(NAME, quick(clocks=clocks), at(server)) as (model, _):
        reply = model.complete(a_request())
    assert reply.first_token_s is not None
    assert reply.first_token_s > 0.8


@pytest.mark.parametrize(
    "behaviour", [fake.stream(fake.token("so"), stall_s=5.0), fake.drip(0.01)], ids=["stall", "drip"]
)
def test_a_stream_that_stands_still_is_a_stall(server: OllamaServer, behaviour: fake.Behaviour) -> None:
    """No token for too long is a stall, even where single bytes keep coming in."""
    server.chat(behaviour)
    started = time.monotonic()
    with (
        opened(NAME, quick(retry=RetryPolicy(attempts=1), clocks=QUICK), at(server)) as (model, records),
        pytest.raises(ModelUnavailable, match="stalled"),
    ):
        model.complete(a_request())
    assert records[0].outcome == "stalled"
    assert time.monotonic() - started < 4.0


def test_a_reply_that_never_ends_meets_the_total_clock(server: OllamaServer) -> None:
    """The total clock holds whatever comes in, and is not tried again: it would take as long."""
    server.chat(fake.answer([f"w{i} " for i in range(500)], gap_s=0.02))
    clocks = dataclasses.replace(QUICK, total_s=0.5)
    with (
        opened(NAME, quick(clocks=clocks), at(server)) as (model, records),
        pytest.raises(ModelUnavailable, match="total_timeout"),
    ):
        model.complete(a_request())
    assert len(server.calls("/api/chat")) == 1
    assert records[0].outcome == "total_timeout"


@pytest.mark.parametrize(
    ("chunks", "kind"),
    [
        ((b"<html>what?</html>\n",), "garbage"),
        ((fake.token("so"), fake.token("half")[:40]), "garbage"),
        ((b"[1, 2]\n",), "garbage"),
        ((fake.token("so"), fake.token("far")), "cut"),
        ((fake.done("load"),), "garbage"),
    ],
    ids=["html", "half a line", "no object", "no done", "done without an answer"],
)
def test_a_stream_that_is_none_is_tried_again(server: OllamaServer, chunks: tuple[bytes, ...], kind: str) -> None:
    """Garbage, half a line and a missing `done` never count as an answer, and a second try may succeed."""
    server.chat(fake.stream(*chunks), fake.answer("fine"), fake.stream(*chunks))
    with opened(NAME, environment=at(server)) as (model, records):
        assert (model.complete(a_request()).text, records[0].retries) == ("fine", 1)
        with pytest.raises(ModelUnavailable, match=kind):
            model.complete(a_request())


def test_a_hard_cut_is_tried_again(server: OllamaServer) -> None:
    """A connection reset in mid-stream is a cut."""
    server.chat(fake.stream(fake.token("so"), end=False), fake.answer("fine"))
    with opened(NAME, environment=at(server)) as (model, _):
        assert model.complete(a_request()).retries == 1


def test_an_error_line_under_status_200_is_an_error(server: OllamaServer) -> None:
    """The runner's death arrives as a line of the stream; what came before it is no answer."""
    dying = fake.stream(fake.token("so"), fake.line({"error": "llama runner process has terminated"}))
    server.chat(dying, fake.answer("fine"), dying)
    with opened(NAME, environment=at(server)) as (model, _):
        assert model.complete(a_request()).text == "fine"
        with pytest.raises(ModelUnavailable, match="runner process has terminated"):
            model.complete(a_request())
