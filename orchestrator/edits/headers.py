"""Which file, and which definition in it, a block is about: read from the lines above it, its info string or its first line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from orchestrator.edits.paths import resolve_path
from orchestrator.edits.reply import Block
from orchestrator.protocols import Tree
from orchestrator.records import EditRefusal

_LABEL = re.compile(
    r"^\s*(?:new\s+)?(?:file\s*(?:name|path)?|path|module|in|update[d]?|modif(?:y|ied))\s*:\s*", re.IGNORECASE
)
_PATHLIKE = re.compile(r"(?:[\w.@+-]+[/\\])*[\w@+-][\w.@+-]*\.[A-Za-z]\w{0,9}|(?:[\w.@+-]+/)+[\w.@+-]+")
_NAME = re.compile(r"(?:async\s+)?(?:def|class|function|method)?\s*`*([A-Za-z_]\w*(?:(?:\.|::)[A-Za-z_]\w*)*)")
_TOKEN = re.compile(r"[^\s`'\"*<>(){},;]+")
_LEAD_LINES = 6


@dataclass(frozen=True, slots=True)
class Header:
    """What a header says. `exists` is False for a well-formed path that the tree has not; `name` is a qualified name or empty."""

    path: str
    name: str = ""
    exists: bool = True
    salvage: tuple[str, ...] = ()


def header_of(block: Block, previous: Block | None, tree: Tree, targets: tuple[str, ...]) -> tuple[Header | None, int]:
    """The header of a block, and how many of the block's first lines belong to it.

    Looked for, in order: the lines above (nearest first), the info string, a path alone on the block's first line or in a
    comment there, a block before that holds nothing but a path.
    """
    above = [line for line in block.lead if line.strip()][-_LEAD_LINES:]
    for line in reversed(above):
        header = read_header(line, tree, targets)
        if header:
            return header, 0
    if block.info:
        words = block.info.split(None, 1)
        for text in (words[1] if len(words) > 1 else "", block.info, block.info.partition(":")[2]):
            header = read_header(text, tree, targets) if re.search(r"[./]", text) else None
            if header:
                return _with(header, "path_in_fence"), 0
    inner, used = _first_line_header(block, tree, targets)
    if inner:
        return _with(inner, "path_in_block"), used
    if previous is not None and sum(bool(line.strip()) for line in previous.lines) == 1:
        header = next((read_header(line, tree, targets) for line in previous.lines if line.strip()), None)
        if header:
            return _with(header, "path_in_block"), 0
    return None, 0


def _first_line_header(block: Block, tree: Tree, targets: tuple[str, ...]) -> tuple[Header | None, int]:
    for index, line in enumerate(block.lines[:3]):
        if not line.strip() or line.startswith("#!"):
            continue
        bare = re.sub(r"^\s*(#+|//|--|<!--)\s*", "", line).removesuffix("-->").strip()
        if not re.search(r"[./]\w", bare) or len(bare.split()) > 4 or re.search(r"[=(){}\[\]]", bare):
            return None, 0
        header = read_header(bare, tree, targets)
        return header, index + 1 if header else 0
    return None, 0


def _with(header: Header, note: str) -> Header:
    return Header(header.path, header.name, header.exists, (*header.salvage, note))


def read_header(line: str, tree: Tree, targets: tuple[str, ...] = ()) -> Header | None:
    """Read `### path :: Class.method` and what models make of it; None where the line names no file.

    A path that does not exist counts only where the line holds nothing else (prose mentions many things).
    """
    if len(line) > 400:
        return None
    bare = line.strip().strip("#").strip().strip("* ")
    label = _LABEL.match(bare)
    stripped = bare[label.end() :] if label else bare
    for token, rest in _path_tokens(stripped):
        resolved = resolve_path(token, tree, targets)
        if resolved is None:
            continue
        decorated = ("header_form",) if not re.match(r"^\s*#{2,3} \S+( :: \S+)?\s*$", line) else ()
        return Header(resolved.path, _qualified(rest, stripped, token), salvage=(*resolved.salvage, *decorated))
    return _new_file(stripped, labelled=bool(label))


def _path_tokens(text: str) -> Iterator[tuple[str, str]]:
    """Each word that may be a path, with what follows it; `a.py::Name` and `a.py:Name` are cut behind the suffix."""
    if text.strip("`'\": ") and " " in text.strip() and re.fullmatch(r"[`'\"]?[\w./\\ -]+\.\w+[`'\"]?:?", text.strip()):
        yield text.strip("`'\": "), ""
    for match in _TOKEN.finditer(text):
        word = match[0].rstrip(".:!?")
        cut = re.match(r"(.+?)::?(?=[A-Za-z_])(.*)", word) if not re.match(r"^[A-Za-z]:\\", word) else None
        if cut:
            yield cut[1], cut[2] + text[match.end() :]
        elif re.search(r"[./\\]", word):
            yield word, text[match.end() :]


def _qualified(rest: str, whole: str, token: str) -> str:
    """The qualified name behind a path (`:: Class.method`), or in front of it (``Class.method` in path`)."""
    behind = re.match(r"[\s`*'\"]*(?:::?|[-\u2013\u2014,>]+|\(|#)?[\s`*'\"]*(.*)", rest)
    text = behind[1] if behind else ""
    found = _NAME.match(text)
    plain = found is not None and re.fullmatch(r"[\s`*'\")(:.,\w=-]*", text[found.end() :]) is not None
    if found and plain and not _is_prose(text, found):
        return found[1].replace("::", ".")
    front = re.search(r"`([A-Za-z_][\w.]*)(?:\(.*?\))?`[^`]*\b(?:in|of|from)\b", whole[: whole.find(token)])
    return front[1] if front else ""


def _is_prose(text: str, found: re.Match[str]) -> bool:
    keyword = re.match(r"\s*(?:async\s+)?(?:def|class|function|method)\b", text)
    following = text[found.end() :].strip(" `*'\")(:.")
    return bool(following) and not keyword and not text[found.end() :].lstrip().startswith("(")


def _new_file(text: str, *, labelled: bool) -> Header | None:
    """A path that does not exist, where the line is that path and nothing else."""
    bare = text.strip().rstrip(":").strip("`'\"*<> ").rstrip(":")
    bare = re.sub(r"\s*\((?:new|new file|created?)\)$", "", bare, flags=re.IGNORECASE)
    path, _, name = bare.partition("::")
    path, name = path.strip("`* "), name.strip("`* ")
    shaped = _PATHLIKE.fullmatch(path) or path.startswith(("/", "../", "~", ".git")) or "\\" in path
    if not shaped or " " in path or (not labelled and re.fullmatch(r"\w+(\.\w+)*\.?", path) and not _has_suffix(path)):
        return None
    named = _NAME.fullmatch(name)
    return Header(path, named[1].replace("::", ".") if named else "", exists=False)


def _has_suffix(path: str) -> bool:
    known = r"\.(py|pyi|pyx|txt|md|rst|toml|cfg|ini|json|ya?ml|html?|css|js|ts|c|h|cpp|sh|in|xml|csv|po|tex|ipynb)$"
    return re.search(known, path, re.IGNORECASE) is not None


def missing_path(kind: str) -> EditRefusal:
    """The refusal for a block whose file is not named and cannot be told."""
    return EditRefusal(
        "no_path", f"A {kind} does not say which file it is for. Put a line such as `### path/to/file.py` above it."
    )
