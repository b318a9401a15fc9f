"""What an Ollama server says of itself and its models, asked through Ollama's own client; what a chat needs it cannot send."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from orchestrator.errors import MissingPiece
from orchestrator.models.failures import CallFailure, FailureKind

if TYPE_CHECKING:
    from ollama import Client

CONNECT_S, ANSWER_S, PULL_STEP_S = 5.0, 30.0, 300.0
"""Seconds to connect, to answer a question, and between two lines of a pull."""


@dataclass(frozen=True, slots=True)
class ShownModel:
    """A model that the server has. `trained_context_tokens` is None where the server does not tell."""

    digest: str
    quantization: str
    trained_context_tokens: int | None


class OllamaServer:
    """One server. Every question raises CallFailure where it is not answered."""

    def __init__(self, url: str) -> None:
        self._url = url

    def model(self, name: str) -> ShownModel | None:
        """The model of this name; None where the server does not have it."""
        with self._asking(name) as client:
            shown = client.show(name)
            tags = client.list().models
            digest = next((tag.digest for tag in tags if same_model(tag.model or "", name)), "")
            info = shown.modelinfo or {}
            trained = next((int(info[key]) for key in info if key.endswith(".context_length")), None)
            quantization = shown.details.quantization_level if shown.details else ""
            return ShownModel(digest or "", quantization or "", trained)
        return None

    def loaded_context_tokens(self, name: str) -> int | None:
        """The context with which the model is loaded; None while it is not loaded or where an old server does not tell."""
        with self._asking(name) as client:
            for running in client.ps().models:
                if same_model(running.model or running.name or "", name):
                    return running.context_length
        return None

    def pull(self, name: str, tell: Callable[[str, int, int], None]) -> None:
        """Fetch the model, telling of status, bytes done and bytes in all. Raises MissingPiece where that fails."""
        import ollama

        done = False
        try:
            with self._asking(name) as client:
                for step in client.pull(name, stream=True):
                    tell(step.status or "", step.completed or 0, step.total or 0)
                    done = step.status == "success"
        except ollama.ResponseError as error:
            remedy = f"Check the name, or fetch it by hand: ollama pull {name}"
            raise MissingPiece(f"Ollama cannot pull {name}: {error.error}", remedy) from error
        if not done:
            raise MissingPiece(f"pulling {name} broke off", f"Type: ollama pull {name}")

    @cached_property
    def _client(self) -> Client:
        import httpx
        from ollama import Client

        times = httpx.Timeout(ANSWER_S, connect=CONNECT_S, read=PULL_STEP_S)
        return Client(host=self._url, timeout=times, trust_env=False)

    @contextlib.contextmanager
    def _asking(self, name: str) -> Iterator[Client]:
        """The client, its failures told apart; a model that is not there ends the block."""
        import httpx
        import ollama
        import pydantic

        try:
            yield self._client
        except ollama.ResponseError as error:
            if error.status_code == 404:
                return
            if error.status_code < 400:  # an error line under status 200
                raise
            raise CallFailure(FailureKind.SERVER_ERROR, f"status {error.status_code}: {error.error}") from error
        except httpx.ConnectTimeout as error:
            raise CallFailure(FailureKind.CONNECT_TIMEOUT, f"no connection within {CONNECT_S:.0f} s") from error
        except httpx.TimeoutException as error:
            raise CallFailure(FailureKind.STALLED, f"no answer about {name}") from error
        except (ConnectionError, httpx.TransportError) as error:
            cause = error.__context__ or error
            raise CallFailure(FailureKind.REFUSED, str(cause)) from error
        except (pydantic.ValidationError, json.JSONDecodeError, AttributeError) as error:
            raise CallFailure(FailureKind.GARBAGE, f"not what Ollama says about {name}") from error


def same_model(listed: str, wanted: str) -> bool:
    """Whether two of Ollama's names are one model: no tag means latest."""
    return _tagged(listed) == _tagged(wanted)


def _tagged(name: str) -> str:
    return name if ":" in name.rpartition("/")[2] else f"{name}:latest"
