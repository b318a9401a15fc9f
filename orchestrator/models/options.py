"""What can be set about a model: limits, waits and sizes, each with its unit, checked before anything runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields

from orchestrator.errors import SettingsError


@dataclass(frozen=True, slots=True)
class Clocks:
    """The four clocks of one request. The first token includes a cold load of the model and reading the prompt."""

    connect_s: float = 5.0
    first_token_s: float = 600.0
    between_tokens_s: float = 60.0
    total_s: float = 1800.0


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How transient failures are retried.

    Waits grow from `first_wait_s` by doubling, with full jitter, up to `longest_wait_s`. A Retry-After longer than
    `longest_retry_after_s` is not waited for. A refused connection is retried until `wait_for_server_s` have passed,
    whatever `attempts` says: a local server that restarts is worth waiting for. After `breaker_failures` failures in a
    row the circuit of the endpoint opens for `breaker_pause_s`.
    """

    attempts: int = 5
    first_wait_s: float = 1.0
    longest_wait_s: float = 30.0
    longest_retry_after_s: float = 120.0
    wait_for_server_s: float = 0.0
    breaker_failures: int = 8
    breaker_pause_s: float = 30.0


@dataclass(frozen=True, slots=True)
class RateLimits:
    """What one endpoint is asked at most; None is unlimited. Tokens are input and output together."""

    concurrency: int | None = None
    requests_per_minute: int | None = None
    tokens_per_minute: int | None = None


@dataclass(frozen=True, slots=True)
class SpendLimits:
    """US dollars at most per instance, phase and calendar day (UTC); None is unlimited."""

    instance_usd: float | None = None
    phase_usd: float | None = None
    day_usd: float | None = None

    @property
    def any(self) -> bool:
        """Whether there is a limit at all."""
        return any(getattr(self, each.name) is not None for each in fields(self))


@dataclass(frozen=True, slots=True)
class ModelSettings:
    """Everything about one rung's model that is not in its name.

    `context_tokens` is the context a local server loads the model with, constant for a run (None: that of the first
    request). `effort` and `smallest_output_tokens` are for models that
    think before they answer: thinking counts as output.
    """

    clocks: Clocks = Clocks()
    retry: RetryPolicy | None = None
    rate: RateLimits | None = None
    context_tokens: int | None = None
    keep_alive: str = "30m"
    effort: str | None = None
    smallest_output_tokens: int = 8192
    pull: bool = False
    cache: bool = True
    prices_usd_per_mtok: Mapping[str, float] = field(default_factory=dict)


EFFORTS = ("low", "medium", "high", "xhigh", "max")
LOCAL_RETRY = RetryPolicy(wait_for_server_s=600.0)
LOCAL_RATE = RateLimits(concurrency=1)


def check_settings(settings: ModelSettings) -> None:
    """Raise SettingsError, naming the key, where a figure makes no sense."""
    parts = {"clocks": settings.clocks, "retry": settings.retry, "rate": settings.rate}
    for section, part in parts.items():
        for each in fields(part) if part is not None else ():
            _check_figure(f"{section}.{each.name}", getattr(part, each.name), zero=section == "retry")
    _check_figure("context_tokens", settings.context_tokens, zero=False)
    _check_figure("smallest_output_tokens", settings.smallest_output_tokens, zero=False)
    for key in ("attempts", "breaker_failures"):
        _check_figure(f"retry.{key}", getattr(settings.retry, key, None), zero=False)
    if settings.effort not in (None, *EFFORTS):
        raise SettingsError(f"effort = {settings.effort!r} is not possible; use one of {', '.join(EFFORTS)}")
    for key, price in settings.prices_usd_per_mtok.items():
        if key not in ("input", "output", "cache_read", "cache_write"):
            raise SettingsError(f"prices_usd_per_mtok.{key} is not known; use input, output, cache_read, cache_write")
        _check_figure(f"prices_usd_per_mtok.{key}", price, zero=True)
    prices = settings.prices_usd_per_mtok
    if prices and not {"input", "output"} <= prices.keys():
        raise SettingsError("prices_usd_per_mtok.input and prices_usd_per_mtok.output go together")


def _check_figure(key: str, value: float | None, *, zero: bool) -> None:
    """Refuse NaN, negatives and, where `zero` is not allowed, nought."""
    if value is None or value > 0 or (zero and value == 0):
        return
    raise SettingsError(f"{key} = {value} is not possible; give a number {'of 0 or more' if zero else 'above 0'}")
