"""Trees, candidates and cases for the judge's tests, made from plain text."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import Any

from orchestrator import syntax
from orchestrator.judge.case import Case, JudgeSettings
from orchestrator.protocols import SandboxCommand, SandboxOutcome, SandboxProfile, SandboxResult, TreeEntry
from orchestrator.records import Candidate, Edits, FileChange, Task, TestRun


class DictTree:
    """A Tree made of a dict; `modes` overrides 100644."""

    def __init__(self, files: Mapping[str, bytes | str], modes: Mapping[str, str] | None = None) -> None:
        self._files = {path: data.encode() if isinstance(data, str) else data for path, data in files.items()}
        modes = modes or {}
        self._entries = {
            path: TreeEntry(path, modes.get(path, "100644"), f"blob-{path}", len(data))
            for path, data in self._files.items()
        }

    def entries(self) -> Mapping[str, TreeEntry]:
        return self._entries

    def read(self, path: str) -> bytes:
        return self._files[path]


class FakeSandbox:
    """Answers commands from a list, or with an empty EXITED result; keeps what it was asked."""

    def __init__(self, *results: SandboxResult) -> None:
        self.results = list(results)
        self.commands: list[SandboxCommand] = []

    @property
    def profile(self) -> SandboxProfile:
        return SandboxProfile("fake")

    def run(self, command: SandboxCommand) -> SandboxResult:
        self.commands.append(command)
        return self.results.pop(0) if self.results else SandboxResult(SandboxOutcome.EXITED, 0, b"")


class FakeTests:
    """A RunTests that answers from a list and keeps the files and patches it was called with."""

    def __init__(self, *runs: TestRun) -> None:
        self.runs = list(runs)
        self.calls: list[tuple[tuple[str, ...], bytes]] = []

    def __call__(
        self,
        sandbox: Any,
        task: Task,
        test_files: tuple[str, ...],
        *,
        patch: bytes = b"",
        **_: Any,
    ) -> TestRun:
        self.calls.append((test_files, patch))
        return self.runs.pop(0)


TASK = Task("demo__demo-1", "starter", "demo/demo", "0" * 40, "add() subtracts.\n", test_command="python -m pytest -rA")

BASE = {
    "demo/__init__.py": "",
    "demo/core.py": "import os\n\n\ndef add(a, b):\n    return a - b\n",
    "demo/net.py": "import socket\n",
    "tests/test_core.py": "from demo.core import add\n\n\ndef test_add():\n    assert add(1, 0) == 1\n",
    "conftest.py": "",
    "setup.cfg": "[metadata]\n",
}


def change(
    path: str, after: str | bytes | None, base: Mapping[str, str | bytes] = BASE, mode: str = "100644"
) -> FileChange:
    """`path` of `base` rewritten as `after` (None deletes it)."""
    before = base.get(path)
    return FileChange(
        path,
        before.encode() if isinstance(before, str) else before,
        after.encode() if isinstance(after, str) else after,
        mode,
    )


def git_diff(changes: tuple[FileChange, ...]) -> bytes:
    """A git diff of text files, good enough for `git apply`."""
    parts: list[str] = []
    for one in changes:
        if one.before == one.after:
            continue
        before, after = (
            (data or b"").decode("utf-8", "replace").splitlines(keepends=True) for data in (one.before, one.after)
        )
        old = "/dev/null" if one.before is None else f"a/{one.path}"
        new = "/dev/null" if one.after is None else f"b/{one.path}"
        kind = (
            f"new file mode {one.mode}\n"
            if one.before is None
            else f"deleted file mode {one.mode}\n"
            if one.after is None
            else ""
        )
        body = "".join(difflib.unified_diff(before, after, old, new))
        parts.append(f"diff --git a/{one.path} b/{one.path}\n{kind}{body}")
    return "".join(parts).encode()


def candidate(*changes: FileChange, name: str = "c1", **more: Any) -> Candidate:
    """A candidate made of file changes, with its diff and its fingerprint."""
    fingerprint = " ".join(syntax.fingerprint((c.after or b"").decode("utf-8", "replace")) for c in changes)
    values = {"diff": git_diff(changes), "fingerprint": fingerprint, **more}
    return Candidate(name, 1, 0, 0, "scripted", Edits("function", ()), changes, **values)


def rewrite(text: str, path: str = "demo/core.py", **more: Any) -> Candidate:
    """A candidate that rewrites one file of BASE."""
    return candidate(change(path, text), **more)


def case(**more: Any) -> Case:
    """The demo case; keyword arguments replace its fields, `waivers=...` and other settings go in by `settings`."""
    values: dict[str, Any] = {
        "task": TASK,
        "tree": DictTree(BASE),
        "sandbox": FakeSandbox(),
        "run_tests": FakeTests(),
        **more,
    }
    return Case(**values)


def settings(**more: Any) -> JudgeSettings:
    """Judge settings by keyword."""
    return JudgeSettings(**more)
