"""What small models do to a pair of old and new lines, and to the paths and words around it."""

from __future__ import annotations

import random
import re
from collections.abc import Callable

Pair = tuple[list[str], list[str]]
"""Old and new lines."""


def _dedent(pair: Pair) -> Pair:
    size = min((len(x) - len(x.lstrip()) for x in pair[0] + pair[1] if x.strip()), default=0)
    return [x[size:] if x.strip() else x for x in pair[0]], [x[size:] if x.strip() else x for x in pair[1]]


def _each(change: Callable[[str], str]) -> Callable[[random.Random, Pair], Pair]:
    return lambda _rng, pair: ([change(x) for x in pair[0]], [change(x) for x in pair[1]])


def _two_spaces(line: str) -> str:
    size = len(line) - len(line.lstrip(" "))
    return " " * (size // 2) + line.lstrip(" ")


def _no_blank_lines(_rng: random.Random, pair: Pair) -> Pair:
    return [x for x in pair[0] if x.strip()], [x for x in pair[1] if x.strip()]


def _first_line_lost(_rng: random.Random, pair: Pair) -> Pair:
    return [pair[0][0].lstrip(), *pair[0][1:]], [pair[1][0].lstrip(), *pair[1][1:]]


def _numbered(_rng: random.Random, pair: Pair) -> Pair:
    return tuple([f"{i + 40:>4} | {x}" for i, x in enumerate(side)] for side in pair)  # type: ignore[return-value]


def _marked(_rng: random.Random, pair: Pair) -> Pair:
    return (
        [("- " if x not in pair[1] else "  ")[0] + x for x in pair[0]],
        [("+ " if x not in pair[0] else "  ")[0] + x for x in pair[1]],
    )


def _fenced(_rng: random.Random, pair: Pair) -> Pair:
    return ["```python", *pair[0], "```"], ["```python", *pair[1], "```"]


def _typo(rng: random.Random, pair: Pair) -> Pair:
    """One context line that both sides share is remembered wrongly: a word differs."""
    shared = [
        x
        for x in pair[0]
        if x in pair[1] and len(x.strip()) > 12 and re.search(r"[a-z]{5}", x) and pair[0].count(x) == 1
    ]
    if not shared or len(pair[0]) < 4:
        raise LookupError
    line = rng.choice(shared)
    wrong = re.sub(r"[a-z]{5,}", lambda m: m[0][:-1], line, count=1)
    return [wrong if x == line else x for x in pair[0]], [wrong if x == line else x for x in pair[1]]


def _quotes(_rng: random.Random, pair: Pair) -> Pair:
    if not any("'" in x or '"' in x for x in pair[0]) or any(
        '"""' in x or ("'" in x and '"' in x) for x in pair[0] + pair[1]
    ):
        raise LookupError
    swap = str.maketrans("'\"", "\"'")
    return [x.translate(swap) for x in pair[0]], [x.translate(swap) for x in pair[1]]


def _comment_lost(_rng: random.Random, pair: Pair) -> Pair:
    found = [x for x in pair[0] if x.strip().startswith("#") and x in pair[1]]
    if not found or len(pair[0]) < 4:
        raise LookupError
    return [x for x in pair[0] if x != found[0]], [x for x in pair[1] if x != found[0]]


PAIR_DEFECTS: dict[str, Callable[[random.Random, Pair], Pair]] = {
    "none": lambda _rng, pair: pair,
    "trailing_space": _each(lambda x: x + "  "),
    "tabs": _each(lambda x: x.replace("    ", "\t")),
    "spaces_for_tabs": _each(lambda x: x.replace("\t", "    ")),
    "dedented": lambda _rng, pair: _dedent(pair),
    "over_indented": _each(lambda x: "    " + x if x.strip() else x),
    "one_space_more": _each(lambda x: " " + x if x.strip() else x),
    "two_spaces": _each(_two_spaces),
    "first_line_indent_lost": _first_line_lost,
    "blank_lines_lost": _no_blank_lines,
    "line_numbers": _numbered,
    "diff_marks": _marked,
    "fences_inside": _fenced,
    "context_typo": _typo,
    "quotes_swapped": _quotes,
    "comment_lost": _comment_lost,
    "blank_lines_around": lambda _rng, pair: (["", *pair[0], ""], ["", *pair[1], ""]),
}

PATH_FORMS: dict[str, Callable[[str], str]] = {
    "plain": lambda p: p,
    "heading": lambda p: f"### {p}",
    "bold": lambda p: f"**{p}**",
    "code": lambda p: f"`{p}`:",
    "file_label": lambda p: f"File: {p}",
    "testbed": lambda p: f"/testbed/{p}",
    "dot_slash": lambda p: f"./{p}",
    "windows": lambda p: p.replace("/", "\\"),
    "module": lambda p: p.removesuffix(".py").replace("/", "."),
    "basename": lambda p: p.rsplit("/", 1)[-1],
    "prose": lambda p: f"Here is the corrected code for `{p}`:",
    "comment": lambda p: f"# {p}",
    "quoted": lambda p: f'"{p}"',
    "diff_prefix": lambda p: f"a/{p}",
}

WRAPPERS: dict[str, Callable[[str, str, str], str]] = {
    "plain": lambda head, body, lang: f"{head}\n```{lang}\n{body}```\n",
    "prose": lambda head, body, lang: (
        f"I looked at the code. The bug is in the loop.\n\n{head}\n```{lang}\n{body}```\n\nThis fixes it.\n"
    ),
    "no_closing_fence": lambda head, body, lang: f"{head}\n```{lang}\n{body}",
    "no_fence": lambda head, body, _lang: f"{head}\n{body}",
    "wrong_language": lambda head, body, _lang: f"{head}\n```java\n{body}```\n",
    "tildes": lambda head, body, lang: f"{head}\n~~~{lang}\n{body}~~~\n",
    "four_backticks": lambda head, body, lang: f"{head}\n````{lang}\n{body}````\n",
    "path_in_fence": lambda head, body, lang: f"Fixed:\n\n```{lang}\n{head}\n{body}```\n",
    "crlf": lambda head, body, lang: f"{head}\n```{lang}\n{body}```\n".replace("\n", "\r\n"),
    "repeated": lambda head, body, lang: (
        f"{head}\n```{lang}\n{body}```\n\nAgain, the complete change:\n\n{head}\n```{lang}\n{body}```\n"
    ),
}
