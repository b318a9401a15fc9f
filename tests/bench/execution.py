"""What execution evidence adds: the same instances ranked with and without what their snippet ran through.

    python -m tests.bench.execution --rows FILE --mirrors DIR --traces DIR [--cache DIR]

`--traces` holds one file an instance, named by its id, as `localize/tracer.py` wrote it in the instance's sandbox.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from orchestrator.localize.index import open_index
from orchestrator.localize.rank import localize
from orchestrator.localize.spectrum import read_trace
from tests.bench.gold import gold_files, gold_functions
from tests.bench.instances import instances
from tests.bench.localization import FILE_KS, FUNCTION_KS, at, worst_place


def paired(before: list[int], after: list[int], k: int) -> str:
    """Instances gained and lost at k, and the exact two-sided McNemar p."""
    from scipy.stats import binomtest

    gained = sum(a < k <= b for b, a in zip(before, after, strict=True))
    lost = sum(b < k <= a for b, a in zip(before, after, strict=True))
    p = binomtest(gained, gained + lost).pvalue if gained + lost else 1.0
    return f"+{gained} -{lost} (exact p {p:.2f})"


def main() -> None:
    """Rank twice and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=Path, required=True)
    parser.add_argument("--mirrors", type=Path, required=True)
    parser.add_argument("--traces", type=Path, required=True)
    parser.add_argument("--cache", type=Path)
    parser.add_argument("--weights", type=Path)
    chosen = parser.parse_args()
    files: dict[str, list[int]] = {"static": [], "with execution": []}
    functions: dict[str, list[int]] = {"static": [], "with execution": []}
    with tempfile.TemporaryDirectory() as temporary:
        index = open_index(chosen.cache or Path(temporary))
        names = {path.name for path in chosen.traces.iterdir()}
        for each in instances(chosen.rows, chosen.mirrors, ids=names):
            executed = read_trace((chosen.traces / each.row["instance_id"]).read_bytes())
            if not executed:
                continue
            loaded, text = index.load(each.repository), each.row["problem_statement"]
            gold = gold_functions(each.row["patch"], each.repository)
            for arm, ran in (("static", ()), ("with execution", executed)):
                found = localize(loaded, each.repository, text, executed=ran, weights_path=chosen.weights)
                files[arm].append(worst_place(found.files, [(p, None) for p in gold_files(each.row["patch"])]))
                if gold:
                    functions[arm].append(worst_place(found.functions, gold))
    for arm, places in files.items():
        print(
            f"{arm:<15} file@1/3/5/10 {at(places, FILE_KS)} n={len(places)}; "
            f"function@5/10 {at(functions[arm], FUNCTION_KS)} n={len(functions[arm])}"
        )
    print("file@1", paired(files["static"], files["with execution"], 1))
    print("function@5", paired(functions["static"], functions["with execution"], 5))


if __name__ == "__main__":
    main()
