"""The ladder from end to end, over real adapters and strict servers: who repaired what, why it escalated, what it cost."""

from __future__ import annotations

import base64
import contextlib
import os
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from orchestrator.cli.tables import summary_lines
from orchestrator.errors import Interrupted, MissingPiece
from orchestrator.launch.session import resume_run, start_run
from orchestrator.ledger import LEDGER, Ledger
from orchestrator.report.timeline import instance_lines
from tests.flow.lab import BROKEN, PROSE, RIGHT, SOURCE, WRONG
from tests.flow.served import CLAUDE, OLLAMA, ServedLab, servers
from tests.servers import anthropic, ollama
from tests.servers.anthropic import KEY, AnthropicServer
from tests.servers.base import Behaviour, Exchange
from tests.servers.ollama import OllamaServer

FIRST, SECOND, THIRD, FOURTH = "lab__first-1", "lab__second-1", "lab__third-1", "lab__fourth-1"
HEAD = anthropic.start(input_tokens=1_000, cached=3_000, written=500)
# 0.10, 0.01, 0.125 and 0.50 dollars per million tokens of input, cache reads, cache writes and output.
CALL_USD = (1_000 * 0.10 + 3_000 * 0.01 + 500 * 0.125 + 200 * 0.50) / 1e6


@dataclass
class Served:
    """A finished run with its servers."""

    lab: ServedLab
    small: OllamaServer
    large: AnthropicServer


def said(text: str) -> anthropic.Behaviour:
    """A reply of Claude that costs CALL_USD."""
    return anthropic.message(text, head=HEAD, output_tokens=200)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A run in which the small model repairs two instances of four, one after a busy server; the large one gets the others."""
    with servers() as (small, large, environment):
        replies = [RIGHT, BROKEN, RIGHT, PROSE, PROSE, PROSE, PROSE]
        small.chat(*(ollama.answer(text) for text in replies[:1]), ollama.status(503, "busy"),
                   *(ollama.answer(text) for text in replies[1:]))  # fmt: skip
        large.reply(said(RIGHT), said(f"{WRONG}\nMy headers were x-api-key: {KEY}\n"))
        lab = ServedLab(tmp_path_factory.mktemp("served"), environment=environment)
        lab.start()
        yield Served(lab, small, large)


def test_every_request_was_one_that_the_servers_know(served: Served) -> None:
    """Strict servers found no fault; each rung was asked as often as its instances needed."""
    assert (served.small.faults, served.large.faults) == ([], [])
    assert (len(served.small.calls("/api/chat")), len(served.large.calls("/v1/messages"))) == (8, 2)


def test_each_result_says_which_rung_and_why(served: Served) -> None:
    """Two by the small model; two escalated after two unreadable replies, of which one is resolved."""
    rows = served.lab.rows()
    assert {name: (row["state"], row["rung"], row["model"]) for name, row in rows.items()} == {
        FIRST: ("RESOLVED", 0, OLLAMA),
        SECOND: ("RESOLVED", 0, OLLAMA),
        THIRD: ("RESOLVED", 1, CLAUDE),
        FOURTH: ("UNRESOLVED", 1, CLAUDE),
    }
    assert [bool(row["escalated_because"]) for row in rows.values()] == [False, False, True, True]
    assert "two unreadable replies in a row" in rows[THIRD]["escalated_because"]


def test_primary_escalated_and_total_are_three_numbers_with_a_price(served: Served) -> None:
    """Dollars per extra resolve count every escalated call, that for the unresolved instance too."""
    summary = served.lab.results()["summary"]
    assert (summary["verified_primary"], summary["verified_escalated"], summary["verified"]) == (2, 1, 3)
    assert summary["cost_usd"] == pytest.approx(2 * CALL_USD)
    escalation = summary["escalation"]
    assert (escalation["instances_escalated"], escalation["cost_primary_usd"]) == (2, 0.0)
    assert escalation["usd_per_extra_resolve"] == pytest.approx(2 * CALL_USD)
    printed = "\n".join(summary_lines(served.lab.results()))
    assert (
        "escalated 2 of 4: 1 extra resolved; cost of escalation $0.0006, dollars per extra resolve: $0.0006" in printed
    )


def test_calls_are_counted_by_model(served: Served) -> None:
    """Tokens as the servers counted them, cached ones apart; the busy answer is a retry and no attempt."""
    small, large = served.lab.models()[OLLAMA], served.lab.models()[CLAUDE]
    assert (small["calls"], small["retries"], small["cost_usd"]) == (7, 1, 0.0)
    assert (small["digest"], small["quantization"], small["context_tokens"]) == (ollama.DIGEST, "Q4_K_M", 16_384)
    assert (large["calls"], large["input_tokens"], large["cached_tokens"], large["output_tokens"]) == (
        2,
        9_000,
        6_000,
        400,
    )
    second = served.lab.rows()[SECOND]
    assert (second["attempts"], second["retries"], second["calls"]) == (2, 1, 2)


def test_the_context_stays_what_it_is(served: Served) -> None:
    """num_ctx never changes within a run, nothing may be cut, and each attempt has its own seed."""
    bodies = [request.body for request in served.small.calls("/api/chat")]
    assert {body["options"]["num_ctx"] for body in bodies} == {16_384}
    assert {(body["truncate"], body["shift"], body["keep_alive"]) for body in bodies} == {(False, False, "30m")}
    assert bodies[3]["options"]["seed"] != bodies[2]["options"]["seed"]


def test_the_key_is_in_no_file(served: Served) -> None:
    """Not even where a server repeats it in a reply; what stood around it is kept."""
    spellings = [KEY.encode(), KEY[::-1].encode(), base64.b64encode(KEY.encode()).rstrip(b"=")]
    files = {path: path.read_bytes() for path in served.lab.files()}
    assert len(files) > 20
    assert not [path for path, data in files.items() for spelling in spellings if spelling in data]
    assert "My headers were" in (served.lab.run_folder / FOURTH / "attempt-3" / "reply-0.md").read_text()


def test_a_second_run_asks_nobody(served: Served, tmp_path: Path) -> None:
    """Every reply comes from the cache, is marked, costs nothing and stays out of latencies; results are the same."""
    asked = len(served.small.calls("/api/chat")) + len(served.large.calls("/v1/messages"))
    again = ServedLab(tmp_path, environment=served.lab.environment, cache=served.lab.folder / "cache")
    again.start()
    assert len(served.small.calls("/api/chat")) + len(served.large.calls("/v1/messages")) == asked
    assert again.states() == served.lab.states()
    assert [(m["calls"], m["cache_hits"], m["cost_usd"], m["first_token_s"]) for m in again.models().values()] == [
        (7, 7, 0.0, None),
        (2, 2, 0.0, None),
    ]
    assert again.results()["summary"]["cost_usd"] == 0.0


def test_a_run_on_the_replies_of_another(served: Served, tmp_path: Path) -> None:
    """`replay:RUN` says again what was said, attempt by attempt, whoever said it; nobody is asked and nothing is paid."""
    asked = len(served.small.requests) + len(served.large.requests)
    rung = {"model": f"replay:{served.lab.run_folder}", "attempts": 5, "fallback_format": None}
    again = ServedLab(tmp_path, environment=served.lab.environment, changes={"ladder": [rung]})
    again.start()
    assert again.states() == served.lab.states()
    assert len(served.small.requests) + len(served.large.requests) == asked
    assert again.results()["summary"]["cost_usd"] == 0.0


def test_replaying_no_run_is_said_before_anything_starts(tmp_path: Path) -> None:
    """The place that was looked at is named."""
    lab = ServedLab(tmp_path, changes={"ladder": [{"model": "replay:nowhere"}]})
    with pytest.raises(MissingPiece, match="replay:nowhere names no run"):
        lab.start()


def test_a_budget_stops_the_run_and_a_higher_one_resumes_it(tmp_path: Path) -> None:
    """The call that may not fit is never made; the best patch is kept ungraded; resumed with more, the instance ends."""
    with servers() as (small, large, environment):
        small.chat(*(ollama.answer(text) for text in (BROKEN, PROSE, PROSE)))
        large.reply(said(RIGHT))
        changes = {"budget": {"usd_per_phase": 0.0001}}
        lab = ServedLab(tmp_path, environment=environment, scripts={THIRD: ()}, changes=changes)
        lab.start()
        row = lab.rows()[THIRD]
        assert (row["state"], lab.results()["status"]) == ("STOPPED", "partial")
        assert "budget.usd_per_phase = 0.0001 leaves no room" in row["error"]
        assert large.calls("/v1/messages") == []
        assert b"wdith" in (lab.run_folder / THIRD / "patch.diff").read_bytes()
        assert (row["patch_sha256"] is not None, row["verified"], lab.grader.graded) == (True, False, [])
        more = [("-c", {"budget": {"usd_per_phase": 0.01}})]
        resume_run(lab.run_folder, lab.machine, lab.make_tools, changes=more)
        assert lab.rows()[THIRD]["state"] == "RESOLVED"
        assert (len(small.calls("/api/chat")), len(large.calls("/v1/messages"))) == (3, 1)


def test_an_unknown_price_is_never_nothing(tmp_path: Path) -> None:
    """A rung whose price nobody knows leaves cost and dollars per extra resolve unknown, in words too."""
    with servers() as (small, _, environment):
        small.chat(*(ollama.answer(text) for text in (PROSE, PROSE, RIGHT)))
        small.models.append("gpt-oss:120b-cloud")
        first = {"model": OLLAMA, "attempts": 2, "fallback_format": None}
        ladder = [first, {"model": "ollama/gpt-oss:120b-cloud", "attempts": 2}]
        lab = ServedLab(tmp_path, environment=environment, scripts={THIRD: ()}, changes={"ladder": ladder})
        lab.start()
        summary = lab.results()["summary"]
        assert (summary["verified_escalated"], summary["cost_usd"]) == (1, None)
        assert summary["escalation"]["usd_per_extra_resolve"] is None
        printed = "\n".join(summary_lines(lab.results()))
        assert "cost of escalation unknown, dollars per extra resolve: unknown" in printed


@pytest.mark.parametrize(
    ("behaviour", "attempts", "why"),
    [
        (ollama.status(500, "llama runner process has terminated"), 2, "cannot be reached"),
        (ollama.stream(ollama.token("so"), end=False), 2, "cannot be reached"),
        (ollama.stream(ollama.line({"error": "out of memory"})), 2, "cannot be reached"),
        (ollama.answer(RIGHT, counted=5), 2, "does not fit the model's context"),
        (ollama.answer(["G"] * 40), 3, "two unreadable replies in a row (repetition and repetition)"),
        (ollama.answer(RIGHT[:40], reason="length"), 3, "two unreadable replies in a row (length and length)"),
    ],
    ids=["500", "cut", "error line", "cut prompt", "loop", "length"],
)
def test_what_a_run_does_about_a_server_that_misbehaves(
    tmp_path: Path, behaviour: Behaviour, attempts: int, why: str
) -> None:
    """No misbehaviour ends the run: it is retried, told apart from a wrong answer, and the next rung goes on."""
    with servers() as (small, large, environment):
        small.chat(behaviour)
        large.reply(anthropic.error(529, "overloaded_error", "busy"), said(RIGHT))
        lab = ServedLab(tmp_path, environment=environment, scripts={THIRD: ()})
        lab.start()
        row = lab.rows()[THIRD]
        assert (row["state"], row["rung"], row["attempts"]) == ("RESOLVED", 1, attempts)
        assert why in row["escalated_because"]
        assert lab.models()[CLAUDE]["retries"] == 1


def test_a_model_that_never_answers_is_not_the_models_failure(tmp_path: Path) -> None:
    """Alone on the ladder it ends the instance as broken, after its one attempt; retried when it is back, it repairs."""
    with servers() as (small, _, environment):
        small.chat(ollama.status(503, "busy"))
        changes = {"ladder": [{"model": OLLAMA, "attempts": 4, "fallback_format": None}]}
        lab = ServedLab(tmp_path, environment=environment, scripts={THIRD: ()}, changes=changes)
        lab.start()
        row = lab.rows()[THIRD]
        assert (row["state"], row["attempts"]) == ("INFRA_FAILED", 1)
        small.chat(ollama.answer(RIGHT))
        lab.resume(retry=frozenset({"INFRA_FAILED"}))
        assert lab.states() == {THIRD: "RESOLVED"}


def test_a_case_that_looks_hard_starts_on_the_second_rung(tmp_path: Path) -> None:
    """Where the policy says so: the signals known before the first attempt send it up, and the result says which."""
    with servers() as (small, large, environment):
        large.reply(said(RIGHT))
        changes = {"policy": {"hard_case_escalation": True}, "context": {"budget_tokens": 500}}
        source = SOURCE + "".join(
            f"\n\ndef area_of_{n}(width, height):\n    return area(width, height)\n" for n in range(30)
        )
        lab = ServedLab(tmp_path, environment=environment, scripts={THIRD: ()}, changes=changes)
        lab.benchmark.replace_source(source.encode())
        lab.start()
        row = lab.rows()[THIRD]
        assert (row["state"], row["rung"], row["attempts"]) == ("RESOLVED", 1, 1)
        assert "looks hard: the context takes" in row["escalated_because"]
        assert "could not be reproduced" in row["escalated_because"]
        assert small.calls("/api/chat") == []


def test_one_instance_can_be_read_call_by_call(served: Served) -> None:
    """`ramp inspect` says of each call what it took and cost."""
    with contextlib.closing(Ledger(served.lab.run_folder / LEDGER, read_only=True)) as ledger:
        lines = [line for line in instance_lines(ledger, served.lab.machine, THIRD) if line.startswith("call of")]
    assert len(lines) == 3
    assert lines[1].startswith(f"call of attempt 2 (edit) to {OLLAMA}: stop, tokens ")
    assert "4500 (3000 cached) in and 200 out" in lines[2]
    assert lines[2].endswith("$0.0003")


def test_a_stop_in_the_middle_of_a_stream_hangs_up_and_resumes(tmp_path: Path) -> None:
    """SIGTERM while tokens drip: the process ends within its grace, the server sees it, and a resumed run asks again."""
    with servers() as (small, _, environment):
        hung_up: list[float] = []

        def drip(exchange: Exchange) -> None:
            exchange.start(ollama.NDJSON)
            try:
                for number in range(2_000):
                    exchange.chunk(ollama.token(f"word{number} "))
                    exchange.wait(0.02)
            except OSError:
                hung_up.append(time.monotonic())
                raise

        small.chat(drip, ollama.answer(RIGHT))
        lab = ServedLab(tmp_path, environment=environment, scripts={FIRST: ()})
        child = os.fork()
        if child == 0:
            try:
                start_run(lab.plan(), lab.make_tools, grace_s=0.5)
            except Interrupted as stop:
                os._exit(stop.exit_code)
            os._exit(99)
        deadline_s = time.monotonic() + 30
        while not small.calls("/api/chat") and time.monotonic() < deadline_s:
            time.sleep(0.02)
        time.sleep(0.3)
        asked_s = time.monotonic()
        os.kill(child, signal.SIGTERM)
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        ended_s = time.monotonic()
        assert (code, ended_s - asked_s < 5.0) == (143, True)
        while not hung_up and time.monotonic() < ended_s + 5:
            time.sleep(0.02)
        assert hung_up
        assert lab.results()["status"] == "partial"
        lab.resume()
        assert lab.states() == {FIRST: "RESOLVED"}
        assert len(small.calls("/api/chat")) == 2
