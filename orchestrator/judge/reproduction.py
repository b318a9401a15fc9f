"""A reproduction from the issue's own snippet: extracted, then accepted only if it fails at base_commit in the reported way."""

from __future__ import annotations

import ast
import hashlib
import json
import re
from dataclasses import asdict, replace
from typing import Any

from rapidfuzz import fuzz

from orchestrator.errors import SandboxError
from orchestrator.judge.drafts import ReproductionDraft, extract_reproduction
from orchestrator.judge.driver_run import DriverRun, driver_source, run_driver
from orchestrator.judge.snippets import Example
from orchestrator.protocols import Sandbox
from orchestrator.records import ExecutedFunction, Location, Reproduction, Task

__all__ = ["ReproductionDraft", "confirm", "extract_reproduction", "reproduce", "script_of"]

# isympy's own opening lines.
_SHELL_NAMES = {"sympy": ("from sympy.abc import x, y, z, t",)}
_INCOMPLETE = frozenset(
    {"NameError", "ImportError", "ModuleNotFoundError", "SyntaxError", "IndentationError", "FileNotFoundError"}
)
# Below this likeness an "expected" block is prose about the result, not the result.
_LEAST_LIKENESS = 50.0


def script_of(draft: ReproductionDraft) -> str:
    """The self-contained program for a draft: run from the repository's root it prints what it saw."""
    plan = {
        "kind": draft.kind,
        "exception": draft.exception,
        "meant": draft.meant,
        "exact": draft.exact,
        "examples": [asdict(example) for example in draft.examples],
    }
    return f"PLAN_TEXT = {json.dumps(plan)!r}\n{driver_source('reproduce')}"


def reproduce(task: Task, sandbox: Sandbox, *, timeout_s: float = 60.0, tracer_source: str = "") -> Reproduction:
    """The first draft of the task's issue that holds at base_commit, run at most 24 times in all.

    `tracer_source` is the text of `localize/tracer.py`; with it `executed` says what the snippet ran through. Raises
    SandboxError where the environment fails.
    """
    reasons: list[str] = []
    for draft in extract_reproduction(task.problem_statement):
        found = confirm(
            draft, sandbox, setup_script=task.setup_script, timeout_s=timeout_s, tracer_source=tracer_source
        )
        if not found.accepted and "NameError" in found.reason:
            whole = replace(draft, examples=(_opening(task.repo), *draft.examples))
            found = confirm(
                whole, sandbox, setup_script=task.setup_script, timeout_s=timeout_s, tracer_source=tracer_source
            )
        if found.accepted:
            return found
        reasons.append(f"{draft.kind}: {found.reason}")
    why = "; ".join(dict.fromkeys(reasons)) or "the issue has no snippet that says what should come out"
    return Reproduction("none", accepted=False, reason=why)


def _opening(repo: str) -> Example:
    """What people leave out of a snippet: the project's own names, and those that its interactive shell defines."""
    package = repo.rpartition("/")[2].replace("-", "_")
    lines = [f"import {package}", f"from {package} import *", *_SHELL_NAMES.get(package, ())]
    return Example("".join(f"try:\n    {line}\nexcept ImportError:\n    pass\n" for line in lines), "exec")


def confirm(
    draft: ReproductionDraft,
    sandbox: Sandbox,
    *,
    setup_script: str = "",
    timeout_s: float = 60.0,
    tracer_source: str = "",
) -> Reproduction:
    """Run a draft twice at base_commit (the second time traced); accepted only where it fails both times as the issue reports.

    A snippet that fails for a name, module or file of its own is incomplete and says nothing. Raises SandboxError where
    the environment fails.
    """
    script = script_of(draft)
    label = f"reproduction at base_commit {hashlib.sha256(script.encode('utf-8', 'surrogatepass')).hexdigest()[:12]}"
    failures: list[str] = []
    slowest_s = 0.0
    for beside in ({}, {"RAMP_TRACER": tracer_source} if tracer_source else {}):
        run = run_driver(sandbox, script, purpose=label, setup_script=setup_script, timeout_s=timeout_s, beside=beside)
        slowest_s = max(slowest_s, run.duration_s)
        if run.broke:
            raise SandboxError(f"the reproduction could not be run: {run.detail or run.outcome}")
        if draft.kind != "traceback" and not draft.exact and run.results and run.results["verdict"] == "changed":
            # Nothing but the order or the layout is wrong, so that it is what the issue is about.
            return confirm(
                replace(draft, exact=True),
                sandbox,
                setup_script=setup_script,
                timeout_s=timeout_s,
                tracer_source=tracer_source,
            )
        reason, failure = _why_not(draft, run)
        failures.append(failure)
        if reason or failure != failures[0]:
            return Reproduction(
                draft.kind, accepted=False, reason=reason or "it fails in another way each time", script=script
            )
    executed = _executed(run.results or {})
    reason = "fails at base_commit as reported"
    return Reproduction(
        draft.kind,
        accepted=True,
        reason=reason,
        script=script,
        failure=failures[0],
        executed=executed,
        duration_s=slowest_s,
        refuses=_binds(draft),
    )


def _binds(draft: ReproductionDraft) -> bool:
    """Whether a right repair must give the wanted output to the letter: a plain value, or what the snippet itself prints.

    How a project shows an object of its own is often typed from memory, or one of several answers that would do.
    """
    wanted = ((example.want or "").strip() for example in draft.examples if "print(" not in example.source)
    return all(_literal(text) or all(map(_literal, text.splitlines())) for text in wanted if text)


def _executed(results: dict[str, Any]) -> tuple[ExecutedFunction, ...]:
    """The tracer's rows, in its order; a malformed row says that the snippet meddled, so that none is used."""
    try:
        return tuple(
            ExecutedFunction(Location(str(path), str(name), int(first), int(last)), tuple(map(int, lines)), int(calls))
            for path, name, first, last, lines, calls in results.get("executed", ())
        )
    except (TypeError, ValueError):
        return ()


def _why_not(draft: ReproductionDraft, run: DriverRun) -> tuple[str, str]:
    """(why the draft is not accepted or empty, the failure)."""
    if run.results is None:
        return f"the snippet does not report: {run.outcome}", ""
    verdict, detail = run.results["verdict"], _stable(str(run.results["detail"]))
    seen: list[dict[str, Any]] = run.results["seen"]
    if verdict == "passed":
        return "it does not fail at base_commit", ""
    last = seen[-1]
    if draft.kind == "traceback":
        if last["exception"] == draft.exception:
            return "", detail
        return f"it raises {last['exception'] or 'nothing'}, not the reported {draft.exception}", ""
    if last["exception"] and last["exception"] != draft.examples[len(seen) - 1].want_exception:
        if last["exception"] in _INCOMPLETE or not _reported(draft, last):
            return f"the snippet itself fails: {last['exception']}: {last['message']}"[:300], ""
        return "", detail
    return _doubt(draft, seen), detail


def _stable(detail: str) -> str:
    """Without addresses, which differ from run to run."""
    return re.sub(r"0x[0-9a-fA-F]{6,}", "0x...", detail)


def _reported(draft: ReproductionDraft, seen: dict[str, Any]) -> bool:
    return (
        draft.exception == seen["exception"]
        or re.search(rf"\b{re.escape(seen['exception'])}\b", draft.issue) is not None
    )


def _doubt(draft: ReproductionDraft, seen: list[dict[str, Any]]) -> str:
    """Why a difference in output may be none of the issue's: what is shown might be the bug, or other versions' formatting."""
    unmarked = False
    for example, one in zip(draft.examples, seen, strict=False):
        want, got = (example.want or "").strip(), str(one["output"]).strip()
        if example.want_exception or example.want is None or _plain(want) == _plain(got):
            continue
        if draft.kind == "doctest":
            # One output that the issue cites as wrong says that the session shows what is wanted. Being told so is enough
            # only for plain values: a project's own way of printing depends on the session's settings.
            if not _alike(want, got):
                return "what is printed looks like nothing that the session could have shown"
            if _quoted(got, draft.issue) or (draft.marked and _literal(want) and _literal(got)):
                return ""
            unmarked = True
            continue
        if draft.actual and _plain(draft.actual) != _plain(got):
            return "it prints something else than the issue reports"
        if not draft.actual and not _quoted(got, draft.issue) and not _alike(want, got):
            return "what is printed looks like neither the expected nor the reported output"
    return "nothing says that the outputs shown are the wanted ones" if unmarked else ""


def _alike(want: str, got: str) -> bool:
    """Whether both could be outputs of the same code: values of one type, or texts with much in common."""
    if _literal(want) and _literal(got):
        return type(ast.literal_eval(want)) is type(ast.literal_eval(got))
    return fuzz.ratio(want, got) >= _LEAST_LIKENESS


def _literal(text: str) -> bool:
    try:
        ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return False
    return True


def _plain(text: str) -> str:
    return " ".join(text.split())


def _quoted(got: str, issue: str) -> bool:
    """Whether the issue itself cites `got` as what happens: between backticks, after `get`, or (if long enough) anywhere."""
    plain, text = _plain(got), _plain(issue)
    if not plain:
        return False
    if len(plain) >= 12:
        return plain in text
    exact = re.escape(plain)
    return (
        re.search(rf"`{exact}`|\b(get|gets|got|gives?|returns?|returned|prints?|answers?|is|was)\s+{exact}(?!\w)", text)
        is not None
    )
