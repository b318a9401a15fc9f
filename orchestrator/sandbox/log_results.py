"""Outcomes from a runner's printed log, for runners other than pytest: swebench's parser, held against the exit status.

Each test file is a process of its own between two marked lines, with the time it may take: one file that hangs, aborts the
runner or lists nothing takes no other along, and what each file takes is known.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from orchestrator.errors import BenchmarkError
from orchestrator.protocols import SandboxOutcome, SandboxResult
from orchestrator.records import TestFileRun, TestRun, TestStatus
from orchestrator.sandbox.file_runs import worst_of

_STATUSES = {
    "PASSED": TestStatus.PASSED,
    "FAILED": TestStatus.FAILED,
    "ERROR": TestStatus.ERROR,
    "SKIPPED": TestStatus.SKIPPED,
    "XFAIL": TestStatus.SKIPPED,
}
# What `timeout` ends with where it had to end the command, and had to kill it.
_TIMED_OUT = {124, 137}
_KILL_AFTER_S = 5


@dataclass(frozen=True, slots=True)
class Part:
    """One test file of a run: its name, the lines that come before it, its command, and the seconds that it may take."""

    name: str
    before: str
    command: str
    limit_s: float


@dataclass(frozen=True, slots=True)
class LoggedRun:
    """A script that runs parts one after the other, as long as `timeout_s` lasts, and what it takes to read its log."""

    parts: Sequence[Part]
    start: str
    end: str
    timeout_s: float

    def script(self) -> str:
        """Bash lines; the exit status is 0 where each part's was."""
        lines = [f"ramp_deadline=$((SECONDS + {max(1, round(self.timeout_s))})); ramp_status=0"]
        for number, part in enumerate(self.parts):
            lines.append(f"ramp_left=$((ramp_deadline - SECONDS)); ramp_limit={max(1, round(part.limit_s))}")
            lines.append('if [ "$ramp_left" -gt 0 ]; then')
            lines.append(part.before)
            lines.append('[ "$ramp_limit" -lt "$ramp_left" ] || ramp_limit=$ramp_left')
            lines.append(f"printf '\\n%s %s\\n' {self.start}-{number} \"$(date +%s.%N)\"")
            lines.append(f'timeout -k {_KILL_AFTER_S} "$ramp_limit" bash -c {shlex.quote(part.command)}')
            lines.append("ramp_one=$?; [ $ramp_one -eq 0 ] || ramp_status=1")
            lines.append(f"printf '\\n%s %s %s\\n' {self.end}-{number} $ramp_one \"$(date +%s.%N)\"")
            lines.append("fi")
        lines.append("exit $ramp_status")
        return "\n".join(lines)

    def read(self, result: SandboxResult, log_parser: str) -> TestRun:
        """Outcomes printed between the marked lines. Weaker than a results file: a runner without canaries can be imitated.

        Raises BenchmarkError for a log parser that swebench does not have.
        """
        sections = _Sections(result.output.decode("utf-8", "replace").split("\n"))
        files: dict[str, TestFileRun] = {}
        failed = False
        for number, part in enumerate(self.parts):
            found = sections.between(f"{self.start}-{number}", f"{self.end}-{number}")
            if found is not None:
                files[part.name] = _file_run(found, log_parser, result)
                failed = failed or found.status != 0
        reason = next((f"{name}: {run.reason}" for name, run in files.items() if run.reason), "")
        if result.outcome is not SandboxOutcome.EXITED:
            reason = f"the run did not end by itself: {result.outcome.value}"
        elif not files:
            reason = "the first start line is missing: nothing can be read from the log"
        elif result.exit_code != int(failed):
            reason = f"exit status {result.exit_code} although the test files' own make it {int(failed)}"
        return TestRun(
            worst_of(run.statuses for run in files.values()),
            result.outcome.value,
            result.exit_code,
            result.output,
            result.duration_s,
            not reason,
            reason or result.detail,
            files,
        )


@dataclass(frozen=True, slots=True)
class _Section:
    """What one part printed. `status` is None where its end line is not there."""

    text: str
    status: int | None
    duration_s: float
    reason: str


class _Sections:
    """The lines of a log, cut at marked lines."""

    def __init__(self, lines: list[str]) -> None:
        self._lines = lines

    def between(self, start: str, end: str) -> _Section | None:
        """The section between two marks; None where it was never begun. Marks that come twice are somebody else's."""
        starts = self._marks(start, r" ([\d.N]+)")
        if not starts:
            return None
        ends = self._marks(end, r" (\d+) ([\d.N]+)")
        first, began = starts[0]
        if len(starts) > 1 or len(ends) > 1:
            return _Section("", None, 0.0, "its start or end line was printed twice")
        if not ends or ends[0][0] < first:
            return _Section("\n".join(self._lines[first + 1 :]), None, 0.0, "its end line is missing")
        last, ended = ends[0]
        duration_s = max(0.0, _seconds(ended[2]) - _seconds(began[1]))
        return _Section("\n".join(self._lines[first + 1 : last]), int(ended[1]), duration_s, "")

    def _marks(self, mark: str, rest: str) -> list[tuple[int, re.Match[str]]]:
        pattern = re.compile(re.escape(mark) + rest)
        return [(number, found) for number, line in enumerate(self._lines) if (found := pattern.fullmatch(line))]


def _seconds(text: str) -> float:
    # A `date` without nanoseconds leaves the letter.
    return float(text.rstrip("N").rstrip("."))


def _file_run(section: _Section, log_parser: str, result: SandboxResult) -> TestFileRun:
    statuses = _parse(section.text, log_parser)
    cut = section.status in _TIMED_OUT or (section.status is None and result.outcome is not SandboxOutcome.EXITED)
    reason = "" if cut else section.reason or _contradiction(section.status, statuses)
    return TestFileRun(statuses, section.duration_s, not cut, reason)


def _parse(section: str, log_parser: str) -> dict[str, TestStatus]:
    from swebench.harness.log_parsers import PARSER_REGISTRY

    parser = PARSER_REGISTRY.get(log_parser)
    if parser is None:
        raise BenchmarkError(f"swebench has no log parser {log_parser!r}; correct the row's log_parser")
    # The parsers take the test spec for the sake of other languages; those of Python do not look at it.
    return {name: _STATUSES.get(str(status), TestStatus.ERROR) for name, status in parser(section, None).items()}


def _contradiction(exit_code: int | None, statuses: Mapping[str, TestStatus]) -> str:
    failed = sum(status in {TestStatus.FAILED, TestStatus.ERROR} for status in statuses.values())
    if exit_code == 0 and failed:
        return f"exit status 0 although {failed} test(s) are listed as failed"
    if exit_code != 0 and not failed:
        return f"exit status {exit_code} although no test is listed as failed"
    if not statuses:
        return "no test is listed at all"
    return ""
