"""A strict OpenAI-compatible server, such as vLLM or llama.cpp run."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from tests.servers.base import Behaviour, Exchange, FakeServer, InTurn

MODEL = "qwen-coder"


class Strict(BaseModel):
    """Unknown fields are refused."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Turn(Strict):
    """A message."""

    role: Literal["system", "user", "assistant"]
    content: str


class StreamOptions(Strict):
    """Asks for the counts at the end of the stream."""

    include_usage: bool


class ChatRequest(Strict):
    """The body of /chat/completions, as far as a run uses it."""

    model: str
    messages: list[Turn] = Field(min_length=1)
    max_tokens: int = Field(ge=1)
    seed: int
    temperature: float | None = None
    stop: list[str] | None = None
    stream: bool
    stream_options: StreamOptions | None = None


class OpenAIServer(FakeServer):
    """`chat` sets how /v1/chat/completions behaves, call by call. A wrong key or body is refused whatever was set."""

    def __init__(self, *, models: Sequence[str] = (MODEL,), key: str = "") -> None:
        super().__init__()
        self.faults: list[str] = []
        self.models = list(models)
        self._key = key
        self._chat: Behaviour = answer("fine")
        self.routes = {"/v1/chat/completions": self._on_chat, "/v1/models": self._on_models}

    def chat(self, *behaviours: Behaviour) -> None:
        """Behave like this from now on, one call after another; the last stays."""
        self._chat = InTurn(*behaviours)

    def _knows(self, exchange: Exchange) -> bool:
        if not self._key or exchange.request.headers.get("authorization") == f"Bearer {self._key}":
            return True
        error(401, "bad key")(exchange)
        return False

    def _on_chat(self, exchange: Exchange) -> None:
        if not self._knows(exchange):
            return
        try:
            ChatRequest.model_validate(exchange.request.body)
        except ValidationError as wrong:
            self.faults.append(str(wrong))
            error(400, str(wrong))(exchange)
        else:
            self._chat(exchange)

    def _on_models(self, exchange: Exchange) -> None:
        if self._knows(exchange):
            listed = [{"id": name, "object": "model", "max_model_len": 8192} for name in self.models]
            exchange.json(200, {"object": "list", "data": listed})


def error(status: int, text: str, headers: Mapping[str, str] | None = None) -> Behaviour:
    """An error as most servers word it."""
    return lambda exchange: exchange.json(status, {"error": {"message": text, "code": status}}, headers)


def event(**data: Any) -> bytes:
    """One server-sent event."""
    return b"data: " + json.dumps({"id": "c1", "object": "chat.completion.chunk", **data}).encode() + b"\n\n"


def token(text: str | None, finish: str | None = None) -> bytes:
    """One token's event."""
    return event(
        choices=[{"index": 0, "delta": {"content": text} if text is not None else {}, "finish_reason": finish}]
    )


def usage(prompt: int, output: int, cached: int = 0) -> bytes:
    """The counts, which come in an event without choices."""
    details = {"prompt_tokens_details": {"cached_tokens": cached}}
    return event(choices=[], usage={"prompt_tokens": prompt, "completion_tokens": output, **details})


DONE = b"data: [DONE]\n\n"


def answer(text: str, *, finish: str = "stop", prompt: int = 80, cached: int = 0) -> Behaviour:
    """A whole reply, word by word, with a comment line such as servers send to keep the connection."""
    words = [token(word + " ") for word in text.split(" ")]
    return stream(b": keep-alive\n\n", *words, token(None, finish), usage(prompt, len(words), cached), DONE)


def stream(*chunks: bytes, stall_s: float = 0.0, cut: bool = False) -> Behaviour:
    """Exactly these chunks, then silence, then the end or a hard cut."""

    def behave(exchange: Exchange) -> None:
        exchange.start("text/event-stream")
        for chunk in chunks:
            exchange.chunk(chunk)
        exchange.wait(stall_s)
        if cut:
            exchange.reset()
        else:
            exchange.end()

    return behave
