"""What an issue quotes of the source: its string constants, the messages it prints, stretches of its code.

The index keeps words without their order, so the files that a first search likes best are read again from git. What is found
in few of them says more: each find is shared among the files that have it.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import reduce
from typing import TypeVar

import numpy as np

from orchestrator import syntax
from orchestrator.localize.bm25 import FloatArray
from orchestrator.localize.corpus import RepositoryIndex
from orchestrator.localize.evidence import Clues
from orchestrator.localize.facts import READ_LIMIT_BYTES
from orchestrator.localize.packing import IntArray
from orchestrator.localize.signals import Signals
from orchestrator.localize.terms import term_counts
from orchestrator.protocols import Repository

QUOTE_SIGNALS = ("quoted_strings", "quoted_messages", "quoted_code")

_LONGEST_CODE_CHARACTERS = 20_000
_STRETCH = 5
_LONGEST_MESSAGE_CHARACTERS = 1_000
_MESSAGE_WORDS = 3
_MESSAGE_SHARE = 0.6
_WIDEST_GAP = 200
_BETWEEN = " \t\r\nrbufRBUF"
_QUOTED = re.compile(r"'([^'\n]{6,60})'|\"([^\"\n]{6,60})\"|`([^`\n]{6,60})`")
_INLINE_CODE = re.compile(r"`+([^`\n]{6,})`+")
_LITERAL = re.compile(
    r"(?P<long>\"\"\".*?\"\"\"|'''.*?''')|(?P<comment>#[^\n]*)"
    r"|\"(?P<double>(?:[^\"\\\n]|\\.)*)\"|'(?P<single>(?:[^'\\\n]|\\.)*)'"
    # Without this, a line of a million quotes that do not close is read to its end from each of them.
    r"|(?P<open>[\"'])[^\n]*",
    re.DOTALL,
)
_PLACEHOLDER = re.compile(r"%\([^)]*\)[a-z]|%[\d.]*[a-z]|\{[^{}]*\}|\\[ntr\"']")
_WORD = re.compile(r"\w+")
_LINE_END = re.compile("\n")
_PART = re.compile(r"\w+|[^\w\s]")

Stretch = tuple[str, ...]
Piece = TypeVar("Piece", str, Stretch)


@dataclass(frozen=True, slots=True)
class Quotes:
    """What to look for. `text` is the whole issue, word by word between blanks, and `words` are its words.

    `code` are stretches of five tokens, two of them words.
    """

    strings: frozenset[str]
    text: str
    words: frozenset[str]
    code: frozenset[Stretch]

    @classmethod
    def of(cls, clues: Clues) -> Quotes:
        """The quotes of an issue; of its code the first 20,000 characters are looked for."""
        strings = frozenset(next(filter(None, match.groups())) for match in _QUOTED.finditer(clues.text))
        code = "\n".join([clues.code, *_INLINE_CODE.findall(clues.text)])[:_LONGEST_CODE_CHARACTERS]
        stretches = (stretch for line in code.split("\n") for stretch in _stretches(line))
        telling = frozenset(stretch for stretch in stretches if sum(map(_is_word, stretch)) >= 2)
        words = _WORD.findall(clues.text.lower())
        return cls(strings, f" {' '.join(words)} ", frozenset(words), telling)


@dataclass(slots=True)
class Found:
    """What one file has of the quotes: the lines (from 1) of each string and stretch, and of each message with its weight."""

    strings: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    code: dict[Stretch, list[int]] = field(default_factory=lambda: defaultdict(list))
    messages: list[tuple[float, int]] = field(default_factory=list)


def quote_signals(
    index: RepositoryIndex, repository: Repository, quotes: Quotes, files: IntArray
) -> tuple[Signals, Signals]:
    """Scores of source files and of source units by QUOTE_SIGNALS; `files` are the numbers of the files to read."""
    possible = _possible(index, quotes.code, files)
    found = {
        number: find_quotes(replace(quotes, code=frozenset(possible[number])), text)
        for number, text in _texts(index, repository, files)
    }
    strings = _shared(index, {number: each.strings for number, each in found.items()})
    messages = _best(index, {number: each.messages for number, each in found.items()})
    code = _shared(index, {number: each.code for number, each in found.items()})
    scores = list(zip(strings, messages, code, strict=True))
    by_file, by_unit = (dict(zip(QUOTE_SIGNALS, each, strict=True)) for each in scores)
    return by_file, by_unit


def _possible(index: RepositoryIndex, stretches: Iterable[Stretch], files: IntArray) -> dict[int, set[Stretch]]:
    """Of a few files, the stretches of which one function, class or module holds all names: what is left is soon read."""
    possible: dict[int, set[Stretch]] = {number: set() for number in files.tolist()}
    wanted = np.zeros(len(index.sources.files), bool)
    wanted[files] = True
    units_of = {name: index.units_using(name) for stretch in stretches for name in stretch if name.isidentifier()}
    units_of = {name: np.unique(units[wanted[index.sources.unit_files[units]]]) for name, units in units_of.items()}
    for stretch in stretches:
        using = sorted((units_of[name] for name in set(stretch) if name in units_of), key=len)
        for number in set(index.sources.unit_files[reduce(_common, using)].tolist()):
            possible[number].add(stretch)
    return possible


def _common(some: IntArray, others: IntArray) -> IntArray:
    """Numbers in both of two ascending arrays."""
    place = np.minimum(np.searchsorted(others, some), max(len(others) - 1, 0))
    return some[others[place] == some] if len(others) else some[:0]


def _shared(index: RepositoryIndex, found: Mapping[int, Mapping[Piece, list[int]]]) -> tuple[FloatArray, FloatArray]:
    """Files and units by how much they have of what is looked for; a piece counts one, shared among the files that have it."""
    files, units = np.zeros(len(index.sources.files)), np.zeros(len(index.sources.units))
    having = term_counts(piece for pieces in found.values() for piece in pieces)
    for number, pieces in found.items():
        for piece in sorted(pieces):  # sets come in another order each time, and so would the last digit of a sum
            files[number] += 1.0 / having[piece]
            units[list({index.unit_in(number, line) for line in pieces[piece]})] += 1.0 / having[piece]
    return files, units


def _best(index: RepositoryIndex, found: Mapping[int, list[tuple[float, int]]]) -> tuple[FloatArray, FloatArray]:
    """Files and units by the greatest weight in them."""
    files, units = np.zeros(len(index.sources.files)), np.zeros(len(index.sources.units))
    for number, weights in found.items():
        for weight, line in weights:
            unit = index.unit_in(number, line)
            files[number], units[unit] = max(files[number], weight), max(units[unit], weight)
    return files, units


def find_quotes(quotes: Quotes, source: str) -> Found:
    """Look for quotes in the text of a file. Documentation and comments are left out: they repeat what every issue says."""
    found = Found()
    constants, code = _take_apart(source)
    starts = [0, *(match.end() for match in _LINE_END.finditer(source))]
    for position, text in constants:
        weight = _message_weight(quotes, text)
        if weight or text in quotes.strings:
            line = bisect_right(starts, position)
            if text in quotes.strings:
                found.strings[text].append(line)
            if weight:
                found.messages.append((weight, line))
    for word in {max(stretch, key=len) for stretch in quotes.code}:
        for number, held in _lines_with(code, word):
            for stretch in quotes.code.intersection(_stretches(held)):
                if max(stretch, key=len) == word:
                    found.code[stretch].append(number)
    return found


def _message_weight(quotes: Quotes, template: str) -> float:
    """How much of a message the issue prints: words in unbroken runs between placeholders, squared over all of its words."""
    if template.count(" ") < _MESSAGE_WORDS - 1 or len(template) > _LONGEST_MESSAGE_CHARACTERS:
        return 0.0
    if sum(word in quotes.words for word in _WORD.findall(template.lower())) < _MESSAGE_WORDS:
        return 0.0
    runs = [_WORD.findall(run.lower()) for run in _PLACEHOLDER.split(template)]
    total = sum(map(len, runs))
    if total < _MESSAGE_WORDS:
        return 0.0
    printed = sum(len(run) for run in runs if len(run) >= 2 and f" {' '.join(run)} " in quotes.text)
    return printed**2 / total if printed >= max(_MESSAGE_WORDS, _MESSAGE_SHARE * total) else 0.0


def _take_apart(source: str) -> tuple[list[tuple[int, str]], str]:
    """String constants on one line, with positions, and the source without documentation and comments, its lines kept.

    Constants that follow each other without an operator are one.
    """
    constants: list[tuple[int, str]] = []
    code: list[str] = []
    copied = last = 0
    for match in _LITERAL.finditer(source):
        if match.lastgroup == "open":
            continue
        if match.lastgroup in ("long", "comment"):
            code += [source[copied : match.start()], "\n" * match[0].count("\n")]
            copied = match.end()
            continue
        text = match["double"] or match["single"] or ""
        if constants and match.start() - last < _WIDEST_GAP and not source[last : match.start()].strip(_BETWEEN):
            constants[-1] = constants[-1][0], constants[-1][1] + text
        else:
            constants.append((match.start(), text))
        last = match.end()
    return constants, "".join([*code, source[copied:]])


def _lines_with(code: str, word: str) -> Iterator[tuple[int, str]]:
    """Lines, with their numbers, that hold a word or a longer one."""
    number, counted, place = 1, 0, code.find(word)
    while place >= 0:
        number, counted = number + code.count("\n", counted, place), place
        end = code.find("\n", place)
        end = end if end >= 0 else len(code)
        yield number, code[code.rfind("\n", 0, place) + 1 : end]
        place = code.find(word, end)


def _stretches(line: str) -> Iterator[Stretch]:
    """Every five neighbouring tokens of a line, punctuation included."""
    parts = _PART.findall(line)
    for place in range(len(parts) - _STRETCH + 1):
        yield tuple(parts[place : place + _STRETCH])


def _is_word(part: str) -> bool:
    return len(part) > 2 and part[0].isalpha() and part.isidentifier()


def _texts(index: RepositoryIndex, repository: Repository, files: IntArray) -> Iterator[tuple[int, str]]:
    """Text of the files that the clone has at its commit (a partial one knows no sizes) and that are not too large."""
    sizes = {entry.blob_id: entry.size_bytes for entry in repository.entries().values()}
    blob_ids = {number: index.sources.files[number].blob_id for number in files.tolist()}
    wanted = [n for n, blob_id in blob_ids.items() if 0 <= sizes.get(blob_id, -1) <= READ_LIMIT_BYTES]
    blobs = repository.read_blobs([blob_ids[n] for n in wanted])
    for number, (_, data) in zip(wanted, blobs, strict=True):
        yield number, syntax.decode_source(data)[0]
