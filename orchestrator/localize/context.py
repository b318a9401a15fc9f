"""What a model is shown of the repository, within a token budget.

Targets are shown in full and come first in the budget; then what is needed to rewrite them: imports, class headers,
signatures of what they call and of what calls them, tests as examples of use. Nothing is ever cut within a line, and what
does not fit is left out and noted. Excerpts are ordered by file rank and line, whatever the order in which they were
chosen, so that widening keeps as much of the prompt's beginning as it can.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from orchestrator.errors import SettingsError
from orchestrator.localize import excerpts as pieces
from orchestrator.localize.corpus import RepositoryIndex
from orchestrator.localize.excerpts import Sources
from orchestrator.localize.tests import tests_reaching
from orchestrator.protocols import Tree
from orchestrator.records import Context, Excerpt, Localization, RankedLocation

FIRST_BYTES = 5_000
_TESTS_READ = 3
_MOST_TARGETS = 100
_COST_POWER = 0.5
_SUPPORTED_TARGETS = 3


@dataclass(frozen=True, slots=True)
class Strategy:
    """How a context is chosen. `moves_by` is what each widening moves on to; `roles` are the supports that may be shown."""

    roles: frozenset[str]
    moves_by: str = ""
    shows: str = "functions"


_SIGNATURES = frozenset({"class_header", "imports", "callee", "caller"})
STRATEGIES: dict[str, Strategy] = {
    "functions": Strategy(_SIGNATURES | {"test"}),
    "next-function": Strategy(_SIGNATURES | {"test"}, moves_by="function"),
    "next-file": Strategy(_SIGNATURES | {"test"}, moves_by="file"),
    "whole-file": Strategy(frozenset({"test"}), moves_by="file", shows="file"),
    "only-functions": Strategy(frozenset()),
    "with-tests": Strategy(frozenset({"test"})),
    "with-imports": Strategy(_SIGNATURES),
    "keyword-files": Strategy(frozenset(), shows="leads"),
    "first-bytes": Strategy(frozenset(), moves_by="file", shows="first-bytes"),
}


@dataclass
class _Purse:
    """Excerpts taken so far, and the tokens left. An excerpt that overlaps one taken before is passed over."""

    budget_tokens: int
    count_tokens: Callable[[str], int]
    taken: list[Excerpt] = field(default_factory=list)
    spent: int = 0

    def take(self, excerpt: Excerpt, limit: int | None = None) -> bool:
        """Take an excerpt if it fits within `limit` (by default the whole budget) and shows something new."""
        if not excerpt.text.strip() or any(_overlap(excerpt, other) for other in self.taken):
            return False
        cost = self.cost(excerpt)
        if self.spent + cost > (self.budget_tokens if limit is None else limit):
            return False
        self.spent += cost
        self.taken.append(excerpt)
        return True

    def cost(self, excerpt: Excerpt) -> int:
        """Tokens of an excerpt with a line above it that names it."""
        name = excerpt.location.qualified_name or ""
        return self.count_tokens(f"# {excerpt.location.path} {name} {excerpt.location.start_line}\n{excerpt.text}\n")


def build_context(
    index: RepositoryIndex,
    tree: Tree,
    localization: Localization,
    *,
    problem_statement: str = "",
    budget_tokens: int,
    strategy: str = "functions",
    widened: int = 0,
    count_tokens: Callable[[str], int],
    target_share: float = 0.95,
) -> Context:
    """Choose excerpts for `strategy` (a key of STRATEGIES), widened `widened` times, in at most `budget_tokens`.

    `target_share` of the budget goes to targets first, the rest to supports, and what is left to further targets.
    Raises SettingsError for an unknown strategy.
    """
    if strategy not in STRATEGIES:
        raise SettingsError(f"context strategy {strategy!r} is unknown; choose one of {', '.join(STRATEGIES)}")
    chosen = STRATEGIES[strategy]
    sources, purse = Sources(tree), _Purse(budget_tokens, count_tokens)
    notes: list[str] = []
    candidates = _candidates(localization, chosen.moves_by, widened)
    files = list(dict.fromkeys(r.location.path for r in candidates)) or [f.location.path for f in localization.files]
    if chosen.moves_by == "file" and localization.files:
        files = [localization.files[widened % len(localization.files)].location.path]
    if chosen.shows != "functions":
        _take_files(purse, sources, files, chosen.shows, notes)
        if chosen.shows == "file" and not purse.taken:
            notes.append("no whole file fits; functions are shown instead")
    shown = _shown_targets(purse, sources, candidates)
    if chosen.shows == "functions" or (chosen.shows == "file" and not shown):
        limit = int(budget_tokens * target_share) if chosen.roles else budget_tokens
        _take_targets(purse, sources, candidates, limit)
        shown = _shown_targets(purse, sources, candidates)
    supported = shown[:_SUPPORTED_TARGETS]
    _take_supports(purse, index, sources, supported, roles=chosen.roles, problem_statement=problem_statement)
    if chosen.shows == "functions":
        _take_targets(purse, sources, candidates, budget_tokens)
        shown = _shown_targets(purse, sources, candidates)
    if not shown:
        notes.append("no target fits the budget; raise it or choose another strategy")
    order = {f.location.path: rank for rank, f in enumerate(localization.files)}
    excerpts = sorted(purse.taken, key=lambda e: _place(e, order))
    return Context(strategy, tuple(shown), tuple(excerpts), purse.spent, budget_tokens, widened, tuple(notes))


def _candidates(localization: Localization, moves_by: str, widened: int) -> Sequence[RankedLocation]:
    """Definitions that may become targets, most suspicious first, moved on as often as the context was widened."""
    functions = [f for f in localization.functions if f.location.qualified_name]
    if moves_by == "function" and functions:
        start = widened % len(functions)
        return functions[start:] + functions[:start]
    if moves_by == "file" and localization.files:
        path = localization.files[widened % len(localization.files)].location.path
        return [f for f in functions if f.location.path == path]
    return functions


def _take_targets(purse: _Purse, sources: Sources, candidates: Sequence[RankedLocation], limit: int) -> None:
    """The first candidate, then those with the most chance for the square root of their tokens: a long one crowds out many."""
    found = [(ranked, e) for ranked in candidates[:_MOST_TARGETS] if (e := _target(sources, ranked)) is not None]
    worth = {id(excerpt): ranked.score / purse.cost(excerpt) ** _COST_POWER for ranked, excerpt in found[1:]}
    for _, excerpt in [*found[:1], *sorted(found[1:], key=lambda pair: -worth[id(pair[1])])]:
        purse.take(excerpt, limit)


def _target(sources: Sources, ranked: RankedLocation) -> Excerpt | None:
    source = sources.get(ranked.location.path)
    return pieces.target_excerpt(source, ranked.location) if source else None


def _shown_targets(purse: _Purse, sources: Sources, candidates: Sequence[RankedLocation]) -> list[RankedLocation]:
    """The candidates that are shown in full, by a target or by a whole file."""
    whole = [e.location for e in purse.taken if e.role in {"target", "file"}]

    def shown(ranked: RankedLocation) -> bool:
        source = sources.get(ranked.location.path)
        name = ranked.location.qualified_name or ""
        found = source.find(name, ranked.location.start_line) if source else None
        return found is not None and any(
            w.path == ranked.location.path and w.start_line <= found.start_line and found.end_line <= w.end_line
            for w in whole
        )

    return [ranked for ranked in candidates if shown(ranked)]


def _take_files(purse: _Purse, sources: Sources, files: Sequence[str], shows: str, notes: list[str]) -> None:
    for path in files:
        source = sources.get(path)
        if source is None:
            continue
        if shows == "file":
            if not purse.take(pieces.lead_excerpt(source, len(source.lines), "the whole file")):
                notes.append(f"{path} is larger than the budget")
            continue
        limit = FIRST_BYTES if shows == "first-bytes" else None
        end = _lines_that_fit(purse, source.lines, limit)
        if end:
            why = "the whole file" if end == len(source.lines) else f"the first {end} of {len(source.lines)} lines"
            purse.take(pieces.lead_excerpt(source, end, why))
        if end < len(source.lines):
            return


def _lines_that_fit(purse: _Purse, lines: Sequence[str], limit_bytes: int | None) -> int:
    """How many leading lines fit the bytes and the tokens left, found by halving."""
    most = len(lines)
    if limit_bytes is not None:
        size = 0
        for number, line in enumerate(lines):
            size += len(line.encode("utf-8", "surrogatepass"))
            if size > limit_bytes:
                most = number
                break
    low, high, left = 0, most, purse.budget_tokens - purse.spent - 60
    while low < high:
        middle = (low + high + 1) // 2
        if purse.count_tokens("".join(lines[:middle])) <= left:
            low = middle
        else:
            high = middle - 1
    return low


def _take_supports(
    purse: _Purse,
    index: RepositoryIndex,
    sources: Sources,
    targets: Iterable[RankedLocation],
    *,
    roles: frozenset[str],
    problem_statement: str,
) -> None:
    targets = list(targets)
    for ranked in targets:
        for excerpt in _supports(index, sources, ranked):
            if excerpt.role in roles:
                purse.take(excerpt)
    if "test" in roles and targets:
        locations = [r.location for r in targets]
        files = tests_reaching(index, locations, budget_s=float("inf"), durations={})[:_TESTS_READ]
        names = tuple((x.qualified_name or "").rpartition(".")[2] for x in locations)
        shown = 0
        for excerpt in pieces.test_excerpts(sources, files, names, problem_statement):
            shown += purse.take(excerpt)
            if shown == 2:
                break


def _supports(index: RepositoryIndex, sources: Sources, ranked: RankedLocation) -> Iterator[Excerpt]:
    source = sources.get(ranked.location.path)
    definition = source.find(ranked.location.qualified_name or "", ranked.location.start_line) if source else None
    if source is None or definition is None:
        return
    header = pieces.header_excerpt(source, definition)
    if header is not None:
        yield header
    yield from pieces.import_excerpts(source)
    yield from pieces.callee_excerpts(index, sources, source, definition)
    yield from pieces.caller_excerpts(index, sources, ranked.location)


def _overlap(one: Excerpt, other: Excerpt) -> bool:
    a, b = one.location, other.location
    return a.path == b.path and a.start_line <= b.end_line and b.start_line <= a.end_line


def _place(excerpt: Excerpt, order: dict[str, int]) -> tuple[bool, int, str, int]:
    location = excerpt.location
    return (excerpt.role == "test", order.get(location.path, len(order)), location.path, location.start_line)
