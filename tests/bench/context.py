"""How often the context holds, in full, a function that the gold patch changes.

    python -m tests.bench.context --rows FILE --mirrors DIR [--cache DIR] [--folds DIR]
        [--budgets 4000 6000] [--strategies functions ...] [--json FILE]

Counted over the instances where the gold patch changes a function. "all" asks for every such function. Tokens are
estimated as one per 3.4 characters of code, near what llama tokenizers make of Python.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from orchestrator.localize.context import STRATEGIES, build_context
from orchestrator.localize.index import Index, open_index
from orchestrator.localize.rank import localize
from orchestrator.localize.source import SourceFile
from orchestrator.protocols import Tree
from orchestrator.records import Context
from tests.bench.gold import Function, gold_functions
from tests.bench.instances import Instance, instances, read_rows
from tests.bench.localization import fold_weights

CHARACTERS_PER_TOKEN = 3.4


def estimate_tokens(text: str) -> int:
    """Tokens of source code, estimated from its length."""
    return int(len(text) / CHARACTERS_PER_TOKEN) + 1


def holds(context: Context, tree: Tree, function: Function) -> bool:
    """Whether every line of a function is in one excerpt."""
    path, name = function
    definition = SourceFile.of(path, tree.read(path)).find(name)
    return definition is not None and any(
        e.location.path == path
        and e.location.start_line <= definition.start_line
        and definition.end_line <= e.location.end_line
        for e in context.excerpts
    )


@dataclass(frozen=True, slots=True)
class Built:
    """One context: how many of the changed functions it holds in full, how full it is, and the seconds it took."""

    instance_id: str
    strategy: str
    budget: int
    held: int
    functions: int
    filled: float
    took_s: float


def build_all(index: Index, each: Instance, chosen: argparse.Namespace) -> Iterator[Built]:
    """Every strategy and budget for one instance; none where no function changes."""
    functions = gold_functions(each.row["patch"], each.repository)
    if not functions:
        return
    text = each.row["problem_statement"]
    loaded = index.load(each.repository)
    weights = fold_weights(chosen.folds, each.row["repo"]) if chosen.folds else chosen.weights
    found = localize(loaded, each.repository, text, weights_path=weights)
    for strategy in chosen.strategies:
        for budget in chosen.budgets:
            started = time.perf_counter()
            context = build_context(
                loaded, each.repository, found, problem_statement=text, budget_tokens=budget,
                strategy=strategy, count_tokens=estimate_tokens,
            )  # fmt: skip
            took_s = time.perf_counter() - started
            held = sum(holds(context, each.repository, f) for f in functions)
            name = each.row["instance_id"]
            yield Built(name, strategy, budget, held, len(functions), context.tokens / budget, took_s)


def report(built: Iterable[Built]) -> str:
    """A line for each strategy and budget."""
    groups: dict[tuple[str, int], list[Built]] = defaultdict(list)
    for each in built:
        groups[each.strategy, each.budget].append(each)
    return "\n".join(
        f"{strategy:<16} {budget:>6} tokens: a changed function {100 * statistics.mean(b.held > 0 for b in group):.1f}%, all "
        f"{100 * statistics.mean(b.held == b.functions for b in group):.1f}%, n={len(group)}, filled "
        f"{100 * statistics.mean(b.filled for b in group):.0f}%, median {statistics.median(b.took_s for b in group):.2f} s"
        for (strategy, budget), group in groups.items()
    )


def main() -> None:
    """Build contexts and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=Path, required=True)
    parser.add_argument("--mirrors", type=Path, required=True)
    parser.add_argument("--cache", type=Path)
    parser.add_argument("--weights", type=Path)
    parser.add_argument("--folds", type=Path, help="weights by fold: each row with those of other repositories only")
    parser.add_argument("--only", default="")
    parser.add_argument("--every", type=int, default=1, help="take every n-th row")
    parser.add_argument("--budgets", type=int, nargs="+", default=[4000, 6000])
    parser.add_argument("--strategies", nargs="+", default=["functions"], choices=list(STRATEGIES))
    parser.add_argument("--json", type=Path, help="JSON lines, added to row by row; rows in it are not done again")
    chosen = parser.parse_args()
    lines = chosen.json.read_text(encoding="utf-8").splitlines() if chosen.json and chosen.json.exists() else []
    built = [Built(**json.loads(line)) for line in lines]
    rows = [r["instance_id"] for r in read_rows(chosen.rows) if chosen.only in r["instance_id"]][:: chosen.every]
    with tempfile.TemporaryDirectory() as temporary:
        index = open_index(chosen.cache or Path(temporary))
        for each in instances(chosen.rows, chosen.mirrors, ids=set(rows) - {b.instance_id for b in built}):
            new = list(build_all(index, each, chosen))
            said = (
                ", ".join(f"{b.strategy} {b.budget}: {b.held} of {b.functions}" for b in new) or "no function changes"
            )
            print(f"{each.row['instance_id']:<40} {said}", flush=True)
            built += new
            if chosen.json:
                with chosen.json.open("a", encoding="utf-8") as kept:
                    kept.writelines(json.dumps(asdict(b)) + "\n" for b in new)
    print(report(b for b in built if b.instance_id in set(rows)))


if __name__ == "__main__":
    main()
