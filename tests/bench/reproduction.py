"""How many real issues give a draft of each kind: `python -m tests.bench.reproduction [--show N]` prints figures."""

from __future__ import annotations

import collections
import json
import os
import random
import sys
import time
from pathlib import Path

from orchestrator.judge.drafts import extract_reproduction

_SHARED = Path(os.environ.get("RAMP_SHARED", Path(__file__).resolve().parents[3] / "shared"))


def main(arguments: list[str]) -> None:
    """Print the table, and with --show N that many drafts to be read by eye."""
    rows = [json.loads(line) for line in (_SHARED / "swebench" / "lite-dev.jsonl").read_text().splitlines()]
    start = time.perf_counter()
    drafts = {row["instance_id"]: extract_reproduction(row["problem_statement"]) for row in rows}
    took_s = time.perf_counter() - start
    first = collections.Counter(found[0].kind if found else "none" for found in drafts.values())
    anywhere = collections.Counter(kind for found in drafts.values() for kind in {draft.kind for draft in found})
    repos = collections.Counter(name.split("__")[0] for name, found in drafts.items() if found)
    print(f"{len(rows)} issues, {1000 * took_s / len(rows):.1f} ms each")
    print("first draft:", dict(first))
    print("any draft:  ", dict(anywhere))
    print("by project: ", dict(repos))
    if "--show" in arguments:
        with_drafts = [name for name, found in drafts.items() if found]
        for name in random.Random(7).sample(with_drafts, int(arguments[arguments.index("--show") + 1])):
            draft = drafts[name][0]
            print(
                f"\n=== {name}: {draft.kind} of {len(drafts[name])}, marked={draft.marked}, exception={draft.exception!r}"
            )
            for example in draft.examples:
                print("  | " + example.source.strip().replace("\n", "\n  | "))
                print(
                    f"  -> want {example.want!r} {example.want_exception}"
                    if example.want or example.want_exception
                    else ""
                )


if __name__ == "__main__":
    main(sys.argv[1:])
