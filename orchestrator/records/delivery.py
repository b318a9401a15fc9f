"""The end of an instance: patch, official verdict, outcome."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Patch:
    """The frozen patch of an instance. `judge_accepted` is False where giving up exported the best of the rest."""

    diff: bytes
    sha256: str
    candidate_id: str
    attempt: int
    rung: int
    model: str
    judge_accepted: bool


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The official verdict on a frozen patch. `resolved` is None where the environment failed (`infra` says how).

    `report` is the harness's own report for the instance; `suspicion` names a suspected forgery and changes nothing.
    """

    patch_sha256: str
    resolved: bool | None
    report: Mapping[str, Any]
    test_output: bytes = b""
    infra: str = ""
    suspicion: str = ""
    stamps: Mapping[str, str] = field(default_factory=dict)
    duration_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """The end of an instance: its final state and the numbers that results are made from."""

    instance_id: str
    state: str
    verified: bool
    attempts: int
    samples: int
    duration_s: float
    error: str = ""
    model: str = ""
    rung: int = 0
    escalated_because: str = ""
    judge_accepted: bool = False
    patch_sha256: str = ""
    cost_usd: float | None = 0.0
    input_tokens: int = 0
    output_tokens: int = 0
