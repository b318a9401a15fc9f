"""What an issue's code goes through: run for real on small files, and reports that are not to be trusted."""

from __future__ import annotations

import ast
from dataclasses import replace

import pytest

from orchestrator.errors import SandboxError
from orchestrator.judge.driver_run import driver_source
from orchestrator.judge.walking import program, read_walk, walk
from orchestrator.localize.tracing import tracer_source
from orchestrator.protocols import SandboxOutcome, SandboxResult
from orchestrator.records import CodeRun, Execution
from tests.unit.judge.fakes import BASE, TASK, DictTree, FakeSandbox
from tests.unit.judge.local_sandbox import LocalSandbox

FILES = {
    **BASE,
    "demo/core.py": (
        "from demo.low import check\n\n\ndef add(a, b):\n    return check(a) - check(b)\n\n\n"
        "def first(items):\n    return check(items)[0]\n"
    ),
    "demo/low.py": "def check(value):\n    return value\n\n\nclass Shelf:\n    def __repr__(self):\n        return 'Shelf'\n",
    "tests/test_low.py": "from demo.low import check\n\n\ndef test_check():\n    assert check(1) == 1\n",
    "tests/test_wrong.py": "def test_wrong():\n    assert False\n",
}


def walked(issue: str, files: dict[str, str] = FILES) -> Execution:
    """What the code of an issue went through in the files."""
    task = replace(TASK, repo="somebody/demo", problem_statement=issue)
    return walk(task, LocalSandbox(DictTree(files)), tracer_source=tracer_source())


def entered(found: Execution, run: CodeRun) -> list[str]:
    """The names of the functions that a run entered, in order."""
    return [found.functions[place].qualified_name or "" for place in run.entered]


def test_each_statement_is_a_run_with_its_own_functions() -> None:
    """A failing one names its exception, whose frames come last, and does not stop the next."""
    found = walked("Odd\n\n```python\nfrom demo.core import add, first\nfirst([])\nadd(2, 1)\n```\n")
    assert [run.kind for run in found.runs] == ["import", "statement", "statement"]
    failing, adding = found.runs[1:]
    assert failing.failed == "IndexError: list index out of range"
    assert (entered(found, failing), failing.frames) == (["check", "first"], 1)
    assert (entered(found, adding), adding.failed) == (["add", "check"], "")
    assert (failing.source, adding.source) == ("first([])", "add(2, 1)")


def test_an_exception_that_the_issue_names_is_marked() -> None:
    """What else fails may fail for a reason of the snippet's own."""
    code = "\n\n```python\nfrom demo.core import first\nfirst([])\n```\n"
    assert [walked(f"{title}{code}").runs[1].reported for title in ("IndexError for no items", "Odd")] == [True, False]


def test_the_project_s_passing_tests_say_what_is_common() -> None:
    """A function that a passing test enters too is told from one that only the issue enters; a failing test counts not."""
    found = walked("`first([2])` is wrong\n\n```python\nfrom demo.core import first\n```")
    passed = {place.qualified_name: count for place, count in zip(found.functions, found.passed, strict=True)}
    assert passed == {"check": 2, "first": 0}
    assert found.passing == 2


def test_a_name_that_the_issue_takes_for_granted_is_looked_up() -> None:
    """In the project's loaded modules; what nobody defines stays a NameError, asked once more at the end."""
    found = walked("Title\n\n```python\nimport demo.core\nprint(first([1]))\nlater = unheard_of(1)\n```\n")
    assert [(run.kind, run.failed) for run in found.runs][1:] == [
        ("statement", ""),
        ("statement", "NameError: name 'unheard_of' is not defined"),
    ]
    assert entered(found, found.runs[1]) == ["first", "check"]


def test_a_statement_waits_for_the_definition_that_comes_after_it() -> None:
    """Issues tell a story in any order."""
    found = walked(
        "Title\n\n```python\nmine(1)\n```\nwith\n```python\nfrom demo.low import check\ndef mine(x):\n    return check(x)\n```"
    )
    assert entered(found, found.runs[-1]) == ["check"]
    assert not found.runs[-1].failed


def test_values_are_shown_as_at_the_prompt() -> None:
    """The way a value is printed may be what the issue is about."""
    found = walked("Title\n\n```python\nfrom demo.low import Shelf\nShelf()\n```\n")
    assert entered(found, found.runs[1]) == ["Shelf.__repr__"]


def test_what_never_ends_is_ended() -> None:
    """A statement has its seconds; the next one has its own."""
    endless = "Title\n\n```python\nfrom demo.core import add\nwhile True: add(1, 1)\nadd(2, 2)\n```\n"
    found = walked(endless)
    assert found.runs[1].failed.startswith("OutOfTime")
    assert entered(found, found.runs[2]) == ["add", "check"]


@pytest.mark.parametrize(
    ("issue", "why"),
    [
        ("Nothing to run.", "the issue has no code"),
        ("T\n\n```python\nx = 1 + 1\n```", "the issue's code ran through no function of the project"),
        ("T\n\n```python\nimport os\nos._exit(3)\n```", "did not report: the process ended before it could report"),
    ],
)  # fmt: skip
def test_why_there_is_nothing_is_said(issue: str, why: str) -> None:
    """No code, none of the project's, or a process that ended itself."""
    found = walked(issue)
    assert why in found.reason
    assert not any(run.entered for run in found.runs)


def test_an_environment_that_breaks_is_an_error() -> None:
    """Nothing is said about the issue then."""
    broken = FakeSandbox(SandboxResult(SandboxOutcome.INFRA, None, b"", detail="the daemon went away"))
    with pytest.raises(SandboxError, match="daemon went away"):
        walk(replace(TASK, problem_statement="`f(1)`"), broken, tracer_source="")


@pytest.mark.parametrize(
    "report",
    [
        {},
        {"functions": [["/etc/passwd", "f", 1, 2, 0]], "runs": [], "passing": 0},
        {"functions": [["a/../../b.py", "f", 1, 2, 0]], "runs": [], "passing": 0},
        {"functions": [["a.py", "f", 1, 2, 0]], "runs": [["statement", "x", "", 0, [1]]], "passing": 0},
        {"functions": [["a.py", "f", 1, 2, 0]], "runs": [["statement", "x", "", 0, [True]]], "passing": 0},
        {"functions": [["a.py", "f", 1]], "runs": [], "passing": 0},
        {"functions": 3, "runs": [], "passing": 0},
    ],
)  # fmt: skip
def test_a_report_of_another_shape_is_not_used(report: dict[str, object]) -> None:
    """The code that ran could have written it."""
    assert read_walk(report, "") == Execution(reason="the report on the issue's code is malformed")


@pytest.mark.parametrize(("issue", "drawn"), [("Out[1]:\n\u2500\u2500\u2500\n2", True), ("Out[1]: 1/2", False)])
def test_formulas_that_are_drawn_are_printed_as_drawings(issue: str, drawn: bool) -> None:
    """Isympy's printing, where the issue shows it."""
    assert ("init_printing(pretty_print=True" in program("sympy/sympy", [], issue)) is drawn


def test_the_texts_that_run_in_a_sandbox_use_only_syntax_of_python_3_6() -> None:
    """The oldest images run them."""
    for name in ("walk", "neutral", "opening_django", "after_django", "missing_django"):
        ast.parse(driver_source(name), feature_version=(3, 6))
