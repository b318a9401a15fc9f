"""The wire and its clocks: connections that never come, TLS, oversized lines, and how long a reader naps."""

from __future__ import annotations

import os
import shutil
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from orchestrator.clock import Clock, ManualClock
from orchestrator.errors import SettingsError
from orchestrator.models import wire
from orchestrator.models.failures import CallFailure, FailureKind
from orchestrator.models.options import Clocks
from orchestrator.models.timer import CallTimer
from tests.servers.base import Exchange, FakeServer, free_port

CLOCKS = Clocks(connect_s=0.3, first_token_s=10.0, between_tokens_s=5.0, total_s=30.0)


def timer(clocks: Clocks = CLOCKS) -> CallTimer:
    """A timer on real time."""
    return CallTimer(clocks, Clock())


def test_the_next_clock_to_run_out_decides() -> None:
    """First token, then between tokens, and the total over all; each has its own failure."""
    clock = ManualClock()
    call = CallTimer(CLOCKS, clock)
    assert (call.remaining_s(), call.expired().kind) == (10.0, FailureKind.FIRST_TOKEN_TIMEOUT)
    clock.now_s += 9.0
    call.token()
    assert (call.remaining_s(), call.expired().kind, call.first_token_s) == (5.0, FailureKind.STALLED, 9.0)
    for _ in range(4):
        clock.now_s += 4.5
        call.token()
    assert (call.remaining_s(), call.expired().kind) == (3.0, FailureKind.TOTAL_TIMEOUT)
    clock.now_s += 3.0
    with pytest.raises(CallFailure, match="this clock allows 30 s"):
        call.remaining_s()


def test_naps_are_a_share_of_a_long_stream() -> None:
    """None before the first token or early on; later a tenth of the time so far, up to two seconds, and never past a deadline."""
    clock = ManualClock()
    call = CallTimer(CLOCKS, clock)
    assert call.nap_s() == 0.0
    call.token()
    assert call.nap_s() == 0.0
    naps = []
    for elapsed_s in (0.5, 4.0, 4.5, 17.0, 3.0, 0.9):
        clock.now_s += elapsed_s
        call.token()
        naps.append(call.nap_s())
    assert naps == [pytest.approx(nap_s) for nap_s in (0.05, 0.45, 0.9, 2.0, 1.0, 0.1)]


def test_an_address_that_never_answers_meets_the_connect_clock() -> None:
    """A full backlog takes no further connection: that is a connect time-out, not a stall."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full:
        address = full.getsockname()
        fillers = [socket.socket() for _ in range(4)]
        for filler in fillers:
            filler.settimeout(0)
            filler.connect_ex(address)
        with pytest.raises(CallFailure) as caught:
            wire.request("GET", f"http://127.0.0.1:{address[1]}/", timer())
        for filler in fillers:
            filler.close()
    assert caught.value.kind is FailureKind.CONNECT_TIMEOUT


def test_an_unknown_host_is_refused() -> None:
    """A name that does not resolve is named as such."""
    with pytest.raises(CallFailure, match="refused"):
        wire.request("GET", "http://no-such-host.invalid/", timer())


def test_what_is_not_http_is_garbage() -> None:
    """Another protocol on the port is no answer."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def speak() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(1000)
                connection.sendall(b"SSH-2.0-OpenSSH_9.6\r\n")

        thread = threading.Thread(target=speak)
        thread.start()
        with pytest.raises(CallFailure, match="garbage"):
            wire.request("GET", f"http://127.0.0.1:{listener.getsockname()[1]}/", timer())
        thread.join()


def test_a_line_without_an_end_is_given_up() -> None:
    """A server that never ends its line cannot fill our memory."""

    def endless(exchange: Exchange) -> None:
        exchange.start("text/plain")
        for _ in range(200):
            exchange.chunk(b"x" * 65_536)

    with FakeServer() as server:
        server.routes["/x"] = endless
        with (
            wire.request("GET", f"{server.url}/x", timer()) as answer,
            pytest.raises(CallFailure, match="a line of more"),
        ):
            list(answer.lines())


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b'{"error": "plain"}', "plain"),
        (b'{"error": {"message": "nested", "code": 1}}', "nested"),
        (b'{"message": "top"}', "top"),
        (b"<html>", "<html>"),
        (b'["odd"]', "['odd']"),
        (b"\xff", "\ufffd"),
    ],
)
def test_error_bodies_of_all_shapes_give_their_message(body: bytes, message: str) -> None:
    """What a person should read of an error body."""
    assert wire.error_message(body) == message


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate and its key for 127.0.0.1, in one file."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl makes the certificate")
    key, path = tmp_path / "key.pem", tmp_path / "certificate.pem"
    subject = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    made = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", *subject]
    subprocess.run([*made, "-keyout", key, "-out", path, "-days", "2"], check=True, capture_output=True)
    path.write_text(path.read_text() + key.read_text())
    return path


@pytest.fixture
def secure(certificate: Path) -> Iterator[str]:
    """A server that speaks TLS and answers {"fine": 1}."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with FakeServer() as server:
        server._server.socket = context.wrap_socket(server._server.socket, server_side=True)
        server.routes["/x"] = lambda exchange: exchange.json(200, {"fine": 1})
        yield server.url.replace("http:", "https:") + "/x"


def test_a_certificate_that_is_not_trusted_is_for_the_user(secure: str) -> None:
    """No retry makes a certificate good."""
    with pytest.raises(SettingsError, match="certificate is not trusted"):
        wire.request("GET", secure, timer(Clocks()))


def test_a_trusted_server_is_spoken_to_over_tls(secure: str, certificate: Path) -> None:
    """With the certificate among the trusted ones the reply comes through."""
    program = f"""
from orchestrator.models import wire
from orchestrator.clock import Clock
from orchestrator.models.options import Clocks
from orchestrator.models.timer import CallTimer
with wire.request("GET", {secure!r}, CallTimer(Clocks(), Clock())) as answer:
    assert answer.read_json() == {{"fine": 1}}
"""
    subprocess.run([sys.executable, "-c", program], check=True, env={**os.environ, "SSL_CERT_FILE": str(certificate)})


def test_a_port_where_nothing_listens_is_refused() -> None:
    """The plainest failure."""
    with pytest.raises(CallFailure) as caught:
        wire.request("GET", f"http://127.0.0.1:{free_port()}/", timer())
    assert caught.value.kind is FailureKind.REFUSED


def raw_reply(*pieces: bytes) -> bytes | CallFailure:
    """What is read of a reply that is sent as these pieces, after which the server hangs up."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(65_536)
                for piece in pieces:
                    connection.sendall(piece)

        server = threading.Thread(target=serve)
        server.start()
        try:
            with wire.request("GET", f"http://127.0.0.1:{listener.getsockname()[1]}/", timer(Clocks())) as answer:
                return b"|".join(answer.lines())
        except CallFailure as failure:
            return failure
        finally:
            server.join()


HEAD = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
BODY = b"5\r\none\nt\r\n3;x=y\r\nwo\n\r\nA\r\nthree four\r\n0\r\n\r\n"


@pytest.mark.parametrize("step", [1, 2, 3, 7, 1000])
def test_chunks_come_out_whole_however_they_are_sent(step: int) -> None:
    """Framing, extensions and lines across chunks are put together again."""
    pieces = [BODY[at : at + step] for at in range(0, len(BODY), step)]
    assert raw_reply(HEAD, *pieces) == b"one|two|three four"


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (BODY[:-5], FailureKind.CUT),
        (b"5\r\none\nt\r\nzz\r\n", FailureKind.GARBAGE),
        (b"", FailureKind.CUT),
    ],
    ids=["no last chunk", "no size", "nothing"],
)
def test_a_body_that_breaks_its_framing_is_no_reply(body: bytes, kind: FailureKind) -> None:
    """A clean close before the last chunk is a cut, however much came before."""
    failure = raw_reply(HEAD, body)
    assert isinstance(failure, CallFailure)
    assert failure.kind is kind
