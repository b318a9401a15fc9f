"""An issue's text as blocks: prose, code, interpreter sessions, tracebacks and output, and whether the text wants or regrets them.

Reads GitHub's Markdown as people write it: fences that are never closed, indented code, bare `>>>` lines, IPython
prompts, tracebacks in the middle of prose.
"""

from __future__ import annotations

import ast
import re
import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING

from orchestrator import syntax

if TYPE_CHECKING:
    import doctest


@dataclass(frozen=True, slots=True)
class Block:
    """One block of the text: prose, python, session, traceback or output.

    `lead` is the line of prose right before it, `follow` the one after it where that looks back ("That is what I expect.").
    """

    kind: str
    text: str
    lead: str = ""
    follow: str = ""


@dataclass(frozen=True, slots=True)
class Example:
    """One piece of code to run and what it should print (`want`) or raise; None and empty where nothing is known."""

    source: str
    mode: str
    want: str | None = None
    want_exception: str = ""


_FENCE = re.compile(r"^\s{0,3}(`{3,}|~{3,})\s*([\w+-]*)")
_PROMPT = re.compile(r"^\s*(>>>|In \[\d*\]:)", re.MULTILINE)
_TRACEBACK = re.compile(r"Traceback \(most recent call last\)")
_RAISED = re.compile(
    r"^(?:E\s+)?([A-Za-z_][\w.]*(?:Error|Exception|Warning|Exit|Interrupt|Invalid\w*|DoesNotExist|NotFound\w*))"
    r"(?::\s*(.*)|\s+Traceback \(most recent call last\))?$"
)
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)


def blocks(text: str) -> tuple[Block, ...]:
    """The blocks of an issue in order; each knows the prose beside it."""
    raw = [
        piece for kind, body in _cut(_COMMENT.sub("", text.replace("\r\n", "\n"))) for piece in _classify(kind, body)
    ]
    found: list[Block] = []
    for index, (kind, body) in enumerate(raw):
        lead = raw[index - 1][1] if index and raw[index - 1][0] == "prose" else ""
        follow = raw[index + 1][1] if index + 1 < len(raw) and raw[index + 1][0] == "prose" else ""
        after = re.split(r",? but\b", _edge(follow, 0))[0]
        found.append(Block(kind, body, _edge(lead, -1), after if _LOOKS_BACK.match(after) else ""))
    return tuple(found)


# Only such a sentence is about what stands before it; a heading such as "Expected results" is about what follows.
_LOOKS_BACK = re.compile(
    r"\(?(that|this|which|these|those|above)\b.*[^:]$|.*\b(expect|should)\b.{0,40}\babove\b", re.IGNORECASE
)


def _edge(prose: str, index: int) -> str:
    lines = [line.strip(" #*_>-") for line in prose.split("\n") if line.strip(" #*_>-")]
    return lines[index] if lines else ""


def _cut(text: str) -> list[tuple[str, str]]:
    """(kind, text) with kind prose, fence:<language> or indented."""
    pieces: list[tuple[str, str]] = []
    lines: list[str] = []
    kind, fence = "prose", ""

    def close() -> None:
        if "".join(lines).strip():
            pieces.append((kind, "\n".join(lines)))
        lines.clear()

    for line in text.split("\n"):
        mark = _FENCE.match(line)
        if fence:
            if mark and mark[1].startswith(fence) and not mark[2]:
                close()
                kind, fence = "prose", ""
            else:
                lines.append(line)
            continue
        if mark:
            close()
            kind, fence = f"fence:{mark[2].lower()}", mark[1]
            continue
        blank, deep = not line.strip(), line.startswith(("    ", "\t"))
        if kind == "prose" and deep and (not lines or not lines[-1].strip()) and not blank:
            close()
            kind = "indented"
        elif kind == "indented" and not deep and not blank:
            close()
            kind = "prose"
        elif kind == "prose" and line.startswith(">>> "):
            close()
            kind = "bare"
        elif kind == "bare" and blank:
            close()
            kind = "prose"
        lines.append(line)
    close()
    return pieces


def _classify(kind: str, body: str) -> list[tuple[str, str]]:
    """Name a piece; code with a traceback below it becomes two."""
    if kind == "prose":
        return _bare_traceback(body)
    body = textwrap.dedent(body.expandtabs(4)).strip("\n")
    if _PROMPT.search(body):
        return [("session", body)]
    if _TRACEBACK.search(body) or _RAISED.match(body.strip().split("\n")[-1]):
        lines = body.split("\n")
        start = next((n for n, line in enumerate(lines) if _TRACEBACK.search(line)), 0)
        head = "\n".join(lines[:start])
        return [("python", head), ("traceback", body)] if _is_code(head) else [("traceback", body)]
    language = kind.partition(":")[2]
    if language in ("python", "py", "python3", "ipython", "pycon", ""):
        return [("python" if _is_code(body, said=bool(language)) else "output", body)]
    return [("output", body)]


def _bare_traceback(body: str) -> list[tuple[str, str]]:
    start = _TRACEBACK.search(body)
    if start is None:
        return [("prose", body)]
    lines = body[start.start() :].split("\n")
    ends = [number for number, line in enumerate(lines) if _RAISED.match(line.strip())]
    if not ends:
        return [("prose", body)]
    parts = [
        ("prose", body[: start.start()]),
        ("traceback", "\n".join(lines[: ends[0] + 1])),
        ("prose", "\n".join(lines[ends[0] + 1 :])),
    ]
    return [(kind, text) for kind, text in parts if text.strip()]


def _is_code(text: str, *, said: bool = False) -> bool:
    """Parses, and does something: a literal or a lone name is what a program prints, unless the fence says that it is code."""
    try:
        body = syntax.parse_source(text).body
    except SyntaxError:
        return False
    active = (
        ast.Import,
        ast.ImportFrom,
        ast.FunctionDef,
        ast.ClassDef,
        ast.Assign,
        ast.With,
        ast.For,
        ast.Assert,
        ast.AugAssign,
    )
    if said and any(isinstance(node, ast.Name) for statement in body for node in ast.walk(statement)):
        return True
    return any(
        isinstance(node, active) or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)) for node in body
    )


_EXPECTED = re.compile(
    r"\bexpect(ed|ation|ations|s)?\b|\bshould\b|\bdesired\b|\bcorrect (output|result|behaviou?r|answer|value)\b",
    re.IGNORECASE,
)
_TURN = re.compile(r"\b(but|instead|however|rather|though|while|whereas|unfortunately)\b", re.IGNORECASE)
_ACTUAL = re.compile(
    r"\b(actual|actually|current|currently|instead|wrong|incorrect|observed|get|gets|got|gives?|produces?|yields?|"
    r"results? in|fails?|bug|however|error|outputs?|returns?|prints?|raises?)\b",
    re.IGNORECASE,
)


def stance(line: str) -> str:
    """What a line of prose says of the block beside it: expected, actual, or nothing."""
    wanted = list(_EXPECTED.finditer(line))
    if wanted and not re.search(
        r"(n't|not|than|as|of what (is|was)|other than|instead of)( what| the| was| is| I)* expect", line
    ):
        return "actual" if _TURN.search(line, wanted[-1].end()) else "expected"
    return "actual" if _ACTUAL.search(line) else ""


def raised(text: str) -> tuple[str, str]:
    """(bare name, message) of the exception that a traceback ends with; two empty strings where it has none."""
    for line in reversed(text.strip().split("\n")):
        if found := _RAISED.match(line.strip()):
            return found[1].rpartition(".")[2], (found[2] or "").strip()
    return "", ""


_IN = re.compile(r"^(\s*)In \[\d*\]: ?")
_MORE = re.compile(r"^\s*\.\.\.+: ?")
_OUT = re.compile(r"^\s*Out ?\[\d*\]: ?")


def session_examples(text: str) -> tuple[Example, ...]:
    """The examples of an interpreter or IPython session; empty where it cannot be read without guessing."""
    import doctest

    lines: list[str] = []
    for line in text.split("\n"):
        plain = _IN.sub(r"\1>>> ", line)
        plain = _OUT.sub("", _MORE.sub("... ", plain) if plain == line else plain).rstrip()
        plain = re.sub(r"^(\s*)(>>>|\.\.\.)(?=[^\s.>])", r"\1\2 ", plain)
        lines.append(plain)
    start = next((n for n, line in enumerate(lines) if line.lstrip().startswith(">>>")), 0)
    try:
        parsed = doctest.DocTestParser().get_examples(textwrap.dedent("\n".join(lines[start:])) + "\n")
    except ValueError:
        return ()
    return tuple(_as_example(example) for example in parsed)


def _as_example(example: doctest.Example) -> Example:
    if example.exc_msg is not None:
        return Example(
            example.source,
            "single",
            None,
            raised(example.exc_msg)[0] or example.exc_msg.split(":")[0].rpartition(".")[2].strip(),
        )
    name, _ = (
        raised(example.want)
        if _TRACEBACK.search(example.want) or _RAISED.match(example.want.strip().split("\n")[-1])
        else ("", "")
    )
    if name:
        return Example(example.source, "single", None, name)
    return Example(example.source, "single", example.want or None)
