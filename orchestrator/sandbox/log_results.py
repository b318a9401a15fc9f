"""Outcomes from a runner's printed log, for runners other than pytest: swebench's parser, held against the exit status."""

from __future__ import annotations

from collections.abc import Mapping

from orchestrator.errors import BenchmarkError
from orchestrator.protocols import SandboxOutcome, SandboxResult
from orchestrator.records import TestRun, TestStatus

_STATUSES = {
    "PASSED": TestStatus.PASSED,
    "FAILED": TestStatus.FAILED,
    "ERROR": TestStatus.ERROR,
    "SKIPPED": TestStatus.SKIPPED,
    "XFAIL": TestStatus.SKIPPED,
}


def read_log(result: SandboxResult, log_parser: str, start: str, end: str) -> TestRun:
    """Outcomes printed between the lines `start` and `end`. Weaker than a results file: a runner without canaries can be imitated.

    Raises BenchmarkError for a log parser that swebench does not have.
    """
    section, reason = _between(result.output, start, end)
    statuses = _parse(section, log_parser)
    if result.outcome is not SandboxOutcome.EXITED:
        reason = f"the run did not end by itself: {result.outcome.value}"
    elif not reason:
        reason = _contradiction(result.exit_code, statuses)
    return TestRun(
        statuses,
        result.outcome.value,
        result.exit_code,
        result.output,
        result.duration_s,
        not reason,
        reason or result.detail,
    )


def _between(output: bytes, start: str, end: str) -> tuple[str, str]:
    lines = output.decode("utf-8", "replace").split("\n")
    if lines.count(start) != 1:
        return "", "the start line is missing or printed twice: nothing can be read from the log"
    after = lines[lines.index(start) + 1 :]
    if after.count(end) != 1:
        return "\n".join(after), "the end line is missing or printed twice: the runner ended early"
    return "\n".join(after[: after.index(end)]), ""


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
