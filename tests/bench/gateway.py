"""Figures of the gateway: `python -m tests.bench.gateway`. Prints; never fails on time.

The server runs in a process of its own, so that the CPU and memory shown are the gateway's alone.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import resource
import socket
import statistics
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from orchestrator.models import ModelServices, ModelSettings, open_model
from orchestrator.models.options import RateLimits
from orchestrator.records import FinishReason, Message, ModelRequest, Sampling

TOKENS = 4000
TOKEN_LINE = json.dumps(
    {
        "model": "llama3.1:8b",
        "created_at": "2026-10-17T23:14:07.414671Z",
        "message": {"role": "assistant", "content": " token%d"},
        "done": False,
    }
).encode()
DONE = b'{"done":true,"done_reason":"stop","prompt_eval_count":0,"eval_count":1}\n'


def serve(listener: socket.socket) -> None:
    """A quick Ollama: each chat streams as many tokens, as far apart, as its `num_predict` and model name say."""
    while True:
        connection, _ = listener.accept()
        threading.Thread(target=answer, args=(connection,), daemon=True).start()


def answer(connection: socket.socket) -> None:
    """One request; `x@0.005` as the model's name asks for 5 ms between tokens."""
    with connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        path, body = read_request(connection)
        if path != "/api/chat":
            known = {
                "/api/show": {"details": {}, "model_info": {}},
                "/api/tags": {"models": []},
                "/api/ps": {"models": []},
            }
            payload = json.dumps(known[path]).encode()
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(payload), payload))
            return
        gap_s = float(body["model"].partition("@")[2] or 0)
        connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        for number in range(body["options"]["num_predict"]):
            send_chunk(connection, TOKEN_LINE % number + b"\n")
            if gap_s:
                time.sleep(gap_s)
        send_chunk(connection, DONE)
        connection.sendall(b"0\r\n\r\n")


def send_chunk(connection: socket.socket, data: bytes) -> None:
    """One chunk in one segment, as a server sends one token."""
    connection.sendall(b"%x\r\n%s\r\n" % (len(data), data))


def read_request(connection: socket.socket) -> tuple[str, Any]:
    """Path and body."""
    data = b""
    while b"\r\n\r\n" not in data:
        data += connection.recv(65_536)
    head, _, body = data.partition(b"\r\n\r\n")
    lengths = [line.split(b":")[1] for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")]
    while lengths and len(body) < int(lengths[0]):
        body += connection.recv(65_536)
    return head.split(b" ")[1].decode(), json.loads(body) if body else None


def a_request(tokens: int, instance: str = "a__b-1", feedback: str = "The issue.") -> ModelRequest:
    """A request with a prompt of about 8,000 tokens for so many tokens of reply."""
    code = "    def resolve(self, name):\n        return self._table.get(name.lower())\n" * 330
    messages = (Message("system", "You repair code."), Message("user", code), Message("user", feedback))
    return ModelRequest("m", "edit", instance, 1, 0, messages, Sampling(0.2, 1, tokens, 32_768))


def overhead(url: str) -> str:
    """The gateway's time on a call of one token, less that of a bare exchange with the same server, side by side."""
    model = opened(url, "ollama/m")
    model.complete(a_request(1))
    full, bare, cpu = [], [], []
    for number in range(100):
        request = a_request(1, feedback=f"Attempt {number} failed: " + "AssertionError: 1 != 2 " * 20)
        before = time.thread_time()
        full.append(timed(lambda: model.complete(request)))  # noqa: B023
        cpu.append(time.thread_time() - before)
        bare.append(timed(lambda: bare_exchange(url)))
    gap, medians = statistics.median(full) - statistics.median(bare), map(statistics.median, (full, bare, cpu))
    whole, plain, own = (1e3 * median for median in medians)
    return f"overhead per call: {1e3 * gap:.2f} ms (medians of 100: {whole:.2f} whole, {plain:.2f} bare; {own:.2f} ms of CPU)"


def bare_exchange(url: str) -> None:
    """The same request over a plain socket."""
    host, _, port = url.removeprefix("http://").partition(":")
    request = a_request(1)
    messages = [{"role": m.role, "content": m.content} for m in request.messages]
    body = json.dumps({"model": "m", "messages": messages, "options": {"num_predict": 1}}).encode()
    with socket.create_connection((host, int(port))) as connection:
        connection.sendall(b"POST /api/chat HTTP/1.1\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))
        while connection.recv(65_536):
            pass


def streaming(url: str, gap_s: float) -> str:
    """Our CPU for one reply of 4,000 tokens that come `gap_s` apart."""
    model = opened(url, f"ollama/m@{gap_s}")
    model.complete(a_request(1))
    spent = []
    for _ in range(1 if gap_s > 0.004 else 5):
        before = time.thread_time()
        reply = model.complete(a_request(TOKENS))
        spent.append(time.thread_time() - before)
        assert reply.finish is FinishReason.STOP
    pace = f"{1 / gap_s:.0f} tokens/s asked for" if gap_s else "as fast as they go"
    return f"CPU of a reply of {TOKENS} tokens, {pace}: {1e3 * statistics.median(spent):.0f} ms"


def concurrent(url: str) -> str:
    """The most memory that 200 slow replies at once take."""
    model = opened(url, "ollama/m@0.05")
    with ThreadPoolExecutor(200) as pool:
        replies = list(pool.map(lambda n: model.complete(a_request(60, f"i-{n}")), range(200)))
    assert all(reply.finish is FinishReason.STOP for reply in replies)
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return f"200 slow replies at once: {peak_mb:.0f} MB at the peak, the whole process"


def opened(url: str, name: str) -> Any:
    """A gateway without a limit on calls at once."""
    settings = ModelSettings(rate=RateLimits(concurrency=None))
    return open_model(name, settings, ModelServices(environment={"OLLAMA_HOST": url}))


def timed(call: Callable[[], object]) -> float:
    """Seconds that a call takes."""
    started = time.perf_counter()
    call()
    return time.perf_counter() - started


def main() -> None:
    """Run what was asked for, by default everything but the slow paces."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--paces", type=float, nargs="*", default=[0.0, 0.001], help="seconds between tokens")
    arguments = parser.parse_args()
    with socket.create_server(("127.0.0.1", 0), backlog=512) as listener:
        server = multiprocessing.get_context("fork").Process(target=serve, args=(listener,), daemon=True)
        server.start()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        print(overhead(url))
        for pace in arguments.paces:
            print(streaming(url, pace))
        print(concurrent(url))
        server.terminate()
        server.join()


if __name__ == "__main__":
    main()
