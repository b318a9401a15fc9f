"""Does the diagnosis name the failing test and the deepest frame in the repository? Measured on logs made here.

    python -m tests.bench.diagnosis --rows FILE --mirrors DIR --python EXE [--limit 10] [--repos sympy,django,pytest] [--keep DIR]

For each development row the repository at base_commit with the row's new tests is unpacked into a temporary folder, and
the touched test files are run by the repository's own runner. EXE is a Python that has the repositories' dependencies
(mpmath; asgiref, sqlparse; pluggy, iniconfig, packaging, attrs). What really failed, and where, is recorded inside that
process from the exception itself, and compared with what the diagnosis reads from the printed log alone.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from time import perf_counter
from typing import Any

from orchestrator.feedback.diagnosis import diagnose
from orchestrator.feedback.runners import short_name

MIRRORS = {
    "sympy/sympy": "sympy+sympy",
    "django/django": "swe-bench+django__django",
    "pytest-dev/pytest": "pytest-dev+pytest",
}

RECORD = """
import json, os, sys
ROOT = os.path.realpath(os.environ["TRUTH_ROOT"])
def note(test, tb):
    deepest = None
    while tb is not None:
        path = os.path.realpath(tb.tb_frame.f_code.co_filename)
        hidden = tb.tb_frame.f_locals.get("__tracebackhide__", False)
        if path.startswith(ROOT + os.sep) and "site-packages" not in path and not hidden:
            deepest = [os.path.relpath(path, ROOT), tb.tb_lineno]
        tb = tb.tb_next
    with open(os.environ["TRUTH_FILE"], "a") as out:
        out.write(json.dumps([test, deepest]) + "\\n")
"""
PYTEST = (
    RECORD
    + """
import pytest
@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    outcome = yield
    if call.excinfo is not None and outcome.get_result().outcome == "failed":
        note(item.nodeid, call.excinfo.tb)
"""
)
DJANGO = (
    RECORD
    + """
import runpy, unittest
told = unittest.TestResult._exc_info_to_string
def spy(self, err, test):
    note(str(test), err[2])
    return told(self, err, test)
unittest.TestResult._exc_info_to_string = spy
sys.argv = ["runtests.py", *sys.argv[1:]]
sys.path[0] = os.getcwd()
runpy.run_path("runtests.py", run_name="__main__")
"""
)
SYMPY = (
    RECORD
    + """
sys.path.insert(0, os.getcwd())
import warnings
warnings.simplefilter("ignore")
try:
    from sympy.testing import runtests
except ImportError:
    from sympy.utilities import runtests
for name in ("test_fail", "test_exception"):
    def wrap(told):
        def spy(self, exc_info):
            note(self._active_file + ":" + self._active_f.__name__, exc_info[2])
            return told(self, exc_info)
        return spy
    setattr(runtests.PyTestReporter, name, wrap(getattr(runtests.PyTestReporter, name)))
runtests.test(*sys.argv[1:], verbose=True, colors=False, subprocess=False)
"""
)


@dataclass(frozen=True)
class Log:
    """One run: what was printed, and each failing test with the deepest frame in the repository (path, line)."""

    instance_id: str
    output: bytes
    root: str
    truth: Mapping[str, tuple[str, int] | None]


def make_log(row: Mapping[str, Any], mirrors: Path, python: str, folder: Path, fault: int = 0) -> Log | None:
    """Run the row's touched test files at base_commit; None where nothing failed or nothing could be run.

    With `fault` (from 1) it is instead the tests of one module of pytest after its own source was damaged.
    """
    root = folder / "repo"
    root.mkdir()
    mirror = mirrors / MIRRORS[row["repo"]] / "repo"
    archive = subprocess.Popen(["git", "--git-dir", str(mirror), "archive", row["base_commit"]], stdout=subprocess.PIPE)
    subprocess.run(["tar", "x", "-C", str(root)], stdin=archive.stdout, check=False)
    if archive.wait():
        return None
    applied = subprocess.run(["git", "apply", "-"], cwd=root, input=row["test_patch"].encode(), check=False)
    files = [path for path in re.findall(r"^\+\+\+ b/(\S+)", row["test_patch"], re.MULTILINE) if path.endswith(".py")]
    if applied.returncode or not files:
        return None
    if fault:
        files = _damage(root, fault)
    output = _run(row["repo"], files, root, folder, python)
    recorded = (folder / "truth").read_text().splitlines() if (folder / "truth").exists() else []
    truth = {}
    for line in recorded:
        test, deepest = json.loads(line)
        if row["repo"] == "django/django" and not re.search(
            rb"^(?:FAIL|ERROR): " + re.escape(test.encode()), output, re.MULTILINE
        ):
            continue  # an expected failure raises too, but is none
        truth[test] = tuple(deepest) if deepest else None
    return Log(row["instance_id"], output, str(root), truth)


def _damage(root: Path, fault: int) -> list[str]:
    """Make one function of a module return None, and name the module's tests; `fault` chooses module and function."""
    modules = [
        path for path in sorted((root / "src/_pytest").glob("*.py")) if (root / f"testing/test_{path.name}").exists()
    ]
    module = modules[fault % len(modules)]
    returns = list(re.finditer(r"^( {4,})return (?!None)[\w(].*$", module.read_text(), re.MULTILINE))
    chosen = returns[(fault // len(modules)) % len(returns)]
    text = module.read_text()
    module.write_text(text[: chosen.start()] + f"{chosen[1]}return None" + text[chosen.end() :])
    return [f"testing/test_{module.name}"]


def _run(repo: str, files: list[str], root: Path, folder: Path, python: str) -> bytes:
    driver = folder / "truth_driver.py"
    environment = {**os.environ, "TRUTH_ROOT": str(root), "TRUTH_FILE": str(folder / "truth"), "PYTHONHASHSEED": "0"}
    if repo == "django/django":
        driver.write_text(DJANGO)
        labels = [re.sub(r"^tests/|\.py$", "", path).replace("/", ".") for path in files]
        command = [
            python,
            "-W",
            "ignore",
            str(driver),
            "--verbosity=2",
            "--settings=test_sqlite",
            "--parallel=1",
            *labels,
        ]
        where, environment["PYTHONPATH"] = root / "tests", str(root)
    elif repo == "sympy/sympy":
        driver.write_text(SYMPY)
        command, where = [python, "-W", "ignore", str(driver), *files], root
    else:
        driver.write_text(PYTEST)
        (root / "src/_pytest/_version.py").write_text('version = "7.0.0"\nversion_tuple = (7, 0, 0)\n')
        command, where = [python, "-m", "pytest", "-rA", "-p", "truth_driver", "-p", "no:cacheprovider", *files], root
        environment["PYTHONPATH"] = f"{root / 'src'}:{folder}"
    try:
        done = subprocess.run(
            command,
            cwd=where,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=240,
            check=False,
        )
    except subprocess.TimeoutExpired as late:
        return late.stdout or b""
    return done.stdout


def judge(log: Log, counts: Counter[str]) -> Iterator[str]:
    """Count right and wrong answers on one log; yields a line for each wrong one."""
    first = diagnose(log.output, repository_root=log.root)
    named = {_key(test) for test in log.truth}
    counts["logs"] += 1
    counts["logs_test"] += _key(first.failing_test) in named
    if _key(first.failing_test) not in named:
        yield f"{log.instance_id}: first failure read as {first.failing_test!r}"
    for test, deepest in list(log.truth.items())[:8]:
        got = diagnose(log.output, repository_root=log.root, known_tests=[test])
        right_test = _key(got.failing_test) == _key(test)
        frame = (got.frames[-1].path, got.frames[-1].line) if got.frames else None
        counts["failures"] += 1
        counts["test"] += right_test
        counts["frame"] += frame == deepest
        counts["both"] += right_test and frame == deepest
        counts["exception"] += bool(got.exception)
        counts["source"] += bool(got.frames and got.frames[-1].source)
        if not right_test or frame != deepest:
            yield f"{log.instance_id}: {test}: read {got.failing_test!r} {frame}, was {deepest}"


def _key(test: str) -> str:
    return short_name(test)


def main() -> None:
    """Make logs, diagnose them, print shares."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=Path, required=True)
    parser.add_argument("--mirrors", type=Path, required=True)
    parser.add_argument("--python", required=True)
    parser.add_argument("--limit", type=int, default=10, help="rows per repository, newest first")
    parser.add_argument("--repos", default="sympy,django,pytest")
    parser.add_argument("--faults", type=int, default=0, help="logs of damaged sources for each row (pytest only)")
    parser.add_argument("--keep", type=Path, help="write the logs there")
    options = parser.parse_args()
    rows = [json.loads(line) for line in options.rows.read_text().splitlines()]
    for wanted in options.repos.split(","):
        chosen = [row for row in rows if row["repo"].endswith(f"/{wanted}")]
        chosen.sort(key=lambda row: row["created_at"], reverse=True)
        counts: Counter[str] = Counter()
        wrong: list[str] = []
        spent_s = 0.0
        for row, fault in product(chosen[: options.limit], range(options.faults + 1)):
            with tempfile.TemporaryDirectory() as folder:
                log = make_log(row, options.mirrors, options.python, Path(folder), fault)
            if log is None or not log.truth:
                counts["no failing test"] += 1
                continue
            if options.keep:
                options.keep.mkdir(exist_ok=True)
                (options.keep / f"{log.instance_id}.{fault}.log").write_bytes(log.output)
                (options.keep / f"{log.instance_id}.{fault}.json").write_text(json.dumps([log.root, log.truth]))
            began = perf_counter()
            wrong += judge(log, counts)
            spent_s += perf_counter() - began
        print(wanted, dict(counts), f"{spent_s:.2f} s for all diagnoses")
        print("\n".join(wrong))


if __name__ == "__main__":
    main()
