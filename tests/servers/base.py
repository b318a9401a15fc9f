"""A local HTTP server whose every reply is a behaviour: a function that writes to the wire, well or badly."""

from __future__ import annotations

import contextlib
import json
import socket
import struct
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class Request:
    """One request as it came in; `headers` have lower-case names."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: Any


class Exchange:
    """The server's side of one request."""

    def __init__(self, handler: BaseHTTPRequestHandler, request: Request, stopping: threading.Event) -> None:
        self.request, self.stopping, self._handler = request, stopping, handler

    def json(self, status: int, body: Any, headers: Mapping[str, str] | None = None) -> None:
        """A whole reply."""
        self.raw(status, json.dumps(body).encode(), headers)

    def raw(self, status: int, body: bytes, headers: Mapping[str, str] | None = None) -> None:
        """A whole reply of any bytes."""
        self._handler.send_response(status)
        for name, value in {
            "Content-Type": "application/json",
            "Content-Length": str(len(body)),
            "Connection": "close",
            **(headers or {}),
        }.items():
            self._handler.send_header(name, value)
        self._handler.end_headers()
        self._handler.wfile.write(body)

    def start(self, content_type: str) -> None:
        """The head of a chunked reply under status 200."""
        self._handler.send_response(200)
        self._handler.send_header("Content-Type", content_type)
        self._handler.send_header("Transfer-Encoding", "chunked")
        self._handler.send_header("Connection", "close")
        self._handler.end_headers()

    def chunk(self, data: bytes) -> None:
        """One chunk, sent at once."""
        self._handler.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))

    def end(self) -> None:
        """The clean end of a chunked reply."""
        self._handler.wfile.write(b"0\r\n\r\n")

    def wait(self, seconds: float) -> None:
        """Do nothing for so long, or until the server is stopped."""
        self.stopping.wait(seconds)

    def reset(self) -> None:
        """Cut the connection hard."""
        linger = struct.pack("ii", 1, 0)
        self._handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self._handler.connection.close()


Behaviour = Callable[[Exchange], None]


class FakeServer:
    """Answers paths by `routes`; a context manager that frees its port and its threads at the end."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.routes: dict[str, Behaviour] = {}
        self._stopping = threading.Event()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = 0

            def do_POST(self) -> None:
                outer._handle(self)

            def do_GET(self) -> None:
                outer._handle(self)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        class Server(ThreadingHTTPServer):
            request_queue_size = 300

            def handle_error(self, *_: object) -> None:
                """A client that hangs up is part of the tests."""

        self._server = Server(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = False
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def calls(self, path: str) -> list[Request]:
        """The requests to one path."""
        return [request for request in self.requests if request.path == path]

    def _handle(self, handler: BaseHTTPRequestHandler) -> None:
        size = int(handler.headers.get("content-length") or 0)
        data = handler.rfile.read(size) if size else b""
        headers = {name.lower(): value for name, value in handler.headers.items()}
        request = Request(handler.command, handler.path, headers, json.loads(data) if data else None)
        self.requests.append(request)
        handler.close_connection = True
        exchange = Exchange(handler, request, self._stopping)
        behaviour = self.routes.get(request.path)
        with contextlib.suppress(ConnectionError, ValueError, OSError):
            if behaviour is None:
                exchange.json(404, {"error": f"no such path: {request.path}"})
            else:
                behaviour(exchange)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class InTurn:
    """Behaviours one after another; the last one stays."""

    def __init__(self, *behaviours: Behaviour) -> None:
        self._behaviours = list(behaviours)
        self._lock = threading.Lock()

    def __call__(self, exchange: Exchange) -> None:
        with self._lock:
            behaviour = self._behaviours.pop(0) if len(self._behaviours) > 1 else self._behaviours[0]
        behaviour(exchange)


def free_port() -> int:
    """A port on which nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])
