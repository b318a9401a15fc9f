"""swebench's own code, used as it is: the test spec, the report, and its whole harness for comparison.

Importing `swebench.harness` reads a `.env` of the project into the environment where the virtual environment lies inside
the project, so it happens here, in functions, with the environment put back as it was.
"""

from __future__ import annotations

import contextlib
import functools
import os
import tempfile
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

_import_lock = threading.Lock()


@contextlib.contextmanager
def _environment_unchanged() -> Iterator[None]:
    before = dict(os.environ)
    try:
        yield
    finally:
        for name in os.environ.keys() - before.keys():
            del os.environ[name]
        os.environ.update(before)


@functools.cache
def _module(name: str) -> ModuleType:
    import importlib

    with _import_lock, _environment_unchanged():
        return importlib.import_module(name)


def upstream_version() -> str:
    """The version of swebench that gives the verdicts."""
    from importlib.metadata import version

    return version("swebench")


def make_test_spec(row: Mapping[str, Any]) -> Any:
    """Make swebench's test spec of a row; its `eval_script` is the row's, plus the recording of the test command's exit status."""
    return _module("swebench.harness.utils").make_test_spec(dict(row))


def apply_ladder() -> tuple[str, ...]:
    """The commands that swebench tries, in order, to apply a patch."""
    return tuple(_module("swebench.harness.run_evaluation").GIT_APPLY_CMDS)


def patch_file() -> str:
    """Where in the container swebench puts the patch."""
    return str(_module("swebench.harness.constants").CONTAINER_PATCH_FILE)


def report_on(spec: Any, prediction: Mapping[str, Any], test_output: str) -> dict[str, Any]:
    """Run swebench's `get_eval_report` on what the grading script printed: the harness's report.json, by instance id."""
    with tempfile.TemporaryDirectory(prefix="ramp-grade-") as folder:
        log = Path(folder) / "test_output.txt"
        log.write_text(test_output, encoding="utf-8")
        report: dict[str, Any] = _module("swebench.harness.grading").get_eval_report(
            test_spec=spec, prediction=dict(prediction), test_log_path=str(log), include_tests_status=True
        )
    return report


def run_official(
    row: Mapping[str, Any], prediction: Mapping[str, Any], run_id: str, folder: Path, timeout_s: float
) -> Any:
    """Run swebench's whole `run_instance`: its report by instance id, or None where it gave none.

    Its logs go below `folder`; what fails it also prints. One process must use one folder, and never grade one instance
    twice at once: the harness keeps both in module globals.
    """
    harness = _module("swebench.harness.run_evaluation")
    harness.RUN_EVALUATION_LOG_DIR = folder.absolute()  # type: ignore[attr-defined]
    client = harness._docker_client()  # noqa: SLF001 - the harness's own time-outs
    try:
        done = harness.run_instance(make_test_spec(row), dict(prediction), client, run_id, int(timeout_s))
    finally:
        client.close()
    return done[1] if done else None
