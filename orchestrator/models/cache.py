"""Replies by the hash of everything that decides them. One file each, written beside and renamed: a crash leaves no half reply."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import tempfile
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from orchestrator.models.redact import Redactor
from orchestrator.protocols import ModelIdentity
from orchestrator.records import FinishReason, ModelRequest, Reply

# Outcomes that belong to the request. Anything else (a context found too small, an engine at its end) is looked at anew.
KEPT = frozenset({FinishReason.STOP, FinishReason.LENGTH, FinishReason.REFUSAL, FinishReason.REPETITION})
_REPLY = TypeAdapter(Reply)


def cache_key(identity: ModelIdentity, request: ModelRequest) -> str:
    """SHA-256 over model digest (its name where it has none), endpoint kind, messages, options, seed and sample index."""
    parts: dict[str, Any] = {
        "version": 1,
        "model": identity.digest or identity.name,
        "endpoint": f"{identity.provider}/chat",
        "messages": [[message.role, message.content] for message in request.messages],
        "constant_prefix": request.constant_prefix,
        "options": dataclasses.asdict(request.sampling),
        "sample": request.sample,
    }
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


class ReplyCache:
    """A folder of replies, shared by any number of threads and processes. The folder is made at the first reply."""

    def __init__(self, folder: Path, redactor: Redactor | None = None) -> None:
        self._folder = folder
        self._redactor = redactor or Redactor()

    def find(self, key: str) -> Reply | None:
        """The reply, marked `from_cache`, without latencies and at no cost; None where there is none or it is damaged."""
        try:
            reply = _REPLY.validate_json(self._path(key).read_bytes())
        except (FileNotFoundError, ValidationError):
            return None
        return dataclasses.replace(reply, from_cache=True, cost_usd=0.0, first_token_s=None, duration_s=0.0, retries=0)

    def keep(self, key: str, reply: Reply) -> None:
        """Store a reply that belongs to its request; others are not kept."""
        if reply.finish not in KEPT:
            return
        path = self._path(key)
        path.parent.mkdir(parents=True, exist_ok=True)
        text = self._redactor.redact(_REPLY.dump_json(reply).decode(), by_shape=False)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".new-")
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        Path(temporary).replace(path)

    def _path(self, key: str) -> Path:
        return self._folder / key[:2] / f"{key[2:]}.json"
