"""Putting a streamed reply together, whoever sends it: text, the repetition guard, and what the boundary normalises."""

from __future__ import annotations

import re

from orchestrator.models.guard import RepetitionGuard
from orchestrator.models.timer import CallTimer
from orchestrator.records import FinishReason, ModelRequest, Reply, Usage

# How Ollama, vLLM, llama.cpp and LM Studio word a prompt that does not fit.
CONTEXT_WORDS = re.compile(
    r"context (length|window|size)|(exceeds?|longer than|larger than).{0,40}context|too many tokens|prompt is too long",
    re.IGNORECASE,
)
_UNSTORABLE = re.compile("[\ud800-\udfff\x00]")


class ReplyText:
    """Collects the tokens of one reply."""

    def __init__(self, timer: CallTimer) -> None:
        self.timer = timer
        self._guard = RepetitionGuard()
        self._tokens: list[str] = []

    def add(self, token: str) -> bool:
        """Take a token; True where the reply has begun to loop and should be ended."""
        self.timer.token()
        self._tokens.append(token)
        return self._guard.looping(token)

    @property
    def was_repeating(self) -> bool:
        """Whether a stream that ended without its end marker ended so because the server saw a loop."""
        return self._guard.was_repeating

    @property
    def tokens(self) -> int:
        """Pieces so far, which is tokens where the server streams token by token."""
        return len(self._tokens)

    def reply(
        self, request: ModelRequest, finish: FinishReason, usage: Usage, *, digest: str = "", note: str = ""
    ) -> Reply:
        """The finished reply. Characters that no file or database can hold become U+FFFD, and the note says so."""
        text, replaced = _UNSTORABLE.subn("\ufffd", "".join(self._tokens))
        notes = [part for part in (note, f"{replaced} unstorable characters replaced" if replaced else "") if part]
        return Reply(
            text=text,
            finish=finish,
            model=request.model,
            model_digest=digest,
            usage=usage,
            first_token_s=self.timer.first_token_s,
            duration_s=self.timer.elapsed_s,
            sample=request.sample,
            note="; ".join(notes),
        )


def context_too_small(request: ModelRequest, note: str, duration_s: float = 0.0) -> Reply:
    """The reply to a prompt that does not fit."""
    return Reply(
        "", FinishReason.CONTEXT_TOO_SMALL, request.model, duration_s=duration_s, sample=request.sample, note=note
    )
