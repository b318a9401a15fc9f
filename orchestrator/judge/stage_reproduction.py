"""Stage 6: does the reproduction that failed at base_commit now pass?"""

from __future__ import annotations

from typing import Any

from orchestrator.judge.case import Case
from orchestrator.judge.driver_run import ENDINGS, limit_s, run_driver
from orchestrator.judge.findings import Violation, abstained, broken, passed, refused
from orchestrator.records import Candidate, Finding

STAGE = "reproduction"

_ADVICE = {
    "failed": "The issue's own example must give what the issue asks for; follow it through the code that you changed.",
    "ended": "The issue's own example must run to its end; look for an endless loop or recursion, and never end the process.",
}


def reproduction_passes(candidate: Candidate, case: Case) -> Finding:
    """Pass where the issue's snippet does what the issue asks for; abstain without an accepted reproduction.

    Abstains also where the reported failure has given way to what may be meant: another exception, or the expected output's
    parts in another order or layout; and where the reproduction is of the kind that ranks only (`refuses` is False).
    """
    reproduction = case.reproduction
    if reproduction is None or not reproduction.accepted:
        return abstained(STAGE, candidate, reproduction.reason if reproduction else "there is no reproduction")
    run = run_driver(
        case.sandbox,
        reproduction.script,
        purpose="reproduction",
        setup_script=case.task.setup_script,
        patch=candidate.diff,
        timeout_s=limit_s(reproduction.duration_s, case.settings.reproduction_timeout_s),
    )
    more: dict[str, Any] = {"output": run.output, "duration_s": run.duration_s}
    if run.broke:
        return broken(STAGE, candidate, run.detail or str(run.outcome), **more)
    if run.results is None:
        reason = f"the issue's own example did not come to its end: {ENDINGS[run.outcome]}"
        violation = Violation(f"reproduction.{run.outcome}", reason, _ADVICE["ended"])
        return refused(STAGE, candidate, violation, behaviour={"reproduction": str(run.outcome)}, **more)
    verdict, detail = str(run.results["verdict"]), str(run.results["detail"])
    behaviour = {"reproduction": verdict, "reproduction.output": _observed(run.results["seen"])}
    if verdict == "passed":
        return passed(
            STAGE, candidate, "the issue's own example now does what the issue asks for", behaviour=behaviour, **more
        )
    if verdict == "changed":
        reason = f"the reported failure is gone, but the outcome is not quite the expected one: {detail}"
        return abstained(STAGE, candidate, reason, behaviour=behaviour, **more)
    if not reproduction.refuses and not run.results["seen"][-1]["exception"]:
        reason = f"the issue's own example shows something else than the issue does, which may be as good: {detail}"
        return abstained(STAGE, candidate, reason, behaviour=behaviour, **more)
    same = "still" if detail == reproduction.failure else "now"
    violation = Violation("reproduction.failed", f"the issue's own example {same} fails: {detail}", _ADVICE["failed"])
    return refused(STAGE, candidate, violation, detail=detail, behaviour=behaviour, **more)


def _observed(seen: list[dict[str, str]]) -> str:
    return "\n".join(f"{one['exception']}: {one['message']}" if one["exception"] else one["output"] for one in seen)
