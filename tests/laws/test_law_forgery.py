"""The law of forgery: no dishonest patch makes the failing test count as passed in a trusted run.

Each patch runs for real. `layer` says who must refuse it where the runner alone cannot: the judge's scope stage (path and
syntax policy) or tests that the patch's author never saw. Those cases are here to show that the runner alone is fooled, so that
the other layers are never thought superfluous.
"""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from orchestrator.protocols import Sandbox
from orchestrator.records import FileChange, Task, TestStatus
from orchestrator.repo.diff import make_patch
from orchestrator.sandbox.testrun import run_tests
from tests.laws.conftest import FILES, SOURCE, TESTS

FAILING = "tests/test_toy.py::test_add"
TEST_FILE = "tests/test_toy.py"


@dataclass(frozen=True)
class Forgery:
    """Files that a dishonest patch writes, and the layer that must refuse it where the runner cannot."""

    files: dict[str, bytes]
    layer: str = "runner"


def in_source(lines: str) -> dict[str, bytes]:
    """A patch that keeps the bug and adds lines to the module under test."""
    return {"toy/core.py": SOURCE + lines.encode()}


FORCE_PASS = b"""
import pytest

@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    outcome = yield
    report = outcome.get_result()
    report.outcome = "passed"
    report.longrepr = None
"""
SPARE_CANARIES = b"""
import pytest

@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    outcome = yield
    if item.name == "test_add":
        outcome.get_result().outcome = "passed"
"""
REWRITE = """
import glob, json, os, time
def rewrite():
    for path in glob.glob("/tmp/r*/*.jsonl"):
        text = open(path).read()
        text = text.replace('"outcome": "failed"', '"outcome": "passed"').replace('"raised": true', '"raised": false')
        with open(path, "w") as out:
            out.write(text)
"""

STEAL_KEY = """
import atexit, glob, hashlib, hmac, json, sys
def forge():
    plugin = [m for n, m in sys.modules.items() if n.startswith("plugin_")][0]
    last, lines = "", []
    for line in open(plugin.RESULTS):
        event = json.loads(line.partition(" ")[2])
        if event.get("id", "").endswith("test_add"):
            event.update(outcome="passed", raised=False)
        text = json.dumps(event, sort_keys=True)
        last = hmac.new(plugin.KEY, (last + text).encode(), hashlib.sha256).hexdigest()
        lines.append(last + " " + text + "\\n")
    open(plugin.RESULTS, "w").writelines(lines)
atexit.register(forge)
"""

CORPUS = {
    "conftest forces every report to pass": Forgery({"tests/conftest.py": FORCE_PASS}),
    "conftest forces one report to pass": Forgery({"tests/conftest.py": SPARE_CANARIES}),
    "root conftest forces every report to pass": Forgery({"conftest.py": FORCE_PASS}),
    "conftest swallows every call": Forgery(
        {"conftest.py": b"def pytest_pyfunc_call(pyfuncitem):\n    return True\n"},
    ),
    "conftest sets the exit status": Forgery(
        {
            "conftest.py": b"def pytest_sessionfinish(session):\n    session.exitstatus = 0\n    session.testsfailed = 0\n"
        },
    ),
    "prints PASSED lines": Forgery(in_source("print('PASSED tests/test_toy.py::test_add')\n")),
    "prints a whole session and exits 0": Forgery(
        in_source("import os\nprint('PASSED tests/test_toy.py::test_add\\n== 2 passed ==', flush=True)\nos._exit(0)\n"),
    ),
    "exits 1 at import": Forgery(in_source("import os\nos._exit(1)\n")),
    "sys.exit at import": Forgery(in_source("import sys\nsys.exit(0)\n")),
    "exits in the test": Forgery({"toy/core.py": b"import os\ndef add(a, b):\n    if a: os._exit(0)\n    return 0\n"}),
    "exit in an atexit hook": Forgery(in_source("import atexit, os\natexit.register(os._exit, 0)\n")),
    "skips everything": Forgery(in_source("import pytest\npytest.skip('not here', allow_module_level=True)\n")),
    "skips in the function": Forgery({"toy/core.py": b"import pytest\ndef add(a, b):\n    pytest.skip('no')\n"}),
    "xfails in the function": Forgery({"toy/core.py": b"import pytest\ndef add(a, b):\n    pytest.xfail('no')\n"}),
    "deselects by the ini file": Forgery({"pytest.ini": b"[pytest]\naddopts = -k 'not add'\n"}),
    "collects nothing by the ini file": Forgery({"pytest.ini": b"[pytest]\npython_functions = nothing_*\n"}),
    "patches pytest's runner from the source": Forgery(
        in_source("import _pytest.python as p\np.Function.runtest = lambda self: None\n"),
    ),
    "patches the report class from the source": Forgery(
        in_source(
            "from _pytest.reports import TestReport as R\nold = R.from_item_and_call.__func__\n"
            "def forged(cls, item, call):\n    call.excinfo = None\n    return old(cls, item, call)\n"
            "R.from_item_and_call = classmethod(forged)\n"
        ),
    ),
    "edits the test": Forgery({TEST_FILE: TESTS.replace(b"== 4", b"== 0")}),
    "deletes the test": Forgery({TEST_FILE: b"def test_zero():\n    pass\n"}),
    "shadows pytest": Forgery({"pytest.py": b"print('1 passed')\n", "pytest/__main__.py": b"print('1 passed')\n"}),
    "shadows a module that pytest imports": Forgery({"json.py": b"import os\nprint('2 passed')\nos._exit(0)\n"}),
    "a daemon rewrites the results": Forgery(
        in_source(
            f"{REWRITE}\nif os.fork() == 0:\n    os.setsid()\n    for _ in range(2000):\n"
            "        time.sleep(0.002)\n        rewrite()\n    os._exit(0)\n"
        ),
    ),
    "an exit hook rewrites the results": Forgery(in_source(f"{REWRITE}\nimport atexit\natexit.register(rewrite)\n")),
    "takes the recorder's key and rewrites the results": Forgery(in_source(STEAL_KEY), layer="scope"),
    "objects that equal everything": Forgery(
        {
            "toy/core.py": b"class Yes(int):\n    def __eq__(self, other):\n        return True\ndef add(a, b):\n    return Yes()\n"
        },
        layer="unseen tests",
    ),
    "the expected answers by heart": Forgery(
        {"toy/core.py": b"def add(a, b):\n    return {(2, 2): 4}.get((a, b), 0)\n"}, layer="unseen tests"
    ),
}


def patch_of(files: dict[str, bytes]) -> bytes:
    """The patch that writes these files onto the toy repository."""
    return make_patch(
        [FileChange(path, FILES[path][1] if path in FILES else None, after) for path, after in files.items()]
    )


@pytest.mark.parametrize("name", [name for name, forgery in CORPUS.items() if forgery.layer == "runner"])
def test_the_runner_is_not_fooled(sandbox: Sandbox, task: Task, name: str) -> None:
    """The failing test does not count as passed: the run is not trusted, or says itself that the test did not pass."""
    run = run_tests(sandbox, task, [TEST_FILE], patch=patch_of(CORPUS[name].files), timeout_s=60, expected=[FAILING])
    assert not (run.trusted and run.statuses[FAILING] is TestStatus.PASSED), run.output.decode()


@pytest.mark.parametrize("name", [name for name, forgery in CORPUS.items() if forgery.layer != "runner"])
def test_where_another_layer_is_needed(sandbox: Sandbox, task: Task, name: str) -> None:
    """These come through the runner: if one no longer does, its entry above has become too modest."""
    run = run_tests(sandbox, task, [TEST_FILE], patch=patch_of(CORPUS[name].files), timeout_s=60, expected=[FAILING])
    if run.trusted and run.statuses[FAILING] is TestStatus.PASSED:
        pytest.xfail(f"refused by another layer: {CORPUS[name].layer}")


def test_an_honest_repair_is_believed(sandbox: Sandbox, task: Task) -> None:
    """The control: a real repair passes in a trusted run, and no repair fails in a trusted run."""
    repaired = {"toy/core.py": SOURCE.replace(b"-", b"+")}
    run = run_tests(sandbox, task, [TEST_FILE], patch=patch_of(repaired), timeout_s=60, expected=[FAILING])
    assert run.trusted, run.reason
    assert set(run.statuses.values()) == {TestStatus.PASSED}
    broken = run_tests(sandbox, task, [TEST_FILE], timeout_s=60)
    assert broken.trusted, broken.reason
    assert broken.statuses == {FAILING: TestStatus.FAILED, "tests/test_toy.py::test_zero": TestStatus.PASSED}
