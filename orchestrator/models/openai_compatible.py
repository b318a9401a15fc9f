"""Any server with an OpenAI-style /chat/completions: vLLM, llama.cpp, LM Studio and the like, with the outcomes of all others."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any

from orchestrator.clock import Clock
from orchestrator.errors import BudgetExhausted, MissingPiece, SettingsError
from orchestrator.models import wire
from orchestrator.models.failures import CallFailure, FailureKind, failure_of_status
from orchestrator.models.headers import retry_after_s
from orchestrator.models.options import Clocks, ModelSettings
from orchestrator.models.redact import Redactor, Secret
from orchestrator.models.stream import CONTEXT_WORDS, ReplyText, context_too_small
from orchestrator.models.timer import CallTimer
from orchestrator.models.tokens import TokenEstimator
from orchestrator.protocols import ModelIdentity
from orchestrator.records import FinishReason, ModelRequest, Reply, Usage

QUICK = Clocks(connect_s=5.0, first_token_s=30.0, between_tokens_s=30.0, total_s=60.0)
FINISHES = {
    "stop": FinishReason.STOP,
    "eos": FinishReason.STOP,
    "length": FinishReason.LENGTH,
    "content_filter": FinishReason.REFUSAL,
}


class OpenAICompatibleModel:
    """One model behind one base URL (which ends in /v1 on most servers)."""

    def __init__(
        self,
        name: str,
        server_name: str,
        url: str,
        settings: ModelSettings,
        *,
        clock: Clock,
        estimator: TokenEstimator,
        key: Secret | None = None,
    ) -> None:
        self._name, self._server_name, self._url = name, server_name, url
        self._settings, self._clock, self._estimator, self._key = settings, clock, estimator, key
        self._redactor = Redactor([key] if key else [])
        self._identity: ModelIdentity | None = None
        self._lock = threading.Lock()

    @property
    def name(self) -> str:
        """See Model."""
        return self._name

    def count_tokens(self, text: str) -> int:
        """See Model."""
        return self._estimator.estimate(text)

    def identify(self) -> ModelIdentity:
        """Ask /models. See Model."""
        with self._lock:
            if self._identity is None:
                self._identity = self._look_up()
            return self._identity

    def complete(self, request: ModelRequest) -> Reply:
        """Stream /chat/completions to its `[DONE]`. See Model."""
        timer = CallTimer(self._settings.clocks, self._clock)
        with self._posted(self._body(request), timer) as answer:
            if answer.status != 200:
                return self._refused(request, answer, timer)
            reply = self._read(request, answer, timer)
        return reply or self._explained(request, timer)

    def _posted(self, body: Mapping[str, Any], timer: CallTimer) -> wire.Answer:
        return wire.request("POST", f"{self._url}/chat/completions", timer, body, self._headers())

    def _refused(self, request: ModelRequest, answer: wire.Answer, timer: CallTimer) -> Reply:
        wait_s = retry_after_s(answer.headers, self._clock)
        return self._refusal(request, answer.status, answer.error_text(), timer, wait_s)

    def _explained(self, request: ModelRequest, timer: CallTimer) -> Reply:
        """Ask why a stream was empty: llama-cpp-python says what it refuses only where it was not asked to stream."""
        body = {key: value for key, value in self._body(request).items() if key != "stream_options"}
        with self._posted({**body, "stream": False, "max_tokens": 1}, timer) as answer:
            if answer.status != 200:
                return self._refused(request, answer, timer)
        raise CallFailure(FailureKind.CUT, "the stream was empty")

    def _body(self, request: ModelRequest) -> dict[str, Any]:
        sampling = request.sampling
        return {
            "model": self._server_name,
            "messages": [{"role": message.role, "content": message.content} for message in request.messages],
            "max_tokens": sampling.max_output_tokens,
            "seed": sampling.seed,
            "stream": True,
            "stream_options": {"include_usage": True},
            **({"temperature": sampling.temperature} if sampling.temperature is not None else {}),
            **({"stop": list(sampling.stop)} if sampling.stop else {}),
        }

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._key.reveal()}"} if self._key else {}

    def _read(self, request: ModelRequest, answer: wire.Answer, timer: CallTimer) -> Reply | None:
        """The streamed reply; None where there was not a single event."""
        text, finish, usage, events = ReplyText(timer), "", Usage(), 0
        for line in answer.lines():
            if not line.startswith(b"data:"):
                if line.strip() and line[:1] != b":" and not line.startswith((b"event:", b"id:", b"retry:")):
                    raise CallFailure(FailureKind.GARBAGE, f"not an event: {line[:80]!r}")
                continue
            data, events = line[5:].strip(), events + 1
            if data == b"[DONE]":
                return self._finished(request, text, finish, usage)
            event = wire.parse_json(data)
            if "error" in event:
                return self._refusal(request, 500, wire.error_message(data), timer, None)
            usage = _usage(event) or usage
            for choice in event.get("choices") or ():
                finish = choice.get("finish_reason") or finish
                token = (choice.get("delta") or {}).get("content") or ""
                if token and text.add(token):
                    return text.reply(request, FinishReason.REPETITION, Usage(0, text.tokens))
        if text.was_repeating:
            return text.reply(request, FinishReason.REPETITION, Usage(0, text.tokens))
        if not events:
            return None
        raise CallFailure(FailureKind.CUT, f"the stream ended after {text.tokens} tokens without [DONE]")

    def _finished(self, request: ModelRequest, text: ReplyText, finish: str, usage: Usage) -> Reply:
        if not finish:
            raise CallFailure(FailureKind.CUT, "the stream ended without a finish_reason")
        reason = FINISHES.get(finish)
        if reason is None:
            raise CallFailure(FailureKind.GARBAGE, f"finish_reason {finish!r} answers no question")
        # llama-cpp-python counts nothing in a stream: its pieces are tokens, and the prompt's count stays unknown.
        return text.reply(request, reason, usage if usage != Usage() else Usage(0, text.tokens))

    def _refusal(
        self, request: ModelRequest, status: int, message: str, timer: CallTimer, wait_s: float | None
    ) -> Reply:
        message = self._redactor.redact(message)  # debugging proxies repeat the headers they were sent
        if status == 413 or (CONTEXT_WORDS.search(message) and status in (400, 422, 500)):
            return context_too_small(request, message, timer.elapsed_s)
        if status in (401, 403):
            raise self._no_key(status)
        if status == 402:
            raise BudgetExhausted(f"{self._name}: the provider wants to be paid: {message}")
        if status == 404:
            raise MissingPiece(f"{self._url} has no model {self._server_name}: {message}", "Check NAME and URL.")
        if failure := failure_of_status(status, message, wait_s):
            raise failure
        raise SettingsError(f"{self._name}: the server rejects the request with status {status}: {message}")

    def _look_up(self) -> ModelIdentity:
        timer = CallTimer(QUICK, self._clock)
        try:
            with wire.request("GET", f"{self._url}/models", timer, headers=self._headers()) as answer:
                if answer.status in (401, 403):
                    raise self._no_key(answer.status)
                listed = answer.read_json() if answer.status == 200 else {}
        except CallFailure as failure:
            raise MissingPiece(
                f"no server answers at {self._url} ({failure.detail})", "Start it, or mend the URL."
            ) from failure
        models: dict[str, Mapping[str, Any]] = {str(model.get("id")): model for model in listed.get("data") or ()}
        if models and self._server_name not in models:
            remedy = f"It has: {', '.join(sorted(models)[:10])}."
            raise MissingPiece(f"{self._url} has no model {self._server_name}", remedy)
        entry = models.get(self._server_name, {})
        context = entry.get("max_model_len") or (entry.get("meta") or {}).get("n_ctx_train")
        return ModelIdentity(self._name, "openai", context_tokens=int(context) if context else None)

    def _no_key(self, status: int) -> MissingPiece:
        what = f"{self._url} answers {status}: it wants a key" if self._key is None else f"{self._url} refuses the key"
        return MissingPiece(what, "Set OPENAI_API_KEY to a key of that server.")


def _usage(event: Mapping[str, Any]) -> Usage | None:
    counted = event.get("usage")
    if not counted:
        return None
    cached = (counted.get("prompt_tokens_details") or {}).get("cached_tokens") or 0
    return Usage(int(counted.get("prompt_tokens") or 0), int(counted.get("completion_tokens") or 0), int(cached))
