"""Claude's adapter against a strict Messages API: what is sent, and what the run does with every kind of reply and error."""

from __future__ import annotations

import time
from collections.abc import Iterator
from email.utils import formatdate

import pytest

from orchestrator.clock import SkippingClock
from orchestrator.errors import BudgetExhausted, MissingPiece, ModelUnavailable, SettingsError
from orchestrator.models.options import RetryPolicy
from orchestrator.records import FinishReason, Message, Usage
from tests.servers import anthropic as fake
from tests.servers.anthropic import AnthropicServer
from tests.servers.base import free_port
from tests.unit.models.support import QUICK, a_request, opened, quick

NAME = "anthropic/claude-haiku-5-5"
ONCE = RetryPolicy(attempts=1)


@pytest.fixture
def server() -> Iterator[AnthropicServer]:
    """A strict Messages API; a request it had to refuse fails the test."""
    with AnthropicServer() as running:
        yield running
    assert running.faults == []


def at(server: AnthropicServer, key: str = fake.KEY) -> dict[str, str]:
    """The environment that points to the server."""
    return {"ANTHROPIC_API_KEY": key, "ANTHROPIC_BASE_URL": server.url}


def test_the_request_marks_the_constant_prefix_for_caching(server: AnthropicServer) -> None:
    """System text is sent as such; the constant part and the part before the last message carry a cache mark."""
    roles = [
        Message("system", "rules"),
        Message("system", "example"),
        Message("user", "code"),
        Message("user", "issue"),
    ]
    request = a_request(tuple(roles), stop=("<end>",), effort="low")
    with opened(NAME, environment=at(server)) as (model, _):
        model.complete(request)
    body = server.calls("/v1/messages")[0].body
    mark = {"cache_control": {"type": "ephemeral"}}
    assert body["system"] == [{"type": "text", "text": "rules", **mark}, {"type": "text", "text": "example"}]
    contents = [turn["content"][0] for turn in body["messages"]]
    assert contents == [{"type": "text", "text": "code", **mark}, {"type": "text", "text": "issue"}]
    assert (body["stop_sequences"], body["output_config"]) == (["<end>"], {"effort": "low"})


def test_there_is_room_to_think(server: AnthropicServer) -> None:
    """Thinking counts as output: max_tokens is at least the smallest of the settings, and no temperature is sent."""
    with opened(NAME, environment=at(server)) as (model, _):
        model.complete(a_request(max_output_tokens=500))
        model.complete(a_request(max_output_tokens=20_000))
    bodies = [call.body for call in server.calls("/v1/messages")]
    assert [body["max_tokens"] for body in bodies] == [8192, 20_000]
    assert "temperature" not in bodies[0]


def test_a_whole_reply_is_its_text_blocks_with_all_counts(server: AnthropicServer) -> None:
    """Thinking is left out; input counts all of the prompt; cache reads and writes have prices of their own."""
    server.reply(fake.message("return ", "a + b", head=fake.start(40, cached=1000, written=200), output_tokens=30))
    with opened(NAME, environment=at(server)) as (model, records):
        reply = model.complete(a_request())
    assert (reply.text, reply.finish) == ("return a + b", FinishReason.STOP)
    assert reply.usage == Usage(1240, 30, cached_tokens=1000, cache_write_tokens=200)
    dollars = (40 * 0.10 + 1000 * 0.01 + 200 * 0.125 + 30 * 0.50) / 1e6
    assert reply.cost_usd == pytest.approx(dollars)
    assert records[0].cost_usd == reply.cost_usd
    assert reply.first_token_s is not None


def test_identity_is_looked_up_and_takes_no_temperature(server: AnthropicServer) -> None:
    """Identify asks for the model, which shows that key and name are good."""
    with opened(NAME, environment=at(server)) as (model, _):
        identity = model.identify()
    assert (identity.context_tokens, identity.takes_temperature, identity.provider) == (400_000, False, "anthropic")


def test_no_key_is_an_error_before_the_run(server: AnthropicServer) -> None:
    """Without a key identify names the variable, and nothing is sent."""
    with (
        opened(NAME, environment={"ANTHROPIC_BASE_URL": server.url}) as (model, _),
        pytest.raises(MissingPiece, match="ANTHROPIC_API_KEY"),
    ):
        model.identify()
    assert server.requests == []


@pytest.mark.parametrize(
    ("name", "key", "says"),
    [(NAME, "sk-ant-wrong-key-1234567890", "key is refused"), ("anthropic/claude-none", fake.KEY, "no such model")],
)
def test_a_bad_key_or_name_is_an_error_before_the_run(server: AnthropicServer, name: str, key: str, says: str) -> None:
    """401 and 404 are for the user, at once."""
    with opened(name, environment=at(server, key)) as (model, _), pytest.raises(MissingPiece, match=says) as caught:
        model.identify()
    assert key not in str(caught.value)
    assert len(server.requests) == 1


def test_an_address_that_does_not_answer_is_an_error_before_the_run() -> None:
    """Identify says where it looked."""
    environment = {"ANTHROPIC_API_KEY": fake.KEY, "ANTHROPIC_BASE_URL": f"http://127.0.0.1:{free_port()}"}
    with opened(NAME, environment=environment) as (model, _), pytest.raises(MissingPiece, match="does not answer"):
        model.identify()


@pytest.mark.parametrize(
    ("reason", "finish"),
    [
        ("end_turn", FinishReason.STOP),
        ("stop_sequence", FinishReason.STOP),
        ("max_tokens", FinishReason.LENGTH),
        ("refusal", FinishReason.REFUSAL),
        ("model_context_window_exceeded", FinishReason.CONTEXT_TOO_SMALL),
    ],
)
def test_every_stop_reason_has_its_outcome(server: AnthropicServer, reason: str, finish: FinishReason) -> None:
    """Stop reasons of an answer become finish reasons, none of which is retried."""
    server.reply(fake.message("text", reason=reason))
    with opened(NAME, environment=at(server)) as (model, records):
        assert model.complete(a_request()).finish is finish
    assert (records[0].outcome, records[0].retries) == (finish.value, 0)


def test_a_refusal_says_which_policy(server: AnthropicServer) -> None:
    """The category of a refusal is kept in the note."""
    server.reply(
        fake.message(reason="refusal", stop_details={"type": "refusal", "category": "cyber", "explanation": None})
    )
    with opened(NAME, environment=at(server)) as (model, _):
        reply = model.complete(a_request())
    assert (reply.finish, reply.note) == (FinishReason.REFUSAL, "cyber")


def test_a_stop_reason_that_answers_nothing_is_a_failure(server: AnthropicServer) -> None:
    """A message without a stop reason, or paused, is no answer."""
    server.reply(fake.stream(fake.start(), fake.text("so"), fake.stop(None)), fake.message(reason="pause_turn"))
    with opened(NAME, quick(retry=ONCE), at(server)) as (model, _):
        for _ in range(2):
            with pytest.raises(ModelUnavailable, match="answers no question"):
                model.complete(a_request())


@pytest.mark.parametrize(
    ("behaviour", "error", "says"),
    [
        (fake.error(400, "invalid_request_error", "max_tokens: too large"), SettingsError, "max_tokens: too large"),
        (fake.error(401, "authentication_error", "invalid x-api-key"), MissingPiece, "ANTHROPIC_API_KEY"),
        (fake.error(403, "permission_error", "not for you"), MissingPiece, "not for you"),
        (fake.error(402, "billing_error", "credit balance is too low"), BudgetExhausted, "credit balance"),
        (
            fake.error(429, "rate_limit_error", "limit", code="enforced_spend_limit_reached"),
            BudgetExhausted,
            "spend limit",
        ),
    ],
    ids=["400", "401", "403", "402", "spend limit"],
)
def test_what_will_not_pass_by_itself_is_raised_at_once(
    server: AnthropicServer, behaviour: fake.Behaviour, error: type[Exception], says: str
) -> None:
    """Bad requests and keys are for the user, a spent credit stops the run; one request is made and no second."""
    server.reply(behaviour)
    with opened(NAME, environment=at(server)) as (model, records), pytest.raises(error, match=says):
        model.complete(a_request())
    assert len(server.calls("/v1/messages")) == 1
    assert (records[0].outcome, records[0].cost_usd) == (error.__name__, 0.0)


@pytest.mark.parametrize(
    "behaviour",
    [
        fake.error(413, "request_too_large", "request exceeds the maximum size"),
        fake.error(400, "invalid_request_error", "prompt is too long: 210000 tokens > 200000 maximum"),
    ],
    ids=["413", "400"],
)
def test_a_prompt_too_large_is_context_too_small(server: AnthropicServer, behaviour: fake.Behaviour) -> None:
    """413 and the 400 about length are a reply, so that escalation can see them."""
    server.reply(behaviour)
    with opened(NAME, environment=at(server)) as (model, _):
        assert model.complete(a_request()).finish is FinishReason.CONTEXT_TOO_SMALL
    assert len(server.calls("/v1/messages")) == 1


@pytest.mark.parametrize("header", ["1", "7.5", "date", None])
def test_retry_after_is_waited_for_exactly(server: AnthropicServer, header: str | None) -> None:
    """A number or a date is honoured to the second; without either the wait grows with jitter."""
    value = formatdate(time.time() + 40, usegmt=True) if header == "date" else header
    limited = fake.error(429, "rate_limit_error", "slow down", {"retry-after": value} if value else None)
    server.reply(limited, fake.message("fine"))
    clock = SkippingClock()
    with opened(NAME, environment=at(server), clock=clock) as (model, records):
        assert model.complete(a_request()).text == "fine"
    low, high = {"1": (1, 1), "7.5": (7.5, 7.5), "date": (35, 40), None: (0.1, 1)}[header]
    assert low <= clock.slept[0] <= high
    assert records[0].retries == 1


def test_a_retry_after_of_a_day_is_not_waited_for(server: AnthropicServer) -> None:
    """Beyond the cap the model is unavailable at once, and the message says how long the server asks for."""
    server.reply(fake.error(429, "rate_limit_error", "slow down", {"retry-after": "86400"}))
    clock = SkippingClock()
    with (
        opened(NAME, environment=at(server), clock=clock) as (model, records),
        pytest.raises(ModelUnavailable, match="86400 s"),
    ):
        model.complete(a_request())
    assert (clock.slept, records[0].outcome) == ([], "rate_limited")


@pytest.mark.parametrize(
    ("behaviour", "kind"),
    [
        (fake.error(529, "overloaded_error", "Overloaded"), "overloaded"),
        (fake.error(500, "api_error", "Internal"), "server_error"),
        (fake.error(504, "timeout_error", "too slow"), "server_error"),
        (
            fake.stream(fake.start(), fake.event("error", error={"type": "overloaded_error", "message": "Over"})),
            "overloaded",
        ),
        (fake.stream(fake.start(), fake.text("so")), "cut"),
        (fake.stream(fake.start(), fake.text("so"), cut=True), "cut"),
        (fake.stream(b"data: {nonsense\n\n"), "garbage"),
    ],
    ids=["529", "500", "504", "overload in mid-stream", "clean cut", "hard cut", "garbage"],
)
def test_what_may_pass_is_tried_again(server: AnthropicServer, behaviour: fake.Behaviour, kind: str) -> None:
    """Overload, also under a 200 in mid-stream, and cut streams are retried, and in the end ModelUnavailable."""
    server.reply(behaviour, fake.message("fine"), behaviour)
    with opened(NAME, environment=at(server)) as (model, records):
        assert model.complete(a_request()).retries == 1
        with pytest.raises(ModelUnavailable, match="after 3 tries"):
            model.complete(a_request())
    assert [record.outcome for record in records] == ["stop", kind]
    assert len(server.calls("/v1/messages")) == 5


def test_a_cut_stream_is_paid_for(server: AnthropicServer) -> None:
    """What a broken try cost is part of the reply's cost."""
    server.reply(fake.stream(fake.start(1000), fake.text("a", "b", "c")), fake.message("fine", head=fake.start(1000)))
    with opened(NAME, environment=at(server)) as (model, _):
        reply = model.complete(a_request())
    assert reply.cost_usd == pytest.approx((2 * 1000 * 0.10 + (3 + 5) * 0.50) / 1e6)


@pytest.mark.parametrize(
    ("behaviour", "kind"),
    [
        (lambda exchange: exchange.wait(5.0), "first_token_timeout"),
        (fake.stream(fake.start(), stall_s=5.0), "first_token_timeout"),
        (fake.stream(fake.start(), fake.text("so"), stall_s=5.0), "stalled"),
        (fake.stream(fake.start(), fake.text("so"), pings=[0.05] * 100), "stalled"),
    ],
    ids=["no head", "head only", "stall", "pings only"],
)
def test_every_clock_holds(server: AnthropicServer, behaviour: fake.Behaviour, kind: str) -> None:
    """Silence and mere pings end with the clock that ran out, on time."""
    server.reply(behaviour)
    with opened(NAME, quick(retry=ONCE, clocks=QUICK), at(server)) as (model, records):
        started = time.monotonic()
        with pytest.raises(ModelUnavailable, match=kind):
            model.complete(a_request())
        took_s = time.monotonic() - started
    assert records[0].outcome == kind
    assert took_s < 4.0


def test_a_refused_connection_is_model_unavailable(server: AnthropicServer) -> None:
    """An address where nothing listens is retried and then unavailable."""
    with opened(NAME, environment=at(server)) as (model, records):
        model.identify()
        server._server.socket.close()
        with pytest.raises(ModelUnavailable):
            model.complete(a_request())
    assert records[0].outcome in ("refused", "cut", "first_token_timeout")
