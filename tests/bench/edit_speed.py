"""Processor time to parse and apply long replies to a long file: `python -m tests.bench.edit_speed`. Prints, never fails.

The file is made of the running interpreter's standard library, 20,000 lines; times are the process's own (the machine may be
shared), the median of five with cold caches.
"""

# ruff: noqa: E501  (a row of a table is one reply)

from __future__ import annotations

import statistics
import sysconfig
import time
from pathlib import Path

from orchestrator.edits import FORMATS, align, clean, elision, layout, outline, places, similarity, source, text
from orchestrator.edits.apply import Applied, apply_edits
from orchestrator.edits.outline import outline as outline_of
from orchestrator.edits.trees import MappingTree
from orchestrator.records import EditRefusal


def long_file() -> str:
    """20,000 lines of Python."""
    whole = ""
    for path in sorted(Path(sysconfig.get_paths()["stdlib"]).glob("*.py")):
        part = path.read_text(encoding="utf-8", errors="replace")
        whole += "" if "from __future__" in part else part + "\n"
        if whole.count("\n") > 20_000:
            break
    return whole


def block(search: list[str], replace: list[str]) -> str:
    """A SEARCH block."""
    old, new = "\n".join(search), "\n".join(replace)
    return f"### big.py\n```python\n<<<<<<< SEARCH\n{old}\n=======\n{new}\n>>>>>>> REPLACE\n```\n"


def replies(whole: str) -> dict[str, tuple[str, str]]:
    """Format and reply by name."""
    lines = whole.split("\n")
    part = lines[9000:10000]
    new = [*part[:500], "# changed", *part[500:]]
    drifted = [x.replace("self", "slf", 1) if i % 20 == 0 else x for i, x in enumerate(part)]
    found = [d for d in outline_of(whole) if d.kind == "function" and 15 < d.end_line - d.start_line < 80]
    names = [d.qualified_name for d in outline_of(whole)]
    functions, total = "", 0
    for one in found:
        if total < 2000 and names.count(one.qualified_name) == 1:
            body = lines[one.start_line - 1 : one.end_line]
            total += len(body)
            indent = body[-1][: len(body[-1]) - len(body[-1].lstrip())]
            functions += (
                f"### big.py :: {one.qualified_name}\n```python\n"
                + "\n".join([*body, f"{indent}changed()"])
                + "\n```\n"
            )
    hunks = "".join(
        f"@@ -{i + 1},7 +{i + 1},7 @@\n"
        + "".join(f" {x}\n" for x in lines[i : i + 3])
        + f"-{lines[i + 3]}\n+changed\n"
        + "".join(f" {x}\n" for x in lines[i + 4 : i + 7])
        for i in range(300, 19_500, 80)
    )
    return {
        "exact, 2,000 lines": ("search-replace", block(part, new)),
        "trailing blanks": ("search-replace", block([x + " " for x in part], [x + " " for x in new])),
        "shifted": ("search-replace", block(["  " + x if x else x for x in part], ["  " + x if x else x for x in new])),
        "drifted": ("search-replace", block(drifted, [*drifted[:500], "# changed", *drifted[500:]])),
        "invented": (
            "search-replace",
            block([f"foo_{i} = bar({i})" for i in range(1000)], [f"foo_{i} = 0" for i in range(1000)]),
        ),
        "all lines alike": ("search-replace", block(["    pass"] * 1000, ["    pass"] * 999)),
        "functions, 2,000 lines": ("function", functions),
        "whole file, 20,000 lines": (
            "whole-file",
            "### big.py\n```python\n" + "\n".join([*lines[:9000], "x = 1", *lines[9000:]]) + "```\n",
        ),
        "diff, 240 hunks": ("unified-diff", f"--- a/big.py\n+++ b/big.py\n{hunks}"),
        "10 MB": ("function", "x = 1\n" * 1_700_000),
        "2 MB of fences": ("function", "```python\nx\n" * 150_000),
        "2 MB of markers": ("search-replace", "big.py\n<<<<<<< SEARCH\na\n=======\nb\n>>>>>>> REPLACE\n" * 40_000),
        "2 MB of elisions": ("whole-file", "### big.py\n```\n" + "# ...\n" * 300_000 + "```"),
        "one line of 1.9 MB": ("search-replace", block(["a" * 1_900_000], ["b"])),
        "2 MB of hunks": ("unified-diff", "--- a/big.py\n+++ b/big.py\n@@ -1,1 +1,1 @@\n" * 40_000),
    }


def measured(name: str, reply: str, tree: MappingTree) -> tuple[float, Applied | EditRefusal]:
    """Milliseconds to parse and apply, and what came out."""
    for module in (align, clean, elision, layout, outline, places, similarity, source, text):
        for known in vars(module).values():
            getattr(known, "cache_clear", bool)()
    started = time.process_time()
    edits = FORMATS[name].parse(reply, tree, ("big.py",))
    done = edits if isinstance(edits, EditRefusal) else apply_edits(edits, tree)
    return 1000 * (time.process_time() - started), done


def main() -> None:
    """Print one line for each reply."""
    whole = long_file()
    tree = MappingTree({"big.py": whole.encode()})
    for label, (name, reply) in replies(whole).items():
        runs = [measured(name, reply, tree) for _ in range(5)]
        done = runs[0][1]
        print(
            f"{label:26} {statistics.median(ms for ms, _ in runs):8.1f} ms  {done.code if isinstance(done, EditRefusal) else done.landings[0].rung}"
        )


if __name__ == "__main__":
    main()
