"""The tables that a repository index is made of: files, units, counts, and terms by document."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from orchestrator.localize.bm25 import Postings, build_postings, expand_ranges
from orchestrator.localize.facts import Import
from orchestrator.localize.packing import IntArray, PackedFile
from orchestrator.localize.paths import module_name
from orchestrator.localize.terms import split_identifier
from orchestrator.protocols import TreeEntry
from orchestrator.syntax import Definition


@dataclass(frozen=True, slots=True)
class IndexedFile:
    """One source or test file; its units are `first_unit` up to, not including, `last_unit`."""

    path: str
    blob_id: str
    module: str
    imports: tuple[Import, ...]
    line_count: int
    read_by: str
    first_unit: int
    last_unit: int


@dataclass(frozen=True, slots=True)
class IndexedUnit:
    """A function, the rest of a class or the rest of a module (`definition` None), in `files[file]`."""

    file: int
    definition: Definition | None


@dataclass(frozen=True, slots=True)
class Section:
    """Files of one kind with their units and counts: token `token[i]` occurs `count[i]` times in unit `unit[i]`."""

    files: tuple[IndexedFile, ...]
    units: tuple[IndexedUnit, ...]
    unit: IntArray
    token: IntArray
    count: IntArray

    unit_files: IntArray
    """The file of each unit."""


@dataclass(frozen=True, slots=True)
class TermMap:
    """Terms of the vocabulary: token t has the terms `term[starts[t]:starts[t + 1]]`."""

    ids: dict[str, int]
    starts: IntArray
    term: IntArray

    @classmethod
    def of(cls, vocabulary: Sequence[str], split: Callable[[str], Sequence[str]] = split_identifier) -> TermMap:
        """Split every token once."""
        ids = numbering()
        flat: list[int] = []
        starts = [0]
        for token in vocabulary:
            flat.extend(map(ids.__getitem__, split(token)))
            starts.append(len(flat))
        return cls(ids, np.array(starts, np.int32), np.array(flat, np.int32))

    def postings(self, section: Section, documents: IntArray, document_count: int) -> Postings:
        """Spread token counts over terms and gather them by term; `documents` is the document of each count."""
        widths = self.starts[1:] - self.starts[:-1]
        entry, place = expand_ranges(self.starts[:-1][section.token], widths[section.token])
        return build_postings(self.ids, self.term[place], documents[entry], section.count[entry], document_count)


def numbering() -> defaultdict[str, int]:
    """Numbers each new key in turn when it is indexed (`get` leaves it as it is)."""
    ids: defaultdict[str, int] = defaultdict()
    ids.default_factory = ids.__len__
    return ids


def build_section(files: Sequence[tuple[TreeEntry, PackedFile]], ids: defaultdict[str, int]) -> Section:
    """Join the facts of files; `ids` (see `numbering`) numbers the tokens."""
    indexed: list[IndexedFile] = []
    units: list[IndexedUnit] = []
    unit_parts, token_parts, count_parts = [], [], []
    for entry, packed in files:
        first = len(units)
        units.extend(IndexedUnit(len(indexed), definition) for definition in packed.definitions)
        local = np.fromiter(map(ids.__getitem__, packed.vocabulary), np.int32, len(packed.vocabulary))
        unit_parts.append(packed.unit + np.int32(first))
        token_parts.append(local[packed.token])
        count_parts.append(packed.count)
        indexed.append(
            IndexedFile(
                entry.path,
                entry.blob_id,
                module_name(entry.path),
                packed.imports,
                packed.line_count,
                packed.read_by,
                first,
                len(units),
            )
        )
    owners = np.fromiter((u.file for u in units), np.int32, len(units))
    return Section(
        tuple(indexed), tuple(units), _joined(unit_parts), _joined(token_parts), _joined(count_parts), owners
    )


def _joined(parts: list[IntArray]) -> IntArray:
    return np.concatenate(parts).astype(np.int32) if parts else np.empty(0, np.int32)


def terms_column(postings: Postings, ids: dict[str, int]) -> IntArray:
    """The term of each posting, renumbered by `ids`, which grows as needed."""
    own = np.fromiter((ids.setdefault(term, len(ids)) for term in postings.ids), np.int32, len(postings.ids))
    return own[np.repeat(np.arange(len(own)), postings.starts[1:] - postings.starts[:-1])]


def name_postings(documents: Sequence[Sequence[str]]) -> Postings:
    """Terms of each document's names."""
    ids: dict[str, int] = {}
    found = [[ids.setdefault(t, len(ids)) for name in names for t in split_identifier(name)] for names in documents]
    document = np.repeat(np.arange(len(found), dtype=np.int32), [len(f) for f in found])
    term = np.array([t for f in found for t in f], np.int32)
    return build_postings(ids, term, document, np.ones(len(term), np.int32), len(documents))
