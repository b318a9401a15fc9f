"""Which paths a repair may touch. Tests, what steers the test runner, continuous integration and packaging are not among them.

The list is that of the known ways to make a test suite lie (conftest hooks, plugins, start-up modules, shadowing) and is
judged against the tree at base_commit: in pytest's own repository `src/_pytest` is the project, elsewhere it is an attack.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping

from orchestrator.edits.paths import safe_path
from orchestrator.judge.findings import Violation
from orchestrator.protocols import Tree, TreeEntry
from orchestrator.records import EditRefusal

_RUNNER_STEERING = re.compile(
    r"(^|/)(conftest\.py|\.?pytest\.(ini|toml)|tox\.ini|tox\.toml|noxfile\.py|setup\.cfg|setup\.py|pyproject\.toml|"
    r"sitecustomize\.py|usercustomize\.py|\.coveragerc|runtests\.py|[^/]+\.pth|[^/]+\.(dist|egg)-info(/.*)?)$",
    re.IGNORECASE,
)
_PIPELINE = re.compile(
    r"^(\.github|\.circleci|\.ci|\.gitlab|\.azure-pipelines|ci|\.builds)/|"
    r"(^|/)(\.travis\.yml|\.gitlab-ci\.yml|appveyor\.yml|\.appveyor\.yml|azure-pipelines\.yml|\.cirrus\.(yml|star)|codecov\.yml|"
    r"\.pre-commit-config\.yaml|Dockerfile|Jenkinsfile|requirements[^/]*\.txt|MANIFEST\.in|\.git(ignore|attributes|modules)|\.mailmap)$"
)
_TEST_FILE = re.compile(
    r"(^|/)(test_[^/]*\.py|[^/]*_tests?\.py|tests?\.py)$|[^/]+[._](test|spec)\.(js|jsx|ts|tsx|mjs|go|rb|exs|php)$|"
    r"[^/]+Tests?\.(java|kt|cs|php|swift)$"
)
_TEST_FOLDER = re.compile(r"(^|/)(tests|__tests__)/|^(test|testing|spec)/|(^|/)src/test/", re.IGNORECASE)
_COMPILED = re.compile(r"\.(pyc|pyo|so|pyd|dll|dylib|egg|whl|zip|jar|class|exe)$", re.IGNORECASE)
_RUNNER_PACKAGES = frozenset({"pytest", "_pytest", "pluggy", "py", "nose", "hypothesis", "xdist", "coverage", "mock"})
_SOURCE_ROOTS = ("", "src/", "lib/")


def is_test_path(path: str) -> bool:
    """Whether `path` belongs to a test suite, by the naming habits of the usual runners."""
    return bool(_TEST_FOLDER.search(path) or _TEST_FILE.search(path) or path.endswith("conftest.py"))


def path_violation(path: str, mode: str, tree: Tree) -> Violation | None:
    """The rule that touching `path` (git mode `mode`) breaks in `tree`, or None."""
    return _unsafe(path, tree) or _other_mode(path, mode, tree) or _protected(path) or _shadowing(path, tree.entries())


def _unsafe(path: str, tree: Tree) -> Violation | None:
    """Out of the repository, into git's own data, through a link or a submodule: as for edits, and the very path that is meant."""
    safe = safe_path(path, tree)
    if safe == path:
        return None
    reason = safe.message if isinstance(safe, EditRefusal) else f"{path!r} is not how the repository spells {safe}"
    return Violation("scope.path", reason, "Name a regular file of the project by its path from the repository's root.")


def _other_mode(path: str, mode: str, tree: Tree) -> Violation | None:
    entry = tree.entries().get(path)
    if mode not in ("100644", "100755"):
        return Violation("scope.mode", f"{path} would become an entry of mode {mode}", "Write regular files only.")
    if entry is not None and entry.mode != mode:
        return Violation(
            "scope.mode", f"the mode of {path} would change from {entry.mode} to {mode}", "Leave file modes alone."
        )
    return None


def _protected(path: str) -> Violation | None:
    if is_test_path(path):
        advice = "Leave the tests as they are and repair the code that they test."
        return Violation("scope.tests", f"{path} is a test or a test's helper", advice)
    if _RUNNER_STEERING.search(path):
        advice = "Repair the cause in the project's source code."
        return Violation("scope.runner_config", f"{path} steers how tests, packaging or the interpreter run", advice)
    if _PIPELINE.search(path):
        return Violation(
            "scope.pipeline", f"{path} belongs to the build pipeline", "Repair the cause in the project's source code."
        )
    if _COMPILED.search(path):
        return Violation("scope.compiled", f"{path} is a compiled or packed file", "Change source files only.")
    return None


def _shadowing(path: str, entries: Mapping[str, TreeEntry]) -> Violation | None:
    """A new top-level module that hides one of the interpreter's or of the test runner's."""
    root = max((r for r in _SOURCE_ROOTS if path.startswith(r)), key=len)
    top = path.removeprefix(root).split("/")[0]
    name = top.removesuffix(".py").removesuffix(".pyi")
    hides = name in _RUNNER_PACKAGES or name in sys.stdlib_module_names
    if not hides or not path.endswith((".py", ".pyi")) or _exists(root + top, entries):
        return None
    advice = "Give the new module another name, inside the project's own package."
    return Violation("scope.shadowing", f"{path} would hide the module {name!r} that the tests run with", advice)


def _exists(path: str, entries: Mapping[str, TreeEntry]) -> bool:
    return path in entries or any(known.startswith(f"{path}/") for known in entries)
