"""Calls that are easily taken for one another, and keywords that are easily forgotten: data for the operators of calls."""

from __future__ import annotations

from functools import cache

_PAIRS = """
append extend, append appendleft, pop popleft, min max, any all, floor ceil, sorted list, sorted reversed
strip rstrip, strip lstrip, lstrip rstrip, startswith endswith, keys values, keys items, values items
isdigit isdecimal, isdigit isnumeric, isalpha isalnum, isdigit isalnum, lower casefold, lower upper
title capitalize, remove discard, union intersection, update setdefault, add update, round int
floor round, ceil round, float int, str repr, list set, tuple list, bisect_left bisect_right
insort_left insort_right, difference symmetric_difference, copy deepcopy, date datetime
seconds total_seconds, utcnow now, weekday isoweekday, read readlines, get pop, popitem pop
heappush heappushpop, ljust rjust, zip zip_longest, sum len, removeprefix lstrip, removesuffix rstrip
issubset issuperset, isinstance issubclass, bisect bisect_left
"""

KEYWORDS: dict[str, tuple[tuple[str, str, float], ...]] = {
    "sorted": (
        ("reverse", "True", 1.0),
        ("key", "str", 0.4),
        ("key", "len", 0.4),
        ("key", "str.lower", 0.5),
        ("key", "lambda item: item[1]", 0.5),
    ),
    "sort": (("reverse", "True", 1.0), ("key", "str", 0.4), ("key", "len", 0.4), ("key", "lambda item: item[1]", 0.5)),
    "max": (("key", "len", 0.5), ("key", "lambda item: item[1]", 0.4)),
    "min": (("key", "len", 0.5), ("key", "lambda item: item[1]", 0.4)),
    "open": (("encoding", '"utf-8"', 0.8), ("newline", '""', 0.3)),
    "read_text": (("encoding", '"utf-8"', 0.8),),
    "write_text": (("encoding", '"utf-8"', 0.8),),
    "enumerate": (("start", "1", 0.8),),
    "dumps": (("sort_keys", "True", 0.5), ("ensure_ascii", "False", 0.4)),
    "splitlines": (("keepends", "True", 0.6),),
    "zip": (("strict", "True", 0.2),),
    "mkdir": (("parents", "True", 0.5), ("exist_ok", "True", 0.5)),
    "makedirs": (("exist_ok", "True", 0.8),),
}
"""By function or method: keyword, value and how likely it is among the others."""


@cache
def similar_calls(name: str) -> tuple[str, ...]:
    """The names that could stand for this one, in the order of the table."""
    pairs = [tuple(pair.split()) for pair in _PAIRS.strip().replace("\n", ", ").split(", ")]
    return tuple(dict.fromkeys(b if a == name else a for a, b in pairs if name in (a, b)))
