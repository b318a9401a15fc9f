"""The mutation engine by itself: at which number the repair of small bugs comes, ideas per 100 lines, and time.

Run `python -m tests.bench.mutation [FILE.py ...]`; the files are read as contexts for the speed figures. The bugs below are
made for this benchmark; each is one module of several functions, with the line that is wrong and what it should be.
"""

from __future__ import annotations

import statistics
import sys
import textwrap
import time
from pathlib import Path

from orchestrator.models.mutation.model import MutationModel, think
from tests.unit.models.mutation.support import a_context, a_request

MODULE = """
class Ledger:
    def __init__(self, entries=None):
        self.entries = list(entries or [])
        self.closed = False

    def add(self, day, amount, note=""):
        if self.closed:
            raise RuntimeError("ledger is closed")
        self.entries.append((day, amount, note))

    def balance(self, until=None):
        total = 0
        for day, amount, _ in self.entries:
            if until is None or day <= until:
                total += amount
        return total

    def largest(self, count=1):
        ranked = sorted(self.entries, key=lambda entry: entry[1], reverse=True)
        return ranked[:count]

    def by_note(self):
        groups = {}
        for entry in self.entries:
            groups.setdefault(entry[2], []).append(entry)
        return groups

def mean(numbers):
    if not numbers:
        return 0
    return sum(numbers) / len(numbers)

def parse_line(line):
    key, value = line.split("=", 1)
    return key.strip(), value.strip()

def chunks(items, size):
    return [items[i : i + size] for i in range(0, len(items), size)]

def merge(base, extra):
    result = dict(base)
    for key, value in extra.items():
        if isinstance(value, dict) and isinstance(result.get(key), dict):
            result[key] = merge(result[key], value)
        else:
            result[key] = value
    return result

def find_first(items, wanted):
    for index, item in enumerate(items):
        if item == wanted:
            return index
    return -1
"""

BUGS: tuple[tuple[str, str, str], ...] = (
    ("day <= until", "day < until", "balance leaves out entries of the last day"),
    ("until is None or day", "not until or day", "balance(until=0) counts everything, 0 should be a day"),
    ("total += amount", "total = amount", "balance shows only the last entry"),
    ("reverse=True", "reverse=False", "largest gives the smallest entries"),
    ("ranked[:count]", "ranked[: count - 1]", "largest(3) returns one too few"),
    ("entry[2], []", "entry[1], []", "by_note groups by amount"),
    ("    if not numbers:\n        return 0\n", "", "ZeroDivisionError in mean for an empty list"),
    ('split("=", 1)', 'split("=")', "ValueError: too many values to unpack when the value has an equals sign"),
    ("value.strip()", "value", "values keep trailing spaces"),
    ("result = dict(base)", "result = base", "merge modifies its first argument"),
    ("result[key] = merge(result[key], value)", "merge(result[key], value)", "nested settings are not merged"),
    ("            return index\n    return -1", "            return index\n        return -1", "it only looks at the first item"),
    ("list(entries or [])", "entries or []", "two ledgers made from the same list are shared"),
    ("range(0, len(items), size)", "range(0, len(items) - 1, size)", "chunks drops the last item"),
    ("self.closed = False", "self.closed = True", "a new ledger says RuntimeError: ledger is closed"),
    ("if item == wanted", "if item is wanted", "find_first misses equal strings"),
)  # fmt: skip


def place(right: str, wrong: str, statement: str) -> int | None:
    """The number of the first idea whose text is the repaired definition, of at most 600."""
    source = textwrap.dedent(MODULE).lstrip("\n")
    if source.count(right) != 1:
        raise SystemExit(f"{right!r} is in the module {source.count(right)} times")
    broken = source.replace(right, wrong)
    ideas = think(a_context(broken), None, statement)
    whole = {" ".join(text.split()) for text in (e.text for e in a_context(source).excerpts)}
    for number in range(600):
        proposal = ideas.proposal(number)
        if proposal is None:
            return None
        if any(" ".join(text.split()) in whole for _, text in proposal.texts):
            return number + 1
    return None


def speed(path: Path) -> None:
    """CPU time of the first 16 samples, of the next 80, and how many single ideas there are."""
    context = a_context(path.read_text(encoding="utf-8"))
    lines = sum(excerpt.text.count("\n") for excerpt in context.excerpts)
    first, later = [], []
    for _ in range(5):
        model, start = MutationModel(), time.process_time()
        for number in range(16):
            model.complete(a_request(context, number))
        middle = time.process_time()
        for number in range(16, 96):
            model.complete(a_request(context, number))
        first.append(middle - start)
        later.append(time.process_time() - middle)
    singles = sum(1 for _ in think(context, None, "").singles())
    print(
        f"{path.name}: {lines} lines, {singles} ideas ({100 * singles / max(1, lines):.0f} per 100 lines), first 16 in "
        f"{1000 * statistics.median(first):.0f} ms, next 80 in {1000 * statistics.median(later):.0f} ms (median CPU time of 5)"
    )


def main() -> None:
    """Print the places of the repairs and the speed."""
    places = []
    for right, wrong, statement in BUGS:
        found = place(right, wrong, statement)
        places.append(found)
        print(f"{found or '-':>5}  {wrong.strip()!r:50.50} {statement}")
    known = sorted(p for p in places if p)
    within = {most: sum(p <= most for p in known) for most in (16, 96)}
    print(f"{within[96]} of {len(places)} within 96, {within[16]} within 16; median {statistics.median(known)}")
    for name in sys.argv[1:]:
        speed(Path(name))


if __name__ == "__main__":
    main()
