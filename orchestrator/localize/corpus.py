"""A repository at one commit, ready to be ranked: files, units, and which unit holds which term how often."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeVar

import numpy as np

from orchestrator.localize.bm25 import Postings, build_postings
from orchestrator.localize.facts import Import
from orchestrator.localize.history import HistoryIndex, build_history
from orchestrator.localize.packing import IntArray, PackedFile
from orchestrator.localize.paths import FileKind, kind_of, module_name
from orchestrator.localize.propagation import ImportGraph, TestLinks, imported_files, test_stem
from orchestrator.localize.terms import split_identifier, term_counts, terms
from orchestrator.protocols import CommitInfo, TreeEntry
from orchestrator.records import Location
from orchestrator.syntax import Definition

K = TypeVar("K")


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


@dataclass(frozen=True)
class RepositoryIndex:
    """What is known of a repository at `base_commit`. Arrays are int32; `notes` say what could not be used."""

    base_commit: str
    vocabulary: tuple[str, ...]
    sources: Section
    tests: Section
    history: tuple[CommitInfo, ...]
    notes: tuple[str, ...] = ()
    _token_ids: dict[str, int] = field(default_factory=dict)

    @cached_property
    def terms(self) -> TermMap:
        """Terms of every token of the vocabulary."""
        return TermMap.of(self.vocabulary)

    @cached_property
    def unit_postings(self) -> Postings:
        """Terms by source unit."""
        return self.terms.postings(self.sources, self.sources.unit, len(self.sources.units))

    @cached_property
    def file_postings(self) -> Postings:
        """Terms by source file."""
        return self.terms.postings(self.sources, self.sources.unit_files[self.sources.unit], len(self.sources.files))

    @cached_property
    def plain_postings(self) -> Postings:
        """Whole lower-case tokens by source file, for the plain BM25 baseline."""
        plain = TermMap.of(self.vocabulary, lambda token: (token.lower(),))
        return plain.postings(self.sources, self.sources.unit_files[self.sources.unit], len(self.sources.files))

    @cached_property
    def test_postings(self) -> Postings:
        """Terms by test file."""
        return self.terms.postings(self.tests, self.tests.unit_files[self.tests.unit], len(self.tests.files))

    @cached_property
    def file_numbers(self) -> dict[str, int]:
        """Position in `sources.files` by path."""
        return {f.path: n for n, f in enumerate(self.sources.files)}

    @cached_property
    def by_name(self) -> dict[str, tuple[int, ...]]:
        """Source units by the last part of their definition's name."""
        return _grouped(
            (d.qualified_name.rsplit(".", 1)[-1], n) for n, u in enumerate(self.sources.units) if (d := u.definition)
        )

    @cached_property
    def by_basename(self) -> dict[str, tuple[int, ...]]:
        """Source files by the last part of their path."""
        return _grouped((f.path.rsplit("/", 1)[-1], n) for n, f in enumerate(self.sources.files))

    @cached_property
    def name_postings(self) -> Postings:
        """Terms of qualified names, by source unit; the last part of a name counts twice."""
        names = [d.qualified_name if (d := u.definition) else "" for u in self.sources.units]
        return _text_postings([f"{name} {name.rsplit('.', 1)[-1]}" for name in names])

    @cached_property
    def path_postings(self) -> Postings:
        """Terms of paths, by source file; the file's own name counts twice."""
        paths = [f.path.rsplit(".", 1)[0] for f in self.sources.files]
        return _text_postings([f"{path} {path.rsplit('/', 1)[-1]}" for path in paths])

    @cached_property
    def imports(self) -> ImportGraph:
        """Who imports whom among source files."""
        pairs = {(n, m) for n, f in enumerate(self.sources.files) for m in self._imported_by(f) if m != n}
        ordered = np.array(sorted(pairs), np.int32).reshape(-1, 2)
        return ImportGraph(ordered[:, 0], ordered[:, 1], len(self.sources.files))

    @cached_property
    def test_links(self) -> TestLinks:
        """Which tests exercise which source file, by imports and by name."""
        direct: list[tuple[int, int]] = []
        by_package: list[tuple[int, int]] = []
        shares = []
        for test, indexed in enumerate(self.tests.files):
            imported = list(self._imported_by(indexed))
            direct.extend((n, test) for n in set(imported))
            packages = {n for n in imported if self.sources.files[n].path.endswith("__init__.py")}
            by_package.extend((inner, test) for n in packages for inner in self._exports.get(n, ()))
            namesakes = self.by_basename.get(f"{test_stem(indexed.path)}.py", ())
            counts = term_counts([*imported, *namesakes])
            shares.append({n: times / sum(counts.values()) for n, times in counts.items()})
        return TestLinks(_grouped(direct), _grouped(by_package), tuple(shares))

    @cached_property
    def _exports(self) -> dict[int, tuple[int, ...]]:
        """Source files that each package's `__init__` imports."""
        graph = self.imports
        pairs = zip(graph.importer.tolist(), graph.imported.tolist(), strict=True)
        return _grouped((a, b) for a, b in pairs if self.sources.files[a].path.endswith("__init__.py"))

    def _imported_by(self, indexed: IndexedFile) -> Iterator[int]:
        package = indexed.path.endswith("__init__.py")
        return imported_files(self.by_module, indexed.module, indexed.imports, is_package=package)

    @cached_property
    def past(self) -> HistoryIndex:
        """Messages of past commits, by commit and by file."""
        return build_history(self.history, self.file_numbers)

    @cached_property
    def by_module(self) -> dict[str, int]:
        """Source file by dotted module name; the first path wins where two share a name."""
        return {f.module: n for n, f in reversed(list(enumerate(self.sources.files))) if f.path.endswith(".py")}

    @cached_property
    def uses(self) -> tuple[IntArray, IntArray]:
        """Source units that hold each token: `units[starts[t]:starts[t + 1]]`, as (starts, units)."""
        order = np.argsort(self.sources.token, kind="stable")
        starts = np.searchsorted(self.sources.token[order], np.arange(len(self.vocabulary) + 1)).astype(np.int32)
        return starts, self.sources.unit[order]

    def units_using(self, token: str) -> IntArray:
        """Source units whose text holds `token` as a whole word, case kept."""
        number = self._token_ids.get(token)
        if number is None:
            return np.empty(0, np.int32)
        starts, units = self.uses
        return units[starts[number] : starts[number + 1]]

    def tests_using(self, token: str) -> IntArray:
        """Test files whose text holds `token` as a whole word, case kept."""
        number = self._token_ids.get(token)
        if number is None:
            return np.empty(0, np.int32)
        files: IntArray = self.tests.unit_files[self.tests.unit[self.tests.token == number]]
        return files

    def location(self, unit: int) -> Location:
        """Where a source unit is; a module's rest is the file as a whole."""
        found = self.sources.units[unit]
        indexed = self.sources.files[found.file]
        if found.definition is None:
            return Location(indexed.path, None, 1, indexed.line_count)
        return Location(
            indexed.path, found.definition.qualified_name, found.definition.start_line, found.definition.end_line
        )

    def unit_at(self, path: str, line: int) -> int | None:
        """The innermost source unit of `path` around `line`, or None where the path is not indexed."""
        number = self.file_numbers.get(path)
        if number is None:
            return None
        indexed = self.sources.files[number]
        best = indexed.first_unit
        for unit in range(indexed.first_unit, indexed.last_unit):
            definition = self.sources.units[unit].definition
            if definition and definition.start_line <= line <= definition.end_line:
                best = unit
        return best


@dataclass(frozen=True, slots=True)
class TermMap:
    """Terms of the vocabulary: token t has the terms `term[starts[t]:starts[t + 1]]`."""

    ids: dict[str, int]
    starts: IntArray
    term: IntArray

    @classmethod
    def of(cls, vocabulary: Sequence[str], split: Callable[[str], Sequence[str]] = split_identifier) -> TermMap:
        """Split every token once."""
        ids: dict[str, int] = {}
        flat: list[int] = []
        starts = [0]
        for token in vocabulary:
            flat.extend([ids.setdefault(term, len(ids)) for term in split(token)])
            starts.append(len(flat))
        return cls(ids, np.array(starts, np.int32), np.array(flat, np.int32))

    def postings(self, section: Section, documents: IntArray, document_count: int) -> Postings:
        """Spread token counts over terms and gather them by term; `documents` is the document of each count."""
        widths = (self.starts[1:] - self.starts[:-1])[section.token]
        entry = np.repeat(np.arange(len(widths), dtype=np.int32), widths)
        offset = np.arange(len(entry), dtype=np.int32) - np.repeat(np.cumsum(widths) - widths, widths)
        term = self.term[self.starts[:-1][section.token][entry] + offset] if len(entry) else np.empty(0, np.int32)
        return build_postings(self.ids, term, documents[entry], section.count[entry], document_count)


def build_repository_index(
    base_commit: str,
    files: Sequence[tuple[TreeEntry, PackedFile]],
    history: tuple[CommitInfo, ...],
    notes: tuple[str, ...],
) -> RepositoryIndex:
    """Join the facts of all files under one vocabulary."""
    ids: dict[str, int] = {}
    sources = _section([f for f in files if kind_of(f[0].path) is FileKind.SOURCE], ids)
    tests = _section([f for f in files if kind_of(f[0].path) is FileKind.TEST], ids)
    return RepositoryIndex(base_commit, tuple(ids), sources, tests, history, notes, ids)


def _section(files: Sequence[tuple[TreeEntry, PackedFile]], ids: dict[str, int]) -> Section:
    indexed: list[IndexedFile] = []
    units: list[IndexedUnit] = []
    unit_parts, token_parts, count_parts = [], [], []
    for entry, packed in files:
        first = len(units)
        units.extend(IndexedUnit(len(indexed), definition) for definition in packed.definitions)
        local = np.fromiter((ids.setdefault(w, len(ids)) for w in packed.vocabulary), np.int32, len(packed.vocabulary))
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


def _text_postings(documents: Sequence[str]) -> Postings:
    ids: dict[str, int] = {}
    found = [[ids.setdefault(t, len(ids)) for t in terms(text)] for text in documents]
    document = np.repeat(np.arange(len(found), dtype=np.int32), [len(f) for f in found])
    term = np.array([t for f in found for t in f], np.int32)
    return build_postings(ids, term, document, np.ones(len(term), np.int32), len(documents))


def _grouped(pairs: Iterable[tuple[K, int]]) -> dict[K, tuple[int, ...]]:
    grouped: dict[K, list[int]] = {}
    for name, number in pairs:
        grouped.setdefault(name, []).append(number)
    return {name: tuple(numbers) for name, numbers in grouped.items()}
