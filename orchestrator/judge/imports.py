"""Stage 5: do the touched modules import in the sandbox?

A module that does not import at base_commit either (it needs settings, or is a script) says nothing, unless it now
fails in a way that only new code fails.
"""

from __future__ import annotations

import json
from typing import Any

from orchestrator.judge.case import Case
from orchestrator.judge.driver_run import ENDINGS, DriverRun, driver_source, run_driver
from orchestrator.judge.findings import Violation, abstained, broken, passed, refused
from orchestrator.judge.path_policy import is_test_path
from orchestrator.judge.repo_imports import module_of
from orchestrator.protocols import SandboxOutcome
from orchestrator.records import Candidate, Finding

STAGE = "imports"

Module = tuple[str, str]
"""(root folder, dotted name)."""

_NEW_CODES_OWN = frozenset(
    {
        "NameError",
        "ImportError",
        "ModuleNotFoundError",
        "SyntaxError",
        "IndentationError",
        "TabError",
        "TypeError",
        "AttributeError",
    }
)


def still_imports(candidate: Candidate, case: Case) -> Finding:
    """Pass where every touched module that imports at base_commit imports; abstain where there is none to try."""
    modules = touched_modules(candidate, case)
    if not modules:
        return abstained(STAGE, candidate, "no touched file is an importable module")
    run = _run(modules, candidate.diff, case)
    if run.broke:
        return broken(STAGE, candidate, run.detail or str(run.outcome), output=run.output, duration_s=run.duration_s)
    if run.results is None:
        violation = Violation(
            f"imports.{run.outcome}", f"importing {_names(modules)}: {ENDINGS[run.outcome]}", _ADVICE_ENDING
        )
        return refused(STAGE, candidate, violation, output=run.output, duration_s=run.duration_s)
    found: dict[str, dict[str, Any]] = run.results["modules"]
    failing = [module for module in modules if not found[module[1]]["imported"]]
    for module in failing:
        now, before = found[module[1]], _at_base(module, case)
        if before is None or (before != now["exception"] and now["exception"] in _NEW_CODES_OWN):
            violation = Violation(
                f"imports.{now['exception']}", f"{module[1]} no longer imports: {now['text']}", _ADVICE
            )
            return refused(STAGE, candidate, violation, output=run.output, duration_s=run.duration_s)
    if len(failing) == len(modules):
        return abstained(
            STAGE, candidate, f"{_names(modules)}: not importable at base_commit either", duration_s=run.duration_s
        )
    return passed(STAGE, candidate, f"{_names(modules)} import(s)", duration_s=run.duration_s)


_ADVICE = "Make sure that every name is defined before it is used and that no import goes round in a circle."
_ADVICE_ENDING = "A module must not do work while it is imported."


def touched_modules(candidate: Candidate, case: Case) -> tuple[Module, ...]:
    """The modules of the changed files: inside packages, or at the top of the repository, `src` or `lib`; no scripts, no tests."""
    known = frozenset(case.tree.entries()) | {change.path for change in candidate.changes if change.after is not None}
    found: list[Module] = []
    for change in candidate.changes:
        module = module_of(change.path, known)
        if module is None or change.after is None or is_test_path(change.path) or module[1].endswith("__main__"):
            continue
        if "/" in change.path.removeprefix(module[0]).strip("/") or module[0] in ("", "src", "lib"):
            found.append(module)
    return tuple(found)


def _names(modules: tuple[Module, ...]) -> str:
    return ", ".join(name for _, name in modules)


def _run(modules: tuple[Module, ...], patch: bytes, case: Case) -> DriverRun:
    return run_driver(
        case.sandbox,
        driver_source("import_check"),
        purpose=f"imports {_names(modules)}",
        setup_script=case.task.setup_script,
        patch=patch,
        timeout_s=case.settings.imports_timeout_s,
        environment={"RAMP_PLAN": json.dumps({"modules": modules})},
    )


def _at_base(module: Module, case: Case) -> str | None:
    """The exception with which the module fails at base_commit, None where it imports (or is new); remembered in the memo."""
    key = f"imports:{module[0]}:{module[1]}"
    with case.memo_lock:
        if key not in case.memo:
            run = _run((module,), b"", case)
            if run.outcome is SandboxOutcome.EXITED and run.results is not None:
                said = run.results["modules"][module[1]]
                case.memo[key] = None if said["imported"] else said["exception"]
            else:
                case.memo[key] = str(run.outcome)
        answer: str | None = case.memo[key]
    return answer
