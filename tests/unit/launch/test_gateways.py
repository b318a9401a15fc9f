"""What a phase file says of models reaches them: limits, waits, prices, budget, pulls; over real sockets."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from orchestrator.clock import Clock, SkippingClock
from orchestrator.errors import BudgetExhausted, ModelUnavailable, SettingsError
from orchestrator.launch.gateways import Gateways
from orchestrator.models import CallRecord
from orchestrator.settings import Settings
from tests.servers import ollama, openai
from tests.servers.base import Behaviour, Exchange
from tests.servers.ollama import OllamaServer
from tests.unit.models.support import a_request

OLLAMA = "ollama/llama3.1:8b"


def gateways(
    folder: Path,
    environment: dict[str, str],
    *,
    rung: dict[str, Any] | None = None,
    heard: Callable[[CallRecord], None] = lambda _: None,
    tell: Callable[[str], None] = lambda _: None,
    pull: bool = False,
    clock: Clock | None = None,
    **sections: Any,
) -> Gateways:
    """The gateways of a run with these settings."""
    ladder = [{"model": OLLAMA, "context_tokens": 4096, **(rung or {})}]
    base = {"phase": 1, "name": "lab", "size": 1, "benchmark": "lab", "ladder": ladder}
    settings = Settings.model_validate({**base, "models": {"cache": False}, **sections})
    spending = folder / ".spend.db"
    return Gateways(
        settings, environment, folder, spending, run_id="lab", on_call=heard, tell=tell, pull=pull, clock=clock
    )


def test_a_rate_leaves_one_call_at_a_time(tmp_path: Path) -> None:
    """A limit of tokens per minute does not lift the limit of one call at a time of a local server."""
    running, most, lock = 0, 0, threading.Lock()

    def watched(exchange: Exchange) -> None:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        exchange.wait(0.03)
        with lock:
            running -= 1
        ollama.answer("fine")(exchange)

    with OllamaServer() as server:
        server.chat(watched)
        models = {"cache": False, "tokens_per_minute": 1_000_000}
        (model,) = gateways(tmp_path, {"OLLAMA_HOST": server.url}, models=models).ladder
        with ThreadPoolExecutor(3) as pool:
            list(pool.map(lambda n: model.complete(a_request(instance=f"i-{n}")), range(3)))
    assert most == 1


def test_a_request_larger_than_its_minute_is_refused(tmp_path: Path) -> None:
    """tokens_per_minute of the phase file reaches the window, which says that this can never fit."""
    with OllamaServer() as server:
        models = {"cache": False, "tokens_per_minute": 100}
        (model,) = gateways(tmp_path, {"OLLAMA_HOST": server.url}, models=models).ladder
        with pytest.raises(SettingsError, match="tokens_per_minute = 100 is below"):
            model.complete(a_request())


def test_the_patience_for_a_server_is_a_setting(tmp_path: Path) -> None:
    """A server that goes away is waited for as long as the phase file says, and no longer."""
    clock = SkippingClock()
    with OllamaServer() as server:
        models = {"cache": False, "wait_for_server_s": 90.0}
        (model,) = gateways(tmp_path, {"OLLAMA_HOST": server.url}, models=models, clock=clock).ladder
        model.identify()
    with pytest.raises(ModelUnavailable, match="refused"):
        model.complete(a_request())
    assert 90.0 <= sum(clock.slept) < 125.0


@pytest.mark.parametrize(
    ("key", "behaviour", "kind"),
    [
        ("total_timeout_s", ollama.answer("a b c d e f", gap_s=0.1), "total_timeout"),
        ("first_token_timeout_s", ollama.silence(2.0), "first_token_timeout"),
        ("stall_timeout_s", ollama.answer("a b", gap_s=2.0), "stalled"),
    ],
)
def test_the_clocks_are_settings(tmp_path: Path, key: str, behaviour: Behaviour, kind: str) -> None:
    """Each clock of the phase file is the one that runs out."""
    records: list[CallRecord] = []
    with OllamaServer() as server:
        server.chat(behaviour)
        environment = {"OLLAMA_HOST": server.url}
        models = {"cache": False, key: 0.1}
        (model,) = gateways(tmp_path, environment, models=models, heard=records.append, clock=SkippingClock()).ladder
        with pytest.raises(ModelUnavailable, match=kind):
            model.complete(a_request())
    assert records[0].outcome == kind


def test_a_price_of_ones_own_holds_a_budget(tmp_path: Path) -> None:
    """A rung with a price can be limited, and its calls cost what the price says; without one the limit is refused at once."""
    with openai.OpenAIServer() as server:
        name = f"openai/qwen-coder@{server.url}/v1"
        rung = {"model": name, "prices_usd_per_mtok": {"input": 1.0, "output": 10.0}}
        (model,) = gateways(tmp_path, {}, rung=rung, budget={"usd_per_instance": 0.004}).ladder
        reply = model.complete(a_request())
        usage = reply.usage
        assert reply.cost_usd == pytest.approx((usage.input_tokens * 1.0 + usage.output_tokens * 10.0) / 1e6)
        with pytest.raises(BudgetExhausted, match=r"budget\.usd_per_instance = 0\.004"):
            model.complete(a_request(max_output_tokens=400))
        with pytest.raises(SettingsError, match=r"prices_usd_per_mtok = \{ input"):
            _ = gateways(tmp_path, {}, rung={"model": name}, budget={"usd_per_day": 1.0}).ladder


def test_a_pull_is_told(tmp_path: Path) -> None:
    """With --pull a missing model is fetched and its progress comes out in words."""
    lines: list[str] = []
    with OllamaServer(models=["other:1b"]) as server:
        (model,) = gateways(tmp_path, {"OLLAMA_HOST": server.url}, tell=lines.append, pull=True).ladder
        assert model.identify().quantization == "Q4_K_M"
    assert lines == ["pulling model: pulling 50%", "pulling model: pulling 100%", "pulling model: success"]
