"""Understand: what is found out before the first token, and what the model is shown.

What localizes is imported where it is used: a replay goes without it, and without numpy.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from orchestrator.errors import SandboxError
from orchestrator.feedback.policy import WIDER, opening
from orchestrator.feedback.signals import InstanceOutlook
from orchestrator.journey import Journey
from orchestrator.judge.baseline import measure
from orchestrator.judge.reproduction import reproduce
from orchestrator.judge.walking import walk
from orchestrator.localize.tracing import tracer_source
from orchestrator.protocols import Sandbox
from orchestrator.records import Baseline, Context, Decision, Reproduction, Task, TestRun
from orchestrator.sandbox.testrun import run_tests
from orchestrator.steps.said import Said, thought
from orchestrator.steps.workbench import Workbench

_TOP_FUNCTIONS = 5  # the places whose tests make the baseline


def reproducing(journey: Journey, bench: Workbench, *, walks: bool = True) -> Said:
    """Run the issue's own snippet at base_commit; it counts where it fails as the issue says.

    With execution evidence, all code of the issue is run once more to see what it goes through, whatever it shows.
    `walks` is False in the replay of a run that did not do so.
    """
    if not bench.judges("reproduction") and not bench.settings.localize.execution:
        return thought("no_reproduction", Reproduction("", accepted=False, reason="this arm runs no reproduction"))
    if bench.settings.localize.execution:
        reproduction = observe(journey.the_task, bench.sandbox, walks=walks)
    else:
        reproduction = reproduce(journey.the_task, bench.sandbox)
    return Said("reproduced" if reproduction.accepted else "no_reproduction", (reproduction,))


def observe(task: Task, sandbox: Sandbox, *, walks: bool = True) -> Reproduction:
    """The reproduction, if there is one, with what it and all code of the issue run through: evidence for `localize`."""
    tracer = tracer_source()
    reproduction = reproduce(task, sandbox, tracer_source=tracer)
    return replace(reproduction, walked=walk(task, sandbox, tracer_source=tracer)) if walks else reproduction


def localizing(journey: Journey, bench: Workbench) -> Said:
    """Rank files and functions from what exists at base_commit, and from what the reproduction ran through."""
    from orchestrator.localize.rank import localize, plain_bm25

    settings, statement = bench.settings.localize, journey.the_task.problem_statement
    if settings.localizer == "plain-bm25":
        found = plain_bm25(bench.code_index, statement)
    else:
        seen = journey.reproduction if settings.execution else None
        executed, walked = (seen.executed, seen.walked) if seen else ((), None)
        found = localize(bench.code_index, bench.repository, statement, executed=executed, walked=walked)
    return thought("located" if found.files else "nothing_to_edit", found)


def running_baseline(journey: Journey, bench: Workbench) -> Said:
    """Run the tests that reach the top functions, twice: what differs is flaky and set aside."""
    from orchestrator.localize.tests import tests_reaching

    if not bench.judges("regression"):
        return thought("no_tests", Baseline((), {}, reason="this arm runs no tests"))
    if journey.the_task.visible_tests:
        return thought("no_tests", Baseline((), {}, reason="the graded tests are disclosed and judge instead"))
    assert journey.localization is not None, "LOCALIZING comes first"
    top = tuple(ranked.location for ranked in journey.localization.functions[:_TOP_FUNCTIONS])
    seconds = bench.known_seconds()
    files = tests_reaching(bench.code_index, top, _pass_s(bench), seconds)
    if not files:
        return thought("no_tests", Baseline((), {}, reason="no test reaches the top functions"))
    return measure_baseline(journey, bench, files)


def measure_baseline(journey: Journey, bench: Workbench, files: tuple[str, ...]) -> Said:
    """Run the chosen tests twice; a replay comes in here, with the choice as recorded."""

    def run(chosen: Sequence[str], *, timeout_s: float, file_limits: Mapping[str, float], purpose: str) -> TestRun:
        return run_tests(
            bench.sandbox, journey.the_task, chosen, timeout_s=timeout_s, file_limits=file_limits, purpose=purpose
        )

    baseline = measure(files, run, bench.known_tests, _pass_s(bench), "baseline")
    if baseline.reason:
        raise SandboxError(baseline.reason)
    return Said("measured" if baseline.statuses else "no_tests", (baseline,), note=_told(baseline))


def _pass_s(bench: Workbench) -> float:
    """Both passes fit in the budget."""
    return bench.settings.judge.regression_budget_s / 2


def _told(baseline: Baseline) -> str:
    """What a baseline comes to, in a line."""
    counted = len(baseline.counting)
    parts = [f"{len(baseline.statuses)} tests in {counted} of {len(baseline.test_files)} files"]
    parts += [f"{len(baseline.known)} files known from earlier runs"] if baseline.known else []
    parts += [f"{len(baseline.cut)} files cut"] if baseline.cut else []
    parts += [f"{len(baseline.left_out)} left out"] if baseline.left_out else []
    parts += [f"{len(baseline.flaky)} flaky"] if baseline.flaky else []
    return ", ".join(parts)


def building_context(journey: Journey, bench: Workbench) -> Said:
    """Choose what the model is shown; the strategy is the phase's at first, and DECIDING's from then on."""
    decision, records = journey.decision, list[Decision | Context]()
    if decision is None and bench.settings.policy.hard_case_escalation:
        shown = _new_context(journey, bench, 0, bench.settings.context.strategy)
        decision = _opening(journey, bench, shown.tokens)
        records.append(decision)
    rung = decision.rung if decision else journey.rung
    strategy = decision.strategy if decision else bench.settings.context.strategy
    context = context_so_far(journey, rung, strategy, decision) or _new_context(journey, bench, rung, strategy)
    return thought("built", *records, context)


def _new_context(journey: Journey, bench: Workbench, rung: int, strategy: str) -> Context:
    from orchestrator.localize.context import build_context

    assert journey.localization is not None, "LOCALIZING comes first"
    settings = bench.settings.context
    return build_context(
        bench.code_index,
        bench.tree,
        journey.localization,
        problem_statement=journey.the_task.problem_statement,
        budget_tokens=settings.budget_tokens,
        strategy=strategy,
        widened=int(strategy in WIDER[1:] and strategy != settings.strategy),
        count_tokens=bench.model(rung).count_tokens,
    )


def context_so_far(journey: Journey, rung: int, strategy: str, decision: Decision | None) -> Context | None:
    """The context that this rung was shown for the strategy before: built anew it would differ as token counts are learnt."""
    if decision is None:
        return None
    shown = (attempt.context for attempt in reversed(journey.attempts) if attempt.rung == rung)
    return next((context for context in shown if context.strategy == strategy), None)


def _opening(journey: Journey, bench: Workbench, context_tokens: int) -> Decision:
    """The rung of the first attempt, from what is known before it."""
    assert journey.localization is not None, "LOCALIZING comes first"
    settings = bench.settings
    outlook = InstanceOutlook(
        localization_confidence=journey.localization.confidence,
        context_tokens=context_tokens,
        budget_tokens=settings.context.budget_tokens,
        reproduced=bool(journey.reproduction and journey.reproduction.accepted),
    )
    return opening(outlook, settings.ladder, settings.policy, settings.context.strategy)
