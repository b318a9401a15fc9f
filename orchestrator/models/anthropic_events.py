"""The events of Anthropic's message stream, read to the positive end marker `message_stop`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from orchestrator.models import wire
from orchestrator.models.failures import CallFailure, FailureKind
from orchestrator.models.stream import ReplyText
from orchestrator.records import FinishReason, ModelRequest, Reply, Usage

FINISHES = {
    "end_turn": FinishReason.STOP,
    "stop_sequence": FinishReason.STOP,
    "max_tokens": FinishReason.LENGTH,
    "refusal": FinishReason.REFUSAL,
    "model_context_window_exceeded": FinishReason.CONTEXT_TOO_SMALL,
}


@dataclass(eq=False)
class ApiError(Exception):
    """An error that the API words itself, from a status or from the middle of a stream. `kind` is the body's error.type."""

    status: int
    kind: str
    message: str
    code: str = ""
    retry_after_s: float | None = None


class MessageReader:
    """Folds the events of one message into a reply."""

    def __init__(self, request: ModelRequest, text: ReplyText) -> None:
        self._request, self._text = request, text
        self._counted: dict[str, int] = {}
        self._stop_reason = ""
        self._note = ""

    @property
    def usage(self) -> Usage | None:
        """What was counted so far, with the pieces of text seen where the final count is missing; None before the start."""
        if not self._counted:
            return None
        read, written = (
            self._counted.get("cache_read_input_tokens", 0),
            self._counted.get("cache_creation_input_tokens", 0),
        )
        total = self._counted.get("input_tokens", 0) + read + written
        output = max(self._counted.get("output_tokens", 0), self._text.tokens)
        return Usage(total, output, cached_tokens=read, cache_write_tokens=written)

    def read(self, lines: Iterable[str]) -> Reply:
        """Read to the end. Raises ApiError for an error event, CallFailure where the stream is cut or is none."""
        for line in lines:
            if not line.startswith("data:"):
                continue
            event = wire.parse_json(line[5:].strip().encode())
            if not isinstance(event, dict):
                raise CallFailure(FailureKind.GARBAGE, f"not an event: {line[:80]!r}")
            reply = self._take(event)
            if reply is not None:
                return reply
        raise CallFailure(FailureKind.CUT, f"the stream ended after {self._text.tokens} pieces without message_stop")

    def _take(self, event: Mapping[str, Any]) -> Reply | None:
        match event.get("type"):
            case "message_start":
                self._count(event["message"].get("usage"))
            case "content_block_delta":
                return self._delta(event["delta"])
            case "message_delta":
                self._count(event.get("usage"))
                self._stop_reason = event["delta"].get("stop_reason") or self._stop_reason
                self._note = ((event["delta"].get("stop_details") or {}).get("category")) or self._note
            case "message_stop":
                return self._finished()
            case "error":
                raise api_error(200, event)
        return None

    def _delta(self, delta: Mapping[str, Any]) -> Reply | None:
        """Only text is the answer; thinking shows that the model is at work, which the clocks want to know."""
        if delta.get("type") != "text_delta":
            self._text.timer.token()
            return None
        if self._text.add(delta["text"]):
            return self._text.reply(self._request, FinishReason.REPETITION, self.usage or Usage())
        return None

    def _finished(self) -> Reply:
        finish = FINISHES.get(self._stop_reason)
        if finish is None:
            raise CallFailure(FailureKind.GARBAGE, f"stop_reason {self._stop_reason!r} answers no question")
        return self._text.reply(self._request, finish, self.usage or Usage(), note=self._note)

    def _count(self, usage: Mapping[str, Any] | None) -> None:
        self._counted.update({key: value for key, value in (usage or {}).items() if isinstance(value, int)})


def api_error(status: int, body: Any, retry_after_s: float | None = None) -> ApiError:
    """An ApiError from an error body, which may be anything."""
    error = body.get("error") if isinstance(body, dict) else None
    if not isinstance(error, dict):
        return ApiError(status, "", str(body)[:300], retry_after_s=retry_after_s)
    code = (error.get("details") or {}).get("error_code") or ""
    return ApiError(status, str(error.get("type", "")), str(error.get("message", ""))[:1000], str(code), retry_after_s)
