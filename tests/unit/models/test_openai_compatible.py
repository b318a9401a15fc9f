"""The adapter for OpenAI-compatible servers: the same outcomes as the others, from another protocol."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from orchestrator.clock import SkippingClock
from orchestrator.errors import BudgetExhausted, MissingPiece, ModelUnavailable, SettingsError
from orchestrator.models.options import RetryPolicy
from orchestrator.records import FinishReason, Usage
from tests.servers import openai as fake
from tests.servers.base import free_port
from tests.servers.openai import OpenAIServer
from tests.unit.models.support import PATIENT, PROMPT, QUICK, a_request, opened, quick

KEY = "local-server-key-123"


@pytest.fixture
def server() -> Iterator[OpenAIServer]:
    """A strict server with one model; a request it had to refuse fails the test."""
    with OpenAIServer() as running:
        yield running
    assert running.faults == []


def name_at(server: OpenAIServer, model: str = fake.MODEL) -> str:
    """The model's name at the server."""
    return f"openai/{model}@{server.url}/v1"


def test_the_body_has_every_option(server: OpenAIServer) -> None:
    """Seed, temperature, length and stop words are sent, and the counts are asked for."""
    with opened(name_at(server)) as (model, _):
        model.complete(a_request(stop=("<end>",)))
    body = server.calls("/v1/chat/completions")[0].body
    assert (body["seed"], body["temperature"], body["max_tokens"], body["stop"]) == (7, 0.2, 256, ["<end>"])
    assert body["messages"] == [{"role": m.role, "content": m.content} for m in PROMPT]


def test_a_whole_reply_has_text_and_counts(server: OpenAIServer) -> None:
    """Text and counts, with the part that came from the server's cache; what is not known to be free costs unknown."""
    server.chat(fake.answer("return a + b", cached=64))
    with opened(name_at(server)) as (model, records):
        reply = model.complete(a_request())
    assert (reply.text, reply.finish, reply.usage) == ("return a + b ", FinishReason.STOP, Usage(80, 4, 64))
    assert (reply.cost_usd, records[0].cost_usd) == (None, None)


def test_own_prices_make_the_cost_known(server: OpenAIServer) -> None:
    """Prices in the settings count where the table has none."""
    with opened(name_at(server), quick(prices_usd_per_mtok={"input": 1.0, "output": 2.0})) as (model, _):
        assert model.complete(a_request()).cost_usd == pytest.approx((80 * 1.0 + 1 * 2.0) / 1e6)


def test_identity_has_the_servers_context_limit(server: OpenAIServer) -> None:
    """The context that the server allows is known, and limits the preflight."""
    with opened(name_at(server)) as (model, _):
        assert model.identify().context_tokens == 8192


def test_a_model_that_is_not_served_lists_those_that_are(server: OpenAIServer) -> None:
    """The remedy names the models that are there."""
    with opened(name_at(server, "other")) as (model, _), pytest.raises(MissingPiece, match="It has: qwen-coder"):
        model.identify()


def test_no_server_is_a_missing_piece() -> None:
    """Nothing listens: said at the start."""
    with (
        opened(f"openai/x@http://127.0.0.1:{free_port()}/v1") as (model, _),
        pytest.raises(MissingPiece, match="no server answers"),
    ):
        model.identify()


@pytest.mark.parametrize(
    ("given", "says"), [({}, "wants a key"), ({"OPENAI_API_KEY": "wrong-key-123"}, "refuses the key")]
)
def test_a_server_that_wants_a_key_says_so(given: dict[str, str], says: str) -> None:
    """A missing and a wrong key are told apart; the right one works."""
    with OpenAIServer(key=KEY) as server, opened(name_at(server), environment=given) as (keyless, _):
        with pytest.raises(MissingPiece, match=says):
            keyless.identify()
        with opened(name_at(server), environment={"OPENAI_API_KEY": KEY}) as (model, _):
            assert model.complete(a_request()).finish is FinishReason.STOP


@pytest.mark.parametrize(
    ("finish", "outcome"),
    [("stop", FinishReason.STOP), ("length", FinishReason.LENGTH), ("content_filter", FinishReason.REFUSAL)],
)
def test_every_finish_reason_has_its_outcome(server: OpenAIServer, finish: str, outcome: FinishReason) -> None:
    """Finish reasons become ours."""
    server.chat(fake.answer("so", finish=finish))
    with opened(name_at(server)) as (model, _):
        assert model.complete(a_request()).finish is outcome


@pytest.mark.parametrize(
    ("behaviour", "kind"),
    [
        (fake.error(500, "boom"), "server_error"),
        (fake.error(503, "loading"), "overloaded"),
        (fake.error(429, "slow down"), "rate_limited"),
        (fake.stream(fake.token("so")), "cut"),
        (fake.stream(fake.token("so"), cut=True), "cut"),
        (fake.stream(fake.token("so"), fake.DONE), "cut"),
        (fake.stream(fake.token("so", "tool_calls"), fake.DONE), "garbage"),
        (fake.stream(b"<html>\n"), "garbage"),
        (fake.stream(b"data: {half"), "garbage"),
        (fake.stream(fake.token("so"), b'data: {"error": {"message": "CUDA out of memory"}}\n\n'), "server_error"),
        (fake.stream(fake.token("so"), stall_s=5.0), "stalled"),
    ],
    ids=[
        "500",
        "503",
        "429",
        "no end",
        "hard cut",
        "no reason",
        "foreign reason",
        "html",
        "half",
        "error line",
        "stall",
    ],
)
def test_what_may_pass_is_tried_again(server: OpenAIServer, behaviour: fake.Behaviour, kind: str) -> None:
    """Each transient failure is retried, and in the end the model is unavailable under its own name."""
    server.chat(behaviour, fake.answer("fine"), behaviour)
    clocks = QUICK if kind == "stalled" else PATIENT
    with opened(name_at(server), quick(retry=RetryPolicy(attempts=2), clocks=clocks)) as (model, records):
        assert model.complete(a_request()).retries == 1
        with pytest.raises(ModelUnavailable, match="after 2 tries"):
            model.complete(a_request())
    assert [record.outcome for record in records] == ["stop", kind]


def test_retry_after_is_honoured(server: OpenAIServer) -> None:
    """The header counts here too."""
    server.chat(fake.error(429, "slow down", {"retry-after": "17"}), fake.answer("fine"))
    clock = SkippingClock()
    with opened(name_at(server), clock=clock) as (model, _):
        model.complete(a_request())
    assert clock.slept[0] == 17


@pytest.mark.parametrize(
    ("behaviour", "error"),
    [
        (fake.error(400, "unknown field"), SettingsError),
        (fake.error(401, "no"), MissingPiece),
        (fake.error(402, "pay"), BudgetExhausted),
        (fake.error(404, "no such model"), MissingPiece),
    ],
    ids=["400", "401", "402", "404"],
)
def test_what_will_not_pass_by_itself_is_raised_at_once(
    server: OpenAIServer, behaviour: fake.Behaviour, error: type[Exception]
) -> None:
    """One request and no second."""
    server.chat(behaviour)
    with opened(name_at(server)) as (model, _), pytest.raises(error):
        model.complete(a_request())
    assert len(server.calls("/v1/chat/completions")) == 1


@pytest.mark.parametrize(
    "text",
    [
        "This model's maximum context length is 8192 tokens. However, you requested 9000",
        "Requested tokens (9000) exceed context window of 8192",
        "the request exceeds the available context size (8192 tokens), try increasing it",
    ],
    ids=["vLLM", "llama-cpp-python", "llama.cpp"],
)
def test_each_servers_words_for_a_full_context_are_known(server: OpenAIServer, text: str) -> None:
    """A prompt that is too long is a reply, however the server words it."""
    server.chat(fake.error(400, text))
    with opened(name_at(server)) as (model, _):
        assert model.complete(a_request()).finish is FinishReason.CONTEXT_TOO_SMALL


def test_an_empty_stream_is_asked_why(server: OpenAIServer) -> None:
    """llama-cpp-python answers a stream that it refuses with an empty 200: the reason is asked for without streaming."""
    server.chat(fake.stream(), fake.error(400, "This model's maximum context length is 512 tokens."))
    with opened(name_at(server)) as (model, _):
        assert model.complete(a_request()).finish is FinishReason.CONTEXT_TOO_SMALL
    bodies = [call.body for call in server.calls("/v1/chat/completions")]
    assert [(body["stream"], body["max_tokens"]) for body in bodies] == [(True, 256), (False, 1)]


def test_an_empty_stream_without_a_reason_is_a_cut(server: OpenAIServer) -> None:
    """Where the server would answer after all, the stream is tried again."""
    server.chat(fake.stream(), lambda exchange: exchange.json(200, {"choices": []}), fake.answer("fine"))
    with opened(name_at(server)) as (model, records):
        assert model.complete(a_request()).text == "fine "
    assert records[0].retries == 1


def test_a_loop_is_a_repetition(server: OpenAIServer) -> None:
    """Forty times the same token ends the call."""
    server.chat(fake.stream(*[fake.token("no ")] * 40, fake.token(None, "length"), fake.DONE))
    with opened(name_at(server)) as (model, _):
        assert model.complete(a_request()).finish is FinishReason.REPETITION
