"""Stage 8: the reviewer ranks, vetoes only where it may, and can never raise what another stage refused."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from orchestrator.judge.stage_review import reviewer_approves
from orchestrator.protocols import ModelIdentity
from orchestrator.records import Finding, FinishReason, Judgement, ModelRequest, Reply
from orchestrator.resources import installed_resource
from orchestrator.tuning.sets import PromptSet
from tests.unit.judge.fakes import case, rewrite, settings

PROMPTS = PromptSet.load(installed_resource("prompts"), "default")
GOOD = rewrite("import os\n\n\ndef add(a, b):\n    return a + b\n")


class Reviewer:
    """A model that answers a review by a function of the request's nonce."""

    name = "scripted"

    def __init__(self, answer: Callable[[str], str], finish: FinishReason = FinishReason.STOP) -> None:
        self._answer, self._finish = answer, finish
        self.requests: list[ModelRequest] = []

    def identify(self) -> ModelIdentity:
        return ModelIdentity(self.name, "scripted")

    def count_tokens(self, text: str) -> int:
        return len(text) // 3

    def complete(self, request: ModelRequest) -> Reply:
        self.requests.append(request)
        nonce = re.search(r'"mark": "(\w+)"', request.messages[-1].content)
        assert nonce
        return Reply(self._answer(nonce[1]), self._finish, self.name, cost_usd=0.01)


def says(verdict: str, rating: int = 4) -> Callable[[str], str]:
    """A well-formed reply with reasons."""
    line = '{{"mark": "{0}", "cause": {1}, "minimal": {1}, "honest": {1}, "safe": {1}, "verdict": "{2}"}}'
    return lambda nonce: "The cause is the sign.\n" + line.format(nonce, rating, verdict)


def review(answer: Callable[[str], str], *, veto: bool = False, finish: FinishReason = FinishReason.STOP) -> Finding:
    """The finding for GOOD."""
    return reviewer_approves(
        GOOD, case(reviewer=Reviewer(answer, finish), prompts=PROMPTS, settings=settings(review_veto=veto))
    )


def test_without_a_reviewer_the_stage_abstains() -> None:
    """And says so."""
    finding = reviewer_approves(GOOD, case())
    assert (finding.judgement, finding.reason) == (Judgement.ABSTAIN, "no reviewing model set")


def test_an_approval_passes_with_a_score() -> None:
    """Score, cost and reasons are kept."""
    finding = review(says("approve", 3))
    assert finding.judgement is Judgement.PASS
    assert finding.score == pytest.approx(0.75)
    assert finding.cost_usd == 0.01
    assert "the sign" in finding.reason


def test_a_rejection_lowers_but_refuses_only_under_veto() -> None:
    """Ranking by default, refusal where the phase says so."""
    ranked, vetoed = review(says("reject", 1)), review(says("reject", 1), veto=True)
    assert (ranked.judgement, vetoed.judgement) == (Judgement.ABSTAIN, Judgement.FAIL)
    assert ranked.score == vetoed.score == pytest.approx(0.25)
    assert vetoed.rule == "review.rejected"
    assert vetoed.advice


@pytest.mark.parametrize("veto", [True, False])
@pytest.mark.parametrize(
    "answer",
    [
        lambda _: "",
        lambda _: "I approve of this.",
        lambda _: '{"mark": "guessed", "cause": 4, "minimal": 4, "honest": 4, "safe": 4, "verdict": "approve"}',
        lambda nonce: f'{{"mark": "{nonce}", "cause": 4, "verdict": "approve"}}',
        lambda nonce: says("approve")(nonce)[:-5],
        lambda nonce: says("approve")(nonce) + "\n" + says("reject")(nonce),
    ],
)
def test_what_cannot_be_read_is_no_verdict(answer: Callable[[str], str], *, veto: bool) -> None:
    """Prose, forgeries, halves and contradictions abstain without a score."""
    finding = review(answer, veto=veto)
    assert finding.judgement is Judgement.ABSTAIN
    assert finding.score is None


def test_a_cut_reply_is_no_verdict() -> None:
    """A reply that ended by length is not read."""
    assert review(says("approve"), finish=FinishReason.LENGTH).score is None


def test_every_request_has_a_nonce_of_its_own() -> None:
    """And the request says what it is for."""
    model = Reviewer(says("approve"))
    one_case = case(reviewer=model, prompts=PROMPTS)
    for _ in range(2):
        reviewer_approves(GOOD, one_case)
    first, second = model.requests
    assert first.purpose == "review"
    assert first.messages[-1].content != second.messages[-1].content
