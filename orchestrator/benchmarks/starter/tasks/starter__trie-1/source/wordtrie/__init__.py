"""A prefix tree for word completion."""

from wordtrie.complete import complete, longest_prefix
from wordtrie.trie import Trie

__all__ = ["Trie", "complete", "longest_prefix"]
