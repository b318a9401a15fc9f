"""Which instances a run takes: the frozen list of its phase, then what the flags leave of it."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from orchestrator.errors import BenchmarkError, SettingsError
from orchestrator.series.phaselists import phase_order


@dataclass(frozen=True, slots=True)
class Selection:
    """The flags that choose instances; all of them together, in this order."""

    only: tuple[str, ...] = ()
    pattern: str | None = None
    slice_text: str | None = None
    shuffle_seed: int | None = None

    @property
    def is_subset(self) -> bool:
        """Whether the run is a part of its phase: then its results stand for themselves and are never copied."""
        return bool(self.only or self.pattern or self.slice_text)


def phase_order_of(lists: Path, benchmark: str, known: Sequence[str]) -> tuple[str, ...]:
    """The benchmark's frozen list, or where it has none the order that `phaselists` would freeze. Raises BenchmarkError."""
    path = lists / f"{benchmark}.txt"
    if not path.is_file():
        return phase_order(known)
    ids = [line.strip() for line in path.read_text(encoding="utf-8").splitlines() if line.strip() and line[0] != "#"]
    there = set(known)
    missing = [instance_id for instance_id in ids if instance_id not in there]
    if missing:
        raise BenchmarkError(
            f"{path}: {missing[0]} is not in the benchmark {benchmark}; the list and the rows do not match"
        )
    return tuple(ids)


def select(ids: Sequence[str], known: Sequence[str], selection: Selection) -> tuple[str, ...]:
    """Apply the flags. `only` may name any instance of the benchmark. Raises SettingsError where nothing is left."""
    if unknown := [i for i in selection.only if i not in set(known)]:
        raise SettingsError(f"-i {unknown[0]}: there is no such instance in this benchmark")
    chosen = list(selection.only or ids)
    if selection.pattern:
        try:
            matcher = re.compile(selection.pattern)
        except re.error as error:
            raise SettingsError(f"--filter {selection.pattern!r} is no regular expression: {error}") from error
        chosen = [i for i in chosen if matcher.search(i)]
    if selection.shuffle_seed is not None:
        random.Random(selection.shuffle_seed).shuffle(chosen)
    if selection.slice_text:
        chosen = chosen[_slice(selection.slice_text)]
    if not chosen:
        raise SettingsError("no instance is left after -i, --filter and --slice; loosen one of them")
    return tuple(dict.fromkeys(chosen))


def _slice(text: str) -> slice:
    parts = text.split(":")
    if len(parts) != 2 or not all(re.fullmatch(r"-?\d*", part) for part in parts):
        raise SettingsError(f"--slice {text!r}: write it as a:b")
    return slice(*(int(part) if part else None for part in parts))
