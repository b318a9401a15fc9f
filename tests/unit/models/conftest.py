"""The server that this room's tests talk to, where a module has no other of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.servers.ollama import OllamaServer


@pytest.fixture
def server() -> Iterator[OllamaServer]:
    """A strict Ollama with one model; a request it had to refuse fails the test."""
    with OllamaServer() as running:
        yield running
    assert running.faults == []
