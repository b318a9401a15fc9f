"""Stage 2: paths, sizes, and what new code may do."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.judge.path_policy import is_test_path, path_violation
from orchestrator.judge.scope import stays_in_scope
from orchestrator.records import Baseline, Judgement
from tests.unit.judge.fakes import BASE, DictTree, candidate, case, change, rewrite, settings

GOOD = "import os\n\n\ndef add(a, b):\n    return a + b\n"
WITH = "import os\n\n\ndef add(a, b):\n    {}\n    return a + b\n"


def rule_for_path(path: str, mode: str = "100644", **more: object) -> str:
    """The rule that writing `path` breaks, or an empty string."""
    return stays_in_scope(candidate(change(path, "x = 1\n", mode=mode)), case(**more)).rule


def rule_for_code(text: str) -> str:
    """The rule that demo/core.py as `text` breaks, or an empty string."""
    return stays_in_scope(rewrite(text), case()).rule


def test_a_plain_repair_is_in_scope() -> None:
    """An operator changed in a source file passes and says how much changes."""
    finding = stays_in_scope(rewrite(GOOD), case())
    assert finding.judgement is Judgement.PASS
    assert "2 changed line(s)" in finding.reason


@pytest.mark.parametrize(
    ("path", "rule"),
    [
        ("conftest.py", "scope.tests"),
        ("demo/conftest.py", "scope.tests"),
        ("tests/test_core.py", "scope.tests"),
        ("tests/helper.py", "scope.tests"),
        ("demo/tests/__init__.py", "scope.tests"),
        ("testing/test_x.py", "scope.tests"),
        ("test_core.py", "scope.tests"),
        ("src/app/thing.test.ts", "scope.tests"),
        ("pytest.ini", "scope.runner_config"),
        ("tox.ini", "scope.runner_config"),
        ("setup.cfg", "scope.runner_config"),
        ("setup.py", "scope.runner_config"),
        ("pyproject.toml", "scope.runner_config"),
        ("sitecustomize.py", "scope.runner_config"),
        ("demo/usercustomize.py", "scope.runner_config"),
        ("demo/hook.pth", "scope.runner_config"),
        ("demo.egg-info/entry_points.txt", "scope.runner_config"),
        ("demo-1.dist-info/METADATA", "scope.runner_config"),
        (".github/workflows/ci.yml", "scope.pipeline"),
        (".travis.yml", "scope.pipeline"),
        ("requirements-dev.txt", "scope.pipeline"),
        ("pytest.py", "scope.shadowing"),
        ("_pytest/python.py", "scope.shadowing"),
        ("src/pluggy/__init__.py", "scope.shadowing"),
        ("json.py", "scope.shadowing"),
        ("lib/socket.py", "scope.shadowing"),
        ("demo/core.pyc", "scope.compiled"),
        ("demo/core.so", "scope.compiled"),
    ],
)
def test_protected_paths_are_refused_by_name(path: str, rule: str) -> None:
    """Tests, what steers the runner, the pipeline, shadowing modules and compiled files each have their rule."""
    assert rule_for_path(path) == rule


@pytest.mark.parametrize(
    "path",
    [
        "../outside.py", "demo/../../x.py", "/etc/passwd", "~/x.py", "demo//x.py", "./demo/x.py", "demo/x.py\0.txt",
        "demo\\x.py", ".git/config", "demo/.GIT/hooks/pre-commit", ".git./config", "../demo2/x.py", "",
    ],
)  # fmt: skip
def test_paths_out_of_the_repository_or_into_git_are_refused(path: str) -> None:
    """Every known way out of the root, and git's own data."""
    assert path_violation(path, "100644", DictTree(BASE)) is not None


@given(st.text(alphabet="./\\~ab\0", min_size=1, max_size=12))
def test_no_accepted_path_leaves_the_root(path: str) -> None:
    """Whatever is spelled with dots, slashes and backslashes: what is accepted has plain components only."""
    if path_violation(path, "100644", DictTree(BASE)) is None:
        assert all(part not in ("", ".", "..") for part in path.split("/"))
        assert not set(path) & {"\\", "\0"}


def test_links_submodules_and_modes_are_refused() -> None:
    """Through a symbolic link, into a submodule, as a link, or with another mode: refused."""
    tree = DictTree({**BASE, "link": "demo", "sub": "x"}, {"link": "120000", "sub": "160000"})
    assert rule_for_path("link", tree=tree) == "scope.path"
    assert rule_for_path("link/core.py", tree=tree) == "scope.path"
    assert rule_for_path("sub/x.py", tree=tree) == "scope.path"
    assert rule_for_path("demo/other.py", mode="120000") == "scope.mode"
    assert rule_for_path("demo/core.py", mode="100755") == "scope.mode"


def test_a_runners_own_package_may_be_repaired() -> None:
    """In pytest's own repository `src/_pytest` is the project: its modules may change and may name the runner."""
    tree = DictTree({"src/_pytest/__init__.py": "", "src/_pytest/nodes.py": "x = 1\n"})
    one = candidate(
        change("src/_pytest/nodes.py", "from _pytest.pathlib import Path\nx = 2\n", {"src/_pytest/nodes.py": "x = 1\n"})
    )
    assert stays_in_scope(one, case(tree=tree)).judgement is Judgement.PASS


def test_library_code_that_is_named_like_tests_may_be_repaired() -> None:
    """`django/test`, `sympy/testing` and `matplotlib/testing` are what users import, not test suites."""
    assert not is_test_path("django/test/client.py")
    assert not is_test_path("sympy/testing/randtest.py")
    assert not is_test_path("lib/matplotlib/testing/compare.py")


def test_a_baseline_test_file_is_protected_whatever_its_name() -> None:
    """A file that the judge runs as a test may not change."""
    baseline = Baseline(("demo/selftest.py",), {})
    assert rule_for_path("demo/selftest.py", baseline=baseline) == "scope.tests"


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        ("os._exit(0)", "scope.ends_process"),
        ("getattr(os, '_exit')(0)", "scope.ends_process"),
        ("from os import _exit as leave; leave(0)", "scope.ends_process"),
        ("__import__('os')._exit(0)", "scope.ends_process"),
        ("import sys; sys._getframe(1)", "scope.reads_callers"),
        ("import inspect; inspect.stack()", "scope.reads_callers"),
        ("eval('a')", "scope.runs_code"),
        ("exec('a = 1')", "scope.runs_code"),
        ("import subprocess; subprocess.run(['ls'])", "scope.runs_programs"),
        ("os.system('ls')", "scope.runs_programs"),
        ("os.execv('/bin/ls', [])", "scope.runs_programs"),
        ("import urllib.request", "scope.opens_network"),
        ("from http import client", "scope.opens_network"),
        ("import shutil; shutil.rmtree('/')", "scope.destroys_files"),
        ("import atexit; atexit.register(print)", "scope.outlives_test"),
        ("import pytest; pytest.skip('no')", "scope.touches_test_runner"),
        ("import _pytest.runner as r", "scope.touches_test_runner"),
        ("import importlib; importlib.import_module('_pytest.runner')", "scope.touches_test_runner"),
        ("import unittest; raise unittest.SkipTest", "scope.touches_test_runner"),
        ("if 'PYTEST_CURRENT_TEST' in os.environ: return 1", "scope.touches_test_runner"),
        ("import builtins; builtins.len = None", "scope.patches_interpreter"),
        ("import sys; sys.modules['x'] = None", "scope.patches_interpreter"),
        ("print('>>>>> End Test Output')", "scope.forges_results"),
        ("print('PASSED tests/test_core.py::test_add')", "scope.forges_results"),
        ("open('/proc/self/environ').read()", "scope.reads_secrets"),
        ("print(dict(os.environ))", "scope.reads_secrets"),
        ("os.environ['ANTHROPIC_API_KEY']", "scope.reads_secrets"),
        ("key = 'AKIAABCDEFGHIJKLMNOP'", "scope.holds_secret"),
        ("os.chmod('/tmp/x', 0o777)", "scope.bandit.B103"),
    ],
)
def test_code_that_a_repair_never_needs_is_refused(line: str, rule: str) -> None:
    """Each kind of dishonest or dangerous new code has its rule, through aliases too."""
    assert rule_for_code(WITH.format(line)) == rule


def test_an_always_equal_object_is_refused() -> None:
    """`__eq__` that returns True whatever it is given makes every assertion pass."""
    text = GOOD + "\n\nclass Any:\n    def __eq__(self, other):\n        return True\n"
    assert rule_for_code(text) == "scope.always_equal"


def test_leaving_the_process_while_being_imported_is_refused() -> None:
    """`sys.exit` at module level, but not within `if __name__ == '__main__'` or a function."""
    assert rule_for_code(GOOD + "import sys\nsys.exit(0)\n") == "scope.ends_process"
    assert rule_for_code(GOOD + "import sys\nif __name__ == '__main__':\n    sys.exit(0)\n") == ""
    assert rule_for_code(GOOD + "import sys\n\n\ndef main():\n    sys.exit(0)\n") == ""


def test_what_was_there_before_is_not_held_against_a_candidate() -> None:
    """A file that used exec may be changed, and the line with exec rewritten; a second exec is new."""
    base = {**BASE, "demo/shell.py": "def run(code):\n    exec(code)\n"}
    same = candidate(change("demo/shell.py", "def run(code):\n    exec(code, {})\n", base))
    more = candidate(change("demo/shell.py", "def run(code):\n    exec(code)\n    exec(code)\n", base))
    assert stays_in_scope(same, case(tree=DictTree(base))).judgement is Judgement.PASS
    assert stays_in_scope(more, case(tree=DictTree(base))).rule == "scope.runs_code"


def test_a_package_that_speaks_to_the_network_may_go_on_doing_so() -> None:
    """`import socket` is no news where a module beside it has it; another network library is."""
    assert rule_for_code("import socket\n" + GOOD) == ""
    assert rule_for_code("import ftplib\n" + GOOD) == "scope.opens_network"


def test_words_in_docstrings_are_only_words() -> None:
    """A docstring may speak of PYTEST_ variables and of `_pytest`."""
    assert (
        rule_for_code(GOOD + '\n\ndef told():\n    """Set PYTEST_ADDOPTS for _pytest."""\n    return add(1, 2)\n') == ""
    )


def test_text_that_does_not_parse_is_still_searched() -> None:
    """Python 2 code that this interpreter cannot read is searched as text."""
    base = {**BASE, "demo/old.py": "print 'a'\n"}
    one = candidate(change("demo/old.py", "print 'b'\nimport os; os._exit(0)\n", base))
    assert stays_in_scope(one, case(tree=DictTree(base))).judgement is Judgement.FAIL


def test_sizes_are_limited() -> None:
    """Too many files, lines or bytes, and binary content, each have their rule."""
    many = candidate(*(change(f"demo/m{n}.py", "x = 1\n") for n in range(3)))
    assert stays_in_scope(many, case(settings=settings(max_files=2))).rule == "scope.files"
    assert stays_in_scope(rewrite(GOOD), case(settings=settings(max_changed_lines=1))).rule == "scope.lines"
    long = rewrite(GOOD + "# " + "x" * 2000 + "\n")
    assert stays_in_scope(long, case(settings=settings(max_added_bytes=1000))).rule == "scope.bytes"
    assert stays_in_scope(candidate(change("demo/data.txt", b"a\0b")), case()).rule == "scope.binary"


def test_a_diff_about_other_files_than_the_edits_is_refused() -> None:
    """What sandboxes apply must be what was judged."""
    one = rewrite(GOOD)
    smuggled = (
        one.diff + b"diff --git a/conftest.py b/conftest.py\n--- a/conftest.py\n+++ b/conftest.py\n@@ -0,0 +1 @@\n+x\n"
    )
    assert stays_in_scope(rewrite(GOOD, diff=smuggled), case()).rule == "scope.diff"


def test_a_phase_can_waive_a_rule_by_name() -> None:
    """A waived rule is not looked at; the others still are."""
    waived = settings(waivers=frozenset({"scope.runs_code"}))
    assert stays_in_scope(rewrite(WITH.format("eval('a')")), case(settings=waived)).rule == "scope.bandit.B307"
    both = settings(waivers=frozenset({"scope.runs_code", "scope.bandit.B307"}))
    assert stays_in_scope(rewrite(WITH.format("eval('a')")), case(settings=both)).judgement is Judgement.PASS
