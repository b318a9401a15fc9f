"""From a model's name to a gateway that is ready for calls. The environment is read here, when a model is opened."""

from __future__ import annotations

import importlib
import os
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from orchestrator.clock import Clock
from orchestrator.errors import SettingsError
from orchestrator.models.anthropic import DEFAULT_URL as ANTHROPIC_URL
from orchestrator.models.anthropic import AnthropicModel
from orchestrator.models.budget import Budget, Budgeted
from orchestrator.models.cache import ReplyCache
from orchestrator.models.gateway import CallRecord, Gateway
from orchestrator.models.names import ModelName, check_url, parse_model_name
from orchestrator.models.ollama import OllamaModel, host_url
from orchestrator.models.openai_compatible import OpenAICompatibleModel
from orchestrator.models.options import LOCAL_RATE, LOCAL_RETRY, ModelSettings, RateLimits, RetryPolicy, check_settings
from orchestrator.models.prices import PriceTable, load_prices
from orchestrator.models.rate import RateLimited, Slots, Window
from orchestrator.models.redact import Redactor, Secret
from orchestrator.models.replay import ReplayModel
from orchestrator.models.retry import Breaker, Retried
from orchestrator.models.scripted import ScriptedModel, read_script
from orchestrator.models.tokens import TokenEstimator
from orchestrator.protocols import Model, ModelIdentity
from orchestrator.records import ModelRequest, Reply


@dataclass(frozen=True, slots=True)
class Recorded:
    """What a replay answers from: the ledger's look-up and the identity of the model that was recorded."""

    lookup: Callable[[ModelRequest], Reply | None]
    identity: ModelIdentity | None = None


@dataclass(frozen=True, slots=True)
class Endpoint:
    """What all models of one server share: places, window and circuit breaker."""

    slots: Slots
    window: Window
    breaker: Breaker


class Endpoints:
    """The servers of a run, so that two rungs on one server count together. The first to open one sets its limits."""

    def __init__(self) -> None:
        self._known: dict[str, Endpoint] = {}
        self._lock = threading.Lock()

    def get(self, url: str, rate: RateLimits, retry: RetryPolicy, clock: Clock) -> Endpoint:
        """The endpoint at an address."""
        with self._lock:
            if url not in self._known:
                self._known[url] = Endpoint(Slots(rate.concurrency), Window(rate, clock), Breaker(retry, clock))
            return self._known[url]


@dataclass(frozen=True, slots=True)
class ModelServices:
    """What the run gives to each model it opens. `environment` None is the process's own, read when a model is opened.

    `redactor` masks keys in whatever a server says.
    """

    environment: Mapping[str, str] | None = None
    clock: Clock = field(default_factory=Clock)
    endpoints: Endpoints = field(default_factory=Endpoints)
    prices: PriceTable = field(default_factory=load_prices)
    budget: Budget | None = None
    cache: ReplyCache | None = None
    on_call: Callable[[CallRecord], None] | None = None
    on_pull: Callable[[str, int, int], None] | None = None
    recorded: Callable[[str], Recorded] | None = None
    redactor: Redactor = field(default_factory=Redactor)

    def variable(self, name: str) -> str:
        """An environment variable, empty where it is not set."""
        return (os.environ if self.environment is None else self.environment).get(name, "")


@dataclass(frozen=True, slots=True)
class Adapter:
    """An opened adapter and what the wrappers need to know about it."""

    model: Model
    endpoint: str = ""
    local: bool = True
    thinks: bool = False
    cached: bool = True
    close: Callable[[], None] | None = None


def open_ollama(
    name: ModelName, settings: ModelSettings, services: ModelServices, estimator: TokenEstimator
) -> Adapter:
    """A model of the Ollama server that OLLAMA_HOST names."""
    url = host_url(services.variable("OLLAMA_HOST"))
    model = OllamaModel(
        name.text, name.rest, url, settings, clock=services.clock, estimator=estimator, on_pull=services.on_pull
    )
    return Adapter(model, url)


def open_anthropic(
    name: ModelName, settings: ModelSettings, services: ModelServices, estimator: TokenEstimator
) -> Adapter:
    """A Claude model with the key of ANTHROPIC_API_KEY, at ANTHROPIC_BASE_URL where that is set."""
    key = services.variable("ANTHROPIC_API_KEY")
    url = services.variable("ANTHROPIC_BASE_URL")
    url = check_url("ANTHROPIC_BASE_URL", url) if url else ANTHROPIC_URL
    secret = Secret(key) if key else None
    model = AnthropicModel(
        name.text, name.rest, settings, clock=services.clock, estimator=estimator, key=secret, url=url
    )
    return Adapter(model, url, local=False, thinks=True, close=model.close)


def open_openai(
    name: ModelName, settings: ModelSettings, services: ModelServices, estimator: TokenEstimator
) -> Adapter:
    """A model of an OpenAI-compatible server, with the key of OPENAI_API_KEY where that is set."""
    key = services.variable("OPENAI_API_KEY")
    secret = Secret(key) if key else None
    model = OpenAICompatibleModel(
        name.text, name.rest, name.url, settings, clock=services.clock, estimator=estimator, key=secret
    )
    return Adapter(model, name.url)


def open_scripted(name: ModelName, _: ModelSettings, services: ModelServices, estimator: TokenEstimator) -> Adapter:
    """Replies from a file."""
    lines = read_script(Path(name.rest))
    return Adapter(ScriptedModel(name.text, lines, services.clock, estimator), name.text, cached=False)


def open_replay(name: ModelName, _: ModelSettings, services: ModelServices, estimator: TokenEstimator) -> Adapter:
    """Replies from a run's ledger."""
    if services.recorded is None:
        raise SettingsError(f"{name.text}: there is no ledger to replay from here; use `ramp replay RUN INSTANCE`")
    recorded = services.recorded(name.rest)
    return Adapter(ReplayModel(name.text, recorded.lookup, estimator, recorded.identity), name.text, cached=False)


def open_mutation(_: ModelName, __: ModelSettings, ___: ModelServices, ____: TokenEstimator) -> Adapter:
    """The engine without an LLM."""
    engine = importlib.import_module("orchestrator.models.mutation")
    return Adapter(cast("Model", engine.MutationModel()), "mutation", cached=False)


def open_model(
    name: str,
    settings: ModelSettings | None = None,
    services: ModelServices | None = None,
    *,
    providers: Mapping[str, Callable[[ModelName, ModelSettings, ModelServices, TokenEstimator], Adapter]],
) -> Gateway:
    """Open one rung's model; see `orchestrator.models.open_model`."""
    settings, services = settings or ModelSettings(), services or ModelServices()
    check_settings(settings)
    parsed, estimator = parse_model_name(name), TokenEstimator()
    adapter = providers[parsed.provider](parsed, settings, services, estimator)
    price = services.prices.find(name, settings.prices_usd_per_mtok)
    retry = settings.retry or (LOCAL_RETRY if adapter.local else RetryPolicy())
    rate = settings.rate or (LOCAL_RATE if parsed.provider in ("ollama", "openai") else RateLimits())
    endpoint = services.endpoints.get(adapter.endpoint, rate, retry, services.clock)
    limited = RateLimited(adapter.model, endpoint.slots, endpoint.window)
    paid = Budgeted(limited, price, services.budget)
    return Gateway(
        Retried(paid, retry, endpoint.breaker, services.clock),
        services.clock,
        estimator,
        cache=services.cache if settings.cache and adapter.cached else None,
        on_call=services.on_call,
        smallest_output_tokens=settings.smallest_output_tokens if adapter.thinks else 0,
        redactor=services.redactor,
        close=adapter.close,
    )
