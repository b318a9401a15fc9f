"""Nodes of the tree."""


class Node:
    """One character position; ``weight`` is None unless a word ends here."""

    __slots__ = ("children", "weight")

    def __init__(self):
        self.children = {}
        self.weight = None

    @property
    def is_word(self):
        """Whether a word ends at this node."""
        return self.weight is not None

    def walk(self, prefix):
        """All ``(word, weight)`` below this node, in alphabetical order."""
        if self.is_word:
            yield prefix, self.weight
        for char in sorted(self.children):
            yield from self.children[char].walk(prefix + char)
