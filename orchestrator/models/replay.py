"""A model that answers with what a run recorded; the ledger goes in as a function."""

from __future__ import annotations

from collections.abc import Callable

from orchestrator.errors import ReplayDiffers
from orchestrator.models.tokens import TokenEstimator
from orchestrator.protocols import ModelIdentity
from orchestrator.records import ModelRequest, Reply


class ReplayModel:
    """Looks every request up. A request that was never made means that the replay went another way."""

    def __init__(
        self,
        name: str,
        lookup: Callable[[ModelRequest], Reply | None],
        estimator: TokenEstimator,
        identity: ModelIdentity | None = None,
    ) -> None:
        self._name, self._lookup, self._estimator = name, lookup, estimator
        self._identity = identity or ModelIdentity(name, "replay")

    @property
    def name(self) -> str:
        """See Model."""
        return self._name

    def count_tokens(self, text: str) -> int:
        """See Model."""
        return self._estimator.estimate(text)

    def identify(self) -> ModelIdentity:
        """The recorded model's identity where it was given. See Model."""
        return self._identity

    def complete(self, request: ModelRequest) -> Reply:
        """The recorded reply. Raises ReplayDiffers where there is none. See Model."""
        reply = self._lookup(request)
        if reply is None:
            raise ReplayDiffers(
                f"{self._name} has no reply for {request.instance_id}, attempt {request.attempt}, sample {request.sample}"
                f" ({request.purpose}): the replay asks what the run never asked"
            )
        return reply
