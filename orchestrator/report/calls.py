"""What the calls to models took and cost: per instance, per model, and what an extra resolve by escalation cost.

All from the ledger's call records, which hold every call, those that failed or came from the cache too.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from orchestrator.errors import BudgetExhausted
from orchestrator.ledger import Ledger
from orchestrator.memory.recording import CALL_RECORDS
from orchestrator.models import CallRecord

Row = Mapping[str, Any]
NOT_MADE = BudgetExhausted.__name__
"""The outcome of a call that a spend limit kept from being made."""
_COSTS = ("cost_primary_usd", "cost_escalated_usd", "cost_review_usd")
_IN_ROW = ("calls", "cache_hits", "retries", "cached_tokens", *_COSTS)


def calls_of(ledger: Ledger, instance_id: str) -> tuple[CallRecord, ...]:
    """The calls made for one instance, oldest first."""
    return tuple(call for _, _, call in ledger.memos(CALL_RECORDS, CallRecord, instance_id))


def cost_usd(calls: Iterable[CallRecord]) -> float | None:
    """Dollars, failed calls and reviews included; None as soon as one price is unknown."""
    costs = [call.cost_usd for call in calls]
    return None if None in costs else float(sum(cost for cost in costs if cost is not None))


def calls_in_row(calls: Sequence[CallRecord], ladder: Sequence[str], *, made: bool) -> dict[str, Any]:
    """What an instance's row says of its calls. Costs are split by who was asked: primary, escalated, review; in dollars.

    `made` says that there were calls; where none of them was recorded their costs are unknown.
    """
    if made and not calls:
        return dict.fromkeys(_IN_ROW)
    edits = [call for call in calls if call.purpose == "edit"]
    return {
        "calls": sum(call.outcome != NOT_MADE for call in calls),
        "cache_hits": sum(call.from_cache for call in calls),
        "retries": sum(call.retries for call in calls),
        "cached_tokens": sum(call.usage.cached_tokens for call in calls if not call.from_cache),
        "cost_primary_usd": cost_usd(call for call in edits if call.model == ladder[0]),
        "cost_escalated_usd": cost_usd(call for call in edits if call.model != ladder[0]),
        "cost_review_usd": cost_usd(call for call in calls if call.purpose != "edit"),
    }


@dataclass
class _Tally:
    calls: int = 0
    hits: int = 0
    retries: int = 0
    tokens: Counter[str] = field(default_factory=Counter)
    cost_usd: float | None = 0.0
    outcomes: Counter[str] = field(default_factory=Counter)
    first_token_s: list[float] = field(default_factory=list)
    duration_s: list[float] = field(default_factory=list)
    prompt_tokens: float = 0.0
    repeated_tokens: float = 0.0
    last: CallRecord | None = None

    def add(self, call: CallRecord) -> None:
        self.outcomes[call.outcome] += 1
        if call.outcome == NOT_MADE:
            return
        self.calls += 1
        self.hits += call.from_cache
        self.retries += call.retries
        self.last = call if call.digest or self.last is None else self.last
        if call.from_cache:
            return
        self.cost_usd = None if self.cost_usd is None or call.cost_usd is None else self.cost_usd + call.cost_usd
        usage = call.usage
        self.tokens.update(input=usage.input_tokens, output=usage.output_tokens, cached=usage.cached_tokens)
        self.first_token_s += [] if call.first_token_s is None else [call.first_token_s]
        self.duration_s += [] if call.duration_s is None else [call.duration_s]
        if call.attempt > 1 and call.prefix_share is not None:
            tokens = usage.input_tokens or call.estimated_tokens
            self.prompt_tokens += tokens
            self.repeated_tokens += tokens * call.prefix_share

    def as_dict(self, model: str, purpose: str) -> dict[str, Any]:
        share = self.repeated_tokens / self.prompt_tokens if self.prompt_tokens else None
        return {
            "model": model,
            "purpose": purpose,
            "digest": self.last.digest if self.last else "",
            "quantization": self.last.quantization if self.last else "",
            "context_tokens": self.last.context_tokens if self.last else None,
            "calls": self.calls,
            "cache_hits": self.hits,
            "retries": self.retries,
            "outcomes": dict(self.outcomes.most_common()),
            **{f"{kind}_tokens": self.tokens[kind] for kind in ("input", "output", "cached")},
            "prefix_share": share,
            "cost_usd": self.cost_usd,
            "first_token_s": median(self.first_token_s) if self.first_token_s else None,
            "duration_s": median(self.duration_s) if self.duration_s else None,
        }


class CallTable:
    """Sums up calls by model and purpose, in the order in which they were first asked.

    Tokens, cost and latencies (medians, seconds) leave out what came from the cache; `prefix_share` is the part of the
    prompt tokens of attempts after the first that repeats the instance's previous prompt from its start.
    """

    def __init__(self) -> None:
        self._tallies: dict[tuple[str, str], _Tally] = {}

    def add(self, calls: Iterable[CallRecord]) -> None:
        """Take in an instance's calls."""
        for call in calls:
            self._tallies.setdefault((call.model, call.purpose), _Tally()).add(call)

    def rows(self) -> list[dict[str, Any]]:
        """One entry per model and purpose."""
        return [tally.as_dict(*key) for key, tally in self._tallies.items()]


def escalation_of(rows: Sequence[Row]) -> dict[str, Any]:
    """What escalation cost and brought. `usd_per_extra_resolve` is None where a price is unknown or nothing was resolved.

    Its numerator has every call to a rung above the first, those for instances that stayed unresolved too.
    """
    extra = sum(row["verified"] and row["rung"] > 0 for row in rows)
    parts = {key: _total([row[key] for row in rows]) for key in _COSTS}
    spent = parts["cost_escalated_usd"]
    return {
        **parts,
        "instances_escalated": sum(any(end["rung"] > 0 for end in row["attempt_ends"]) for row in rows),
        "usd_per_extra_resolve": spent / extra if extra and spent is not None else None,
    }


def call_line(call: CallRecord) -> str:
    """One call in words."""
    u = call.usage
    cached = f" ({u.cached_tokens} cached)" if u.cached_tokens else ""
    took = "" if call.duration_s is None else f", {call.duration_s:.1f} s"
    first = "" if call.first_token_s is None else f" (first token after {call.first_token_s:.1f} s)"
    share = "" if call.prefix_share is None else f", {call.prefix_share:.0%} of the prompt repeated"
    more = [
        text for text, said in (("from the cache", call.from_cache), (f"{call.retries} retries", call.retries)) if said
    ]
    return (
        f"call of attempt {call.attempt} ({call.purpose}) to {call.model}: {', '.join([call.outcome, *more])}, tokens "
        f"{u.input_tokens}{cached} in and {u.output_tokens} out{took}{first}, {dollars(call.cost_usd)}{share}"
    )


def call_lines(results: Mapping[str, Any]) -> list[str]:
    """Money and calls in words, for the end of a run."""
    s = results["summary"]
    escalation, extra = s["escalation"], s["verified_escalated"]
    lines = []
    if len(results["config"]["ladder"]) > 1:
        spent = escalation["cost_escalated_usd"]
        each = (
            f"dollars per extra resolve: {dollars(escalation['usd_per_extra_resolve'])}"
            if extra
            else "no extra resolve"
        )
        lines.append(
            f"escalated {escalation['instances_escalated']} of {s['total']}: {extra} extra resolved; "
            f"cost of escalation {dollars(spent)}, {each}"
        )
    for entry in results["models"]:
        if entry["model"] == "mutation":
            continue
        share = f", {entry['prefix_share']:.0%} of later prompts repeated" if entry["prefix_share"] is not None else ""
        lines.append(
            f"{entry['model']}: calls {entry['calls']} ({entry['purpose']}), from the cache {entry['cache_hits']}, "
            f"retries {entry['retries']}, tokens {_counted(entry)} in and {entry['output_tokens']} out, "
            f"{dollars(entry['cost_usd'])}{share}"
        )
    return lines


def _counted(entry: Mapping[str, Any]) -> str:
    """Prompt tokens; a server that counted none for calls that it answered has not counted."""
    uncounted = entry["output_tokens"] and not entry["input_tokens"]
    return "not counted" if uncounted else str(entry["input_tokens"])


def dollars(amount: float | None) -> str:
    """Dollars to four places; a price that is not known is said so, never 0."""
    return "unknown" if amount is None else f"${amount:.4f}"


def _total(costs: Sequence[float | None]) -> float | None:
    return None if None in costs else float(sum(cost for cost in costs if cost is not None))
