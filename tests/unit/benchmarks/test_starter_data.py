"""The starter benchmark's files: form, determinism, sealing and variety. No task is executed here."""

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from unidiff.patch import PatchSet

from tests.bench import starter_recipe as recipe
from tests.bench.starter_snippets import find_snippet

TASKS = sorted(p for p in (recipe.STARTER / "tasks").iterdir() if p.is_dir())
INSTANCE_ID = re.compile(r"[A-Za-z0-9_.-]+__[A-Za-z0-9_.-]+-\d+")
PHASE_LIST = recipe.REPOSITORY / "phases" / "lists" / "starter.txt"
each_task = pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)


@cache
def load(task: Path) -> dict[str, Any]:
    """The instance as swebench reads it."""
    from swebench.task.repo import load_task

    instance: dict[str, Any] = load_task(task)
    return instance


def python_sources(task: Path) -> list[Path]:
    """The Python files of a task's repository, caches left out."""
    return [p for p in (task / "source").rglob("*.py") if "__pycache__" not in p.parts]


def added_tests(task: Path) -> set[str]:
    """Names of the test functions that only the test patch brings."""
    patch = load(task)["test_patch"]
    return set(re.findall(r"^\+(?:async )?def (test_\w+)", patch, flags=re.MULTILINE))


def test_swebench_finds_no_problem() -> None:
    """`swebench dataset check` has nothing to say about the task repo, not even a warning."""
    from swebench.task.checks import check_task_repo

    assert [str(problem) for problem in check_task_repo(recipe.STARTER)] == []


def test_there_are_thirty_different_projects() -> None:
    """Thirty tasks, each with a project of its own and a well-formed id."""
    assert len(TASKS) == 30
    assert all(INSTANCE_ID.fullmatch(task.name) for task in TASKS)
    assert len({load(task)["repo"] for task in TASKS}) == 30


@each_task
def test_base_commit_is_reproducible(task: Path) -> None:
    """The recorded commit is the one git makes from `source/` with the fixed author, date and message."""
    assert load(task)["base_commit"] == recipe.base_commit(task.name, task / "source")


@each_task
def test_derived_files_are_current(task: Path) -> None:
    """task.yaml, eval.sh and the Dockerfile are what the recipe derives from the hand-written files."""
    instance = load(task)
    tree = set(recipe.read_tree(task / "source"))
    commit = instance["base_commit"]
    assert instance["eval_script"] == recipe.eval_script(commit, instance["test_patch"], tree)
    assert (task / "Dockerfile").read_text() == recipe.dockerfile(task.name, commit)
    metadata = recipe.task_metadata(task.name, commit)
    assert {key: instance[key] for key in metadata} == metadata


@each_task
def test_repository_has_the_promised_size(task: Path) -> None:
    """2 to 8 Python files and 80 to 600 lines, with tests of its own, and every file parses."""
    sources = python_sources(task)
    texts = [path.read_text() for path in sources]
    assert 2 <= len(sources) <= 8
    assert 80 <= sum(len(text.splitlines()) for text in texts) <= 600
    assert any(path.name.startswith("test_") for path in sources)
    for path, text in zip(sources, texts, strict=True):
        compile(text, str(path), "exec")


@each_task
def test_no_file_is_executable(task: Path) -> None:
    """Wheels and archives lose executable bits, so no file may depend on one for its commit."""
    assert not [name for name, (_, executable) in recipe.read_tree(task / "source").items() if executable]


@each_task
def test_hidden_tests_are_not_in_the_repository(task: Path) -> None:
    """Every test that must turn green comes from the test patch and is absent at base_commit."""
    visible = "\n".join(path.read_text() for path in python_sources(task))
    names = added_tests(task)
    assert names
    assert not [name for name in names if re.search(rf"def {name}\b", visible)]
    for test in load(task)["FAIL_TO_PASS"]:
        assert test.split("::")[-1] in names


@each_task
def test_verdict_lists_make_sense(task: Path) -> None:
    """Both lists are filled, disjoint, free of spaces and brackets, and name files the eval script runs."""
    instance = load(task)
    failing, passing = instance["FAIL_TO_PASS"], instance["PASS_TO_PASS"]
    assert failing
    assert passing
    assert not set(failing) & set(passing)
    assert not [test for test in failing + passing if re.search(r"[\s\[\]]", test)]
    assert {test.split("::")[0] for test in failing + passing} == set(recipe.patched_files(instance["test_patch"]))


@each_task
def test_patches_touch_what_they_may(task: Path) -> None:
    """Gold changes existing sources and no test; the test patch changes only tests."""
    instance = load(task)
    gold = PatchSet(instance["patch"])
    assert gold
    assert all(file.is_modified_file for file in gold)
    assert not [file.path for file in gold if file.path.startswith("tests/") or "test_" in file.path]
    assert all(file.path.startswith("tests/test_") for file in PatchSet(instance["test_patch"]))


@each_task
def test_gold_is_small(task: Path) -> None:
    """A reference fix changes at most 30 lines."""
    gold = PatchSet(load(task)["patch"])
    assert 1 <= gold.added + gold.removed <= 30


@each_task
def test_statement_reads_like_an_issue(task: Path) -> None:
    """A title on the first line, a blank one, a body; and nothing of the reference fix or its path in the prose."""
    instance = load(task)
    statement = instance["problem_statement"]
    title, blank, *body = statement.splitlines()
    assert 10 <= len(title) <= 100
    assert not blank
    assert body
    prose = re.sub(r"^```.*?^```$", "", statement, flags=re.MULTILINE | re.DOTALL)
    for file in PatchSet(instance["patch"]):
        assert file.path not in prose
        for line in (line.value.strip() for hunk in file for line in hunk if line.is_added):
            assert len(line) < 12 or line not in statement


def test_two_thirds_have_a_snippet() -> None:
    """Twenty statements carry a runnable snippet, in all three forms; ten are prose only."""
    snippets = [find_snippet(load(task)["problem_statement"]) for task in TASKS]
    kinds = [snippet.kind for snippet in snippets if snippet]
    assert len(kinds) == 20
    assert set(kinds) == {"doctest", "output", "traceback"}


def test_hints_are_given_for_some() -> None:
    """About a third of the tasks have a maintainers' discussion; it is sealed data."""
    with_hints = sum((task / "hints.md").is_file() for task in TASKS)
    assert 8 <= with_hints <= 14


def test_phase_list_names_every_task_once() -> None:
    """The frozen order of the ramp covers all thirty ids."""
    ids = PHASE_LIST.read_text().split()
    assert sorted(ids) == [task.name for task in TASKS]


def test_tests_json_is_plain() -> None:
    """The verdict lists are stored as JSON lists of strings, not as JSON inside a string."""
    for task in TASKS:
        stored = json.loads((task / "tests.json").read_text())
        assert set(stored) == {"FAIL_TO_PASS", "PASS_TO_PASS"}
        assert all(isinstance(test, str) for tests in stored.values() for test in tests)


def test_the_recipe_sees_every_byte(tmp_path: Path) -> None:
    """Another byte, another name or another id gives another commit; the same tree gives the same."""
    (tmp_path / "a.py").write_text("x = 1\n")
    first = recipe.base_commit("starter__x-1", tmp_path)
    assert recipe.base_commit("starter__x-1", tmp_path) == first
    assert recipe.base_commit("starter__x-2", tmp_path) != first
    (tmp_path / "a.py").write_text("x = 2\n")
    assert recipe.base_commit("starter__x-1", tmp_path) != first
