"""The reply cache: what belongs to the key, what is kept, and that a hit is marked and free."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest

from orchestrator.models.cache import ReplyCache, cache_key
from orchestrator.models.redact import Redactor, Secret
from orchestrator.protocols import ModelIdentity
from orchestrator.records import FinishReason, Message, ModelRequest, Reply, Usage
from tests.unit.models.support import a_reply, a_request

IDENTITY = ModelIdentity("ollama/m", "ollama", digest="d1")
REPLY = Reply("fine", FinishReason.STOP, "m", "d1", Usage(9, 4, 3), 0.5, 0.1, 2.0, retries=3, sample=1, note="n")


@pytest.mark.parametrize(
    "change",
    [
        {"messages": (Message("user", "other"),)},
        {"sample": 1},
        {"constant_prefix": 2},
    ],
)
def test_what_decides_the_reply_is_in_the_key(change: dict[str, Any]) -> None:
    """Messages, sample and the cached prefix make another key."""
    assert cache_key(IDENTITY, dataclasses.replace(a_request(), **change)) != cache_key(IDENTITY, a_request())


@pytest.mark.parametrize(
    "option",
    [
        {"seed": 8},
        {"temperature": 0.3},
        {"max_output_tokens": 1},
        {"context_tokens": 1},
        {"stop": ("x",)},
        {"effort": "low"},
    ],
)
def test_every_option_is_in_the_key(option: dict[str, Any]) -> None:
    """Each sampling option makes another key."""
    assert cache_key(IDENTITY, a_request(**option)) != cache_key(IDENTITY, a_request())


def test_digest_and_endpoint_are_in_the_key() -> None:
    """Other weights or another protocol make another key; the same weights under another name do not."""
    key = cache_key(IDENTITY, a_request())
    assert cache_key(dataclasses.replace(IDENTITY, digest="d2"), a_request()) != key
    assert cache_key(dataclasses.replace(IDENTITY, provider="openai"), a_request()) != key
    assert cache_key(dataclasses.replace(IDENTITY, name="ollama/copy"), a_request()) == key
    assert cache_key(dataclasses.replace(IDENTITY, digest=""), a_request()) != key


@pytest.mark.parametrize("change", [{"attempt": 3}, {"instance_id": "other"}, {"purpose": "review"}, {"tried": ("x",)}])
def test_what_does_not_reach_the_model_is_not_in_the_key(change: dict[str, Any]) -> None:
    """Two instances that ask the same get the same."""
    assert cache_key(IDENTITY, dataclasses.replace(a_request(), **change)) == cache_key(IDENTITY, a_request())


def test_a_hit_is_marked_free_and_without_latency(tmp_path: Path) -> None:
    """Text and counts come back; cost is 0, latencies are gone, and it says that it is a hit."""
    cache = ReplyCache(tmp_path / "cache")
    cache.keep("ab" * 32, REPLY)
    hit = cache.find("ab" * 32)
    expected = dataclasses.replace(REPLY, from_cache=True, cost_usd=0.0, first_token_s=None, duration_s=0.0, retries=0)
    assert hit == expected


def test_nothing_is_made_before_the_first_reply(tmp_path: Path) -> None:
    """Looking into a cache that is not there is a miss and makes no folder."""
    assert ReplyCache(tmp_path / "cache").find("ab" * 32) is None
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("finish", [FinishReason.CONTEXT_TOO_SMALL, FinishReason.EXHAUSTED])
def test_outcomes_of_the_moment_are_not_kept(tmp_path: Path, finish: FinishReason) -> None:
    """What a larger context or another day would change is asked anew."""
    cache = ReplyCache(tmp_path)
    cache.keep("ab" * 32, a_reply("", finish))
    assert cache.find("ab" * 32) is None


@pytest.mark.parametrize("damage", [b"", b'{"text": "fi', b"\x00\xff", b"[]"])
def test_a_damaged_entry_is_a_miss_and_can_be_replaced(tmp_path: Path, damage: bytes) -> None:
    """Half a file is no reply."""
    cache = ReplyCache(tmp_path)
    cache.keep("ab" * 32, REPLY)
    (entry,) = tmp_path.rglob("*.json")
    entry.write_bytes(damage)
    assert cache.find("ab" * 32) is None
    cache.keep("ab" * 32, REPLY)
    assert cache.find("ab" * 32) is not None


def test_an_interrupted_write_leaves_no_entry(tmp_path: Path) -> None:
    """Only whole files get the name that is looked for."""
    ReplyCache(tmp_path).keep("ab" * 32, REPLY)
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["ab" * 31 + ".json"]


def test_keys_are_not_stored(tmp_path: Path) -> None:
    """A reply that repeats a key is redacted on its way to the disk."""
    ReplyCache(tmp_path, Redactor([Secret("canary-value-123")])).keep("ab" * 32, a_reply("it is canary-value-123"))
    (entry,) = tmp_path.rglob("*.json")
    assert "canary" not in entry.read_text()


def test_a_request_is_a_record_of_plain_values() -> None:
    """A change of ModelRequest must be looked at here: every field is either in the key or known not to reach the model."""
    outside = {
        "model",
        "purpose",
        "instance_id",
        "attempt",
        "edit_format",
        "context",
        "reproduction",
        "problem_statement",
    }
    outside |= {"tried", "ordinal"}
    inside = {"messages", "sampling", "sample", "constant_prefix"}
    assert {field.name for field in dataclasses.fields(ModelRequest)} == outside | inside
