"""Base files for the edit corpus: three written for it, and modules of the running interpreter's standard library."""

from __future__ import annotations

import sysconfig
from pathlib import Path

INVENTORY = '''\
"""Stock keeping for a small shop."""

from __future__ import annotations

import logging
from collections import defaultdict

logger = logging.getLogger(__name__)

DEFAULT_LIMIT = 20


class StockError(Exception):
    """Raised when a movement cannot be booked."""


class Shelf:
    """Holds items of one kind."""

    def __init__(self, name, limit=DEFAULT_LIMIT):
        self.name = name
        self.limit = limit
        self._items = []

    @property
    def free(self):
        """Places that are left."""
        return self.limit - len(self._items)

    @property
    def items(self):
        return list(self._items)

    @items.setter
    def items(self, values):
        if len(values) > self.limit:
            raise StockError("too many items")
        self._items = list(values)

    def add(self, item, *, force=False):
        """Put an item on the shelf.

        A full shelf refuses, unless forced.
        """
        if self.free <= 0 and not force:
            logger.warning("shelf %s is full", self.name)
            raise StockError(self.name)
        self._items.append(item)
        return len(self._items)

    def remove(self, item):
        try:
            self._items.remove(item)
        except ValueError:
            return False
        return True

    @classmethod
    def from_pairs(cls, name, pairs):
        shelf = cls(name)
        for item, count in pairs:
            for _ in range(count):
                shelf.add(item)
        return shelf


class Warehouse:
    """Several shelves."""

    def __init__(self):
        self.shelves = {}
        self.moves = defaultdict(int)

    def shelf(self, name):
        if name not in self.shelves:
            self.shelves[name] = Shelf(name)
        return self.shelves[name]

    def add(self, name, item):
        shelf = self.shelf(name)
        count = shelf.add(item)
        self.moves[name] += 1
        return count

    def remove(self, name, item):
        if name not in self.shelves:
            return False
        removed = self.shelves[name].remove(item)
        if removed:
            self.moves[name] -= 1
        return removed

    def report(self, *, verbose=False):
        lines = []
        for name, shelf in sorted(self.shelves.items()):
            line = f"{name}: {len(shelf.items)} of {shelf.limit}"
            if verbose:
                line += f" ({self.moves[name]} moves)"
            lines.append(line)

        def heading(text):
            return text.upper()

        return heading("stock") + "\\n" + "\\n".join(lines)


def total(warehouse):
    count = 0
    for shelf in warehouse.shelves.values():
        count += len(shelf.items)
    return count


if __name__ == "__main__":
    print(Warehouse().report())
'''

TABBED = '''\
import re

TOKEN = re.compile(r"\\s*(\\d+|.)")


class Calculator:
\t"""Left to right, without precedence."""

\tdef __init__(self):
\t\tself.stack = []
\t\tself.history = {}

\tdef push(self, value):
\t\tif value is None:
\t\t\traise ValueError("nothing to push")
\t\tself.stack.append(value)
\t\tself.history[len(self.history)] = value
\t\treturn self

\tdef evaluate(self, text):
\t\tresult = 0
\t\toperator = "+"
\t\tfor token in TOKEN.findall(text):
\t\t\tif token.isdigit():
\t\t\t\tif operator == "+":
\t\t\t\t\tresult += int(token)
\t\t\t\telif operator == "-":
\t\t\t\t\tresult -= int(token)
\t\t\t\telse:
\t\t\t\t\traise ValueError(operator)
\t\t\telse:
\t\t\t\toperator = token
\t\tself.push(result)
\t\treturn result


def run(lines):
\tcalculator = Calculator()
\tresults = []
\tfor line in lines:
\t\tline = line.strip()
\t\tif not line or line.startswith("#"):
\t\t\tcontinue
\t\tresults.append(calculator.evaluate(line))
\treturn results
'''

TWINS = '''\
"""Readers that look very much alike."""

import json


def read_orders(path, encoding="utf-8"):
    with open(path, encoding=encoding) as handle:
        rows = json.load(handle)
    found = []
    for row in rows:
        if row.get("deleted"):
            continue
        found.append((row["id"], row["amount"]))
    return found


def read_invoices(path, encoding="utf-8"):
    with open(path, encoding=encoding) as handle:
        rows = json.load(handle)
    found = []
    for row in rows:
        if row.get("deleted"):
            continue
        found.append((row["id"], row["total"]))
    return found


def read_customers(path, encoding="utf-8"):
    with open(path, encoding=encoding) as handle:
        rows = json.load(handle)
    found = []
    for row in rows:
        if row.get("hidden"):
            continue
        found.append((row["id"], row["name"]))
    return sorted(found)
'''

_MODULES = (
    "textwrap", "shlex", "fnmatch", "bisect", "heapq", "colorsys", "calendar", "string", "statistics", "fractions",
    "configparser", "csv", "queue", "sched", "netrc", "quopri", "filecmp", "glob", "gettext", "optparse", "difflib",
)  # fmt: skip


def sources() -> dict[str, str]:
    """Text by path; the standard library's modules stand under lib/, as a repository would have them."""
    found = {"shop/inventory.py": INVENTORY, "tools/calculator.py": TABBED, "shop/readers.py": TWINS}
    root = Path(sysconfig.get_paths()["stdlib"])
    for name in _MODULES:
        path = root / f"{name}.py"
        if path.is_file():
            found[f"lib/{name}.py"] = path.read_text(encoding="utf-8")
    return found
