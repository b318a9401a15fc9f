"""The matching ladder: where in a file a search text is, from the strictest reading to the most lenient.

Every rung demands a unique place. A rung that finds several refuses there and then: a more lenient one could only find more.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Sequence
from dataclasses import replace as replace_fields

from orchestrator.edits.align import merge
from orchestrator.edits.clean import cleaned_pairs, trimmed
from orchestrator.edits.elision import is_elision, own_elisions, pieces
from orchestrator.edits.fragment import find_fragment
from orchestrator.edits.indent import Pair, is_uniform, reindent
from orchestrator.edits.layout import by_layout
from orchestrator.edits.outline import outline
from orchestrator.edits.places import Lines, Place, ambiguous, joined, long_tabs, occurrences, short_tabs
from orchestrator.edits.similarity import most_similar, nearest, similarity
from orchestrator.records import EditRefusal
from orchestrator.syntax import enclosing_definition, parse_source

RUNGS = (
    "syntax_node", "exact", "whitespace", "indent_shift", "relative_indent", "fragment", "layout", "elision", "similarity",
)  # fmt: skip

_NAME = re.compile(r"[A-Za-z_]\w*")
_NO_CODE = re.compile(r"'[^']*'|\"[^\"]*\"|#.*")


def find_place(file: Lines, search: Lines, replace: Lines) -> Place | EditRefusal:
    """Find the one place of `search` in `file` and what to put there. Near-linear in both."""
    if not any(line.strip() for line in search):
        return EditRefusal(
            "empty_search", "The search text is empty, so it names no place. Copy the lines to change into it."
        )
    if "\n".join(search) not in joined(tuple(file), str):
        for _, other_search, other_replace in cleaned_pairs(search, replace):
            if any(line.strip() for line in other_search):
                found = _by_rungs(file, other_search, other_replace)
                if found is not None:
                    return found
                search, replace = other_search, other_replace
    else:
        replace = next((new for _, old, new in cleaned_pairs(search, replace) if tuple(old) == tuple(search)), replace)
    found = _by_rungs(file, search, replace)
    if found is not None:
        return found
    for lenient in (by_layout, _by_elision, _by_node, _by_similarity):
        found = lenient(file, trimmed(search), trimmed(replace))
        if found is not None:
            return found
    return _nowhere(file, search, replace)


def _by_rungs(file: Lines, search: Lines, replace: Lines) -> Place | EditRefusal | None:
    bare_search, bare_replace = trimmed(search), trimmed(replace)
    readings: tuple[tuple[str, Lines, Lines, Callable[[str], str]], ...] = (
        ("exact", search, replace, str),
        ("exact", bare_search, bare_replace, str),
        ("whitespace", bare_search, bare_replace, str.rstrip),
        ("whitespace", bare_search, bare_replace, short_tabs),
        ("whitespace", bare_search, bare_replace, long_tabs),
    )
    has_tabs = any("\t" in line for line in search) or "\t" in joined(tuple(file), str)
    for rung, wanted, instead, normal in readings if has_tabs else readings[:3]:
        places = occurrences(file, wanted, normal)
        if len(places) > 1:
            return ambiguous(file, places, len(wanted))
        if places:
            return _placed(file, places[0], wanted, instead, rung)
    return _by_indentation(file, bare_search, bare_replace) or _by_fragment(file, bare_search, bare_replace)


def _placed(file: Lines, start: int, search: Lines, replace: Lines, rung: str) -> Place:
    window = file[start : start + len(search)]
    if rung == "exact":
        return Place(start, start + len(search), tuple(replace), rung)
    if any(a != a.rstrip() for a in search) and not any(b != b.rstrip() for b in window):
        # Blanks at the end of every line came with the reply; the new lines should not bring them in.
        search, replace = [line.rstrip() for line in search], [line.rstrip() for line in replace]
    merged = merge(search, replace, window)
    lines = merged if merged is not None else reindent(replace, _pairs(search, window))
    return Place(start, start + len(search), lines, rung)


def _pairs(search: Lines, window: Lines) -> tuple[Pair, ...]:
    return tuple(zip(search, window, strict=True))


def _by_indentation(file: Lines, search: Lines, replace: Lines) -> Place | EditRefusal | None:
    """The same lines under another indentation: shifted as a whole, or line by line."""
    places = occurrences(file, search, str.strip)
    uniform = [p for p in places if is_uniform(_pairs(search, file[p : p + len(search)]))]
    if len(uniform) > 1 or (len(places) > 1 and not uniform):
        return ambiguous(file, uniform or places, len(search))
    if uniform:
        return _placed(file, uniform[0], search, replace, "indent_shift")
    if places:
        place = _placed(file, places[0], search, replace, "relative_indent")
        return Place(place.start, place.end, place.lines, place.rung, sure=False)
    return None


def _by_fragment(file: Lines, search: Lines, replace: Lines) -> Place | EditRefusal | None:
    """A part of one line."""
    if len(search) != 1 or len(replace) != 1:
        return None
    found = find_fragment(file, search[0].strip(), replace[0].strip())
    if len(found) > 1:
        return ambiguous(file, [line for line, _ in found], 1)
    return Place(found[0][0], found[0][0] + 1, (found[0][1],), "fragment", sure=False) if found else None


def _by_elision(file: Lines, search: Lines, replace: Lines) -> Place | EditRefusal | None:
    """`...` in the search text stands for lines that stay; the pieces between must follow each other, each found once."""
    if not any(is_elision(line) for line in search):
        return None
    own = own_elisions(file)
    wanted, instead = pieces(search, own), pieces(replace, own)
    if len(wanted) < 2:
        return None
    if len(instead) != len(wanted):
        reason = "The search text leaves out lines by `...` but the replacement does not do so at the same places"
        return EditRefusal("elision_unpaired", f"{reason}; write the lines out, or only the lines that change.")
    found = _pieces_placed(file, wanted, instead)
    if not isinstance(found, EditRefusal):
        return found
    # The first piece is not unique; a later one may be, and then all are in its definition.
    for piece in wanted:
        known = _by_rungs(file, trimmed(piece), trimmed(piece)) if trimmed(piece) else None
        if isinstance(known, Place):
            first, last = _definition_span(file, known.start)
            inner = _pieces_placed(file[first:last], wanted, instead)
            if isinstance(inner, Place):
                return replace_fields(inner, start=inner.start + first, end=inner.end + first)
    return found


def _pieces_placed(file: Lines, wanted: Sequence[Lines], instead: Sequence[Lines]) -> Place | EditRefusal | None:
    at, first, out = 0, -1, list[str]()
    for number, pair in enumerate(zip(wanted, instead, strict=True)):
        piece, new = trimmed(pair[0]), trimmed(pair[1])
        if not piece:
            if new and 0 < number < len(wanted) - 1:
                return None
            out.extend(new)
            continue
        found = find_place(file[at:], piece, new)
        if isinstance(found, EditRefusal) and found.code == "ambiguous" and first >= 0:
            found = find_place(file[at : _definition_span(file, first)[1]], piece, new)
        if not isinstance(found, Place) or found.rung in {"similarity", "elision"}:
            return found if isinstance(found, EditRefusal) and found.code == "ambiguous" else None
        out.extend(file[at : at + found.start] if first >= 0 else ())
        first = at + found.start if first < 0 else first
        out.extend(found.lines)
        at += found.end
    return Place(first, at, tuple(out), "elision", sure=False) if first >= 0 else None


def _definition_span(file: Lines, line: int) -> tuple[int, int]:
    """The innermost definition that holds a line (0-based, half open): an elision does not reach beyond it."""
    found = enclosing_definition(outline("\n".join(file) + "\n"), line + 1)
    return (found.start_line - 1, found.end_line) if found else (0, len(file))


def _by_node(file: Lines, search: Lines, replace: Lines) -> Place | EditRefusal | None:
    """A whole definition, remembered roughly: the one definition of that name, if it is like it at all."""
    name = _sole_definition(search)
    if not name or _sole_definition(replace) != name:
        return None
    found = [d for d in outline("\n".join(file) + "\n") if d.qualified_name.rsplit(".", 1)[-1] == name]
    if len(found) != 1:
        return None
    start, end = found[0].start_line - 1, found[0].end_line
    if not search[0].strip().startswith("@"):
        start = found[0].header_line - 1
    window = file[start:end]
    if similarity(search, window) < 0.75 or similarity(search[-1:], window[-1:]) < 0.6:
        return None
    return _merged(search, replace, window, start, "syntax_node")


def _merged(search: Lines, replace: Lines, window: Lines, start: int, rung: str) -> Place | None:
    """The change done to a window that the search text only resembles; None where it speaks of names that are not there."""
    merged = merge(search, replace, window)
    if merged is None:
        return None
    known = {line.strip() for line in search}
    foreign = _names(search) - _names(window)
    if foreign & _names([line for line in replace if line.strip() not in known]):
        return None
    return Place(start, start + len(window), merged, rung, sure=False)


def _names(lines: Lines) -> set[str]:
    """Identifiers in code; strings and comments hold none."""
    return {name for line in lines for name in _NAME.findall(_NO_CODE.sub("", line))}


def _sole_definition(lines: Lines) -> str:
    try:
        body = parse_source("if 1:\n" + "\n".join(" " + line for line in lines)).body[0]
    except SyntaxError:
        return ""
    inner = body.body if isinstance(body, ast.If) else []
    if len(inner) == 1 and isinstance(inner[0], ast.FunctionDef | ast.AsyncFunctionDef):
        return inner[0].name
    return ""


def _by_similarity(file: Lines, search: Lines, replace: Lines) -> Place | EditRefusal | None:
    """Drifted lines: the most similar run of lines, if it is like enough and no other comes near."""
    if any(is_elision(line) for line in search) and len(pieces(search, own_elisions(file))) > 1:
        return None
    found = most_similar(file, search)
    if found is None:
        return None
    start, end = found
    return _merged(search, replace, file[start:end], start, "similarity")


def _nowhere(file: Lines, search: Lines, replace: Lines) -> EditRefusal:
    bare = trimmed(replace)
    if len(bare) > 1 and len(occurrences(file, bare, str.strip)) == 1:
        line = occurrences(file, bare, str.strip)[0] + 1
        return EditRefusal(
            "already_there", f"The file already holds the replacement, at line {line}; nothing was changed."
        )
    close = nearest(file, trimmed(search))
    if close is None:
        return EditRefusal(
            "not_found", "The search text is not in the file, nor anything like it. Copy lines from the file as shown."
        )
    start, end, score = close
    shown = "\n".join(f"{i + 1:>5} | {file[i]}" for i in range(start, min(end, start + 30)))
    message = (
        f"The search text is not in the file. The nearest place is lines {start + 1} to {end} ({int(100 * score)}% alike); "
        "copy those lines exactly as they are."
    )
    return EditRefusal("not_found", message, nearest=shown)
