"""How patches are graded: what can be set, and the stamps that say so on every verdict."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

EVALUATOR_VERSION = "1"
"""Goes up with every change that could change a verdict; part of every cache key."""


@dataclass(frozen=True, slots=True)
class EvaluateSettings:
    """How a patch is graded. The defaults run the row's script verbatim; `lean` leaves out what cannot change a verdict.

    `network` and `capabilities` are those of the engine that the evaluator is given: they are repeated here for the stamps.
    `repeat` more runs under as many hash seeds flag a verdict that is a draw.
    """

    timeout_s: float = 1800.0
    output_limit_bytes: int = 64_000_000
    lean: bool = False
    repeat: int = 0

    def stamps(self) -> Mapping[str, str]:
        """The settings in words."""
        return {"timeout_s": f"{self.timeout_s:g}", "lean": str(self.lean).lower(), "evaluator": EVALUATOR_VERSION}
