"""What the problem statement and the failure say in words: names, literals, exceptions, and which operators they speak for."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from orchestrator.models.mutation.priors import PRIORS, SYMPTOMS, WORDS

_WORD = re.compile(r"[A-Za-z_][A-Za-z_0-9]*")
_EXCEPTION = re.compile(r"\b[A-Z]\w*(?:Error|Exception|Iteration|Interrupt|Exit)\b")
_NUMBER = re.compile(r"(?<![\w.])\d{1,6}(?![\w.])")
_QUOTED = re.compile(r"\"([^\"\n]{1,30})\"|'([^'\n]{1,30})'|`([^`\n]{1,30})`")
_FRAME = re.compile(r'File "([^"\n]+)", line (\d+)')
_MOST_CHARACTERS = 20_000
_STRONGEST = 3.0


@dataclass(frozen=True)
class Hints:
    """Words of the issue and of the reproduction's failure. `failure` also says what was raised at last."""

    statement: str = ""
    failure: str = ""

    @cached_property
    def text(self) -> str:
        """Both texts, cut to a length that keeps the cost bounded."""
        return f"{self.statement[:_MOST_CHARACTERS]}\n{self.failure[-_MOST_CHARACTERS:]}"

    @cached_property
    def words(self) -> frozenset[str]:
        """Identifiers and words as written."""
        return frozenset(_WORD.findall(self.text))

    @cached_property
    def exceptions(self) -> tuple[str, ...]:
        """Exceptions named, that of the failure first."""
        failed = list(reversed(_EXCEPTION.findall(self.failure)))
        named = dict.fromkeys([*failed, *_EXCEPTION.findall(self.statement[:_MOST_CHARACTERS])])
        return tuple(name for name in named if name != "AssertionError")[:4]

    @cached_property
    def numbers(self) -> frozenset[int]:
        """Whole numbers in the issue's text."""
        return frozenset(int(n) for n in _NUMBER.findall(self.text))

    @cached_property
    def strings(self) -> tuple[str, ...]:
        """Short quoted strings of the issue, in order, at most twenty."""
        found = ("".join(groups) for groups in _QUOTED.findall(self.statement[:_MOST_CHARACTERS]))
        return tuple(dict.fromkeys(found))[:20]

    @cached_property
    def frames(self) -> tuple[tuple[str, int], ...]:
        """Places (path as printed, line) of the tracebacks, in order."""
        return tuple((path, int(line)) for path, line in _FRAME.findall(self.text))

    @cached_property
    def _lower(self) -> str:
        return self.text.lower()

    @cached_property
    def boosts(self) -> dict[str, float]:
        """Factors by operator or family (the part before the dot), from exceptions and from words."""
        found: dict[str, float] = {}
        rows: Iterable[dict[str, float]] = [
            *(SYMPTOMS[name] for name in self.exceptions if name in SYMPTOMS),
            *(row for pattern, row in WORDS if re.search(rf"\b(?:{pattern})", self._lower)),
        ]
        for row in rows:
            for name, factor in row.items():
                found[name] = min(_STRONGEST, found.get(name, 1.0) * factor)
        return found

    def boost(self, operator: str) -> float:
        """How much the texts speak for an operator; 1 where they say nothing."""
        family = operator.partition(".")[0]
        return min(_STRONGEST, self.boosts.get(operator, 1.0) * self.boosts.get(family, 1.0))

    @cached_property
    def weights(self) -> dict[str, float]:
        """Prior times boost, by operator."""
        return {name: prior * self.boost(name) for name, prior in PRIORS.items()}
