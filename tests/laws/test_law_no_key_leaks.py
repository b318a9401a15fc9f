"""Law: a key never appears in any file, log, error or record, whatever goes wrong."""

from __future__ import annotations

import base64
import contextlib
import dataclasses
import logging
import traceback
from collections.abc import Callable
from pathlib import Path

import pytest

from orchestrator.clock import SkippingClock
from orchestrator.errors import RampError
from orchestrator.models import CallRecord, ModelServices, ModelSettings, open_model
from orchestrator.models.cache import ReplyCache
from orchestrator.models.options import RetryPolicy
from orchestrator.models.redact import RedactingFilter, Redactor, secrets_in
from orchestrator.records import Message, ModelRequest, Sampling
from tests.servers import anthropic, openai
from tests.servers.base import Behaviour, Exchange, FakeServer

CANARY = "sk-ant-canary-7f3a9c51e8d24b60"
SPELLINGS = (CANARY, CANARY[::-1], base64.b64encode(CANARY.encode()).decode().rstrip("="))


def echoing(status: int) -> Behaviour:
    """An error that repeats every header it was sent, as debugging proxies do."""

    def behave(exchange: Exchange) -> None:
        exchange.json(status, {"error": {"type": "api_error", "message": f"sent: {dict(exchange.request.headers)}"}})

    return behave


def a_request() -> ModelRequest:
    """A small request."""
    messages = (Message("system", "rules"), Message("user", "code"))
    return ModelRequest("m", "edit", "a__b-1", 1, 0, messages, Sampling(None, 1, 200, 8192))


def run_into(name: str, environment: dict[str, str], folder: Path, heard: list[str]) -> None:
    """Use a model with every part that writes, and keep all that it says in `heard`."""
    redactor = Redactor(secrets_in(environment))
    handler = logging.FileHandler(folder / "run.log")
    handler.addFilter(RedactingFilter(redactor))
    root = logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)

    def on_call(record: CallRecord) -> None:
        heard.append(repr(dataclasses.asdict(record)))

    services = ModelServices(
        environment=environment,
        clock=SkippingClock(),
        cache=ReplyCache(folder / "cache", redactor),
        on_call=on_call,
    )
    model = open_model(name, ModelSettings(retry=RetryPolicy(attempts=2)), services)
    try:
        for call in (model.identify, lambda: model.complete(a_request())):
            try:
                heard.append(repr(call()))
                root.info("with %s the call went well", environment)
            except RampError as error:
                heard.append("".join(traceback.format_exception(error)))
                root.error("with %s the call raised %s", environment, error)
    finally:
        heard.extend(everything_in(model))
        model.close()
        root.removeHandler(handler)
        root.setLevel(before)
        handler.close()


def everything_in(thing: object, depth: int = 4) -> list[str]:
    """The reprs of an object and of what it holds."""
    found = [repr(thing)]
    values = list(vars(thing).values()) if depth and hasattr(thing, "__dict__") else []
    for value in values:
        if type(value).__module__.startswith("orchestrator"):
            found += everything_in(value, depth - 1)
        elif not isinstance(value, Callable):  # type: ignore[arg-type]
            found.append(repr(value))
    return found


SERVERS: dict[str, tuple[Callable[[], FakeServer], str, str]] = {
    "anthropic": (lambda: anthropic.AnthropicServer(key=CANARY), "/v1/messages", "anthropic/claude-haiku-5-5"),
    "openai": (lambda: openai.OpenAIServer(key=CANARY), "/v1/chat/completions", "openai/qwen-coder@{url}/v1"),
}


@pytest.mark.parametrize("status", [200, 400, 401, 404, 500])
@pytest.mark.parametrize("provider", sorted(SERVERS))
def test_the_canary_key_is_nowhere(provider: str, status: int, tmp_path: Path) -> None:
    """The key reaches the server and nothing else, even where the server's errors repeat it."""
    make, path, name = SERVERS[provider]
    heard: list[str] = []
    with make() as server:
        if status != 200:
            server.routes[path] = echoing(status)
        environment = {"ANTHROPIC_API_KEY": CANARY, "ANTHROPIC_BASE_URL": server.url, "OPENAI_API_KEY": CANARY}
        run_into(name.format(url=server.url), environment, tmp_path, heard)
        assert any(CANARY in str(dict(request.headers)) for request in server.requests)
    written = b"".join(file.read_bytes() for file in sorted(tmp_path.rglob("*")) if file.is_file())
    assert written
    assert len(heard) > 4
    for spelling in SPELLINGS:
        assert spelling.encode() not in written
        assert not [text for text in heard if spelling in text]


def test_the_law_can_see_a_leak(tmp_path: Path) -> None:
    """The same search finds a key that is written on purpose: it is no blind test."""
    (tmp_path / "leak.txt").write_text(f"key={CANARY}")
    assert any(CANARY in file.read_text() for file in tmp_path.rglob("*.txt"))


def test_a_model_without_a_key_leaks_no_other(tmp_path: Path) -> None:
    """Keys of other providers in the environment are not touched at all."""
    heard: list[str] = []
    with contextlib.suppress(RampError):
        run_into("ollama/m", {"OLLAMA_HOST": "127.0.0.1:1", "ANTHROPIC_API_KEY": CANARY}, tmp_path, heard)
    assert heard
    assert not [text for text in heard if CANARY in text]
