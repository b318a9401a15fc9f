"""A file as lines that remember their own ends, and splices that leave every other byte alone."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from orchestrator.records import EditRefusal
from orchestrator.syntax import Definition, decode_source, encode_source

MAX_FILE_BYTES = 10_000_000
_DEFINITION = re.compile(r"(?:async\s+)?(?:def|class)\s+(\w+)")


@dataclass(frozen=True, slots=True)
class Splice:
    """Put `lines` (without their ends) in the place of lines `start` to `end` (0-based, half open).

    `final_newline` says whether the file ends with a newline where the splice reaches its end; None keeps what it has.
    """

    start: int
    end: int
    lines: tuple[str, ...]
    final_newline: bool | None = None


@dataclass(frozen=True)
class Document:
    r"""Decoded text: `lines` without ends, `ends` (`\n`, `\r\n`, or empty for a last line without one), BOM and encoding."""

    lines: tuple[str, ...]
    ends: tuple[str, ...]
    encoding: str = "utf-8"
    bom: str = ""

    @classmethod
    def from_bytes(cls, data: bytes) -> Document:
        """Decode as the interpreter would; every file can be decoded, and `to_bytes` gives the same bytes again."""
        text, encoding = decode_source(data)
        bom = "\ufeff" if text.startswith("\ufeff") else ""
        raw = text[len(bom) :].split("\n")
        ends = ["\r\n" if line.endswith("\r") else "\n" for line in raw[:-1]]
        lines = [line[:-1] if end == "\r\n" else line for line, end in zip(raw, ends, strict=False)]
        if raw[-1]:
            lines.append(raw[-1])
            ends.append("")
        return cls(tuple(lines), tuple(ends), encoding, bom)

    def to_bytes(self) -> bytes:
        """The file's bytes. Raises UnicodeEncodeError where a line holds what the encoding cannot."""
        text = self.bom + "".join(line + end for line, end in zip(self.lines, self.ends, strict=True))
        return encode_source(text, self.encoding)

    @cached_property
    def text(self) -> str:
        r"""The lines with `\n` ends throughout, for parsing: line numbers are the file's."""
        return "".join(line + "\n" for line in self.lines)

    @cached_property
    def memo(self) -> dict[str, tuple[Definition, ...]]:
        """What is known of this document's definitions, by top-level name (filled by `outline`)."""
        return {}

    @cached_property
    def top_level(self) -> dict[str, list[int]]:
        """Line indices (0-based) of what looks like a definition at the margin, by name."""
        found: dict[str, list[int]] = {}
        for index, line in enumerate(self.lines):
            head = _DEFINITION.match(line) if line[:1] in "dca" else None
            if head:
                found.setdefault(head[1], []).append(index)
        return found

    @cached_property
    def line_end(self) -> str:
        """The end that most lines have."""
        return "\r\n" if 2 * self.ends.count("\r\n") > len(self.ends) else "\n"

    @cached_property
    def uses_tabs(self) -> bool:
        """True where more lines are indented by tabs than by spaces."""
        tabs = sum(line.startswith("\t") for line in self.lines)
        return tabs > sum(line.startswith("  ") for line in self.lines)

    def numbered(self, start: int, end: int) -> str:
        """Lines `start` to `end` with their 1-based numbers, for a refusal."""
        return "\n".join(f"{i + 1:>5} | {self.lines[i]}" for i in range(max(start, 0), min(end, len(self.lines))))

    def spliced(self, splices: Iterable[Splice]) -> Document:
        """The document with all splices done; they must not overlap. Untouched lines keep their own ends."""
        lines, ends = list(self.lines), list(self.ends)
        for splice in sorted(splices, key=lambda s: (s.start, s.end), reverse=True):
            self._splice(lines, ends, splice)
        return Document(tuple(lines), tuple(ends), self.encoding, self.bom)

    def _splice(self, lines: list[str], ends: list[str], splice: Splice) -> None:
        start, end = splice.start, splice.end
        head, tail = common_ends(lines[start:end], splice.lines)
        new = list(splice.lines[head : len(splice.lines) - tail])
        at_end = end == len(lines)
        final = splice.final_newline if splice.final_newline is not None else (not ends or ends[-1] != "")
        # A splice behind a last line without a newline must not glue the two lines together.
        if start + head == len(lines) and new and ends and ends[-1] == "":
            ends[-1] = self.line_end
        lines[start + head : end - tail] = new
        ends[start + head : end - tail] = [self.line_end] * len(new)
        if at_end and ends:
            ends[-1] = (ends[-1] or self.line_end) if final else ""
            if not final and lines[-1] == "":
                lines.pop(), ends.pop()


@lru_cache(maxsize=8)
def document_of(data: bytes) -> Document:
    """The document of some bytes, shared between reading a reply and applying it."""
    return Document.from_bytes(data)


def common_ends(old: Sequence[str], new: Sequence[str]) -> tuple[int, int]:
    """How many lines two texts share at the head, and then (without overlap) at the tail."""
    shorter = min(len(old), len(new))
    head = 0
    while head < shorter and old[head] == new[head]:
        head += 1
    tail = 0
    while tail < shorter - head and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    return head, tail


def text_lines(text: str) -> tuple[str, ...]:
    r"""Lines without their ends; a final newline makes no further line, `\r\n` counts as `\n`."""
    lines = text.replace("\r\n", "\n").split("\n")
    return tuple(lines[:-1] if lines and lines[-1] == "" else lines)


def encoded(document: Document, path: str) -> bytes | EditRefusal:
    """The bytes of a document, or why its encoding cannot hold them."""
    try:
        return document.to_bytes()
    except UnicodeEncodeError as error:
        bad = error.object[error.start : error.start + 1]
        hint = f"The file is {document.encoding} and cannot hold {bad!a}; write it as an escape."
        return EditRefusal("encoding", hint, path)


def trimmed_splice(document: Document, splice: Splice) -> Splice:
    """Without the context that it repeats at either end, so that neighbouring edits may share context."""
    head, tail = common_ends(document.lines[splice.start : splice.end], splice.lines)
    if splice.final_newline is not None:
        return splice
    return Splice(splice.start + head, splice.end - tail, splice.lines[head : len(splice.lines) - tail])
