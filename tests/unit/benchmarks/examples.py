"""A small, whole dataset row to change in tests."""

from __future__ import annotations

from typing import Any

BASE = "a" * 40

TEST_PATCH = """\
diff --git a/tests/test_parser.py b/tests/test_parser.py
--- a/tests/test_parser.py
+++ b/tests/test_parser.py
@@ -1 +1,3 @@
 import pkg
+def test_hidden_behaviour():
+    assert pkg.f() == 2
"""


def eval_script(command: str = "pytest -rA tests/test_parser.py", install: str = "python -m pip install -e .") -> str:
    """A grading script in the official shape."""
    return f"""#!/bin/bash
set -uxo pipefail
source /opt/miniconda3/bin/activate
conda activate testbed
cd /testbed
git config --global --add safe.directory /testbed
cd /testbed
git status
git show
git -c core.fileMode=false diff {BASE}
source /opt/miniconda3/bin/activate
conda activate testbed
{install}
git checkout {BASE} tests/test_parser.py
git apply -v - <<'EOF_1'
{TEST_PATCH}
EOF_1
: '>>>>> Start Test Output'
{command}
: '>>>>> End Test Output'
git checkout {BASE} tests/test_parser.py
"""


def row(**changes: Any) -> dict[str, Any]:
    """A valid row with some columns changed; a column given as `...` is left out."""
    columns: dict[str, Any] = {
        "instance_id": "psf__requests-1",
        "repo": "psf/requests",
        "base_commit": BASE,
        "problem_statement": "f() returns 1",
        "patch": "diff --git a/pkg.py b/pkg.py\n--- a/pkg.py\n+++ b/pkg.py\n@@ -1 +1 @@\n-x = 1\n+x = 2\n",
        "test_patch": TEST_PATCH,
        "hints_text": "look at f",
        "version": "2.0",
        "FAIL_TO_PASS": '["tests/test_parser.py::test_hidden_behaviour"]',
        "PASS_TO_PASS": '["tests/test_parser.py::test_old"]',
        "image": "swebench/sweb.eval.x86_64.psf_1776_requests-1:latest",
        "log_parser": "parse_log_requests",
        "eval_type": "pass_and_fail",
        "eval_script": eval_script(),
    }
    columns |= changes
    return {name: value for name, value in columns.items() if value is not ...}
