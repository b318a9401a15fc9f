"""The instance: what the loop may know of it, and what is sealed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Task:
    """What the loop may know of one instance. Nothing here comes from the graded tests or the gold patch.

    `setup_script` holds the row's environment lines (activate, locale), `test_command` its test runner without file
    arguments. `image` is None where the sandbox needs none. The `visible_` fields are empty unless `disclosure` is "oracle":
    the graded tests' ids, the patch that brings them, and the arguments of `test_command` that run them.
    """

    instance_id: str
    benchmark: str
    repo: str
    base_commit: str
    problem_statement: str
    version: str = ""
    image: str | None = None
    setup_script: str = ""
    test_command: str = "python -m pytest -rA"
    log_parser: str = ""
    language: str = "python"
    disclosure: str = "repo-tests"
    visible_tests: tuple[str, ...] = ()
    visible_test_patch: str = ""
    visible_test_arguments: tuple[str, ...] = ()
    row_sha256: str = ""


@dataclass(frozen=True, slots=True)
class Sealed:
    """What grades an instance. Opened once, by `evaluate/`, after the patch is frozen and hashed.

    `row` is the validated dataset row that swebench's `make_test_spec` takes.
    """

    instance_id: str
    patch: str
    test_patch: str
    fail_to_pass: tuple[str, ...]
    pass_to_pass: tuple[str, ...]
    hints_text: str
    eval_script: str
    row: Mapping[str, Any]
