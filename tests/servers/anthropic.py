"""A strict Messages API, reached through `base_url`: refuses what the real one refuses, and misbehaves on demand."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from tests.servers.base import Behaviour, Exchange, FakeServer, InTurn

KEY = "sk-ant-test-0123456789abcdef"
MODEL = "claude-haiku-5-5"


class Strict(BaseModel):
    """Unknown fields (temperature, top_p and top_k among them) are refused."""

    model_config = ConfigDict(extra="forbid", strict=True)


class CacheControl(Strict):
    """A mark up to which the prompt is cached."""

    type: Literal["ephemeral"]


class TextBlock(Strict):
    """A block of text."""

    type: Literal["text"]
    text: str = Field(min_length=1)
    cache_control: CacheControl | None = None


class Turn(Strict):
    """A message; there is no system role here."""

    role: Literal["user", "assistant"]
    content: list[TextBlock] = Field(min_length=1)


class OutputConfig(Strict):
    """How much work the model puts in."""

    effort: Literal["low", "medium", "high", "xhigh", "max"]


class MessagesRequest(Strict):
    """The body of /v1/messages, as far as a run uses it."""

    model: str
    max_tokens: int = Field(ge=1)
    messages: list[Turn] = Field(min_length=1)
    system: list[TextBlock] | None = None
    stop_sequences: list[str] | None = None
    output_config: OutputConfig | None = None
    stream: Literal[True]


class AnthropicServer(FakeServer):
    """`reply` sets how /v1/messages behaves, call by call. Bad keys, versions and bodies are refused whatever was set."""

    def __init__(self, *, key: str = KEY) -> None:
        super().__init__()
        self.faults: list[str] = []
        self._key = key
        self._reply: Behaviour = message("fine")
        self.routes = {"/v1/messages": self._on_messages, f"/v1/models/{MODEL}": self._on_model}
        self.routes["/v1/models/claude-none"] = error(404, "not_found_error", "model: claude-none")

    def reply(self, *behaviours: Behaviour) -> None:
        """Behave like this from now on, one call after another; the last stays."""
        self._reply = InTurn(*behaviours)

    def _knows(self, exchange: Exchange) -> bool:
        headers = exchange.request.headers
        sent = headers.get("x-api-key") or headers.get("authorization", "").removeprefix("Bearer ")
        if sent == self._key and "anthropic-version" in headers:
            return True
        error(401, "authentication_error", "invalid x-api-key")(exchange)
        return False

    def _on_messages(self, exchange: Exchange) -> None:
        if not self._knows(exchange):
            return
        try:
            MessagesRequest.model_validate(exchange.request.body)
        except ValidationError as wrong:
            self.faults.append(str(wrong))
            error(400, "invalid_request_error", str(wrong))(exchange)
        else:
            self._reply(exchange)

    def _on_model(self, exchange: Exchange) -> None:
        if self._knows(exchange):
            model = {"id": MODEL, "type": "model", "display_name": "Haiku", "lifecycle": "active"}
            exchange.json(200, model | {"created_at": "2026-10-07T00:00:00Z", "max_input_tokens": 400_000})


def error(status: int, kind: str, text: str, headers: Mapping[str, str] | None = None, code: str = "") -> Behaviour:
    """An error as the API words it."""
    details = {"details": {"error_code": code}} if code else {}
    body = {"type": "error", "error": {"type": kind, "message": text, **details}, "request_id": "req_1"}
    return lambda exchange: exchange.json(status, body, headers)


def event(kind: str, **data: Any) -> bytes:
    """One server-sent event."""
    return f"event: {kind}\ndata: {json.dumps({'type': kind, **data})}\n\n".encode()


def start(input_tokens: int = 40, cached: int = 0, written: int = 0) -> bytes:
    """The first event, with the counts of the prompt."""
    usage = {"input_tokens": input_tokens, "output_tokens": 1}
    usage |= {"cache_read_input_tokens": cached, "cache_creation_input_tokens": written}
    message_ = {"id": "msg_1", "type": "message", "role": "assistant", "model": MODEL, "content": [], "usage": usage}
    return event("message_start", message=message_ | {"stop_reason": None, "stop_sequence": None})


def thinking(text: str = "hm") -> bytes:
    """A block of thinking, which comes first."""
    return (
        event("content_block_start", index=0, content_block={"type": "thinking", "thinking": "", "signature": ""})
        + event("content_block_delta", index=0, delta={"type": "thinking_delta", "thinking": text})
        + event("content_block_delta", index=0, delta={"type": "signature_delta", "signature": "c2ln"})
        + event("content_block_stop", index=0)
    )


def text(*pieces: str) -> bytes:
    """A block of text."""
    deltas = [event("content_block_delta", index=1, delta={"type": "text_delta", "text": piece}) for piece in pieces]
    opening = event("content_block_start", index=1, content_block={"type": "text", "text": ""})
    return opening + b"".join(deltas) + event("content_block_stop", index=1)


def stop(reason: str | None = "end_turn", output_tokens: int = 5, **more: Any) -> bytes:
    """The last two events."""
    delta = {"stop_reason": reason, "stop_sequence": None, **more}
    return event("message_delta", delta=delta, usage={"output_tokens": output_tokens}) + event("message_stop")


def message(
    *pieces: str, reason: str = "end_turn", head: bytes | None = None, output_tokens: int = 5, **more: Any
) -> Behaviour:
    """A whole reply with thinking before it."""
    return stream(head or start(), event("ping"), thinking(), text(*pieces), stop(reason, output_tokens, **more))


def stream(*chunks: bytes, stall_s: float = 0.0, cut: bool = False, pings: Iterable[float] = ()) -> Behaviour:
    """Exactly these chunks, then `pings` that far apart, then silence, then the end or a hard cut."""

    def behave(exchange: Exchange) -> None:
        exchange.start("text/event-stream")
        for chunk in chunks:
            exchange.chunk(chunk)
        for gap_s in pings:
            exchange.wait(gap_s)
            exchange.chunk(event("ping"))
        exchange.wait(stall_s)
        if cut:
            exchange.reset()
        else:
            exchange.end()

    return behave
