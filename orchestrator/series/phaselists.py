"""The frozen order of a benchmark's instances: nested, stratified by repository, diverse from the first five on.

Run as `python -m orchestrator.series.phaselists IDS [--seed N]`, where IDS is a file with one id per line, or a benchmark's name;
it prints the list that belongs in `phases/lists/<benchmark>.txt`. The same ids and seed give the same list on any machine.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Sequence
from pathlib import Path

DIVERSE = 10  # phases 1 and 2 are for finding out what breaks: many repositories say more than many instances of one
SEED = 2024


def phase_order(instance_ids: Sequence[str], seed: int = SEED) -> tuple[str, ...]:
    """All ids in the order in which phases take them. Which of a repository's instances comes first is up to the seed alone."""
    waiting: dict[str, list[str]] = {}
    for instance_id in sorted(set(instance_ids)):
        waiting.setdefault(repository_of(instance_id), []).append(instance_id)
    sizes = {name: len(ids) for name, ids in waiting.items()}
    for name, ids in waiting.items():
        random.Random(f"{seed}/{name}").shuffle(ids)
    taken: list[str] = []
    seats = dict.fromkeys(sizes, 0)
    for place in range(len(set(instance_ids))):
        power = 0.5 if place < DIVERSE else 1.0
        left = [name for name in sizes if waiting[name]]
        best = max(left, key=lambda name: (sizes[name] ** power / (2 * seats[name] + 1), name))
        seats[best] += 1
        taken.append(waiting[best].pop())
    return tuple(taken)


def repository_of(instance_id: str) -> str:
    """The repository in an instance's id: `django__django-11039` is of `django__django`."""
    return instance_id.rpartition("-")[0] or instance_id


def read_ids(source: str) -> tuple[str, ...]:
    """Ids from a file with one per line, or else of the benchmark of that name. Raises BenchmarkError."""
    path = Path(source)
    if path.is_file() and path.suffix == ".txt":
        lines = (line.strip() for line in path.read_text(encoding="utf-8").splitlines())
        return tuple(line for line in lines if line and not line.startswith("#"))
    from orchestrator.benchmarks import open_benchmark

    return open_benchmark(source).instance_ids()


def list_text(instance_ids: Sequence[str], seed: int) -> str:
    """A list file: how it was made, then one id per line."""
    return "\n".join(
        [
            f"# {len(instance_ids)} instances; phase N is the first 5, 10, 30, 100, 300 of them. Made once and frozen, by",
            f"# python -m orchestrator.series.phaselists IDS --seed {seed}",
            *phase_order(instance_ids, seed),
            "",
        ]
    )


def main(arguments: Sequence[str] | None = None) -> None:
    """Print a list."""
    parser = argparse.ArgumentParser(
        prog="python -m orchestrator.series.phaselists", description="Print the frozen list of a benchmark."
    )
    parser.add_argument("ids", help="a .txt file with one id per line, or a benchmark's name")
    parser.add_argument("--seed", type=int, default=SEED)
    chosen = parser.parse_args(arguments)
    print(list_text(read_ids(chosen.ids), chosen.seed), end="")  # noqa: T201 - this is a filter


if __name__ == "__main__":
    main()
