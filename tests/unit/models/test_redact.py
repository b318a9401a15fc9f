"""Keys are masked wherever text is written, by value and by shape."""

from __future__ import annotations

import base64
import io
import json
import logging
import pickle

import pytest

from orchestrator.models.redact import MASK, RedactingFilter, Redactor, Secret, secrets_in

VALUE = 'canary"value/with+marks'


def test_a_secret_shows_itself_to_nobody() -> None:
    """Neither repr nor str nor a format string shows it, and it cannot be pickled."""
    secret = Secret(VALUE)
    assert "canary" not in f"{secret} {secret!r} {[secret]}"
    assert secret.reveal() == VALUE
    with pytest.raises(TypeError, match="cannot be stored"):
        pickle.dumps(secret)


@pytest.mark.parametrize(
    "spelling",
    [VALUE, VALUE[::-1], base64.b64encode(VALUE.encode()).decode(), json.dumps({"k": VALUE})],
    ids=["plain", "reversed", "base64", "json"],
)
def test_known_values_are_masked_in_every_spelling(spelling: str) -> None:
    """A known key is found however it is written."""
    redacted = Redactor([Secret(VALUE)]).redact(f"before {spelling} after")
    assert MASK in redacted
    assert "canary" not in redacted
    assert redacted.startswith("before ")
    assert redacted.endswith(" after")


@pytest.mark.parametrize(
    "key",
    [
        "sk-ant-api03-abcdefghijklmnop",
        "sk-proj-abcdefghij0123456789",
        "ghp_abcdefghijklmnopqrstuvwxyz",
        "hf_abcdefghijklmnopqrstuvwxyz",
        "AKIAABCDEFGHIJKLMNOP",
        "Authorization: Bearer abcdef0123456789",
    ],
)
def test_unknown_keys_are_masked_by_their_shape(key: str) -> None:
    """What looks like a key of a provider is masked without being known."""
    assert MASK in Redactor().redact(f"x {key} y")


@pytest.mark.parametrize(
    "text",
    [
        "def sk(x): return x - 1",
        "the token bearer",
        "task-runner-for-2-long-names",
        "import sk-learn-contrib-extras",
        "",
    ],
)
def test_code_is_left_alone(text: str) -> None:
    """Ordinary code has no such shapes."""
    assert Redactor([Secret(VALUE)]).redact(text) == text


def test_what_must_come_back_is_masked_by_value_only() -> None:
    """A made-up key in a source survives, a known one does not."""
    text = f"AKIAABCDEFGHIJKLMNOP {VALUE}"
    assert Redactor([Secret(VALUE)]).redact(text, by_shape=False) == f"AKIAABCDEFGHIJKLMNOP {MASK}"


def test_secrets_of_an_environment_are_found_by_name() -> None:
    """Variables named like keys, if long enough to be looked for."""
    environment = {
        "ANTHROPIC_API_KEY": "a" * 20,
        "GH_TOKEN": "b" * 20,
        "HOME": "c" * 20,
        "KEYBOARD": "d" * 20,
        "MY_KEY": "ee",
    }
    assert {secret.reveal()[0] for secret in secrets_in(environment)} == {"a", "b"}


def test_a_log_handler_redacts_the_finished_message() -> None:
    """The key may hide in the arguments of a log call."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.addFilter(RedactingFilter(Redactor([Secret(VALUE)])))
    logger = logging.getLogger("redaction")
    logger.setLevel(logging.INFO)
    logger.addHandler(handler)
    logger.info("sent %s with %d", {"key": VALUE}, 7)
    assert "canary" not in stream.getvalue()
    assert "with 7" in stream.getvalue()
