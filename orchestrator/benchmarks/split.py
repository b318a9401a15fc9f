"""The only place where a row becomes a Task and a Sealed."""

from __future__ import annotations

from orchestrator.benchmarks.derive import language_of
from orchestrator.benchmarks.rows import Row
from orchestrator.benchmarks.scripts import read_script
from orchestrator.errors import SettingsError
from orchestrator.records import Sealed, Task

REPO_TESTS = "repo-tests"
ORACLE = "oracle"


def split_row(row: Row, benchmark: str, disclosure: str = REPO_TESTS) -> tuple[Task, Sealed]:
    """What the loop may know of an instance, and what grades it.

    With `disclosure="oracle"` the Task also carries the graded tests and says so; by default it never can.
    """
    if disclosure not in (REPO_TESTS, ORACLE):
        raise SettingsError(f"feedback: {disclosure!r} is not known; write {REPO_TESTS!r} or {ORACLE!r}")
    script = read_script(row.eval_script, row.test_patch, (*row.FAIL_TO_PASS, *row.PASS_TO_PASS))
    oracle = disclosure == ORACLE
    task = Task(
        instance_id=row.instance_id,
        benchmark=benchmark,
        repo=row.repo,
        base_commit=row.base_commit,
        problem_statement=row.problem_statement,
        version=row.version,
        image=row.image,
        setup_script=script.setup,
        test_command=script.command,
        log_parser=row.log_parser,
        language=language_of(row.log_parser),
        disclosure=disclosure,
        visible_tests=(*row.FAIL_TO_PASS, *row.PASS_TO_PASS) if oracle else (),
        visible_test_patch=row.test_patch if oracle else "",
        visible_test_arguments=script.arguments if oracle else (),
        row_sha256=row.sha256(),
    )
    sealed = Sealed(
        instance_id=row.instance_id,
        patch=row.patch,
        test_patch=row.test_patch,
        fail_to_pass=row.FAIL_TO_PASS,
        pass_to_pass=row.PASS_TO_PASS,
        hints_text=row.hints_text,
        eval_script=row.eval_script,
        row=row.as_upstream(),
    )
    return task, sealed
