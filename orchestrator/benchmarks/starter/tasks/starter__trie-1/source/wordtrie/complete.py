"""Questions one asks a trie."""

import heapq


def complete(trie, prefix, limit=5):
    """The ``limit`` heaviest words that start with ``prefix``; ties alphabetical."""
    node = trie.find(prefix)
    if node is None:
        return []
    best = heapq.nsmallest(limit, node.walk(prefix), key=lambda p: (-p[1], p[0]))
    return [word for word, _ in best]


def longest_prefix(trie, text):
    """The longest word of the trie that ``text`` starts with, or ""."""
    for end in range(len(text), 0, -1):
        if text[:end] in trie:
            return text[:end]
    return ""
