"""What is found out before the first token: reproduction, localization, baseline, context."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Location:
    """A place in the source: a file, and within it a definition (None: the file as a whole). Lines are 1-based, inclusive."""

    path: str
    qualified_name: str | None = None
    start_line: int = 0
    end_line: int = 0


@dataclass(frozen=True, slots=True)
class Evidence:
    """One reason for a score: the signal's name, what it matched, and its share of the score."""

    signal: str
    detail: str
    weight: float


@dataclass(frozen=True, slots=True)
class RankedLocation:
    """A location with its score (higher is more suspicious) and the evidence behind it."""

    location: Location
    score: float
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class ExecutedFunction:
    """A function that ran, as the tracer saw it: its place, the lines hit and how often it was entered."""

    location: Location
    lines: tuple[int, ...] = ()
    calls: int = 1


@dataclass(frozen=True, slots=True)
class CodeRun:
    """A piece of an issue's code that ran at base_commit, judged by nobody.

    `kind` is import, definition, statement, inline (a call within prose) or test; `source` is how it begins. `entered` are
    positions in `Execution.functions` in order of last entry, the last `frames` of them those of the exception `failed`,
    deepest last. `reported`: the issue names that exception.
    """

    kind: str
    source: str
    entered: tuple[int, ...]
    failed: str = ""
    frames: int = 0
    reported: bool = False


@dataclass(frozen=True, slots=True)
class Execution:
    """What all code of an issue went through at base_commit, and how many of `passing` neutral runs did too.

    `passed` is by position in `functions`. The neutral runs are a few of the project's own tests, evenly spread; without
    them what everything goes through could not be told from what is special to the issue. `reason` says why it is empty.
    """

    functions: tuple[Location, ...] = ()
    passed: tuple[int, ...] = ()
    passing: int = 0
    runs: tuple[CodeRun, ...] = ()
    reason: str = ""
    duration_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Reproduction:
    """A script made from the issue's own snippet that fails at base_commit and should pass once repaired.

    `kind` is doctest, expected_output or traceback. `accepted` is False where nothing could be extracted or where it did
    not fail at base_commit; `reason` says why. `executed` is what it ran through in the repository, symptom last.
    `duration_s` is what it took at base_commit. `refuses` is False where its wanted output is no more than how somebody
    expected an object to be shown: passing it speaks for a repair, failing it does not speak against one.
    `walked` is what the issue's code as a whole went through, whether or not anything was accepted: evidence of where,
    never of what is right. None: nobody looked.
    """

    kind: str
    accepted: bool
    reason: str
    script: str = ""
    failure: str = ""
    executed: tuple[ExecutedFunction, ...] = ()
    duration_s: float = 0.0
    refuses: bool = True
    walked: Execution | None = None


@dataclass(frozen=True, slots=True)
class Localization:
    """Files and functions, best first, with a confidence in 0..1 (the share of score mass on the first file)."""

    files: tuple[RankedLocation, ...]
    functions: tuple[RankedLocation, ...]
    confidence: float
    notes: tuple[str, ...] = ()


class TestStatus(StrEnum):
    """The outcome of one test in one run; MISSING is an expected test that did not report."""

    __test__ = False
    PASSED = "passed"
    FAILED = "failed"
    ERROR = "error"
    SKIPPED = "skipped"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class TestFileRun:
    """One test file's share of a run. `ended` is False where time was up before all its tests had run.

    `reason` says why its outcomes cannot be believed; empty where they can.
    """

    __test__ = False
    statuses: Mapping[str, TestStatus]
    duration_s: float = 0.0
    ended: bool = True
    reason: str = ""


@dataclass(frozen=True, slots=True)
class TestRun:
    """Per-test outcomes of one run in a sandbox. `outcome` is the SandboxOutcome's value, `output` what the runner printed.

    `trusted` is False where the results' own canaries or the exit status contradict the listed outcomes. `files` has the
    same by test file; a file that was not reached in time is not in it.
    """

    __test__ = False
    statuses: Mapping[str, TestStatus]
    outcome: str
    exit_code: int | None
    output: bytes
    duration_s: float
    trusted: bool = True
    reason: str = ""
    files: Mapping[str, TestFileRun] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TestFileBaseline:
    """One test file at base_commit, run twice: outcomes of the first time, and the tests that came out differently.

    Where it did not end within `limit_s`, `statuses` are those of the tests that did. `reason` says why it is of no use.
    """

    __test__ = False
    statuses: Mapping[str, TestStatus]
    flaky: tuple[str, ...] = ()
    duration_s: float = 0.0
    ended: bool = True
    limit_s: float = 0.0
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Baseline:
    """The chosen repository tests at base_commit: the files chosen, their tests' outcomes, and the flaky ones set aside.

    `seconds` are by file that was run to its end; `cut` has the tests that ended in files that did not; `left_out` says of
    a file why it does not count (no time left, no outcome to believe). `known` files were not run again: another run did.
    """

    test_files: tuple[str, ...]
    statuses: Mapping[str, TestStatus]
    flaky: tuple[str, ...] = ()
    duration_s: float = 0.0
    reason: str = ""
    seconds: Mapping[str, float] = field(default_factory=dict)
    cut: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    left_out: Mapping[str, str] = field(default_factory=dict)
    known: tuple[str, ...] = ()

    @property
    def counting(self) -> tuple[str, ...]:
        """The files that a candidate's run has to repeat, those that take too long last."""
        chosen = [path for path in self.test_files if path not in self.left_out]
        return tuple(sorted(chosen, key=self.cut.__contains__))


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A run of whole lines from one file, shown to the model. `role`: target, class_header, imports, callee, caller, test, file."""

    location: Location
    text: str
    role: str
    why: str = ""


@dataclass(frozen=True, slots=True)
class Context:
    """What the model is shown of the repository, in a stable order, within `budget_tokens`.

    `targets` are the definitions that may be rewritten, most suspicious first. `strategy` names how it was widened:
    functions, next-function, next-file, whole-file, first-bytes.
    """

    strategy: str
    targets: tuple[RankedLocation, ...]
    excerpts: tuple[Excerpt, ...]
    tokens: int
    budget_tokens: int
    widened: int = 0
    notes: tuple[str, ...] = ()
