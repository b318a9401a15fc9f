"""A gate as data: the `[gate]` section of a phase file. What it decides is in `report/gate.py`; here is only what may be written.

Labels name ranges of the total success rate, lowest first, each from its own lower limit up to the next one's. Health rules
bound a measure of the pipeline. Targets are counts. `[[gate.ladders]]` replaces any of them for one ladder of models.
"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator


class Section(BaseModel):
    """A section of a phase file: frozen, and unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Label(Section):
    """The name of the rates from `at_least` (or from just `above`) to the next label; both are fractions of the total."""

    label: str
    at_least: float | None = Field(default=None, ge=0, le=1)
    above: float | None = Field(default=None, ge=0, le=1)

    @model_validator(mode="after")
    def _one_limit(self) -> Label:
        if (self.at_least is None) == (self.above is None):
            raise ValueError(f"label {self.label!r} takes at_least or above, one of the two")
        return self

    def covers(self, rate: float) -> bool:
        """Whether `rate` reaches this label's lower limit."""
        return rate >= self.at_least if self.at_least is not None else rate > (self.above or 0.0)


Measure = Literal[
    "edits_applied",
    "candidates_parse",
    "regression_clean",
    "infra_failed",
    "crashed",
    "empty_patches",
    "cost_usd_per_instance",
    "seconds_per_instance",
]


class Health(Section):
    """A bound on one measure of the pipeline: shares are of instances, cost and time are means per instance."""

    measure: Measure
    at_least: float | None = Field(default=None, ge=0)
    at_most: float | None = Field(default=None, ge=0)

    @model_validator(mode="after")
    def _one_bound(self) -> Health:
        if (self.at_least is None) == (self.at_most is None):
            raise ValueError(f"health rule {self.measure!r} takes at_least or at_most, one of the two")
        return self


class Target(Section):
    """A count to reach, of what the primary model resolved alone or of all; `out_of` is the size that it is meant for."""

    name: str
    count: int = Field(ge=1)
    of: Literal["primary", "total"] = "total"
    out_of: int = Field(default=300, ge=1)


class LadderGate(Section):
    """Other thresholds for one ladder: the models' names, from weak to strong. What is left out stays as in `[gate]`."""

    models: tuple[str, ...] = Field(min_length=1)
    labels: tuple[Label, ...] | None = None
    health: tuple[Health, ...] | None = None
    targets: tuple[Target, ...] | None = None


class GateSettings(Section):
    """What decides a phase: the health of the pipeline, the label of the success rate, or nothing (labels only)."""

    decides: Literal["health", "label", "nothing"] = "nothing"
    refuse: tuple[str, ...] = ()
    labels: tuple[Label, ...] = ()
    health: tuple[Health, ...] = ()
    targets: tuple[Target, ...] = ()
    predict_size: int | None = Field(default=None, ge=1)
    ladders: tuple[LadderGate, ...] = ()

    @model_validator(mode="after")
    def _refused_labels_exist(self) -> GateSettings:
        known = {
            label.label
            for labels in (self.labels, *(ladder.labels for ladder in self.ladders))
            for label in labels or ()
        }
        if unknown := [name for name in self.refuse if name not in known]:
            raise ValueError(f"refuse names {unknown[0]!r}, which is no label of this gate")
        return self

    def for_ladder(self, models: tuple[str, ...]) -> GateSettings:
        """The gate as it applies to a ladder."""
        for special in self.ladders:
            if special.models == models:
                changes = {
                    name: value
                    for name in ("labels", "health", "targets")
                    if (value := getattr(special, name)) is not None
                }
                return self.model_copy(update=changes)
        return self
