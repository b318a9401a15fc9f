"""Requests and settings for the gateway's tests: real time-outs that are short, waits between retries that take no time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from orchestrator.clock import SkippingClock
from orchestrator.models import CallRecord, Gateway, ModelServices, ModelSettings, open_model
from orchestrator.models.options import Clocks, RetryPolicy
from orchestrator.protocols import ModelIdentity
from orchestrator.records import FinishReason, Message, ModelRequest, Reply, Sampling, Usage
from tests.servers.ollama import OllamaServer

PATIENT = Clocks(connect_s=10.0, first_token_s=30.0, between_tokens_s=30.0, total_s=60.0)
QUICK = Clocks(connect_s=1.0, first_token_s=0.8, between_tokens_s=0.5, total_s=10.0)
PROMPT = (Message("system", "You repair code."), Message("user", "def add(a, b):\n    return a - b\n" * 8))


def a_request(
    messages: tuple[Message, ...] = PROMPT,
    *,
    instance: str = "a__b-1",
    attempt: int = 1,
    sample: int = 0,
    **sampling: Any,
) -> ModelRequest:
    """A request with a small context."""
    options = Sampling(**{"temperature": 0.2, "seed": 7, "max_output_tokens": 256, "context_tokens": 4096, **sampling})
    return ModelRequest("a model", "edit", instance, attempt, sample, messages, options)


def quick(**changes: Any) -> ModelSettings:
    """Settings with three tries; tests of the clocks set clocks that run out quickly, the others wait for a slow machine."""
    return ModelSettings(**{"clocks": PATIENT, "retry": RetryPolicy(attempts=3), **changes})


@contextmanager
def opened(
    name: str, settings: ModelSettings | None = None, environment: Mapping[str, str] | None = None, **services: Any
) -> Iterator[tuple[Gateway, list[CallRecord]]]:
    """A gateway and the list of its call records, closed at the end."""
    records: list[CallRecord] = []
    given = {"environment": environment or {}, "clock": SkippingClock(), "on_call": records.append, **services}
    gateway = open_model(name, settings or quick(), ModelServices(**given))
    try:
        yield gateway, records
    finally:
        gateway.close()


class PlainModel:
    """A Model whose replies are made by a function; counts one token per character."""

    def __init__(self, answer: Callable[[ModelRequest], Reply], name: str = "plain", digest: str = "d1") -> None:
        self._answer, self._name, self._digest = answer, name, digest
        self.requests: list[ModelRequest] = []

    @property
    def name(self) -> str:
        """The name."""
        return self._name

    def identify(self) -> ModelIdentity:
        """An identity with a digest."""
        return ModelIdentity(self._name, "ollama", digest=self._digest)

    def count_tokens(self, text: str) -> int:
        """One per character."""
        return len(text)

    def complete(self, request: ModelRequest) -> Reply:
        """Write the request down and answer."""
        self.requests.append(request)
        return self._answer(request)


def a_reply(text: str = "fine", finish: FinishReason = FinishReason.STOP, usage: Usage | None = None) -> Reply:
    """A whole answer."""
    return Reply(text, finish, "plain", usage=usage or Usage(), cost_usd=None)


NAME = "ollama/llama3.1:8b"


def at(server: OllamaServer) -> dict[str, str]:
    """The environment that points to the server."""
    return {"OLLAMA_HOST": server.url}
