"""Running a repository's own tests in a sandbox, with an outcome for each test that a patch cannot simply print.

For pytest the outcomes come from a results file whose name is a 128-bit nonce, written by a plugin that lies read-only
outside the repository. Two canaries with random names, one that must pass and one that must fail, run in the same session:
the exit status of an honest run is 1, and a run that was made to pass passes the wrong canary too. For other runners the
output between two nonce lines is read by swebench's own parsers and held against the exit status. What no runner can catch
(objects that equal everything, hooks that spare the canaries) is the business of the judge's scope stage and of tests
that the patch's author never saw.
"""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import replace
from hashlib import sha256
from pathlib import PurePosixPath

from orchestrator.protocols import Sandbox, SandboxCommand, SandboxResult
from orchestrator.records import Task, TestRun, TestStatus
from orchestrator.sandbox.log_results import read_log
from orchestrator.sandbox.nonces import derived, nonce_of
from orchestrator.sandbox.pytest_results import Canaries, read_recording


def run_tests(
    sandbox: Sandbox,
    task: Task,
    test_files: Sequence[str],
    *,
    patch: bytes = b"",
    timeout_s: float = 300.0,
    idle_timeout_s: float | None = None,
    expected: Sequence[str] = (),
    purpose: str = "tests",
) -> TestRun:
    """Run `test_files` (paths in the repository) on base_commit with `patch`; ids are as the task's log parser prints them.

    Test files that exist at the sandbox's HEAD are put back to it first, so a patch cannot edit what judges it. Each id of
    `expected` that did not report is MISSING. Only PASSED in a `trusted` run counts as passing.
    """
    nonce = nonce_of(sandbox, f"{purpose}/{sha256(patch).hexdigest()}")
    if "pytest" in task.test_command:
        canaries = Canaries.beside(test_files, nonce)
        command = _pytest_command(task, test_files, canaries, derived(nonce, "results"))
        command = replace(command, patch=patch, timeout_s=timeout_s, idle_timeout_s=idle_timeout_s, purpose=purpose)
        return _with_missing(read_recording(sandbox.run(command), task.log_parser, canaries), expected)
    start, end = (f"ramp-{which}-{derived(nonce, which)}" for which in ("start", "end"))
    script = "\n".join(
        [
            task.setup_script,
            _restore(test_files),
            f"printf '\\n%s\\n' {start}",
            f"{task.test_command} {_quoted(test_arguments(task, test_files))}",
            f"status=$?; printf '\\n%s\\n' {end}; exit $status",
        ]
    )
    result = sandbox.run(
        SandboxCommand(script, patch=patch, timeout_s=timeout_s, idle_timeout_s=idle_timeout_s, purpose=purpose)
    )
    return _with_missing(read_log(result, task.log_parser, start, end), expected)


def run_script(
    sandbox: Sandbox,
    task: Task,
    script: str,
    *,
    patch: bytes = b"",
    timeout_s: float = 60.0,
    idle_timeout_s: float | None = None,
    purpose: str = "script",
) -> SandboxResult:
    """Run bash lines in the repository's root after the task's set-up lines."""
    whole = f"{task.setup_script}\n{script}"
    command = SandboxCommand(whole, patch=patch, timeout_s=timeout_s, idle_timeout_s=idle_timeout_s, purpose=purpose)
    return sandbox.run(command)


def test_arguments(task: Task, test_files: Sequence[str]) -> tuple[str, ...]:
    """What the task's runner wants for these files: paths, or dotted labels for Django's runtests.py and for unittest.

    Files that are no Python modules are left out for runners that take labels, as the benchmark's own scripts do.
    """
    django = "runtests.py" in task.test_command
    if not django and "unittest" not in task.test_command:
        return tuple(test_files)
    labels = []
    for name in test_files:
        if not name.endswith(".py"):
            continue
        path = name.removeprefix("tests/") if django else name
        labels.append(path.removesuffix(".py").removesuffix("/__init__").replace("/", "."))
    return tuple(dict.fromkeys(labels))


def _pytest_command(task: Task, test_files: Sequence[str], canaries: Canaries, nonce: str) -> SandboxCommand:
    folder = PurePosixPath("/tmp") / f"r{nonce}"  # noqa: S108 - inside the sandbox, where /tmp is private
    results, canary, module = folder / f"{nonce}.jsonl", folder / "canary", f"plugin_{nonce}"
    # Otherwise the canary that fails, or a file that cannot be imported, would end the session before the tests.
    options = f"-p {module} --continue-on-collection-errors --maxfail=0"
    lines = [
        task.setup_script,
        _restore(test_files),
        *(f"cp {canary} {shlex.quote(file)}" for file in canaries.files),
        f'export PYTHONPATH="{folder}${{PYTHONPATH:+:$PYTHONPATH}}"',
        f"{task.test_command} {options} {_quoted(test_arguments(task, test_files))}",
    ]
    files = {str(folder / f"{module}.py"): canaries.recorder(str(results)), str(canary): canaries.source()}
    return SandboxCommand("\n".join(lines), files=files, results_path=str(results))


def _restore(test_files: Sequence[str]) -> str:
    """Shell line that puts the test files that HEAD knows back to what HEAD says."""
    if not test_files:
        return ""
    return f"git ls-tree -r -z --name-only HEAD -- {_quoted(test_files)} | xargs -0 -r git checkout -q HEAD --"


def _quoted(words: Sequence[str]) -> str:
    return " ".join(shlex.quote(word) for word in words)


def _with_missing(run: TestRun, expected: Sequence[str]) -> TestRun:
    missing = {name: TestStatus.MISSING for name in expected if name not in run.statuses}
    if not missing:
        return run
    return TestRun(
        {**run.statuses, **missing}, run.outcome, run.exit_code, run.output, run.duration_s, run.trusted, run.reason
    )
