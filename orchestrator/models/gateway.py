"""One rung of the ladder, ready for calls: preflight, cache, retry, budget, rate, adapter, and a record of each call."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass

from orchestrator.clock import Clock
from orchestrator.errors import RampError
from orchestrator.models.cache import ReplyCache, cache_key
from orchestrator.models.failures import CallFailure
from orchestrator.models.prefix import PrefixMeter
from orchestrator.models.redact import Redactor
from orchestrator.models.stream import context_too_small
from orchestrator.models.tokens import TokenEstimator
from orchestrator.protocols import Model, ModelIdentity
from orchestrator.records import FinishReason, ModelRequest, Reply, Usage

COUNTING = ("ollama", "openai", "anthropic")  # whose counts of a prompt are a tokenizer's
HOSTED = ("anthropic",)  # the context is the provider's affair; elsewhere it is memory that we asked for


@dataclass(frozen=True, slots=True)
class CallRecord:
    """One call as the ledger and the reports want it.

    `outcome` is the finish reason, or the name of what was raised. Latencies are None for hits of the cache and for calls
    that were never made. `prefix_share` (0..1) is the part of the prompt that repeats the instance's previous one, None for
    its first. `estimated_tokens` is the preflight count of the prompt. `cost_usd` is None where the price is unknown.
    `quantization` and `context_tokens` are what the server says it has loaded; empty and None where it says nothing.
    """

    model: str
    digest: str
    purpose: str
    instance_id: str
    attempt: int
    sample: int
    outcome: str
    usage: Usage
    cost_usd: float | None
    retries: int
    from_cache: bool
    first_token_s: float | None
    duration_s: float | None
    prefix_share: float | None
    estimated_tokens: int
    detail: str = ""
    quantization: str = ""
    context_tokens: int | None = None


@dataclass(frozen=True, slots=True)
class Preflight:
    """What is known of a prompt before it is sent."""

    tokens: int
    room: int

    @property
    def fits(self) -> bool:
        """Whether the prompt leaves room for the whole output."""
        return self.tokens <= self.room


class Gateway:
    """A Model for the loop. `inner` is the adapter in its wrappers; `on_call` hears of every call, made or not."""

    def __init__(
        self,
        inner: Model,
        clock: Clock,
        estimator: TokenEstimator,
        *,
        cache: ReplyCache | None = None,
        on_call: Callable[[CallRecord], None] | None = None,
        smallest_output_tokens: int = 0,
        redactor: Redactor | None = None,
        close: Callable[[], None] | None = None,
    ) -> None:
        self._inner, self._clock, self._estimator, self._cache = inner, clock, estimator, cache
        self._on_call = on_call
        self._redactor = redactor or Redactor()
        self._smallest_output_tokens = smallest_output_tokens
        self._close = close
        self._prefixes = PrefixMeter()

    @property
    def name(self) -> str:
        """See Model."""
        return self._inner.name

    def identify(self) -> ModelIdentity:
        """See Model."""
        return self._inner.identify()

    def count_tokens(self, text: str) -> int:
        """See Model."""
        return self._inner.count_tokens(text)

    def close(self) -> None:
        """Release connections. The gateway can be used again afterwards."""
        if self._close is not None:
            self._close()

    def complete(self, request: ModelRequest) -> Reply:
        """Answer one request: from the cache, or by a call that is paid, limited and retried. See Model."""
        request = self._with_room_to_think(request)
        preflight = self._preflight(request)
        prefix_share = self._prefixes.share(request.instance_id, request.messages)
        started = self._clock.monotonic()
        try:
            reply = self._answer(request, preflight)
        except RampError as error:
            self._record_failure(request, preflight, prefix_share, error, self._clock.monotonic() - started)
            raise
        self._record(request, preflight, prefix_share, reply)
        return reply

    def _answer(self, request: ModelRequest, preflight: Preflight) -> Reply:
        if not preflight.fits:
            note = (
                f"about {preflight.tokens} tokens do not fit the {preflight.room} that the context leaves for a prompt"
            )
            return dataclasses.replace(context_too_small(request, note), cost_usd=0.0)
        key = cache_key(self.identify(), request) if self._cache is not None else ""
        if self._cache is not None and (hit := self._cache.find(key)) is not None:
            # Learnt from as the first time: what is estimated shapes the next prompts, which are to be found again too.
            return dataclasses.replace(self._uncut(request, hit), model=request.model)
        reply = self._without_keys(self._uncut(request, self._inner.complete(request)))
        if self._cache is not None:
            self._cache.keep(key, reply)
        return reply

    def _preflight(self, request: ModelRequest) -> Preflight:
        tokens = self._estimator.estimate_prompt(request.messages)
        identity, context = self.identify(), request.sampling.context_tokens
        if not identity.is_llm:
            return Preflight(0, context)
        if identity.context_tokens is not None:
            context = identity.context_tokens if identity.provider in HOSTED else min(context, identity.context_tokens)
        return Preflight(tokens, context - request.sampling.max_output_tokens)

    def _uncut(self, request: ModelRequest, reply: Reply) -> Reply:
        """Learn from the server's count, and turn a reply to a silently cut prompt into one that says so."""
        provider = self.identify().provider
        if not reply.usage.input_tokens or provider not in COUNTING:
            return reply
        check = self._estimator.observe(request.messages, reply.usage.input_tokens)
        if not check.cut or provider in HOSTED:
            return reply
        note = f"the server cut the prompt: it read {check.evaluated_tokens} of about {check.expected_tokens} tokens"
        return dataclasses.replace(reply, text="", finish=FinishReason.CONTEXT_TOO_SMALL, note=note)

    def _without_keys(self, reply: Reply) -> Reply:
        """A server that repeats the headers it was sent must not bring the key into ledger, cache and report."""
        text, note = (self._redactor.redact(part, by_shape=False) for part in (reply.text, reply.note))
        return dataclasses.replace(reply, text=text, note=note)

    def _with_room_to_think(self, request: ModelRequest) -> ModelRequest:
        if request.sampling.max_output_tokens >= self._smallest_output_tokens:
            return request
        sampling = dataclasses.replace(request.sampling, max_output_tokens=self._smallest_output_tokens)
        return dataclasses.replace(request, sampling=sampling)

    def _record(self, request: ModelRequest, preflight: Preflight, prefix_share: float | None, reply: Reply) -> None:
        if self._on_call is None:
            return
        made, identity = preflight.fits and not reply.from_cache, self.identify()
        self._on_call(
            CallRecord(
                model=self.name,
                digest=reply.model_digest,
                purpose=request.purpose,
                instance_id=request.instance_id,
                attempt=request.attempt,
                sample=request.sample,
                outcome=reply.finish.value,
                usage=reply.usage,
                cost_usd=reply.cost_usd,
                retries=reply.retries,
                from_cache=reply.from_cache,
                first_token_s=reply.first_token_s if made else None,
                duration_s=reply.duration_s if made else None,
                prefix_share=prefix_share,
                estimated_tokens=preflight.tokens,
                detail=reply.note,
                quantization=identity.quantization,
                context_tokens=identity.context_tokens,
            )
        )

    def _record_failure(
        self,
        request: ModelRequest,
        preflight: Preflight,
        prefix_share: float | None,
        error: RampError,
        duration_s: float,
    ) -> None:
        if self._on_call is None:
            return
        failure = error if isinstance(error, CallFailure) else None
        self._on_call(
            CallRecord(
                model=self.name,
                digest="",
                purpose=request.purpose,
                instance_id=request.instance_id,
                attempt=request.attempt,
                sample=request.sample,
                outcome=failure.kind.value if failure else type(error).__name__,
                usage=(failure.usage if failure else None) or Usage(),
                cost_usd=failure.cost_usd if failure else 0.0,
                retries=failure.retries if failure else 0,
                from_cache=False,
                first_token_s=None,
                duration_s=duration_s,
                prefix_share=prefix_share,
                estimated_tokens=preflight.tokens,
                detail=self._redactor.redact(str(error), by_shape=False),
            )
        )
