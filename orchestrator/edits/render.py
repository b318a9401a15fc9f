"""The way back: edits from (before, after), and the reply that a model would write for them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from orchestrator.edits.align import Opcode, opcodes
from orchestrator.edits.apply import Applied, apply_edits
from orchestrator.edits.outline import outline
from orchestrator.edits.places import occurrences
from orchestrator.edits.reply import NO_NEWLINE
from orchestrator.edits.source import with_trailing_comments
from orchestrator.edits.text import Document
from orchestrator.edits.trees import MappingTree
from orchestrator.records import DeleteFile, DiffHunks, Edit, Edits, ReplaceDefinition, SearchReplace, WriteFile
from orchestrator.syntax import Definition

_CONTEXT = 3


def edits_between(before: bytes, after: bytes, path: str, format: str) -> Edits:  # noqa: A002
    """Edits that turn `before` into exactly `after`, in the given format.

    What the format cannot say (a change outside any function, other line ends, another encoding) is said by search and
    replacement, by the whole file, or at last by its raw bytes; the result is applied here before it is returned.
    """
    old, new = Document.from_bytes(before), Document.from_bytes(after)
    builders = {"function": [_definitions, _searches], "search-replace": [_searches], "unified-diff": [_hunks]}
    for build in builders.get(format, []):
        made = build(path, old, new)
        if made and _gives(made, before, after, path, format):
            return Edits(format, made)
    whole = (WriteFile(path, _text(new)),)
    if before == after or _gives(whole, before, after, path, format):
        return Edits(format, whole)
    return Edits(format, (WriteFile(path, after.decode("latin-1"), raw=True),))


def _gives(edits: tuple[Edit, ...], before: bytes, after: bytes, path: str, name: str) -> bool:
    done = apply_edits(Edits(name, edits), MappingTree({path: before}))
    return isinstance(done, Applied) and done.changes[0].after == after


def _text(document: Document) -> str:
    text = document.text
    return text.removesuffix("\n") if document.ends and document.ends[-1] == "" else text


def _runs(old: Document, new: Document) -> list[Opcode]:
    """The changed runs; those with fewer than two lines between are one."""
    runs: list[Opcode] = []
    for code in opcodes(old.lines, new.lines):
        if code.equal:
            continue
        if runs and code.i1 - runs[-1].i2 < 2:
            last = runs.pop()
            runs.append(Opcode(last.i1, code.i2, last.j1, code.j2))
        else:
            runs.append(code)
    if not runs and old.lines and old.ends != new.ends:
        runs.append(Opcode(len(old.lines) - 1, len(old.lines), len(new.lines) - 1, len(new.lines)))
    return runs


def _definitions(path: str, old: Document, new: Document) -> tuple[Edit, ...] | None:
    """Each changed run lies in a function that both versions have once."""
    before, after = _functions(old), _functions(new)
    names: dict[str, None] = {}
    for run in _runs(old, new):
        name = _innermost(old, before, run.i1, run.i2)
        if name is None or name not in after or name != _innermost(new, after, run.j1, run.j2):
            return None
        names[name] = None
    outer = [n for n in names if not any(n.startswith(o + ".") for o in names)]
    return tuple(ReplaceDefinition(path, name, _source(new, after[name])) for name in outer)


def _functions(document: Document) -> dict[str, Definition]:
    found = outline(document.text)
    names = [d.qualified_name for d in found]
    return {d.qualified_name: d for d in found if d.kind == "function" and names.count(d.qualified_name) == 1}


def _innermost(document: Document, functions: dict[str, Definition], start: int, end: int) -> str | None:
    holding = [
        d
        for d in functions.values()
        if d.start_line - 1 <= start
        and end <= with_trailing_comments(document.lines, d.header_line - 1, d.end_line)
        and start < d.end_line
    ]
    return min(holding, key=lambda d: d.end_line - d.start_line).qualified_name if holding else None


def _source(document: Document, found: Definition) -> str:
    end = with_trailing_comments(document.lines, found.header_line - 1, found.end_line)
    return "".join(line + "\n" for line in document.lines[found.start_line - 1 : end])


def _searches(path: str, old: Document, new: Document) -> tuple[Edit, ...] | None:
    """Each changed run with as much context as makes it unique; runs whose contexts meet become one."""
    spans: list[Opcode] = []
    for run in _runs(old, new):
        found = _unique(old.lines, run, len(new.lines))
        if found is None:
            return None
        while spans and found.i1 < spans[-1].i2:
            last = spans.pop()
            found = Opcode(
                min(last.i1, found.i1), max(found.i2, last.i2), min(last.j1, found.j1), max(found.j2, last.j2)
            )
        spans.append(found)
    return tuple(SearchReplace(path, _slice(old, s.i1, s.i2), _slice(new, s.j1, s.j2)) for s in spans)


def _unique(lines: Sequence[str], run: Opcode, new_length: int) -> Opcode | None:
    """Grow a run by context on both sides until it occurs once; None where even the whole file is blank."""
    context = _CONTEXT
    while True:
        above = min(context, run.i1, run.j1)
        below = min(context, len(lines) - run.i2, new_length - run.j2)
        window = lines[run.i1 - above : run.i2 + below]
        if any(line.strip() for line in window) and len(occurrences(lines, window, str)) == 1:
            return Opcode(run.i1 - above, run.i2 + below, run.j1 - above, run.j2 + below)
        if above < context and below < context:
            return None
        context *= 2


def _slice(document: Document, start: int, end: int) -> str:
    text = "".join(line + "\n" for line in document.lines[start:end])
    unended = end == len(document.lines) and document.ends and document.ends[-1] == ""
    return text.removesuffix("\n") if unended else text


def _hunks(path: str, old: Document, new: Document) -> tuple[Edit, ...] | None:
    """One unified diff with three lines of context."""
    runs = _runs(old, new)
    if not runs:
        return None
    groups: list[list[Opcode]] = []
    for run in runs:
        if groups and run.i1 - groups[-1][-1].i2 <= 2 * _CONTEXT:
            groups[-1].append(run)
        else:
            groups.append([run])
    out = [f"--- a/{path}", f"+++ b/{path}"]
    for group in groups:
        out.extend(_hunk(old, new, group))
    return (DiffHunks(path, "".join(line + "\n" for line in out)),)


def _hunk(old: Document, new: Document, group: Sequence[Opcode]) -> list[str]:
    above = min(_CONTEXT, group[0].i1)
    below = min(_CONTEXT, len(old.lines) - group[-1].i2)
    i1, i2, j1, j2 = group[0].i1 - above, group[-1].i2 + below, group[0].j1 - above, group[-1].j2 + below
    body: list[str] = []
    at = i1
    for run in group:
        body.extend(_marked(" ", old, at, run.i1))
        body.extend(_marked("-", old, run.i1, run.i2))
        body.extend(_marked("+", new, run.j1, run.j2))
        at = run.i2
    body.extend(_marked(" ", old, at, i2))
    old_at, new_at = (i1 + 1 if i2 > i1 else i1), (j1 + 1 if j2 > j1 else j1)
    return [f"@@ -{old_at},{i2 - i1} +{new_at},{j2 - j1} @@", *body]


def _marked(mark: str, document: Document, start: int, end: int) -> list[str]:
    lines = [mark + line for line in document.lines[start:end]]
    if start < end == len(document.lines) and document.ends[-1] == "":
        lines.append(NO_NEWLINE)
    return lines


def render_reply(edits: Edits) -> str:
    """The reply in its canonical form; `FORMATS[edits.format].parse` reads it back. Raises ValueError for raw content."""
    return "\n".join(_rendered(edit) for edit in edits.edits)


def _rendered(edit: Edit) -> str:
    if isinstance(edit, DeleteFile):
        return f"DELETE {edit.path}\n"
    if isinstance(edit, DiffHunks):
        return _fenced("diff", edit.diff)
    if isinstance(edit, ReplaceDefinition):
        return f"### {edit.path} :: {edit.qualified_name}\n" + _fenced("python", edit.source)
    if isinstance(edit, WriteFile):
        if edit.raw:
            raise ValueError(f"the raw content for {edit.path} cannot be written as text")
        return f"### {edit.path}\n" + _fenced(_language(edit.path), _ended(edit.content))
    name = f" :: {edit.within}" if edit.within else ""
    body = f"<<<<<<< SEARCH\n{_ended(edit.search)}=======\n{_ended(edit.replace)}>>>>>>> REPLACE\n"
    return f"### {edit.path}{name}\n" + _fenced(_language(edit.path), body)


def _ended(text: str) -> str:
    return text if not text or text.endswith("\n") else f"{text}\n{NO_NEWLINE}\n"


def _language(path: str) -> str:
    return "python" if path.endswith((".py", ".pyi")) else ""


def _fenced(language: str, body: str) -> str:
    longest = max((len(run) for run in re.findall(r"`{3,}", body)), default=2)
    fence = "`" * (longest + 1)
    return f"{fence}{language}\n{body}{fence}\n"
