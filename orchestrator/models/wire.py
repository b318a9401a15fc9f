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
import select
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
A_GULP = 16_384  # a read that finds more than this has fallen behind: the next one comes at once
LARGEST_LINE = 8_000_000
LARGEST_ERROR_BODY = 20_000
_CLOSED = getattr(select, "POLLRDHUP", 0)  # Linux says that the other side has closed; elsewhere a nap is just a nap


class _Chunks:
    """Takes the framing off a chunked body. http.client does so with four calls a token, which is most of what a token costs."""

    def __init__(self) -> None:
        self._rest = b""
        self.ended = False

    def feed(self, data: bytes) -> bytes:
        """The content of the chunks that are whole by now. Raises HTTPException where there is no framing."""
        data = self._rest + data if self._rest else data
        at, found = 0, list[bytes]()
        while (line_end := data.find(b"\r\n", at)) >= 0:
            start = line_end + 2
            end = start + self._size(data[at:line_end])
            if end == start:
                self.ended = True
                break
            if len(data) < end + 2:
                break
            found.append(data[start:end])
            at = end + 2
        self._rest = data[at:]
        if len(self._rest) > LARGEST_LINE:
            raise http.client.HTTPException("a chunk too large")
        return b"".join(found)

    @staticmethod
    def _size(head: bytes) -> int:
        try:
            return int(head.partition(b";")[0], 16)
        except ValueError as error:
            raise http.client.HTTPException("no chunk size") from error


class Answer:
    """An open reply. Use as a context manager; leaving it closes the connection, which makes the server stop generating."""

    def __init__(self, connection: _ClockedConnection, response: http.client.HTTPResponse) -> None:
        self._connection, self._response = connection, response
        self._chunks = _Chunks() if response.chunked else None
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
            if self._chunks is None:
                return self._response.read1(READ_BYTES)
            while not self._chunks.ended:
                data = self._response.fp.read1(READ_BYTES)
                if not data:
                    raise http.client.IncompleteRead(b"")
                if content := self._chunks.feed(data):
                    return content
            return b""

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
        self._behind = False
        self._hang_up = select.poll()
        self._hang_up.register(sock, _CLOSED)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if not self._behind and (nap_s := self._timer.nap_s()):
            self._hang_up.poll(1000 * nap_s)  # new data does not wake us, the end of the stream does
        self._sock.settimeout(self._timer.remaining_s())
        try:
            count = self._sock.recv_into(buffer)
        except TimeoutError:
            raise self._timer.expired() from None
        self._behind = count > A_GULP
        return count
