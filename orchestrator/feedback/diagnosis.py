"""What a failure says, in forty lines at most: the failing test, the exception, both sides, the frames in the repository."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence

from orchestrator.feedback.comparison import doctest_sides, labelled_sides, sides_of
from orchestrator.feedback.runners import READERS, Failure, short_name
from orchestrator.feedback.tracebacks import Trace, in_repository, read_pytest_section, read_traceback
from orchestrator.masking import signature_of
from orchestrator.records import Diagnosis, Frame
from orchestrator.syntax import decode_source
from orchestrator.text import clip_columns, clip_lines

MOST_LINES = 40
"""An excerpt has at most so many lines."""

_MOST_FRAMES = 6
_LINES_AROUND = 4
_MOST_BYTES = 4_000_000  # more than any sandbox is allowed to print
_MOST_COLUMNS = 2000
_ANSI = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\-_])")
_LINE_NUMBER = re.compile(r"\bline (\d+)\b|\.\w+:(\d+)\b")


def diagnose(output: bytes, *, repository_root: str = "/testbed", known_tests: Collection[str] = ()) -> Diagnosis:
    """Read what a test run, a script or an import printed.

    Of several failures the first of `known_tests` (ids in any runner's spelling) is taken, else the first. Output of no
    known form is cut at head and tail. Never raises on any bytes.
    """
    text = _readable(output).decode("utf-8", "replace").replace("\r\n", "\n")
    lines = [line[:_MOST_COLUMNS].removeprefix("INTERNALERROR> ") for line in _ANSI.sub("", text).split("\n")]
    failure = _chosen(_failures(lines), known_tests)
    if failure is None:
        return _of_traceback(lines, repository_root) or _unknown(lines)
    if failure.runner == "doctest" or _is_doctest(failure):
        return _of_doctest(failure, repository_root)
    trace = (read_pytest_section(failure.lines) if failure.runner == "pytest" else None) or read_traceback(
        failure.lines, repository_root
    )
    return _diagnosis(failure, trace or _from_summary(failure), repository_root)


def _readable(output: bytes) -> bytes:
    """What is read of a very long output: a quarter from its head and the rest from its tail, where runners print failures."""
    if len(output) <= _MOST_BYTES:
        return output
    head = _MOST_BYTES // 4
    return output[:head] + b"\n" + output[head - _MOST_BYTES :]


def explain_place(message: str, path: str, after: bytes | None) -> Diagnosis:
    """A host stage's refusal: its sentence, and the lines that the sentence names, with their numbers."""
    match = _LINE_NUMBER.search(message)
    line = int(match[1] or match[2]) if match else 0
    excerpt = numbered(decode_source(after)[0], line) if after and line else ""
    frames = (Frame(path, line, "", ""),) if path and line else ()
    return Diagnosis(message=message, frames=frames, excerpt=excerpt, signature=signature_of(path, message))


def numbered(source: str, line: int, around: int = _LINES_AROUND) -> str:
    """The lines around `line` (1-based) with their numbers, the line itself marked `>`."""
    lines = source.split("\n")
    first, last = max(1, line - around), min(len(lines), line + around)
    shown = (f"{'>' if n == line else ' '} {n:>5} {lines[n - 1]}" for n in range(first, last + 1))
    return clip_columns("\n".join(shown))


def _failures(lines: Sequence[str]) -> tuple[Failure, ...]:
    found = (reader(lines) for reader in READERS)
    return next((failures for failures in found if failures), ())


def _chosen(failures: tuple[Failure, ...], known_tests: Collection[str]) -> Failure | None:
    if not failures:
        return None
    exact, short = set(known_tests), {short_name(test) for test in known_tests}
    wanted: tuple[Callable[[Failure], bool], ...] = (
        lambda failure: failure.test in exact,
        lambda failure: short_name(failure.test) in short,
    )
    for matches in wanted:
        if found := next((failure for failure in failures if matches(failure)), None):
            return found
    return failures[0]


def _diagnosis(failure: Failure, trace: Trace, repository_root: str) -> Diagnosis:
    frames = in_repository(trace.frames, repository_root)
    asserting = trace.frames[-1].source if trace.frames else ""
    sides = sides_of(trace.message, asserting if _is_assertion(trace) else "")
    excerpt = _excerpt(failure.lines) or failure.summary
    return _record(failure.test, trace, frames, sides, excerpt)


def _record(test: str, trace: Trace, frames: tuple[Frame, ...], sides: tuple[str, str], excerpt: str) -> Diagnosis:
    deepest = f"{frames[-1].path}:{frames[-1].function}" if frames else ""
    shown = frames if len(frames) <= _MOST_FRAMES else (frames[0], *frames[1 - _MOST_FRAMES :])
    return Diagnosis(
        failing_test=test,
        exception=trace.exception,
        message=trace.message,
        left=sides[0],
        right=sides[1],
        frames=shown,
        excerpt=excerpt,
        signature=signature_of(test, trace.exception, trace.message, deepest),
    )


def _of_traceback(lines: Sequence[str], repository_root: str) -> Diagnosis | None:
    trace = read_traceback(lines, repository_root) or read_pytest_section(lines)
    if trace is None or not (trace.exception or trace.frames):
        return None
    frames = in_repository(trace.frames, repository_root)
    sides = sides_of(trace.message, trace.frames[-1].source if trace.frames and _is_assertion(trace) else "")
    start = next((i for i, line in enumerate(lines) if "Traceback" in line or line.lstrip().startswith('File "')), 0)
    return _record("", trace, frames, sides, _excerpt(lines[start:]))


def _is_doctest(failure: Failure) -> bool:
    marks = {line.strip() for line in failure.lines}
    return ("Failed example:" in marks or failure.test.startswith("[doctest]") or "Expected:" in marks) and (
        "Got:" in marks or "Exception raised:" in marks or "Expected nothing" in marks
    )


def _of_doctest(failure: Failure, repository_root: str) -> Diagnosis:
    left, right = doctest_sides(failure.lines)
    trace = read_traceback(failure.lines, repository_root)
    raised = "Exception raised:" in {line.strip() for line in failure.lines}
    if trace is None or not raised:
        place = trace.frames[:1] if trace else ()
        trace = Trace(place, "DocTestFailure", f"expected {right!r}, got {left!r}")
    return _record(
        failure.test, trace, in_repository(trace.frames, repository_root), (left, right), _excerpt(failure.lines)
    )


def _from_summary(failure: Failure) -> Trace:
    """All that is known where the runner printed no traceback: the sentence of its summary."""
    exception, colon, message = failure.summary.partition(": ")
    if colon and exception.replace(".", "").isidentifier():
        return Trace((), exception, message)
    return Trace((), "AssertionError" if failure.summary.startswith("assert ") else "", failure.summary)


def _is_assertion(trace: Trace) -> bool:
    return trace.exception.endswith("AssertionError")


def _excerpt(lines: Sequence[str]) -> str:
    return clip_lines(clip_columns("\n".join(lines).strip("\n"), 200), MOST_LINES, head=0.3)


def _unknown(lines: Sequence[str]) -> Diagnosis:
    """Output of no known form: head and tail, its last line as the message."""
    told = [line for line in lines if line.strip()]
    message = told[-1].strip()[:300] if told else ""
    left, right = labelled_sides(lines)
    excerpt = clip_lines(clip_columns("\n".join(told), 200), MOST_LINES)
    return Diagnosis(message=message, left=left, right=right, excerpt=excerpt, signature=signature_of(*told[-5:]))
