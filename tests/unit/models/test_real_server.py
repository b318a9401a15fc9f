"""The adapter against a real inference server: llama.cpp with a tiny model of random weights that the test makes.

Opt-in: runs where llama-cpp-python (with its server) and gguf are installed, or where RAMP_REAL_SERVER names the Python
that has them. To get them: `python -m venv X && X/bin/pip install "llama-cpp-python[server]" gguf`.
"""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from orchestrator.errors import MissingPiece
from orchestrator.models.options import Clocks
from orchestrator.protocols import Model
from orchestrator.records import FinishReason, Message
from tests.servers import tiny_gguf
from tests.servers.base import free_port
from tests.unit.models.support import a_request, opened, quick

HERE = sys.executable if importlib.util.find_spec("llama_cpp") and importlib.util.find_spec("gguf") else ""
PYTHON = os.environ.get("RAMP_REAL_SERVER") or HERE
pytestmark = pytest.mark.skipif(
    not PYTHON, reason="no llama-cpp-python here, and RAMP_REAL_SERVER names no Python with it"
)

STARTING_S = 120.0
CONTEXT = 1024


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A running llama.cpp server's base URL."""
    folder = tmp_path_factory.mktemp("tiny")
    path, port = folder / "tiny.gguf", free_port()
    subprocess.run([PYTHON, tiny_gguf.__file__, path], check=True, timeout=STARTING_S)
    options = ["--model", str(path), "--model_alias", "tiny", "--n_ctx", str(CONTEXT), "--chat_format", "chatml"]
    command = [PYTHON, "-m", "llama_cpp.server", *options, "--host", "127.0.0.1", "--port", str(port)]
    with Path(folder / "server.log").open("wb") as log:
        server = subprocess.Popen(command, stdout=log, stderr=log, env={**os.environ, "CUDA_VISIBLE_DEVICES": ""})
        try:
            url = f"http://127.0.0.1:{port}/v1"
            wait_for(url, server)
            yield url
        finally:
            server.terminate()
            server.wait(20)


def wait_for(url: str, server: subprocess.Popen[bytes]) -> None:
    """Wait until the server lists its model."""
    deadline = time.monotonic() + STARTING_S
    while time.monotonic() < deadline and server.poll() is None:
        try:
            with opened(f"openai/tiny@{url}") as (model, _):
                model.identify()
        except MissingPiece:
            time.sleep(0.2)
        else:
            return
    pytest.fail("the server did not start")


@pytest.fixture
def model(address: str) -> Iterator[Model]:
    """The tiny model, with time for a slow machine."""
    clocks = Clocks(connect_s=10.0, first_token_s=60.0, between_tokens_s=60.0, total_s=120.0)
    with opened(f"openai/tiny@{address}", quick(clocks=clocks)) as (gateway, _):
        yield gateway


def test_a_real_reply_comes_through(model: Model) -> None:
    """Text of the asked length, latencies and a finish reason, from a real stream."""
    reply = model.complete(a_request(max_output_tokens=24, context_tokens=CONTEXT, temperature=0.8))
    assert (reply.finish, len(reply.text), reply.text.isprintable()) == (FinishReason.LENGTH, 24, True)
    assert reply.first_token_s is not None
    assert 0 < reply.first_token_s < reply.duration_s


def test_one_seed_gives_one_reply(model: Model) -> None:
    """Seed and temperature reach the sampler: the same seed repeats, another one does not."""
    texts = [
        model.complete(a_request(max_output_tokens=24, context_tokens=CONTEXT, temperature=1.5, seed=seed)).text
        for seed in (5, 5, 6)
    ]
    assert texts[0] == texts[1]
    assert texts[0] != texts[2]


def test_a_prompt_beyond_the_real_context_is_context_too_small(model: Model) -> None:
    """The server's own refusal is understood where the preflight was told of a larger context."""
    long = (Message("user", "word " * 400),)
    assert model.complete(a_request(long, context_tokens=65_536)).finish is FinishReason.CONTEXT_TOO_SMALL


def test_a_model_that_is_not_served_is_a_missing_piece(address: str) -> None:
    """The list of a real server is read."""
    with opened(f"openai/other@{address}") as (gateway, _), pytest.raises(MissingPiece, match="It has: tiny"):
        gateway.identify()
