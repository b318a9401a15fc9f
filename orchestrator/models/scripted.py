"""A model that reads its replies from JSON lines: for tests, demonstrations and flow runs without any server.

One object a line: `{"instance": "a__b-1", "attempt": 1, "text": "..."}`. `instance` and `attempt` may be left out (any),
and so may `sample` and `purpose`. Further keys: `finish`, `usage` ({"input": 900, "output": 60, "cached": 0}),
`delay_s`, `failures` (kinds of failure, each happening once before the reply), `note`. The most specific line answers;
of equally specific ones the first. Where none fits the reply is EXHAUSTED.
"""

from __future__ import annotations

import json
import threading
from collections import Counter
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from orchestrator.clock import Clock
from orchestrator.errors import MissingPiece, SettingsError
from orchestrator.models.failures import CallFailure, FailureKind
from orchestrator.models.tokens import TokenEstimator
from orchestrator.protocols import ModelIdentity
from orchestrator.records import FinishReason, ModelRequest, Reply, Usage


class ScriptedUsage(BaseModel):
    """Tokens that a scripted reply claims; what is left out is estimated from the texts."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    input: int | None = Field(default=None, ge=0)
    output: int | None = Field(default=None, ge=0)
    cached: int = Field(default=0, ge=0)


class ScriptedLine(BaseModel):
    """One line of a scripted file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    instance: str | None = None
    attempt: int | None = Field(default=None, ge=1)
    sample: int | None = Field(default=None, ge=0)
    purpose: Literal["edit", "review"] | None = None
    text: str = ""
    finish: FinishReason = FinishReason.STOP
    usage: ScriptedUsage = ScriptedUsage()
    delay_s: float = Field(default=0.0, ge=0, allow_inf_nan=False)
    failures: tuple[FailureKind, ...] = ()
    note: str = ""

    def fit(self, request: ModelRequest) -> int:
        """How many of its keys name this request; -1 where one names another."""
        pairs = (
            (self.instance, request.instance_id),
            (self.attempt, request.attempt),
            (self.sample, request.sample),
            (self.purpose, request.purpose),
        )
        if any(wanted is not None and wanted != actual for wanted, actual in pairs):
            return -1
        return sum(wanted is not None for wanted, _ in pairs)


class ScriptedModel:
    """Answers from lines. Failures are counted per line, so two runs of one request see them once."""

    def __init__(self, name: str, lines: tuple[ScriptedLine, ...], clock: Clock, estimator: TokenEstimator) -> None:
        self._name, self._lines, self._clock, self._estimator = name, lines, clock, estimator
        self._failed: Counter[int] = Counter()
        self._lock = threading.Lock()

    @property
    def name(self) -> str:
        """See Model."""
        return self._name

    def count_tokens(self, text: str) -> int:
        """See Model."""
        return self._estimator.estimate(text)

    def identify(self) -> ModelIdentity:
        """See Model."""
        return ModelIdentity(self._name, "scripted")

    def complete(self, request: ModelRequest) -> Reply:
        """Give the line's failures first, one a call, then its reply. See Model."""
        fits = [(line.fit(request), -index) for index, line in enumerate(self._lines)]
        best, place = max(fits, default=(-1, 0))
        if best < 0:
            note = "no scripted reply for this request"
            return Reply("", FinishReason.EXHAUSTED, request.model, sample=request.sample, note=note)
        line = self._lines[-place]
        self._clock.sleep(line.delay_s)
        with self._lock:
            failed = self._failed[-place]
            self._failed[-place] += 1
        if failed < len(line.failures):
            raise CallFailure(line.failures[failed], "as scripted")
        return self._reply(line, request)

    def _reply(self, line: ScriptedLine, request: ModelRequest) -> Reply:
        prompt = sum(self.count_tokens(message.content) for message in request.messages)
        usage = Usage(
            prompt if line.usage.input is None else line.usage.input,
            self.count_tokens(line.text) if line.usage.output is None else line.usage.output,
            line.usage.cached,
        )
        return Reply(
            text=line.text,
            finish=line.finish,
            model=request.model,
            usage=usage,
            first_token_s=line.delay_s,
            duration_s=line.delay_s,
            sample=request.sample,
            note=line.note,
        )


def read_script(path: Path) -> tuple[ScriptedLine, ...]:
    """Read and check a scripted file as a whole. Raises MissingPiece or SettingsError with file, line and fault."""
    try:
        text = path.read_text("utf-8-sig")
    except OSError as error:
        raise MissingPiece(f"the scripted file {path} cannot be read ({error.strerror})", "Check the path.") from error
    except UnicodeDecodeError as error:
        raise SettingsError(f"{path} is not UTF-8: {error.reason} at byte {error.start}") from error
    numbered = enumerate(text.split("\n"), start=1)
    return tuple(_line(path, number, line) for number, line in numbered if line.strip())


def _line(path: Path, number: int, line: str) -> ScriptedLine:
    try:
        return ScriptedLine.model_validate(json.loads(line))
    except json.JSONDecodeError as error:
        raise SettingsError(f"{path}, line {number}: not JSON: {error.msg} at column {error.colno}") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "the line"
        known = ", ".join(ScriptedLine.model_fields)
        fault = f"unknown key; the keys are {known}" if first["type"] == "extra_forbidden" else first["msg"]
        raise SettingsError(f"{path}, line {number}: {where}: {fault}") from error
