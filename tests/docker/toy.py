"""A toy repository and its dataset row: one bug, tests that show it, and the official kind of grading script."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

SOURCE = {
    "shapes/__init__.py": 'from shapes.area import area\n\n__all__ = ["area"]\n',
    "shapes/area.py": "def area(width, height):\n    return width + height\n",
    "tests/test_area.py": (
        "from shapes import area\n\n\ndef test_unit():\n    assert area(2, 2) == 4\n\n\ndef test_type():\n"
        "    assert isinstance(area(1, 2), int)\n"
    ),
    "setup.py": 'from setuptools import setup\n\nsetup(name="shapes", version="1", packages=["shapes"])\n',
}
GOLD = """\
diff --git a/shapes/area.py b/shapes/area.py
--- a/shapes/area.py
+++ b/shapes/area.py
@@ -1,2 +1,2 @@
 def area(width, height):
-    return width + height
+    return width * height
"""
WRONG = GOLD.replace("width * height", "width - height")
NOT_APPLYING = GOLD.replace("return width + height", "return something_else")
TEST_PATCH = """\
diff --git a/tests/test_area.py b/tests/test_area.py
--- a/tests/test_area.py
+++ b/tests/test_area.py
@@ -8,2 +8,6 @@ def test_unit():
 def test_type():
     assert isinstance(area(1, 2), int)
+
+
+def test_oblong():
+    assert area(2, 5) == 10
"""
_EVAL = """\
#!/bin/bash
set -uxo pipefail
source /opt/miniconda3/bin/activate
conda activate testbed
cd /testbed
git config --global --add safe.directory /testbed
cd /testbed
git status
git show
git -c core.fileMode=false diff {base}
source /opt/miniconda3/bin/activate
conda activate testbed
python -m pip install -e .
git checkout {base} tests/test_area.py
git apply -v - <<'EOF_114329324912'
{test_patch}
EOF_114329324912
: '>>>>> Start Test Output'
pytest -rA -p no:cacheprovider tests/test_area.py
: '>>>>> End Test Output'
git checkout {base} tests/test_area.py
"""


def make_repository(folder: Path, *, with_future: bool = False) -> str:
    """Commit the toy in `folder` and return the commit; `with_future` leaves a later commit among the objects."""
    for name, text in SOURCE.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    _git(folder, "init", "--quiet", "--initial-branch=main")
    _commit(folder, "the toy")
    base = _git(folder, "rev-parse", "HEAD")
    if with_future:
        (folder / "shapes/area.py").write_text("def area(width, height):\n    return width * height\n")
        _commit(folder, "the fix, which must not be in an image")
        _git(folder, "reset", "--quiet", "--hard", base)
    return base


def make_row(base: str, image: str, **changes: Any) -> dict[str, Any]:
    """The toy's dataset row."""
    columns = {
        "instance_id": "ramp__toy-1",
        "repo": "ramp/toy",
        "base_commit": base,
        "problem_statement": "area(2, 5) is 7",
        "patch": GOLD,
        "test_patch": TEST_PATCH,
        "hints_text": "",
        "version": "1.0",
        "FAIL_TO_PASS": ["tests/test_area.py::test_oblong"],
        "PASS_TO_PASS": ["tests/test_area.py::test_unit", "tests/test_area.py::test_type"],
        "image": image,
        "log_parser": "parse_log_pytest",
        "eval_type": "pass_and_fail",
        "eval_script": _EVAL.format(base=base, test_patch=TEST_PATCH),
    }
    return columns | changes


def new_file(path: str, text: str) -> str:
    """A patch that adds one file."""
    lines = text.rstrip("\n").split("\n")
    added = "".join(f"+{line}\n" for line in lines)
    head = f"diff --git a/{path} b/{path}\nnew file mode 100644\n--- /dev/null\n+++ b/{path}\n"
    return f"{head}@@ -0,0 +1,{len(lines)} @@\n{added}"


def _commit(folder: Path, message: str) -> None:
    _git(folder, "add", "--all")
    _git(folder, "commit", "--quiet", "--message", message)


def _git(folder: Path, *arguments: str) -> str:
    fixed = {f"GIT_{who}_{what}": value for who in ("AUTHOR", "COMMITTER") for what, value in _IDENTITY.items()}
    environment = fixed | {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": str(folder), "GIT_CONFIG_NOSYSTEM": "1"}
    done = subprocess.run(
        ["git", "-C", str(folder), *arguments], capture_output=True, text=True, check=True, env=environment
    )
    return done.stdout.strip()


_IDENTITY = {"NAME": "toy", "EMAIL": "toy@localhost", "DATE": "2026-01-01T00:00:00+00:00"}
