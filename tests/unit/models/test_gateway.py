"""The gateway as a whole: what order its parts work in, and what it records of every call."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from orchestrator.clock import ManualClock, SkippingClock
from orchestrator.errors import BudgetExhausted, SettingsError
from orchestrator.models import ModelServices, open_model
from orchestrator.models.budget import Budget, MemorySpendStore
from orchestrator.models.cache import ReplyCache
from orchestrator.models.opening import Endpoints
from orchestrator.models.options import RateLimits, SpendLimits
from orchestrator.records import FinishReason, Message
from tests.servers import ollama as fake
from tests.servers.anthropic import KEY, AnthropicServer
from tests.servers.ollama import OllamaServer
from tests.unit.models.support import a_request, opened, quick

NAME = "ollama/llama3.1:8b"
CLAUDE = "anthropic/claude-haiku-5-5"


@pytest.fixture
def server() -> Iterator[OllamaServer]:
    """A strict Ollama."""
    with OllamaServer() as running:
        yield running
    assert running.faults == []


def test_a_second_like_request_is_a_free_hit(server: OllamaServer, tmp_path: Path) -> None:
    """The cache answers without a call; the record is marked and has no latency."""
    with opened(NAME, environment={"OLLAMA_HOST": server.url}, cache=ReplyCache(tmp_path)) as (model, records):
        first, second = model.complete(a_request()), model.complete(a_request(attempt=2))
    assert len(server.calls("/api/chat")) == 1
    assert (second.text, second.from_cache, second.cost_usd) == (first.text, True, 0.0)
    assert [(r.from_cache, r.first_token_s is None, r.duration_s is None) for r in records] == [
        (False, False, False),
        (True, True, True),
    ]


def test_without_the_cache_every_request_is_a_call(server: OllamaServer, tmp_path: Path) -> None:
    """--no-cache neither reads nor writes."""
    services = {"environment": {"OLLAMA_HOST": server.url}, "cache": ReplyCache(tmp_path / "c")}
    with opened(NAME, quick(cache=False), **services) as (model, _):
        model.complete(a_request())
        model.complete(a_request())
    assert len(server.calls("/api/chat")) == 2
    assert not (tmp_path / "c").exists()


def test_retries_pass_the_rate_limit(server: OllamaServer) -> None:
    """A retry is a request to the endpoint like any other: with one a minute it waits out the minute."""
    server.chat(fake.status(500), fake.answer("fine"))
    clock = SkippingClock()
    settings = quick(rate=RateLimits(requests_per_minute=1))
    with opened(NAME, settings, {"OLLAMA_HOST": server.url}, clock=clock) as (model, records):
        model.complete(a_request())
    assert sum(clock.slept) >= 59.0
    assert records[0].retries == 1


def test_the_budget_stops_before_a_call_and_is_recorded() -> None:
    """What does not fit the budget is never sent; the record has no cost and says what happened."""
    clock = SkippingClock()
    broke = Budget(SpendLimits(phase_usd=0.0001), MemorySpendStore(), clock)
    with AnthropicServer() as server:
        environment = {"ANTHROPIC_API_KEY": KEY, "ANTHROPIC_BASE_URL": server.url}
        with (
            opened(CLAUDE, environment=environment, budget=broke, clock=clock) as (model, records),
            pytest.raises(BudgetExhausted, match=r"budget\.usd_per_phase"),
        ):
            model.complete(a_request())
        assert server.calls("/v1/messages") == []
    assert (records[0].outcome, records[0].cost_usd) == ("BudgetExhausted", 0.0)


def test_limits_with_an_unknown_price_are_refused_at_opening() -> None:
    """Before anything runs the user hears that the limit cannot be held."""
    budget = Budget(SpendLimits(day_usd=1.0), MemorySpendStore(), ManualClock())
    with pytest.raises(SettingsError, match="price is unknown"):
        open_model("openai/m@http://127.0.0.1:1/v1", services=ModelServices(environment={}, budget=budget))


def test_two_rungs_on_one_server_share_its_limits(server: OllamaServer) -> None:
    """The window is the endpoint's, not the model's."""
    server.models.append("qwen3:4b")
    clock, endpoints = SkippingClock(), Endpoints()
    shared = {"environment": {"OLLAMA_HOST": server.url}, "clock": clock, "endpoints": endpoints}
    settings = quick(rate=RateLimits(requests_per_minute=1))
    with opened(NAME, settings, **shared) as (first, _), opened("ollama/qwen3:4b", settings, **shared) as (second, _):
        first.complete(a_request())
        second.complete(a_request())
    assert sum(clock.slept) >= 59.0


def test_the_record_has_the_share_of_the_repeated_prefix(server: OllamaServer) -> None:
    """None for an instance's first prompt, then the part that repeats the previous one."""
    constant = (Message("system", "rules " * 200), Message("user", "code " * 200))
    with opened(NAME, environment={"OLLAMA_HOST": server.url}) as (model, records):
        for attempt, feedback in enumerate(("first", "second"), start=1):
            model.complete(a_request((*constant, Message("user", feedback)), attempt=attempt))
        model.complete(a_request(constant, instance="c__d-2"))
    first, second, other = (record.prefix_share for record in records)
    assert (first, other) == (None, None)
    assert second is not None
    assert 0.95 < second < 1.0


def test_six_attempts_repeat_four_fifths_of_their_prompt(server: OllamaServer) -> None:
    """With feedback last, attempts 2 to 6 reuse at least 80% of the prompt on one instance."""
    constant = (Message("system", "rules " * 400), Message("user", "code " * 1200), Message("user", "issue " * 300))
    story = ""
    with opened(NAME, environment={"OLLAMA_HOST": server.url}) as (model, records):
        for attempt in range(1, 7):
            request = a_request((*constant, Message("user", story or "go")), attempt=attempt, context_tokens=16_384)
            model.complete(request)
            story = f"attempt {attempt} failed: " + "AssertionError at line 12 " * 20
    shares = [record.prefix_share or 0.0 for record in records[1:]]
    assert min(shares) >= 0.8


def test_estimates_follow_the_servers_counts(server: OllamaServer) -> None:
    """The second estimate of a prompt is nearer to the server's count than the first."""
    prompt = (Message("user", "def convert(value):\n    return int(value)\n" * 40),)
    with opened(NAME, environment={"OLLAMA_HOST": server.url}) as (model, records):
        counted = model.complete(a_request(prompt)).usage.input_tokens
        model.complete(a_request(prompt))
    errors = [abs(record.estimated_tokens - counted) for record in records]
    assert errors[1] < errors[0]
    assert records[1].estimated_tokens >= counted


def test_opening_reads_the_environment_and_importing_does_not() -> None:
    """The package imports in a fresh interpreter without a look at the environment, HTTP libraries or the SDK."""
    program = """
import os, sys
class Watched(dict):
    def __getitem__(self, key):
        assert not key.startswith(("OLLAMA", "ANTHROPIC", "OPENAI")), key
        return super().__getitem__(key)
    def get(self, key, default=None):
        return self[key] if key in self else default
os.environ = Watched(os.environ, OLLAMA_HOST="x", ANTHROPIC_API_KEY="x", OPENAI_API_KEY="x")
import orchestrator.models
heavy = {"anthropic", "httpx", "httpx2", "ollama", "openai", "yaml"} & set(sys.modules)
assert not heavy, heavy
"""
    subprocess.run([sys.executable, "-c", program], check=True)


def test_a_gateway_can_be_used_from_many_threads(server: OllamaServer) -> None:
    """Ten threads, one place: every reply arrives and no record is lost."""
    from concurrent.futures import ThreadPoolExecutor

    with opened(NAME, environment={"OLLAMA_HOST": server.url}) as (model, records), ThreadPoolExecutor(10) as pool:
        requests = [a_request(instance=f"i-{n}") for n in range(20)]
        replies = list(pool.map(model.complete, requests))
    assert [reply.finish for reply in replies] == [FinishReason.STOP] * 20
    assert len(records) == 20
