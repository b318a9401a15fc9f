"""Each failure has one class, and each class says what it calls for."""

from __future__ import annotations

from dataclasses import replace

import pytest

from orchestrator.journey import Attempt, Journey
from orchestrator.records import (
    Candidate,
    Context,
    EditRefusal,
    Edits,
    Excerpt,
    Finding,
    Judgement,
    Location,
    Patch,
)
from orchestrator.report.taxonomy import CLASSES, classify, group
from orchestrator.tuning.tiers import TIERS

CONTEXT = Context("functions", (), (Excerpt(Location("a.py"), "x = 1\n", "file"),), 5, 500)
CANDIDATE = Candidate("1.0", 1, 0, 0, "m", Edits("function", ()), diff=b"d")
STAGES = ("applies", "scope", "parses", "lints", "imports", "reproduction", "regression", "review")


def refused_at(stage: str, number: int = 1) -> Attempt:
    """An attempt whose one candidate passed every stage before `stage` and was refused there."""
    passed = [Finding(s, "1.0", Judgement.PASS, "fine") for s in STAGES[: STAGES.index(stage)]]
    return Attempt(
        number,
        0,
        CONTEXT,
        candidates=(CANDIDATE,),
        findings=(*passed, Finding(stage, "1.0", Judgement.FAIL, f"no {stage}")),
    )


def journey(*attempts: Attempt, state: str = "GAVE_UP", note: str = "") -> Journey:
    """A journey that came to its end."""
    return Journey("a__b-1", state, attempts=attempts, note=note)


@pytest.mark.parametrize(
    ("stage", "kind"),
    [
        ("applies", "apply"),
        ("scope", "scope"),
        ("parses", "syntax"),
        ("lints", "syntax"),
        ("imports", "import"),
        ("reproduction", "reproduction"),
        ("regression", "regression"),
        ("review", "review"),
    ],
)
def test_a_failure_is_of_the_stage_that_refused_it(stage: str, kind: str) -> None:
    """The reason is the finding's."""
    failure = classify(journey(refused_at(stage)))
    assert failure is not None
    assert (failure.kind, failure.reason) == (kind, f"no {stage}")


def test_the_attempt_that_got_furthest_counts() -> None:
    """A later attempt that fell behind does not change the class, and the attempt to replay is the furthest one."""
    failure = classify(journey(refused_at("applies"), refused_at("regression", 2), refused_at("parses", 3)))
    assert failure is not None
    assert (failure.kind, failure.attempt) == ("regression", 2)


@pytest.mark.parametrize(("state", "kind"), [("INFRA_FAILED", "infra"), ("CRASHED", "crash"), ("STOPPED", "budget")])
def test_ends_that_say_nothing_of_the_model(state: str, kind: str) -> None:
    """Whatever the attempts were; the reason is the last line of the note."""
    failure = classify(journey(refused_at("applies"), state=state, note="trace\nthe end"))
    assert failure is not None
    assert (failure.kind, failure.reason) == (kind, "the end")


def test_a_reply_that_was_never_read_is_a_matter_of_format() -> None:
    """No candidate at all: the refusal says why."""
    unread = Attempt(1, 0, CONTEXT, refusals=(EditRefusal("no_edit", "there is no edit"),))
    failure = classify(journey(unread))
    assert failure is not None
    assert (failure.kind, failure.reason) == ("format", "no_edit: there is no edit")


def test_what_the_judge_let_through_is_a_wrong_repair() -> None:
    """Accepted, graded, not resolved."""
    accepted = Patch(b"d", "0" * 64, "1.0", 1, 0, "m", judge_accepted=True)
    passed = replace(refused_at("review"), findings=refused_at("review").findings[:-1])
    failure = classify(replace(journey(passed, state="UNRESOLVED"), patch=accepted))
    assert failure is not None
    assert failure.kind == "wrong repair"


def test_localization_missed_is_known_from_gold_alone_and_marked() -> None:
    """Without gold it is the stage's class; with a gold file that was shown, too."""
    attempt = refused_at("lints")
    missed = classify(journey(attempt), lambda instance_id: frozenset({"b.py"}))
    assert missed is not None
    assert (missed.kind, missed.looked_at_gold) == ("localization missed", True)
    shown = classify(journey(attempt), lambda instance_id: frozenset({"a.py"}))
    assert shown is not None
    assert (shown.kind, shown.looked_at_gold) == ("syntax", False)


def test_a_resolved_instance_is_no_failure() -> None:
    """And gold is not asked for."""
    assert classify(journey(state="RESOLVED"), lambda instance_id: pytest.fail("asked for gold")) is None


def test_groups_are_in_the_order_of_the_loop() -> None:
    """Classes without members are left out."""
    failures = [classify(journey(refused_at(stage))) for stage in ("regression", "applies", "regression")]
    assert {name: len(members) for name, members in group(f for f in failures if f).items()} == {
        "apply": 1,
        "regression": 2,
    }
    assert list(group(f for f in failures if f)) == ["apply", "regression"]


def test_each_class_calls_for_a_tier_that_exists() -> None:
    """The tiers are those of `tuning.TIERS`, or none where the environment broke."""
    assert {made.tier for made in CLASSES.values()} <= {tier.name for tier in TIERS} | {"none"}
