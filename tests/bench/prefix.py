"""How much of the prompts of attempts 2 to 6 repeats the one before, on real rows: the prompts of a run, without its sandboxes.

    python -m tests.bench.prefix --rows FILE --mirrors DIR [--cache DIR] [--only TEXT] [--every N]

Six attempts as the policy asks for them where nothing helps: two repairs, the next function, a repair, the next file, the
fallback format. Feedback is as long as a prompt lets it be, which is the worst case for the share. The target is 80%.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
from dataclasses import replace
from pathlib import Path

from orchestrator.localize.context import build_context
from orchestrator.localize.index import open_index
from orchestrator.localize.rank import localize
from orchestrator.models.prefix import PrefixMeter
from orchestrator.prompts import Opening, PromptSet, edit_messages
from orchestrator.records import Context, Feedback, Task
from orchestrator.resources import installed_resource
from orchestrator.text import estimate_tokens
from orchestrator.tuning.examples import FEEDBACK
from tests.bench.instances import Instance, instances

LONG = "\n".join(f"-        value = self.compute(argument_{n}, other_{n})  # line" for n in range(40))
# (strategy, widened, format, attempts told)
ATTEMPTS = (
    ("functions", 0, "function", 0),
    ("functions", 0, "function", 1),
    ("functions", 0, "function", 2),
    ("next-function", 1, "function", 0),
    ("next-file", 1, "function", 0),
    ("functions", 0, "search-replace", 0),
)


def told(attempt: int) -> Feedback:
    """Feedback that fills its share."""
    return replace(FEEDBACK[2], attempt=attempt, tried=LONG, reason=f"Attempt {attempt} fails: {LONG}")


def shares(each: Instance, index_folder: Path, prompts: PromptSet) -> list[tuple[int, float]]:
    """(tokens, share of them that repeats) of each prompt after the first."""
    loaded, text = open_index(index_folder).load(each.repository), each.row["problem_statement"]
    found = localize(loaded, each.repository, text)
    task = Task(each.row["instance_id"], "lite", each.row["repo"], each.row["base_commit"], text)
    contexts: dict[str, Context] = {}
    meter, measured = PrefixMeter(), []
    for strategy, widened, edit_format, count in ATTEMPTS:
        if strategy not in contexts:
            contexts[strategy] = build_context(
                loaded, each.repository, found, problem_statement=text, budget_tokens=6000, strategy=strategy,
                widened=widened, count_tokens=estimate_tokens,
            )  # fmt: skip
        messages = edit_messages(
            prompts,
            task=task,
            context=contexts[strategy],
            reproduction=None,
            feedback=tuple(told(n + 1) for n in range(count)),
            edit_format=edit_format,
            opening=Opening(contexts["functions"], "function"),
        )
        share = meter.share(task.instance_id, messages)
        if share is not None:
            measured.append((sum(estimate_tokens(message.content) for message in messages), share))
    return measured


def main() -> None:
    """Build the prompts and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=Path, required=True)
    parser.add_argument("--mirrors", type=Path, required=True)
    parser.add_argument("--cache", type=Path)
    parser.add_argument("--only", default="")
    parser.add_argument("--every", type=int, default=1, help="take every n-th row")
    chosen = parser.parse_args()
    prompts = PromptSet.load(installed_resource("prompts"), "default")
    with tempfile.TemporaryDirectory() as temporary:
        folder = chosen.cache or Path(temporary)
        found = [
            shares(each, folder, prompts)
            for each in instances(chosen.rows, chosen.mirrors, chosen.only, every=chosen.every)
        ]
    each_share = [sum(t * s for t, s in one) / sum(t for t, _ in one) for one in found]
    tokens = sum(t for one in found for t, _ in one)
    print(f"{sum(t * s for one in found for t, s in one) / tokens:.1%} of the prompt tokens of attempts 2 to 6 repeat")
    print(f"per instance: median {statistics.median(each_share):.1%}, least {min(each_share):.1%}, n={len(found)}")
    for number, at in enumerate(zip(*found, strict=True), 2):
        print(
            f"  attempt {number} ({ATTEMPTS[number - 1][0]}, {ATTEMPTS[number - 1][2]}): "
            f"median {statistics.median(s for _, s in at):.1%} of {statistics.median(t for t, _ in at):.0f} tokens"
        )


if __name__ == "__main__":
    main()
