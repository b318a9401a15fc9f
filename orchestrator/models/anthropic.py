"""Claude over Anthropic's SDK, streaming. Retries are switched off in it: it would honour a Retry-After of a day."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from orchestrator.clock import Clock
from orchestrator.errors import BudgetExhausted, MissingPiece, SettingsError
from orchestrator.models.anthropic_events import ApiError, MessageReader, api_error
from orchestrator.models.failures import CallFailure, FailureKind, failure_of_status
from orchestrator.models.headers import retry_after_s
from orchestrator.models.options import ModelSettings
from orchestrator.models.redact import Redactor, Secret
from orchestrator.models.stream import CONTEXT_WORDS, ReplyText, context_too_small
from orchestrator.models.timer import CallTimer
from orchestrator.models.tokens import TokenEstimator
from orchestrator.models.watchdog import Watchdog
from orchestrator.protocols import ModelIdentity
from orchestrator.records import Message, ModelRequest, Reply

if TYPE_CHECKING:
    from anthropic import Anthropic

DEFAULT_URL = "https://api.anthropic.com"
# An error's type in the body goes before the status, which is 200 where the error comes in mid-stream.
STATUS_OF_KIND = {
    "invalid_request_error": 400,
    "authentication_error": 401,
    "billing_error": 402,
    "permission_error": 403,
    "not_found_error": 404,
    "request_too_large": 413,
    "rate_limit_error": 429,
    "api_error": 500,
    "timeout_error": 504,
    "overloaded_error": 529,
}


class AnthropicModel:
    """One Claude model. It takes no temperature: samples differ by themselves."""

    def __init__(
        self,
        name: str,
        claude_name: str,
        settings: ModelSettings,
        *,
        clock: Clock,
        estimator: TokenEstimator,
        key: Secret | None,
        url: str = DEFAULT_URL,
    ) -> None:
        self._name, self._claude_name, self._url = name, claude_name, url
        self._settings, self._clock, self._estimator, self._key = settings, clock, estimator, key
        self._redactor = Redactor([key] if key else [])
        self._client: Anthropic | None = None
        self._identity: ModelIdentity | None = None
        self._lock = threading.Lock()

    @property
    def name(self) -> str:
        """See Model."""
        return self._name

    def count_tokens(self, text: str) -> int:
        """See Model."""
        return self._estimator.estimate(text)

    def close(self) -> None:
        """Close the SDK's connections."""
        with self._lock:
            if self._client is not None:
                self._client.close()
                self._client = None

    def identify(self) -> ModelIdentity:
        """Look the model up, which costs nothing and shows that the key is good. See Model."""
        client, timer = self._open(), CallTimer(self._settings.clocks, self._clock)
        with self._lock:
            if self._identity is None:
                try:
                    with self._translated(timer):
                        found = client.models.retrieve(self._claude_name)
                except ApiError as error:
                    error.message = self._redactor.redact(error.message)
                    raise self._for_the_user(error) from None
                except CallFailure as failure:
                    remedy = "Check the network, or ANTHROPIC_BASE_URL if it is set."
                    raise MissingPiece(f"{self._url} does not answer ({failure.detail})", remedy) from failure
                context = found.max_input_tokens
                self._identity = ModelIdentity(self._name, "anthropic", context_tokens=context, takes_temperature=False)
            return self._identity

    def complete(self, request: ModelRequest) -> Reply:
        """Stream a message to its `message_stop`. See Model."""
        client, timer = self._open(), CallTimer(self._settings.clocks, self._clock)
        reader = MessageReader(request, ReplyText(timer))
        try:
            with (
                self._translated(timer, reader),
                client.messages.with_streaming_response.create(**self._body(request)) as response,
                Watchdog(timer, lambda: _shut(response.http_response)) as watchdog,
                _blamed_on(watchdog),
            ):
                return reader.read(response.iter_lines())
        except ApiError as error:
            refused = error
        return self._refusal(request, refused, timer, reader)

    def _open(self) -> Anthropic:
        """The client, made at the first use: the import alone takes a second."""
        if self._key is None:
            raise MissingPiece(
                f"{self._name} needs an API key", "Set ANTHROPIC_API_KEY, or leave the model out: --escalate-to none."
            )
        with self._lock:
            if self._client is None:
                import anthropic

                clocks = self._settings.clocks
                timeout = anthropic.Timeout(min(clocks.first_token_s, clocks.total_s), connect=clocks.connect_s)
                self._client = anthropic.Anthropic(
                    api_key=self._key.reveal(), base_url=self._url, max_retries=0, timeout=timeout
                )
            return self._client

    def _body(self, request: ModelRequest) -> dict[str, Any]:
        """The request: leading system messages as system text, cache marks after the constant and the stable part."""
        marks = {request.constant_prefix - 1, len(request.messages) - 2} - {-2, -1}
        blocks = [(message, _block(message, cached=index in marks)) for index, message in enumerate(request.messages)]
        leading = next((i for i, (message, _) in enumerate(blocks) if message.role != "system"), len(blocks))
        effort = request.sampling.effort or self._settings.effort
        return {
            "model": self._claude_name,
            "max_tokens": request.sampling.max_output_tokens,
            "messages": [
                {"role": "assistant" if message.role == "assistant" else "user", "content": [block]}
                for message, block in blocks[leading:]
            ],
            "stream": True,
            **({"system": [block for _, block in blocks[:leading]]} if leading else {}),
            **({"stop_sequences": list(request.sampling.stop)} if request.sampling.stop else {}),
            **({"output_config": {"effort": effort}} if effort else {}),
        }

    @contextmanager
    def _translated(self, timer: CallTimer, reader: MessageReader | None = None) -> Iterator[None]:
        """Turn what the SDK and its HTTP library raise into ApiError and CallFailure."""
        import anthropic
        import httpx2

        try:
            yield
        except anthropic.APIStatusError as error:
            wait_s = retry_after_s(error.response.headers, self._clock)
            raise api_error(error.status_code, error.body, wait_s) from None  # its text may repeat our headers
        except (anthropic.APIConnectionError, httpx2.TransportError) as error:
            raise _transport_failure(error, timer, reader) from error
        except CallFailure as failure:
            failure.usage = reader.usage if reader is not None else None
            raise

    def _refusal(self, request: ModelRequest, error: ApiError, timer: CallTimer, reader: MessageReader) -> Reply:
        """An error of the API: a reply, a failure to retry, or something for the user."""
        error.message = self._redactor.redact(error.message)
        status = STATUS_OF_KIND.get(error.kind, error.status)
        if status == 413 or (status == 400 and CONTEXT_WORDS.search(error.message)):
            return context_too_small(request, error.message, timer.elapsed_s)
        if status == 402 or "spend_limit" in error.code:
            raise BudgetExhausted(f"{self._name}: the provider's own spend limit is reached: {error.message}")
        # In the middle of a stream the status is still 200, whatever the error says; 408 and 409 pass.
        failure = failure_of_status(500 if status in (200, 408, 409) else status, error.message, error.retry_after_s)
        if failure is not None:
            failure.usage = reader.usage
            raise failure
        raise self._for_the_user(error)

    def _for_the_user(self, error: ApiError) -> MissingPiece | SettingsError:
        status = STATUS_OF_KIND.get(error.kind, error.status)
        if status in (401, 403):
            return MissingPiece(
                f"{self._name}: the key is refused ({error.message})", "Set ANTHROPIC_API_KEY to a good one."
            )
        if status == 404:
            return MissingPiece(f"{self._name}: there is no such model ({error.message})", "Check the name.")
        return SettingsError(f"{self._name}: the API rejects the request with status {status}: {error.message}")


@contextmanager
def _blamed_on(watchdog: Watchdog) -> Iterator[None]:
    """Whatever broke a read after the watchdog shut the socket: the clock that ran out is to blame."""
    import httpx2

    try:
        yield
    except (CallFailure, httpx2.TransportError) as error:
        raise watchdog.failure or error from None


def _block(message: Message, *, cached: bool) -> dict[str, Any]:
    mark = {"cache_control": {"type": "ephemeral"}} if cached else {}
    return {"type": "text", "text": message.content, **mark}


def _shut(response: Any) -> None:
    """Wake a reader of this response: shutting a socket ends a blocked read, closing it does not."""
    try:
        connection = response.extensions["network_stream"].get_extra_info("socket")
        socket.socket.shutdown(connection, socket.SHUT_RDWR)
    except (KeyError, OSError):
        response.close()


def _transport_failure(error: Exception, timer: CallTimer, reader: MessageReader | None) -> CallFailure:
    """Which clock or fault lies behind a transport error; the SDK wraps the HTTP library's own."""
    import httpx2

    cause = error if isinstance(error, httpx2.TransportError) else error.__cause__
    usage = reader.usage if reader is not None else None
    match cause:
        case httpx2.ConnectTimeout():
            return CallFailure(FailureKind.CONNECT_TIMEOUT, "the address did not answer")
        case httpx2.TimeoutException():
            return CallFailure(timer.expired().kind, "no answer in time", usage=usage)
        case httpx2.ConnectError():
            return CallFailure(FailureKind.REFUSED, str(cause))
        case _:
            return CallFailure(FailureKind.CUT, f"the connection went away ({type(cause).__name__})", usage=usage)
