"""Reads tracebacks, as Python prints them and as pytest does: frames, exception, message."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from orchestrator.records import Frame

_FILE = re.compile(r'^(?P<indent>\s*)File "(?P<path>[^"]+)", line (?P<line>\d+)(?:, in (?P<function>.+))?\s*$')
_EXCEPTION = re.compile(r"^(?P<type>[A-Za-z_][\w.]*)(?:: ?(?P<message>.*))?$")
_START = "Traceback (most recent call last)"
_CHAIN = re.compile(
    r"^\s*(?:During handling of the above exception, another exception occurred|"
    r"The above exception was the direct cause of the following exception):\s*$"
)
# pytest ends each entry with `path:line: Exception` (long) or starts it with `path:line: in function` (short).
_ENTRY = re.compile(r"^(?P<path>[^\s:][^:]*\.\w+|[^\s:]+):(?P<line>\d+): ?(?P<what>.*)$")
_DEF = re.compile(r"^\s*(?:async\s+)?def (\w+)|^\s*class (\w+)")
_ERROR_LINE = re.compile(r"^E {3,}(?P<text>.*)$|^E$")
_OUTSIDE = ("site-packages/", "dist-packages/", "/lib/python", "<")
_MOST_MESSAGE_LINES = 12


@dataclass(frozen=True, slots=True)
class Trace:
    """One raised exception: every frame (deepest last) with paths as printed, its type and its message."""

    frames: tuple[Frame, ...]
    exception: str
    message: str


def in_repository(frames: Sequence[Frame], repository_root: str) -> tuple[Frame, ...]:
    """The frames inside the repository, with paths relative to its root."""
    root = repository_root.rstrip("/") + "/"
    kept = []
    for frame in frames:
        path = frame.path.removeprefix(root).removeprefix("./")
        if not path.startswith(("/", "..")) and not any(mark in path for mark in _OUTSIDE):
            kept.append(Frame(path, frame.line, frame.function, frame.source))
    return tuple(kept)


def read_traceback(lines: Sequence[str], repository_root: str) -> Trace | None:
    """The first traceback in `lines`, to the end of its chain; None where there is none.

    Of a chain the last exception counts, unless only an earlier one has a frame inside the repository.
    """
    found: Trace | None = None
    position = 0
    while (start := _next_start(lines, position, chained=found is not None)) is not None:
        trace, position = _read_one(lines, start)
        if trace is None:
            break
        if (
            found is None
            or in_repository(trace.frames, repository_root)
            or not in_repository(found.frames, repository_root)
        ):
            found = trace
    return found


def _next_start(lines: Sequence[str], position: int, *, chained: bool) -> int | None:
    """Where the next traceback starts: anywhere for the first, right after a chain's sentence for the others."""
    if not chained:
        headers = (i for i in range(position, len(lines)) if _START in lines[i])
        files = (i for i in range(position, len(lines)) if _FILE.match(lines[i]))
        return next(headers, next(files, None))
    window = range(position, min(position + _MOST_MESSAGE_LINES + 4, len(lines)))
    sentence = next((i for i in window if _CHAIN.match(lines[i])), None)
    return None if sentence is None else next((i for i in range(sentence, len(lines)) if _START in lines[i]), None)


def _read_one(lines: Sequence[str], start: int) -> tuple[Trace | None, int]:
    frames: list[Frame] = []
    base = 0
    for position in range(start, len(lines)):
        line = lines[position]
        if match := _FILE.match(line):
            base = max(0, len(match["indent"]) - 2)
            following = lines[position + 1] if position + 1 < len(lines) else ""
            source = following.strip() if following.startswith(match["indent"] + "  ") else ""
            frames.append(Frame(match["path"], int(match["line"]), match["function"] or "<module>", source))
        elif frames and (match := _EXCEPTION.match(line[base:])) and not line[: base + 1].isspace():
            message, end = _message(lines, position, match["message"] or "", base)
            return Trace(tuple(frames), match["type"], message), end
    if not frames:
        return None, len(lines)
    return Trace(tuple(frames), "", ""), len(lines)


def _message(lines: Sequence[str], position: int, first: str, base: int) -> tuple[str, int]:
    """The message with its further lines, up to a blank line followed by nothing that belongs to it."""
    message, end = [first], position + 1
    while end < len(lines) and len(message) < _MOST_MESSAGE_LINES:
        line = lines[end]
        if _CHAIN.match(line) or _START in line or set(line.strip()) <= {"=", "-", "_"}:
            break
        message.append(line[base:])
        end += 1
    return "\n".join(message).strip(), end


def read_pytest_section(lines: Sequence[str]) -> Trace | None:
    """A failure as pytest prints it (long, auto or short style); None where there is no entry in it."""
    last_chain = max((i for i, line in enumerate(lines) if _CHAIN.match(line)), default=-1)
    frames: list[Frame] = []
    exception = ""
    begin = 0
    for position, line in enumerate(lines):
        match = _ENTRY.match(line)
        if not match:
            continue
        what = match["what"].strip()
        if what.startswith("in "):
            source = lines[position + 1].strip() if position + 1 < len(lines) else ""
            frames.append(Frame(match["path"], int(match["line"]), what[3:], source))
        else:
            function, source = _long_entry(lines[begin:position])
            frames.append(Frame(match["path"], int(match["line"]), function, source))
            exception = what or exception
        begin = position + 1
        if position < last_chain:
            frames = []
    said = [match["text"] or "" for line in lines[last_chain + 1 :] if (match := _ERROR_LINE.match(line))]
    if not frames and not said:
        return None
    exception, message = _from_error_lines(said, exception)
    return Trace(tuple(frames), exception, message)


def _long_entry(lines: Sequence[str]) -> tuple[str, str]:
    """Function and source line of an entry in long style: its first definition, and the line marked `>`."""
    names = (match[1] or match[2] for line in lines if (match := _DEF.match(line.lstrip(">"))))
    marked = [line[1:].strip() for line in lines if line.startswith(">")]
    return next(names, "<module>"), marked[-1] if marked else ""


def _from_error_lines(said: Sequence[str], exception: str) -> tuple[str, str]:
    text = "\n".join(said[:_MOST_MESSAGE_LINES])
    first = text.split("\n", 1)[0]
    match = _EXCEPTION.match(first)
    named = match is not None and (
        match["type"] == exception or match["type"].endswith(("Error", "Exception", "Warning"))
    )
    if match and (named or (not exception and match["message"])):
        return match["type"], text[match.end("type") :].removeprefix(":").strip()
    if first.startswith("assert ") or not exception:
        return exception or "AssertionError", text
    return exception, text
