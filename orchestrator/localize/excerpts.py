"""The pieces that a context is put together from: targets, class headers, imports, stubs, tests. All are runs of whole lines."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from orchestrator.localize.corpus import RepositoryIndex
from orchestrator.localize.source import SourceFile
from orchestrator.localize.terms import terms, tokens
from orchestrator.protocols import Tree
from orchestrator.records import Excerpt, Location
from orchestrator.syntax import Definition

_MOST_NAMESAKES = 2
_LONGEST_TEST_LINES = 45
_LONGEST_CLASS_LINES = 80


@dataclass
class Sources:
    """Files of a tree, decoded once."""

    tree: Tree
    _files: dict[str, SourceFile | None] = field(default_factory=dict)

    def get(self, path: str) -> SourceFile | None:
        """The file, or None where the tree has no such regular file."""
        if path not in self._files:
            try:
                self._files[path] = SourceFile.of(path, self.tree.read(path))
            except KeyError:
                self._files[path] = None
        return self._files[path]


def target_excerpt(source: SourceFile, location: Location) -> Excerpt | None:
    """A definition in full; None where it is gone, or where it is a class too long to be rewritten at once."""
    definition = source.find(location.qualified_name or "", location.start_line)
    if definition is None:
        return None
    if definition.kind == "class" and definition.end_line - definition.start_line >= _LONGEST_CLASS_LINES:
        return None
    return _excerpt(
        source, definition.start_line, definition.end_line, "target", "suspected", of=definition.qualified_name
    )


def header_excerpt(source: SourceFile, definition: Definition) -> Excerpt | None:
    """The header of the class around a definition."""
    around = source.class_of(definition)
    if around is None:
        return None
    start, end = source.class_header(around)
    return _excerpt(
        source, start, end, "class_header", f"class of {definition.qualified_name}", of=around.qualified_name
    )


def import_excerpts(source: SourceFile) -> Iterator[Excerpt]:
    """The file's own import statements."""
    for start, end in source.import_runs():
        yield _excerpt(source, start, end, "imports", "names that the file may use")


def callee_excerpts(
    index: RepositoryIndex, sources: Sources, source: SourceFile, definition: Definition
) -> Iterator[Excerpt]:
    """Signatures of what a definition calls: its own class's methods, then its module's, then names with few definitions."""
    outer = definition.qualified_name.rpartition(".")[0]
    for called in source.called_names(definition.start_line, definition.end_line):
        name = called.removeprefix("self.")
        wanted = [f"{outer}.{name}"] if called != name and outer else [name]
        local = next((d for w in wanted for d in source.definitions if d.qualified_name == w), None)
        if local is not None:
            yield _stub(source, local, "callee", f"called by {definition.qualified_name}")
            continue
        units = index.by_name.get(name, ())
        if 0 < len(units) <= _MOST_NAMESAKES:
            for unit in units:
                yield from _stub_at(sources, index.location(unit), "callee", f"called by {definition.qualified_name}")


def caller_excerpts(
    index: RepositoryIndex, sources: Sources, location: Location, *, most: int = 4
) -> Iterator[Excerpt]:
    """Signatures of what may call a definition, same file first; none where too many things share its name."""
    name = (location.qualified_name or "").rpartition(".")[2]
    if len(index.by_name.get(name, ())) > _MOST_NAMESAKES or (name.startswith("__") and name.endswith("__")):
        return
    callers = [index.location(int(unit)) for unit in index.units_using(name)]
    others = [
        c
        for c in callers
        if c.qualified_name and (c.path, c.qualified_name) != (location.path, location.qualified_name)
    ]
    for caller in sorted(others, key=lambda c: (c.path != location.path, c.end_line - c.start_line))[:most]:
        yield from _stub_at(sources, caller, "caller", f"uses {location.qualified_name}")


def test_excerpts(
    sources: Sources, test_files: tuple[str, ...], names: tuple[str, ...], problem_statement: str
) -> Iterator[Excerpt]:
    """Short test functions that use one of `names`, those most like the problem statement first."""
    about = set(terms(problem_statement[:20_000]))
    wanted = set(names)
    found: list[tuple[float, Excerpt]] = []
    for path in test_files:
        source = sources.get(path)
        if source is None:
            continue
        for definition in source.definitions:
            length = definition.end_line - definition.start_line
            last = definition.qualified_name.rpartition(".")[2]
            if definition.kind != "function" or length > _LONGEST_TEST_LINES or not last.startswith("test"):
                continue
            text = source.cut(definition.start_line, definition.end_line)
            if wanted & set(tokens(text)):
                likeness = len(about & set(terms(text))) / (10.0 + length)
                found.append(
                    (
                        likeness,
                        _excerpt(
                            source,
                            definition.start_line,
                            definition.end_line,
                            "test",
                            "an example of use",
                            of=definition.qualified_name,
                        ),
                    )
                )
    for _, excerpt in sorted(found, key=lambda pair: -pair[0]):
        yield excerpt


def lead_excerpt(source: SourceFile, end: int, why: str) -> Excerpt:
    """A file from its first line to line `end`."""
    return _excerpt(source, 1, end, "file", why)


def _stub_at(sources: Sources, location: Location, role: str, why: str) -> Iterator[Excerpt]:
    source = sources.get(location.path)
    definition = source.find(location.qualified_name or "", location.start_line) if source else None
    if source is not None and definition is not None:
        yield _stub(source, definition, role, why)


def _stub(source: SourceFile, definition: Definition, role: str, why: str) -> Excerpt:
    return _excerpt(
        source, definition.start_line, source.signature_end(definition), role, why, of=definition.qualified_name
    )


def _excerpt(source: SourceFile, start: int, end: int, role: str, why: str, *, of: str | None = None) -> Excerpt:
    return Excerpt(source.locate(start, end, of), source.cut(start, end), role, why)
