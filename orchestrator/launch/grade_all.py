"""`--grade-all`: after every patch is frozen, the official verdict on every candidate, the refused ones too.

The grades lie in the ledger as memos by instance and patch hash, where only the report looks: no step, prompt, judge or
decision reads them, and an instance that may still be worked on is left alone.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait

from orchestrator.journey import Journey, replay_journey
from orchestrator.ledger import Ledger
from orchestrator.machine import Machine
from orchestrator.memory.grades import grade_of, grades_of, remember_grade
from orchestrator.ramp import StillWorking
from orchestrator.series.growth import HOLDS
from orchestrator.steps import Tools

OnGrade = Callable[[str, int, int], object]
"""Told of each instance's id, patches graded so far and patches to grade in all."""


def grade_candidates(ledger: Ledger, machine: Machine, tools: Tools, workers: int, on_grade: OnGrade) -> int:
    """Grade each different patch of the run's finished instances once; returns how many had to be run.

    What is graded already is not run again, but an environment failure is tried again. Stops early where the tools' stop
    reason says so; raises StillWorking where a stop was asked for and a grading takes too long to end.
    """
    todo = list(_ungraded(ledger, machine, tools.clock.wall()))
    done = 0
    pool = ThreadPoolExecutor(workers, thread_name_prefix="grading")
    try:
        pending: dict[Future[bool], str] = {pool.submit(_grade_one, tools, *work): work[0].instance_id for work in todo}
        while pending:
            finished, _ = wait(pending, timeout=0.2)
            for future in finished:
                done += future.result()
                on_grade(pending.pop(future), done, len(todo))
            if tools.is_overdue():
                raise StillWorking(f"{len(pending)} patches are still to be graded")
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
    return done


def _ungraded(ledger: Ledger, machine: Machine, now_s: float) -> Iterator[tuple[Journey, bytes, str]]:
    """(journey, patch, model) of each patch without a verdict. The frozen patch's own verdict counts, and is noted here."""
    for instance_id in ledger.instance_ids():
        journey = replay_journey(instance_id, machine.start, ledger.transitions(instance_id))
        if journey.state not in HOLDS:
            continue
        known = {sha256 for sha256, grade in grades_of(ledger, instance_id).items() if grade.resolved is not None}
        official = journey.evaluation
        if official is not None and official.patch_sha256 not in known:
            remember_grade(ledger, instance_id, grade_of(official, ledger), now_s)
            known.add(official.patch_sha256)
        for attempt in journey.attempts:
            for candidate in attempt.candidates:
                sha256 = hashlib.sha256(candidate.diff).hexdigest()
                if candidate.diff and sha256 not in known:
                    known.add(sha256)
                    yield journey, candidate.diff, candidate.model


def _grade_one(tools: Tools, journey: Journey, patch: bytes, model: str) -> bool:
    if tools.stop_reason():
        return False
    task = journey.the_task
    sealed = tools.benchmark.sealed(task.instance_id)
    evaluation = tools.grader.grade(task, sealed, patch, model_name=model)
    remember_grade(tools.ledger, task.instance_id, grade_of(evaluation, tools.ledger), tools.clock.wall())
    return True
