"""Spectrum-based fault localization: what a failing run executed that passing runs did not."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from orchestrator.localize.bm25 import FloatArray
from orchestrator.localize.corpus import RepositoryIndex
from orchestrator.records import ExecutedFunction, Execution, Location

_FRAME_DECAY = 0.3
_TOLD = 80


def ochiai(passing: int) -> float:
    """Ochiai suspiciousness (Abreu et al. 2007) of what one failing run and `passing` passing ones entered."""
    return 1.0 / math.sqrt(1.0 + passing)


EXECUTION_SIGNALS = ("ran", "ran_alone", "raised")
"""Signals of source units that execution adds; a file's are those of its best unit."""

_Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class _Run:
    """What one piece of code entered, symptom last, and how many of the last are the frames of a reported exception."""

    entered: Sequence[Location]
    frames: int


def spectrum_signals(
    index: RepositoryIndex, executed: Sequence[ExecutedFunction], walked: Execution | None = None
) -> dict[str, FloatArray]:
    """Scores of source units, all in 0 to 1, from all that the issue's code went through, or an accepted reproduction did.

    `ran`: it was entered. `ran_alone`: its Ochiai suspiciousness, with the neutral runs that entered it too as the passing
    ones. `raised`: it is on the traceback of an exception that the issue names; the deepest frame has 1.
    """
    signals = {name: np.zeros(len(index.sources.units)) for name in EXECUTION_SIGNALS}
    passed = _passed(walked)
    units: dict[_Key, int | None] = {}
    for run in _runs(executed, walked):
        for back, location in enumerate(reversed(run.entered)):
            key = _key(location)
            if key not in units:
                units[key] = _unit_of(index, location)
            alone = ochiai(passed.get(key, 0))
            raised = 1.0 / (1.0 + _FRAME_DECAY * back) if back < run.frames else 0.0
            if (unit := units[key]) is not None:
                for name, score in zip(EXECUTION_SIGNALS, (1.0, alone, raised), strict=True):
                    signals[name][unit] = max(signals[name][unit], score)
    return signals


def entered_by(index: RepositoryIndex, walked: Execution | None, units: Sequence[int]) -> dict[int, str]:
    """In words, which piece of the issue's code entered each of a few units: the one that entered least besides."""
    told: dict[int, tuple[int, str]] = {}
    for run in walked.runs if walked else ():
        if walked and run.kind != "import":
            source = " ".join(run.source.split())[:_TOLD]
            ended = f" ({run.failed.partition(':')[0]})" if run.failed else ""
            for unit in {_unit_of(index, walked.functions[place]) for place in run.entered} & set(units):
                if unit is not None and len(run.entered) < told.get(unit, (10**9, ""))[0]:
                    told[unit] = len(run.entered), f"entered by `{source}`{ended}"
    return {unit: words for unit, (_, words) in told.items()}


def _runs(executed: Sequence[ExecutedFunction], walked: Execution | None) -> Iterator[_Run]:
    for run in walked.runs if walked else ():
        # What a mere import runs is the project's own set-up.
        if walked and run.kind != "import":
            yield _Run([walked.functions[place] for place in run.entered], run.frames if run.reported else 0)
    if executed and not any(run.entered for run in (walked.runs if walked else ())):
        yield _Run([each.location for each in executed], 0)


def _passed(walked: Execution | None) -> dict[_Key, int]:
    """By how many neutral runs a function was entered."""
    passed: dict[_Key, int] = {}
    if walked:
        for location, count in zip(walked.functions, walked.passed, strict=True):
            passed[_key(location)] = max(passed.get(_key(location), 0), count)
    return passed


def _unit_of(index: RepositoryIndex, location: Location) -> int | None:
    """The unit around an executed function; nested functions belong to the outermost."""
    number = index.file_numbers.get(location.path)
    if number is None:
        return None
    name = location.qualified_name or ""
    for size in range(name.count(".") + 1, 0, -1):
        prefix = ".".join(name.split(".")[:size])
        for unit in index.by_name.get(prefix.rpartition(".")[2], ()):
            found = index.sources.units[unit]
            if found.file == number and found.definition and found.definition.qualified_name == prefix:
                return unit
    return index.unit_at(location.path, location.start_line)


def _key(location: Location) -> _Key:
    return location.path, location.qualified_name or ""
