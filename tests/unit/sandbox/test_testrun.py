"""run_tests and what it reads: arguments by runner, ids by parser, trust by evidence."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from orchestrator.errors import BenchmarkError
from orchestrator.protocols import SandboxCommand, SandboxOutcome, SandboxResult
from orchestrator.records import Task, TestStatus
from orchestrator.sandbox.log_results import LoggedRun, Part
from orchestrator.sandbox.pytest_results import Canaries, printed_id, read_recording
from orchestrator.sandbox.scripted import ScriptedSandbox
from orchestrator.sandbox.testrun import run_disclosed_tests, run_script, run_tests
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
    run = read_recording(
        recorded(canaries, events_of(canaries, {"t/test_a.py::test_x": {}})), "", canaries, ["t/test_a.py"]
    )
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
    run = read_recording(recorded(canaries, events_of(canaries, {"t/test_a.py::test_x": call})), "", canaries, [])
    assert run.statuses == {"t/test_a.py::test_x": status}


def test_passed_needs_all_three_phases() -> None:
    """A test without teardown, or with one that failed, did not pass."""
    canaries = Canaries.beside(["t.py"], "0" * 32)
    events = events_of(canaries, {"t.py::a": {}, "t.py::b": {}})
    events = [e for e in events if (e.get("id"), e.get("when")) != ("t.py::a", "teardown")]
    broken = [
        {**e, "outcome": "failed"} if (e.get("id"), e.get("when")) == ("t.py::b", "teardown") else e for e in events
    ]
    run = read_recording(recorded(canaries, broken), "", canaries, ["t.py"])
    assert run.statuses == {"t.py::a": TestStatus.MISSING, "t.py::b": TestStatus.ERROR}


def test_ids_that_print_alike_pass_only_together() -> None:
    """Parameters with spaces share a printed id; the worst of them counts."""
    canaries = Canaries.beside(["t.py"], "0" * 32)
    events = events_of(canaries, {"t.py::a[x y]": {}, "t.py::a[x z]": {"outcome": "failed"}})
    assert read_recording(recorded(canaries, events), "parse_log_pytest", canaries, ["t.py"]).statuses == {
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
    run = read_recording(result, "", canaries, ["t.py"])
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


def scripted_log(*parts: tuple[str, int, float] | None, exit_code: int | None = None) -> ScriptedSandbox:
    """A sandbox that prints what each part (text, status, seconds) printed, between the marks its script asks for."""

    def answer(command: SandboxCommand) -> SandboxResult:
        marks = re.findall(r"(ramp-(?:start|end)-[0-9a-f]+-\d+)", command.script)
        printed = "set-up\n"
        for number, part in enumerate(parts):
            if part is not None:
                text, status, seconds = part
                start, end = marks[2 * number : 2 * number + 2]
                printed += f"\n{start} 100.25\n{text}\n{end} {status} {100.25 + seconds}\n"
        status = int(any(part and part[1] for part in parts)) if exit_code is None else exit_code
        return SandboxResult(SandboxOutcome.EXITED, status, printed.encode())

    return ScriptedSandbox(answer)


def test_other_runners_are_read_by_swebenchs_parser_between_the_marks() -> None:
    """Django's lines give its ids; missing ones are MISSING; the set-up comes first and the test files are restored."""
    pytest.importorskip("swebench")
    sandbox = scripted_log(("test_a (m.T) ... ok\ntest_b (m.T) ... FAIL", 1, 2.0))
    run = run_tests(sandbox, DJANGO, ["tests/m/tests.py"], expected=["test_a (m.T)", "test_c (m.T)"])
    assert run.trusted, run.reason
    assert run.statuses == {
        "test_a (m.T)": TestStatus.PASSED,
        "test_b (m.T)": TestStatus.FAILED,
        "test_c (m.T)": TestStatus.MISSING,
    }
    script = sandbox.commands[0].script
    assert script.startswith("export A=1\n")
    assert "--parallel 1 m.tests" in script
    assert "git checkout -q HEAD" in script


def test_each_file_is_a_part_of_its_own() -> None:
    """One that aborts the runner takes no other along; one whose time is over keeps what ended; one never begun is absent."""
    pytest.importorskip("swebench")
    files = ["tests/a/tests.py", "tests/gis/tests.py", "tests/slow/tests.py", "tests/late/tests.py"]
    sandbox = scripted_log(
        ("test_a (a.T) ... ok", 0, 1.5),
        ("Aborting: A GIS database backend is required", 1, 0.5),
        ("test_s (slow.T) ... ok\ntest_t (slow.T) ... ", 124, 30.0),
        None,
    )
    run = run_tests(sandbox, DJANGO, files, timeout_s=60, file_limits={files[2]: 30})
    assert list(run.files) == files[:3]
    good, gis, slow = (run.files[name] for name in files[:3])
    assert (good.ended, good.reason, good.duration_s) == (True, "", 1.5)
    assert "no test is listed as failed" in gis.reason
    assert not run.trusted
    assert (slow.ended, slow.reason, slow.statuses) == (False, "", {"test_s (slow.T)": TestStatus.PASSED})


def test_the_script_gives_each_part_its_time(tmp_path: Path) -> None:
    """Run for real: a part that hangs is ended at its limit, and what no time is left for is not begun."""
    pytest.importorskip("swebench")
    commands = ["echo 'test_a (m.T) ... ok'", "echo 'test_b (m.T) ... ok'; sleep 50", "sleep 50", "true"]
    limits = [9.0, 1.0, 9.0, 9.0]
    parts = [Part(f"f{n}", "cd .", one, limits[n]) for n, one in enumerate(commands)]
    logged = LoggedRun(parts, "S", "E", 3.0)
    done = subprocess.run(["bash", "-c", logged.script()], capture_output=True, cwd=tmp_path, timeout=40, check=False)
    run = logged.read(SandboxResult(SandboxOutcome.EXITED, done.returncode, done.stdout), "parse_log_django")
    assert list(run.files) == ["f0", "f1", "f2"]
    assert [run.files[name].ended for name in run.files] == [True, False, False]
    assert 0.5 < run.files["f1"].duration_s < 3
    assert run.files["f1"].statuses == {"test_b (m.T)": TestStatus.PASSED}
    assert run.trusted, run.reason


@pytest.mark.parametrize(("text", "code"), [("test_a (m.T) ... ok", 1), ("test_a (m.T) ... FAIL", 0), ("", 0)])
def test_a_log_that_the_exit_status_contradicts_is_not_trusted(text: str, code: int) -> None:
    """All passed with a failing status, failures with a clean one, and no test at all."""
    pytest.importorskip("swebench")
    assert not run_tests(scripted_log((text, code, 1.0)), DJANGO, ["tests/m/tests.py"]).trusted


def test_the_statuses_in_the_log_are_held_against_the_daemons_word() -> None:
    """A printed end line says what it likes; the exit status of the whole comes from the daemon."""
    pytest.importorskip("swebench")
    sandbox = scripted_log(("test_a (m.T) ... ok", 0, 1.0), exit_code=1)
    assert not run_tests(sandbox, DJANGO, ["tests/m/tests.py"]).trusted


@pytest.mark.parametrize(
    "output",
    [
        b"",
        b"S-0 1.0\ntest_a (m.T) ... ok\n",
        b"S-0 1.0\nS-0 1.0\nE-0 0 2.0\n",
        b"test_a (m.T) ... ok\nE-0 0 2.0\n",
        b"S-0 1.0\ntest_a (m.T) ... ok\nE-0 0 2.0\nE-0 0 2.0\n",
    ],
)
def test_a_log_without_its_marks_is_not_trusted(output: bytes) -> None:
    """Each mark must be there exactly once."""
    pytest.importorskip("swebench")
    logged = LoggedRun([Part("m", "", "true", 9.0)], "S", "E", 9.0)
    assert not logged.read(SandboxResult(SandboxOutcome.EXITED, 0, output), "parse_log_django").trusted


def test_an_unknown_parser_is_named() -> None:
    """A row with a parser that swebench does not have is an error, not an empty result."""
    pytest.importorskip("swebench")
    with pytest.raises(BenchmarkError, match="parse_log_nothing"):
        LoggedRun([Part("m", "", "true", 9.0)], "S", "E", 9.0).read(
            SandboxResult(SandboxOutcome.EXITED, 0, b"S-0 1\nE-0 0 2\n"), "parse_log_nothing"
        )


def test_run_script_puts_the_set_up_first() -> None:
    """The task's lines come before the script's."""
    sandbox = ScriptedSandbox(lambda _: SandboxResult(SandboxOutcome.EXITED, 0, b"done"))
    assert run_script(sandbox, TASK, "echo hi", patch=b"p").output == b"done"
    assert (sandbox.commands[0].script, sandbox.commands[0].patch) == ("export A=1\necho hi", b"p")


def test_outcomes_are_told_by_file_with_their_seconds() -> None:
    """Pytest's root folder may lie below the repository's; a file with a test that was left out has not ended."""
    canaries = Canaries.beside(["pkg/t/a.py", "pkg/t/b.py"], "0" * 32)
    events = events_of(canaries, {"t/a.py::x": {"duration": 1.5}, "t/b.py::y": {"duration": 0.5}})
    events.insert(-1, {"left": "t/b.py::z"})
    run = read_recording(recorded(canaries, events), "", canaries, ["pkg/t/a.py", "pkg/t/b.py"])
    assert run.trusted, run.reason
    whole, cut = run.files["pkg/t/a.py"], run.files["pkg/t/b.py"]
    assert (whole.ended, whole.duration_s, whole.statuses) == (True, 1.5, {"t/a.py::x": TestStatus.PASSED})
    assert (cut.ended, cut.statuses) == (False, {"t/b.py::y": TestStatus.PASSED})


def test_a_session_ended_from_outside_keeps_the_files_before() -> None:
    """The file at which it stood has not ended, and the test that hung has no outcome."""
    canaries = Canaries.beside(["t/a.py", "t/b.py"], "0" * 32)
    events = [e for e in events_of(canaries, {"t/a.py::x": {}, "t/b.py::y": {}, "t/b.py::z": {}}) if "id" in e]
    events = [e for e in events if str(e["id"]).startswith("t/a") or e["id"] == "t/b.py::y"]
    events.append({"id": "t/b.py::z", "when": "setup", "outcome": "passed"})
    result = replace(recorded(canaries, events), outcome=SandboxOutcome.TIMEOUT, exit_code=None)
    run = read_recording(result, "", canaries, ["t/a.py", "t/b.py"])
    assert not run.trusted
    assert {name: (file.ended, list(file.statuses)) for name, file in run.files.items()} == {
        "t/a.py": (True, ["t/a.py::x"]),
        "t/b.py": (False, ["t/b.py::y"]),
    }


def test_disclosed_tests_bring_their_patch_and_their_arguments() -> None:
    """The files they touch are put back first; each disclosed test that does not report is MISSING."""
    pytest.importorskip("swebench")
    task = replace(
        DJANGO,
        visible_tests=("test_a (m.T)", "test_b (m.T)"),
        visible_test_patch="diff --git a/tests/m/tests.py b/tests/m/tests.py\n",
        visible_test_arguments=("m.tests",),
    )
    sandbox = scripted_log(("test_a (m.T) ... ok", 0, 1.0))
    run = run_disclosed_tests(sandbox, task)
    assert run.statuses == {"test_a (m.T)": TestStatus.PASSED, "test_b (m.T)": TestStatus.MISSING}
    command = sandbox.commands[0]
    restored, applied, ran = (command.script.index(word) for word in ("git checkout", "git apply", "m.tests'"))
    assert restored < applied < ran
    assert task.visible_test_patch.encode() in command.files.values()
