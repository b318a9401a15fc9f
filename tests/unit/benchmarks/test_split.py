"""What of a grading script reaches the Task, and that nothing else of the sealed columns does."""

from __future__ import annotations

from dataclasses import asdict

import pytest

from orchestrator.benchmarks.rows import validate_rows
from orchestrator.benchmarks.scripts import read_script
from orchestrator.benchmarks.split import split_row
from orchestrator.errors import SettingsError
from orchestrator.records import Task
from tests.unit.benchmarks.examples import TEST_PATCH, eval_script, row


def patch_of(*paths: str) -> str:
    """A test patch that names paths."""
    return "".join(f"diff --git a/{path} b/{path}\n--- a/{path}\n+++ b/{path}\n" for path in paths)


@pytest.mark.parametrize(
    ("line", "paths", "command", "arguments"),
    [
        ("pytest -rA tests/test_a.py tests/test_b.py", ("tests/test_a.py", "tests/test_b.py"), "pytest -rA", 2),
        ("pytest --no-header -rA -p no:x tests/test_a.py", ("tests/test_a.py",), "pytest --no-header -rA -p no:x", 1),
        (
            (
                "./tests/runtests.py --verbosity 2 --settings=test_sqlite --parallel 1 admin_views.tests "
                "forms_tests.tests.test_formsets"
            ),
            ("tests/admin_views/tests.py", "tests/forms_tests/tests/test_formsets.py"),
            "./tests/runtests.py --verbosity 2 --settings=test_sqlite --parallel 1",
            2,
        ),
        (
            "PYTHONWARNINGS='ignore::UserWarning,ignore::SyntaxWarning' bin/test -C --verbose sympy/core/tests/test_arit.py",
            ("sympy/core/tests/test_arit.py",),
            "PYTHONWARNINGS='ignore::UserWarning,ignore::SyntaxWarning' bin/test -C --verbose",
            1,
        ),
        ("bin/test sympy/core/tests/test_arit.py", ("sympy/core/tests/test_arit.py",), "bin/test", 1),
        ("A=1 bin/test", ("sympy/core/tests/test_arit.py",), "A=1 bin/test", 0),
        (
            "tox --current-env -epy39 -v -- tests/test_build.py",
            ("tests/test_build.py",),
            "tox --current-env -epy39 -v --",
            1,
        ),
        ("pytest 'tests/test_a.py::test_x[1]'", ("tests/test_a.py",), "pytest", 1),
    ],
)
def test_the_command_loses_its_file_arguments(line: str, paths: tuple[str, ...], command: str, arguments: int) -> None:
    """Each official runner's command is kept to the last option, and what is cut off are the graded files."""
    script = read_script(eval_script(line), patch_of(*paths), ())
    assert script.command == command
    assert len(script.arguments) == arguments


@pytest.mark.parametrize(
    "line",
    [
        "go test ./... -run TestHiddenThing -v",
        "mvn test -Dtest=HiddenThingTest -q",
        "pytest -rA -k test_hidden_thing -x",
    ],
)
def test_a_command_that_still_tells_is_dropped(line: str) -> None:
    """Where an option names a graded test, the loop gets no command rather than one that tells."""
    tests = ("TestHiddenThing", "HiddenThingTest.works", "x.py::test_hidden_thing")
    assert read_script(eval_script(line), patch_of("src/HiddenThingTest.java"), tests).command == ""


def test_set_up_is_what_comes_before_the_test_patch() -> None:
    """Activation and locale stay once; looking at the tree, tracing and the test patch go."""
    locale = "sed -i '/en_US.UTF-8/s/^# //g' /etc/locale.gen && locale-gen\nexport LANG=en_US.UTF-8"
    setup = read_script(eval_script(install=locale), TEST_PATCH, ()).setup
    assert setup.split("\n") == [
        "source /opt/miniconda3/bin/activate",
        "conda activate testbed",
        "cd /testbed",
        "git config --global --add safe.directory /testbed",
        "sed -i '/en_US.UTF-8/s/^# //g' /etc/locale.gen && locale-gen",
        "export LANG=en_US.UTF-8",
        "",
    ]


@pytest.mark.parametrize(
    ("line", "kept"),
    [
        ("python -m pip install -e .", ""),
        ("python -m pip install -e .[test] --verbose", ""),
        ("python -m pip install -v --no-use-pep517 --no-build-isolation -e .", ""),
        ("pip install pytest==7", ""),
        ("python -m pip install .", "python -m pip install --quiet --no-deps --no-build-isolation ."),
        ("python -m pip install .[all]", "python -m pip install --quiet --no-deps --no-build-isolation ."),
        ("apt-get update && apt-get install -y x", ""),
        ("npm ci", ""),
        ("make build", "make build"),
    ],
)
def test_installs_do_not_need_a_network(line: str, kept: str) -> None:
    """Editable installs are in the image; a copied one is made again without a network; others are left out."""
    lines = read_script(eval_script(install=line), TEST_PATCH, ()).setup.split("\n")
    assert (kept in lines) if kept else (line not in lines and not any("install" in one for one in lines))


def test_a_set_up_line_that_names_a_graded_file_is_left_out() -> None:
    """Whatever comes before the test patch, its file names do not pass."""
    setup = read_script(eval_script(install="touch tests/test_parser.py"), TEST_PATCH, ()).setup
    assert "test_parser" not in setup


def test_no_canary_of_a_sealed_column_reaches_the_task() -> None:
    """Strings planted in every sealed column, in test names and in test file names are nowhere in the Task."""
    hidden_file = "tests/test_CANARYFILE.py"
    changes = {
        "patch": "CANARYPATCH",
        "test_patch": patch_of(hidden_file) + "+def test_CANARYADDED(): pass\n",
        "hints_text": "CANARYHINT",
        "FAIL_TO_PASS": [f"{hidden_file}::test_CANARYFAIL"],
        "PASS_TO_PASS": [f"{hidden_file}::test_CANARYPASS"],
        "eval_script": eval_script(f"pytest -rA {hidden_file}", install=f"cp CANARYSCRIPT {hidden_file}"),
        "canary_column": "CANARYEXTRA",
    }
    task, sealed = split_row(validate_rows([row(**changes)], "here")[0], "lite")
    assert "CANARY" not in repr(asdict(task))
    for planted in (
        "CANARYPATCH",
        "CANARYADDED",
        "CANARYHINT",
        "CANARYFAIL",
        "CANARYPASS",
        "CANARYFILE",
        "CANARYEXTRA",
    ):
        assert planted in repr(sealed)


def test_the_oracle_discloses_and_says_so() -> None:
    """Only then the Task carries the graded tests, the patch that brings them and how to run them."""
    (good,) = validate_rows([row()], "here")
    task, _ = split_row(good, "lite", "oracle")
    assert task.disclosure == "oracle"
    assert task.visible_tests == (*good.FAIL_TO_PASS, *good.PASS_TO_PASS)
    assert task.visible_test_patch == good.test_patch
    assert task.visible_test_arguments == ("tests/test_parser.py",)


def test_the_default_discloses_nothing() -> None:
    """Without asking for the oracle every visible field is empty, and a misspelt word is refused."""
    (good,) = validate_rows([row()], "here")
    task, _ = split_row(good, "lite")
    assert (task.disclosure, task.visible_tests, task.visible_test_patch, task.visible_test_arguments) == (
        "repo-tests",
        (),
        "",
        (),
    )
    with pytest.raises(SettingsError, match="oracle"):
        split_row(good, "lite", "orcale")


def test_a_task_has_no_field_for_sealed_columns() -> None:
    """A field that could carry a sealed column by accident would have to be added here first."""
    assert set(Task.__dataclass_fields__) == {
        *("instance_id", "benchmark", "repo", "base_commit", "problem_statement", "version", "image", "setup_script"),
        *("test_command", "log_parser", "language", "disclosure", "row_sha256"),
        *("visible_tests", "visible_test_patch", "visible_test_arguments"),
    }
