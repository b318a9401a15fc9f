"""Replies with realistic defects, made by mutation of correct replies to a known edit.

A case says what a person would do with the reply: the file afterwards, or None where nobody could tell (it must be refused).
"""

# ruff: noqa: E501, PERF401  (makers are listed kind by kind)

from __future__ import annotations

import ast
import random
import re
import textwrap
from collections.abc import Callable
from dataclasses import dataclass

from tests.bench.corpus.defects import PAIR_DEFECTS, PATH_FORMS, WRAPPERS, Pair
from tests.bench.corpus.sources import sources


@dataclass(frozen=True)
class Case:
    """One reply: the files of its tree, what was asked for and shown, and the expected content of `path` (None: refuse)."""

    name: str
    format: str
    files: dict[str, bytes]
    path: str
    reply: str
    expected: bytes | None
    targets: tuple[str, ...]


@dataclass
class Edit:
    """A known change inside one function: lines `start` to `end` (0-based) of the file become `new`."""

    path: str
    lines: list[str]
    start: int
    end: int
    new: list[str]
    name: str
    first: int
    last: int

    @property
    def after(self) -> list[str]:
        return [*self.lines[: self.start], *self.new, *self.lines[self.end :]]

    def window(self, above: int, below: int) -> tuple[list[str], list[str]]:
        low, high = max(self.first, self.start - above), min(self.last, self.end + below)
        head, tail = self.lines[low : self.start], self.lines[self.end : high]
        return [*head, *self.lines[self.start : self.end], *tail], [*head, *self.new, *tail]

    def function(self) -> list[str]:
        return self.after[self.first : self.last + len(self.new) - (self.end - self.start)]


def make_edit(rng: random.Random, files: dict[str, str]) -> Edit | None:
    """A random small change of a random function, or None where the draw was not fit."""
    path = rng.choice(list(files))
    text = files[path]
    found = [(n, q) for n, q in _functions(ast.parse(text), "")]
    names = [q for _, q in found]
    node, name = rng.choice(found)
    lines = text.split("\n")[:-1]
    first = min([node.lineno, *(d.lineno for d in node.decorator_list)]) - 1
    last = node.end_lineno or node.lineno
    body = [s for s in node.body if not (isinstance(s, ast.Expr) and isinstance(s.value, ast.Constant))]
    if names.count(name) > 1 or last - first < 4 or last - first > 60 or not body:
        return None
    target = rng.choice(
        [s for s in ast.walk(node) if isinstance(s, ast.Assign | ast.Return | ast.Expr | ast.AugAssign)] or body
    )
    start, end = target.lineno - 1, target.end_lineno or target.lineno
    if (isinstance(target, ast.Expr) and isinstance(target.value, ast.Constant)) or start < node.body[0].lineno - 1:
        return None
    indent = lines[start][: len(lines[start]) - len(lines[start].lstrip())]
    old = lines[start:end]
    if not lines[start].strip().startswith(ast.unparse(target).split("(")[0].split(" ")[0][:6]):
        return None
    unit = "\t" if "\t" in indent else "    "
    kind = rng.randrange(4)
    if kind == 0:
        new = [
            f"{indent}if not {rng.choice(['checked', 'ready', 'self_test'])}:",
            f"{indent}{unit}raise RuntimeError('state')",
            *old,
        ]
    elif kind == 1:
        new = [*old[:-1], old[-1] + "  # noted"] if "#" not in old[-1] else [*old, f"{indent}count_calls()"]
    elif kind == 2:
        new = [f"{indent}if enabled:", *(unit + line if line.strip() else line for line in old)]
    else:
        new = [f"{indent}value = compute({rng.randrange(100)})", f"{indent}trace(value)"]
    edit = Edit(path, lines, start, end, new, name, first, last)
    try:
        ast.parse("\n".join(edit.after))
    except SyntaxError:
        return None
    return edit


def _functions(node: ast.AST, prefix: str) -> list[tuple[ast.FunctionDef, str]]:
    out: list[tuple[ast.FunctionDef, str]] = []
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef):
            out.append((child, prefix + child.name))
        elif isinstance(child, ast.ClassDef):
            out.extend(_functions(child, f"{prefix}{child.name}."))
    return out


def _text(lines: list[str]) -> str:
    return "".join(line + "\n" for line in lines)


def _search_block(rng: random.Random, pair: Pair, marks: str) -> str:
    size = {"plain": 7, "short": 5, "long": 9, "lower": 7}[marks]
    words = ("search", "replace") if marks == "lower" else ("SEARCH", "REPLACE")
    return f"{'<' * size} {words[0]}\n{_text(pair[0])}{'=' * size}\n{_text(pair[1])}{'>' * size} {words[1]}\n"


def search_case(rng: random.Random, edit: Edit, tree: dict[str, bytes], defect: str) -> Case:
    above, below = rng.randrange(1, 6), rng.randrange(1, 6)
    pair = edit.window(above, below)
    while "\n".join(edit.lines).count("\n".join(pair[0])) > 1 or len(pair[0]) < 4:
        above, below = above + 1, below + 1
        wider = edit.window(above, below)
        if wider == pair:
            raise LookupError
        pair = wider
    form, wrap = rng.choice(list(PATH_FORMS)), rng.choice(list(WRAPPERS))
    body = _search_block(
        rng, PAIR_DEFECTS[defect](rng, pair), rng.choice(["plain", "plain", "plain", "short", "long", "lower"])
    )
    reply = WRAPPERS[wrap](PATH_FORMS[form](edit.path), body, rng.choice(["python", "", "py"]))
    return _case(f"search/{defect}/{form}/{wrap}", "search-replace", edit, tree, reply)


def elided_case(rng: random.Random, edit: Edit, tree: dict[str, bytes]) -> Case:
    """The middle of a long context is left out on both sides."""
    before, after = edit.window(30, 1)
    kept = edit.start - max(edit.first, edit.start - 30)
    if kept < 6:
        raise LookupError
    dots = rng.choice(["...", "    ...", "# ...", "    # ... existing code ...", "        # rest of the code"])
    pair = ([*before[:2], dots, *before[kept - 2 :]], [*after[:2], dots, *after[kept - 2 :]])
    body = _search_block(rng, pair, "plain")
    return _case("search/elision", "search-replace", edit, tree, f"### {edit.path}\n```python\n{body}```\n")


HEADERS: dict[str, Callable[[str, str], str]] = {
    "canonical": lambda p, n: f"### {p} :: {n}",
    "pytest": lambda p, n: f"{p}::{n.replace('.', '::')}",
    "colon": lambda p, n: f"**{p}: {n}**",
    "code": lambda p, n: f"`{p}` :: `{n}`",
    "call": lambda p, n: f"### {p} :: {n}(self)",
    "def": lambda p, n: f"### {p} :: def {n.rsplit('.', 1)[-1]}",
    "prose": lambda p, n: f"Here is the corrected `{n}` in `{p}`:",
    "path_only": lambda p, _n: f"### {p}",
    "dash": lambda p, n: f"## {p} - {n}",
    "testbed": lambda p, n: f"### /testbed/{p} :: {n}",
    "module": lambda p, n: f"### {p.removesuffix('.py').replace('/', '.')} :: {n}",
    "last_name": lambda p, n: f"### {p} :: {n.rsplit('.', 1)[-1]}",
}

FUNCTION_DEFECTS = (
    "none",
    "dedented",
    "class_wrapper",
    "line_numbers",
    "plus_marks",
    "tabs",
    "trailing_space",
    "def_at_margin",
)


def function_case(rng: random.Random, edit: Edit, tree: dict[str, bytes], defect: str) -> Case:
    lines = edit.function()
    if defect == "dedented":
        lines = textwrap.dedent("\n".join(lines)).split("\n")
    elif defect == "class_wrapper":
        if "." not in edit.name:
            raise LookupError
        lines = [f"class {edit.name.split('.')[0]}:", *lines]
    elif defect == "line_numbers":
        lines = [f"{edit.first + i + 1:>5} | {x}" for i, x in enumerate(lines)]
    elif defect == "plus_marks":
        lines = ["+" + x for x in lines]
    elif defect == "tabs":
        if edit.path.endswith("calculator.py"):
            raise LookupError
        lines = [re.sub(r"^ +", lambda m: "\t" * (len(m[0]) // 4) + " " * (len(m[0]) % 4), x) for x in lines]
    elif defect == "trailing_space":
        lines = [x + " " for x in lines]
    elif defect == "def_at_margin":
        head = next(i for i, x in enumerate(lines) if "def " in x)
        if not lines[0].startswith("    "):
            raise LookupError
        lines = [*(x.lstrip() for x in lines[: head + 1]), *lines[head + 1 :]]
    form = rng.choice(list(HEADERS))
    wrap = rng.choice([w for w in WRAPPERS if w not in {"no_fence", "no_closing_fence"} or defect == "none"])
    reply = WRAPPERS[wrap](HEADERS[form](edit.path, edit.name), _text(lines), "python")
    return _case(f"function/{defect}/{form}/{wrap}", "function", edit, tree, reply)


def whole_case(rng: random.Random, edit: Edit, tree: dict[str, bytes]) -> Case:
    form = rng.choice([f for f in PATH_FORMS if f != "comment"])
    wrap = rng.choice(["plain", "prose", "wrong_language", "tildes", "crlf", "repeated"])
    return _case(
        f"whole/{form}/{wrap}",
        "whole-file",
        edit,
        tree,
        WRAPPERS[wrap](PATH_FORMS[form](edit.path), _text(edit.after), "python"),
    )


def diff_case(rng: random.Random, edit: Edit, tree: dict[str, bytes], defect: str) -> Case:
    low, high = max(0, edit.start - 3), min(len(edit.lines), edit.end + 3)
    body = [" " + x for x in edit.lines[low : edit.start]]
    body += ["-" + x for x in edit.lines[edit.start : edit.end]]
    body += ["+" + x for x in edit.new] + [" " + x for x in edit.lines[edit.end : high]]
    start, old, new = low + 1, high - low, high - low + len(edit.new) - (edit.end - edit.start)
    expected: list[str] | None = edit.after
    if "\n".join(edit.lines).count("\n".join(edit.lines[low:high])) > 1:
        raise LookupError
    if defect == "offset":
        start += rng.choice([-7, -2, 3, 11]) if start > 8 else 3
    elif defect == "count":
        old += 2
        expected = None
    elif defect == "drift":
        body = [" " + "unheard_of = 1" if x[0] != "-" and x[0] != "+" else x for x in body]
        body = ["-" + "never_there(0)" if x[0] == "-" else x for x in body]
        expected = None
    diff = f"--- a/{edit.path}\n+++ b/{edit.path}\n@@ -{start},{old} +{start},{new} @@\n" + _text(body)
    wrap = rng.choice(["plain", "prose", "no_fence"])
    case = _case(f"diff/{defect}/{wrap}", "unified-diff", edit, tree, WRAPPERS[wrap]("The patch:", diff, "diff"))
    return (
        case
        if expected is not None
        else Case(case.name, case.format, case.files, case.path, case.reply, None, case.targets)
    )


def hopeless_case(rng: random.Random, edit: Edit, tree: dict[str, bytes], kind: str) -> Case:
    """Replies that nobody could place."""
    if kind == "duplicated_anchor":
        lines = [
            x for x in edit.lines if x.strip() and edit.lines.count(x) > 1 and x.strip() not in {'"""', ")", "}", "]"}
        ]
        if not lines:
            raise LookupError
        line = rng.choice(lines)
        pair = ([line], [line + "  # changed"])
    elif kind == "invented":
        pair = (
            ["def frobnicate(widget):", "    widget.spin(3)", "    return widget.colour"],
            ["def frobnicate(widget):", "    return None"],
        )
    else:
        before, after = edit.window(3, 3)
        reply = f"### {edit.path.replace('.py', '_missing.py').replace('/', '/no_')}\n```python\n{_search_block(rng, (before, after), 'plain')}```\n"
        return Case(f"hopeless/{kind}", "search-replace", tree, edit.path, reply, None, (edit.path,))
    reply = f"### {edit.path}\n```python\n{_search_block(rng, pair, 'plain')}```\n"
    return Case(f"hopeless/{kind}", "search-replace", tree, edit.path, reply, None, (edit.path,))


def _case(name: str, form: str, edit: Edit, tree: dict[str, bytes], reply: str) -> Case:
    data = tree[edit.path]
    end = "\r\n" if b"\r\n" in data else "\n"
    text = end.join(edit.after) + ("" if not data.endswith(b"\n") else end)
    return Case(name, form, tree, edit.path, reply, text.encode(), (edit.path,))


def _tree(rng: random.Random, files: dict[str, str], path: str) -> dict[str, bytes]:
    tree = {name: text.encode() for name, text in files.items()}
    style = rng.randrange(6)
    if style == 0:
        tree[path] = tree[path].replace(b"\n", b"\r\n")
    elif style == 1:
        tree[path] = tree[path].removesuffix(b"\n")
    return tree


def generate(seed: int, count: int) -> list[Case]:
    """`count` cases, the kinds in turn; the same seed gives the same cases on the same interpreter."""
    rng, files = random.Random(seed), sources()
    makers: list[Callable[[Edit, dict[str, bytes]], Case]] = []
    for defect in PAIR_DEFECTS:
        makers.append(lambda e, t, d=defect: search_case(rng, e, t, d))  # type: ignore[misc]
    makers.append(lambda e, t: elided_case(rng, e, t))
    for defect in FUNCTION_DEFECTS:
        makers.append(lambda e, t, d=defect: function_case(rng, e, t, d))  # type: ignore[misc]
    makers.append(lambda e, t: whole_case(rng, e, t))
    for defect in ("none", "offset", "count", "drift"):
        makers.append(lambda e, t, d=defect: diff_case(rng, e, t, d))  # type: ignore[misc]
    for kind in ("duplicated_anchor", "invented", "unknown_path"):
        makers.append(lambda e, t, k=kind: hopeless_case(rng, e, t, k))  # type: ignore[misc]
    cases: list[Case] = []
    number = tries = 0
    while len(cases) < count:
        edit = make_edit(rng, files)
        if edit is None:
            continue
        try:
            cases.append(makers[number % len(makers)](edit, _tree(rng, files, edit.path)))
        except LookupError:
            # Some edits cannot carry a defect (no comment to lose): try another, and give up on this kind after a while.
            tries += 1
            if tries < 300:
                continue
        number, tries = number + 1, 0
    return cases
