"""Why a call to an endpoint failed, in the few kinds that retrying, budgets and reports tell apart."""

from __future__ import annotations

from enum import StrEnum

from orchestrator.errors import ModelUnavailable
from orchestrator.records import Usage


class FailureKind(StrEnum):
    """What went wrong with one request; the value is the name used in ledger, reports and scripted files."""

    REFUSED = "refused"
    CONNECT_TIMEOUT = "connect_timeout"
    FIRST_TOKEN_TIMEOUT = "first_token_timeout"
    STALLED = "stalled"
    TOTAL_TIMEOUT = "total_timeout"
    RATE_LIMITED = "rate_limited"
    OVERLOADED = "overloaded"
    SERVER_ERROR = "server_error"
    CUT = "cut"
    GARBAGE = "garbage"
    CIRCUIT_OPEN = "circuit_open"


# A total time-out is left out: the same request would take as long again.
TRANSIENT = frozenset(FailureKind) - {FailureKind.TOTAL_TIMEOUT, FailureKind.CIRCUIT_OPEN}


class CallFailure(ModelUnavailable):
    """One request failed on the way. Retrying decides by `kind` and `retry_after_s`; what is left becomes ModelUnavailable.

    `usage` is what the server is known to have counted before it broke, None where nothing was generated. `cost_usd`
    is filled in by the budget, `retries` by the retries.
    """

    def __init__(
        self, kind: FailureKind, detail: str, *, retry_after_s: float | None = None, usage: Usage | None = None
    ) -> None:
        super().__init__(f"{kind.value}: {detail}")
        self.kind = kind
        self.detail = detail
        self.retry_after_s = retry_after_s
        self.usage = usage
        self.cost_usd: float | None = 0.0
        self.retries = 0

    @property
    def transient(self) -> bool:
        """Whether the same request may well succeed a little later."""
        return self.kind in TRANSIENT


def failure_of_status(status: int, message: str, retry_after_s: float | None = None) -> CallFailure | None:
    """The failure that an HTTP status stands for where the request may be sent again; None where it may not.

    499 is what Ollama answers where the request was abandoned.
    """
    kinds = {429: FailureKind.RATE_LIMITED, 503: FailureKind.OVERLOADED, 529: FailureKind.OVERLOADED}
    kind = kinds.get(status) or (FailureKind.SERVER_ERROR if status >= 499 else None)
    return None if kind is None else CallFailure(kind, message, retry_after_s=retry_after_s)
