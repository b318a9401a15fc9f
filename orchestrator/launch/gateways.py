"""A run's models: one gateway per rung and for the reviewer, with the limits, waits, prices and budget of its settings."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path

from orchestrator.clock import Clock
from orchestrator.launch.recorded import recorded_replies
from orchestrator.ledger import Ledger
from orchestrator.memory.recording import CALL_RECORDS
from orchestrator.models import CallRecord, Gateway, ModelServices, ModelSettings, open_model
from orchestrator.models.budget import Budget
from orchestrator.models.cache import ReplyCache
from orchestrator.models.names import parse_model_name
from orchestrator.models.options import LOCAL_RATE, Clocks, RateLimits, RetryPolicy, SpendLimits
from orchestrator.models.redact import Redactor, secrets_in
from orchestrator.series.spending import SpendFile
from orchestrator.settings import Rung, Settings


class CallLog:
    """Keeps what each call took and cost in the ledger; calls before there is one are identifications and cost nothing."""

    def __init__(self, ledger: Ledger | None = None, clock: Clock | None = None) -> None:
        self.ledger = ledger
        self._clock = clock or Clock()
        self._numbers = itertools.count()

    def __call__(self, call: CallRecord) -> None:
        """Take in one call. It is committed before the reply is, and not waited for; a trial's are no calls of the run."""
        if self.ledger is None or self.ledger.read_only:
            return
        now_s = self._clock.wall()
        key = f"{call.instance_id}/{call.attempt}/{call.sample}/{call.purpose}/{now_s:.6f}/{next(self._numbers)}"
        self.ledger.remember(CALL_RECORDS, key, call.instance_id, call, now_s, wait=False)


class Gateways:
    """Opens the models that the settings name; nothing is called yet. `tell` hears of the progress of a pull, in words."""

    def __init__(
        self,
        settings: Settings,
        environment: Mapping[str, str],
        cache_folder: Path,
        spending: Path,
        *,
        run_id: str,
        on_call: Callable[[CallRecord], None],
        tell: Callable[[str], None] = lambda _: None,
        pull: bool = False,
        clock: Clock | None = None,
    ) -> None:
        self._clock = clock or Clock()
        self._settings, self._environment, self._cache_folder = settings, environment, cache_folder
        self._spending, self._run_id = spending, run_id
        self._on_call, self._tell, self._pull = on_call, tell, pull

    @cached_property
    def ladder(self) -> tuple[Gateway, ...]:
        """One gateway per rung, from weak to strong."""
        return tuple(self._open(rung.model, rung) for rung in self._settings.ladder)

    @cached_property
    def reviewer(self) -> Gateway | None:
        """The reviewing model, if the phase names one."""
        name = self._settings.judge.reviewer
        return None if name == "none" else self._open(name, None)

    def close(self) -> None:
        """Let go of connections."""
        for gateway in (*self.ladder, *filter(None, [self.reviewer])):
            gateway.close()

    def _open(self, model: str, rung: Rung | None) -> Gateway:
        return open_model(model, self._model_settings(model, rung), self._services)

    def _model_settings(self, model: str, rung: Rung | None) -> ModelSettings:
        m, local = self._settings.models, parse_model_name(model).provider in ("ollama", "openai")
        concurrency = m.concurrency or (LOCAL_RATE.concurrency if local else None)
        return ModelSettings(
            clocks=Clocks(m.connect_timeout_s, m.first_token_timeout_s, m.stall_timeout_s, m.total_timeout_s),
            retry=RetryPolicy(wait_for_server_s=m.wait_for_server_s) if local else None,
            rate=RateLimits(concurrency, m.requests_per_minute, m.tokens_per_minute),
            context_tokens=rung.context_tokens if rung else None,
            keep_alive=m.keep_alive,
            effort=rung.effort if rung else None,
            pull=self._pull,
            cache=m.cache,
            prices_usd_per_mtok=rung.prices_usd_per_mtok if rung else {},
        )

    @cached_property
    def _services(self) -> ModelServices:
        b = self._settings.budget
        limits = SpendLimits(b.usd_per_instance, b.usd_per_phase, b.usd_per_day)
        budget = Budget(limits, SpendFile(self._spending), self._clock, phase=self._run_id) if limits.any else None
        environment = dict(self._environment)
        if self._settings.models.ollama_host:
            environment["OLLAMA_HOST"] = self._settings.models.ollama_host
        redactor = Redactor(secrets_in(environment))
        return ModelServices(
            environment=environment,
            clock=self._clock,
            budget=budget,
            cache=ReplyCache(self._cache_folder, redactor) if self._settings.models.cache else None,
            on_call=self._on_call,
            on_pull=self._tell_of_model,
            recorded=lambda run: recorded_replies(run, self._spending.parent),
            redactor=redactor,
        )

    def _tell_of_model(self, status: str, done: int, total: int) -> None:
        share = f" {100 * done // total}%" if total else ""
        self._tell(f"pulling model: {status}{share}")
