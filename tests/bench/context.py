"""How often the context holds, in full, a function that the gold patch changes.

    python -m tests.bench.context --rows FILE --mirrors DIR [--cache DIR] [--budgets 4000 6000] [--strategies functions ...]

Counted over the instances where the gold patch changes a function. "all" asks for every such function. Tokens are
estimated as one per 3.4 characters of code, near what llama tokenizers make of Python.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections import defaultdict
from pathlib import Path

from orchestrator.localize.context import STRATEGIES, build_context
from orchestrator.localize.index import open_index
from orchestrator.localize.rank import localize
from orchestrator.localize.source import SourceFile
from orchestrator.protocols import Tree
from orchestrator.records import Context
from tests.bench.gold import Function, gold_functions
from tests.bench.instances import instances

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


def main() -> None:
    """Build contexts and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=Path, required=True)
    parser.add_argument("--mirrors", type=Path, required=True)
    parser.add_argument("--cache", type=Path)
    parser.add_argument("--weights", type=Path)
    parser.add_argument("--only", default="")
    parser.add_argument("--every", type=int, default=1, help="take every n-th row")
    parser.add_argument("--budgets", type=int, nargs="+", default=[4000, 6000])
    parser.add_argument("--strategies", nargs="+", default=["functions"], choices=list(STRATEGIES))
    chosen = parser.parse_args()
    any_held: dict[tuple[str, int], list[bool]] = defaultdict(list)
    all_held: dict[tuple[str, int], list[bool]] = defaultdict(list)
    took, used = defaultdict(list), defaultdict(list)
    with tempfile.TemporaryDirectory() as temporary:
        index = open_index(chosen.cache or Path(temporary))
        for each in instances(chosen.rows, chosen.mirrors, chosen.only, every=chosen.every):
            functions = gold_functions(each.row["patch"], each.repository)
            if not functions:
                continue
            text = each.row["problem_statement"]
            loaded = index.load(each.repository)
            found = localize(loaded, each.repository, text, weights_path=chosen.weights)
            for strategy in chosen.strategies:
                for budget in chosen.budgets:
                    started = time.perf_counter()
                    context = build_context(
                        loaded, each.repository, found, problem_statement=text, budget_tokens=budget,
                        strategy=strategy, count_tokens=estimate_tokens,
                    )  # fmt: skip
                    key = (strategy, budget)
                    took[key].append(time.perf_counter() - started)
                    used[key].append(context.tokens / budget)
                    held = [holds(context, each.repository, f) for f in functions]
                    any_held[key].append(any(held))
                    all_held[key].append(all(held))
    for key, held in any_held.items():
        print(
            f"{key[0]:<16} {key[1]:>6} tokens: a changed function {100 * statistics.mean(held):.1f}%, all "
            f"{100 * statistics.mean(all_held[key]):.1f}%, n={len(held)}, filled {100 * statistics.mean(used[key]):.0f}%, "
            f"median {statistics.median(took[key]):.2f} s"
        )


if __name__ == "__main__":
    main()
