"""All code that an issue holds, in its order, to be run as evidence: fenced, unfenced, sessions, and calls within its prose.

Lenient on purpose, unlike `drafts`: nothing is judged by these pieces, only what they go through is looked at.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from dataclasses import dataclass

from orchestrator import syntax
from orchestrator.judge.snippets import blocks, session_examples

_MAX_TEXT = 60_000
_MAX_PIECES = 40
_MAX_LINES = 60
_MAX_INLINE = 12
_STARTS = re.compile(
    r"^\s*(from [\w.]+ import |import \w|class \w+.*:|def \w+.*:|@\w|(for|with|if|while) .*:|try:|assert \S|"
    r"[A-Za-z_][\w.\[\]'\"]*( *, *[\w.]+)* *[-+*/|&]?=[^=]|[A-Za-z_][\w.]*\(.*)"
)
_FRAME = re.compile(r'^\s*File "|^\s*[^\s:]+\.py:\d+')
_A_TEST = re.compile(r"^\s*(async )?def test_?\w*\(|^class Test", re.MULTILINE)
_TICKED = re.compile(r"(?<!`)`([^`\n]{3,200})`(?!`)")
_CALLED = re.compile(r"(?<![\w.`])[A-Za-z_][\w.]*\(")
_DOES_SOMETHING = (
    ast.Import, ast.ImportFrom, ast.FunctionDef, ast.ClassDef, ast.Assign, ast.AnnAssign, ast.AugAssign, ast.With, ast.For,
    ast.If, ast.Try, ast.While, ast.Assert,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Piece:
    """Some code of an issue. `kind` is code, test (a module for pytest) or inline (a call within prose)."""

    kind: str
    source: str


def pieces_of(problem_statement: str) -> tuple[Piece, ...]:
    """At most 40 pieces: the blocks in their order, then the calls that the prose mentions. Pure."""
    found: list[Piece] = []
    prose: list[str] = []
    for block in blocks(problem_statement[:_MAX_TEXT]):
        if block.kind == "session":
            source = "\n".join(example.source for example in session_examples(block.text))
            found.append(Piece("code", source))
        elif block.kind == "python":
            found.append(Piece("code", block.text + "\n"))
        elif block.kind in ("prose", "output"):
            runs, rest = code_runs(block.text)
            found.extend(Piece("code", run) for run in runs)
            if block.kind == "prose":
                prose.append(rest)
    tests = [Piece("test", each.source) for each in found if _A_TEST.search(each.source)]
    run = "\n".join(each.source for each in found)
    inline = [Piece("inline", call + "\n") for call in _calls_in("\n".join(prose)) if call not in run]
    pieces = [each for each in (*found, *tests, *inline) if each.source.strip()]
    return tuple(dict.fromkeys(pieces))[:_MAX_PIECES]


def code_runs(text: str) -> tuple[tuple[str, ...], str]:
    """(the longest stretches of lines that are Python and do something, the other lines); a traceback's lines are neither."""
    lines, runs, rest = text.split("\n"), list[str](), list[str]()
    at = 0
    while at < len(lines):
        shown = _FRAME.match(lines[at])
        end = _run_from(lines, at) if _STARTS.match(lines[at]) and not shown else at
        if end > at:
            runs.append(_dedented(lines[at:end]) + "\n")
        elif not shown:
            rest.append(lines[at])
        at = max(end, at + (2 if shown else 1))
    return tuple(runs), "\n".join(rest)


def _run_from(lines: Sequence[str], start: int) -> int:
    """The end of the longest run from a line on; `start` where there is none."""
    best, failed = start, 0
    for end in range(start + 1, min(len(lines), start + _MAX_LINES) + 1):
        if not lines[end - 1].strip():
            continue
        if _acts(_dedented(lines[start:end])):
            best, failed = end, 0
        else:
            failed += 1
            if failed > 20:
                break
    return best


def _dedented(lines: Sequence[str]) -> str:
    """Without the first line's own indentation."""
    margin = lines[0][: len(lines[0]) - len(lines[0].lstrip())]
    return "\n".join(line.removeprefix(margin) for line in lines)


def _acts(text: str) -> bool:
    """Whether a text is Python whose every statement does something, or shows a value as a session does."""
    try:
        body = syntax.parse_source(text).body
    except SyntaxError:
        return False
    plain = (ast.Attribute, ast.Subscript, ast.Call, ast.Constant, ast.Await, ast.Compare, ast.BinOp)
    shown = [node.value for node in body if isinstance(node, ast.Expr) and isinstance(node.value, plain)]
    doing = [node for node in body if isinstance(node, _DOES_SOMETHING)]
    calls = [value for value in shown if isinstance(value, ast.Call)]
    return len(shown) + len(doing) == len(body) and bool(doing or calls)


def _calls_in(prose: str) -> list[str]:
    """Calls between backticks, and those that stand in the text as they are."""
    found = [text.strip() for text in _TICKED.findall(prose) if _is_call(text.strip())]
    plain = _TICKED.sub(" ", prose)
    for match in _CALLED.finditer(plain):
        end = _closing(plain, match.end() - 1)
        if end:
            more = re.match(r"(\.\w+\([^()\n]*\))*", plain[end:])
            text = plain[match.start() : end] + (more[0] if more else "")
            if _is_call(text):
                found.append(text)
    return list(dict.fromkeys(found))[:_MAX_INLINE]


def _closing(text: str, opened: int) -> int:
    """The position after the bracket that closes the one at `opened`, within 200 characters; 0 where there is none."""
    depth = 0
    for at in range(opened, min(len(text), opened + 200)):
        depth += (text[at] in "([{") - (text[at] in ")]}")
        if depth == 0:
            return at + 1
        if text[at] == "\n":
            return 0
    return 0


def _is_call(text: str) -> bool:
    """Whether a text is an expression with a call that is given something."""
    try:
        tree = ast.parse(text, mode="eval")
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return False
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return any(call.args or call.keywords or not isinstance(call.func, ast.Name) for call in calls)
