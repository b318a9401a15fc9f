"""Patterns to regular expressions."""

import re
from functools import lru_cache


@lru_cache(maxsize=256)
def compile_pattern(pattern):
    """A compiled expression for a whole path with ``/`` as separator.

    ``?`` and ``*`` stay within one directory, ``**`` between separators
    stands for any number of directories, ``[abc]``, ``[a-z]`` and ``[!abc]``
    for one character.
    """
    out = []
    position = 0
    while position < len(pattern):
        if pattern.startswith("**", position):
            out.append(".*")
            position += 2
        elif pattern[position] == "*":
            out.append("[^/]*")
            position += 1
        elif pattern[position] == "?":
            out.append("[^/]")
            position += 1
        elif pattern[position] == "[":
            text, position = _character_class(pattern, position)
            out.append(text)
        else:
            out.append(re.escape(pattern[position]))
            position += 1
    return re.compile("".join(out), re.DOTALL)


def _character_class(pattern, start):
    """The class that starts at ``start`` and the position behind it.

    A bracket that is never closed is an ordinary character.
    """
    end = pattern.find("]", start + 2)
    if end < 0:
        return re.escape("["), start + 1
    body = pattern[start + 1 : end]
    negated = body.startswith("!")
    if negated:
        body = body[1:]
    body = body.replace("\\", "\\\\").replace("[", "\\[").replace("^", "\\^")
    return f"(?!/)[{'^' if negated else ''}{body}]", end + 1
