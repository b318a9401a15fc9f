"""Chats with Ollama over its native API. The body is our own: its client cannot send `truncate` and `shift`, which forbid cuts."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from orchestrator.clock import Clock
from orchestrator.errors import MissingPiece, SettingsError
from orchestrator.models import wire
from orchestrator.models.failures import CallFailure, FailureKind, failure_of_status
from orchestrator.models.ollama_server import OllamaServer
from orchestrator.models.options import ModelSettings
from orchestrator.models.stream import CONTEXT_WORDS, ReplyText, context_too_small
from orchestrator.models.timer import CallTimer
from orchestrator.models.tokens import TokenEstimator
from orchestrator.protocols import ModelIdentity
from orchestrator.records import FinishReason, ModelRequest, Reply, Usage

DEFAULT_URL = "http://127.0.0.1:11434"
FINISHES = {"stop": FinishReason.STOP, "length": FinishReason.LENGTH}


class OllamaModel:
    """One model of one Ollama server. `num_ctx` stays what the settings or the first request say: a change reloads the model."""

    def __init__(
        self,
        name: str,
        ollama_name: str,
        url: str,
        settings: ModelSettings,
        *,
        clock: Clock,
        estimator: TokenEstimator,
        on_pull: Callable[[str, int, int], None] | None = None,
    ) -> None:
        self._name, self._ollama_name, self._url = name, ollama_name, url
        self._settings, self._clock, self._estimator = settings, clock, estimator
        self._server = OllamaServer(url)
        self._on_pull = on_pull
        self._num_ctx = settings.context_tokens
        self._checked_loaded = False
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
        """Ask /api/show and /api/tags; with `pull` in the settings a missing model is fetched. See Model."""
        with self._lock:
            if self._identity is None:
                self._identity = self._look_up()
            return self._identity

    def complete(self, request: ModelRequest) -> Reply:
        """Stream /api/chat to its `done: true`. See Model."""
        body = self._body(request)
        timer = CallTimer(self._settings.clocks, self._clock)
        with wire.request("POST", f"{self._url}/api/chat", timer, body) as answer:
            if answer.status != 200:
                return self._refusal(request, answer.status, answer.error_text(), timer)
            reply = self._read(request, answer, timer)
        self._check_loaded()
        return reply

    def _body(self, request: ModelRequest) -> dict[str, Any]:
        sampling = request.sampling
        with self._lock:
            self._num_ctx = self._num_ctx or sampling.context_tokens
            num_ctx = self._num_ctx
        if sampling.context_tokens != num_ctx:
            raise SettingsError(
                f"sampling.context_tokens = {sampling.context_tokens} differs from the {num_ctx} that {self._name} runs"
                " with; Ollama would load the model anew at each change, so use one value for a run"
            )
        options = {
            "num_ctx": num_ctx,
            "num_predict": sampling.max_output_tokens,
            "seed": sampling.seed,
            "temperature": 0.0 if sampling.temperature is None else sampling.temperature,
            "repeat_penalty": 1.0,  # above 1, the default of old servers, models cannot copy code verbatim
            **({"stop": list(sampling.stop)} if sampling.stop else {}),
        }
        return {
            "model": self._ollama_name,
            "messages": [{"role": message.role, "content": message.content} for message in request.messages],
            "options": options,
            "stream": True,
            "keep_alive": self._settings.keep_alive,
            "truncate": False,
            "shift": False,
        }

    def _read(self, request: ModelRequest, answer: wire.Answer, timer: CallTimer) -> Reply:
        text = ReplyText(timer)
        digest = self._identity.digest if self._identity else ""
        for line in answer.lines():
            event = wire.parse_json(line)
            if not isinstance(event, dict):
                raise CallFailure(FailureKind.GARBAGE, f"not an event: {line[:80]!r}")
            if "error" in event:
                return self._refusal(request, 500, str(event["error"]), timer)
            token = (event.get("message") or {}).get("content") or ""
            if token and text.add(token):
                return text.reply(request, FinishReason.REPETITION, Usage(0, text.tokens), digest=digest)
            if event.get("done"):
                return self._finished(request, event, text, digest)
        if text.was_repeating:
            return text.reply(request, FinishReason.REPETITION, Usage(0, text.tokens), digest=digest)
        raise CallFailure(FailureKind.CUT, f"the stream ended after {text.tokens} tokens without done: true")

    def _finished(self, request: ModelRequest, event: Mapping[str, Any], text: ReplyText, digest: str) -> Reply:
        finish = FINISHES.get(str(event.get("done_reason", "stop")))
        if finish is None:
            raise CallFailure(FailureKind.GARBAGE, f"done_reason {event.get('done_reason')!r} answers no question")
        usage = Usage(int(event.get("prompt_eval_count") or 0), int(event.get("eval_count") or 0))
        return text.reply(request, finish, usage, digest=digest)

    def _check_loaded(self) -> None:
        """Once, after the first reply: the context the server really loaded is what identity says from then on."""
        with self._lock:
            identity, asked = self._identity, self._num_ctx or 0
            if self._checked_loaded or identity is None:
                return
            self._checked_loaded = True
        try:
            loaded = self._server.loaded_context_tokens(self._ollama_name) or 0
        except CallFailure:
            return  # an old server, or a busy one: what cannot be asked is not held against the reply
        if 0 < loaded < asked:
            raise SettingsError(
                f"{self._name} is loaded with a context of {loaded} tokens, not the {asked} asked for;"
                f" set context_tokens = {loaded}, or let Ollama have the memory"
            )
        if loaded:
            with self._lock:
                self._identity = dataclasses.replace(identity, context_tokens=loaded)

    def _refusal(self, request: ModelRequest, status: int, message: str, timer: CallTimer) -> Reply:
        """An error status, or an error line in the stream: a reply, a failure to retry, or something for the user."""
        if CONTEXT_WORDS.search(message) and status in (400, 500):
            return context_too_small(request, message, timer.elapsed_s)
        if status == 404:
            raise self._not_there()
        if failure := failure_of_status(status, message):
            raise failure
        raise SettingsError(f"{self._name}: Ollama rejects the request with status {status}: {message}")

    def _look_up(self) -> ModelIdentity:
        try:
            shown = self._server.model(self._ollama_name)
            if shown is None and self._settings.pull:
                self._server.pull(self._ollama_name, self._on_pull or (lambda *_: None))
                shown = self._server.model(self._ollama_name)
        except CallFailure as failure:
            remedy = "Start it with `ollama serve`, or set OLLAMA_HOST to where it runs."
            raise MissingPiece(f"Ollama does not answer at {self._url} ({failure.detail})", remedy) from failure
        if shown is None:
            raise self._not_there()
        trained, wanted = shown.trained_context_tokens, self._settings.context_tokens
        if trained is not None and wanted is not None and wanted > trained:
            raise SettingsError(
                f"context_tokens = {wanted} is more than the {trained} that {self._name} was trained for"
            )
        return ModelIdentity(
            name=self._name,
            provider="ollama",
            digest=shown.digest,
            quantization=shown.quantization,
            context_tokens=wanted or trained,
        )

    def _not_there(self) -> MissingPiece:
        remedy = f"Type: ollama pull {self._ollama_name} (or run again with --pull)"
        return MissingPiece(f"Ollama at {self._url} has no model {self._ollama_name}", remedy)


def host_url(ollama_host: str) -> str:
    """The address that OLLAMA_HOST means: scheme and port may be missing, 0.0.0.0 is the server's word for everywhere."""
    text = ollama_host.strip()
    if not text:
        return DEFAULT_URL
    scheme, marked, rest = text.partition("://")
    if not marked:
        scheme, rest = "http", text
    try:
        parts = urlsplit(f"{scheme}://{rest}")
        port = parts.port or (11434 if not marked else 443 if scheme == "https" else 80)
    except ValueError as error:
        raise SettingsError(f"OLLAMA_HOST is no address: {error}") from error
    if scheme not in ("http", "https") or parts.username or parts.password or parts.query:
        raise SettingsError("OLLAMA_HOST is no plain address; write it like 127.0.0.1:11434")
    host = {"0.0.0.0": "127.0.0.1", "": "127.0.0.1"}.get(parts.hostname or "", parts.hostname)  # noqa: S104
    return f"{scheme}://{f'[{host}]' if ':' in str(host) else host}:{port}{parts.path.rstrip('/')}"
