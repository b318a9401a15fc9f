"""A strict Ollama: refuses what the real one would not know, and misbehaves on demand."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from tests.servers.base import Behaviour, Exchange, FakeServer, InTurn
from tests.servers.ollama_schema import fault

NDJSON = "application/x-ndjson"
MODEL = "llama3.1:8b"
DIGEST = "46e0c10c039e019119339687c3c1757cc81b9da49709a3b3924863ba87ca666e"
TOO_LONG = "the input length exceeds the context length"


class OllamaServer(FakeServer):
    """`chat` sets how /api/chat behaves, call by call. A request that is not valid is answered 400 whatever was set."""

    def __init__(self, *, models: Sequence[str] = (MODEL,), pull: Behaviour | None = None) -> None:
        super().__init__()
        self.models = list(models)
        self.faults: list[str] = []
        self.loaded: list[dict[str, Any]] = []
        self._chat: Behaviour = answer("fine")
        self._pull = pull or self.pulled
        self.routes = {"/api/chat": self._on_chat, "/api/show": self._on_show, "/api/tags": self._on_tags}
        self.routes |= {"/api/ps": self._on_ps, "/api/pull": self._checked(self._pull)}

    def chat(self, *behaviours: Behaviour) -> None:
        """Behave like this from now on, one call after another; the last stays."""
        self._chat = InTurn(*behaviours)

    def pulled(self, exchange: Exchange) -> None:
        """Pull the model with two steps of progress."""
        exchange.start(NDJSON)
        for event in (
            {"status": "pulling", "completed": 1, "total": 2},
            {"status": "pulling", "completed": 2, "total": 2},
        ):
            exchange.chunk(line(event))
        self.models.append(exchange.request.body["model"])
        exchange.chunk(line({"status": "success"}))
        exchange.end()

    def _checked(self, behaviour: Behaviour) -> Behaviour:
        def check(exchange: Exchange) -> None:
            wrong = fault(exchange.request.path, exchange.request.body)
            if wrong:
                self.faults.append(wrong)
                exchange.json(400, {"error": wrong})
            else:
                behaviour(exchange)

        return check

    def _on_chat(self, exchange: Exchange) -> None:
        self._checked(self._on_valid_chat)(exchange)

    def _on_valid_chat(self, exchange: Exchange) -> None:
        body = exchange.request.body
        if body["model"] not in self.models:
            exchange.json(404, {"error": f"model '{body['model']}' not found"})
            return
        options = body["options"]
        self.loaded = [entry(body["model"]) | {"context_length": options["num_ctx"], "size_vram": 5_000_000_000}]
        if prompt_tokens(exchange) > options["num_ctx"] and not body["truncate"]:
            exchange.json(400, {"error": TOO_LONG})
            return
        self._chat(exchange)

    def _on_show(self, exchange: Exchange) -> None:
        self._checked(self._on_valid_show)(exchange)

    def _on_valid_show(self, exchange: Exchange) -> None:
        if exchange.request.body["model"] not in self.models:
            exchange.json(404, {"error": "model not found"})
            return
        details = {"family": "llama", "quantization_level": "Q4_K_M"}
        exchange.json(200, {"details": details, "model_info": {"llama.context_length": 131_072}})

    def _on_tags(self, exchange: Exchange) -> None:
        exchange.json(200, {"models": [entry(name) for name in self.models]})

    def _on_ps(self, exchange: Exchange) -> None:
        exchange.json(200, {"models": self.loaded})


def entry(name: str) -> dict[str, Any]:
    """A model as /api/tags and /api/ps list it."""
    return {"name": name, "model": name, "digest": DIGEST, "size": 4_900_000_000}


def line(event: dict[str, Any]) -> bytes:
    """One event."""
    return json.dumps(event).encode() + b"\n"


def token(text: str) -> bytes:
    """One token's event, as the real server writes it."""
    return line(
        {
            "model": MODEL,
            "created_at": "2026-10-17T23:14:07.414671Z",
            "message": {"role": "assistant", "content": text},
            "done": False,
        }
    )


def done(reason: str = "stop", prompt: int = 0, output: int = 0) -> bytes:
    """The last event; durations are nanoseconds."""
    event = {"model": MODEL, "message": {"role": "assistant", "content": ""}, "done": True, "done_reason": reason}
    counts = {
        "prompt_eval_count": prompt,
        "eval_count": output,
        "total_duration": 174_560_334,
        "load_duration": 101_397_084,
    }
    return line(event | counts)


def prompt_tokens(exchange: Exchange) -> int:
    """What this server counts: one token per four characters, and eight for the template."""
    return sum(len(message["content"]) // 4 + 8 for message in exchange.request.body["messages"])


def answer(
    text: str | Iterable[str],
    *,
    reason: str = "stop",
    gap_s: float = 0.0,
    load_s: float = 0.0,
    counted: int | None = None,
) -> Behaviour:
    """A whole reply, token by token; `counted` overrides the prompt's count (a cut prompt)."""
    tokens = text.split(" ") if isinstance(text, str) else list(text)
    tokens = [f"{each} " for each in tokens[:-1]] + tokens[-1:] if isinstance(text, str) else tokens

    def behave(exchange: Exchange) -> None:
        exchange.wait(load_s)
        exchange.start(NDJSON)
        for each in tokens:
            exchange.chunk(token(each))
            if gap_s:
                exchange.wait(gap_s)
        exchange.chunk(done(reason, prompt_tokens(exchange) if counted is None else counted, len(tokens)))
        exchange.end()

    return behave


def status(code: int, error: str = "an error") -> Behaviour:
    """An error status with Ollama's error body."""
    return lambda exchange: exchange.json(code, {"error": error})


def stream(*chunks: bytes, end: bool = True, stall_s: float = 0.0) -> Behaviour:
    """Exactly these chunks, then silence for `stall_s`, then a clean end (or a hard cut)."""

    def behave(exchange: Exchange) -> None:
        exchange.start(NDJSON)
        for chunk in chunks:
            exchange.chunk(chunk)
        exchange.wait(stall_s)
        if end:
            exchange.end()
        else:
            exchange.reset()

    return behave


def silence(seconds: float) -> Behaviour:
    """Accept the request and say nothing."""
    return lambda exchange: exchange.wait(seconds)


def drip(gap_s: float) -> Behaviour:
    """A token, then its next line byte by byte: there is always traffic and never a token."""

    def behave(exchange: Exchange) -> None:
        exchange.start(NDJSON)
        exchange.chunk(token("slow"))
        for byte in token("never" * 50):
            exchange.chunk(bytes([byte]))
            exchange.wait(gap_s)

    return behave
