"""One call to a model: the request and the reply."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from orchestrator.records.understanding import Context, Reproduction


@dataclass(frozen=True, slots=True)
class Message:
    """One chat message; `role` is system, user or assistant."""

    role: str
    content: str


@dataclass(frozen=True, slots=True)
class Sampling:
    """Options of one call. `temperature` is None where the model takes none; token counts are the model's own tokens."""

    temperature: float | None = None
    seed: int = 0
    max_output_tokens: int = 2048
    context_tokens: int = 16384
    stop: tuple[str, ...] = ()
    effort: str | None = None


@dataclass(frozen=True, slots=True)
class ModelRequest:
    """One call to one model. `purpose` is edit or review. `constant_prefix` counts the leading messages that stay the same.

    `context`, `reproduction` and `tried` (fingerprints of normalised results) are for engines that read structure instead
    of prose; an LLM's adapter ignores them. `ordinal` counts the samples asked for on this instance before this one.
    """

    model: str
    purpose: str
    instance_id: str
    attempt: int
    sample: int
    messages: tuple[Message, ...]
    sampling: Sampling
    edit_format: str = "function"
    constant_prefix: int = 1
    context: Context | None = None
    reproduction: Reproduction | None = None
    problem_statement: str = ""
    tried: tuple[str, ...] = ()
    ordinal: int = 0


class FinishReason(StrEnum):
    """Why a reply ended. Only STOP is a whole answer; EXHAUSTED is an engine that has no further idea."""

    STOP = "stop"
    LENGTH = "length"
    REFUSAL = "refusal"
    REPETITION = "repetition"
    CONTEXT_TOO_SMALL = "context_too_small"
    EXHAUSTED = "exhausted"


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of one call, as the provider counted them; `cached_tokens` is the part of `input_tokens` read from its cache."""

    input_tokens: int = 0
    output_tokens: int = 0
    cached_tokens: int = 0
    cache_write_tokens: int = 0


@dataclass(frozen=True, slots=True)
class Reply:
    """A model's answer. `cost_usd` is None where the price is unknown (never 0). `from_cache` replies cost nothing again."""

    text: str
    finish: FinishReason
    model: str
    model_digest: str = ""
    usage: Usage = Usage()
    cost_usd: float | None = None
    first_token_s: float | None = None
    duration_s: float = 0.0
    retries: int = 0
    from_cache: bool = False
    sample: int = 0
    note: str = ""
