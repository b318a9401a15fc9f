"""Running a repository's own tests in a sandbox, with an outcome for each test that a patch cannot simply print.

For pytest the outcomes come from a results file whose name is a 128-bit nonce, written by a plugin that lies read-only
outside the repository. Two canaries with random names, one that must pass and one that must fail, run in the same session:
the exit status of an honest run is 1, and a run that was made to pass passes the wrong canary too. For other runners the
output between nonce lines is read by swebench's own parsers and held against the exit status. What no runner can catch
(objects that equal everything, hooks that spare the canaries) is the business of the judge's scope stage and of tests
that the patch's author never saw.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import replace
from hashlib import sha256
from pathlib import PurePosixPath

from orchestrator.diffs import touched_paths
from orchestrator.protocols import Sandbox, SandboxCommand, SandboxResult
from orchestrator.records import Task, TestRun, TestStatus
from orchestrator.sandbox.log_results import LoggedRun, Part
from orchestrator.sandbox.nonces import derived, nonce_of
from orchestrator.sandbox.pytest_results import Canaries, read_recording

# What the lines before the tests may take, beside the tests' own time.
_SET_UP_S = 30.0
_OUTPUT_LIMIT_BYTES = 8_000_000


def run_tests(
    sandbox: Sandbox,
    task: Task,
    test_files: Sequence[str],
    *,
    patch: bytes = b"",
    timeout_s: float = 300.0,
    file_limits: Mapping[str, float] | None = None,
    idle_timeout_s: float | None = None,
    expected: Sequence[str] = (),
    purpose: str = "tests",
) -> TestRun:
    """Run `test_files` (paths in the repository) on base_commit with `patch`; ids are as the task's log parser prints them.

    Test files that exist at the sandbox's HEAD are put back to it first, so a patch cannot edit what judges it. What does
    not fit `timeout_s` seconds after the set-up, or a file's own limit, is left out: `files` says what ended. Each id of
    `expected` that did not report is MISSING. Only PASSED in a `trusted` run counts as passing.
    """
    limits = {name: min(timeout_s, (file_limits or {}).get(name, timeout_s)) for name in test_files}
    nonce = nonce_of(sandbox, f"{purpose}/{sha256(patch).hexdigest()}")
    if "pytest" in task.test_command:
        canaries = Canaries.beside(test_files, nonce)
        command = _pytest_command(task, test_files, canaries, derived(nonce, "results"), (timeout_s, limits))
        result = sandbox.run(_bounded(command, patch, timeout_s, idle_timeout_s, purpose))
        return _with_missing(read_recording(result, task.log_parser, canaries, test_files), expected)
    parts = [
        Part(name, _restore([name]), f"{task.test_command} {_quoted(test_arguments(task, [name]))}", limits[name])
        for name in test_files
        if test_arguments(task, [name])
    ]
    return _with_missing(_run_parts(sandbox, task, parts, nonce, (patch, timeout_s, idle_timeout_s, purpose)), expected)


def run_disclosed_tests(
    sandbox: Sandbox, task: Task, *, patch: bytes = b"", timeout_s: float = 300.0, purpose: str = "disclosed tests"
) -> TestRun:
    """Run the tests that the task discloses (`--feedback oracle`) with `patch`; each that does not report is MISSING."""
    nonce = nonce_of(sandbox, f"{purpose}/{sha256(patch).hexdigest()}")
    disclosed = f"/tmp/d{derived(nonce, 'patch')}/tests.diff"  # noqa: S108 - inside the sandbox, where /tmp is private
    paths = touched_paths(task.visible_test_patch)
    before = f"{_restore(paths)}\ngit apply --whitespace=nowarn {disclosed}"
    files = {disclosed: task.visible_test_patch.encode()}
    if "pytest" in task.test_command:
        arguments = task.visible_test_arguments
        canaries = Canaries.beside(arguments, nonce)
        command = _pytest_command(task, arguments, canaries, derived(nonce, "results"), (timeout_s, {}), before)
        command = replace(command, files={**command.files, **files})
        result = sandbox.run(_bounded(command, patch, timeout_s, None, purpose))
        return _with_missing(read_recording(result, task.log_parser, canaries, arguments), task.visible_tests)
    whole = f"{task.test_command} {_quoted(task.visible_test_arguments)}"
    part = Part("disclosed", before, whole, timeout_s)
    run = _run_parts(sandbox, task, [part], nonce, (patch, timeout_s, None, purpose), files)
    return _with_missing(run, task.visible_tests)


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


def _pytest_command(
    task: Task,
    test_files: Sequence[str],
    canaries: Canaries,
    nonce: str,
    limits: tuple[float, Mapping[str, float]],
    before: str | None = None,
) -> SandboxCommand:
    folder = PurePosixPath("/tmp") / f"r{nonce}"  # noqa: S108 - inside the sandbox, where /tmp is private
    results, canary, module = folder / f"{nonce}.jsonl", folder / "canary", f"plugin_{nonce}"
    # Otherwise the canary that fails, or a file that cannot be imported, would end the session before the tests.
    options = f"-p {module} --continue-on-collection-errors --maxfail=0"
    lines = [
        task.setup_script,
        _restore(test_files) if before is None else before,
        *(f"cp {canary} {shlex.quote(file)}" for file in canaries.files),
        f'export PYTHONPATH="{folder}${{PYTHONPATH:+:$PYTHONPATH}}"',
        f"{task.test_command} {options} {_quoted(test_files)}",
    ]
    files = {str(folder / f"{module}.py"): canaries.recorder(str(results), *limits), str(canary): canaries.source()}
    return SandboxCommand("\n".join(lines), files=files, results_path=str(results))


def _run_parts(
    sandbox: Sandbox,
    task: Task,
    parts: Sequence[Part],
    nonce: str,
    bounds: tuple[bytes, float, float | None, str],
    files: Mapping[str, bytes] | None = None,
) -> TestRun:
    """Run parts under a patch, a time-out, an idle limit and for a purpose (`bounds`)."""
    logged = LoggedRun(parts, f"ramp-start-{derived(nonce, 'start')}", f"ramp-end-{derived(nonce, 'end')}", bounds[1])
    command = SandboxCommand(f"{task.setup_script}\n{logged.script()}", files=files or {})
    return logged.read(sandbox.run(_bounded(command, *bounds)), task.log_parser)


def _bounded(
    command: SandboxCommand, patch: bytes, timeout_s: float, idle_timeout_s: float | None, purpose: str
) -> SandboxCommand:
    """The command under its bounds; the outer time-out is for what the inner ones cannot end."""
    return replace(
        command,
        patch=patch,
        timeout_s=timeout_s + _SET_UP_S,
        idle_timeout_s=idle_timeout_s,
        output_limit_bytes=_OUTPUT_LIMIT_BYTES,
        purpose=purpose,
    )


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
    return replace(run, statuses={**run.statuses, **missing})
