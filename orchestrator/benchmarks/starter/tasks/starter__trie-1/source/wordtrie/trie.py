"""The tree: a mapping from words to weights."""

from wordtrie.node import Node


class Trie:
    """Words with weights, stored by their characters."""

    def __init__(self, words=()):
        self._root = Node()
        self._size = 0
        for word in words:
            self.add(word)

    def __len__(self):
        return self._size

    def __iter__(self):
        for word, _ in self._root.walk(""):
            yield word

    def __contains__(self, word):
        node = self.find(word)
        return node is not None and node.is_word

    def add(self, word, weight=1):
        """Add a word; adding it again adds up the weights."""
        if not word:
            raise ValueError("the empty word cannot be added")
        node = self._root
        for char in word:
            node = node.children.setdefault(char, Node())
        if not node.is_word:
            self._size += 1
        node.weight = (node.weight or 0) + weight

    def find(self, prefix):
        """The node at the end of ``prefix``, or None."""
        node = self._root
        for char in prefix:
            node = node.children.get(char)
            if node is None:
                return None
        return node

    def remove(self, word):
        """Remove a word; raises KeyError if it is not there."""
        node = self._root
        branch = None
        for char in word:
            if char not in node.children:
                raise KeyError(word)
            if branch is None or len(node.children) > 1:
                branch = (node, char)
            node = node.children[char]
        if not node.is_word:
            raise KeyError(word)
        parent, char = branch
        del parent.children[char]
        self._size -= 1

    def count_nodes(self):
        """Number of nodes, the root included; a measure of memory."""
        total = 0
        stack = [self._root]
        while stack:
            node = stack.pop()
            total += 1
            stack.extend(node.children.values())
        return total
