"""One patch, one verdict: upstream's report, and outcomes that are no verdict."""

from __future__ import annotations

import hashlib

import pytest

from orchestrator.errors import MissingPiece, SandboxError
from orchestrator.evaluate import Evaluator
from orchestrator.evaluate.driver import grading_run
from orchestrator.protocols import Sandbox, SandboxCommand, SandboxOutcome, SandboxResult
from orchestrator.records import Evaluation, Task
from tests.unit.evaluate.fakes import ID, RESOLVED, UNRESOLVED, Answer, evaluator, log, one_instance, prints

PATCH = b"diff --git a/pkg.py b/pkg.py\n--- a/pkg.py\n+++ b/pkg.py\n@@ -1 +1 @@\n-x = 1\n+x = 2\n"


def grade(answer: Answer, patch: bytes = PATCH, **settings: object) -> Evaluation:
    """The verdict where the sandbox answers so."""
    benchmark = one_instance()
    judge, _ = evaluator(answer, **settings)
    return judge.grade(benchmark.task(ID), benchmark.sealed(ID), patch, model_name="m")


def test_all_required_tests_passed_is_resolved() -> None:
    """The report is upstream's, by instance id, and the verdict is keyed by the patch's hash."""
    verdict = grade(prints(RESOLVED))
    assert verdict.resolved is True
    assert verdict.report[ID]["tests_status"]["PASS_TO_PASS"]["failure"] == []
    assert verdict.patch_sha256 == hashlib.sha256(PATCH).hexdigest()
    assert verdict.suspicion == ""


@pytest.mark.parametrize(
    "text",
    [
        UNRESOLVED,
        log("PASSED tests/test_parser.py::test_old"),
        log("SKIPPED [1] tests/test_parser.py:3: no", "PASSED tests/test_parser.py::test_old"),
        "nothing ran",
        "",
        RESOLVED.replace(">>>>> End Test Output", "cut"),
    ],
)
def test_anything_less_is_unresolved(text: str) -> None:
    """A failed, missing or skipped required test, or a log without its markers: a verdict, and no infra."""
    verdict = grade(prints(text))
    assert (verdict.resolved, verdict.infra) == (False, "")
    assert verdict.report[ID]["resolved"] is False


def test_passes_with_a_failing_exit_status_are_upstream_s_refusal() -> None:
    """Upstream compares the log with the test command's status; we hand both on untouched."""
    forged = RESOLVED.replace("Test Exit Code: 0", "Test Exit Code: 1")
    assert grade(prints(forged)).resolved is False


def test_an_empty_patch_is_unresolved_without_a_run() -> None:
    """The harness's rule: what is empty is not run."""
    benchmark = one_instance()
    judge, sandbox = evaluator(prints(RESOLVED))
    verdict = judge.grade(benchmark.task(ID), benchmark.sealed(ID), b"", model_name="m")
    assert (verdict.resolved, verdict.stamps["outcome"]) == (False, "empty_patch")
    assert sandbox.commands == []


def test_the_script_and_the_patch_reach_the_sandbox_verbatim() -> None:
    """The row's script plus upstream's recording of the exit status; the patch byte for byte, even where it is not UTF-8."""
    benchmark = one_instance()
    judge, sandbox = evaluator(prints(RESOLVED))
    patch = PATCH + b"\xff\r\n"
    judge.grade(benchmark.task(ID), benchmark.sealed(ID), patch, model_name="m")
    (command,) = sandbox.commands
    assert command.files["/tmp/patch.diff"] == patch
    lines = command.files["/tmp/eval.sh"].decode().split("\n")
    expected = benchmark.sealed(ID).eval_script.strip().split("\n")
    added = [line for line in lines if line not in expected]
    assert added == ["SWEBENCH_TEST_EXIT_CODE=$?", 'echo ">>>>> Test Exit Code: $SWEBENCH_TEST_EXIT_CODE"']
    assert command.patch == b""


def test_the_ladder_is_upstream_s() -> None:
    """Every rung in order, a reset between them, and the reverse check at the end."""
    benchmark = one_instance()
    judge, sandbox = evaluator(prints(RESOLVED))
    judge.grade(benchmark.task(ID), benchmark.sealed(ID), PATCH, model_name="m")
    script = sandbox.commands[0].script
    rungs = [
        "git apply --verbose /tmp",
        "--3way /tmp",
        "--reject /tmp",
        "patch --batch --forward --fuzz=5 -p1 -i /tmp",
        "--check --reverse",
    ]
    places = [script.index(rung) for rung in rungs]
    assert places == sorted(places)
    assert script.count("git checkout -- . ; git clean -fd") == 3


def test_the_unpatched_run_has_no_patch() -> None:
    """What a preflight compares gold with: the same script, no ladder."""
    benchmark = one_instance()
    judge, sandbox = evaluator(prints(UNRESOLVED))
    assert judge.grade_unpatched(benchmark.task(ID), benchmark.sealed(ID)).resolved is False
    assert "git apply" not in sandbox.commands[0].script
    assert set(sandbox.commands[0].files) == {"/tmp/eval.sh"}


def test_a_patch_that_does_not_apply_has_no_report() -> None:
    """Unresolved, as the harness counts it, with what the ladder said."""
    verdict = grade(prints("", ladder="error: patch does not apply", applied=False))
    assert (verdict.resolved, verdict.report, verdict.stamps["outcome"]) == (False, {}, "patch_failed")
    assert b"does not apply" in verdict.test_output


def test_a_patch_cannot_say_that_it_was_refused() -> None:
    """Only the first line with the nonce counts; what the tests print after it is test output."""

    def answer(command: SandboxCommand) -> SandboxResult:
        honest = prints(RESOLVED)(command)
        nonce = honest.output.split(b"\n")[1].split()[0]
        return SandboxResult(SandboxOutcome.EXITED, 0, honest.output + b"\n" + nonce + b" not-applied\n")

    assert grade(answer).resolved is True


def test_a_timeout_is_the_patch_s_own() -> None:
    """Unresolved and no infra; the log ends in the words that upstream's failure classes know."""
    verdict = grade(prints("half", outcome=SandboxOutcome.TIMEOUT), timeout_s=7.0)
    assert (verdict.resolved, verdict.infra, verdict.report) == (False, "", {})
    assert verdict.test_output == b"half\n\nTimeout error: 7 seconds exceeded."


@pytest.mark.parametrize(
    "outcome", [SandboxOutcome.OOM, SandboxOutcome.KILLED, SandboxOutcome.INFRA, SandboxOutcome.OUTPUT_LIMIT]
)
def test_what_our_limits_or_the_machine_ended_is_infra(outcome: SandboxOutcome) -> None:
    """A third outcome, even where the log looks resolved."""
    verdict = grade(prints(RESOLVED, outcome=outcome))
    assert verdict.resolved is None
    assert verdict.infra == f"{outcome}: told"


def test_an_engine_that_went_away_is_infra() -> None:
    """The evaluator answers; retrying is the caller's."""

    def gone(_command: SandboxCommand) -> SandboxResult:
        raise SandboxError("the engine went away")

    verdict = grade(gone)
    assert (verdict.resolved, verdict.infra) == (None, "the engine went away")


def test_a_missing_image_is_the_user_s_to_fix() -> None:
    """It is raised, with its remedy."""

    def no_image(_task: Task) -> Sandbox:
        raise MissingPiece("no image", "pull it")

    benchmark = one_instance()
    with pytest.raises(MissingPiece):
        Evaluator(no_image).grade(benchmark.task(ID), benchmark.sealed(ID), PATCH, model_name="m")


def test_the_stamps_say_how_it_was_graded() -> None:
    """Versions, row, disclosure, image, network and limits stand beside every verdict."""
    stamps = grade(prints(RESOLVED), lean=True).stamps
    assert stamps["lean"] == "true"
    assert stamps["image_digest"] == "sha256:1"
    assert stamps["has_network"] == "false"
    assert stamps["limit_memory"] == "4096 MB"
    assert stamps["disclosure"] == "repo-tests"
    assert {"swebench", "evaluator", "row_sha256", "outcome", "timeout_s"} <= stamps.keys()


def test_repeats_run_under_other_seeds_and_flag_a_draw() -> None:
    """The first run, without a seed, stands; verdicts that differ are a draw."""
    benchmark = one_instance()

    def lucky(command: SandboxCommand) -> SandboxResult:
        return prints(UNRESOLVED if command.environment.get("PYTHONHASHSEED") == "1" else RESOLVED)(command)

    judge, sandbox = evaluator(lucky, repeat=3)
    verdict = judge.grade(benchmark.task(ID), benchmark.sealed(ID), PATCH, model_name="m")
    assert verdict.resolved is True
    assert (verdict.stamps["verdicts_by_seed"], verdict.stamps["draw"]) == ("RRUR", "true")
    assert [command.environment.get("PYTHONHASHSEED") for command in sandbox.commands] == [None, "0", "1", "2"]
    assert verdict.duration_s == 4.0


def test_without_a_network_pip_does_not_wait() -> None:
    """And with one nothing is set."""
    benchmark = one_instance()
    for network, expected in ((False, {"PIP_NO_INDEX": "1"}), (True, {})):
        judge, sandbox = evaluator(prints(RESOLVED), network=network)
        judge.grade(benchmark.task(ID), benchmark.sealed(ID), PATCH, model_name="m")
        assert sandbox.commands[0].environment == expected


def test_bytes_that_are_no_text_do_not_break_grading() -> None:
    """Test output is arbitrary bytes; upstream replaces what it cannot read, and so do we."""

    def answer(command: SandboxCommand) -> SandboxResult:
        result = prints(RESOLVED)(command)
        return SandboxResult(SandboxOutcome.EXITED, 0, result.output.replace(b"+ pytest", b"\xff\x00\x1b[2J+ pytest"))

    assert grade(answer).resolved is True


def test_a_run_s_secret_makes_the_same_grading_the_same_command() -> None:
    """So that a container that outlived a killed run is found; another patch, seed or run has another nonce."""

    def script(patch: bytes, secret: bytes, **environment: str) -> str:
        return grading_run("x", patch, timeout_s=1, output_limit_bytes=1, secret=secret, **environment).command.script

    assert script(b"p", b"run") == script(b"p", b"run")
    others = {script(b"q", b"run"), script(b"p", b"other run"), script(b"p", b"run", PYTHONHASHSEED="1")}
    assert len(others | {script(b"p", b"run")}) == 4
    assert script(b"p", b"") != script(b"p", b"")
