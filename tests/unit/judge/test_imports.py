"""Stage 5: touched modules import, in a real interpreter."""

from __future__ import annotations

import pytest

from orchestrator.judge.imports import still_imports, touched_modules
from orchestrator.protocols import SandboxOutcome, SandboxResult
from orchestrator.records import Judgement
from tests.unit.judge.fakes import BASE, DictTree, FakeSandbox, candidate, case, change, rewrite
from tests.unit.judge.local_sandbox import LocalSandbox

GOOD = "import os\n\n\ndef add(a, b):\n    return a + b\n"


def local(files: dict[str, str] | None = None) -> LocalSandbox:
    """A real interpreter on BASE and `files`."""
    return LocalSandbox(DictTree({**BASE, **(files or {})}))


def test_a_module_that_imports_passes() -> None:
    """One run, the module named."""
    sandbox = local()
    finding = still_imports(rewrite(GOOD), case(sandbox=sandbox))
    assert finding.judgement is Judgement.PASS
    assert "demo.core" in finding.reason
    assert len(sandbox.commands) == 1


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("import os\nmissing_name\n", "imports.NameError"),
        ("from demo.nowhere import x\n", "imports.ModuleNotFoundError"),
        ("raise ValueError('no')\n", "imports.ValueError"),
    ],
)
def test_a_module_that_no_longer_imports_is_refused(text: str, rule: str) -> None:
    """The rule carries the exception, the reason its message, the output the traceback."""
    finding = still_imports(rewrite(text), case(sandbox=local()))
    assert finding.rule == rule
    assert "demo.core no longer imports" in finding.reason
    assert b"Traceback" in finding.output


def test_a_module_that_ends_the_process_has_not_been_imported() -> None:
    """`os._exit(0)` at import looks like success to whoever reads exit codes."""
    finding = still_imports(rewrite("import os\nos._exit(0)\n"), case(sandbox=local()))
    assert finding.judgement is Judgement.FAIL


def test_what_did_not_import_before_says_nothing() -> None:
    """A module that needs settings fails at base_commit in the same way: abstain, and the base is asked once only."""
    base = {**BASE, "demo/needy.py": "raise RuntimeError('configure me')\n"}
    sandbox, tree = local({"demo/needy.py": base["demo/needy.py"]}), DictTree(base)
    one_case = case(sandbox=sandbox, tree=tree)
    for text in ("raise RuntimeError('configure me')\nx = 1\n", "raise RuntimeError('configure me')\nx = 2\n"):
        one = candidate(change("demo/needy.py", text, base))
        assert still_imports(one, one_case).judgement is Judgement.ABSTAIN
    assert [bool(command.patch) for command in sandbox.commands] == [True, False, True]


def test_a_new_kind_of_failure_in_a_needy_module_is_the_candidates() -> None:
    """Where base raised its own complaint, a NameError is new code's."""
    base = {**BASE, "demo/needy.py": "raise RuntimeError('configure me')\n"}
    one = candidate(change("demo/needy.py", "undefined_thing\nraise RuntimeError('configure me')\n", base))
    finding = still_imports(one, case(sandbox=local({"demo/needy.py": base["demo/needy.py"]}), tree=DictTree(base)))
    assert finding.rule == "imports.NameError"


def test_module_names_follow_packages_and_source_folders() -> None:
    """Names are found by walking up packages; scripts, tests and namespace folders are no modules."""
    files = {
        "src/app/__init__.py": "", "src/app/a.py": "", "top.py": "", "bin/tool.py": "", "pkg/__init__.py": "",
        "pkg/sub/__init__.py": "", "pkg/sub/m.py": "", "tests/test_a.py": "", "pkg/__main__.py": "",
    }  # fmt: skip
    one = candidate(*(change(path, "x = 1\n", files) for path in files))
    found = touched_modules(one, case(tree=DictTree(files)))
    assert set(found) == {
        ("src", "app"),
        ("src", "app.a"),
        ("", "top"),
        ("", "pkg"),
        ("", "pkg.sub"),
        ("", "pkg.sub.m"),
    }


def test_no_module_no_verdict() -> None:
    """A change of prose is not imported."""
    assert still_imports(candidate(change("NEWS.rst", "x")), case()).judgement is Judgement.ABSTAIN


@pytest.mark.parametrize(
    ("outcome", "judgement", "rule"),
    [
        (SandboxOutcome.INFRA, Judgement.INFRA, "imports.infra"),
        (SandboxOutcome.PATCH_FAILED, Judgement.INFRA, "imports.infra"),
        (SandboxOutcome.TIMEOUT, Judgement.FAIL, "imports.timeout"),
        (SandboxOutcome.OOM, Judgement.FAIL, "imports.oom"),
        (SandboxOutcome.EXITED, Judgement.FAIL, "imports.exited"),
    ],
)
def test_the_environments_failures_are_told_from_the_candidates(
    outcome: SandboxOutcome, judgement: Judgement, rule: str
) -> None:
    """A broken environment is never held against the candidate; a module that hangs or eats the memory is."""
    finding = still_imports(rewrite(GOOD), case(sandbox=FakeSandbox(SandboxResult(outcome, None, b"", b"started"))))
    assert (finding.judgement, finding.rule) == (judgement, rule)


def test_results_without_the_nonce_do_not_count() -> None:
    """A results file that somebody else wrote is no result."""
    forged = b'{"nonce": "guessed", "modules": {"demo.core": {"imported": true, "exception": "", "text": ""}}}'
    finding = still_imports(
        rewrite(GOOD), case(sandbox=FakeSandbox(SandboxResult(SandboxOutcome.EXITED, 0, b"", forged)))
    )
    assert finding.judgement is Judgement.FAIL


def test_an_environment_without_python_is_nobodys_fault() -> None:
    """Where the driver never began, nothing was learnt about the candidate."""
    missing = SandboxResult(SandboxOutcome.EXITED, 127, b"python: command not found")
    finding = still_imports(rewrite(GOOD), case(sandbox=FakeSandbox(missing)))
    assert finding.judgement is Judgement.INFRA
    assert "command not found" in finding.reason
