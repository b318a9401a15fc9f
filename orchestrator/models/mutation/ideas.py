"""All ideas for a context in one fixed order: the likeliest first, but no function, line or operator floods a batch."""

from __future__ import annotations

import heapq
import threading
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from orchestrator.models.mutation.operators import operators_for
from orchestrator.models.mutation.scope import Scope
from orchestrator.models.mutation.suspicion import Suspicion
from orchestrator.models.mutation.unit import Change, Unit
from orchestrator.syntax import fingerprint, parse_source

# Each idea given lowers what is left of its function, its operator, its line, and its operator on that line.
_AGAIN = (0.97, 0.88, 0.85, 0.5)
_MOST_TWINS = 6
_PAIRED = 40


@dataclass(frozen=True, slots=True)
class Idea:
    """A change of one unit (by its number), the operator that had it, and its score before ideas like it were given."""

    score: float
    unit: int
    operator: str
    change: Change


@dataclass(frozen=True, slots=True)
class Proposal:
    """Rewritten units with their new text, and the operators that made them."""

    texts: tuple[tuple[Unit, str], ...]
    operators: tuple[str, ...]


@dataclass
class Ideas:
    """Proposals by number, made as they are asked for. Safe for several threads."""

    scopes: Sequence[Scope]
    suspicions: Sequence[Suspicion]
    _made: list[Proposal] = field(default_factory=list)
    _seen: set[tuple[int, str]] = field(default_factory=set)
    _begun: set[int] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _source: Iterator[Proposal] | None = None

    def proposal(self, number: int) -> Proposal | None:
        """The proposal of a number (0 is the best), or None where there are not so many."""
        with self._lock:
            if self._source is None:
                self._source = self._proposals()
            while len(self._made) <= number:
                proposal = next(self._source, None)
                if proposal is None:
                    return None
                self._made.append(proposal)
            return self._made[number]

    def _proposals(self) -> Iterator[Proposal]:
        """Single changes, then pairs of the best of them."""
        best: list[Idea] = []
        for idea in in_order(list(self.singles())):
            proposal = self._new((idea,))
            if proposal is not None:
                best += [idea] if len(best) < _PAIRED else []
                yield proposal
        for total in range(1, 2 * len(best)):
            for first in range(max(0, total - len(best) + 1), (total + 1) // 2):
                proposal = self._new((best[first], best[total - first]))
                if proposal is not None:
                    yield proposal

    def singles(self) -> Iterator[Idea]:
        """Every change that an operator proposes, and changes that are the same at several places of a function."""
        for number, (scope, suspicion) in enumerate(zip(self.scopes, self.suspicions, strict=True)):
            alike: dict[tuple[str, str, str], list[Idea]] = defaultdict(list)
            for idea in _of_unit(number, scope, suspicion):
                yield idea
                if len(idea.change.splices) == 1:
                    splice = idea.change.splices[0]
                    alike[idea.operator, scope.unit.text[splice.start : splice.end], splice.text].append(idea)
            for group in alike.values():
                yield from _twins(group)

    def _new(self, ideas: tuple[Idea, ...]) -> Proposal | None:
        """The proposal of some ideas, unless it is no Python, changes nothing or was made before."""
        by_unit: dict[int, list[Idea]] = defaultdict(list)
        for idea in ideas:
            by_unit[idea.unit].append(idea)
        texts: list[tuple[Unit, str]] = []
        known: list[tuple[int, str]] = []
        for number, group in sorted(by_unit.items()):
            unit = self.scopes[number].unit
            splices = sorted((s for idea in group for s in idea.change.splices), key=lambda s: (s.start, s.end))
            if any(one.end > other.start for one, other in pairwise(splices)):
                return None
            text = unit.apply(splices)
            if number not in self._begun:
                self._begun.add(number)
                self._seen.add((number, _meaning(unit.text)))
            meaning = _meaning(text)
            if not meaning:
                return None
            texts.append((unit, text))
            known.append((number, meaning))
        if _overlap([unit for unit, _ in texts]):
            return None
        key = known[0] if len(known) == 1 else (-1, str(known))
        if key in self._seen:
            return None
        self._seen.add(key)
        return Proposal(tuple(texts), tuple(idea.operator for idea in ideas))


def _overlap(units: Sequence[Unit]) -> bool:
    """Whether a class is among them with one of its own methods: one reply cannot rewrite both."""
    return any(a.path == b.path and b.name.startswith(f"{a.name}.") for a in units for b in units)


def _of_unit(number: int, scope: Scope, suspicion: Suspicion) -> Iterator[Idea]:
    weights = scope.hints.weights
    for node in scope.unit.nodes:
        for operator in operators_for(type(node)):
            for change in operator.propose(node, scope):
                score = weights[operator.name] * change.factor * suspicion.of(change.line)
                if score > 0:
                    yield Idea(score, number, operator.name, change)


def _twins(group: list[Idea]) -> Iterator[Idea]:
    places = {idea.change.splices[0].start: idea for idea in group}
    if 2 <= len(places) <= _MOST_TWINS:
        splices = tuple(idea.change.splices[0] for _, idea in sorted(places.items()))
        if all(one.end <= other.start for one, other in pairwise(splices)):
            best = max(group, key=lambda idea: idea.score)
            yield Idea(best.score * 0.5, best.unit, "twins", Change(splices, best.change.line))


def _meaning(text: str) -> str:
    """The fingerprint of an indented definition, empty where it is no Python."""
    source = "if 1:\n" + text if text[:1] in (" ", "\t") else text
    try:
        tree = parse_source(source)
        compile(tree, "<idea>", "exec", dont_inherit=True)
    except (SyntaxError, ValueError):
        return ""
    return fingerprint(source)


def in_order(ideas: list[Idea]) -> Iterator[Idea]:
    """Greedy by score times the decay of what was given before. Scores only fall, so a stale heap entry is just pushed back."""
    given: tuple[Counter[object], ...] = (Counter(), Counter(), Counter(), Counter())
    heap = [(-idea.score, place) for place, idea in enumerate(ideas)]
    heapq.heapify(heap)
    while heap:
        negative, place = heapq.heappop(heap)
        idea = ideas[place]
        keys = (idea.unit, idea.operator, (idea.unit, idea.change.line), (idea.unit, idea.change.line, idea.operator))
        now = idea.score
        for counter, key, decay in zip(given, keys, _AGAIN, strict=True):
            now *= decay ** counter[key]
        if now < -negative * (1 - 1e-12):
            heapq.heappush(heap, (-now, place))
            continue
        for counter, key in zip(given, keys, strict=True):
            counter[key] += 1
        yield idea
