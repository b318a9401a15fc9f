"""HTTP to a local inference server: one request a connection, its reply read line by line under the four clocks.

The standard library's client and not httpx, for two measured reasons: a reply of 4,000 tokens costs a tenth of the CPU,
and the time-out of each single read can be set, which is what the clocks need.
"""

from __future__ import annotations

import contextlib
import functools
import http.client
import io
import json
import socket
import ssl
from collections.abc import Iterator, Mapping
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

from pydantic_core import from_json

from orchestrator.errors import SettingsError
from orchestrator.models.failures import CallFailure, FailureKind
from orchestrator.models.timer import CallTimer

READ_BYTES = 65_536
LARGEST_LINE = 8_000_000
LARGEST_ERROR_BODY = 20_000


class Answer:
    """An open reply. Use as a context manager; leaving it closes the connection, which makes the server stop generating."""

    def __init__(self, connection: _ClockedConnection, response: http.client.HTTPResponse) -> None:
        self._connection, self._response = connection, response
        self.status = response.status

    @property
    def headers(self) -> Mapping[str, str]:
        """The reply's headers, names in lower case."""
        return {name.lower(): value for name, value in self._response.getheaders()}

    def lines(self) -> Iterator[bytes]:
        """Whole lines without their newline, and a last one without it where the stream ends so. Raises CallFailure."""
        parts: list[bytes] = []
        size = 0
        while data := self._read():
            parts.append(data)
            size += len(data)
            if b"\n" in data:
                *lines, rest = b"".join(parts).split(b"\n")
                yield from lines
                parts, size = [rest], len(rest)
            if size > LARGEST_LINE:
                raise CallFailure(FailureKind.GARBAGE, f"a line of more than {LARGEST_LINE} bytes")
        if size:
            yield b"".join(parts)

    def read_json(self) -> Any:
        """The whole body as JSON. Raises CallFailure (garbage) where it is none."""
        return parse_json(b"\n".join(self.lines()))

    def error_text(self) -> str:
        """What the body of an error says, shortened; the provider's own message where it can be found."""
        body = b""
        for line in self.lines():
            body += line
            if len(body) > LARGEST_ERROR_BODY:
                break
        return error_message(body)

    def _read(self) -> bytes:
        with translated_errors():
            return self._response.read1(READ_BYTES)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._response.close()
        self._connection.hang_up()


def request(
    method: str,
    url: str,
    timer: CallTimer,
    body: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Answer:
    """Send one request and wait for the reply's head, whatever its status. Raises CallFailure where it does not come."""
    parts = urlsplit(url)
    connection = _ClockedConnection(parts.hostname or "", parts.port, secure=parts.scheme == "https", timer=timer)
    payload = None if body is None else json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")
    sent = {"Content-Type": "application/json", "Connection": "close", **(headers or {})}
    with contextlib.ExitStack() as until_answered:
        until_answered.callback(connection.hang_up)
        with translated_errors():
            connection.connect()
            connection.request(method, parts.path or "/", payload, sent)
            answer = Answer(connection, connection.getresponse())
        until_answered.pop_all()
    return answer


def parse_json(line: bytes) -> Any:
    """One JSON value. Raises CallFailure (garbage) with its start where it is none."""
    try:
        return from_json(line)
    except ValueError:
        pass
    try:
        return json.loads(line)  # slower by far, and takes the lone surrogates that models write
    except ValueError as error:
        raise CallFailure(FailureKind.GARBAGE, f"not JSON: {line[:80]!r}") from error


def error_message(body: bytes) -> str:
    """The message in an error body: {"error": "..."}, {"error": {"message": "..."}}, or the text itself."""
    try:
        found = json.loads(body)
    except ValueError:
        return body[:300].decode("utf-8", "replace")
    error = found.get("error", found) if isinstance(found, dict) else found
    return str(error.get("message", error) if isinstance(error, dict) else error)[:1000]


class translated_errors:  # noqa: N801
    """Turns what sockets and http.client raise into a CallFailure."""

    def __enter__(self) -> None:
        return None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        match error:
            case None | CallFailure():
                return
            case ConnectionRefusedError() | socket.gaierror():
                raise CallFailure(FailureKind.REFUSED, str(error)) from error
            case (
                http.client.RemoteDisconnected() | http.client.IncompleteRead() | ConnectionError() | ssl.SSLEOFError()
            ):
                raise CallFailure(FailureKind.CUT, f"the connection went away ({type(error).__name__})") from error
            case http.client.HTTPException():
                raise CallFailure(FailureKind.GARBAGE, f"not HTTP ({type(error).__name__})") from error
            case ssl.SSLCertVerificationError():
                raise SettingsError(f"the server's certificate is not trusted: {error.verify_message}") from error
            case TimeoutError():
                raise CallFailure(FailureKind.CONNECT_TIMEOUT, "the address did not answer") from error
            case OSError():
                raise CallFailure(FailureKind.REFUSED, str(error)) from error


@functools.cache
def _tls() -> ssl.SSLContext:
    """One context for all connections: reading the system's certificates takes tens of milliseconds."""
    return ssl.create_default_context()


class _ClockedConnection(http.client.HTTPConnection):
    """A connection whose every read asks the timer how long it may take."""

    def __init__(self, host: str, port: int | None, *, secure: bool, timer: CallTimer) -> None:
        super().__init__(host, port or (443 if secure else 80), timeout=timer.connect_s)
        self._secure, self._timer = secure, timer
        self._bare: socket.socket | None = None

    def hang_up(self) -> None:
        """Close for good. `close` is called by http.client before the body is read, where the server will not go on after it."""
        self.close()
        if self._bare is not None:
            self._bare.close()

    def connect(self) -> None:
        """Connect, and wrap the socket in TLS and in the clocks."""
        super().connect()
        self._bare = self.sock
        if self._secure:
            self.sock = _tls().wrap_socket(self.sock, server_hostname=self.host)
            self._bare = self.sock
        self.sock = _ClockedSocket(self.sock, self._timer)


class _ClockedSocket:
    """The part of a socket that http.client uses."""

    def __init__(self, sock: socket.socket, timer: CallTimer) -> None:
        self._sock, self._timer = sock, timer

    def sendall(self, data: bytes) -> None:
        self._sock.settimeout(self._timer.remaining_s())
        try:
            self._sock.sendall(data)
        except TimeoutError:
            raise self._timer.expired() from None

    def makefile(self, _mode: str) -> io.BufferedReader:
        return io.BufferedReader(_ClockedReader(self._sock, self._timer), READ_BYTES)

    def close(self) -> None:
        """Left to `hang_up`: readers made from this socket may still be at work."""


class _ClockedReader(io.RawIOBase):
    """Raw reads under the clocks."""

    def __init__(self, sock: socket.socket, timer: CallTimer) -> None:
        self._sock, self._timer = sock, timer

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._timer.nap()
        self._sock.settimeout(self._timer.remaining_s())
        try:
            return self._sock.recv_into(buffer)
        except TimeoutError:
            raise self._timer.expired() from None
