"""What `--lean` leaves out, and what it never does."""

from __future__ import annotations

import pytest

from orchestrator.evaluate.lean import lean_script
from tests.unit.benchmarks.examples import BASE, TEST_PATCH, eval_script

PLAIN = "diff --git a/pkg.py b/pkg.py\n"


def left_out(script: str, *patches: str) -> list[str]:
    """The lines that are gone."""
    kept = lean_script(script, *patches).split("\n")
    return [line for line in script.split("\n") if line not in kept]


def test_looking_and_an_editable_install_are_left_out() -> None:
    """Nothing else goes."""
    expected = ["git status", "git show", f"git -c core.fileMode=false diff {BASE}", "python -m pip install -e ."]
    assert left_out(eval_script(), PLAIN, TEST_PATCH) == expected


@pytest.mark.parametrize(
    "path", ["setup.py", "setup.cfg", "pyproject.toml", "src/fast.pyx", "lib/a.c", "requirements/test.txt", "x.toml"]
)
def test_the_install_stays_where_packaging_or_compiled_files_change(path: str) -> None:
    """In the gold patch, the model's or the test patch."""
    touching = f"diff --git a/{path} b/{path}\n"
    assert not any("pip" in line for line in left_out(eval_script(), touching, TEST_PATCH))
    assert not any("pip" in line for line in left_out(eval_script(), PLAIN, touching))


@pytest.mark.parametrize("install", ["python -m pip install .", "pip install pytest -e . && make", "make"])
def test_other_installs_stay(install: str) -> None:
    """A copied install has to be made again to see the patch."""
    assert install not in left_out(eval_script(install=install), PLAIN)


def test_lines_of_the_test_patch_are_not_ours_to_leave_out() -> None:
    """A test file may well contain a line that reads `git status`."""
    script = eval_script().replace("import pkg", "git status")
    assert "git status" in lean_script(script, PLAIN).split("git apply", 1)[1]
