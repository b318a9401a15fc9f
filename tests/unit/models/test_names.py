"""Model names, ladders and settings: what is wrong is said before anything runs."""

from __future__ import annotations

from typing import Any

import pytest

from orchestrator.errors import SettingsError
from orchestrator.models import PROVIDERS, open_model
from orchestrator.models.names import FORMS, ModelName, check_ladder, parse_model_name
from orchestrator.models.options import Clocks, ModelSettings, RateLimits, RetryPolicy


@pytest.mark.parametrize(
    ("text", "provider", "rest", "url"),
    [
        ("ollama/llama3.1:8b", "ollama", "llama3.1:8b", ""),
        ("ollama/hf.co/org/model:Q4_K_M", "ollama", "hf.co/org/model:Q4_K_M", ""),
        ("anthropic/claude-haiku-5-5", "anthropic", "claude-haiku-5-5", ""),
        ("openai/org/coder@http://127.0.0.1:8000/v1/", "openai", "org/coder", "http://127.0.0.1:8000/v1"),
        ("openai/a@b@https://gpu:9/v1", "openai", "a@b", "https://gpu:9/v1"),
        ("mutation", "mutation", "", ""),
        ("scripted:dir with blank/a.jsonl", "scripted", "dir with blank/a.jsonl", ""),
        ("replay:2026-10-07-micro", "replay", "2026-10-07-micro", ""),
    ],
)
def test_every_form_is_read(text: str, provider: str, rest: str, url: str) -> None:
    """Each form gives provider, rest and URL."""
    assert parse_model_name(text) == ModelName(text, provider, rest, url)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "llama3.1:8b",
        "gpt/4",
        "Ollama/x",
        "ollama/",
        "anthropic/ ",
        "ollama/two words",
        "mutations",
        "scripted:",
        "replay:",
    ],
)
def test_what_is_no_name_is_told_with_the_forms(text: str) -> None:
    """Unknown providers and missing parts name the right form, or all of them."""
    with pytest.raises(SettingsError, match="is not a model name") as caught:
        parse_model_name(text)
    assert any(form in str(caught.value) for form in FORMS.values())


@pytest.mark.parametrize(
    "url",
    [
        "",
        "localhost:8000",
        "ftp://h/v1",
        "http://",
        "http:///v1",
        "http://h:99999/",
        "http://h:no/",
        "http://[::1",
        "http://a b/",
    ],
)
def test_a_url_that_is_none_is_refused(url: str) -> None:
    """The message shows the fault."""
    with pytest.raises(SettingsError, match="URL"):
        parse_model_name(f"openai/m@{url}")


@pytest.mark.parametrize("url", ["http://me:hunter2@h/v1", "http://h/v1?key=hunter2", "http://h/v1#hunter2"])
def test_a_url_with_a_secret_is_refused_without_showing_it(url: str) -> None:
    """A model's name is written everywhere, so it may not hold a key."""
    with pytest.raises(SettingsError, match="OPENAI_API_KEY") as caught:
        parse_model_name(f"openai/m@{url}")
    assert "hunter2" not in str(caught.value)


def test_a_ladder_is_parsed_in_order() -> None:
    """The default ladder is two rungs."""
    names = check_ladder(["ollama/llama3.1:8b", "anthropic/claude-haiku-5-5"])
    assert [name.provider for name in names] == ["ollama", "anthropic"]


@pytest.mark.parametrize(
    ("ladder", "says"),
    [
        ([], "no model"),
        (["mutation", "ollama/m", "mutation"], r"ladder\[2\]\.model = 'mutation' comes twice"),
        (["mutation", "nonsense"], "nonsense"),
    ],
)
def test_a_bad_ladder_is_refused(ladder: list[str], says: str) -> None:
    """Empty ladders, repetitions and bad names name their place."""
    with pytest.raises(SettingsError, match=says):
        check_ladder(ladder)


def test_every_provider_has_a_form() -> None:
    """The table of providers and the table of forms are about the same things."""
    assert list(PROVIDERS) == list(FORMS)


@pytest.mark.parametrize(
    ("settings", "key"),
    [
        ({"rate": RateLimits(concurrency=0)}, "rate.concurrency"),
        ({"rate": RateLimits(tokens_per_minute=-5)}, "rate.tokens_per_minute"),
        ({"clocks": Clocks(total_s=0.0)}, "clocks.total_s"),
        ({"retry": RetryPolicy(attempts=0)}, "retry.attempts"),
        ({"retry": RetryPolicy(longest_wait_s=-1.0)}, "retry.longest_wait_s"),
        ({"context_tokens": 0}, "context_tokens"),
        ({"smallest_output_tokens": -1}, "smallest_output_tokens"),
        ({"effort": "enormous"}, "effort"),
        ({"prices_usd_per_mtok": {"input": -1.0}}, "prices_usd_per_mtok.input"),
        ({"prices_usd_per_mtok": {"colour": 1.0}}, "prices_usd_per_mtok.colour"),
        ({"prices_usd_per_mtok": {"input": 1.0}}, "prices_usd_per_mtok.output"),
    ],
)
def test_a_figure_that_makes_no_sense_names_its_key(settings: dict[str, Any], key: str) -> None:
    """Negative budgets and the like are refused when the model is opened."""
    with pytest.raises(SettingsError, match=key.replace(".", r"\.")):
        open_model("mutation", ModelSettings(**settings))
