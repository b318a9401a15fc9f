"""Stage 4: no new fault that a reader can see."""

from __future__ import annotations

import pytest

from orchestrator.judge.lints import adds_no_lint
from orchestrator.records import Judgement
from tests.unit.judge.fakes import BASE, DictTree, candidate, case, change, rewrite, settings

BASE_CODE = "import os\n\n\ndef add(a, b):\n    return a - b\n"


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("def add(a, b):\n    return a + c\n", "lints.UndefinedName"),
        ("x = 0\n\n\ndef add(a, b):\n    y = x\n    x = 1\n    return y\n", "lints.UndefinedLocal"),
        ("def add(a, b):\n    return a\n\n\ndef add(a, b):\n    return b\n", "lints.RedefinedWhileUnused"),
        ("__all__ = ['gone']\n", "lints.UndefinedExport"),
        ("from demo.missing import x\nprint(x)\n", "lints.unreachable_import"),
        ("from demo.net import missing\nprint(missing)\n", "lints.unreachable_import"),
        ("from . import missing\nprint(missing)\n", "lints.unreachable_import"),
        ("import demo.missing\nprint(demo)\n", "lints.unreachable_import"),
        ("def add(a, b):\n    return '%s %s' % (a,)\n", "lints.PercentFormatPositionalCountMismatch"),
    ],
)
def test_new_faults_are_refused(text: str, rule: str) -> None:
    """Undefined names, redefinitions, unreachable imports and broken formats, by rule."""
    finding = adds_no_lint(rewrite(text), case())
    assert finding.rule == rule
    assert "demo/core.py" in finding.reason
    assert finding.advice


@pytest.mark.parametrize(
    "text",
    [
        "import os\nimport os\n\n\ndef add(a, b):\n    return a + b\n",
        "def add(a, b):\n    unused = 1\n    return a + b\n",
        "from demo.net import socket\nprint(socket)\n",
        "from demo import net\nprint(net)\n",
        "try:\n    from demo.missing import x\nexcept ImportError:\n    x = None\n",
        "from elsewhere import anything\nprint(anything)\n",
        "from demo._version import version\nprint(version)\n",
    ],
)
def test_style_and_reachable_imports_are_no_faults(text: str) -> None:
    """Unused names, doubled imports, other packages, guarded imports and generated version files pass."""
    assert adds_no_lint(rewrite(text), case()).judgement is Judgement.PASS


def test_a_fault_that_was_there_before_is_not_new_wherever_it_moved() -> None:
    """Lines shift and definitions are renamed: the same undefined name is still the same."""
    base = {**BASE, "demo/old.py": "def f():\n    return unicode(1)\n"}
    shifted = candidate(
        change("demo/old.py", "import os\n\n\ndef f():\n    os.getcwd()\n    return unicode(1)\n", base)
    )
    moved = candidate(change("demo/old.py", "def g():\n    return unicode(1)\n", base))
    doubled = candidate(
        change("demo/old.py", "def f():\n    return unicode(1)\n\n\ndef g():\n    return unicode(2)\n", base)
    )
    assert adds_no_lint(shifted, case()).judgement is Judgement.PASS
    assert adds_no_lint(moved, case()).judgement is Judgement.PASS
    assert adds_no_lint(doubled, case()).rule == "lints.UndefinedName"


def test_imports_see_what_the_candidate_itself_adds() -> None:
    """A module, and a name in a module, that the same candidate creates can be imported."""
    one = candidate(
        change("demo/new.py", "def helper():\n    return 1\n"),
        change("demo/core.py", "from demo.new import helper\n\n\ndef add(a, b):\n    return helper()\n"),
    )
    assert adds_no_lint(one, case()).judgement is Judgement.PASS


def test_a_deleted_module_cannot_be_imported() -> None:
    """What the candidate deletes is gone."""
    one = candidate(change("demo/net.py", None), change("demo/core.py", "from demo.net import socket\nprint(socket)\n"))
    assert adds_no_lint(one, case()).rule == "lints.unreachable_import"


def test_modules_that_may_define_anything_are_trusted() -> None:
    """Star imports, `__getattr__` and names made at run time count as reachable."""
    for text in ("from os import *\n", "def __getattr__(name):\n    return 1\n", "globals()['x'] = 1\n"):
        tree = DictTree({**BASE, "demo/net.py": text})
        one = rewrite("from demo.net import x\nprint(x)\n")
        assert adds_no_lint(one, case(tree=tree)).judgement is Judgement.PASS


def test_lint_can_be_switched_off() -> None:
    """Under `lint = false` the stage abstains."""
    finding = adds_no_lint(rewrite("def add(a, b):\n    return c\n"), case(settings=settings(lint=False)))
    assert finding.judgement is Judgement.ABSTAIN


def test_unreadable_code_says_nothing() -> None:
    """What does not parse is the business of the stage before."""
    assert adds_no_lint(rewrite("def add(:\n"), case()).judgement is Judgement.ABSTAIN
