"""Which path an edit means, and which paths no edit may name (shared with the judge)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from orchestrator.protocols import Tree
from orchestrator.records import EditRefusal

SYMLINK, SUBMODULE = "120000", "160000"
# Where models believe that they are: the working directories of common sandboxes.
_SANDBOX_ROOTS = ("/testbed/", "/workspace/", "/repo/", "/app/", "testbed/", "./", "a/", "b/")
_CONTROL = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]")
_QUOTES = "`'\"*<>()[]{},;: \t"


@dataclass(frozen=True, slots=True)
class ResolvedPath:
    """A path in the tree (or of a new file) and the repairs that led to it."""

    path: str
    salvage: tuple[str, ...] = ()


def safe_path(path: str, tree: Tree) -> str | EditRefusal:
    """The path, if an edit may write there; refuses every way out of the repository or into git's own files.

    A Windows path is turned round where the file exists. Whether tests and configuration may be edited is the judge's business.
    """
    entries = tree.entries()
    if "\\" in path and path not in entries:
        turned = path.replace("\\", "/")
        if turned not in entries:
            return _unsafe(path, "holds a backslash; write the path with /")
        path = turned
    reason = _bad_shape(path)
    if reason:
        return _unsafe(path, reason)
    parts = path.split("/")
    for depth in range(1, len(parts) + 1):
        entry = entries.get("/".join(parts[:depth]))
        if entry is None:
            continue
        if entry.mode == SYMLINK:
            return _unsafe(path, f"goes through the symbolic link {entry.path}")
        if entry.mode == SUBMODULE:
            return _unsafe(path, f"lies in the submodule {entry.path}")
        if depth < len(parts):
            return _unsafe(path, f"goes through {entry.path}, which is a file")
    if path not in entries and any(other.startswith(path + "/") for other in entries):
        return _unsafe(path, "is a directory; name a file")
    return path


def _bad_shape(path: str) -> str:
    parts = path.split("/")
    if not path.strip() or len(path) > 4000 or any(len(part.encode("utf-8", "replace")) > 255 for part in parts):
        return "is empty or too long"
    if _CONTROL.search(path):
        return "holds a control or invisible character"
    if path.startswith(("/", "~")) or re.match(r"[A-Za-z]:", path):
        return "is absolute; write it from the repository's root"
    if ".." in parts:
        return "leaves its directory by `..`"
    if any(part in {"", "."} for part in parts):
        return "has an empty or `.` component; write it from the repository's root"
    # git treats these as its own directory on case-folding file systems (.GIT, .git., `.git `, git~1).
    if any(part.rstrip(". ").casefold() in {".git", "git~1"} or part.casefold().startswith(".git:") for part in parts):
        return "is inside git's own directory"
    return ""


def _unsafe(path: str, reason: str) -> EditRefusal:
    shown = ascii(path)[1:-1][:200]
    return EditRefusal("unsafe_path", f"The path {shown} cannot be edited: it {reason}.", path[:4000])


def resolve_path(raw: str, tree: Tree, targets: tuple[str, ...] = ()) -> ResolvedPath | None:
    """The existing file that `raw` means, or None. Only a spelling that leaves one possibility is repaired."""
    entries = tree.entries()
    cleaned = raw.strip().strip(_QUOTES)
    if cleaned in entries:
        return ResolvedPath(cleaned, () if cleaned == raw else ("path_decoration",))
    if not cleaned or len(cleaned) > 500 or ".." in re.split(r"[/\\]", cleaned):
        return None
    turned = cleaned.replace("\\", "/")
    for candidate, note in _spellings(turned):
        if candidate in entries:
            return ResolvedPath(candidate, (note if "\\" not in cleaned else "path_separators",))
    return _by_module(turned, entries) or _by_suffix(turned, entries, targets)


def _spellings(path: str) -> Iterable[tuple[str, str]]:
    yield path, "path_separators"
    for root in _SANDBOX_ROOTS:
        if path.startswith(root):
            yield path.removeprefix(root).lstrip("/"), "path_prefix"
    for root in ("src/", "lib/"):
        if path.startswith(root):
            yield path.removeprefix(root), "path_prefix"
    parts = path.split("/")
    if len(parts) > 2 and parts[0] == parts[1]:
        yield "/".join(parts[1:]), "path_prefix"
    if not path.endswith(".py"):
        yield path + ".py", "path_suffix"
        yield path + "/__init__.py", "path_suffix"


def _by_module(name: str, entries: Iterable[str]) -> ResolvedPath | None:
    if not re.fullmatch(r"\w+(\.\w+)+", name) or name.endswith((".py", ".pyi")):
        return None
    base = name.removesuffix(".py").replace(".", "/")
    for root in ("", "src/", "lib/"):
        for tail in (".py", "/__init__.py"):
            if root + base + tail in entries:
                return ResolvedPath(root + base + tail, ("path_as_module",))
    return None


def _by_suffix(path: str, entries: Iterable[str], targets: tuple[str, ...]) -> ResolvedPath | None:
    """A shortened path, or (among the files that were shown) one with an invented directory in front."""
    name = path.rsplit("/", 1)[-1]
    shown = [t for t in targets if t == path or t.endswith("/" + path)]
    shown = shown or [t for t in targets if t.rsplit("/", 1)[-1] == name and _ends_alike(t, path)]
    if len(shown) == 1 and shown[0] in entries:
        return ResolvedPath(shown[0], ("path_suffix",))
    if not shown and not path.startswith("/") and re.search(r"\.\w+$", path):
        anywhere = [e for e in entries if e.endswith("/" + path)]
        if len(anywhere) == 1:
            return ResolvedPath(anywhere[0], ("path_suffix",))
    return None


def _ends_alike(target: str, path: str) -> bool:
    """True where one path is the other with further directories in front, placeholders such as path/to/ set aside."""
    path = re.sub(r"^/?(path/to/|your/|project/|repo/)+", "", path).lstrip("/")
    return target == path or target.endswith("/" + path) or path.endswith("/" + target)


def nearest_paths(path: str, tree: Tree, targets: tuple[str, ...] = ()) -> str:
    """Up to three existing files that `path` may have meant, for a refusal; empty where nothing is like it."""
    from rapidfuzz import fuzz, process

    choices = list(targets) or [e for e in tree.entries() if e.rsplit(".", 1)[-1] == path.rsplit(".", 1)[-1]]
    found = process.extract(path, choices, scorer=fuzz.ratio, limit=3, score_cutoff=60)
    return ", ".join(str(name) for name, _, _ in found)


def unknown_file(path: str, tree: Tree, targets: tuple[str, ...] = ()) -> EditRefusal:
    """The refusal for an edit of a file that does not exist, with the files that may have been meant."""
    near = nearest_paths(path, tree, targets)
    meant = f" Did you mean {near}?" if near else ""
    return EditRefusal("no_such_file", f"There is no file {path[:200]} in the repository.{meant}", path, near)
