"""What of a grading script the loop may know: its set-up lines and its test command, without what the test patch brings.

An official script is: activate the environment, look at the tree (`git status`, `git show`, `git diff`), install, put the
test files of the test patch in place, run the tests between two markers, put the test files back. Of that we keep the
lines before the test files are touched, and the test command without the arguments that name files of the test patch.

Installs: in the loop there is no network. An editable install is in the image already and follows the working tree, so its
line is left out (what it leaves unbuilt is compiled code, which a Python edit does not change). A plain `pip install .`
copies the package, so the line stays, in the form that needs no network. Other package managers' lines are left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from orchestrator.benchmarks.rows import END_MARKER, START_MARKER
from orchestrator.diffs import touched_paths

_LOOKING = re.compile(r"git (status|show|(-c \S+ )?diff)\b|#!|set -uxo pipefail$")
_TOUCHES_TESTS = re.compile(r"git (checkout|apply)\b|rm -r?f\b|.*<<")
_PIP_INSTALL = re.compile(r"(python3? -m )?pip3? install\b")
_EDITABLE = re.compile(r"\s(-e|--editable)[\s=]")
_OTHER_INSTALL = re.compile(
    r"(sudo )?(apt(-get)?|npm|pnpm|yarn|npx playwright|bundle|gem|composer|cargo fetch|go (get|mod)|uv|poetry|conda install)\b"
)
_OFFLINE_INSTALL = "python -m pip install --quiet --no-deps --no-build-isolation ."
# How some scripts hand the test command's status on; swebench's own recording does the same.
_STATUS_LINE = re.compile(r"SWEBENCH_TEST_EXIT_CODE=|\(exit ")
_ASSIGNMENT = re.compile(r"\w+=")
_SHORT_NAME = 6


@dataclass(frozen=True, slots=True)
class GradingScript:
    """A grading script taken apart. `arguments` name the graded test files: they are sealed, all else may be known."""

    setup: str
    command: str
    arguments: tuple[str, ...]


def read_script(eval_script: str, test_patch: str, graded_tests: Iterable[str]) -> GradingScript:
    """Take a grading script apart.

    `command` is empty where what is left of it still names something of the graded tests: then the loop has no
    test command, which is honest, instead of one that tells.
    """
    lines = eval_script.split("\n")
    start = next(i for i, line in enumerate(lines) if START_MARKER in line)
    end = next((i for i, line in enumerate(lines) if END_MARKER in line and i > start), len(lines))
    files = touched_paths(test_patch)
    secrets = _secret_words(files, graded_tests)
    commands, arguments = _strip_arguments(lines[start + 1 : end], files)
    if _mentions(commands, secrets):
        commands = ""
    return GradingScript(_setup(lines[:start], secrets), commands, arguments)


def _setup(lines: list[str], secrets: frozenset[str]) -> str:
    kept: list[str] = []
    for line in lines:
        if _TOUCHES_TESTS.match(line):
            break
        useful = _set_up_line(line.strip())
        # The official scripts activate twice, once before and once after looking at the tree.
        if useful and useful not in kept and not _mentions(useful, secrets):
            kept.append(useful)
    return "".join(f"{line}\n" for line in kept)


def _set_up_line(line: str) -> str:
    if not line or _LOOKING.match(line) or _OTHER_INSTALL.match(line):
        return ""
    if _PIP_INSTALL.match(line):
        local = line.endswith(" .") or " .[" in line
        return _OFFLINE_INSTALL if local and not _EDITABLE.search(line) else ""
    return line


def _strip_arguments(lines: list[str], files: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    """Cut the arguments that name test files off the end of each command line."""
    forms = {form for file in files for form in _spellings(file)}
    commands: list[str] = []
    arguments: list[str] = []
    for line in lines:
        kept = line.rstrip()
        if _STATUS_LINE.match(kept):
            continue
        while (last := kept.rsplit(None, 1)) and len(last) == 2 and _is_graded(last[1], forms) and not _is_runner(kept):
            arguments.insert(0, last[1])
            kept = last[0]
        commands.append(kept)
    return "\n".join(commands).strip(), tuple(dict.fromkeys(arguments))


def _is_graded(token: str, forms: set[str]) -> bool:
    bare = token.strip("'\"").split("::")[0]
    return bare in forms or ("/" in bare and not bare.startswith("-"))


def _is_runner(command: str) -> bool:
    """Whether the last token is the program itself, which has only assignments before it."""
    *before, _last = command.split()
    return all(_ASSIGNMENT.match(token) for token in before)


def _spellings(path: str) -> set[str]:
    """A path, and every dotted tail of it: django's runner takes `admin_views.tests` for tests/admin_views/tests.py."""
    parts = path.removesuffix(".py").split("/")
    return {path} | {".".join(parts[i:]) for i in range(len(parts))}


def _secret_words(files: tuple[str, ...], graded_tests: Iterable[str]) -> frozenset[str]:
    """Whole words that would tell which tests grade: paths, file names, test functions. Short ones are too common to tell."""
    names = {
        word for test in graded_tests for word in re.findall(r"[A-Za-z_]\w+", test) if word.lower().startswith("test")
    }
    stems = {file.rsplit("/", 1)[-1].rsplit(".", 1)[0] for file in files}
    return frozenset(word for word in names | stems if len(word) > _SHORT_NAME) | frozenset(files)


def _mentions(text: str, secrets: frozenset[str]) -> bool:
    words = set(re.findall(r"[A-Za-z_]\w+", text)) | set(text.split())
    return not secrets.isdisjoint(words)
