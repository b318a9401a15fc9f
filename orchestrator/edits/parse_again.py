"""The result parsed again: what was inferred must be Python, and a replacement that lost its indentation gets it back."""

from __future__ import annotations

from collections.abc import Sequence

from orchestrator.edits.definitions import Placed
from orchestrator.edits.indent import indent_of, width
from orchestrator.edits.outline import error_around, syntax_error
from orchestrator.edits.text import Document, Splice, common_ends, trimmed_splice
from orchestrator.records import DiffHunks, EditRefusal, ReplaceDefinition, SearchReplace

Located = ReplaceDefinition | SearchReplace | DiffHunks
Result = tuple[Document, tuple[Placed, ...]]


def parsed_again(
    before: Document, after: Document, edits: Sequence[Located], placed: tuple[Placed, ...], path: str
) -> Result | EditRefusal:
    """Parse the result again: a landing that was inferred must parse, one that is certain may be the model's own slip."""
    if not path.endswith((".py", ".pyi")):
        return after, placed
    repaired = _reindented(before, edits, placed)
    if repaired is None and all(p.sure for p in placed):
        return after, placed
    error = error_around(after, _changed_lines(before, after, placed))
    if repaired is not None and (error is not None or _breaks_block(before, placed[0].splices[0])):
        span = repaired[1][0].splices[0]
        if syntax_error(repaired[0], span.start, span.start + len(span.lines)) is None:
            return repaired
    if error is None:
        return after, placed
    if all(p.sure for p in placed) or syntax_error(before, 0, len(before.lines)) is not None:
        return after, placed
    unsure = next(p for p in placed if not p.sure)
    line = error.lineno or 1
    message = (
        f"The edit fits {path} only roughly (at line {unsure.line}), and the result is not valid Python: {error.msg} "
        f"(line {line}). Copy the lines to change exactly."
    )
    return EditRefusal("does_not_parse", message, path, after.numbered(line - 4, line + 3))


def _changed_lines(before: Document, after: Document, placed: tuple[Placed, ...]) -> list[tuple[int, int]]:
    """The runs of lines in `after` that are new; one run around all where edits were placed one after the other."""
    splices = list(dict.fromkeys(trimmed_splice(before, s) for p in placed for s in p.splices))
    splices.sort(key=lambda s: (s.start, s.end))
    runs, moved = [], 0
    for splice in splices:
        start = splice.start + moved
        moved += len(splice.lines) - (splice.end - splice.start)
        if after.lines[start : start + len(splice.lines)] != splice.lines:
            head, tail = common_ends(before.lines, after.lines)
            return [(head, max(len(after.lines) - tail, head + 1))]
        runs.append((start, max(start + len(splice.lines), start + 1)))
    return runs


def _breaks_block(before: Document, splice: Splice) -> bool:
    """True where the code that follows is indented deeper than the replacement begins: it would change its owner."""
    following = next((line for line in before.lines[splice.end :] if line.strip()), "")
    first = next((line for line in splice.lines if line.strip()), "")
    return width(indent_of(following)) > width(indent_of(first))


def _reindented(before: Document, edits: Sequence[Located], placed: tuple[Placed, ...]) -> Result | None:
    """A replacement whose first line has lost the search text's indentation: move it there, as the last resort."""
    if len(placed) != 1 or not isinstance(edits[0], SearchReplace) or len(placed[0].splices) != 1:
        return None
    splice = placed[0].splices[0]
    old = next((line for line in before.lines[splice.start : splice.end] if line.strip()), "")
    new = next((line for line in splice.lines if line.strip()), "")
    missing = width(indent_of(old), 4) - width(indent_of(new), 4)
    if not new or missing <= 0:
        return None
    pad = indent_of(old)[: len(indent_of(old)) - len(indent_of(new))]
    moved = Splice(
        splice.start,
        splice.end,
        tuple(pad + line if line.strip() else line for line in splice.lines),
        splice.final_newline,
    )
    return before.spliced([moved]), (Placed((moved,), f"{placed[0].rung}, reindented", placed[0].line),)
