"""What the code of an issue runs through at base_commit: evidence of where to look, whether or not it reproduces anything.

One run in the sandbox. Every statement is traced by itself and nothing is judged, so that this may be lenient: names that a
snippet lacks are looked up in the project, a statement that fails is followed by the next one. Beside it a few of the
project's own tests run, for what everything goes through.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

from orchestrator.errors import SandboxError
from orchestrator.judge.driver_run import ENDINGS, driver_source, run_driver
from orchestrator.judge.pieces import Piece, pieces_of
from orchestrator.protocols import Sandbox
from orchestrator.records import CodeRun, Execution, Location, Task

CODE_S, STATEMENT_S, PASSING_S = 25.0, 8.0, 12.0
"""Seconds for all code of an issue, for one statement of it, and for the neutral tests beside it."""

_PASSING_RUNS = 16
_MOST_FUNCTIONS, _MOST_RUNS = 6_000, 200
_PACKAGES = {"scikit-learn": "sklearn"}
# What isympy defines before its first prompt.
_SYMPY = (
    "import sympy.abc",
    "from sympy.abc import x, y, z, t",
    "k, m, n = symbols('k m n', integer=True)",
    "f, g, h = symbols('f g h', cls=Function)",
)

_DRAWN = re.compile("[\u2500-\u257f\u239b-\u23b3]")


def walk(task: Task, sandbox: Sandbox, *, tracer_source: str, timeout_s: float = 90.0) -> Execution:
    """Run what code the issue has; an Execution without runs says why there are none. Raises SandboxError where it breaks."""
    pieces = pieces_of(task.problem_statement)
    if not pieces:
        return Execution(reason="the issue has no code")
    run = run_driver(
        sandbox,
        program(task.repo, pieces, task.problem_statement),
        purpose="what the issue's code runs through at base_commit",
        setup_script=task.setup_script,
        timeout_s=timeout_s,
        beside={"RAMP_TRACER": tracer_source},
    )
    if not run.started:
        return Execution(reason=run.detail, duration_s=run.duration_s)
    if run.broke:
        raise SandboxError(f"the issue's code could not be run: {run.detail or run.outcome}")
    if run.results is None:
        return Execution(reason=f"the issue's code did not report: {ENDINGS[run.outcome]}", duration_s=run.duration_s)
    return read_walk(run.results, task.problem_statement, run.duration_s)


def program(repo: str, pieces: Sequence[Piece], issue: str = "") -> str:
    """The text of a program that runs `pieces` of `issue` in a project and reports, from the repository's root."""
    name = repo.rpartition("/")[2]
    package = _PACKAGES.get(name, name.replace("-", "_"))
    django = package == "django"
    opening = [f"import {package}", f"from {package} import *"]
    if package == "sympy":
        # Who shows formulas as drawings has the printing of isympy, where every value goes through the pretty printer.
        drawn = ["init_printing(pretty_print=True, use_unicode=True)"] if _DRAWN.search(issue) else []
        opening += [*_SYMPY, *drawn]
    if package == "pytest":
        # Its input is test modules, whatever their tests are called.
        tests = [Piece("test", piece.source) for piece in pieces if piece.kind == "code"]
        pieces = tuple(dict.fromkeys((*pieces, *tests)))
    plan = {
        "package": package,
        # A model belongs to the app whose `models` module it is defined in.
        "module": "issue.models" if django else "__main__",
        "opening": [driver_source("opening_django")] if django else opening,
        "missing": driver_source("missing_django") if django else "",
        "after_definition": driver_source("after_django") if django else "",
        "pieces": [[piece.kind, piece.source] for piece in pieces],
        "code_s": CODE_S,
        "statement_s": STATEMENT_S,
        "passing_s": PASSING_S,
        "passing_runs": _PASSING_RUNS,
        "tests_root": "tests" if django else ".",
    }
    return f"PLAN_TEXT = {json.dumps(plan)!r}\n{driver_source('neutral')}\n{driver_source('walk')}"


def read_walk(results: dict[str, Any], issue: str, duration_s: float = 0.0) -> Execution:
    """What the driver reported; a report that is not as the driver writes it says that the code meddled, and is not used."""
    try:
        places = [
            Location(_inside(path), str(name), int(first), int(last))
            for path, name, first, last, _ in results["functions"][:_MOST_FUNCTIONS]
        ]
        passed = tuple(int(row[4]) for row in results["functions"][:_MOST_FUNCTIONS])
        runs = tuple(_read_run(row, len(places), issue) for row in results["runs"][:_MOST_RUNS])
        passing = int(results["passing"])
    except (KeyError, IndexError, TypeError, ValueError):
        return Execution(reason="the report on the issue's code is malformed", duration_s=duration_s)
    reason = "" if any(run.entered for run in runs) else "the issue's code ran through no function of the project"
    return Execution(tuple(places), passed, passing, runs, reason, duration_s)


def _inside(path: str) -> str:
    if path.startswith("/") or ".." in path.split("/"):
        raise ValueError(path)
    return path


def _read_run(row: Any, functions: int, issue: str) -> CodeRun:
    kind, source, failed, frames, entered = row
    if not all(type(place) is int and 0 <= place < functions for place in entered):
        raise ValueError("a function that is not listed")
    exception = str(failed).partition(":")[0]
    reported = bool(exception) and re.search(rf"\b{re.escape(exception)}\b", issue) is not None
    return CodeRun(str(kind), str(source), tuple(entered), str(failed), int(frames), reported=reported)
