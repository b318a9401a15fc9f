"""run_tests and what it reads: arguments by runner, ids by parser, trust by evidence."""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import replace

import pytest

from orchestrator.errors import BenchmarkError
from orchestrator.protocols import SandboxCommand, SandboxOutcome, SandboxResult
from orchestrator.records import Task, TestStatus
from orchestrator.sandbox.log_results import read_log
from orchestrator.sandbox.pytest_results import Canaries, printed_id, read_recording
from orchestrator.sandbox.scripted import ScriptedSandbox
from orchestrator.sandbox.testrun import run_script, run_tests
from orchestrator.sandbox.testrun import test_arguments as arguments_of

TASK = Task("a__b-1", "lite", "a/b", "0" * 40, "", setup_script="export A=1", log_parser="parse_log_pytest")
DJANGO = replace(
    TASK,
    test_command="./tests/runtests.py --verbosity 2 --settings=test_sqlite --parallel 1",
    log_parser="parse_log_django",
)
SYMPY = replace(TASK, test_command="PYTHONWARNINGS='ignore' bin/test -C --verbose", log_parser="parse_log_sympy")


def test_arguments_follow_each_runners_convention() -> None:
    """Django and unittest take labels, without files that are no modules; all others take paths."""
    assert arguments_of(
        DJANGO, ["tests/migrations/test_base.py", "tests/forms_tests/tests/__init__.py", "tests/a/b.html"]
    ) == (
        "migrations.test_base",
        "forms_tests.tests",
    )
    assert arguments_of(replace(TASK, test_command="python -m unittest -v"), ["tests/test_a.py"]) == ("tests.test_a",)
    assert arguments_of(SYMPY, ["sympy/core/tests/test_a.py"]) == ("sympy/core/tests/test_a.py",)
    assert arguments_of(TASK, ["tests/test_a.py"]) == ("tests/test_a.py",)


def events_of(canaries: Canaries, tests: dict[str, dict[str, object]], end: int = 1) -> list[dict[str, object]]:
    """What the recorder writes in an honest run: three phases a test, the canaries last, the end mark."""
    file = canaries.files[0]
    failing = {"outcome": "failed", "raised": True, "message": f"AssertionError: {canaries.words}"}
    listed = {**tests, f"{file}::{canaries.must_pass}": {}, f"{file}::{canaries.must_fail}": failing}
    events: list[dict[str, object]] = []
    for name, call in listed.items():
        for when in ("setup", "call", "teardown"):
            own = call if when == "call" else {}
            events.append(
                {"id": name, "when": when, "outcome": "passed", "xfail": False, "raised": False, "message": "", **own}
            )
    return [*events, {"end": end, "collected": len(listed)}]


def recorded(canaries: Canaries, events: list[dict[str, object]], exit_code: int = 1) -> SandboxResult:
    """A sandbox's result with these events, marked as the recorder marks them."""
    last, lines = b"", []
    for event in events:
        text = json.dumps(event).encode()
        last = hmac.new(canaries.key, last + text, hashlib.sha256).hexdigest().encode()
        lines.append(last + b" " + text + b"\n")
    return SandboxResult(SandboxOutcome.EXITED, exit_code, b"", b"".join(lines))


def test_an_honest_recording_is_trusted_and_leaves_the_canaries_out() -> None:
    """Statuses are the tests' own."""
    canaries = Canaries.beside(["t/test_a.py"], "0" * 32)
    run = read_recording(recorded(canaries, events_of(canaries, {"t/test_a.py::test_x": {}})), "", canaries)
    assert run.trusted, run.reason
    assert run.statuses == {"t/test_a.py::test_x": TestStatus.PASSED}


@pytest.mark.parametrize(
    ("call", "status"),
    [
        ({}, TestStatus.PASSED),
        ({"outcome": "failed", "raised": True}, TestStatus.FAILED),
        ({"outcome": "passed", "raised": True}, TestStatus.FAILED),
        ({"outcome": "skipped", "raised": True}, TestStatus.SKIPPED),
        ({"outcome": "skipped", "xfail": True, "raised": True}, TestStatus.SKIPPED),
        ({"outcome": "passed", "xfail": True}, TestStatus.SKIPPED),
    ],
)
def test_passed_needs_a_call_that_raised_nothing(call: dict[str, object], status: TestStatus) -> None:
    """Skips, expected failures and forged reports are not passes."""
    canaries = Canaries.beside(["t/test_a.py"], "0" * 32)
    run = read_recording(recorded(canaries, events_of(canaries, {"t/test_a.py::test_x": call})), "", canaries)
    assert run.statuses == {"t/test_a.py::test_x": status}


def test_passed_needs_all_three_phases() -> None:
    """A test without teardown, or with one that failed, did not pass."""
    canaries = Canaries.beside(["t.py"], "0" * 32)
    events = events_of(canaries, {"t.py::a": {}, "t.py::b": {}})
    events = [e for e in events if (e.get("id"), e.get("when")) != ("t.py::a", "teardown")]
    broken = [
        {**e, "outcome": "failed"} if (e.get("id"), e.get("when")) == ("t.py::b", "teardown") else e for e in events
    ]
    run = read_recording(recorded(canaries, broken), "", canaries)
    assert run.statuses == {"t.py::a": TestStatus.MISSING, "t.py::b": TestStatus.ERROR}


def test_ids_that_print_alike_pass_only_together() -> None:
    """Parameters with spaces share a printed id; the worst of them counts."""
    canaries = Canaries.beside(["t.py"], "0" * 32)
    events = events_of(canaries, {"t.py::a[x y]": {}, "t.py::a[x z]": {"outcome": "failed"}})
    assert read_recording(recorded(canaries, events), "parse_log_pytest", canaries).statuses == {
        "t.py::a[x": TestStatus.FAILED
    }


@pytest.mark.parametrize(
    "case", ["exit 0", "end 0", "no end", "cut off", "no canary", "canary passes", "changed line", "nothing", "timeout"]
)
def test_each_contradiction_takes_the_trust_away(case: str) -> None:
    """Whatever an honest run cannot produce is not trusted, and the reason is said."""
    canaries = Canaries.beside(["t.py"], "0" * 32)
    events = events_of(canaries, {"t.py::a": {}}, end=0 if case == "end 0" else 1)
    if case == "no end":
        events.pop()
    if case == "no canary":
        events = [event for event in events if canaries.must_fail not in str(event.get("id"))]
    if case == "canary passes":
        events = [{**event, "outcome": "passed", "raised": False} if "id" in event else event for event in events]
    result = recorded(canaries, events, exit_code=0 if case == "exit 0" else 1)
    assert result.results is not None
    if case == "cut off":
        result = replace(result, results=result.results[:-1])
    if case == "changed line":
        result = replace(result, results=result.results.replace(b'"outcome": "failed"', b'"outcome": "passed"'))
    if case == "nothing":
        result = replace(result, results=None)
    if case == "timeout":
        result = replace(result, outcome=SandboxOutcome.TIMEOUT, exit_code=None)
    run = read_recording(result, "", canaries)
    assert not run.trusted
    assert run.reason


@pytest.mark.parametrize(
    "parser",
    [
        "parse_log_pytest",
        "parse_log_pytest_v2",
        "parse_log_requests",
        "parse_log_matplotlib",
        "parse_log_seaborn",
        "parse_log_sphinx",
    ],
)
@pytest.mark.parametrize(
    "node",
    [
        "t.py::T::a",
        "t.py::a[x y]",
        "t.py::a[/tmp/q/x]",
        "t.py::a[//x/y]",
        "t.py::a[MouseButton.LEFT]",
        "t.py::a[\x1b[1m x]",
    ],
)
def test_ids_are_those_of_swebenchs_own_parsers(parser: str, node: str) -> None:
    """Our ids equal what the official parser reads from the line that pytest prints."""
    pytest.importorskip("swebench")
    from swebench.harness.log_parsers import PARSER_REGISTRY

    assert list(PARSER_REGISTRY[parser](f"PASSED {node}\n", None)) == [printed_id(node, parser)]


def scripted_log(text: str, exit_code: int) -> ScriptedSandbox:
    """A sandbox that prints `text` between the markers its script asks for."""

    def answer(command: SandboxCommand) -> SandboxResult:
        start, end = (
            line.split("'")[2].split(";")[0].strip() for line in command.script.split("\n") if "printf" in line
        )
        return SandboxResult(SandboxOutcome.EXITED, exit_code, f"x\n{start}\n{text}\n{end}\n".encode())

    return ScriptedSandbox(answer)


def test_other_runners_are_read_by_swebenchs_parser_between_the_markers() -> None:
    """Django's lines give its ids; missing ones are MISSING; the set-up comes first and the test files are restored."""
    pytest.importorskip("swebench")
    sandbox = scripted_log("test_a (m.T) ... ok\ntest_b (m.T) ... FAIL", 1)
    run = run_tests(sandbox, DJANGO, ["tests/m/tests.py"], expected=["test_a (m.T)", "test_c (m.T)"])
    assert run.trusted
    assert run.statuses == {
        "test_a (m.T)": TestStatus.PASSED,
        "test_b (m.T)": TestStatus.FAILED,
        "test_c (m.T)": TestStatus.MISSING,
    }
    script = sandbox.commands[0].script
    assert script.startswith("export A=1\n")
    assert "--parallel 1 m.tests" in script
    assert "git checkout -q HEAD" in script


@pytest.mark.parametrize(("text", "code"), [("test_a (m.T) ... ok", 1), ("test_a (m.T) ... FAIL", 0), ("", 0)])
def test_a_log_that_the_exit_status_contradicts_is_not_trusted(text: str, code: int) -> None:
    """All passed with a failing status, failures with a clean one, and no test at all."""
    pytest.importorskip("swebench")
    assert not run_tests(scripted_log(text, code), DJANGO, ["tests/m/tests.py"]).trusted


@pytest.mark.parametrize("output", [b"", b"S\ntest_a (m.T) ... ok\n", b"S\nS\nE\n", b"test_a (m.T) ... ok\nE\n"])
def test_a_log_without_its_markers_is_not_trusted(output: bytes) -> None:
    """Each marker must be there exactly once."""
    pytest.importorskip("swebench")
    assert not read_log(SandboxResult(SandboxOutcome.EXITED, 0, output), "parse_log_django", "S", "E").trusted


def test_an_unknown_parser_is_named() -> None:
    """A row with a parser that swebench does not have is an error, not an empty result."""
    pytest.importorskip("swebench")
    with pytest.raises(BenchmarkError, match="parse_log_nothing"):
        read_log(SandboxResult(SandboxOutcome.EXITED, 0, b"S\nE\n"), "parse_log_nothing", "S", "E")


def test_run_script_puts_the_set_up_first() -> None:
    """The task's lines come before the script's."""
    sandbox = ScriptedSandbox(lambda _: SandboxResult(SandboxOutcome.EXITED, 0, b"done"))
    assert run_script(sandbox, TASK, "echo hi", patch=b"p").output == b"done"
    assert (sandbox.commands[0].script, sandbox.commands[0].patch) == ("export A=1\necho hi", b"p")
