"""Our own time an attempt, without model, tests and sandboxes: `python -m tests.bench.overhead [PHASE]`.

A first run of the mutation engine supplies replies; a second run says them from a script, one sample an attempt and one
sandbox at a time, so that what is left of the wall clock between GENERATING and DECIDING is the program's own.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from contextlib import closing
from itertools import pairwise
from pathlib import Path
from statistics import median

from orchestrator.ledger import LEDGER, Ledger
from orchestrator.memory.recording import CALLS, SANDBOX_RUNS, RecordedCall, RecordedRun

_AFTERWARDS = frozenset({"EXPORTING_PATCH", "EVALUATING"})


def main(phase: str) -> None:
    """Print the median and the longest, with the load of the machine."""
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    with tempfile.TemporaryDirectory() as folder:
        replies = Path(folder) / "replies.jsonl"
        replies.write_text("".join(_replies(_run(folder, "first", phase, "-m", "mutation"))))
        alone = ["-c", "sandbox.pool=1", "-j", "1", "--no-cache"]
        run = _run(folder, "second", phase, "--arm", "full", "-m", f"scripted:{replies}", *alone)
        own_s, spent_s = zip(*_attempts(run), strict=True)
    print(f"{len(own_s)} attempts: our own {median(own_s) * 1000:.0f} ms median, {max(own_s) * 1000:.0f} ms longest;")
    print(f"in the sandbox {median(spent_s) * 1000:.0f} ms median")


def _run(folder: str, name: str, phase: str, *arguments: str) -> Path:
    command = [sys.executable, "-m", "orchestrator", "run", phase, "-b", "starter", "-o", folder, "--run-id", name]
    subprocess.run([*command, *arguments], check=True, stdout=subprocess.DEVNULL)
    return Path(folder) / name


def _replies(run: Path) -> Iterator[str]:
    """The first sample of each attempt, in the form that `scripted:` reads."""
    with closing(Ledger(run / LEDGER, read_only=True)) as ledger:
        for instance_id in ledger.instance_ids():
            for key, _, call in ledger.memos(CALLS, RecordedCall, instance_id):
                _, attempt, sample, *_ = key.split("/")
                if sample == "0":
                    line = {"instance": instance_id, "attempt": int(attempt), "text": call.reply.text}
                    yield json.dumps(line) + "\n"


def _attempts(run: Path) -> Iterator[tuple[float, float]]:
    """(seconds of our own, seconds in the sandbox) of each attempt: from commit to commit, so that commits are counted."""
    with closing(Ledger(run / LEDGER, read_only=True)) as ledger:
        for instance_id in ledger.instance_ids():
            sandbox_s: defaultdict[int, float] = defaultdict(float)
            for key, _, kept in ledger.memos(SANDBOX_RUNS, RecordedRun, instance_id):
                sandbox_s[int(key.split("/")[1])] += kept.result.duration_s
            attempts: defaultdict[int, list[tuple[float, float]]] = defaultdict(list)
            for before, step in pairwise(ledger.transitions(instance_id)):
                if step.attempt and step.state not in _AFTERWARDS:
                    in_sandbox_s = sandbox_s[step.seq]
                    attempts[step.attempt].append((step.at_s - before.at_s - in_sandbox_s, in_sandbox_s))
            yield from ((sum(own for own, _ in steps), sum(spent for _, spent in steps)) for steps in attempts.values())


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "1")
