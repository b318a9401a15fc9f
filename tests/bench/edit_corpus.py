"""How many replies with realistic defects land right: `python -m tests.bench.edit_corpus [--seed N] [--count N] [-v]`.

Prints figures and never fails. Seed 1 was used to tune the matching ladder; figures are reported on other seeds.
"""

from __future__ import annotations

import argparse
import ast
import time
from collections import Counter

from orchestrator.edits import FORMATS
from orchestrator.edits.apply import Applied, apply_edits
from orchestrator.edits.trees import MappingTree
from orchestrator.records import EditRefusal
from tests.bench.corpus.generate import Case, generate
from tests.bench.corpus.handwritten import handwritten


def outcome(case: Case) -> tuple[str, Applied | EditRefusal]:
    """exact, same_code, wrong, refused (though a person could place it), or rightly_refused."""
    tree = MappingTree(case.files)
    edits = FORMATS[case.format].parse(case.reply, tree, case.targets)
    done = edits if isinstance(edits, EditRefusal) else apply_edits(edits, tree)
    if isinstance(done, EditRefusal):
        return ("refused" if case.expected is not None else "rightly_refused"), done
    if case.expected is None or [c.path for c in done.changes] != [case.path]:
        return "wrong", done
    after = done.changes[0].after
    if after == case.expected:
        return "exact", done
    return ("same_code" if _same_code(after, case.expected) else "wrong"), done


def _same_code(after: bytes | None, expected: bytes) -> bool:
    try:
        return ast.dump(ast.parse(after or b"")) == ast.dump(ast.parse(expected))
    except SyntaxError:
        return False


def main() -> None:
    """Run the corpus and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=2)
    parser.add_argument("--count", type=int, default=600)
    parser.add_argument("-v", "--verbose", action="store_true")
    options = parser.parse_args()
    cases = [*generate(options.seed, options.count), *handwritten()]
    counts: Counter[str] = Counter()
    by_kind: dict[str, Counter[str]] = {}
    rungs: Counter[str] = Counter()
    started = time.perf_counter()
    for case in cases:
        kind, done = outcome(case)
        counts[kind] += 1
        by_kind.setdefault("/".join(case.name.split("/")[:2]), Counter())[kind] += 1
        if isinstance(done, Applied):
            rungs.update(landing.rung for landing in done.landings)
        if options.verbose and kind in {"wrong", "refused"}:
            print(
                f"=== {kind}: {case.name}\n{case.reply[:1500]}\n--- {done if isinstance(done, EditRefusal) else done.landings}"
            )
    seconds = time.perf_counter() - started
    placeable = sum(c.expected is not None for c in cases)
    right = counts["exact"] + counts["same_code"]
    print(f"replies {len(cases)} (seed {options.seed}), a person could place {placeable}")
    print(f"placed right {right} = {right / placeable:.1%} (byte for byte {counts['exact']}), wrong {counts['wrong']}")
    print(
        f"refused though placeable {counts['refused']}, rightly refused {counts['rightly_refused']} of {len(cases) - placeable}"
    )
    print(f"{1000 * seconds / len(cases):.1f} ms a reply; rungs: {dict(rungs.most_common())}")
    for kind, found in sorted(by_kind.items()):
        print(f"  {kind:32} {dict(found)}")


if __name__ == "__main__":
    main()
