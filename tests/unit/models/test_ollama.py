"""Ollama's adapter against a strict server: what is sent, and what becomes of everything that can go wrong."""

from __future__ import annotations

import dataclasses

import pytest

from orchestrator.errors import MissingPiece, SettingsError
from orchestrator.models.ollama import host_url
from orchestrator.models.ollama_server import same_model
from orchestrator.records import FinishReason, Message, Usage
from tests.servers import ollama as fake
from tests.servers.base import Exchange
from tests.servers.ollama import OllamaServer
from tests.servers.ollama_schema import fault
from tests.unit.models.support import NAME, PROMPT, a_request, at, opened, quick


def test_the_body_forbids_silent_cuts_and_names_every_option(server: OllamaServer) -> None:
    """Each option that a run depends on is sent, with truncate and shift off."""
    with opened(NAME, environment=at(server)) as (model, _):
        model.complete(a_request(stop=("<end>",)))
    body = server.calls("/api/chat")[0].body
    assert body["options"] == {
        "num_ctx": 4096,
        "num_predict": 256,
        "seed": 7,
        "temperature": 0.2,
        "repeat_penalty": 1.0,
        "stop": ["<end>"],
    }
    assert (body["truncate"], body["shift"], body["stream"], body["keep_alive"]) == (False, False, True, "30m")
    assert body["messages"] == [{"role": m.role, "content": m.content} for m in PROMPT]


@pytest.mark.parametrize("extra", [{"surprise": 1}, {"truncate": "no"}, {"options": {"num_ctx": 4096}}])
def test_the_server_of_these_tests_is_strict(extra: dict[str, object]) -> None:
    """Unknown fields, wrong types and missing options are refused: the tests above mean something."""
    options = {"num_ctx": 1, "num_predict": 1, "seed": 1, "temperature": 0.1, "repeat_penalty": 1.0}
    good = {"model": "m", "messages": [{"role": "user", "content": "x"}], "options": options}
    good |= {"stream": True, "keep_alive": "5m", "truncate": False, "shift": False}
    assert fault("/api/chat", good) == ""
    assert fault("/api/chat", {**good, **extra}) != ""


def test_a_whole_reply_has_text_counts_latencies_and_digest(server: OllamaServer) -> None:
    """A good stream becomes one reply with the server's own counts."""
    server.chat(fake.answer("return a + b", gap_s=0.01))
    with opened(NAME, environment=at(server)) as (model, records):
        model.identify()
        reply = model.complete(a_request())
    assert (reply.text, reply.finish, reply.model_digest) == ("return a + b", FinishReason.STOP, fake.DIGEST)
    assert reply.usage == Usage(input_tokens=84, output_tokens=4)
    assert reply.first_token_s is not None
    assert 0 < reply.first_token_s < reply.duration_s
    assert (records[0].outcome, records[0].cost_usd, records[0].digest) == ("stop", 0.0, fake.DIGEST)


def test_identity_says_digest_quantisation_and_what_context_is_loaded(server: OllamaServer) -> None:
    """Identity is that of the tags and of show; the loaded context replaces the trained one after the first reply."""
    with opened(NAME, environment=at(server)) as (model, _):
        before = model.identify()
        model.complete(a_request())
        after = model.identify()
    assert (before.digest, before.quantization, before.context_tokens) == (fake.DIGEST, "Q4_K_M", 131_072)
    assert after == dataclasses.replace(before, context_tokens=4096)


def test_a_context_loaded_too_small_stops_the_run(server: OllamaServer) -> None:
    """Where the server loads less context than asked for, the user is told before more calls are made."""

    def smaller(exchange: Exchange) -> None:
        exchange.json(200, {"models": [fake.entry(fake.MODEL) | {"context_length": 2048}]})

    server.routes["/api/ps"] = smaller
    with (
        opened(NAME, environment=at(server)) as (model, _),
        pytest.raises(SettingsError, match="context_tokens = 2048"),
    ):
        model.complete(a_request())


def test_num_ctx_stays_the_same_for_a_run(server: OllamaServer) -> None:
    """A request with another context size is refused on our side: the server would load the model anew."""
    with opened(NAME, environment=at(server)) as (model, _):
        model.complete(a_request())
        with pytest.raises(SettingsError, match="8192 differs from the 4096"):
            model.complete(a_request(context_tokens=8192))
    assert len(server.calls("/api/chat")) == 1


def test_a_missing_model_gives_the_line_to_type(server: OllamaServer) -> None:
    """Identify names the model and the pull command."""
    with (
        opened("ollama/qwen3:4b", environment=at(server)) as (model, _),
        pytest.raises(MissingPiece, match="ollama pull qwen3:4b"),
    ):
        model.identify()


def test_a_missing_model_is_pulled_on_request(server: OllamaServer) -> None:
    """With `pull` the model is fetched with progress, and then it is there."""
    progress: list[tuple[str, int, int]] = []
    services = {"on_pull": lambda *step: progress.append(step)}
    with opened("ollama/qwen3:4b", quick(pull=True), at(server), **services) as (model, _):
        assert model.identify().digest == fake.DIGEST
    assert progress == [("pulling", 1, 2), ("pulling", 2, 2), ("success", 0, 0)]


@pytest.mark.parametrize(
    "pull", [fake.stream(fake.line({"error": "pull model manifest: file does not exist"})), fake.stream(b"", end=True)]
)
def test_a_pull_that_fails_says_so(pull: fake.Behaviour) -> None:
    """An unknown name or a broken download is a MissingPiece, not a stack trace."""
    with (
        OllamaServer(pull=pull) as server,
        opened("ollama/nope", quick(pull=True), at(server)) as (model, _),
        pytest.raises(MissingPiece, match="nope"),
    ):
        model.identify()


def test_a_model_removed_during_the_run_is_a_missing_piece(server: OllamaServer) -> None:
    """A 404 from chat is not retried."""
    with opened(NAME, environment=at(server)) as (model, _):
        model.identify()
        server.models.clear()
        with pytest.raises(MissingPiece, match="ollama pull"):
            model.complete(a_request())
    assert len(server.calls("/api/chat")) == 1


def test_a_reply_cut_by_num_predict_says_length(server: OllamaServer) -> None:
    """done_reason length keeps the text and says that it is no whole answer."""
    server.chat(fake.answer("def add(a,", reason="length"))
    with opened(NAME, environment=at(server)) as (model, _):
        reply = model.complete(a_request())
    assert (reply.text, reply.finish, reply.usage.output_tokens) == ("def add(a,", FinishReason.LENGTH, 2)


@pytest.mark.parametrize("closing", [b"", fake.done()], ids=["no done", "done"])
def test_forty_identical_tokens_are_a_repetition(server: OllamaServer, closing: bytes) -> None:
    """A token that repeats forty times is a repetition, whether or not the server ends the stream by itself."""
    server.chat(fake.stream(*[fake.token("G")] * 40, closing) if closing else fake.stream(*[fake.token("G")] * 31))
    with opened(NAME, environment=at(server)) as (model, records):
        reply = model.complete(a_request())
    assert (reply.finish, reply.text[:3], records[0].retries) == (FinishReason.REPETITION, "GGG", 0)


def test_a_looping_passage_is_ended_by_us(server: OllamaServer) -> None:
    """A loop of forty different tokens is noticed and the connection closed long before num_predict is used up."""
    passage = [f"word{i} " for i in range(40)]
    server.chat(fake.answer(passage * 200))
    with opened(NAME, environment=at(server)) as (model, _):
        reply = model.complete(a_request())
    assert reply.finish is FinishReason.REPETITION
    assert reply.usage.output_tokens < 1500


def test_a_prompt_that_does_not_fit_is_never_sent(server: OllamaServer) -> None:
    """The preflight count answers context_too_small without a call."""
    long = (Message("user", "some words of code " * 1200),)
    with opened(NAME, environment=at(server)) as (model, records):
        reply = model.complete(a_request(long))
    assert (reply.finish, reply.cost_usd) == (FinishReason.CONTEXT_TOO_SMALL, 0.0)
    assert "do not fit the 3840" in reply.note
    assert server.calls("/api/chat") == []
    assert (records[0].outcome, records[0].duration_s) == ("context_too_small", None)


def test_a_prompt_that_the_server_finds_too_long_is_context_too_small(server: OllamaServer) -> None:
    """Where our count was too low the server's 400 (truncate is off) has the same meaning."""
    server.chat(fake.status(400, fake.TOO_LONG))
    with opened(NAME, environment=at(server)) as (model, _):
        assert model.complete(a_request()).finish is FinishReason.CONTEXT_TOO_SMALL


def test_a_prompt_that_the_server_cut_is_noticed(server: OllamaServer) -> None:
    """A count far below what the run has learnt is a silent cut: its reply is not used."""
    long = (Message("user", "some words of code " * 300),)
    server.chat(fake.answer("fine"), fake.answer("nonsense", counted=500))
    with opened(NAME, environment=at(server)) as (model, _):
        assert model.complete(a_request(long)).finish is FinishReason.STOP
        cut = model.complete(a_request(long))
    assert (cut.finish, cut.text) == (FinishReason.CONTEXT_TOO_SMALL, "")
    assert "read 500 of about 14" in cut.note


def test_characters_that_cannot_be_stored_are_replaced(server: OllamaServer) -> None:
    """Lone surrogates and NUL become U+FFFD at the boundary, and the note says so."""
    surrogate = fake.token("x").replace(b'"x"', b'"a\\ud800b\\u0000"')
    server.chat(fake.stream(surrogate, fake.done(prompt=83, output=1)))
    with opened(NAME, environment=at(server)) as (model, _):
        reply = model.complete(a_request())
    assert reply.text == "a\ufffdb\ufffd"
    assert "2 unstorable characters" in reply.note


@pytest.mark.parametrize(
    ("variable", "url"),
    [
        ("", "http://127.0.0.1:11434"),
        ("gpu-box", "http://gpu-box:11434"),
        ("0.0.0.0:8080", "http://127.0.0.1:8080"),
        ("http://gpu-box", "http://gpu-box:80"),
        ("https://models.example/ollama/", "https://models.example:443/ollama"),
        ("[::1]:11434", "http://[::1]:11434"),
    ],
)
def test_ollama_host_is_read_as_ollama_reads_it(variable: str, url: str) -> None:
    """Scheme, host and port may be missing."""
    assert host_url(variable) == url


@pytest.mark.parametrize("variable", ["http://me:secret@box", "ftp://box", "box:notaport"])
def test_an_ollama_host_that_is_no_address_is_refused(variable: str) -> None:
    """Credentials, foreign schemes and bad ports are errors that do not show a password."""
    with pytest.raises(SettingsError, match="OLLAMA_HOST") as caught:
        host_url(variable)
    assert "secret" not in str(caught.value)


def test_no_tag_means_latest() -> None:
    """Names are compared as Ollama lists them."""
    assert same_model("llama3.1:latest", "llama3.1")
    assert not same_model("llama3.1:8b", "llama3.1")
