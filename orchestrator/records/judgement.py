"""What the judge says of a candidate, and what the next attempt is told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Judgement(StrEnum):
    """What a stage says of a candidate. INFRA means that the environment failed: it is never held against the candidate."""

    PASS = "pass"
    FAIL = "fail"
    ABSTAIN = "abstain"
    INFRA = "infra"


@dataclass(frozen=True, slots=True)
class Finding:
    """One stage's judgement of one candidate: why, and what to do about it.

    `signature` is the masked fingerprint of the failure; `score` (0..1) ranks survivors where the stage can;
    `behaviour` is the vector of outcomes that consensus clusters by; `output` is what was printed.
    """

    stage: str
    candidate_id: str
    judgement: Judgement
    reason: str
    advice: str = ""
    rule: str = ""
    signature: str = ""
    score: float | None = None
    behaviour: Mapping[str, str] = field(default_factory=dict)
    output: bytes = b""
    duration_s: float = 0.0
    cost_usd: float | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """The end of an attempt: the chosen candidate (None: nobody survived) and the confidence (0..1) in the choice."""

    attempt: int
    candidate_id: str | None
    confidence: float
    reason: str
    survivors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Frame:
    """One traceback frame inside the repository; `source` is its line of code."""

    path: str
    line: int
    function: str
    source: str = ""


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What a failure says: the failing test, the exception, the two sides of an assertion, in-repository frames (deepest last)."""

    failing_test: str = ""
    exception: str = ""
    message: str = ""
    left: str = ""
    right: str = ""
    frames: tuple[Frame, ...] = ()
    excerpt: str = ""
    signature: str = ""


@dataclass(frozen=True, slots=True)
class Feedback:
    """What the next attempt is told of this one: what was tried, which stage refused it, why, and what to do differently."""

    attempt: int
    stage: str
    candidate_id: str | None
    tried: str
    reason: str
    advice: str
    diagnosis: Diagnosis = Diagnosis()
    current_source: str = ""


@dataclass(frozen=True, slots=True)
class Decision:
    """What DECIDING chose: the event, the rule that chose it, and how the next attempt differs.

    `strategy` asks the context builder to widen or move on, `temperature_shift` is added to the temperature,
    `edit_format` overrides the rung's, `story` says whether the next attempt sees the feedback so far.
    """

    event: str
    why: str
    rung: int
    strategy: str = "functions"
    temperature_shift: float = 0.0
    edit_format: str | None = None
    story: bool = True
    signals: tuple[str, ...] = ()
