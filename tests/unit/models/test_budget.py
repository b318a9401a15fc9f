"""Spend limits: reserved before, settled after, and never exceeded, however calls end."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestrator.clock import ManualClock
from orchestrator.errors import BudgetExhausted, MissingPiece, SettingsError
from orchestrator.models.budget import Budget, Budgeted, MemorySpendStore
from orchestrator.models.failures import CallFailure, FailureKind
from orchestrator.models.options import SpendLimits
from orchestrator.models.prices import load_prices
from orchestrator.records import FinishReason, ModelRequest, Reply, Usage
from tests.unit.models.support import PROMPT, PlainModel, a_reply, a_request

PRICE = load_prices('[[price]]\nmodel = "m"\nas_of = 2026-01-01\nsource = "x"\ninput = 1.0\noutput = 10.0').find("m")
PROMPT_TOKENS = sum(len(message.content) for message in PROMPT)
DAY_S = 86_400


def budget(store: MemorySpendStore, clock: ManualClock | None = None, **limits: float) -> Budget:
    """A budget with these limits."""
    return Budget(SpendLimits(**limits), store, clock or ManualClock(), phase="micro")


def model(store: MemorySpendStore, answer: object = None, **limits: float) -> Budgeted:
    """A model that answers so and is paid from such a budget."""
    reply = a_reply(usage=Usage(1000, 100))
    inner = PlainModel(answer if callable(answer) else lambda _: reply)
    return Budgeted(inner, PRICE, budget(store, **limits))


def raising(error: BaseException) -> object:
    """An answer that raises."""

    def answer(_: ModelRequest) -> Reply:
        raise error

    return answer


def test_a_reply_says_what_it_cost() -> None:
    """The price of the counted tokens, and the same amount in the store."""
    store = MemorySpendStore()
    reply = model(store, instance_usd=1.0).complete(a_request())
    assert reply.cost_usd == pytest.approx((1000 * 1.0 + 100 * 10.0) / 1e6)
    assert store.spent_usd("instance:a__b-1") == reply.cost_usd


def test_the_worst_case_is_set_aside_before_the_call() -> None:
    """While the call is under way the whole prompt and the largest output count as spent."""
    store, seen = MemorySpendStore(), list[float]()

    def answer(_: ModelRequest) -> Reply:
        seen.append(store.spent_usd("phase:micro"))
        return a_reply(usage=Usage(10, 1))

    model(store, answer).complete(a_request(max_output_tokens=500))
    assert seen == [pytest.approx((PROMPT_TOKENS * 1.0 + 500 * 10.0) / 1e6)]
    assert store.spent_usd("phase:micro") == pytest.approx(20 / 1e6)


@pytest.mark.parametrize("key", ["instance_usd", "phase_usd", "day_usd"])
def test_each_limit_stops_before_the_call_and_names_itself(key: str) -> None:
    """A call whose worst case does not fit is not made; the message names the setting and how to go on."""
    inner = PlainModel(lambda _: a_reply())
    broke = Budgeted(inner, PRICE, budget(MemorySpendStore(), **{key: 0.001}))
    with pytest.raises(BudgetExhausted, match=rf"budget\.usd_per_{key[:-4]} = 0\.001 leaves no room.*ramp resume"):
        broke.complete(a_request(max_output_tokens=500))
    assert inner.requests == []


def test_one_instance_at_its_limit_leaves_the_others_theirs() -> None:
    """The instance limit is each instance's own."""
    store = MemorySpendStore()
    paid = model(store, instance_usd=0.006)
    paid.complete(a_request(instance="a", max_output_tokens=500))
    with pytest.raises(BudgetExhausted, match="instance:a"):
        paid.complete(a_request(instance="a", max_output_tokens=500))
    paid.complete(a_request(instance="b", max_output_tokens=500))


def test_a_new_day_has_its_own_limit() -> None:
    """What was spent yesterday does not count today."""
    store, clock = MemorySpendStore(), ManualClock()
    daily = budget(store, clock, day_usd=1.0)
    daily.settle(daily.reserve("a", 0.9), 0.9)
    with pytest.raises(BudgetExhausted):
        daily.reserve("a", 0.2)
    clock.now_s += DAY_S
    daily.reserve("a", 0.2)


def test_a_crash_between_reserve_and_settle_counts_as_spent() -> None:
    """What dies with the process stays reserved in full: a restarted run cannot spend it again."""
    store = MemorySpendStore()
    with pytest.raises(KeyboardInterrupt):
        model(store, raising(KeyboardInterrupt()), phase_usd=0.008).complete(a_request(max_output_tokens=500))
    with pytest.raises(BudgetExhausted, match="usd_per_phase"):
        model(store, phase_usd=0.008).complete(a_request(max_output_tokens=500))


@pytest.mark.parametrize(
    ("kind", "usage", "tokens"),
    [
        (FailureKind.REFUSED, None, (0, 0)),
        (FailureKind.OVERLOADED, None, (0, 0)),
        (FailureKind.CUT, None, (PROMPT_TOKENS, 0)),
        (FailureKind.STALLED, Usage(70, 30), (70, 30)),
    ],
)
def test_a_failed_call_is_paid_as_far_as_it_went(
    kind: FailureKind, usage: Usage | None, tokens: tuple[int, int]
) -> None:
    """Nothing for a call that was never read, the prompt where it may have been, the counted tokens where they are known."""
    store = MemorySpendStore()
    with pytest.raises(CallFailure) as caught:
        model(store, raising(CallFailure(kind, "x", usage=usage))).complete(a_request())
    assert caught.value.cost_usd == pytest.approx((tokens[0] + 10 * tokens[1]) / 1e6)
    assert store.spent_usd("phase:micro") == caught.value.cost_usd


def test_what_the_user_must_mend_costs_nothing() -> None:
    """A missing model gives the whole reservation back."""
    store = MemorySpendStore()
    with pytest.raises(MissingPiece):
        model(store, raising(MissingPiece("no model", "pull it"))).complete(a_request())
    assert store.spent_usd("phase:micro") == 0.0


def test_a_reply_without_counts_is_paid_by_our_own_estimate() -> None:
    """A server that counts nothing is not free: prompt and text are estimated, but for prompts that it refused."""
    answered = model(MemorySpendStore(), lambda _: a_reply("12345")).complete(a_request())
    assert answered.cost_usd == pytest.approx((PROMPT_TOKENS + 10 * 5) / 1e6)
    refused = model(MemorySpendStore(), lambda _: a_reply("", FinishReason.CONTEXT_TOO_SMALL)).complete(a_request())
    assert refused.cost_usd == 0.0


def test_limits_need_a_price() -> None:
    """A model of unknown price and a limit do not go together; without a limit the cost is unknown, not 0."""
    with pytest.raises(SettingsError, match="price is unknown"):
        Budgeted(PlainModel(lambda _: a_reply()), None, budget(MemorySpendStore(), day_usd=1.0))
    free = Budgeted(PlainModel(lambda _: a_reply(usage=Usage(5, 5))), None, budget(MemorySpendStore()))
    assert free.complete(a_request()).cost_usd is None


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 500), st.sampled_from(["ok", "cut", "crash"])), max_size=12))
def test_spending_never_passes_the_limit(calls: list[tuple[int, str]]) -> None:
    """Whatever calls use and however they end, what is spent and set aside stays within the limit."""
    store, really_spent = MemorySpendStore(), 0.0
    for output, end in calls:
        usage = Usage(PROMPT_TOKENS, output)
        errors = {"cut": CallFailure(FailureKind.CUT, "x", usage=usage), "crash": KeyboardInterrupt()}
        answer = raising(errors[end]) if end in errors else lambda _, usage=usage: a_reply(usage=usage)
        try:
            model(store, answer, phase_usd=0.02).complete(a_request(max_output_tokens=500))
        except BudgetExhausted:
            break
        except (CallFailure, KeyboardInterrupt):
            pass
        really_spent += (PROMPT_TOKENS + 10 * output) / 1e6
        assert store.spent_usd("phase:micro") <= 0.02 + 1e-9
    assert really_spent <= 0.02 + 1e-9
