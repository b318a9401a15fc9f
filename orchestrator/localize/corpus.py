"""A repository at one commit, ready to be ranked: files, units, and which unit holds which term how often."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from orchestrator.localize.bm25 import Postings, build_postings, expand_ranges
from orchestrator.localize.history import HistoryIndex, build_history
from orchestrator.localize.packing import IntArray, PackedFile
from orchestrator.localize.paths import FileKind, kind_of
from orchestrator.localize.propagation import CallGraph, ImportGraph, TestLinks, imported_files, name_under_test
from orchestrator.localize.sections import (
    IndexedFile,
    Section,
    TermMap,
    build_section,
    name_postings,
    numbering,
    terms_column,
)
from orchestrator.localize.terms import term_counts
from orchestrator.protocols import CommitInfo, TreeEntry
from orchestrator.records import Location

K = TypeVar("K")


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

    def prepare(self) -> RepositoryIndex:
        """Build every table that a ranking reads now, so that each ranking takes only its own time."""
        for table in (self.unit_postings, self.file_postings, self.test_postings, self.context_postings):
            assert table is not None
        for link in (
            self.past,
            self.imports,
            self.calls,
            self.test_links,
            self.class_units,
            self.by_name,
            self.by_module,
            self.uses,
            self.is_function,
        ):
            assert link is not None
        return self

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
    def context_postings(self) -> Postings:
        """Terms by source unit, with those of its path and qualified name added: a method rarely repeats its class's name."""
        own, names, paths = self.unit_postings, self.name_postings, self.path_postings
        ids: dict[str, int] = dict(own.ids)
        parts = [(terms_column(each, ids), each.document, each.count) for each in (own, names)]
        first = np.array([f.first_unit for f in self.sources.files], np.int32)
        widths = np.array([f.last_unit - f.first_unit for f in self.sources.files], np.int32)
        spread, units = expand_ranges(first[paths.document], widths[paths.document])
        parts.append((terms_column(paths, ids)[spread], units, paths.count[spread]))
        term, document, count = (np.concatenate(column) for column in zip(*parts, strict=True))
        return build_postings(ids, term, document, count, len(self.sources.units))

    @cached_property
    def calls(self) -> CallGraph:
        """Which unit uses which by name, where at most three definitions share the name."""
        flat: list[int] = []
        starts = np.zeros(len(self.vocabulary), np.int32)
        widths = np.zeros(len(self.vocabulary), np.int32)
        for name, units in self.by_name.items():
            number = self._token_ids.get(name)
            if number is not None and len(units) <= 3 and len(name) > 2:
                starts[number], widths[number] = len(flat), len(units)
                flat.extend(units)
        entry, place = expand_ranges(starts[self.sources.token], widths[self.sources.token])
        used = np.array(flat, np.int32)[place]
        user = self.sources.unit[entry]
        return CallGraph(user[user != used], used[user != used], len(self.sources.units))

    @cached_property
    def is_function(self) -> npt.NDArray[np.bool_]:
        """Which source units are functions or methods."""
        kinds = [u.definition.kind if u.definition else "" for u in self.sources.units]
        return np.array([kind == "function" for kind in kinds], bool)

    @cached_property
    def class_units(self) -> IntArray:
        """For each source unit, the unit of the class right around it, or itself."""
        owners = np.arange(len(self.sources.units), dtype=np.int32)
        places: dict[tuple[int, str], int] = {}
        for number, unit in enumerate(self.sources.units):
            if unit.definition:
                if unit.definition.kind == "class":
                    places[unit.file, unit.definition.qualified_name] = number
                outer = unit.definition.qualified_name.rpartition(".")[0]
                owners[number] = places.get((unit.file, outer), number)
        return owners

    @cached_property
    def name_postings(self) -> Postings:
        """Terms of qualified names, by source unit; the last part of a name counts twice."""
        names = [d.qualified_name.split(".") if (d := u.definition) else [] for u in self.sources.units]
        return name_postings([[*parts, *parts[-1:]] for parts in names])

    @cached_property
    def path_postings(self) -> Postings:
        """Terms of paths, by source file; the file's own name counts twice."""
        paths = [f.path.rsplit(".", 1)[0].split("/") for f in self.sources.files]
        return name_postings([[*parts, *parts[-1:]] for parts in paths])

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
            by_package.extend((inner, test) for n in packages for inner in self.exports.get(n, ()))
            namesakes = self.by_basename.get(f"{name_under_test(indexed.path)}.py", ())
            counts = term_counts([*imported, *namesakes])
            shares.append({n: times / sum(counts.values()) for n, times in counts.items()})
        return TestLinks(_grouped(direct), _grouped(by_package), tuple(shares))

    @cached_property
    def exports(self) -> dict[int, tuple[int, ...]]:
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

    @cached_property
    def _unit_starts(self) -> IntArray:
        units = np.arange(len(self.sources.units) + 1)
        return np.searchsorted(self.sources.unit, units).astype(np.int32)

    def tokens_of(self, unit: int) -> Iterator[tuple[int, int]]:
        """Tokens of a source unit by number in the vocabulary, with how often each occurs."""
        held = slice(self._unit_starts[unit], self._unit_starts[unit + 1])
        return zip(self.sources.token[held].tolist(), self.sources.count[held].tolist(), strict=True)

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
        return None if number is None else self.unit_in(number, line)

    def unit_in(self, number: int, line: int) -> int:
        """The innermost unit of a source file around `line`; that of the module where there is no other."""
        indexed = self.sources.files[number]
        if number not in self._line_units:
            innermost = np.full(indexed.line_count + 1, indexed.first_unit, np.int32)
            for unit in range(indexed.first_unit, indexed.last_unit):
                definition = self.sources.units[unit].definition
                if definition:
                    innermost[definition.start_line : definition.end_line + 1] = unit
            self._line_units[number] = innermost
        innermost = self._line_units[number]
        return int(innermost[line]) if 0 <= line < len(innermost) else indexed.first_unit

    @cached_property
    def _line_units(self) -> dict[int, IntArray]:
        return {}


def build_repository_index(
    base_commit: str,
    files: Sequence[tuple[TreeEntry, PackedFile]],
    history: tuple[CommitInfo, ...],
    notes: tuple[str, ...],
) -> RepositoryIndex:
    """Join the facts of all files under one vocabulary."""
    ids = numbering()
    sources = build_section([f for f in files if kind_of(f[0].path) is FileKind.SOURCE], ids)
    tests = build_section([f for f in files if kind_of(f[0].path) is FileKind.TEST], ids)
    return RepositoryIndex(base_commit, tuple(ids), sources, tests, history, notes, ids)


def _grouped(pairs: Iterable[tuple[K, int]]) -> dict[K, tuple[int, ...]]:
    grouped: dict[K, list[int]] = {}
    for name, number in pairs:
        grouped.setdefault(name, []).append(number)
    return {name: tuple(numbers) for name, numbers in grouped.items()}
