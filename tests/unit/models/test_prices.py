"""Prices are data with dates; what is not in the table is unknown."""

from __future__ import annotations

import pytest

from orchestrator.errors import SettingsError
from orchestrator.models.prices import load_prices
from orchestrator.records import Usage

TABLE = load_prices()
ENTRY = '[[price]]\nmodel = "m"\nas_of = 2026-01-01\nsource = "s"\ninput = 1.0\noutput = 2.0\n'


@pytest.mark.parametrize("model", ["openai/x@http://h:1/v1", "anthropic/claude-haiku-9", "ollama/gpt-oss:120b-cloud"])
def test_a_model_outside_the_table_has_no_price(model: str) -> None:
    """Unknown is None, never 0."""
    assert TABLE.find(model) is None


@pytest.mark.parametrize("model", ["ollama/llama3.1:8b", "mutation", "scripted:a.jsonl", "replay:run"])
def test_what_runs_here_is_known_to_cost_nothing(model: str) -> None:
    """A known price of 0 is not an unknown one."""
    price = TABLE.find(model)
    assert price is not None
    assert price.cost_usd(Usage(1000, 1000)) == 0.0


def test_haiku_costs_what_the_table_says() -> None:
    """Plain, cached and written input and output have a price each."""
    price = TABLE.find("anthropic/claude-haiku-5-5")
    assert price is not None
    usage = Usage(100_000, 10_000, cached_tokens=60_000, cache_write_tokens=20_000)
    dollars = (20_000 * 0.10 + 60_000 * 0.01 + 20_000 * 0.125 + 10_000 * 0.50) / 1e6
    assert price.cost_usd(usage) == pytest.approx(dollars)
    assert price.as_of.year == 2026


def test_a_long_prompt_multiplies_every_price() -> None:
    """One token above the tier the call costs five times as much."""
    price = TABLE.find("anthropic/claude-haiku-5-5")
    assert price is not None
    assert price.cost_usd(Usage(100_001, 0)) == pytest.approx(5 * 100_001 * 0.10 / 1e6)
    assert price.worst_case_usd(100_001, 10) == pytest.approx(5 * (100_001 * 0.125 + 10 * 0.50) / 1e6)


def test_the_worst_case_is_never_below_the_cost() -> None:
    """Writing the whole prompt to the cache is the dearest way."""
    price = TABLE.find("anthropic/claude-haiku-5-5")
    assert price is not None
    for cached, written in ((0, 0), (900, 0), (0, 900), (400, 500)):
        assert price.worst_case_usd(900, 50) >= price.cost_usd(Usage(900, 50, cached, written))


def test_own_prices_go_first() -> None:
    """Prices of the settings replace those of the table."""
    price = TABLE.find("anthropic/claude-haiku-5-5", {"input": 7.0, "output": 0.0})
    assert price is not None
    assert price.cost_usd(Usage(1_000_000, 1_000_000)) == 7.0


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (ENTRY.replace("1.0", "-1.0"), r"price\[0\].*input"),
        (ENTRY.replace("as_of = 2026-01-01\n", ""), r"price\[0\].*as_of"),
        (ENTRY + "colour = 1\n", r"price\[0\].*colour"),
        (ENTRY + ENTRY + "over_tokens = 5\n", r"price\[1\].*over_factor"),
        ("[[price", "not TOML"),
    ],
)
def test_a_bad_table_names_entry_and_key(text: str, says: str) -> None:
    """Negative, undated, unknown and half entries are refused before anything runs."""
    with pytest.raises(SettingsError, match=says):
        load_prices(text)
