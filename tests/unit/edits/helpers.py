"""What the tests of edits share: a small file, and one call from reply to new content."""

from __future__ import annotations

from orchestrator.edits import FORMATS
from orchestrator.edits.apply import Applied, apply_edits
from orchestrator.edits.trees import MappingTree
from orchestrator.records import EditRefusal, Edits

SHOP = b'''"""Doc."""
import os


class Shop:
    """A shop."""

    def __init__(self, name):
        self.name = name
        self._open = False

    @property
    def open(self):
        return self._open

    @open.setter
    def open(self, value):
        self._open = value

    def price(self, item, count=1):
        """Price of several."""
        total = 0
        for part in item.parts:
            total += part.price
        return total * count


class Stand(Shop):
    def close(self):
        self.open = False


def helper(x):
    return x + 1


def main():
    return helper(1)
'''


def tree_of(data: bytes = SHOP, path: str = "src/shop.py", **others: bytes) -> MappingTree:
    """A tree with one file, and others by keyword (their names get .py)."""
    return MappingTree({path: data, **{f"{name}.py": content for name, content in others.items()}})


def read(name: str, reply: str, tree: MappingTree, *targets: str) -> Edits:
    """Parse a reply that must be readable."""
    found = FORMATS[name].parse(reply, tree, targets)
    assert isinstance(found, Edits), found
    return found


def landed(name: str, reply: str, tree: MappingTree | None = None, *targets: str) -> Applied:
    """Parse and apply a reply that must land."""
    tree = tree or tree_of()
    done = apply_edits(read(name, reply, tree, *targets), tree)
    assert isinstance(done, Applied), done
    return done


def after(name: str, reply: str, tree: MappingTree | None = None, *targets: str) -> bytes:
    """The new content of the one file that a reply changes."""
    (change,) = landed(name, reply, tree, *targets).changes
    assert change.after is not None
    return change.after


def refused(name: str, reply: str, tree: MappingTree | None = None, *targets: str) -> EditRefusal:
    """The refusal of a reply that must not land, by parser or apply."""
    tree = tree or tree_of()
    found = FORMATS[name].parse(reply, tree, targets)
    done = found if isinstance(found, EditRefusal) else apply_edits(found, tree)
    assert isinstance(done, EditRefusal), done
    return done


def block(search: str, replace: str, path: str = "src/shop.py") -> str:
    """A SEARCH/REPLACE block in its canonical form."""
    return f"### {path}\n```python\n<<<<<<< SEARCH\n{search}=======\n{replace}>>>>>>> REPLACE\n```\n"
