"""One door to every model. `open_model` gives a Gateway: an adapter behind what every call has in common.

    Gateway     preflight, cache, a record of each call            gateway.py cache.py tokens.py prefix.py
    Retried     transient failures again, circuit breaker          retry.py
    Budgeted    spend limits, reserved before and settled after    budget.py prices.py prices.toml
    RateLimited calls at once, requests and tokens a minute        rate.py
    an adapter  ollama, anthropic, openai, scripted, replay, mutation

Every request that goes out, a retry too, passes budget and rate limits. A wrong answer is a Reply; what broke is raised.
"""

from __future__ import annotations

from orchestrator.models import opening
from orchestrator.models.gateway import CallRecord, Gateway
from orchestrator.models.opening import ModelServices
from orchestrator.models.options import ModelSettings

PROVIDERS = {
    "ollama": opening.open_ollama,
    "anthropic": opening.open_anthropic,
    "openai": opening.open_openai,
    "scripted": opening.open_scripted,
    "replay": opening.open_replay,
    "mutation": opening.open_mutation,
}


def open_model(name: str, settings: ModelSettings | None = None, services: ModelServices | None = None) -> Gateway:
    """Open a model by the name the user typed, without calling it; `identify()` then checks that it is there.

    Raises SettingsError on a malformed name or setting, MissingPiece where a scripted file cannot be read. The price must
    be known where the run has spend limits.
    """
    return opening.open_model(name, settings, services, providers=PROVIDERS)


__all__ = ["PROVIDERS", "CallRecord", "Gateway", "ModelServices", "ModelSettings", "open_model"]
