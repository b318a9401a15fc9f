"""Shell-style patterns for paths, and ignore lists made of them."""

from globber.ignore import IgnoreList
from globber.match import filter_paths, matches

__all__ = ["IgnoreList", "filter_paths", "matches"]
