"""Finding the lines two texts have in common."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Op:
    """One line of the comparison: ``tag`` is " ", "-" or "+".

    ``old`` and ``new`` are the numbers (from 0) of the next line on either
    side at this point.
    """

    tag: str
    text: str
    old: int
    new: int


def _lengths(a, b):
    """Table of the lengths of longest common subsequences of the suffixes."""
    table = [[0] * (len(b) + 1) for _ in range(len(a) + 1)]
    for i in range(len(a) - 1, -1, -1):
        for j in range(len(b) - 1, -1, -1):
            if a[i] == b[j]:
                table[i][j] = table[i + 1][j + 1] + 1
            else:
                table[i][j] = max(table[i + 1][j], table[i][j + 1])
    return table


def align(a, b):
    """The Ops that turn the lines ``a`` into the lines ``b``; deletions come first."""
    table = _lengths(a, b)
    ops = []
    i = j = 0
    while i < len(a) or j < len(b):
        if i < len(a) and j < len(b) and a[i] == b[j]:
            ops.append(Op(" ", a[i], i, j))
            i, j = i + 1, j + 1
        elif j == len(b) or (i < len(a) and table[i + 1][j] >= table[i][j + 1]):
            ops.append(Op("-", a[i], i, j))
            i += 1
        else:
            ops.append(Op("+", b[j], i, j))
            j += 1
    return ops
