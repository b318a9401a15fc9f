"""What a gold patch changed, for scoring only: its files, and the functions whose source differs afterwards."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from orchestrator import syntax
from orchestrator.protocols import Tree

Function = tuple[str, str]


def gold_files(patch: str) -> tuple[str, ...]:
    """Paths that exist before the patch and are changed by it."""
    from unidiff.patch import PatchSet

    return tuple(each.path for each in PatchSet(patch) if not each.is_added_file)


def gold_functions(patch: str, tree: Tree) -> tuple[Function, ...]:
    """(path, qualified name) of outermost functions and methods that exist before the patch and read differently after it.

    Files that do not parse before and after are left out, as in the published function-level tables.
    """
    from unidiff.patch import PatchSet

    found: list[Function] = []
    for changed in PatchSet(patch):
        if changed.is_added_file or not changed.path.endswith(".py"):
            continue
        before = syntax.decode_source(tree.read(changed.path))[0].split("\n")
        after = _patched(before, changed)
        old, new = _functions(before), _functions(after)
        found.extend((changed.path, name) for name, bodies in old.items() if new.get(name) != bodies)
    return tuple(found)


def _patched(before: list[str], changed: Iterable[Any]) -> list[str]:
    """Lines after the patch; a hunk may have moved, as `git apply` allows."""
    after: list[str] = []
    position = 0
    for hunk in changed:
        source = [line.value.rstrip("\n") for line in hunk if line.is_removed or line.is_context]
        expected = hunk.source_start - 1 if source else hunk.source_start
        start = _nearest(before, source, max(expected, position))
        after.extend(before[position:start])
        after.extend(line.value.rstrip("\n") for line in hunk if line.is_added or line.is_context)
        position = start + len(source)
    return [*after, *before[position:]]


def _nearest(lines: list[str], wanted: list[str], expected: int) -> int:
    places = [n for n in range(len(lines) - len(wanted) + 1) if lines[n : n + len(wanted)] == wanted]
    return min(places, key=lambda n: abs(n - expected)) if wanted else expected


def _functions(lines: list[str]) -> dict[str, list[str]]:
    """Source of every outermost function by qualified name; a repeated name collects all its bodies."""
    try:
        module = syntax.parse_source("\n".join(lines))
    except SyntaxError:
        return {}
    found: dict[str, list[str]] = {}
    end = 0
    for definition in syntax.definitions(module):
        if definition.kind == "function" and definition.start_line > end:
            end = definition.end_line
            body = "\n".join(lines[definition.start_line - 1 : end])
            found.setdefault(definition.qualified_name, []).append(body)
    return found
