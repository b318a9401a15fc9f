"""What a problem statement says outright: its title, code, paths, traceback frames, symbols, messages and options."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeVar

from orchestrator.localize.terms import tokens

T = TypeVar("T")

KINDS = ("error", "dotted")
"""Kinds of issue that have weights of their own; an issue may be of several or of none."""

READ_LIMIT_CHARACTERS = 40_000
_KEPT_TAIL_CHARACTERS = 8_000
_FENCE = re.compile(r"^[ \t]*(?:```|~~~)[^\n]*\n(.*?)(?:^[ \t]*(?:```|~~~)[ \t]*$|\Z)", re.MULTILINE | re.DOTALL)
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_PROMPT = re.compile(r"^[ \t]*(?:>>>|\.\.\.|In \[\d+\]:)[ ]?(.*)$", re.MULTILINE)
_FRAME = re.compile(r'File "(?P<path>[^"\n]+)", line (?P<line>\d+)(?:, in (?P<function>[\w<>.]+))?')
_PYTEST_FRAME = re.compile(r"^(?P<path>[\w./\\-]+\.py):(?P<line>\d+):(?: in (?P<function>\w+))?", re.MULTILINE)
_LINK = re.compile(r"/(?:blob|tree)/[\w.-]+/(?P<path>[\w./-]+\.\w+)(?:#L(?P<line>\d+))?")
_PATH = re.compile(r"(?<![\w/:.-])(?:[\w.-]+[/\\])*[\w-]+\.(?:py|pyx|js|ts|java|go|rs|rb|php|c|cpp|h)\b(?!\()")
_DOTTED = re.compile(r"(?<![\w/.-])[^\W\d]\w*(?:\.[^\W\d]\w*)+")
_QUOTED = re.compile(r"``?([^`\n]{2,80})``?|(?<!\w)'([\w.]{3,60})'(?!\w)|\"([\w.]{3,60})\"")
_ERROR = re.compile(
    r"^[ \t>E]*(?P<type>[\w.]*(?:Error|Exception|Warning|Failure))\b:?[ \t]*(?P<message>[^\n]{0,400})", re.MULTILINE
)
_COMPOUND = re.compile(r"_\w|[a-z\d][A-Z]|[A-Z]{2}[a-z]")
_CALL = re.compile(r"\b([^\W\d]\w{2,})\s*\(")
_OPTION = re.compile(r"(?<![\w-])--([a-z][\w-]+)")
_VERSION = re.compile(r"\b\d+\.\d+(?:\.\d+)*(?:[a-z]+\d*)?\b")
_URL = re.compile(r"https?://\S+")


@dataclass(frozen=True, slots=True)
class FrameMention:
    """A traceback frame as printed; `depth` is 0 for the deepest."""

    path: str
    line: int
    function: str
    depth: int


@dataclass(frozen=True, slots=True)
class Clues:
    """A problem statement taken apart. Tuples are in order of appearance without repeats; `prose` is what is left of code."""

    title: str
    prose: str
    code: str
    text: str
    frames: tuple[FrameMention, ...] = ()
    paths: tuple[str, ...] = ()
    links: tuple[tuple[str, int], ...] = ()
    dotted: tuple[str, ...] = ()
    quoted: tuple[str, ...] = ()
    symbols: tuple[str, ...] = ()
    code_symbols: tuple[str, ...] = ()
    calls: tuple[str, ...] = ()
    errors: tuple[tuple[str, str], ...] = ()
    options: tuple[str, ...] = ()
    versions: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def kinds(self) -> tuple[str, ...]:
        """Those of KINDS that this issue is of: it prints an `error`, it has a `dotted` name."""
        found = {"error": self.errors, "dotted": self.dotted}
        return tuple(kind for kind in KINDS if found[kind])


def read_clues(problem_statement: str) -> Clues:
    """Take a problem statement apart. Any text will do; of a very long one the beginning and the end are read."""
    notes = () if problem_statement.strip() else ("the problem statement is empty",)
    raw = problem_statement
    if len(raw) > READ_LIMIT_CHARACTERS:
        raw = raw[: READ_LIMIT_CHARACTERS - _KEPT_TAIL_CHARACTERS] + "\n" + raw[-_KEPT_TAIL_CHARACTERS:]
        notes = (f"of {len(problem_statement):,} characters of problem statement, {READ_LIMIT_CHARACTERS:,} were read",)
    text = _COMMENT.sub(" ", raw.replace("\r\n", "\n"))
    title = next((line.strip() for line in text.split("\n") if line.strip()), "")
    fenced = [match[1] for match in _FENCE.finditer(text)]
    outside = _FENCE.sub("\n", text)
    blocks = [*fenced, "\n".join(_PROMPT.findall(outside)), "\n".join(_indented(outside))]
    code = "\n".join(block for block in blocks if block.strip())
    prose = _URL.sub(" ", "\n".join(line for line in outside.split("\n") if not _is_code_line(line)))
    plain = _URL.sub(" ", text)
    return Clues(
        title=title,
        prose=prose,
        code=code,
        text=plain,
        frames=tuple(_frames(text)),
        paths=_unique(match[0] for match in _PATH.finditer(plain)),
        links=_unique((m["path"], int(m["line"] or 0)) for m in _LINK.finditer(text)),
        dotted=_unique(match[0] for match in _DOTTED.finditer(plain)),
        quoted=_unique(next(g for g in m.groups() if g).strip() for m in _QUOTED.finditer(prose)),
        symbols=_unique(t for t in tokens(plain) if _COMPOUND.search(t)),
        code_symbols=_unique(tokens(code)),
        calls=_unique(_CALL.findall(plain)),
        errors=_unique((m["type"].rsplit(".", 1)[-1], m["message"].strip()) for m in _ERROR.finditer(plain)),
        options=_unique(_OPTION.findall(plain)),
        versions=_unique(_VERSION.findall(prose)),
        notes=notes,
    )


def _frames(text: str) -> list[FrameMention]:
    """Frames of every traceback; depth counts from the end of each run of frames."""
    found = [(m.start(), m["path"], int(m["line"]), m["function"] or "") for m in _FRAME.finditer(text)]
    if not found:
        found = [(m.start(), m["path"], int(m["line"]), m["function"] or "") for m in _PYTEST_FRAME.finditer(text)]
    frames: list[FrameMention] = []
    depth = 0
    for index in range(len(found) - 1, -1, -1):
        position, path, line, function = found[index]
        after = found[index + 1][0] if index + 1 < len(found) else None
        depth = depth + 1 if after is not None and after - position < 600 else 0
        frames.append(FrameMention(path.replace("\\", "/"), line, function, depth))
    return frames[::-1]


def _is_code_line(line: str) -> bool:
    return line.startswith(("    ", "\t")) or bool(_PROMPT.match(line))


def _indented(text: str) -> list[str]:
    return [line.strip() for line in text.split("\n") if line.startswith(("    ", "\t")) and not _PROMPT.match(line)]


def _unique(items: Iterable[T]) -> tuple[T, ...]:
    return tuple(dict.fromkeys(items))
