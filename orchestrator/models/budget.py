"""Spend limits: the worst case is set aside before a call and settled after it, in a store that outlives a crash."""

from __future__ import annotations

import dataclasses
import threading
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Protocol

from orchestrator.clock import Clock
from orchestrator.errors import BudgetExhausted, RampError, SettingsError
from orchestrator.models.failures import CallFailure, FailureKind
from orchestrator.models.options import SpendLimits
from orchestrator.models.prices import Price
from orchestrator.protocols import Model, ModelIdentity
from orchestrator.records import FinishReason, ModelRequest, Reply, Usage

ROUNDING_USD = 1e-9
READ_THE_PROMPT = frozenset(
    {FailureKind.FIRST_TOKEN_TIMEOUT, FailureKind.STALLED, FailureKind.TOTAL_TIMEOUT, FailureKind.CUT}
)


@dataclass(frozen=True, slots=True)
class Reservation:
    """Money set aside for one call; `scopes` are the limits that it counts against, such as day:2026-10-21."""

    reservation_id: str
    scopes: tuple[str, ...]
    amount_usd: float


class SpendStore(Protocol):
    """Where spending is kept. Both writes are durable when they return. Called under the budget's lock."""

    def reserve(self, reservation: Reservation) -> None:
        """Write the reservation down before the call goes out."""

    def settle(self, reservation_id: str, cost_usd: float) -> None:
        """Replace a reservation by what the call cost."""

    def spent_usd(self, scope: str) -> float:
        """Dollars of a scope: settled calls at their cost, and all others (under way, or cut off by a crash) in full."""


@dataclass(slots=True)
class MemorySpendStore:
    """A SpendStore for tests and for runs without a ledger."""

    reservations: dict[str, Reservation] = field(default_factory=dict)
    costs: dict[str, float] = field(default_factory=dict)

    def reserve(self, reservation: Reservation) -> None:
        """See SpendStore."""
        self.reservations[reservation.reservation_id] = reservation

    def settle(self, reservation_id: str, cost_usd: float) -> None:
        """See SpendStore."""
        self.costs[reservation_id] = cost_usd

    def spent_usd(self, scope: str) -> float:
        """See SpendStore."""
        return sum(
            self.costs.get(r.reservation_id, r.amount_usd) for r in self.reservations.values() if scope in r.scopes
        )


class Budget:
    """The limits of one run, shared by all its models and threads.

    `phase` names what the phase limit covers, such as the run's series and phase; `new_id` makes reservation ids that are
    unique over restarts.
    """

    def __init__(
        self,
        limits: SpendLimits,
        store: SpendStore,
        clock: Clock,
        *,
        phase: str = "phase",
        new_id: Callable[[], str] | None = None,
    ) -> None:
        self._limits, self._store, self._clock, self._phase = limits, store, clock, phase
        self._new_id = new_id or (lambda: uuid.uuid4().hex)
        self._lock = threading.Lock()

    @property
    def limited(self) -> bool:
        """Whether there is any limit to hold."""
        return self._limits.any

    def reserve(self, instance_id: str, worst_case_usd: float) -> Reservation:
        """Set the worst case aside. Raises BudgetExhausted, naming the limit, where it does not fit any more."""
        day = datetime.fromtimestamp(self._clock.wall(), UTC).date().isoformat()
        limits = (
            (f"instance:{instance_id}", self._limits.instance_usd, "budget.usd_per_instance"),
            (f"phase:{self._phase}", self._limits.phase_usd, "budget.usd_per_phase"),
            (f"day:{day}", self._limits.day_usd, "budget.usd_per_day"),
        )
        with self._lock:
            for scope, limit, key in limits:
                if limit is None:
                    continue
                spent = self._store.spent_usd(scope)
                if spent + worst_case_usd > limit + ROUNDING_USD:
                    raise BudgetExhausted(
                        f"{key} = {limit:g} leaves no room: {spent:.4g} USD of {scope} are spent or set aside and this call"
                        f" can cost {worst_case_usd:.4g}; continue with a higher one: `ramp resume RUN -c {key}=USD`"
                    )
            reservation = Reservation(self._new_id(), tuple(scope for scope, _, _ in limits), worst_case_usd)
            self._store.reserve(reservation)
        return reservation

    def settle(self, reservation: Reservation, cost_usd: float) -> None:
        """Count what the call cost instead of what was set aside."""
        with self._lock:
            self._store.settle(reservation.reservation_id, cost_usd)


class Budgeted:
    """A model whose every request is paid from a budget, and whose replies say what they cost."""

    def __init__(self, inner: Model, price: Price | None, budget: Budget | None) -> None:
        if price is None and budget is not None and budget.limited:
            raise SettingsError(
                f"spend limits cannot be held for {inner.name}: its price is unknown; give"
                " prices_usd_per_mtok = { input = ..., output = ... } in its [[ladder]] entry, or drop the limits"
            )
        self._inner, self._price, self._budget = inner, price, budget

    @property
    def name(self) -> str:
        """See Model."""
        return self._inner.name

    def identify(self) -> ModelIdentity:
        """See Model."""
        return self._inner.identify()

    def count_tokens(self, text: str) -> int:
        """See Model."""
        return self._inner.count_tokens(text)

    def complete(self, request: ModelRequest) -> Reply:
        """Set aside, ask, settle. A process that dies in between leaves the whole reservation as spent."""
        prompt_tokens = sum(self.count_tokens(message.content) for message in request.messages)
        reservation = self._reserve(request, prompt_tokens)
        try:
            reply = self._inner.complete(request)
        except CallFailure as failure:
            failure.cost_usd = self._cost(_usage_of(failure, prompt_tokens))
            self._settle(reservation, failure.cost_usd)
            raise
        except RampError:
            self._settle(reservation, 0.0)
            raise
        cost_usd = self._cost(self._usage_to_pay(reply, prompt_tokens))
        self._settle(reservation, cost_usd)
        return dataclasses.replace(reply, cost_usd=cost_usd)

    def _usage_to_pay(self, reply: Reply, prompt_tokens: int) -> Usage:
        """The server's counts; our own estimate, which is high, where it sent none with an answer."""
        if reply.usage.input_tokens or reply.finish in (FinishReason.CONTEXT_TOO_SMALL, FinishReason.EXHAUSTED):
            return reply.usage
        return Usage(prompt_tokens, max(reply.usage.output_tokens, self.count_tokens(reply.text)))

    def _reserve(self, request: ModelRequest, prompt_tokens: int) -> Reservation | None:
        if self._budget is None or self._price is None:
            return None
        worst = self._price.worst_case_usd(prompt_tokens, request.sampling.max_output_tokens)
        return self._budget.reserve(request.instance_id, worst)

    def _settle(self, reservation: Reservation | None, cost_usd: float | None) -> None:
        if reservation is not None and self._budget is not None and cost_usd is not None:
            self._budget.settle(reservation, cost_usd)

    def _cost(self, usage: Usage) -> float | None:
        return None if self._price is None else self._price.cost_usd(usage)


def _usage_of(failure: CallFailure, prompt_tokens: int) -> Usage:
    """What a failed request has to be paid for: what the server counted, else the prompt where it may have been read."""
    if failure.usage is not None:
        return failure.usage
    return Usage(input_tokens=prompt_tokens) if failure.kind in READ_THE_PROMPT else Usage()
