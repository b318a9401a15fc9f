"""The two sides of a failed comparison, from what pytest, unittest, doctest or a bare `assert` says of it."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence

_OPERATORS: dict[type[ast.cmpop], str] = {
    ast.Eq: "==", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=",
    ast.Is: "is", ast.IsNot: "is not", ast.In: "in", ast.NotIn: "not in",
}  # fmt: skip
_UNITTEST = re.compile(
    r"^(?:\w+ (?:differ|values are different): )?(?P<left>.+?) (?:!=|==|not found in|unexpectedly found in|is not|"
    r"not less than(?: or equal to)?|not greater than(?: or equal to)?|not almost equal to) (?P<right>.+?)"
    r"(?: within \d+ places.*)?(?: : .*)?$"
)
_LONGEST_EXPRESSION = 2000  # parsing more than that costs more than it tells


def sides_of(message: str, source: str = "") -> tuple[str, str]:
    """Left and right of the comparison that `message` reports; those of the asserting `source` line where it has none."""
    first = message.strip().split("\n", 1)[0].removeprefix("AssertionError: ")
    for text in (first, source.strip()):
        if text.startswith("assert "):
            return _split(text.removeprefix("assert "))
        if text is first and first and (match := _UNITTEST.match(first[:_LONGEST_EXPRESSION])):
            return match["left"], match["right"]
    return "", ""


def doctest_sides(lines: tuple[str, ...]) -> tuple[str, str]:
    """What a failed example gave, and what was expected."""
    parts: dict[str, list[str]] = {}
    current: list[str] = []
    for line in lines:
        if line.strip() in ("Expected:", "Got:", "Exception raised:", "Expected nothing"):
            current = parts.setdefault(line.strip().rstrip(":"), [])
        elif line.strip():
            current.append(line.strip())
    got = parts.get("Got") or parts.get("Exception raised", [])[-1:]
    expected = parts.get("Expected", ["nothing"] if "Expected nothing" in parts else [])
    return "\n".join(got), "\n".join(expected)


def labelled_sides(lines: Sequence[str]) -> tuple[str, str]:
    """What lines marked `got:` and `expected:` hold, as the reproduction of an issue's example prints them."""
    found = {}
    for label in ("got", "expected"):
        marked = (line for line in lines if line.lower().startswith(f"{label}: "))
        found[label] = next(marked, "").partition(": ")[2].strip()
    return (found["got"], found["expected"]) if all(found.values()) else ("", "")


def _split(expression: str) -> tuple[str, str]:
    """Both sides of the outermost comparison; reprs that are no Python are split at the only ` == `."""
    text = expression[:_LONGEST_EXPRESSION]
    try:
        node = ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        left, operator, right = text.partition(" == ")
        # A source line may end before its expression does: what is there of the right side is better than nothing.
        return (left.strip(), right.strip().removesuffix("\\").strip()) if operator else ("", "")
    if isinstance(node, ast.Tuple) and node.elts:  # assert a == b, "message"
        node = node.elts[0]
    if isinstance(node, ast.Compare) and len(node.ops) == 1 and type(node.ops[0]) in _OPERATORS:
        return ast.get_source_segment(text, node.left) or "", ast.get_source_segment(text, node.comparators[0]) or ""
    return "", ""
